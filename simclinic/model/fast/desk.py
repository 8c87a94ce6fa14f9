"""The front desk: mirrors `model/desk.py`."""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.bits import put
from simclinic.model.fast.book import (
    allowed_after,
    begin_series,
    chain,
    first_day,
    give_back_start,
    has_start,
    next_start,
    note_third_next,
    start_of,
    take_start,
)
from simclinic.model.fast.calendar import index_of
from simclinic.model.fast.clock import push, succeed
from simclinic.model.fast.plans import plan_of
from simclinic.model.fast.requests import booster_days, enter
from simclinic.model.fast.state import BOOSTERS, EXISTING, FIRST_FIT, FOLLOWING, NAN, NONE, OFFER
from simclinic.model.fast.waiting import book_or_hold, is_booked, note_release, try_again
from simclinic.model.fast.wide_book import note_today
from simclinic.records import BOOSTER, CONSULT, INDUCTION, MOVED, NO_SHOW, RELEASED, TO_COME

World = Any


def new_row(w: World, p: int, kind: int, number: int, course: int, requested: float, relapsed: float) -> int:
    """Mirror `Desk._row` and `Appointments.note`."""
    c = of.clinic(w)[0]
    row = c.n_visits
    c.n_visits = row + 1
    if c.n_visits > of.rules(w)[0].most_visits:
        c.error = 1
    v = of.visits(w)[row]
    v.patient, v.kind, v.number, v.course = p, kind, number, course
    v.requested, v.relapsed = requested, relapsed
    v.booked = v.appointment = v.decided = v.arrived = v.chair = v.chair_from = v.chair_until = NAN
    v.outcome = TO_COME
    v.booked_plan = plan_of(w, of.patients(w)[p].protocol, kind, number)
    return int(row)


def set_ahead(w: World, p: int, place: int, row: int) -> None:
    """Set one of the appointments to come."""
    if place >= of.ahead(w).shape[1]:
        of.clinic(w)[0].error = 1
        return
    of.ahead(w)[p, place] = row


# -- the desk's day -------------------------------------------------------------------------------------------


def open_desk(w: World, index: int) -> None:
    """Mirror `Desk.open`."""
    note_today(w, index)
    if of.days(w)[index].weekday == 0:
        note_third_next(w, index)
    try_again(w, index)
    _release_held(w, index)


def _release_held(w: World, index: int) -> None:
    """Mirror `Desk._release_held`."""
    c, r = of.clinic(w)[0], of.rules(w)[0]
    held = of.held(w)
    while c.held_n > 0:
        p = held[c.held_head]
        latest = index_of(w, of.patients(w)[p].ready) + r.patience_days
        if latest < index + r.notice:
            succeed(w, int(p) << 1, 0)
        elif r.series_cap != NONE and c.in_series < r.series_cap:
            c.in_series += 1
            succeed(w, int(p) << 1, 1)
        else:
            return
        c.held_head = (c.held_head + 1) % len(held)
        c.held_n -= 1


# -- series ---------------------------------------------------------------------------------------------------


def may_begin_series(w: World, p: int) -> bool:
    """Mirror `Desk.book_series` up to its wait for a turn; False if the patient waits for one."""
    c, r = of.clinic(w)[0], of.rules(w)[0]
    if r.series_cap == NONE:
        return True
    if c.held_n > 0 or c.in_series >= r.series_cap:
        held = of.held(w)
        held[(c.held_head + c.held_n) % len(held)] = p
        c.held_n += 1
        if c.held_n > r.most_waiting:
            c.error = 1
        return False
    c.in_series += 1
    return True


def book_series(w: World, p: int) -> bool:
    """Mirror the end of `Desk.book_series`, and `Desk._enter_series`; False if no start is in time."""
    c, r, me = of.clinic(w)[0], of.rules(w)[0], of.patients(w)[p]
    count = 1 if r.rolling else of.protocols(w)[me.protocol].infusions
    earliest = index_of(w, c.now) + r.notice
    latest = index_of(w, me.ready) + r.patience_days
    _plan_series(w, me.protocol, count)
    if not chain(w, count, me.protocol, earliest, latest, True, True):
        c.in_series -= 1
        return False
    _enter_series(w, p, count, c.now)
    return True


