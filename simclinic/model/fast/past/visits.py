"""Infusions of the past: mirrors `past/visits.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from simclinic.model.fast.past import arrays as of
from simclinic.model.fast.past.dates import (
    answers,
    first,
    following,
    index_of,
    later,
    midnight,
    plan_of,
    start,
    walk_in,
)
from simclinic.model.fast.past.state import ATTENDS, DELAY, REBOOKS, TURNED_AWAY
from simclinic.model.fast.philox import one
from simclinic.model.fast.state import DAY
from simclinic.past.codes import AHEAD, DONE, GAVE_UP, LEFT, NONE, UNSERVED
from simclinic.records import INDUCTION

Past = Any
Life = Any


def uniform(w: Past, stream: int, row: int, number: int, attempt: int) -> float:
    """Draw a uniform number of a patient, for this kind of visits: mirrors `PeopleOfMany.uniform`."""
    keys, replication = of.keys(w)[4 * of.rules(w)[0].kind + stream], of.which(w)[row]
    high, low = keys[2 * replication], keys[2 * replication + 1]
    identity = of.identity(w)
    u = one(high, low, identity[0, row], identity[1, row], np.uint64(number), np.uint64(attempt))
    return 1.0 - u if of.mirrored(w)[replication] else u


def delayed(w: Past, row: int, number: int) -> int:
    """Mirror `delayed`."""
    delay = of.rules(w)[0].delay
    return int(np.floor(delay + uniform(w, DELAY, row, number, 0))) if delay else 0


def attend(w: Past, me: Life, at: int) -> None:
    """Mirror `Visits._attend` for one patient, whose appointments are in a row of `ahead`."""
    r, ahead, last_day = of.rules(w)[0], of.ahead(w), -1
    while True:
        day, number = ahead[at, 0], me.given + 1
        plan = plan_of(w, me.protocol, number)
        moment = start(w, day, me.since, plan)
        moved = np.isnan(moment)  # a date that an earlier infusion had, which needs what is not there
        if moved:
            moment = later(midnight(w, day), me.since)
        if moment >= r.begins:
            me.end, me.moment = AHEAD, moment
            return
        if moved:
            me.since = answers(w, moment)
            _rebook(w, me, at, _earliest(w, me, day + 1, last_day))
            continue
        u = uniform(w, ATTENDS, me.row, number, me.missed)
        if u >= r.missed:
            last_day = day
            if _infuse(w, me, moment, plan):
                return
            me.since = me.last
            _shift(ahead, at)
            if ahead[at, 0] == NONE:
                _append(w, me, at, last_day)
            continue
        decided, earliest = moment, day
        if u >= r.no_show:
            decided, earliest = later(me.since, moment - r.cancel_notice), day + 1
        again = uniform(w, REBOOKS, me.row, number, me.missed) < r.rebooks
        me.missed += 1
        if not again:
            me.end, me.moment = GAVE_UP, decided
            return
        me.since = answers(w, decided)
        _rebook(w, me, at, _earliest(w, me, earliest, last_day))


def _earliest(w: Past, me: Life, day: int, last_day: int) -> int:
    """Mirror `Visits._earliest`."""
    return max(day, last_day + of.least(w)[me.protocol]) if last_day >= 0 else day


def _infuse(w: Past, me: Life, moment: float, plan: int) -> bool:
    """Mirror `Visits._infuse` for one patient; tell whether the run has ended."""
    end = moment + of.minutes(w)[plan]
    if of.rules(w)[0].kind == INDUCTION and me.given == 0:
        end += of.first_extra(w)[plan]
    if np.isnan(me.first):
        me.first = moment
    me.last = end
    me.given += 1
    me.missed = 0
    me.remaining -= 1
    if me.given == me.ends_after:
        me.end, me.moment = LEFT, end
        return True
    if me.remaining == 0:
        me.end, me.moment = DONE, end
        return True
    return False


def _append(w: Past, me: Life, at: int, last_day: int) -> None:
    """Mirror `Visits._append`."""
    me.since = answers(w, me.since)
    plan = plan_of(w, me.protocol, me.given + 1)
    of.ahead(w)[at, 0] = following(w, plan, me.protocol, last_day)


def _rebook(w: Past, me: Life, at: int, earliest: int) -> None:
    """Mirror `Visits._rebook`."""
    ahead = of.ahead(w)
    plan = plan_of(w, me.protocol, me.given + 1)
    found = first(w, max(earliest, index_of(w, me.since)), me.since, plan)
    then = ahead[at, 1] if ahead.shape[1] > 1 else NONE
    if then == NONE or found <= then - of.least(w)[me.protocol]:
        ahead[at, 0] = found
        return
    count = 0
    for k in range(ahead.shape[1]):
        count += ahead[at, k] != NONE
    last = ahead[at, count - 1]
    _shift(ahead, at)
    # Its plan is that of the missed infusion, as the desk books it.
    ahead[at, count - 1] = following(w, plan, me.protocol, last)


def walk(w: Past, me: Life) -> None:
    """Mirror `Visits._walk_in` for one patient."""
    r = of.rules(w)[0]
    while True:
        moment = walk_in(w, me.since)
        if moment >= r.begins:
            me.end, me.moment = AHEAD, moment
            return
        number = me.given + 1
        if r.turned_away and uniform(w, TURNED_AWAY, me.row, number, 0) < r.turned_away:
            me.end, me.moment = UNSERVED, moment
            return
        if _infuse(w, me, moment, plan_of(w, me.protocol, number)):
            return
        me.since = later(moment + of.preferred(w)[me.protocol] * DAY, me.last)


def _shift(ahead: Any, at: int) -> None:  # noqa: ANN401
    """Mirror `_shift`."""
    most = ahead.shape[1] - 1
    for k in range(most):
        ahead[at, k] = ahead[at, k + 1]
    ahead[at, most] = NONE
