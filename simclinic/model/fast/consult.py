"""A patient's consult, where it is a visit: mirrors `model/consult.py`, with a state for every wait."""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.calendar import index_of, walk_in
from simclinic.model.fast.clock import later, until
from simclinic.model.fast.desk import book_consult, keep_consult, new_row
from simclinic.model.fast.infusions import ask, attend, leave
from simclinic.model.fast.plans import plan_of
from simclinic.model.fast.state import (
    ALL_GIVEN,
    ARRIVES,
    CONSULT_ANSWERED,
    CONSULTS,
    DECIDES,
    GONE,
    NAN,
    NONE,
    OF_CONSULT,
    READY,
    WALKS_TO_CONSULT,
)
from simclinic.records import BALKED, CONSULT, DECLINED, LEFT_UNSERVED, NO_CONSULT

World = Any


def _loses(w: World, p: int, reason: int) -> bool:
    """Let a patient leave before the first infusion."""
    leave(w, p, reason)
    of.patients(w)[p].state = GONE
    return True


def consulting(w: World, p: int) -> bool:
    """Mirror `consult` from one state to the next; False: the patient waits."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    if me.state == CONSULTS:
        if me.today >= 0:
            keep_consult(w, p)
            me.today = -1  # the series, if there is one, begins in the simulation
            attend(w, p, 1, NONE, OF_CONSULT)
            return True
        if not of.rules(w)[0].walks_in:
            return ask(w, p, CONSULT_ANSWERED)
        if of.episodes(w)[of.consult_row(w)[p]].n_misses > 0:
            return _loses(w, p, NO_CONSULT)
        me.when = walk_in(w, later(me.asked, c.now))
        me.state = WALKS_TO_CONSULT
        if me.when > c.now:
            until(w, p, me.when, WALKS_TO_CONSULT)
            return False
        return True
    if me.state == CONSULT_ANSWERED:
        if not book_consult(w, p):
            return _loses(w, p, LEFT_UNSERVED)
        attend(w, p, 1, NONE, OF_CONSULT)
        return True
    if me.state == WALKS_TO_CONSULT:
        me.seen = new_row(w, p, CONSULT, 1, 0, me.asked, NAN)
        v = of.visits(w)[me.seen]
        v.booked = v.appointment = me.when
        v.day = index_of(w, me.when)
        v.episode = of.consult_row(w)[p]
        v.plan = plan_of(w, me.protocol, CONSULT, 1)
        me.remaining, me.then = 1, OF_CONSULT
        me.state = ARRIVES
        return True
    if not of.accepts(w)[p]:
        return _loses(w, p, DECLINED)
    me.ready = c.now
    me.state = READY
    return True


def consult_ends(w: World, p: int) -> bool:
    """Mirror `consult` after the visit."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    if of.visits(w)[me.seen].outcome == BALKED:
        return _loses(w, p, LEFT_UNSERVED)
    if me.end != ALL_GIVEN:
        return _loses(w, p, NO_CONSULT)
    me.consulted = c.now
    me.state = DECIDES
    minutes = of.decides(w)[p]
    if minutes > 0.0:
        until(w, p, c.now + minutes, DECIDES)
        return False
    return True
