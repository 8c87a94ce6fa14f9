"""The standby list: mirrors `model/standby.py`. Patients whose next appointment may be moved are in `movable`."""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.bits import drop, lowest, put
from simclinic.model.fast.book import allowed_after, first_day, has_start
from simclinic.model.fast.calendar import answers, in_pause, index_of
from simclinic.model.fast.clock import push, succeed
from simclinic.model.fast.desk import exchange, series_from
from simclinic.model.fast.state import HAS_TURN, INF, NONE, OFFER, SETTLES, WAKE
from simclinic.model.fast.waiting import is_booked, try_again
from simclinic.records import BOOSTER, INDUCTION

World = Any

_PATIENT_BITS = 28
_LATEST_TURN = 1 << 31


# -- patients on the list -------------------------------------------------------------------------------------


def join_movable(w: World, p: int) -> None:
    """Mirror the beginning of `Standby.settle`."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    of.movable(w)[c.n_movable] = p
    me.in_movable = c.n_movable
    c.n_movable += 1
    me.state = SETTLES


def settles(w: World, p: int) -> bool:
    """Mirror the loop of `Standby.settle`; False: the patient waits until the appointment is settled."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    until = of.visits(w)[me.seen].appointment - of.rules(w)[0].settled
    if until > c.now:
        me.turn += 1
        me.woken = 0
        if me.turn >= _LATEST_TURN or p >= 1 << _PATIENT_BITS:
            c.error = 1
        push(w, until, 1, WAKE, p | (me.turn << _PATIENT_BITS))
        return False
    c.n_movable -= 1
    last = of.movable(w)[c.n_movable]
    of.movable(w)[me.in_movable] = last
    of.patients(w)[last].in_movable = me.in_movable
    me.state = HAS_TURN
    return True


def wake(w: World, who: int) -> None:
    """Mirror `_wake`: the turn is one of a patient's, which later turns replace."""
    p = who & ((1 << _PATIENT_BITS) - 1)
    if of.patients(w)[p].turn == who >> _PATIENT_BITS:
        _succeed_turn(w, p)


def _succeed_turn(w: World, p: int) -> None:
    me = of.patients(w)[p]
    if not me.woken:
        me.woken = 1
        succeed(w, p << 1, 0)


def hope(w: World, p: int) -> None:
    """Mirror `Standby.hope`."""
    c = of.clinic(w)[0]
    of.hoping(w)[c.n_hoping] = p
    c.n_hoping += 1


# -- starts that come free ------------------------------------------------------------------------------------


def offer(w: World) -> None:
    """Mirror `Standby.offer`."""
    c, freed = of.clinic(w)[0], of.freed_days(w)
    c.offer_due = 0
    opens = answers(w, c.now)
    if opens > c.now:
        if in_pause(w, c.now):
            c.offer_due = 1
            push(w, opens, 1, OFFER, 0)
        return
    if lowest(freed) >= 0:
        try_again(w, index_of(w, c.now))
    _offer_to_hoping(w)
    day = lowest(freed)
    while day >= 0:
        moved = _move_to(w, day)
        if moved == NONE:
            drop(freed, day)
        else:
            put(freed, moved)
        day = lowest(freed)


def begin_standby(w: World, index: int) -> None:
    """Mirror `Standby.begin_day`."""
    c, hoping = of.clinic(w)[0], of.hoping(w)
    kept = 0
    for k in range(c.n_hoping):
        p = hoping[k]
        if _latest(w, p) < index:
            succeed(w, p << 1, 0)
        else:
            hoping[kept] = p
            kept += 1
    c.n_hoping = kept
    offer(w)


def _latest(w: World, p: int) -> int:
    """Mirror `Standby._latest`."""
    return index_of(w, of.patients(w)[p].ready) + int(of.rules(w)[0].patience_days)


def _offer_to_hoping(w: World) -> None:
    """Mirror `Standby._offer_to_hoping`."""
    c, hoping = of.clinic(w)[0], of.hoping(w)
    kept = 0
    for k in range(c.n_hoping):
        p = hoping[k]
        if series_from(w, p, c.now + of.rules(w)[0].standby_notice, _latest(w, p)):
            succeed(w, p << 1, 1)
        else:
            hoping[kept] = p
            kept += 1
    c.n_hoping = kept


def _asked(w: World, row: int) -> float:
    requested = of.visits(w)[row].requested
    return float(requested) if requested == requested else -INF


def _comes_before(w: World, p: int, other: int) -> bool:
    """Mirror `Standby._order`: tell whether an entry is tried before another."""
    row, then = of.patients(w)[p].seen, of.patients(w)[other].seen
    mine, other_s = of.visits(w)[row], of.visits(w)[then]
    rank, after = (
        of.class_of(w)[mine.booked_plan, mine.kind],
        of.class_of(w)[other_s.booked_plan, other_s.kind],
    )
    if rank != after:
        return bool(rank < after)
    asked, later = _asked(w, row), _asked(w, then)
    return asked < later or (asked == later and p < other)


def _move_to(w: World, day: int) -> int:
    """Mirror `Standby._move_to`; NONE if nobody is moved."""
    c, r, movable = of.clinic(w)[0], of.rules(w)[0], of.movable(w)
    soonest = c.now + r.standby_notice
    best = -1
    for k in range(c.n_movable):
        p = movable[k]
        row = of.patients(w)[p].seen
        if (
            of.visits(w)[row].day > day
            and (best < 0 or _comes_before(w, p, best))
            and _fits(w, p, day)
            and _has_start(w, row, day, soonest)
        ):
            best = p
    if best < 0:
        return NONE
    me = of.patients(w)[best]
    old = me.seen
    me.seen = exchange(w, old, day, soonest)
    _succeed_turn(w, best)
    return int(of.visits(w)[old].day)


def _has_start(w: World, row: int, day: int, soonest: float) -> bool:
    """Mirror `Standby._has_start`."""
    v = of.visits(w)[row]
    if first_day(w, day, day, v.kind != BOOSTER, v.booked_plan) == NONE:
        return False
    return has_start(w, day, soonest, v.booked_plan)


def _fits(w: World, p: int, day: int) -> bool:
    """Mirror `Standby._fits`."""
    me = of.patients(w)[p]
    v, q = of.visits(w)[me.seen], of.protocols(w)[me.protocol]
    if day < v.earliest:
        return False
    if v.kind == INDUCTION and me.last_day == NONE:
        if of.rules(w)[0].weekly_cap != NONE:
            return False
    elif me.last_day != NONE and day - me.last_day < q.least:
        return False
    if of.days(w)[day + 1].midnight <= v.requested:
        return False
    if me.n_ahead == 0 or not is_booked(w, of.ahead(w)[p, 0]):
        return True
    apart = of.visits(w)[of.ahead(w)[p, 0]].day - day
    for g in range(q.n_order):
        if of.order(w)[me.protocol, g] == apart and allowed_after(w, me.protocol, g, day):
            return True
    return False
