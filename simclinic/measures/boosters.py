"""Boosters: requests, waits, and the number of patients in the programme.

A request is identified by a patient and the time of asking. It may need several appointments (one missed, one
rebooked) and, if a booster is a course of infusions, several visits. It is one request, and it waits until the
first infusion. An appointment given up for a better one (`moved`) is not a request.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simclinic.arrays import Bools, Floats, Integers
from simclinic.measures.section import SectionResult, without_nan
from simclinic.measures.window import Window
from simclinic.records import (
    BALKED,
    BOOSTER,
    CLINIC_CANCELLED,
    COMPLETED,
    DAY,
    MOVED,
    PANEL,
    TO_COME,
    WEEK,
    Records,
)


@dataclass(frozen=True, slots=True)
class Requests:
    """Every distinct request for a booster, in the whole simulation.

    Attributes
    ----------
    first
        Row of the visits table: its first appointment.
    patient
        Row of the patients table.
    asked
        Time of asking; for scheduled boosters, the due date. NaN: before the simulation began.
    settled
        Start of the first infusion, or end of the request without one; NaN while it still waits.
    booked
        Time at which an appointment was first made; infinite while there is none.
    offered
        The first appointment that the clinic itself did not cancel; infinite while there is none.
    balked
        Whether the patient left the queue unserved (walk-in).
    """

    first: Integers
    patient: Integers
    asked: Floats
    settled: Floats
    booked: Floats
    offered: Floats
    balked: Bools


def requests(records: Records) -> Requests:
    """Gather booster appointments into requests."""
    if "requests" not in records.known:
        records.known["requests"] = _requests(records)
    gathered: Requests = records.known["requests"]
    return gathered


def _requests(records: Records) -> Requests:
    visits = records.visits
    rows = np.flatnonzero((visits["kind"] == BOOSTER) & (visits["outcome"] != MOVED))
    patient, asked = visits["patient"][rows], visits["requested"][rows]
    if not rows.size:
        none = np.zeros(0)
        return Requests(rows, rows, none, none, none, none, np.zeros(0, dtype=np.bool_))
    # a stable sort: the appointments of one request stay in the order they were made
    order = np.lexsort((asked, patient))
    rows, patient, asked = rows[order], patient[order], asked[order]
    # what was asked for before the simulation began is one request, too
    same = (asked[1:] == asked[:-1]) | (np.isnan(asked[1:]) & np.isnan(asked[:-1]))
    fresh = np.append(True, (patient[1:] != patient[:-1]) | ~same)
    head = np.flatnonzero(fresh)
    tail = np.append(head[1:], rows.size) - 1
    outcome = visits["outcome"][rows]
    given = np.where(outcome == COMPLETED, records.begun[rows], np.inf)
    first = np.minimum.reduceat(given, head)
    lost = np.where(outcome[tail] == TO_COME, np.nan, visits["decided"][rows][tail])
    lost = np.fmin(lost, records.patients["left"][patient[head]])
    booked = without_nan(visits["booked"][rows], np.inf)
    kept = ~np.isnan(visits["appointment"][rows]) & (outcome != CLINIC_CANCELLED) & (outcome != BALKED)
    offered = np.where(kept, visits["appointment"][rows], np.inf)
    return Requests(
        rows[head],
        patient[head],
        asked[head],
        np.where(np.isfinite(first), first, lost),
        np.minimum.reduceat(booked, head),
        np.minimum.reduceat(offered, head),
        np.logical_or.reduceat(outcome == BALKED, head),
    )


def boosters(records: Records, window: Window) -> SectionResult:
    """Measure requests, waits and the programme."""
    visits, patients = records.visits, records.patients
    asked = requests(records)
    waiting = window.mean_by_week(without_nan(asked.asked), asked.settled)
    joined = patients["programme"]
    weeks = {
        "booster_requests": window.count(asked.asked),
        "booster_requests_from_panel": window.count(asked.asked[patients["origin"][asked.patient] == PANEL]),
        "waiting_for_booster": waiting,
        "programme_patients": window.mean_by_week(joined, patients["left"]),
    }

    first = first_of_courses(records)
    first = first[window.holds(visits["left"][first])]
    first = first[~np.isnan(visits["requested"][first])]  # how long the others have waited is not known
    start, relapsed = records.begun[first], visits["relapsed"][first]
    answers = ~np.isnan(relapsed)
    quantities = {
        "booster_wait_minutes": np.maximum(start - visits["requested"][first], 0.0),
        "symptomatic_minutes": np.maximum(start - relapsed, 0.0)[answers],
    }
    return SectionResult(weeks, quantities)


def first_of_courses(records: Records) -> Integers:
    """Find the visits at which a booster course began: the first completed of each, as rows of visits."""
    visits = records.visits
    rows = np.flatnonzero((visits["kind"] == BOOSTER) & (visits["outcome"] == COMPLETED))
    patient, course = visits["patient"][rows], visits["course"][rows]
    order = np.lexsort((visits["appointment"][rows], course, patient))
    rows, patient, course = rows[order], patient[order], course[order]
    again = (patient[1:] == patient[:-1]) & (course[1:] == course[:-1])
    return rows[~np.append(False, again)] if rows.size else rows


def ramp(records: Records) -> Integers:
    """Count completed boosters in every simulated week, warm-up included, shape (weeks,).

    The first row is the week that begins with the first simulated day.
    """
    visits = records.visits
    given = visits["left"][(visits["kind"] == BOOSTER) & (visits["outcome"] == COMPLETED)]
    weeks = -(-(records.days_measured - records.first_day) // 7)
    week = ((given[~np.isnan(given)] - records.first_day * DAY) // WEEK).astype(np.int64)
    return np.bincount(week[(week >= 0) & (week < weeks)], minlength=weeks)
