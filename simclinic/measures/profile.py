"""The profile of the week: the occupancy of the clinic by weekday and hour.

It has one row for each weekday and hour, 168 in all, from Monday at midnight on. Each weekly hour is averaged over
its sixty minutes; the row has the mean and the 90 % quantile over the measured weeks. Holidays count with empty
hours.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simclinic.arrays import Floats
from simclinic.measures.in_use import InUse
from simclinic.measures.occupancy import Occupancy
from simclinic.measures.section import Weekly, p90_of_columns
from simclinic.measures.window import Window
from simclinic.records import Records
from simclinic.scenario import Scenario

ROWS = 168
"""Hours in a week."""

PROFILE = {
    "weekday": "0 for Monday",
    "hour": "0 for midnight to one o'clock",
    "chairs_held_mean": "chairs held, mean over the weeks",
    "chairs_held_p90": "chairs held, 90 % quantile over the weeks",
    "hands_on_mean": "hands-on tasks under way, mean",
    "hands_on_p90": "hands-on tasks under way, 90 % quantile",
    "watched_mean": "patients watched, mean",
    "watched_p90": "patients watched, 90 % quantile",
    "chairs_mean": "chairs there in opening hours, mean",
    "nurses_mean": "nurses present, mean",
}
"""Columns of the profile, and their meaning.

Those of another place or role have its name behind: "chairs_held_mean:room", "hands_on_p90:prescriber".
"""
_OF_PLACES = ("chairs_held_mean", "chairs_held_p90", "chairs_mean")
_OF_ROLES = ("hands_on_mean", "hands_on_p90", "watched_mean", "watched_p90", "nurses_mean")


def columns_of_parts(scenario: Scenario) -> tuple[str, ...]:
    """Return the columns of a clinic's other places and roles, in order."""
    return (
        *(f"{name}:{place}" for place in scenario.places for name in _OF_PLACES),
        *(f"{name}:{role}" for role in scenario.staff[1:] for name in _OF_ROLES),
    )


def profile(
    records: Records,
    in_use: InUse,
    window: Window,
    roles: Mapping[str, InUse] | None = None,
    places: Mapping[str, int] | None = None,
) -> Weekly:
    """Compute the profile over the measured weeks.

    Parameters
    ----------
    records, in_use, window
        The tables, the use of chairs and nurses, and the measured weeks.
    roles
        What other roles do.
    places
        The numbers of other places.

    Returns
    -------
    dict of arrays of shape (168,)
        The columns of `PROFILE`, then those of :func:`columns_of_parts`.
    """
    shift = 24 * records.start.weekday()  # run.start need not be a Monday

    def by_hour(held: Occupancy) -> Floats:
        until = held.until(window.hours)
        return (until[1:] - until[:-1]).reshape(window.weeks, ROWS) / 60.0

    def from_monday(by_hour: Floats) -> Floats:
        return np.roll(by_hour, shift)

    row = np.arange(ROWS)
    columns: Weekly = {"weekday": row // 24, "hour": row % 24}

    def add(name: str, held: Occupancy, part: str = "") -> None:
        hours = by_hour(held)
        columns[f"{name}_mean{part}"] = from_monday(hours.mean(axis=0))
        columns[f"{name}_p90{part}"] = from_monday(p90_of_columns(hours))

    add("chairs_held", in_use.chairs)
    add("hands_on", in_use.hands)
    add("watched", in_use.watched)
    columns["chairs_mean"] = from_monday(by_hour(in_use.chairs_open).mean(axis=0))
    columns["nurses_mean"] = from_monday(by_hour(in_use.present).mean(axis=0))
    visits = records.visits
    for place, (name, number) in enumerate((places or {}).items()):
        held = window.occupancy(visits["place_from"][:, place], visits["place_to"][:, place])
        add("chairs_held", held, f":{name}")
        there = number * by_hour(window.occupancy(in_use.open.begin, in_use.open.end))
        columns[f"chairs_mean:{name}"] = from_monday(there.mean(axis=0))
    for role, does in (roles or {}).items():
        add("hands_on", does.hands, f":{role}")
        add("watched", does.watched, f":{role}")
        columns[f"nurses_mean:{role}"] = from_monday(by_hour(does.present).mean(axis=0))
    return columns
