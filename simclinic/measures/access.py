"""Access: waits of new patients for a first infusion, and the share turned away.

Days to first infusion are those of patients who are served: a clinic that turns half its patients away serves the
others promptly. They are therefore shown beside the share turned away and the number waiting. Patients of the
panel, who came before the simulation began, are included in counts, but not in days and shares, since the beginning
of their wait is not known.

Where a consult is a visit, some patients are turned away there. They count among those turned away; nobody knows
whether they would have become ready.
"""

from __future__ import annotations

import math

import numpy as np

from simclinic.arrays import Bools, Floats
from simclinic.measures.section import SectionResult
from simclinic.measures.window import Window
from simclinic.records import BALKED, DAY, INDUCTION, LEFT_UNSERVED, NEW, TO_COME, WEEK, Records, open_spans
from simclinic.scenario import Scenario
from simclinic.scenario.targets import target_days


def access(records: Records, scenario: Scenario, window: Window) -> SectionResult:
    """Measure access: from being ready for booking to the first infusion."""
    patients, days = records.patients, records.days
    new = patients["origin"] == NEW
    ready, first = patients["ready"], begun(records)
    away = turned_away(records)
    decided = decisions(records)

    wanting = ~np.isnan(ready)
    begun_new = new & ~np.isnan(first)
    days_to_first = np.floor(first[begun_new] / DAY) - np.floor(patients["referred"][begun_new] / DAY)
    waiting = window.mean_by_week(ready[wanting], np.fmin(first, patients["left"])[wanting])
    weeks = {
        "referrals": window.count(patients["referred"][new]),
        "consults": window.count(patients["consulted"]),
        "ready": window.count(ready),
        "balked": window.count(patients["left"][away]),
        "decided": window.count(decided),
        "waiting_for_series": waiting,
        "series_started": window.count(first),
        "new_started": window.count(first[begun_new]),
        "referral_days": window.total(first[begun_new], days_to_first),
    }

    counted = new & window.holds(decided)
    measured = window.measured(days["day"])
    monday = (days["day"] + records.start.weekday()) % 7 == 0
    # A Monday on which the book held no third start is a long wait, not a missing one: no mean without it.
    third = days["third_next"][measured & monday & ~np.isnan(days["opening"])]
    enough = _long_enough(records, scenario)
    quantities = {
        "access_days": delays(records, window),
        "third_next_days": third,
        "new_turned_away": np.count_nonzero(counted & away),
        "new_reneged": np.count_nonzero(counted & away & had_waited(records)),
        "new_decided": np.count_nonzero(counted) if enough else 0,
        "begun_in_time": begun_in_time(records, window, target_days(scenario.targets)),
    }
    return SectionResult(weeks, quantities)


def begun(records: Records) -> Floats:
    """Return the start of each patient's first infusion; NaN where it has not begun.

    The patients table has it for completed infusions. For a patient who is in a chair for it when the simulation
    ends, the visits table has it.
    """
    first: Floats
    if "first begun" in records.known:
        first = records.known["first begun"]
        return first
    visits = records.visits
    first = records.patients["first_infusion"].copy()
    start = records.begun
    under_way = (visits["kind"] == INDUCTION) & (visits["outcome"] == TO_COME) & ~np.isnan(start)
    rows = np.flatnonzero(under_way & np.isnan(first[visits["patient"]]))
    first[visits["patient"][rows]] = start[rows]
    records.known["first begun"] = first
    return first


def turned_away(records: Records) -> Bools:
    """Mark the patients who left without a first infusion because none was available within their patience.

    A walk-in patient who leaves the queue at a later infusion, or at a booster, also leaves unserved, but was not
    turned away: the first infusion was given.
    """
    away: Bools = (records.patients["reason"] == LEFT_UNSERVED) & np.isnan(begun(records))
    return away


def turned_away_at_consult(records: Records) -> Bools:
    """Mark the patients who were turned away because no consult was available within their patience."""
    patients = records.patients
    away: Bools = (patients["reason"] == LEFT_UNSERVED) & np.isnan(patients["ready"])
    return away & ~np.isnan(patients["consult_asked"])


def wanted(records: Records) -> Floats:
    """Return the moment since when each patient has wanted a start: ready, or asking for a consult in vain."""
    patients = records.patients
    since: Floats = np.where(turned_away_at_consult(records), patients["consult_asked"], patients["ready"])
    return since


