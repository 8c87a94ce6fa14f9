"""Appointments that an export contains more than once: as equal rows, with two outcomes, or on two resources.

Rows of the same patient and minute are one appointment. If their outcomes differ, completed counts before no-show,
no-show before cancelled, cancelled before booked. A patient has one visit a day; where many have two at different
times, the system writes a row for each resource, and the first of a day counts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Integers
from simclinic.calibration.codes import CANCELLED, COMPLETED, NO_SHOW, UNSAID
from simclinic.calibration.quality import Quality
from simclinic.calibration.visits import Visits

_SYSTEM = 0.05
"""Share of visits with another on the same day from which the system is taken to write a row for each resource."""
_WEIGHED = 0.05
"""Share of appointments with two outcomes from which a warning gives the rule's effect on the figures."""
_UNSETTLED = 0.02
"""The same share where no times are known, so that no rule applies."""
_RULE = "one counts: completed before no-show before cancelled"


def without_duplicates(visits: Visits, quality: Quality) -> Visits:
    """Keep each appointment once.

    Parameters
    ----------
    visits
        The appointments.
    quality
        Receives notes and warnings.
    """
    visits = _same_moment(visits, quality)
    done = visits.status == COMPLETED
    days = _groups(visits.patient[done], visits.day[done])
    again = np.concatenate([[False], days[1:] == days[:-1]]) if days.size else np.zeros(0, dtype=bool)
    if again.sum() >= max(2, _SYSTEM * done.sum()):
        return _one_a_day(visits, quality)
    second = np.zeros(len(visits.day), dtype=bool)
    second[np.flatnonzero(done)[again]] = True
    quality.note(
        "completed visits of a patient who had one on the same day",
        visits.line[second].tolist(),
        "the first counts",
    )
    return visits.only(~second)


def _groups(*columns: npt.NDArray[Any]) -> Integers:
    """Return the number of each row's group; rows of a group agree in all columns."""
    if not columns[0].size:
        return np.zeros(0, dtype=np.int64)
    _, group = np.unique(np.column_stack(columns).astype(np.float64), axis=0, return_inverse=True)
    return group.reshape(-1).astype(np.int64)


def _best(visits: Visits, group: Integers) -> npt.NDArray[np.bool_]:
    """Choose the row of each group that counts: by outcome, then one that states its kind, then the first."""
    order = np.lexsort((np.arange(len(group)), visits.kind == UNSAID, visits.status, group))
    first = np.ones(len(order), dtype=bool)
    first[1:] = group[order][1:] != group[order][:-1]
    best = np.zeros(len(group), dtype=bool)
    best[order[first]] = True
    return best


def _with_lengths(visits: Visits, group: Integers) -> Visits:
    """Fill missing lengths of visits from another row of the same group."""
    known = np.flatnonzero(~np.isnan(visits.minutes))
    if not known.size:
        return visits
    of_group = np.full(int(group.max()) + 1, np.nan)
    of_group[group[known[::-1]]] = visits.minutes[known[::-1]]
    return replace(visits, minutes=np.where(np.isnan(visits.minutes), of_group[group], visits.minutes))


def _same_moment(visits: Visits, quality: Quality) -> Visits:
    """Merge rows of the same patient and minute; without times, of the same day."""
    minute = np.nan_to_num(visits.due, nan=-1.0)
    group = _groups(visits.patient, visits.day, minute)
    if not group.size:
        return visits
    visits = _with_lengths(visits, group)
    best = _best(visits, group)
    chosen = np.empty(int(group.max()) + 1, dtype=np.int64)
    chosen[group[best]] = visits.status[best]
    other = ~best & (visits.status != chosen[group])
    same = ~best & ~other
    done = visits.status == COMPLETED
    if not (same & done).any():
        # A patient may miss an appointment, get another for the same day and miss that too. A system that doubles
        # rows would double some completed visits as well.
        again = same & (minute < 0) & np.isin(visits.status, (NO_SHOW, CANCELLED))
        handling = "kept: no completed visit occurs twice, so they are two appointments"
        lines = visits.line[again].tolist()
        quality.note("appointments missed twice on one day, without a time", lines, handling)
        same &= ~again
    by_day = other & (minute < 0)
    _note_unsettled(visits, by_day, quality)
    other &= ~by_day
    quality.note("rows that occur twice", visits.line[same].tolist(), "counted once")
    _note_contradictions(visits, other, "appointments with two outcomes (same patient and time)", quality)
    return visits.only(~(same | other))


def _one_a_day(visits: Visits, quality: Quality) -> Visits:
    """Merge rows of the same patient, day and outcome; a patient may miss one appointment and come to another."""
    group = _groups(visits.patient, visits.day, visits.status)
    visits = _with_lengths(visits, group)
    best = _best(visits, group)
    quality.note(
        "rows of a patient with another on the same day",
        visits.line[~best].tolist(),
        "counted once: so many days have several rows that a row is a resource, not a visit",
    )
    return visits.only(best)


def _note_contradictions(visits: Visits, lost: npt.NDArray[np.bool_], what: str, quality: Quality) -> None:
    """Note contradictory outcomes, and warn of the rule's effect on the figures where they are many."""
    quality.note(what, visits.line[lost].tolist(), _RULE)
    due = np.isin(visits.status, (COMPLETED, NO_SHOW, CANCELLED))
    remaining = int((due & ~lost).sum())
    if not remaining or lost.sum() < _WEIGHED * remaining:
        return
    shares = [int((of & (visits.status == NO_SHOW)).sum()) / int((of & due).sum()) for of in (~lost, due)]
    quality.warn(
        f"{int(lost.sum()):,} of {remaining:,} appointments occur with two outcomes, of which {_RULE}: no-shows "
        f"are {100 * shares[0]:.1f} % by this rule, and would be {100 * shares[1]:.1f} % if every row counted"
    )


def _note_unsettled(visits: Visits, by_day: npt.NDArray[np.bool_], quality: Quality) -> None:
    """Note missed appointments on the day of a visit: without times they may be another one, or the same."""
    quality.note(
        "missed appointments on the day of a visit, without a time",
        visits.line[by_day].tolist(),
        "kept: without times they may be another appointment",
    )
    due = np.isin(visits.status, (COMPLETED, NO_SHOW, CANCELLED))
    if by_day.sum() < _UNSETTLED * due.sum():
        return
    shares = [int((of & (visits.status == NO_SHOW)).sum()) / int((of & due).sum()) for of in (due, ~by_day)]
    quality.warn(
        f"{int(by_day.sum()):,} missed appointments are on the day of a visit of the same patient, and the "
        f"export has no times that show whether they are the same appointment: no-shows are {100 * shares[0]:.1f} "
        f"% with them, and {100 * shares[1]:.1f} % without. Export the times as well"
    )
