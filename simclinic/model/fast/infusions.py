"""The infusions of a series or a booster course: mirrors `model/infusions.py`, with a state for every wait."""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.any_visit import expect
from simclinic.model.fast.calendar import answers, index_of, walk_in
from simclinic.model.fast.clock import later, until
from simclinic.model.fast.desk import cancel, follow, new_row, rebook, release
from simclinic.model.fast.plans import plan_of
from simclinic.model.fast.standby import join_movable, settles
from simclinic.model.fast.state import (
    ALL_GIVEN,
    ARRIVES,
    COME,
    DAY,
    EXPECTS,
    FOLLOWS,
    GAVE_UP,
    HAS_TURN,
    KEEPS,
    LEFT,
    MIDNIGHT,
    MISSED,
    NAN,
    NEEDS_BOOSTERS,
    NEEDS_MISSES,
    NEEDS_SERIES,
    NOTICE,
    REBOOKS,
    RUN_ENDS,
    SERVED,
    SETTLE,
    SETTLES,
    WALK,
    WALK_ASKED,
    WALKS_IN,
)
from simclinic.model.fast.team import unstaffed
from simclinic.records import (
    BALKED,
    BOOSTER,
    CANCELLED,
    CLINIC_CANCELLED,
    CONSULT,
    INDUCTION,
    LEFT_UNSERVED,
    NO_SHOW,
)

World = Any


def leave(w: World, p: int, reason: int) -> None:
    """Mirror `leave`."""
    me = of.patients(w)[p]
    me.reason = reason
    me.left = of.clinic(w)[0].now


def need(w: World, what: int, p: int, number: int) -> int:
    """Ask Python for random inputs; return -1."""
    c = of.clinic(w)[0]
    c.need, c.need_who, c.need_what = what, p, number
    return -1


def note_soon(w: World, who: int) -> None:
    """Note for Python whose boosters may be drawn together: a patient in the programme, or (odd) with few left."""
    c = of.clinic(w)[0]
    if c.n_entered < len(of.entered(w)):
        of.entered(w)[c.n_entered] = who
        c.n_entered += 1


