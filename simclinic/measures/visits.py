"""Visits: outcomes of appointments, and waits on the day.

Completed visits count in the week in which the patient leaves; missed or cancelled ones in the week of their
appointment. If visits counted by arrival, patients still inside at the end would be lost without others in their
place at the beginning; with long queues these are many. A wait runs from the appointment or the arrival, whichever
is later, to the start of the first step: early arrival is not counted as a wait, and a patient's lateness is not
charged to the clinic.
"""

from __future__ import annotations

import numpy as np

from simclinic.arrays import Bools, Floats
from simclinic.measures.section import SectionResult, share, without_nan
from simclinic.measures.window import Window
from simclinic.records import (
    BOOSTER,
    CANCELLED,
    CLINIC_CANCELLED,
    COMPLETED,
    CONSULT,
    DAY,
    INDUCTION,
    NO_SHOW,
    Records,
)

ON_TIME = 15.0
"""Longest wait, in minutes, of a visit that counts as started on time."""


def visits(records: Records, window: Window) -> SectionResult:
    """Measure appointments, infusions and waits on the day."""
    table, days = records.visits, records.days
    appointment, outcome = table["appointment"], table["outcome"]
    measured = window.holds(appointment)
    filled, missed, cancelled, refused = (
        measured & (outcome == code) for code in (COMPLETED, NO_SHOW, CANCELLED, CLINIC_CANCELLED)
    )
    done = given(records, window)
    left = table["left"]
    induction = window.count(left[done & (table["kind"] == INDUCTION)])
    boosters = window.count(left[done & (table["kind"] == BOOSTER)])
    consults = window.count(left[done & (table["kind"] == CONSULT)])
    no_shows, late, clinic = (window.count(appointment[which]) for which in (missed, cancelled, refused))

    came = filled | missed
    by_day = np.bincount(appointment[came].astype(np.int64) // DAY, minlength=window.days)
    refused_by_day = np.bincount(appointment[refused].astype(np.int64) // DAY, minlength=window.days)
    rows = np.flatnonzero(window.measured(days["day"]))
    day, starts = days["day"][rows], days["starts"][rows]
    nobody = (days["rostered"][rows].sum(axis=1) > 0) & (days["present"][rows].sum(axis=1) == 0)
    counted = ~(nobody | ((refused_by_day[day] > 0) & (by_day[day] == 0)))

    weeks = {
        "infusions": induction + boosters,
        "induction": induction,
        "boosters": boosters,
        "due": induction + boosters + consults + no_shows + late + clinic,
        "no_shows": no_shows,
        "late_cancels": late,
        "clinic_cancels": clinic,
        "starts": window.by_day(day, starts),
        "starts_counted": window.by_day(day, starts * counted),
        "starts_filled": window.by_day(day, by_day[day] * counted),
        "ketamine_mg": window.total(left[done], without_nan(table["dose"][done])),
    }

    served = np.flatnonzero(done)
    quantities = {
        "wait_minutes": waits(records, window),
        "waited_for_chair": without_nan(table["wait_chair"][served]),
        "waited_for_hands": without_nan(table["wait_hands"][served]),
        "waited_for_eyes": without_nan(table["wait_eyes"][served]),
        "visit_minutes": left[served] - table["arrived"][served],
    }
    return SectionResult(weeks, quantities)


def delayed(records: Records, window: Window, limit: float) -> float:
    """Return the share of the completed visits that wait for more than `limit` minutes; NaN without visits."""
    minutes = waits(records, window)
    return share(np.count_nonzero(minutes > limit), minutes.size)


def given(records: Records, window: Window) -> Bools:
    """Mark the visits completed in the measured weeks, by the time of departure."""
    visits = records.visits
    return np.asarray(window.holds(visits["left"]) & (visits["outcome"] == COMPLETED), dtype=np.bool_)


def waits(records: Records, window: Window) -> Floats:
    """Return the wait on the day of each completed visit of the measured weeks, in minutes, in table order."""
    table = records.visits
    done = np.flatnonzero(given(records, window))
    expected = np.maximum(table["arrived"][done], table["appointment"][done])
    wait: Floats = np.maximum(records.begun[done] - expected, 0.0)
    return wait