def book_consult(w: World, p: int) -> bool:
    """Mirror `Desk.book_consult` after its wait for an answer."""
    r, me = of.rules(w)[0], of.patients(w)[p]
    now = of.clinic(w)[0].now
    latest = index_of(w, me.asked) + r.patience_days
    plan = plan_of(w, me.protocol, CONSULT, 1)
    day = first_day(w, index_of(w, now) + r.notice, latest, True, plan)
    if day == NONE:
        return False
    row = new_row(w, p, CONSULT, 1, 0, me.asked, NAN)
    enter(w, row, day, now)
    set_ahead(w, p, 0, row)
    me.n_ahead = 1
    return True


def keep_consult(w: World, p: int) -> None:
    """Mirror `Desk.keep_consult`."""
    me = of.patients(w)[p]
    row = new_row(w, p, CONSULT, 1, 0, me.asked, NAN)
    _enter_existing(w, row)
    set_ahead(w, p, 0, row)
    me.n_ahead = 1


def _plan_series(w: World, protocol: int, count: int) -> None:
    """Mirror `Desk._plans_of` of the infusions of a series."""
    for k in range(count):
        of.planned(w)[k] = plan_of(w, protocol, INDUCTION, k + 1)


def _enter_series(w: World, p: int, count: int, after: float) -> None:
    """Mirror `Desk._enter_series`: the dates are in `found`."""
    me, found = of.patients(w)[p], of.found(w)
    begin_series(w, found[0])
    for k in range(count):
        row = new_row(w, p, INDUCTION, k + 1, 0, me.ready, NAN)
        enter(w, row, found[k], after if k == 0 else of.clinic(w)[0].now)
        set_ahead(w, p, k, row)
    me.n_ahead = count


def series_from(w: World, p: int, after: float, latest: int) -> bool:
    """Mirror `Desk.series_from`."""
    c, r, me = of.clinic(w)[0], of.rules(w)[0], of.patients(w)[p]
    if r.series_cap != NONE and (c.held_n > 0 or c.in_series >= r.series_cap):
        return False
    count = 1 if r.rolling else of.protocols(w)[me.protocol].infusions
    earliest = index_of(w, after)
    if earliest >= r.length:
        c.error = 1
        return False
    _plan_series(w, me.protocol, count)
    if not has_start(w, earliest, after, of.planned(w)[0]):
        earliest += 1
    if not chain(w, count, me.protocol, earliest, latest, True, True):
        return False
    c.in_series += 1
    _enter_series(w, p, count, after if of.found(w)[0] == earliest else c.now)
    return True


def exchange(w: World, old: int, day: int, after: float) -> int:
    """Mirror `Desk.exchange`."""
    v = of.visits(w)[old]
    row = new_row(w, v.patient, v.kind, v.number, v.course, v.requested, v.relapsed)
    enter(w, row, day, after)
    of.visits(w)[row].earliest = v.earliest
    give_back_start(w, v.day, v.place, v.kind != BOOSTER, v.booked_plan)
    v.outcome = MOVED
    v.decided = of.clinic(w)[0].now
    return row


# -- boosters -------------------------------------------------------------------------------------------------


def note_boosters(w: World, p: int, count: int, requested: float, relapsed: float) -> None:
    """Mirror `Desk.note_boosters`."""
    me = of.patients(w)[p]
    for k in range(count):
        row = new_row(w, p, BOOSTER, me.boosters + k + 1, me.course, requested, relapsed)
        set_ahead(w, p, k, row)
    me.n_ahead = count


