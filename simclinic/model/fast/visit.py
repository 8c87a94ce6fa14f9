"""One visit: mirrors `model/visit.py`, with a state for every wait."""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.calendar import opens_again
from simclinic.model.fast.clock import push, until
from simclinic.model.fast.pools import (
    EYES_POOL,
    HANDS_POOL,
    give_back_chair,
    give_back_chair_at,
    give_back_eyes_at,
    give_back_nurse,
    note_patience,
    take_chair,
    take_nurse,
    wait_for_chair,
    wait_for_nurse,
)
from simclinic.model.fast.state import (
    ARRIVES,
    BEGINS,
    CHAIR,
    CLEAN_UP,
    DEPARTS,
    DOORS_OPEN,
    EYES,
    HANDS,
    INF,
    NO_NURSE,
    NONE,
    SERVED,
    STEP,
    STEP_ENDS,
)
from simclinic.model.fast.team import patient_leaves
from simclinic.records import BALKED, COMPLETED

World = Any


def visit(w: World, p: int) -> bool:
    """Mirror `visit` from one state to the next; False: the patient waits."""
    me = of.patients(w)[p]
    state = me.state
    if state == STEP:
        return _step(w, p)
    if state == STEP_ENDS:
        return _step_ends(w, p)
    if state == BEGINS:
        return _begins(w, p)
    if state == ARRIVES:
        return _arrives(w, p)
    if state == DEPARTS:
        return _departs(w, p)
    if state == DOORS_OPEN:
        me.now = of.clinic(w)[0].now
        me.state = STEP
        return True
    if state == CHAIR:
        return _chair_comes(w, p)
    return _nurse_comes(w, p)


def _arrives(w: World, p: int) -> bool:
    """Come in; before opening, wait for it."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    v = of.visits(w)[me.seen]
    of.teams(w)[0].inside += 1
    v.arrived = c.now
    me.now = c.now
    me.step = me.watched = me.seated = me.begun = 0
    day = of.days(w)[v.day]
    opening = day.opening if day.is_open else -INF
    if c.now > opening and day.n_pauses > 0:
        opening = opens_again(w, v.day, c.now)
    if c.now <= opening:
        until(w, p, opening, DOORS_OPEN)
        return False
    me.state = STEP
    return True


def _step(w: World, p: int) -> bool:
    """Take what a step needs, or wait for it."""
    c, r, me = of.clinic(w)[0], of.rules(w)[0], of.patients(w)[p]
    if me.step >= r.n_script:
        me.state = DEPARTS
        return True
    s = of.script(w)[me.step]
    v = of.visits(w)[me.seen]
    if s.chair and me.seated == 0:
        number = take_chair(w, 0)
        if number == 0:
            if me.watched:
                give_back_nurse(w, EYES_POOL, me.watched)
                me.watched = 0
            me.state = CHAIR
            if r.waiting_room != NONE and of.places(w)[0].waiting >= r.waiting_room:
                me.news = 0
                return True
            wait_for_chair(w, 0, of.line_of(w)[0, v.kind], me.seen)
            if r.has_patience:
                note_patience(w, me.seen, c.now + of.episodes(w)[v.episode].patience)
            return False
        me.seated = number
        v.chair = number
        v.chair_from = me.now
    return _ask_for_nurse(w, p)


def _ask_for_nurse(w: World, p: int) -> bool:
    """Take the nurse whom a step needs, or wait for one."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    s = of.script(w)[me.step]
    begun = me.begun != 0
    me.state = BEGINS
    if s.hands:
        if not take_nurse(w, HANDS_POOL, 1, begun):
            wait_for_nurse(w, HANDS_POOL, 1, begun, p << 1)
            me.state = HANDS
            return False
        if me.watched:
            give_back_nurse(w, EYES_POOL, me.watched)
            me.watched = 0
    elif s.eyes > me.watched:
        if me.watched:
            give_back_nurse(w, EYES_POOL, me.watched)
        me.watched = s.eyes
        if not take_nurse(w, EYES_POOL, s.eyes, begun):
            wait_for_nurse(w, EYES_POOL, s.eyes, begun, p << 1)
            me.state = EYES
            return False
    elif s.eyes < me.watched:
        give_back_eyes_at(w, EYES_POOL, me.now, me.watched - s.eyes)
        me.watched = s.eyes
    elif not begun and of.teams(w)[0].between:
        of.relief(w)[c.n_relief] = p
        c.n_relief += 1
        me.state = NO_NURSE
        return False
    return True


