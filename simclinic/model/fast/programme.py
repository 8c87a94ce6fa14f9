"""The booster programme: mirrors `model/programme.py`, with a state for every wait."""

from __future__ import annotations

from typing import Any

import numpy as np

from simclinic.model.fast import arrays as of
from simclinic.model.fast.calendar import answers, index_of
from simclinic.model.fast.clock import later, sooner, until
from simclinic.model.fast.desk import book_boosters, book_pending, note_boosters, sooner_boosters
from simclinic.model.fast.infusions import ask, attend, leave, need, note_soon, walk
from simclinic.model.fast.state import (
    ALL_GIVEN,
    AS_NEEDED,
    ASKS,
    ASKS_AGAIN,
    ASKS_FOR_DUE,
    CHECK_IN,
    COURSE_ENDS,
    DAY,
    DUE,
    DUE_CHECK_IN,
    GONE,
    INF,
    NAN,
    NEEDS_COURSES,
    NEEDS_WEEKS,
    NONE,
    NOTICED,
    OF_REQUEST,
    OF_SCHEDULE,
    OF_WALKED_PENDING,
    OF_WALKED_REQUEST,
    OF_WALKED_SCHEDULE,
    OPENS,
    PENDING,
    PENDING_REQUESTED,
    PROGRAMME,
    REQUEST,
    RUN_ENDS,
    SOONER,
    WEEK,
    WELL,
)
from simclinic.records import BOOSTER, DECLINED_BOOSTERS, LEFT_PROGRAMME, STILL_HERE, SUSTAINED

World = Any

_AS_NEEDED, _SCHEDULED, _BOTH = range(3)


def run_programme(w: World, p: int) -> bool:
    """Mirror the booster programme from one state to the next; False: the patient waits."""
    state = of.patients(w)[p].state
    if state == PROGRAMME:
        programme(w, p)
        return True
    if state == AS_NEEDED:
        return _as_needed(w, p)
    if state == WELL:
        leave(w, p, SUSTAINED)
        of.patients(w)[p].state = GONE
        return True
    if state == NOTICED:
        return _relapse_noticed(w, p)
    if state == REQUEST:
        return _request(w, p)
    if state in (ASKS, ASKS_AGAIN):
        return _book(w, p, state)
    if state in (CHECK_IN, DUE_CHECK_IN):
        return _ask_again(w, p, state)
    if state == PENDING:
        return _run_pending(w, p)
    if state == PENDING_REQUESTED:
        return _request_pending(w, p)
    if state == DUE:
        return _due(w, p)
    if state == OPENS:
        return ask(w, p, ASKS_FOR_DUE)
    if state == ASKS_FOR_DUE:
        return _ask_for_due(w, p)
    if state == SOONER:
        return _ask_for_sooner(w, p)
    if state == RUN_ENDS:
        return _run_ends(w, p)
    return _course_ends(w, p)


def programme(w: World, p: int) -> None:
    """Mirror `programme`, and the beginning of `_as_needed` and of `_by_schedule`."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    q = of.protocols(w)[me.protocol]
    me.state = AS_NEEDED
    if q.policy != _AS_NEEDED:
        if not of.uptake(w)[p]:
            leave(w, p, DECLINED_BOOSTERS)
            me.state = GONE
            return
        _enter(w, p)
    _resume(w, p)
    if q.policy == _AS_NEEDED:
        return
    if me.reason != STILL_HERE:
        me.state = GONE
        return
    me.elapsed = 0.0
    me.relapse = NAN
    if me.today >= 0 and of.initial(w)[me.today].recorded:
        me.elapsed = (c.now - me.last) / WEEK
    me.begins = 1
    me.state = COURSE_ENDS


def _enter(w: World, p: int) -> None:
    """Mirror `_enter`."""
    me = of.patients(w)[p]
    if me.programme != me.programme:
        me.programme = of.clinic(w)[0].now


def _resume(w: World, p: int) -> None:
    """Mirror `_resume`."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    q = of.protocols(w)[me.protocol]
    me.last, me.course, me.pending = me.last_visit_end, 0, 0
    if me.today < 0:
        return
    t = of.initial(w)[me.today]
    me.course = t.course
    if t.has_appointment or t.has_requested or t.boosters > t.course * q.booster_infusions:
        me.pending = 1
        return
    if t.recorded and t.boosters > 0 and c.now - t.last > q.lapsed:
        leave(w, p, LEFT_PROGRAMME)


def _follows(w: World, p: int, course: int) -> int:
    """Mirror `Draws.after_course`: the place in `follows`; -1: Python must draw it."""
    at = of.follow_segment(w)[p]
    while at >= 0:
        s = of.segments(w)[at]
        if course < s.first + s.count:
            if course < s.first:
                break
            if course == 0:
                note_soon(w, 2 * p)
            of.follow_segment(w)[p] = at
            return int(s.row + course - s.first)
        at = s.following
    return need(w, NEEDS_COURSES, p, course)


