"""Series: completion, duration, and gaps between infusions.

A series ends with its last infusion, or when the patient drops out or is stopped; a series without any infusion is
not counted. Patients of the panel are counted, but excluded from shares and means, since the beginning of their
series is not known.
"""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Integers
from simclinic.measures.section import SectionResult
from simclinic.measures.window import Window
from simclinic.records import COMPLETED, DAY, INDUCTION, NEW, STOPPED_EARLY, Records
from simclinic.scenario import Scenario
from simclinic.scenario.closed_days import closed_in


def series(records: Records, scenario: Scenario, window: Window) -> SectionResult:
    """Measure how series end."""
    patients = records.patients
    lengths = np.array([scenario.protocols[name].infusions for name in records.protocols], dtype=np.int64)
    begun = patients["infusions"] > 0
    complete = begun & (patients["infusions"] >= lengths[patients["protocol"]])
    stopped = begun & (patients["reason"] == STOPPED_EARLY)
    responder, ended = patients["responder"], patients["series_ended"]
    weeks = {
        "series_ended": window.count(ended[begun]),
        "series_completed": window.count(ended[complete]),
        "responders": window.count(ended[complete & responder & ~stopped]),
        "stopped_responders": window.count(ended[stopped & responder]),
    }

    known = (patients["origin"] == NEW) & window.holds(ended)
    chosen = known & complete
    days, kept = course(records, scenario, chosen)
    quantities = {
        "new_completed": np.count_nonzero(chosen),
        "new_ended": np.count_nonzero(known & begun),
        "series_days": days,
        "on_protocol": kept,
    }
    return SectionResult(weeks, quantities)


def course(
    records: Records, scenario: Scenario, chosen: Bools
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Follow the series of some patients from infusion to infusion.

    Parameters
    ----------
    chosen
        Mask of rows of the patients table, shape (patients,).

    Returns
    -------
    days : float array (chosen,)
        Days from the start of the first to the start of the last infusion.
    kept : bool array (chosen,)
        Whether every gap between dates lies in the protocol's `gap_days`.
    """
    visits = records.visits
    rows = np.flatnonzero((visits["outcome"] == COMPLETED) & (visits["kind"] == INDUCTION))
    rows = rows[chosen[visits["patient"][rows]]]
    if not rows.size:
        return np.zeros(0), np.zeros(0, dtype=np.bool_)
    rows = rows[np.lexsort((visits["appointment"][rows], visits["patient"][rows]))]
    patient = visits["patient"][rows]
    fresh = np.append(True, patient[1:] != patient[:-1])
    head = np.flatnonzero(fresh)
    tail = np.append(head[1:], rows.size) - 1
    start = records.begun[rows]

    # a protocol of one infusion has no gaps, and so no limits
    limits = np.array([scenario.protocols[name].gap_days or (0, 0) for name in records.protocols])
    low, high = limits[records.patients["protocol"][patient]].T.astype(np.int64)
    on = (visits["appointment"][rows] // DAY).astype(np.int64)
    gap = np.diff(on, prepend=on[0])
    closed = closed_days(records.start, scenario, int(on.min()), int(on.max()))
    if closed.size:  # dates strictly inside a gap
        before = np.append(on[0], on[:-1])
        high += np.searchsorted(closed, on) - np.searchsorted(closed, before, side="right")
    wrong = ~fresh & ((gap < low) | (gap > high))
    return (start[tail] - start[head]) / DAY, ~np.logical_or.reduceat(wrong, head)


def closed_days(start: date, scenario: Scenario, first: int, last: int) -> Integers:
    """List the days in `closed_on`, which lengthen the permitted gaps of a protocol.

    Holidays on weekly closing days are left out.

    Parameters
    ----------
    start
        The date of day 0.
    first, last
        Days between which to look, both included.
    """
    changes = ((changed - start).days for changed in scenario.change_dates)
    since = [first, *(day for day in changes if first < day <= last)]
    found: set[int] = set()
    for begin, end in itertools.pairwise([*since, last + 1]):
        today = start + timedelta(days=begin)
        years = range(today.year, (start + timedelta(days=end)).year + 1)
        clinic = scenario.at(today).clinic
        for closed in itertools.chain.from_iterable(closed_in(clinic.closed_on, year) for year in years):
            day = (closed - start).days
            if begin <= day < end and clinic.usual(closed) is not None:
                found.add(day)
    return np.array(sorted(found), dtype=np.int64)
