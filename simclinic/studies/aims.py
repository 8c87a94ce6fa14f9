"""What somebody wants to know how well, read from what they wrote, and whether it was reached."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simclinic.errors import SimclinicError
from simclinic.experiment.precision import Goal, GoalProgress
from simclinic.measures import KPIS
from simclinic.report.text.numbers import NO_VALUE, short
from simclinic.results.document import Aim

USUAL = ("access_days_mean", "chair_utilisation", "boosters_per_week")
"""What should be known well unless somebody says what else: getting in, the chairs, the boosters."""


def differences(written: Sequence[str]) -> list[Goal]:
    """Read how well differences should be known: `KPI=0.5`.

    Raises
    ------
    SimclinicError
        If it cannot be understood.
    """
    found = []
    for each in written:
        name, equals, value = each.partition("=")
        if not equals:
            raise SimclinicError(f"--until must be KPI=VALUE, such as access_days_mean=0.5 (is {each!r})")
        goal = Goal.read(name.strip(), value)
        if goal.relative:
            raise SimclinicError(
                f"--until {each}: a difference may well be zero, so its precision cannot be a share of it; give it "
                f"in the figure's unit ({KPIS[goal.kpi].unit})"
            )
        found.append(goal)
    return found


def means(precision: str, on: Sequence[str] = ()) -> list[Goal]:
    """Read how well means should be known.

    Parameters
    ----------
    precision
        `5%` of the mean's size, or `0.5` in the figure's unit.
    on
        Names of key figures; by default those of `USUAL`.

    Raises
    ------
    SimclinicError
        If it cannot be understood, or a number is to serve figures of several units.
    """
    goals = [Goal.read(name, precision) for name in on or USUAL]
    if not on and not goals[0].relative:
        raise SimclinicError(
            f"--precision {precision} is in a figure's unit: say whose with --on, such as --on access_days_mean"
        )
    return goals


def aim(found: GoalProgress, name: str, what: str, counted: str, currency: str) -> Aim:
    """Say whether a goal was reached.

    Parameters
    ----------
    found
        How far.
    name
        Of the scenario.
    what
        What should be known, in words.
    counted
        What was counted: "replications" or "pairs".
    currency
        What amounts are in.
    """
    goal, half = found.goal, found.half_width
    target, width = (told.replace("currency", currency) for told in (goal.text, _width(found, half)))
    reached = found.state == "reached"
    if half is None or not math.isfinite(half):
        half = None
        told = f"{what}: it could be computed in {found.n or 'no'} {counted}, and no precision reached"
    elif reached:
        told = f"{what}: known to ± {width} after {found.n} {counted} (wanted: {target})"
    else:
        told = f"{what}: known only to ± {width} after {found.n} {counted} (wanted: {target})"
        if goal.relative and not found.mean:
            told += "; of a mean of zero no share is ever precise enough: give a precision in its unit"
        elif found.enough:
            told += f"; about {found.enough:,} would do"
    return Aim(
        kpi=goal.kpi, scenario=name, target=target, half_width=half, n=found.n, reached=reached, told=told
    )


def _width(found: GoalProgress, half: float | None) -> str:
    """Write what was reached as what was wanted: a share of the mean, or in the figure's unit."""
    if half is None:
        return NO_VALUE
    if found.goal.relative and found.mean:
        return f"{100 * half / abs(found.mean):.2g} %"
    return f"{short(half)} {KPIS[found.goal.kpi].unit}"
