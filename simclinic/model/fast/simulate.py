"""One run of the clock: mirrors `model/simulate.py` and `Clock.run_to`.

Three conditions end it: the end of the time, random inputs or room that Python must provide, and a clinic that the
engine refuses. After the second it goes on where it was.
"""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.any_visit import clean
from simclinic.model.fast.clock import pop, push
from simclinic.model.fast.days import run_days
from simclinic.model.fast.pathway import go_on
from simclinic.model.fast.pools import free_chair, give_back_nurse, lose_patience
from simclinic.model.fast.staff import amount_of, next_arrived, pool_of
from simclinic.model.fast.standby import offer, wake
from simclinic.model.fast.state import (
    ARRIVALS,
    ARRIVE,
    CLEAN_UP,
    CONSULTING,
    DAYS,
    FINISHED,
    FREE_CHAIR,
    FREE_EYES,
    HAS_TURN,
    LIFE,
    LOSE_PATIENCE,
    NAN,
    NEEDS_ROOM,
    OFFER,
    READY,
    RECOUNT,
    REFUSED,
    RELIEF,
    SETTLE,
    STOP,
    TURN,
    WAKE,
)
from simclinic.model.fast.team import recount
from simclinic.model.fast.visit import clean_up

World = Any

_BEGINS, _RESUMES, _ARRIVES, _RUNS = range(4)


def run(w: World) -> int:
    """Mirror `run`, from the beginning or from where it stopped; return what ended it."""
    c = of.clinic(w)[0]
    if c.need:
        c.need = 0
        if c.need_who >= 0 and not go_on(w, c.need_who):
            return int(c.need)
    if c.phase == _BEGINS:
        run_days(w)
        c.phase = _RESUMES
    if c.phase == _RESUMES:
        if not _resume(w):
            return int(c.need)
        c.phase = _ARRIVES
        c.arriving = 1
    if c.arriving and not _arrivals(w):
        return int(c.need)
    if c.phase == _ARRIVES:
        push(w, c.end, -1, STOP, 0)
        c.phase = _RUNS
    return _run_to_end(w)


def _resume(w: World) -> bool:
    """Mirror `resume`; False if Python must do something first."""
    c = of.clinic(w)[0]
    initial = of.initial(w)
    while c.next_initial < len(initial):
        t = initial[c.next_initial]
        p = t.row
        me = of.patients(w)[p]
        me.today = c.next_initial
        c.next_initial += 1
        me.protocol, me.ready = t.protocol, t.ready
        me.given, me.boosters, me.missed, me.relapses = t.given, t.boosters, t.missed, t.relapses
        me.last_visit_end = t.last
        me.first_infusion, me.series_ended = t.first_infusion, t.series_ended
        me.last_infusion, me.programme = t.last_infusion, t.programme
        if t.stage == CONSULTING:
            me.asked = t.requested
        of.lived(w)[c.n_lived] = p
        c.n_lived += 1
        me.state = READY
        if not go_on(w, p):
            return False
    return True


def _arrivals(w: World) -> bool:
    """Mirror `arrivals`, up to its next wait; False if Python must do something first."""
    c = of.clinic(w)[0]
    coming, ready = of.coming(w), of.ready(w)
    while c.next_arrival < len(coming):
        k = c.next_arrival
        if ready[k] > c.now:
            c.arriving = 0
            push(w, ready[k], 1, ARRIVALS, 0)
            return True
        p = coming[k]
        me = of.patients(w)[p]
        me.protocol, me.ready, me.today = of.protocol(w)[k], ready[k], -1
        if of.consult_row(w)[p] >= 0:
            me.asked, me.ready = ready[k], NAN
        of.lived(w)[c.n_lived] = p
        c.n_lived += 1
        c.next_arrival = k + 1
        me.state = READY
        if not go_on(w, p):
            return False
    c.arriving = 0
    return True


def _relieve(w: World) -> None:
    """Let the patients go on who have waited for the next shift."""
    c = of.clinic(w)[0]
    n = c.n_relief
    c.n_relief = 0
    for k in range(n):
        if not go_on(w, of.relief(w)[k]):
            c.error = 1  # within a visit nothing is needed


def _call(w: World, role: int, n: int) -> None:
    """Let those go on who have waited for somebody of a role to come on duty."""
    for _ in range(n):
        who = next_arrived(w, role)
        if who & 1:
            clean(w, who >> 1)
        elif not go_on(w, who >> 1):
            of.clinic(w)[0].error = 1  # within a visit nothing is needed


def _run_to_end(w: World) -> int:  # noqa: C901 (a list of events)
    """Mirror `Clock.run_to`."""
    c, r = of.clinic(w)[0], of.rules(w)[0]
    while True:
        if c.error or c.events > r.most_events:
            return REFUSED
        listed = c.n_movable + c.n_hoping  # each of them may be given a start when one comes free
        entries = c.heap_n + c.cleaning_n + c.lighter_n + r.simulated + 2 * listed + 4096
        if entries > len(of.heap_time(w)) or c.n_visits + (listed + 2) * r.width + 2 > len(of.visits(w)):
            c.need, c.need_who = NEEDS_ROOM, -1
            return NEEDS_ROOM
        what = pop(w)
        c.events += 1
        kind, who = what & 15, what >> 4
        if kind == LIFE:
            if not go_on(w, who):
                return int(c.need)
        elif kind == DAYS:
            run_days(w)
        elif kind == ARRIVALS:
            c.arriving = 1
            if not _arrivals(w):
                return int(c.need)
        elif kind == CLEAN_UP:
            if r.wide:
                clean(w, who)
            else:
                clean_up(w, who)
        elif kind == TURN:
            p = of.visits(w)[who].patient
            me = of.patients(w)[p]
            if (me.state in (HAS_TURN, SETTLE)) and me.seen == who and not go_on(w, p):
                return int(c.need)
        elif kind == FREE_CHAIR:
            free_chair(w, who)
        elif kind == FREE_EYES:
            give_back_nurse(w, pool_of(who), amount_of(who))
        elif kind == LOSE_PATIENCE:
            lose_patience(w, who)
        elif kind == RELIEF:
            if who == 0:
                _relieve(w)
        elif kind == RECOUNT:
            recount(w, who)
        elif kind == WAKE:
            wake(w, who)
        elif kind == OFFER:
            offer(w)
        elif kind == ARRIVE:
            _call(w, pool_of(who), amount_of(who))
        elif kind == STOP:
            return FINISHED