def _noticed(w: World, p: int, last: float, relapsed: float, at_once: bool) -> float:
    """Mirror `_noticed`."""
    if at_once or relapsed == INF:
        return relapsed
    every = of.protocols(w)[of.patients(w)[p].protocol].check_in
    return later(relapsed, last + np.ceil((relapsed - last) / every) * every)


def _as_needed(w: World, p: int) -> bool:
    """Mirror the loop of `_as_needed`."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    q = of.protocols(w)[me.protocol]
    if me.reason != STILL_HERE:
        me.state = GONE
        return True
    if me.pending:
        me.course += 1
        _enter(w, p)
        me.after = AS_NEEDED
        me.state = PENDING
        return True
    at = _follows(w, p, me.course)
    if at < 0:
        return False
    f = of.follows(w)[at]
    if me.course > 0 and f.leaves:
        leave(w, p, LEFT_PROGRAMME)
        me.state = GONE
        return True
    if f.days * DAY > q.follow_up:
        until(w, p, later(c.now, me.last + q.follow_up), WELL)
        return False
    me.relapsed = me.last + f.days * DAY
    me.noticed = _noticed(w, p, me.last, me.relapsed, f.at_once != 0)
    until(w, p, later(c.now, me.noticed), NOTICED)
    return False


def _relapse_noticed(w: World, p: int) -> bool:
    """Mirror the end of the loop of `_as_needed`."""
    me = of.patients(w)[p]
    me.relapses += 1
    if me.course == 0:
        if not of.uptake(w)[p]:
            leave(w, p, DECLINED_BOOSTERS)
            me.state = GONE
            return True
        _enter(w, p)
    me.course += 1
    me.requested = me.noticed
    me.after = AS_NEEDED
    me.state = REQUEST
    return True


# -- courses that are pending when the simulation begins ------------------------------------------------------


def _run_pending(w: World, p: int) -> bool:
    """Mirror `_run_pending`."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    t, q = of.initial(w)[me.today], of.protocols(w)[me.protocol]
    me.pending = 0
    if t.has_requested:
        me.state = PENDING_REQUESTED
        if t.requested > c.now:
            until(w, p, t.requested, PENDING_REQUESTED)
            return False
        return True
    if of.rules(w)[0].walks_in:
        if t.has_appointment:
            when = t.appointment
        else:
            if q.n_preferred == 0:
                c.error = 1
                return False
            when = t.last + of.preferred(w)[me.protocol, 0] * DAY
        walk(w, p, BOOSTER, later(when, c.now), NAN, me.course, True, OF_WALKED_PENDING)
        return True
    count = me.course * q.booster_infusions - me.boosters
    if count > of.ahead(w).shape[1] - 1:
        c.error = 1
        return False
    book_pending(w, p, count)
    begun = t.boosters > t.course * q.booster_infusions
    me.requested = me.relapsed = NAN
    attend(w, p, count, index_of(w, t.last) if begun else NONE, OF_REQUEST)
    return True


def _request_pending(w: World, p: int) -> bool:
    """Mirror the request of `_run_pending`."""
    me = of.patients(w)[p]
    t = of.initial(w)[me.today]
    me.requested, me.relapsed = t.requested, t.relapse
    me.state = REQUEST
    return True


# -- requests -------------------------------------------------------------------------------------------------


def _request(w: World, p: int) -> bool:
    """Mirror `_request` up to the wait for an answer."""
    me = of.patients(w)[p]
    q = of.protocols(w)[me.protocol]
    if of.rules(w)[0].walks_in:
        walk(w, p, BOOSTER, me.requested, me.relapsed, me.course, False, OF_WALKED_REQUEST)
        return True
    count = me.course * q.booster_infusions - me.boosters
    if count > of.ahead(w).shape[1] - 1:
        of.clinic(w)[0].error = 1
        return False
    note_boosters(w, p, count, me.requested, me.relapsed)
    return ask(w, p, ASKS)


def _book(w: World, p: int, state: int) -> bool:
    """Book the course after the answer."""
    me = of.patients(w)[p]
    book_boosters(w, p, index_of(w, of.clinic(w)[0].now) + of.rules(w)[0].booster_notice)
    attend(w, p, me.n_ahead, NONE, OF_REQUEST if state == ASKS else OF_SCHEDULE)
    return True


def _next_check_in(w: World, p: int) -> float:
    """Mirror `_next_check_in`."""
    me = of.patients(w)[p]
    every = of.protocols(w)[me.protocol].check_in
    since = me.last_visit_end
    return float(since + (np.floor((of.clinic(w)[0].now - since) / every) + 1) * every)


