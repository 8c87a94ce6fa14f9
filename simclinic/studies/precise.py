"""Run a scenario as often as it takes to know what one wants to know.

Replications are made in batches, each as large as the spread found so far asks for; see
:mod:`simclinic.experiment.precision`. They all go into one results folder, so that the same command goes on where
it stopped, and makes the same replications however often it was stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from simclinic.experiment.antithetic import pair_means
from simclinic.experiment.precision import LEAST, MOST, Goal, GoalProgress, next_count, progress
from simclinic.experiment.replication import Columns
from simclinic.measures import KPIS
from simclinic.measures.intervals import Watched, estimate
from simclinic.results.run import RunDocument
from simclinic.scenario import Scenario
from simclinic.store.reader import table
from simclinic.studies.aims import aim
from simclinic.studies.run import FinishedRun, settled


def run_until(
    scenario: Scenario,
    goals: Sequence[Goal],
    runner: Callable[[Scenario], FinishedRun],
    *,
    at_most: int = MOST,
    antithetic: bool = False,
) -> FinishedRun:
    """Run a scenario until its means are known well enough.

    Parameters
    ----------
    scenario
        Its number of replications does not matter.
    goals
        What should be known how well.
    runner
        Runs a scenario, always into the same folder.
    at_most
        Replications at most.
    antithetic
        Whether replications are mirrored pairs: then means of pairs are looked at, and counted.

    Returns
    -------
    Run
        The last one; its document says under `precision` what was reached, and under `warnings` what was not.
    """
    least = 2 * LEAST if antithetic else LEAST
    at_most -= at_most % 2 if antithetic else 0
    count = next_count(0, [], at_most=at_most, least=least)
    watched = Watched.of(scenario, replications=2 if antithetic else 1)
    while True:
        found = runner(settled(scenario, replications=count))
        columns = table(found.folder, "runs", below=count)
        if antithetic:
            columns = pair_means(columns)
        standings = [_standing(goal, columns, watched) for goal in goals]
        more = next_count(count, standings, at_most=at_most, least=least)
        if more == count:
            break
        count = more
    aims = [
        aim(
            each,
            scenario.name,
            each.goal.kpi,
            "pairs" if antithetic else "replications",
            scenario.finance.currency,
        )
        for each in standings
    ]
    document: RunDocument = {
        **found.document,
        "warnings": [*found.document["warnings"], *(each["told"] for each in aims if not each["reached"])],
        "precision": aims,
    }
    return replace(found, document=document)


def _standing(goal: Goal, columns: Columns, watched: Watched) -> GoalProgress:
    """Tell how well a mean is known, by the interval that is shown."""
    if goal.kpi not in columns:
        return progress(goal, np.zeros(0))
    half = float(estimate(KPIS[goal.kpi], columns, watched).half)
    return progress(goal, columns[goal.kpi], half=half)
