"""What roles and types of visit do in a forecast: hours, pay and visits, and from when on a role is short."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.results.forecast import Band, RoleForecast, RoleWeek
from simclinic.scenario import Scenario
from simclinic.scenario.visit import NURSE

SHORT = 0.85
"""Use of the hands or eyes of a role, as a share of the time on duty, from which it counts as short (assumed)."""
TOGETHER = 4
"""Weeks over which that is judged."""
_HOUR = 60.0

Column = Callable[[str], Floats]
"""Returns a column of the weekly tables, shape (futures, weeks)."""


def by_role(
    scenario: Scenario, column: Column, starts: list[str], band: Callable[[npt.NDArray[Any]], Band]
) -> dict[str, RoleForecast]:
    """Describe what each role does; empty where only nurses work.

    Parameters
    ----------
    scenario
        The clinic.
    column
        Reads the weekly tables.
    starts
        First days of the weeks.
    band
        Computes the band of a figure over the futures.
    """
    if len(scenario.staff) == 1:
        return {}
    found = {}
    for role in scenario.staff:
        of = "" if role == NURSE else f":{role}"
        hands, eyes, present, rostered, overtime = (
            column(f"{name}{of}")
            for name in (
                "hands_on_minutes",
                "watch_nurse_minutes",
                "nurse_minutes_present",
                "nurse_minutes_rostered",
                "overtime_nurse_minutes",
            )
        )
        weeks = in_use(hands, eyes, present, 1)
        together = in_use(hands, eyes, present, TOGETHER)
        whole = max(1, len(starts) - TOGETHER + 1)
        short = [*short_share(together[:, :whole]), *[None] * (len(starts) - whole)]
        half = [week for week, share in enumerate(short) if share is not None and share >= 0.5]
        found[role] = RoleForecast(
            weeks=[
                RoleWeek(
                    week=week, start=start, in_use=_known(band, weeks[:, week]), short_probability=short[week]
                )
                for week, start in enumerate(starts)
            ],
            first=_known(band, together[:, 0]),
            last=_known(band, together[:, max(0, len(starts) - TOGETHER)]),
            total={
                "hours": band((hands + eyes).sum(axis=1) / _HOUR),
                "hours_rostered": band(rostered.sum(axis=1) / _HOUR),
                "overtime_hours": band(overtime.sum(axis=1) / _HOUR),
                "pay": band(column(f"cost:{role}").sum(axis=1)),
            },
            short_share=SHORT,
            short_in_week=half[0] if half else None,
        )
    return found


def by_visit(
    scenario: Scenario, column: Column, band: Callable[[npt.NDArray[Any]], Band]
) -> dict[str, dict[str, Band]]:
    """Count the visits of each type over all weeks; empty where there is one type. Parameters as above."""
    if len(scenario.visit_types) == 1:
        return {}
    names = {"visits": "infusions", "first_visits": "series_started"}
    return {
        kind: {name: band(column(f"{of}:{kind}").sum(axis=1)) for name, of in names.items()}
        for kind in scenario.visit_types
    }


def in_use(hands: Floats, eyes: Floats, present: Floats, weeks: int) -> Floats:
    """Return the use of a role over so many weeks from each week on, or as many as are left.

    Parameters
    ----------
    hands, eyes, present
        Minutes in each week, shape (futures, weeks).
    weeks
        How many together.

    Returns
    -------
    array of shape (futures, weeks)
        The larger of the shares of hands and of eyes; NaN where nobody is present.

    Examples
    --------
    >>> in_use(np.array([[30.0, 90.0]]), np.array([[60.0, 0.0]]), np.array([[100.0, 100.0]]), 2)
    array([[0.6, 0.9]])
    """
    count = hands.shape[1]
    sums = [
        np.stack([each[:, week : week + weeks].sum(axis=1) for week in range(count)], axis=1)
        for each in (hands, eyes, present)
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        shares: Floats = np.where(sums[2] > 0, np.maximum(sums[0], sums[1]) / sums[2], np.nan)
    return shares


def short_share(used: Floats) -> list[float | None]:
    """Return the share of futures in which a role is short, for each week; None where it is not there."""
    known = ~np.isnan(used)
    return [
        float((used[known[:, week], week] >= SHORT).mean()) if known[:, week].any() else None
        for week in range(used.shape[1])
    ]


def _known(band: Callable[[npt.NDArray[Any]], Band], values: Floats) -> Band:
    return band(values[~np.isnan(values)])
