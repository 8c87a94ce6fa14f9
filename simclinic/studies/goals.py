"""Precision goals: reading them from options, and reporting whether they were reached."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simclinic.errors import SimclinicError
from simclinic.experiment.precision import Goal, GoalProgress
from simclinic.measures import KPIS
from simclinic.measures.kpis import why_absent
from simclinic.report.text.numbers import NO_VALUE, short
from simclinic.results.document import Aim
from simclinic.scenario import Scenario

DEFAULT_KPIS = ("access_days_mean", "chair_utilisation", "boosters_per_week")
"""Key figures of the precision goal by default: access, chairs, boosters."""


def difference_goals(written: Sequence[str]) -> list[Goal]:
    """Read precision goals of differences: `KPI=0.5`.

    Raises
    ------
    SimclinicError
        If a text is not such a goal.
    """
    goals = []
    for text in written:
        name, equals, value = text.partition("=")
        if not equals:
            raise SimclinicError(f"--until must be KPI=VALUE, such as access_days_mean=0.5 (is {text!r})")
        goal = Goal.read(name.strip(), value)
        if goal.relative:
            raise SimclinicError(
                f"--until {text}: a difference can be zero, so its precision cannot be a share of it; give it in "
                f"the figure's unit ({KPIS[goal.kpi].unit})"
            )
        goals.append(goal)
    return goals


def mean_goals(precision: str, on: Sequence[str] = ()) -> list[Goal]:
    """Read precision goals of means.

    Parameters
    ----------
    precision
        `5%` of the mean, or `0.5` in the figure's unit.
    on
        Names of key figures; by default those of `USUAL`.

    Raises
    ------
    SimclinicError
        If the text is not a precision, or a number without % is given for the default figures, whose units differ.
    """
    goals = [Goal.read(name, precision) for name in on or DEFAULT_KPIS]
    if not on and not goals[0].relative:
        raise SimclinicError(
            f"--precision {precision} is in the unit of a key figure: name it with --on, such as "
            "--on access_days_mean"
        )
    return goals


def check_goals(goals: Sequence[Goal], scenario: Scenario) -> None:
    """Check that a scenario has the key figures of goals.

    Raises
    ------
    SimclinicError
        If one belongs to another package, and the scenario does not use it, or to a part that it does not have.
    """
    for goal in goals:
        if why := why_absent(goal.kpi, scenario):
            raise SimclinicError(why)


def goal_result(progress: GoalProgress, name: str, what: str, counted: str, currency: str) -> Aim:
    """Report whether a goal was reached.

    Parameters
    ----------
    progress
        The precision reached so far.
    name
        Name of the scenario.
    what
        The estimated quantity, in words.
    counted
        Unit of the number of observations: "replications" or "pairs".
    currency
        Currency of amounts.
    """
    goal, half = progress.goal, progress.half_width
    target, width = (text.replace("currency", currency) for text in (goal.text, _width(progress, half)))
    reached = progress.state == "reached"
    if half is None or not math.isfinite(half):
        half = None
        sentence = (
            f"{what}: it could be computed in {progress.n or 'no'} {counted}, and no precision was reached"
        )
    elif reached:
        sentence = f"{what}: known to ± {width} after {progress.n} {counted} (wanted: {target})"
    else:
        sentence = f"{what}: known only to ± {width} after {progress.n} {counted} (wanted: {target})"
        if goal.relative and not progress.mean:
            sentence += "; no share of a mean of zero can be reached: give a precision in its unit"
        elif progress.enough:
            sentence += f"; about {progress.enough:,} would be enough"
    return Aim(
        kpi=goal.kpi,
        scenario=name,
        target=target,
        half_width=half,
        n=progress.n,
        reached=reached,
        told=sentence,
    )


def _width(progress: GoalProgress, half: float | None) -> str:
    """Write the precision reached in the form of the goal: a share of the mean, or in the figure's unit."""
    if half is None:
        return NO_VALUE
    if progress.goal.relative and progress.mean:
        return f"{100 * half / abs(progress.mean):.2g} %"
    return f"{short(half)} {KPIS[progress.goal.kpi].unit}"