def episode_of(w: World, p: int, kind: int) -> int:
    """Mirror `Draws.series_row` and `Draws.booster_row` of the next infusion; -1: Python must draw it."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    if kind == INDUCTION:
        first = of.series_first(w)[p]
        if first < 0:
            return need(w, NEEDS_SERIES, p, me.given + 1)
        c.asked_series += 1
        return int(first + me.given)
    if kind == CONSULT:
        return int(of.consult_row(w)[p])
    number = me.boosters + 1
    at = of.booster_segment(w)[p]
    while at >= 0:
        s = of.segments(w)[at]
        if number < s.first + s.count:
            c.asked_boosters += 1
            of.booster_segment(w)[p] = at
            if s.following < 0 and number == s.first + s.count // 2:
                note_soon(w, 2 * p + 1)
            return int(s.row + number - s.first)
        if s.following < 0:
            break
        at = s.following
    return need(w, NEEDS_BOOSTERS, p, number)


def attend(w: World, p: int, remaining: int, last_day: int, then: int) -> None:
    """Mirror the beginning of `attend`; NONE for no last day."""
    me = of.patients(w)[p]
    me.remaining, me.last_day, me.then = remaining, last_day, then
    me.state = COME


def attending(w: World, p: int) -> bool:
    """Mirror `attend` from one state to the next; False: the patient waits."""
    me = of.patients(w)[p]
    state = me.state
    if state == COME:
        return _come(w, p)
    if state == HAS_TURN:
        return _has_turn(w, p)
    if state == SETTLE:
        join_movable(w, p)
        return True
    if state == SETTLES:
        return settles(w, p)
    if state in (KEEPS, EXPECTS):
        return _keeps(w, p)
    if state == SERVED:
        return _served(w, p)
    if state == REBOOKS:
        rebook(w, p)
        me.state = COME
        return True
    if state == FOLLOWS:
        follow(w, p)
        me.state = COME
        return True
    return _misses(w, p)


def ask(w: World, p: int, state: int) -> bool:
    """Mirror `Desk.ask`, and go on in a state; False: the patient waits for the answer."""
    now = of.clinic(w)[0].now
    reached = answers(w, now)
    if reached > now:
        until(w, p, reached, state)
        return False
    of.patients(w)[p].state = state
    return True


def _come(w: World, p: int) -> bool:
    """Take the next appointment; wait for it, if it has no start yet."""
    me = of.patients(w)[p]
    if me.remaining == 0:
        me.end = ALL_GIVEN
        me.state = RUN_ENDS
        return True
    ahead = of.ahead(w)[p]
    if me.n_ahead == 0:
        of.clinic(w)[0].error = 1
        return False
    me.seen = ahead[0]
    me.n_ahead -= 1
    for k in range(me.n_ahead):
        ahead[k] = ahead[k + 1]
    me.state = SETTLE if of.can_come(w)[p] else HAS_TURN
    return bool(of.visits(w)[me.seen].turn != 1)


def _has_turn(w: World, p: int) -> bool:
    """Find the random inputs of an appointment, and whether the patient keeps it."""
    c, r, me = of.clinic(w)[0], of.rules(w)[0], of.patients(w)[p]
    v = of.visits(w)[me.seen]
    row = episode_of(w, p, v.kind)
    if row < 0:
        return False
    if v.kind != CONSULT:
        v.number = (me.given if v.kind == INDUCTION else me.boosters) + 1
    v.episode = row
    v.plan = plan_of(w, me.protocol, v.kind, v.number)
    me.state = KEEPS
    e = of.episodes(w)[row]
    if e.n_misses == 0 and not of.thin(w)[v.day]:
        return True
    # `_await_attendance`
    v.attempt = me.missed
    miss = -1
    if me.missed < e.n_misses:
        miss = e.first_miss + me.missed
    elif e.more:
        me.state = HAS_TURN
        need(w, NEEDS_MISSES, p, me.seen)
        return False
    absent = unstaffed(w, me.seen)
    midnight = of.days(w)[v.day].midnight
    if miss >= 0:
        me.rebooks = of.misses(w)[miss, 1]
        if of.misses(w)[miss, 0] == CANCELLED:
            notice = later(c.now, v.appointment - r.cancel_notice)
            if notice < midnight or not absent:
                until(w, p, notice, NOTICE)
                return False
    if absent:
        until(w, p, later(c.now, midnight), MIDNIGHT)
        return False
    if miss >= 0:
        until(w, p, later(c.now, v.appointment), MISSED)
        return False
    return True


def _keeps(w: World, p: int) -> bool:
    """Wait for the patient's arrival."""
    me = of.patients(w)[p]
    v = of.visits(w)[me.seen]
    now, arrival = of.clinic(w)[0].now, v.appointment + of.episodes(w)[v.episode].offset
    if me.state == EXPECTS:
        expect(w, p)
    elif of.plans(w)[v.plan].needs_others and arrival > v.appointment >= now:
        until(w, p, v.appointment, EXPECTS)
        return False
    if arrival > now:
        until(w, p, arrival, ARRIVES)
        return False
    me.state = ARRIVES
    return True


