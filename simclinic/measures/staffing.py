"""The team: use of chairs and nurses, and overtime.

The clinic is open past closing until the last patient leaves; a clinic that is open round the clock does not close.
A pause between two spans of opening hours begins with a closing, too: the clinic is open past it until the last
patient who came before the pause leaves, at most until the pause ends.
Overtime of nurses is computed in :mod:`simclinic.measures.overtime`.
"""

from __future__ import annotations

import numpy as np

from simclinic.arrays import Floats, Integers
from simclinic.measures.in_use import InUse
from simclinic.measures.overtime import overtime
from simclinic.measures.section import SectionResult
from simclinic.measures.window import Window
from simclinic.records import Records

LATE = 15.0
"""Minutes past closing from which a day counts as one that ran late."""

HOUR = 60.0
"""Minutes in an hour."""


def staffing(records: Records, in_use: InUse, window: Window) -> SectionResult:
    """Measure the use of chairs and nurses, and overtime."""
    days, edges = records.days, window.edges
    rows = np.flatnonzero(window.measured(days["day"]) & ~np.isnan(days["opening"]))
    day, opening, closing = (days[name][rows] for name in ("day", "opening", "closing"))
    # open again at closing: the doors never shut
    out = np.minimum(days["last_out"][rows], np.append(opening[1:], window.end))
    late = np.fmax(out - closing, 0.0)  # nobody came (NaN): nobody stayed late
    into_pauses = _into_pauses(records, rows)
    at_once = np.maximum(late, into_pauses.max(axis=1, initial=0.0))

    weeks = {
        "open_days": np.bincount(day // 7, minlength=window.weeks),
        "chair_days": window.by_day(day, days["chairs"][rows]),
        "chair_minutes": np.diff(in_use.chairs_open.until(edges)),
        "chair_minutes_held": in_use.chairs.inside(in_use.open, edges),
        "nurse_minutes_rostered": np.diff(in_use.rostered.until(edges)),
        "nurse_minutes_present": np.diff(in_use.present.until(edges)),
        "hands_on_minutes": in_use.hands.inside(in_use.staffed, edges),
        "watch_nurse_minutes": in_use.eyes.inside(in_use.staffed, edges) / in_use.watches.parts,
        "overtime_minutes": window.by_day(day, late + into_pauses.sum(axis=1)),
        "overtime_days": window.by_day(day, at_once > LATE).astype(np.int64),
        "overtime_nurse_minutes": overtime(records, in_use, window),
    }
    return SectionResult(weeks)


def _into_pauses(records: Records, rows: Integers) -> Floats:
    """Compute the minutes into each pause until the last of those who came before leaves, shape (rows, pauses)."""
    days, visits = records.days, records.visits
    if "pause_from" not in days:
        return np.zeros((rows.size, 0))
    begin, end = days["pause_from"][rows], days["pause_to"][rows]
    came = np.flatnonzero(~np.isnan(visits["arrived"]))
    came = came[np.argsort(visits["arrived"][came])]
    left = np.where(np.isnan(visits["left"][came]), records.end, visits["left"][came])
    last_out = np.maximum.accumulate(np.append(-np.inf, left))
    out = last_out[np.searchsorted(visits["arrived"][came], begin)]  # after a NaN, which fmax drops
    minutes: Floats = np.fmax(np.minimum(out, end) - begin, 0.0)
    return minutes
