"""A patient's pathway through the clinic: mirrors `model/pathway.py`."""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.any_visit import any_visit
from simclinic.model.fast.calendar import index_of
from simclinic.model.fast.clock import later
from simclinic.model.fast.consult import consult_ends, consulting
from simclinic.model.fast.desk import book_rest, book_series, may_begin_series
from simclinic.model.fast.infusions import ask, attend, attending, leave, walk, walking
from simclinic.model.fast.programme import programme, run_programme
from simclinic.model.fast.standby import hope
from simclinic.model.fast.state import (
    ALL_GIVEN,
    ARRIVES,
    AT_DESK,
    COME,
    CONSULTING,
    CONSULTS,
    DAY,
    DECIDES,
    DEPARTS,
    FOLLOWS,
    GAVE_UP,
    GONE,
    HELD,
    HOPES,
    LEFT,
    MAINTAINED,
    NAN,
    NEEDS_ROOM,
    NONE,
    OF_CONSULT,
    PROGRAMME,
    READY,
    RUN_ENDS,
    SERIES,
    SERVED,
    WAITING,
    WALK,
    WALKS_IN,
    WALKS_TO_CONSULT,
)
from simclinic.model.fast.visit import visit
from simclinic.records import DROPPED_OUT, INDUCTION, LEFT_UNSERVED, NO_RESPONSE

World = Any


def go_on(w: World, p: int) -> bool:
    """Run a pathway to its next wait; False if Python must do something first: see `need`."""
    c, r = of.clinic(w)[0], of.rules(w)[0]
    entries = c.heap_n + c.cleaning_n + c.lighter_n + 64
    if c.n_visits + 2 * r.width + 2 > len(of.visits(w)) or entries > len(of.heap_time(w)):
        c.need, c.need_who = NEEDS_ROOM, p
        return False
    me = of.patients(w)[p]
    while True:
        state = me.state
        if ARRIVES <= state <= DEPARTS:
            goes_on = any_visit(w, p) if r.wide else visit(w, p)
        elif COME <= state <= FOLLOWS or state == SERVED:
            goes_on = attending(w, p)
        elif WALK <= state <= WALKS_IN:
            goes_on = walking(w, p)
        elif CONSULTS <= state <= DECIDES or state == WALKS_TO_CONSULT:
            goes_on = consulting(w, p)
        elif state == RUN_ENDS and me.then == OF_CONSULT:
            goes_on = consult_ends(w, p)
        elif state <= HOPES or (state == RUN_ENDS and me.then == SERIES):
            goes_on = _series(w, p)
        elif state == GONE:
            goes_on = False
        else:
            goes_on = run_programme(w, p)
        if not goes_on:
            return bool(c.need == 0)


def _series(w: World, p: int) -> bool:
    """Mirror `pathway` and `pathway_from_today` from one state to the next."""
    me = of.patients(w)[p]
    if me.state == READY:
        return _begin(w, p)
    if me.state == AT_DESK:
        me.news = 1
        if not may_begin_series(w, p):
            me.state = HELD
            return False
        me.state = HELD
        return True
    if me.state == HELD:
        if me.news == 0 or not book_series(w, p):
            return _hopes(w, p, me.news)
        attend(w, p, of.protocols(w)[me.protocol].infusions, NONE, SERIES)
        return True
    if me.state == HOPES:
        if me.news == 0:
            return _hopes(w, p, 0)
        attend(w, p, of.protocols(w)[me.protocol].infusions, NONE, SERIES)
        return True
    if not of.rules(w)[0].walks_in:
        of.clinic(w)[0].in_series -= 1
    return _after_series(w, p)


def _hopes(w: World, p: int, may: int) -> bool:
    """Wait for a series on the standby list, or go elsewhere."""
    me = of.patients(w)[p]
    if may and of.can_come(w)[p]:
        hope(w, p)
        me.state = HOPES
        return False
    leave(w, p, LEFT_UNSERVED)
    me.state = GONE
    return True


def _begin(w: World, p: int) -> bool:
    """Begin the pathway of a new patient, or go on with that of one who is there."""
    me = of.patients(w)[p]
    if me.today >= 0:
        t = of.initial(w)[me.today]
        if t.stage == MAINTAINED:
            me.state = PROGRAMME
            return True
        if t.stage != CONSULTING and (t.stage != WAITING or t.has_appointment):
            return _rest_of_series(w, p)
    if me.ready != me.ready:
        me.state = CONSULTS
        return True
    if of.rules(w)[0].walks_in:
        walk(w, p, INDUCTION, me.ready, NAN, 0, False, SERIES)
        return True
    return ask(w, p, AT_DESK)


def _rest_of_series(w: World, p: int) -> bool:
    """Mirror `_rest_of_series`."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    t, q = of.initial(w)[me.today], of.protocols(w)[me.protocol]
    if me.given > 0 and of.ends_after(w)[p] == me.given:
        leave(w, p, of.end_reason(w)[p])
        me.end = LEFT
        return _after_series(w, p)
    remaining = q.infusions - me.given
    if of.rules(w)[0].walks_in:
        if t.has_appointment:
            when = t.appointment
        else:
            if q.n_preferred == 0:
                c.error = 1
                return False
            when = t.last + of.preferred(w)[me.protocol, 0] * DAY
        walk(w, p, INDUCTION, later(when, c.now), NAN, 0, False, SERIES)
        return True
    book_rest(w, p, remaining)
    attend(w, p, remaining, index_of(w, t.last) if me.given > 0 else NONE, SERIES)
    return True


def _after_series(w: World, p: int) -> bool:
    """Mirror `_after_series`."""
    me = of.patients(w)[p]
    if me.given > 0:
        me.series_ended = of.clinic(w)[0].now
    if me.end == GAVE_UP:
        leave(w, p, DROPPED_OUT)
    if me.end != ALL_GIVEN:
        me.state = GONE
        return True
    if not of.responder(w)[p]:
        leave(w, p, NO_RESPONSE)
        me.state = GONE
        return True
    me.today = -1  # the programme begins now, not before the simulation
    programme(w, p)
    return True
