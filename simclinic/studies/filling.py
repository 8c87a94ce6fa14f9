"""A warning for clinics that were measured while they still filled up, with the warm-up that would do."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from simclinic.experiment.warm_up import too_short
from simclinic.report.numbers import short
from simclinic.scenario import Scenario
from simclinic.store.reader import table

_ROUND = 26
"""Weeks to which an advice is rounded up: it is no more exact than that."""


def filling(scenario: Scenario, folder: Path, below: int) -> str | None:
    """Say whether the warm-up was too short, and what would do.

    A clinic whose demand is meant to change never becomes steady, whatever the warm-up: nothing is said of it.

    Parameters
    ----------
    scenario
        What was run.
    folder
        Its results folder.
    below
        Only replications with a smaller number are looked at.
    """
    if scenario.demand.growth_per_year or scenario.change_dates or scenario.demand.referrals_file:
        return None
    run = scenario.run
    boosters = table(folder, "ramp", columns=["boosters"], below=below).get("boosters", np.zeros(0))
    found = too_short(
        boosters.astype(np.float64).reshape(-1, run.warm_up_weeks + run.weeks), run.warm_up_weeks
    )
    if found is None:
        return None
    if found.level is None or found.would_do is None:
        return (
            f"the warm-up of {run.warm_up_weeks} weeks is too short: boosters still rise so steeply that "
            f"{run.warm_up_weeks + run.weeks} simulated weeks do not show where they end; try "
            f"run.warm_up_weeks = {_rounded(4 * (run.warm_up_weeks + run.weeks))}"
        )
    would_do = _rounded(found.would_do)
    return (
        f"the warm-up of {run.warm_up_weeks} weeks is too short: boosters are measured at about "
        f"{100 * found.share:.0f} % of the {short(found.level)} a week they go towards; "
        f"run.warm_up_weeks = {would_do} would do"
    )


def _rounded(weeks: int) -> int:
    return _ROUND * math.ceil(weeks / _ROUND)
