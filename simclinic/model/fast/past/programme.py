"""The booster programme in the past: mirrors `past/programme.py`.

A patient's life stops where Python must draw what follows the next courses, or find the dates of a course first; it
goes on from there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simclinic.model.fast.past import arrays as of
from simclinic.model.fast.past.dates import answers, course, first, index_of, later, plan_of, start, walk_in
from simclinic.model.fast.past.state import BEGINS, ENDED, FOLLOWS, IS_DUE, REQUESTS
from simclinic.model.fast.past.visits import attend, delayed, walk
from simclinic.model.fast.state import DAY, INF, NAN, WEEK
from simclinic.past.codes import AHEAD, DONE, GAVE_UP

Past = Any
Life = Any


def as_needed(w: Past, me: Life, drawn: int) -> bool:
    """Mirror `Programme._as_needed`; False if dates must be found first.

    What follows the courses of the patient is in a row of `after_days`.
    """
    r = of.rules(w)[0]
    while me.phase != ENDED:
        if me.phase == FOLLOWS:
            at = me.course - r.first_course
            if at >= r.n_courses:
                return True
            days = of.after_days(w)[drawn, at] * DAY
            sustained, relapsed = days > r.follow_up, me.last + days
            if sustained:
                noticed = me.last + r.follow_up
            else:
                noticed = _noticed(w, me.last, relapsed, of.reports(w)[drawn, at])
            stays = me.course == 0 or not of.leaves(w)[drawn, at]
            if stays and noticed >= r.begins:
                me.stays = 1
            if not stays or sustained or noticed >= r.begins or (me.course == 0 and me.declines):
                me.phase = ENDED
                return True
            me.relapses += 1
            if me.course == 0:
                me.programme = noticed
            me.requested, me.relapsed = noticed, relapsed
            me.phase = REQUESTS
        if not _request(w, me):
            return False
    return True


def by_schedule(w: Past, me: Life, drawn: int) -> bool:
    """Mirror `Programme._by_schedule`; False if dates must be found first."""
    r = of.rules(w)[0]
    while me.phase != ENDED:
        if me.phase == REQUESTS:
            if not _request(w, me):
                return False
            continue
        at = me.course - r.first_course
        if at >= r.n_courses:
            return True
        if me.phase != IS_DUE:
            after = me.last + of.after_days(w)[drawn, at] * DAY
            me.at_once = of.reports(w)[drawn, at]
            if me.phase == BEGINS:
                me.programme, me.relapse = me.last, after
            elif me.relapse <= me.last:
                me.relapses += 1
                me.relapse = after
            else:  # a booster given before relapse can only postpone it
                me.relapse = later(me.relapse, after)
            me.phase = ENDED if me.phase == FOLLOWS and of.leaves(w)[drawn, at] else IS_DUE
        if me.phase == IS_DUE and not _come(w, me, me.last + of.weeks(w)[drawn, at] * WEEK):
            return False
    return True


def _come(w: Past, me: Life, due: float) -> bool:
    """Mirror `Programme._scheduled` and what follows it; False if dates must be found first."""
    r, noticed = of.rules(w)[0], INF
    if r.on_request:
        noticed = _noticed(w, me.last, me.relapse, me.at_once)
    if r.walks_in:
        since, sooner = min(due, noticed), noticed < due
        moment = walk_in(w, since)
    else:
        number = me.given + 1
        plan = plan_of(w, me.protocol, number)
        booked = answers(w, later(me.last, min(due - r.window * WEEK, noticed)))
        extra = delayed(w, me.row, number)
        day = first(w, index_of(w, later(due, booked)) + extra, booked, plan)
        reached = booked if noticed <= booked else answers(w, noticed)
        early = first(w, index_of(w, reached) + r.booster_notice + extra, reached, plan)
        sooner = reached < INF and (noticed <= booked or early < day)
        if not course(w, me.protocol, early if sooner else day, _remaining(w, me), number):
            return False
        since = reached if sooner else booked
        moment = start(w, of.ahead(w)[0, 0], since, plan)
    # The model books what is due itself, and looks ahead to the relapse; one that was noticed already has had its
    # effect.
    if moment < r.begins or noticed < r.begins:
        me.requested, me.relapsed, me.since = noticed if sooner else due, me.relapse, since
        _run(w, me)
    else:
        me.stays, me.phase = 1, ENDED
    return True


def _noticed(w: Past, last: float, relapsed: float, at_once: bool) -> float:
    """Mirror `Programme._noticed`."""
    if at_once or relapsed == INF:
        return relapsed
    every = of.rules(w)[0].check_in
    return later(relapsed, last + np.ceil((relapsed - last) / every) * every)


def _remaining(w: Past, me: Life) -> int:
    """Mirror `Programme._remaining`."""
    return int((me.course + 1) * of.rules(w)[0].infusions - me.given)


def _request(w: Past, me: Life) -> bool:
    """Mirror `Programme._request`; False if dates must be found first."""
    r = of.rules(w)[0]
    if r.walks_in:
        me.since = me.requested
        _run(w, me)
        return True
    asked = answers(w, me.requested)
    if asked >= r.begins:
        _ask(me)
        return True
    number = me.given + 1
    earliest = index_of(w, asked) + r.booster_notice + delayed(w, me.row, number)
    day = first(w, earliest, asked, plan_of(w, me.protocol, number))
    if not course(w, me.protocol, day, _remaining(w, me), number):
        return False
    me.since = asked
    _run(w, me)
    return True


def _ask(me: Life) -> None:
    """Mirror `States.ask`."""
    me.stays, me.phase = 1, ENDED
    me.asked, me.relapse = me.requested, me.relapsed


def _run(w: Past, me: Life) -> None:
    """Mirror `Programme._run`."""
    r = of.rules(w)[0]
    me.remaining, me.first = _remaining(w, me), NAN
    if r.walks_in:
        walk(w, me)
    else:
        attend(w, me, 0)
    me.phase = ENDED
    if me.end == DONE:
        waits = of.waits(w)
        waits[0, r.n_waits], waits[1, r.n_waits] = me.requested, me.last - me.requested
        r.n_waits += 1
        me.course += 1
        me.phase = FOLLOWS
    elif me.end == AHEAD:
        me.stays = 1
        me.appointment, me.relapse = me.moment, me.relapsed
    elif me.end == GAVE_UP:
        me.requested = me.last + (np.floor((me.moment - me.last) / r.check_in) + 1) * r.check_in
        if me.requested >= r.begins:
            _ask(me)
        else:
            me.phase = REQUESTS
