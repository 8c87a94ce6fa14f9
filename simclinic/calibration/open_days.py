"""Days on which the clinic was open, as far as an export shows: on the others no patient could return."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Floats
from simclinic.calibration.codes import BOOKED, COMPLETED
from simclinic.calibration.quality import SHOWN, Quality, QualityNote
from simclinic.calibration.visits import Visits
from simclinic.scenario.clinic import Clinic

REGULAR = 0.25
"""A weekday is worked regularly if it has a visit in at least this share of the weeks."""
BUSY = -math.log(0.05)
"""Usual appointments from which a day without any was closed: by chance one such day in twenty has none."""

LONG, MISSED = 21, 10.0
"""Days, and usual visits in them, from which a warning asks whether the clinic was closed."""


@dataclass(frozen=True)
class OpenDays:
    """Days on which the clinic was open.

    Attributes
    ----------
    first
        Ordinal of the first day.
    open
        Whether the clinic was open, shape (days,).
    weekdays
        Weekdays that are worked regularly, 0 for Monday.
    """

    first: int
    open: npt.NDArray[np.bool_]
    weekdays: tuple[int, ...]

    @property
    def before(self) -> npt.NDArray[np.int64]:
        """The last open day before each day, shape (days,); the day before `first` if there is none."""
        days = np.where(self.open, np.arange(len(self.open)), -1)
        latest = np.maximum.accumulate(days)
        return np.concatenate([[-1], latest[:-1]]) + self.first

    @property
    def last_open(self) -> int:
        """The last open day."""
        return self.first + int(np.flatnonzero(self.open)[-1])


def find_open_days(visits: Visits) -> OpenDays:
    """Find the open days: those with an appointment, and quiet days of weekdays that are worked regularly.

    A day without any appointment was closed if its weekday usually has so many that fewer than one in twenty
    would be empty by chance.
    """
    length = visits.last - visits.first + 1
    past = visits.status != BOOKED
    due = np.bincount(visits.day[past] - visits.first, minlength=length)
    done = np.bincount(visits.day[visits.status == COMPLETED] - visits.first, minlength=length)
    weekday = (visits.first - 1 + np.arange(length)) % 7
    counted = ~visits.left_out.hold(visits.first + np.arange(length))
    regular = worked_shares(done > 0, counted, visits.first) >= REGULAR
    usual = np.zeros(7)
    for day in range(7):
        of_day = due[(weekday == day) & counted]
        if of_day.any():
            usual[day] = of_day[of_day > 0].mean()
    quiet = counted & regular[weekday] & (usual[weekday] < BUSY)
    return OpenDays(visits.first, (due > 0) | quiet, tuple(np.flatnonzero(regular).tolist()))


def worked_shares(visited: Bools, counted: Bools, first: int) -> Floats:
    """Return the share of each weekday's counted days that have a completed visit, Monday first; 0 without any.

    Parameters
    ----------
    visited, counted
        Whether each day has a completed visit, and whether it counts, shape (days,).
    first
        Ordinal of the first of these days.
    """
    weekday = (first - 1 + np.arange(len(visited))) % 7
    days = np.bincount(weekday[counted], minlength=7)
    worked = np.bincount(weekday[counted & visited], minlength=7)
    shares: Floats = worked / np.maximum(days, 1)
    return shares


def first_day_not_covered(visits: Visits) -> int:
    """Return the first regular working day after the export.

    An export that ends on a Friday covers the whole week, if the clinic does not work at weekends.
    """
    worked = find_open_days(visits).weekdays
    return next(
        (day for day in range(visits.last + 1, visits.last + 7) if (day - 1) % 7 in worked), visits.last + 7
    )


def check_open_days(visits: Visits, clinic: Clinic, quality: Quality) -> None:
    """Note visits on days on which the base scenario is closed, and weeks without any visit."""
    done = visits.status == COMPLETED
    closed = {day for day in np.unique(visits.day[done]).tolist() if clinic.closed(dt.date.fromordinal(day))}
    quality.note(
        "visits on days on which the base scenario is closed",
        visits.line[done & np.isin(visits.day, list(closed))].tolist(),
        "kept: set clinic.hours and clinic.closed_on to the clinic's own",
    )
    weeks = np.unique((visits.day[done] - 1) // 7)
    missing = np.array(
        [
            int((~visits.left_out.touched(7 * week + 8, gap)).sum()) if gap else 0
            for week, gap in zip(weeks[:-1].tolist(), (np.diff(weeks) - 1).tolist(), strict=True)
        ],
        dtype=np.int64,
    )
    last_before = [int(week) for week, gap in zip(weeks[:-1], missing, strict=True) if gap]
    day, line = visits.day[done], visits.line[done]
    _propose_leaving_out(visits, quality)
    first_after = []
    for week in last_before[:SHOWN]:
        later = (day - 1) // 7 > week
        first_after.append(int(line[later][day[later].argmin()]))
    total = int(missing.sum())
    if total:
        what = "whole weeks without a visit (lines: the first after such a gap)"
        quality.notes.append(QualityNote(what, total, tuple(first_after), "kept as weeks without visits"))


def _propose_leaving_out(visits: Visits, quality: Quality) -> None:
    """Warn of long gaps in which many visits are usual, since they count as weeks without demand."""
    done, length = visits.day[visits.status == COMPLETED], visits.last - visits.first + 1
    counted = ~visits.left_out.hold(visits.first + np.arange(length))
    a_day = len(done) / int(counted.sum())
    days = np.union1d(done, visits.first + np.flatnonzero(~counted))
    for before, after in zip(days[:-1].tolist(), days[1:].tolist(), strict=True):
        silent = after - before - 1
        if silent < LONG or silent * a_day < MISSED:
            continue
        first, last = (dt.date.fromordinal(day) for day in (before + 1, after - 1))
        quality.warn(
            f"there is no visit from {first} to {last} ({round(silent / 7)} weeks), where about "
            f"{silent * a_day:.0f} are usual: these weeks count as weeks without demand, so that new patients "
            "and boosters are too low, and patients seem to stay away longer. If the clinic was closed, leave "
            f"them out: --leave-out {first}/{last}"
        )
