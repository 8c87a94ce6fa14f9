"""Runs until precision goals are reached.

Replications are run in batches, whose sizes depend on the spread so far; see :mod:`simclinic.experiment.precision`.
All go into one results folder, so that the same command continues an interrupted run and makes the same
replications as without interruptions.
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
from simclinic.studies.goals import check_goals, goal_result
from simclinic.studies.run import FinishedRun, with_run_settings


def run_until(
    scenario: Scenario,
    goals: Sequence[Goal],
    runner: Callable[[Scenario], FinishedRun],
    *,
    at_most: int = MOST,
    antithetic: bool = False,
) -> FinishedRun:
    """Run a scenario until the precision goals of its means are reached.

    Parameters
    ----------
    scenario
        The scenario; its number of replications is ignored.
    goals
        The precision goals.
    runner
        Runs a scenario, always into the same folder.
    at_most
        Most replications.
    antithetic
        Whether replications are mirrored pairs: then precision is that of pair means, and pairs are counted.

    Returns
    -------
    FinishedRun
        The last run; its document lists all goals under `precision`, and those not reached under `warnings`.

    Raises
    ------
    SimclinicError
        If a goal is about a key figure that the scenario does not have.
    """
    check_goals(goals, scenario)
    least = 2 * LEAST if antithetic else LEAST
    at_most -= at_most % 2 if antithetic else 0
    count = next_count(0, [], at_most=at_most, least=least)
    watched = Watched.of(scenario, replications=2 if antithetic else 1)
    while True:
        run = runner(with_run_settings(scenario, replications=count))
        columns = table(run.folder, "runs", below=count)
        if antithetic:
            columns = pair_means(columns)
        standings = [_standing(goal, columns, watched) for goal in goals]
        more = next_count(count, standings, at_most=at_most, least=least)
        if more == count:
            break
        count = more
    aims = [
        goal_result(
            each,
            scenario.name,
            each.goal.kpi,
            "pairs" if antithetic else "replications",
            scenario.finance.currency,
        )
        for each in standings
    ]
    document: RunDocument = {
        **run.document,
        "warnings": [*run.document["warnings"], *(each["told"] for each in aims if not each["reached"])],
        "precision": aims,
    }
    return replace(run, document=document)


def _standing(goal: Goal, columns: Columns, watched: Watched) -> GoalProgress:
    """Return the precision of a mean, by the interval that is shown."""
    if goal.kpi not in columns:
        return progress(goal, np.zeros(0))
    half = float(estimate(KPIS[goal.kpi], columns, watched).half)
    return progress(goal, columns[goal.kpi], half=half)