def book_boosters(w: World, p: int, earliest: int) -> None:
    """Mirror `Desk.book_boosters`."""
    book_or_hold(w, of.ahead(w)[p, 0], BOOSTERS, earliest, of.patients(w)[p].n_ahead)


def sooner_boosters(w: World, p: int, instead: int, count: int, requested: float) -> bool:
    """Mirror `Desk.sooner_boosters`, and the exchange that follows; False: nothing is booked."""
    c, me, v = of.clinic(w)[0], of.patients(w)[p], of.visits(w)[instead]
    earliest = index_of(w, c.now) + of.rules(w)[0].booster_notice
    for k in range(count):
        of.planned(w)[k] = plan_of(w, me.protocol, BOOSTER, v.number + k)
    if not booster_days(w, me.protocol, earliest, count):
        return False
    found = of.found(w)
    if found[0] > v.day:
        return False
    if found[0] == v.day and next_start(w, found[0], c.now, of.planned(w)[0]) >= v.appointment:
        return False
    first = c.n_visits
    for k in range(count):
        row = new_row(w, p, BOOSTER, v.number + k, v.course, requested, NAN)
        enter(w, row, found[k], c.now)
    release_ahead(w, p, MOVED)
    for k in range(count):
        set_ahead(w, p, k, first + k)
    me.n_ahead = count
    return True


# -- the patients who are there -------------------------------------------------------------------------------


def book_rest(w: World, p: int, count: int) -> None:
    """Mirror `Desk.book_rest`."""
    of.clinic(w)[0].in_series += 1
    one = of.rules(w)[0].rolling
    _resume_bookings(w, p, INDUCTION, 0, 1 if one else count, of.patients(w)[p].ready)


def book_pending(w: World, p: int, count: int) -> None:
    """Mirror `Desk.book_pending`."""
    _resume_bookings(w, p, BOOSTER, of.patients(w)[p].course, count, NAN)


def _resume_bookings(w: World, p: int, kind: int, course: int, count: int, requested: float) -> None:
    """Mirror `Desk._resume`."""
    me = of.patients(w)[p]
    t = of.initial(w)[me.today]
    before = me.given if kind == INDUCTION else me.boosters
    for k in range(count):
        set_ahead(w, p, k, new_row(w, p, kind, before + k + 1, course, requested, NAN))
    me.n_ahead = count
    ahead = of.ahead(w)[p]
    done = 0
    previous, last_day = NONE, NONE
    if me.given > 0:
        last_day = index_of(w, t.last)
    if t.has_appointment:
        _enter_existing(w, ahead[0])
        previous, done = ahead[0], 1
        last_day = of.visits(w)[previous].day if is_booked(w, previous) else NONE
    elif me.given == 0:
        of.clinic(w)[0].error = 1
        return
    if done < count and last_day != NONE and _days_after(w, p, done, last_day, kind == INDUCTION):
        for k in range(done, count):
            enter(w, ahead[k], of.found(w)[k - done], of.clinic(w)[0].now)
    for k in range(done, count):
        if not is_booked(w, ahead[k]):
            book_or_hold(w, ahead[k], FOLLOWING, previous, last_day)
        previous = ahead[k]


def _enter_existing(w: World, row: int) -> None:
    """Mirror `Desk._enter_existing`."""
    v, now = of.visits(w)[row], of.clinic(w)[0].now
    t = of.initial(w)[of.patients(w)[v.patient].today]
    index = index_of(w, t.appointment)
    series = v.kind != BOOSTER
    if index < 0:
        of.clinic(w)[0].error = 1
        return
    if index < of.rules(w)[0].length and has_start(w, index, now, v.booked_plan):
        near = t.appointment if t.timed else NAN
        v.day, v.booked = index, now
        v.place = take_start(w, index, now, series, near, v.booked_plan)
        v.appointment = start_of(w, index, v.place)
        if v.kind == INDUCTION and v.number == 1:
            begin_series(w, index)
        return
    book_or_hold(w, row, EXISTING, index, 0)


