"""Full clinics: patients who asked and were not served in time, and starts used.

A clinic that is not full serves all patients who ask. A clinic is therefore full from a week on if, of all patients
who ask in that week and in the twelve after it, too many are turned away or wait too long; or if all starts of
those weeks are used. A patient who misses a visit or cancels it late has used a start, too, so the number of
completed visits says little: a clinic that turns patients away may look a tenth empty.

A patient who asks in a week counts in that week, no matter when the outcome is decided. Weeks after the last one
must therefore be simulated, too (:func:`weeks_after`).
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Floats, Integers
from simclinic.measures.access import turned_away, wanted
from simclinic.measures.boosters import Requests, requests
from simclinic.measures.section import SectionResult, without_nan
from simclinic.measures.window import Window
from simclinic.records import (
    CANCELLED,
    CLINIC_CANCELLED,
    COMPLETED,
    DAY,
    INDUCTION,
    NO_SHOW,
    PANEL,
    Records,
)
from simclinic.scenario import Scenario
from simclinic.scenario.schedules import schedule_of
from simclinic.scenario.targets import bound

WEEKS_JUDGED = 13
"""A week is judged by those who ask in it and in the weeks after it, so many weeks in all."""


class Limits(NamedTuple):
    """The limits within which a clinic is not full.

    Attributes
    ----------
    not_served_share
        Largest share of the patients who ask that may not be served in time.
    booster_wait_days
        Longest wait for a booster that is still in time, from the first day that its notice allows.
    """

    not_served_share: float
    booster_wait_days: float


def limits(scenario: Scenario) -> Limits:
    """Return the limits of a scenario; see its targets."""
    return Limits(bound(scenario.targets.balked_share), bound(scenario.targets.booster_wait_days))


def weeks_after(scenario: Scenario) -> int:
    """Return how many weeks must be simulated after the last one that is judged.

    These are the weeks by which it is judged, and further ones until the outcome of all requests in them is known:
    a waiting booster is late only after its days, and new patients held back by a cap leave when their patience
    ends. The outcome of all others is known when they reach the desk.
    """
    booking = scenario.booking
    days = booking.booster_notice_days + limits(scenario).booster_wait_days
    if booking.max_patients_in_series is not None:
        days = max(days, booking.patience_days)
    return WEEKS_JUDGED - 1 + ceil((days + 1) / 7)


def served(records: Records, scenario: Scenario, window: Window) -> SectionResult:
    """Count patients who asked, those of them not served in time, and starts used, by week.

    Each is also added up over a week and those after it, as far as they are simulated.
    """
    simulated = _simulated(records)
    wishes, beyond = requests(records), booster_too_late(records, scenario)
    new_before, new_since, away = _new_patients(records)
    asked_before = _before(wishes)
    first = np.arange(simulated.weeks) == 0
    booster_before = first * np.count_nonzero(asked_before)
    ready = wanted(records)
    asked = simulated.count(ready[new_since]) + simulated.count(wishes.asked)
    asked += first * np.count_nonzero(new_before) + booster_before
    unserved = simulated.count(ready[new_since & away]) + simulated.count(wishes.asked[beyond])
    unserved += first * (np.count_nonzero(new_before & away) + np.count_nonzero(asked_before & beyond))
    starts, used = _starts(records, simulated)
    weekly = {"asked": asked, "not_served": unserved, "starts_used": used}
    ahead = {"asked": asked, "not_served": unserved, "starts": starts, "starts_used": used}
    return SectionResult(
        {name: values[: window.weeks] for name, values in weekly.items()}
        | {"booster_requests_before": booster_before[: window.weeks]}
        | {f"{name}_ahead": _ahead(values)[: window.weeks] for name, values in ahead.items()},
    )


def is_full(
    asked: Floats, not_served: Floats, starts: Floats, starts_used: Floats, limit: float
) -> npt.NDArray[np.bool_]:
    """Return the weeks in which a clinic is full, from sums over the weeks ahead; any shape.

    Parameters
    ----------
    asked, not_served
        Patients who ask, and those of them who are not served in time.
    starts, starts_used
        Starts on offer, and starts used.
    limit
        Largest share of the patients who ask that may not be served in time.
    """
    given_away = (starts > 0) & (starts_used >= starts)
    found: npt.NDArray[np.bool_] = (not_served > limit * asked + 1e-9) | given_away
    return found


def booster_too_late(records: Records, scenario: Scenario) -> Bools:
    """Tell of each request for a booster whether it was turned away, or offered too late.

    What counts is the first appointment that the clinic itself does not cancel, even if the patient then misses it.
    A request that has none at the end still waits; it counts once the limit has passed.
    """
    wishes = requests(records)
    # A scheduled booster is due on the day that counts; all others need their notice.
    schedules = [schedule_of(laws.boosters) for laws in scenario.laws.values()]
    due = np.array([schedule is not None and not schedule.on_request for schedule in schedules])
    protocol = records.patients["protocol"][wishes.patient]
    notice = np.where(due[protocol], 0, scenario.booking.booster_notice_days)
    end = _simulated(records).end
    until = np.where(np.isfinite(wishes.offered), wishes.offered, np.fmin(wishes.settled, end))
    with np.errstate(invalid="ignore"):
        # Waits before the beginning of the simulation are in the past, and not part of a forecast.
        asked = np.maximum(np.floor(wishes.asked / DAY), records.first_day)
        late: Bools = np.floor(until / DAY) - (asked + notice) > limits(scenario).booster_wait_days
    return wishes.balked | late


def _simulated(records: Records) -> Window:
    """Give the whole weeks that were simulated, measured or not."""
    last = int(records.days["day"].max(initial=-1))
    return Window(max((last + 1) // 7, records.days_measured // 7))


def _before(wishes: Requests) -> Bools:
    """Tell which boosters were asked for before the first measured week and had nothing booked by then."""
    with np.errstate(invalid="ignore"):
        return (wishes.asked < 0) & ~(wishes.booked < 0) & ~(wishes.settled < 0)


def _new_patients(records: Records) -> tuple[Bools, Bools, Bools]:
    """Sort the new patients who wanted a series.

    Returns
    -------
    before, since, turned_away
        Who had asked before the first measured week and had nothing booked by then, who asked since, and who was
        turned away, masks over the patients table.
    """
    patients, visits = records.patients, records.visits
    ready = wanted(records)
    booked = np.full(ready.size, np.inf)
    rows = np.flatnonzero((visits["kind"] == INDUCTION) & ~np.isnan(visits["booked"]))
    np.minimum.at(booked, visits["patient"][rows], visits["booked"][rows])
    panel = patients["origin"] == PANEL
    # Appointments made before today are entered at midnight, when only a clinic that never closes could book any.
    never_closes = records.days["opening"][records.days["day"] == 0] == 0.0
    promised = panel & (booked <= 0.0) & ~never_closes.any()
    with np.errstate(invalid="ignore"):
        waited = (panel & (ready == 0.0)) | (ready < 0)
        before = waited & ~promised & ~(booked < 0) & ~(patients["left"] < 0)
        since = (ready >= 0) & ~panel
    return before, since, turned_away(records)


def _starts(records: Records, window: Window) -> tuple[Integers, Integers]:
    """Count the starts on the grid, and those given away; one freed late and given again counts once."""
    visits, days = records.visits, records.days
    here = window.measured(days["day"])
    day, starts = days["day"][here], days["starts"][here]
    outcome = visits["outcome"]
    due = np.flatnonzero(
        window.holds(visits["appointment"])
        & (
            (outcome == COMPLETED)
            | (outcome == NO_SHOW)
            | (outcome == CANCELLED)
            | (outcome == CLINIC_CANCELLED)
        )
    )
    at = visits["appointment"][due]
    # Each appointment was given a start of its own, except at moments of which a start was freed late and perhaps
    # given again.
    cancelled = np.unique(at[outcome[due] == CANCELLED])
    again = np.searchsorted(cancelled, at, side="right") > np.searchsorted(cancelled, at)
    by_day = np.bincount(at[~again].astype(np.int64) // DAY, minlength=window.days)
    due, at = due[again], at[again]
    # There, one more is held from each booking on, one less from each late cancellation on; the most held at once,
    # of the starts of one moment, are the starts that were given away.
    freed = np.flatnonzero(outcome[due] == CANCELLED)
    moment = np.concatenate((at, at[freed]))
    booked = without_nan(visits["booked"][due], -np.inf)
    when = np.concatenate((booked, visits["decided"][due][freed]))
    step = np.repeat([1, -1], [due.size, freed.size])
    order = np.lexsort((step, when, moment))
    moment, step = moment[order], step[order]
    if moment.size:
        head = np.flatnonzero(np.append(True, moment[1:] != moment[:-1]))
        held = np.cumsum(step)
        before = np.append(0, held[head[1:] - 1])
        most = np.maximum.reduceat(held, head) - before
        by_day = by_day + np.bincount(moment[head].astype(np.int64) // DAY, most, window.days).astype(
            np.int64
        )
    used = np.where(starts > 0, by_day[day], 0)
    return (
        window.by_day(day, starts).astype(np.int64),
        window.by_day(day, used).astype(np.int64),
    )


def _ahead(values: Integers) -> Integers:
    """Add up each week and those after it that it is judged by."""
    total = np.append(0, np.cumsum(values))
    week = np.arange(values.size)
    summed: Integers = total[np.minimum(week + WEEKS_JUDGED, values.size)] - total[week]
    return summed