def _misses(w: World, p: int) -> bool:
    """Record a missed appointment, and rebook it or give up."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    v = of.visits(w)[me.seen]
    v.decided = c.now
    if me.state == MIDNIGHT:
        v.outcome = CLINIC_CANCELLED
        return ask(w, p, REBOOKS)
    me.missed += 1
    if me.state == NOTICE:
        v.outcome = CANCELLED
        cancel(w, me.seen)
    else:
        v.outcome = NO_SHOW
    if me.rebooks:
        return ask(w, p, REBOOKS)
    release(w, p)
    me.end = GAVE_UP
    me.state = RUN_ENDS
    return True


def _first_start(w: World, row: int) -> float:
    """Return the first start of a step of a visit: steps that it does not have have none."""
    start = of.starts(w)[row]
    for k in range(len(start)):
        if start[k] == start[k]:
            return float(start[k])
    return float(of.clinic(w)[0].now)


def _record_infusion(w: World, p: int) -> bool:
    """Mirror `_record_infusion`."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    v = of.visits(w)[me.seen]
    me.missed = 0
    if v.kind == CONSULT:
        return False
    if me.last_visit >= 0 and of.visits(w)[me.last_visit].day == v.day:
        me.given_today += 1
    else:
        me.given_today = 1
    if me.given_today > of.rules(w)[0].most_a_day:
        c.error = 1
    me.last_visit = me.seen
    me.last_visit_end = c.now
    if v.kind == BOOSTER:
        me.boosters += 1
        return False
    me.given += 1
    me.last_infusion = me.last_visit_end
    if me.given == 1:
        me.first_infusion = _first_start(w, me.seen)
    if me.given == of.ends_after(w)[p]:
        leave(w, p, of.end_reason(w)[p])
        return True
    return False


def _served(w: World, p: int) -> bool:
    """Go on after a visit: to the next appointment, or to the next walk-in visit."""
    r, me = of.rules(w)[0], of.patients(w)[p]
    v = of.visits(w)[me.seen]
    if r.walks_in:
        return _served_walk_in(w, p, v.outcome)
    me.remaining -= 1
    me.last_day = v.day
    if _record_infusion(w, p):
        release(w, p)
        me.end = LEFT
        me.state = RUN_ENDS
        return True
    if me.remaining > 0 and me.n_ahead == 0:
        return ask(w, p, FOLLOWS)
    me.state = COME
    return True


# -- walking in -----------------------------------------------------------------------------------------------


def walk(
    w: World, p: int, kind: int, when: float, relapsed: float, course: int, pending: bool, then: int
) -> None:
    """Mirror the beginning of `walk_through`."""
    me = of.patients(w)[p]
    q = of.protocols(w)[me.protocol]
    me.kind, me.when, me.relapsed, me.then = kind, when, relapsed, then
    if kind == INDUCTION:
        me.remaining = q.infusions - me.given
    else:
        me.remaining = course * q.booster_infusions - me.boosters
    me.requested = NAN if pending else when
    me.state = WALK


def walking(w: World, p: int) -> bool:
    """Mirror `walk_through` from one state to the next; False: the patient waits."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    induction = me.kind == INDUCTION
    if me.state == WALK:
        row = episode_of(w, p, me.kind)
        if row < 0:
            return False
        me.news = row
        me.state = WALK_ASKED
        if not induction and me.when > c.now:
            until(w, p, me.when, WALK_ASKED)
            return False
    elif me.state == WALK_ASKED:
        if not induction:
            me.seen = new_row(w, p, BOOSTER, me.boosters + 1, me.course, me.requested, me.relapsed)
        me.when = walk_in(w, later(me.when, c.now))
        me.state = WALKS_IN
        if me.when > c.now:
            until(w, p, me.when, WALKS_IN)
            return False
    else:
        if induction:
            me.seen = new_row(w, p, INDUCTION, me.given + 1, 0, me.requested, me.relapsed)
        v = of.visits(w)[me.seen]
        v.booked = v.appointment = me.when
        v.day = index_of(w, me.when)
        v.episode = me.news
        v.plan = plan_of(w, me.protocol, me.kind, v.number)
        me.state = ARRIVES
    return True


def _served_walk_in(w: World, p: int, outcome: int) -> bool:
    """Go on after a walk-in visit."""
    me = of.patients(w)[p]
    me.state = RUN_ENDS
    if outcome == BALKED:
        leave(w, p, LEFT_UNSERVED)
        me.end = LEFT
        return True
    if _record_infusion(w, p):
        me.end = LEFT
        return True
    me.remaining -= 1
    if me.remaining <= 0:
        me.end = ALL_GIVEN
        return True
    if of.protocols(w)[me.protocol].n_preferred == 0:
        of.clinic(w)[0].error = 1
        return False
    me.when += of.preferred(w)[me.protocol, 0] * DAY
    me.state = WALK
    return True