def _days_after(w: World, p: int, done: int, last_day: int, series: bool) -> bool:
    """Mirror `Desk._days_after`, of a patient's appointments but for some: the dates are in `found`."""
    protocol, count = of.patients(w)[p].protocol, of.patients(w)[p].n_ahead - done
    q = of.protocols(w)[protocol]
    for k in range(count):
        of.planned(w)[k] = of.visits(w)[of.ahead(w)[p, done + k]].booked_plan
    today = index_of(w, of.clinic(w)[0].now)
    for g in range(q.n_order):
        if allowed_after(w, protocol, g, last_day):
            day = last_day + of.order(w)[protocol, g]
            if day >= today and chain(w, count, protocol, day, day, series, False):
                return True
    latest = today + of.rules(w)[0].window
    return chain(w, count, protocol, max(today, last_day + q.least), latest, series, False)


# -- changes --------------------------------------------------------------------------------------------------


def rebook(w: World, p: int) -> None:
    """Mirror `Desk.rebook` after its wait for an answer."""
    me = of.patients(w)[p]
    missed = of.visits(w)[me.seen]
    least = of.protocols(w)[me.protocol].least
    series = missed.kind != BOOSTER
    again = new_row(w, p, missed.kind, missed.number, missed.course, missed.requested, missed.relapsed)
    ahead = of.ahead(w)[p]
    first = missed.day if missed.outcome == NO_SHOW else missed.day + 1
    if me.last_day != NONE:
        first = max(first, me.last_day + least)
    of.visits(w)[again].earliest = first
    n = me.n_ahead
    if n == 0 or is_booked(w, ahead[0]):
        latest = of.visits(w)[ahead[0]].day - least if n > 0 else NONE
        plan = of.visits(w)[again].booked_plan
        day = first_day(w, max(first, index_of(w, of.clinic(w)[0].now)), latest, series, plan)
        if day != NONE:
            enter(w, again, day, of.clinic(w)[0].now)
            for k in range(n, 0, -1):
                set_ahead(w, p, k, ahead[k - 1])
            ahead[0] = again
            me.n_ahead = n + 1
            return
    if n > 0:
        book_or_hold(w, again, FOLLOWING, ahead[n - 1], 0)
    else:
        book_or_hold(w, again, FIRST_FIT, first, 0)
    set_ahead(w, p, n, again)
    me.n_ahead = n + 1


def follow(w: World, p: int) -> None:
    """Mirror `Desk.follow` after its wait for an answer."""
    me = of.patients(w)[p]
    v = of.visits(w)[me.seen]
    row = new_row(w, p, v.kind, v.number + 1, v.course, v.requested, v.relapsed)
    book_or_hold(w, row, FOLLOWING, me.seen, 0)
    set_ahead(w, p, 0, row)
    me.n_ahead = 1


def cancel(w: World, row: int) -> None:
    """Mirror `Desk.cancel`."""
    v = of.visits(w)[row]
    give_back_start(w, v.day, v.place, v.kind != BOOSTER, v.booked_plan)
    if of.rules(w)[0].standby:
        _note_freed(w, v.day)


def _note_freed(w: World, day: int) -> None:
    """Mirror `Standby.freed`."""
    c = of.clinic(w)[0]
    put(of.freed_days(w), day)
    if not c.offer_due:
        c.offer_due = 1
        push(w, c.now, 2, OFFER, 0)


def release_ahead(w: World, p: int, outcome: int) -> None:
    """Mirror `Desk.release`."""
    me = of.patients(w)[p]
    for k in range(me.n_ahead):
        row = of.ahead(w)[p, k]
        if is_booked(w, row):
            cancel(w, row)
        note_release(w, row)
        of.visits(w)[row].outcome = outcome
        of.visits(w)[row].decided = of.clinic(w)[0].now
    me.n_ahead = 0


def release(w: World, p: int) -> None:
    """Mirror `Desk.release` of appointments that are not needed any more."""
    release_ahead(w, p, RELEASED)