def had_waited(records: Records) -> Bools:
    """Mark the patients who, if they were turned away, had waited: held back by a cap, or in the waiting room.

    The others balked: they left at the desk's first answer, or at the sight of a full waiting room.
    """
    patients, visits, days = records.patients, records.visits, records.days
    asked = wanted(records)
    walked_in, in_the_room = np.zeros((2, len(patients["ready"])), dtype=np.bool_)
    unserved = visits["outcome"] == BALKED
    walked_in[visits["patient"][unserved]] = True
    waited_there = visits["wait_chair"] > 0
    if records.places:
        waited_there = waited_there | (visits["wait_place"] > 0).any(axis=1)
    in_the_room[visits["patient"][unserved & waited_there]] = True
    opening, closing, _ = open_spans(days, np.flatnonzero(~np.isnan(days["opening"])))
    # The desk answers while it is open: the first span whose doors close after the patient is ready.
    span = np.searchsorted(closing, asked, side="right")
    answered = np.maximum(asked, np.append(opening, np.inf)[span])
    waited: Bools = in_the_room | (~walked_in & (patients["left"] > answered))
    return waited


def decisions(records: Records) -> Floats:
    """Return the end of each patient's wait: the first infusion, or leaving without one; NaN: still waiting.

    Patients wait from being ready on; those who are turned away at the consult, from asking for it.

    The share turned away refers to patients whose wait ended in the measured weeks, not to patients who became
    ready in them: a patient whom a cap holds back is decided up to a whole patience later.
    """
    patients = records.patients
    ended: Floats = np.where(np.isnan(wanted(records)), np.nan, np.fmin(begun(records), patients["left"]))
    return ended


def begun_in_time(records: Records, window: Window, days: float) -> float:
    """Return the share of the patients ready in the measured weeks who begin within some days; NaN if unknown.

    Patients who are turned away, give up or begin later do not. Those who still wait when the weeks end, and have
    waited for fewer days, are censored: the estimate is Aalen and Johansen's, as for the patients turned away (see
    :mod:`simclinic.measures.incidence`), over exact times. Without such patients it is the plain share. Where the
    patient who has waited the longest is one of them, what is left of the estimate counts as not begun.

    Parameters
    ----------
    records, window
        The tables, and the measured weeks.
    days
        Days from ready to first infusion that are in time.
    """
    patients, limit = records.patients, days * DAY
    chosen = (patients["origin"] == NEW) & window.holds(patients["ready"])
    if not chosen.any():
        return math.nan
    ready = patients["ready"][chosen]
    ended = decisions(records)[chosen]
    over = ended < records.end
    wait = np.where(over, ended, records.end) - ready
    began = over & (begun(records)[chosen] == ended)
    if (over | (wait >= limit)).all():
        return float(np.mean(began & (wait <= limit)))
    times = np.unique(wait[over & (wait <= limit)])
    ordered = np.sort(wait)
    at_risk = ordered.size - np.searchsorted(ordered, times, side="left")
    ends, begins = (
        np.bincount(np.searchsorted(times, wait[which & (wait <= limit)]), minlength=times.size)
        for which in (over, began)
    )
    after = np.cumprod(1.0 - ends / at_risk)
    if records.end < limit and (not times.size or after[-1] > 0):
        return math.nan  # the weeks are too few to follow anybody
    before = np.concatenate(([1.0], after[:-1]))
    return float((before * begins / at_risk).sum())


def _long_enough(records: Records, scenario: Scenario) -> bool:
    """Check whether held-back patients have had the time to lose patience.

    Otherwise none of them has, and the share that would is unknown.
    """
    booking, simulated = scenario.booking, records.days_measured - records.first_day
    if booking.mode == "walk-in" or simulated >= booking.patience_days + booking.notice_days:
        return True
    return not held_back(records).any()


def held_back(records: Records) -> Bools:
    """Mark the patients who wait at the end without an appointment, though the desk has had a week to answer."""
    waits: Bools = (records.patients["ready"] < records.end - WEEK) & ~(decisions(records) < records.end)
    made = ~(records.visits["booked"] >= records.end)
    waits[records.visits["patient"][made]] = False
    return waits


def delays(records: Records, window: Window) -> Floats:
    """Return the days from ready for booking to first infusion, for patients first served in the measured weeks."""
    patients = records.patients
    first = begun(records)
    chosen = (patients["origin"] == NEW) & window.holds(first)
    delay: Floats = (first - patients["ready"])[chosen] / DAY
    known: Floats = delay[~np.isnan(delay)]
    return known