def _chair_comes(w: World, p: int) -> bool:
    """Sit down after the wait for a chair, or leave without one."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    v = of.visits(w)[me.seen]
    v.wait_chair = c.now - me.now
    me.now = c.now
    if me.news == 0:
        _depart(w, p, BALKED)
        me.state = SERVED
        return True
    me.seated = me.news
    v.chair = me.news
    v.chair_from = me.now
    return _ask_for_nurse(w, p)


def _nurse_comes(w: World, p: int) -> bool:
    """Begin the step after the wait for a nurse."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    v = of.visits(w)[me.seen]
    if me.state == EYES:
        v.wait_eyes += c.now - me.now
    else:
        v.wait_hands += c.now - me.now
    me.now = c.now
    if me.state == HANDS and me.watched:
        give_back_nurse(w, EYES_POOL, me.watched)
        me.watched = 0
    me.state = BEGINS
    return True


def start_step(w: World, row: int, moment: float) -> None:
    """Note the start of the next step."""
    v = of.visits(w)[row]
    of.starts(w)[row, v.n_starts] = moment
    v.n_starts += 1


def _begins(w: World, p: int) -> bool:
    """Begin a step."""
    me = of.patients(w)[p]
    if me.begun == 0:
        of.teams(w)[0].begun += 1
        me.begun = 1
    start_step(w, me.seen, me.now)
    me.now += of.lengths(w)[of.visits(w)[me.seen].episode, me.step]
    if of.script(w)[me.step].flows_on:
        me.state = STEP_ENDS
        return True
    until(w, p, me.now, STEP_ENDS)
    return False


def _step_ends(w: World, p: int) -> bool:
    """End a step."""
    me = of.patients(w)[p]
    s = of.script(w)[me.step]
    if s.hands:
        give_back_nurse(w, HANDS_POOL, 1)
    if s.frees_chair:
        give_back_chair(w, 0, me.seated)
    me.step += 1
    me.state = STEP
    return True


def _depart(w: World, p: int, outcome: int) -> None:
    """Mirror `_depart`."""
    me = of.patients(w)[p]
    v = of.visits(w)[me.seen]
    v.decided = of.clinic(w)[0].now
    v.outcome = outcome
    patient_leaves(w, 0, me.begun != 0)


def _departs(w: World, p: int) -> bool:
    """Leave after the last step; clean up."""
    r, me = of.rules(w)[0], of.patients(w)[p]
    if me.watched:
        give_back_nurse(w, EYES_POOL, me.watched)
    _depart(w, p, COMPLETED)
    row = me.seen
    v = of.visits(w)[row]
    me.state = SERVED
    if r.after_needs_nurse:
        v.clean_step, v.clean_phase = r.n_script, 0
        clean_up(w, row)
        return True
    moment = me.now
    for k in range(r.n_script, r.n_steps):
        start_step(w, row, moment)
        moment += of.lengths(w)[v.episode, k]
        if of.script(w)[k].frees_chair:
            give_back_chair_at(w, 0, moment, me.seated)
    return True


def clean_up(w: World, row: int) -> None:
    """Mirror `_clean_up`. Phases: 0 ask for hands, 1 ask for eyes, 2 begin, 3 ended."""
    c, r, v = of.clinic(w)[0], of.rules(w)[0], of.visits(w)[row]
    while v.clean_step < r.n_steps:
        s = of.script(w)[v.clean_step]
        if v.clean_phase == 0:
            v.clean_phase = 1
            if s.hands and not take_nurse(w, HANDS_POOL, 1, False):
                wait_for_nurse(w, HANDS_POOL, 1, False, (row << 1) | 1)
                return
        if v.clean_phase == 1:
            v.clean_phase = 2
            if s.eyes and not take_nurse(w, EYES_POOL, s.eyes, False):
                wait_for_nurse(w, EYES_POOL, s.eyes, False, (row << 1) | 1)
                return
        if v.clean_phase == 2:
            start_step(w, row, c.now)
            v.clean_phase = 3
            push(w, c.now + of.lengths(w)[v.episode, v.clean_step], 1, CLEAN_UP, row)
            return
        if s.hands:
            give_back_nurse(w, HANDS_POOL, 1)
        if s.eyes:
            give_back_nurse(w, EYES_POOL, s.eyes)
        if s.frees_chair:
            give_back_chair(w, 0, int(v.chair))
        v.clean_phase = 0
        v.clean_step += 1