def _ask_again(w: World, p: int, state: int) -> bool:
    """Request a course again at a check-in."""
    me = of.patients(w)[p]
    now = of.clinic(w)[0].now
    if state == CHECK_IN:
        me.requested = now
        me.state = REQUEST
        return True
    count = me.course * of.protocols(w)[me.protocol].booster_infusions - me.boosters
    note_boosters(w, p, count, now, NAN)
    return ask(w, p, ASKS_AGAIN)


def _run_ends(w: World, p: int) -> bool:
    """Go on after a run of booster infusions."""
    me = of.patients(w)[p]
    if me.end != ALL_GIVEN and me.then == OF_REQUEST:
        until(w, p, _next_check_in(w, p), CHECK_IN)
        return False
    if me.end != ALL_GIVEN and me.then == OF_SCHEDULE:
        until(w, p, _next_check_in(w, p), DUE_CHECK_IN)
        return False
    me.last = of.clinic(w)[0].now
    me.state = me.after
    return True


# -- boosters by a schedule -----------------------------------------------------------------------------------


def _course_ends(w: World, p: int) -> bool:
    """Mirror the beginning of `_by_schedule`, and of its loop what follows a course."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    begins = me.begins == 1
    if not begins and me.reason != STILL_HERE:
        me.state = GONE
        return True
    at = _follows(w, p, me.course)
    if at < 0:
        return False
    f = of.follows(w)[at]
    if begins:
        me.begins = 0
        me.at_once = f.at_once
        me.relapse = me.last + f.days * DAY
        if me.today >= 0:
            t = of.initial(w)[me.today]
            if t.relapse == t.relapse:
                me.relapse = t.relapse
    else:
        me.last, me.elapsed = c.now, 0.0
        me.at_once = f.at_once
        if me.relapse <= me.last:
            me.relapses += 1
            of.visits(w)[me.last_visit].relapsed = me.relapse
            me.relapse = me.last + f.days * DAY
        else:
            me.relapse = later(me.relapse, me.last + f.days * DAY)
        if f.leaves:
            leave(w, p, LEFT_PROGRAMME)
            me.state = GONE
            return True
    me.course += 1
    me.after = COURSE_ENDS
    me.state = PENDING if me.pending else DUE
    return True


def _due(w: World, p: int) -> bool:
    """Mirror the loop of `_by_schedule`, and `_run_scheduled` up to the opening of the book."""
    c, r, me = of.clinic(w)[0], of.rules(w)[0], of.patients(w)[p]
    q = of.protocols(w)[me.protocol]
    if q.drawn_weeks:
        if not c.answered:
            need(w, NEEDS_WEEKS, p, me.course - 1)
            return False
        weeks, c.answered = c.answer, 0
    else:
        weeks = of.weeks(w)[me.protocol, min(me.course - 1, q.n_weeks - 1)]
    me.due = me.last + weeks * WEEK
    me.noticed = INF
    if q.policy == _BOTH:
        me.noticed = _noticed(w, p, me.last, me.relapse, me.at_once != 0)
    if r.walks_in:
        walk(w, p, BOOSTER, sooner(me.due, me.noticed), NAN, me.course, False, OF_WALKED_SCHEDULE)
        return True
    opens = me.due - r.window * DAY
    if opens > c.now:
        until(w, p, sooner(opens, me.noticed), OPENS)
        return False
    me.state = OPENS
    return True


def _ask_for_due(w: World, p: int) -> bool:
    """Mirror `_run_scheduled` from the answer of the desk on."""
    c, r, me = of.clinic(w)[0], of.rules(w)[0], of.patients(w)[p]
    q = of.protocols(w)[me.protocol]
    if me.noticed <= c.now:
        me.requested, me.relapsed = me.noticed, me.relapse
        me.state = REQUEST
        return True
    note_boosters(w, p, q.booster_infusions, me.due, NAN)
    book_boosters(w, p, index_of(w, later(me.due, c.now)))
    first = of.visits(w)[of.ahead(w)[p, 0]]
    if c.now <= me.noticed < first.appointment:
        reached = answers(w, me.noticed)
        if reached < first.appointment and index_of(w, reached) + r.booster_notice <= first.day:
            until(w, p, reached, SOONER)
            return False
    attend(w, p, me.n_ahead, NONE, OF_SCHEDULE)
    return True


def _ask_for_sooner(w: World, p: int) -> bool:
    """Mirror the exchange of an appointment for an earlier one."""
    me = of.patients(w)[p]
    infusions = of.protocols(w)[me.protocol].booster_infusions
    sooner_boosters(w, p, of.ahead(w)[p, 0], infusions, me.noticed)
    attend(w, p, me.n_ahead, NONE, OF_SCHEDULE)
    return True
