"""How a request for an appointment is tried: mirrors the attempts of `model/desk.py`."""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.book import (
    begin_series,
    chain,
    first_day,
    following_day,
    start_of,
    take_start,
)
from simclinic.model.fast.calendar import index_of
from simclinic.model.fast.state import BOOSTERS, EXISTING, FIRST_FIT, FOLLOWING, NAN, NONE
from simclinic.records import BOOSTER, INDUCTION

World = Any


def enter(w: World, row: int, day: int, after: float) -> None:
    """Mirror `Desk._enter`."""
    v = of.visits(w)[row]
    v.day = day
    v.place = take_start(w, day, after, v.kind != BOOSTER, NAN, v.booked_plan)
    v.appointment = start_of(w, day, v.place)
    v.booked = of.clinic(w)[0].now


def booster_days(w: World, protocol: int, earliest: int, count: int) -> bool:
    """Mirror `Desk._booster_days`: the dates are in `found`, the plans of the visits in `planned`."""
    if count == 1:
        day = first_day(w, earliest, NONE, False, of.planned(w)[0])
        if day == NONE:
            return False
        of.found(w)[0] = day
        return True
    latest = index_of(w, of.clinic(w)[0].now) + of.rules(w)[0].window
    return chain(w, count, protocol, earliest, latest, False, True)


def _enter_boosters(w: World, row: int, earliest: int, count: int) -> bool:
    """Mirror `Desk._enter_boosters`; the rows of a course follow one another."""
    protocol = of.patients(w)[of.visits(w)[row].patient].protocol
    for k in range(count):
        of.planned(w)[k] = of.visits(w)[row + k].booked_plan
    if not booster_days(w, protocol, earliest, count):
        return False
    for k in range(count):
        enter(w, row + k, of.found(w)[k], of.clinic(w)[0].now)
    return True


def attempt(w: World, row: int, what: int, a: int, count: int) -> bool:
    """Try to book a request now; see `book_or_hold`."""
    if what == BOOSTERS:
        return _enter_boosters(w, row, a, count)
    v = of.visits(w)[row]
    series = v.kind != BOOSTER
    if what == FOLLOWING:
        if a == NONE:
            previous = count
        elif of.visits(w)[a].booked == of.visits(w)[a].booked:
            previous = of.visits(w)[a].day
        else:
            return False
        day = following_day(w, previous, of.patients(w)[v.patient].protocol, series, v.booked_plan)
    elif what == FIRST_FIT:
        day = first_day(w, max(a, index_of(w, of.clinic(w)[0].now)), NONE, series, v.booked_plan)
    else:
        day = first_day(w, a, NONE, series, v.booked_plan)
    if day == NONE:
        return False
    enter(w, row, day, of.clinic(w)[0].now)
    if what == EXISTING and v.kind == INDUCTION and v.number == 1:
        begin_series(w, day)
    return True


def earliest_of(w: World, row: int, what: int, a: int, count: int) -> int:
    """Mirror `Request.earliest`."""
    if what != FOLLOWING:
        return a
    previous = count if a == NONE else of.visits(w)[a].day
    return int(previous + of.protocols(w)[of.patients(w)[of.visits(w)[row].patient].protocol].least)


def group_of(w: World, row: int, what: int, count: int) -> int:
    """Return the number of the kind of a request: one infusion by plan, others by protocol, number and plans."""
    r, v = of.rules(w)[0], of.visits(w)[row]
    if what != BOOSTERS or count == 1:
        return int(2 * v.booked_plan + (0 if v.kind == BOOSTER else 1))
    protocol = of.patients(w)[v.patient].protocol
    number = min(v.number, r.n_edges)
    return int(of.group_of(w)[(protocol * (r.width + 1) + count) * (r.n_edges + 1) + number])
