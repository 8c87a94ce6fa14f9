"""The profile of the week: the occupancy of the clinic by weekday and hour.

It has one row for each weekday and hour, 168 in all, from Monday at midnight on. Each weekly hour is averaged over
its sixty minutes; the row has the mean and the 90 % quantile over the measured weeks. Holidays count with empty
hours.
"""

from __future__ import annotations

import numpy as np

from simclinic.arrays import Floats
from simclinic.measures.in_use import InUse
from simclinic.measures.occupancy import Occupancy
from simclinic.measures.section import Weekly
from simclinic.measures.window import Window
from simclinic.records import Records

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
"""Columns of the profile, and their meaning."""


def profile(records: Records, in_use: InUse, window: Window) -> Weekly:
    """Compute the profile over the measured weeks.

    Returns
    -------
    dict of arrays of shape (168,)
        The columns of `PROFILE`.
    """
    shift = 24 * records.start.weekday()  # run.start need not be a Monday

    def by_hour(held: Occupancy) -> Floats:
        hours = np.diff(held.until(window.hours)).reshape(window.weeks, ROWS) / 60.0
        return np.roll(hours, shift, axis=1)

    row = np.arange(ROWS)
    columns: Weekly = {"weekday": row // 24, "hour": row % 24}
    for name, held in (
        ("chairs_held", in_use.chairs),
        ("hands_on", in_use.hands),
        ("watched", in_use.watched),
    ):
        hours = by_hour(held)
        columns[f"{name}_mean"] = hours.mean(axis=0)
        columns[f"{name}_p90"] = np.quantile(hours, 0.9, axis=0)
    columns["chairs_mean"] = by_hour(in_use.chairs_open).mean(axis=0)
    columns["nurses_mean"] = by_hour(in_use.present).mean(axis=0)
    return columns
