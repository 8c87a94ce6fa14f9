"""A visit in a clinic with several types of visit, roles or places: mirrors `model/any_visit.py`.

The steps without the patient that follow in a place are the bits of a number, and so are the roles besides the
nurses that a visit needs still. What the patient is watched by is the eyes of one of its steps.
"""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.calendar import opens_again
from simclinic.model.fast.clock import push, until
from simclinic.model.fast.pools import (
    give_back_chair,
    give_back_chair_at,
    give_back_eyes_at,
    give_back_nurse,
    note_patience,
    take_chair,
    wait_for_chair,
)
from simclinic.model.fast.staff import begin_taking, give_back_claims, take_claims, take_staff
from simclinic.model.fast.state import (
    ARRIVES,
    BEGINS,
    CHAIR,
    CLEAN_UP,
    DEPARTS,
    DOORS_OPEN,
    HANDS,
    INF,
    NAN,
    NO_NURSE,
    NONE,
    SERVED,
    STEP,
    STEP_ENDS,
)
from simclinic.model.fast.team import patient_leaves
from simclinic.records import BALKED, COMPLETED

World = Any

_NEXT, _TAKES, _ENDS = range(3)  # what cleaning does next


def any_visit(w: World, p: int) -> bool:
    """Mirror `any_visit` from one state to the next; False: the patient waits."""
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
    if state == CHAIR:
        return _place_comes(w, p)
    if state == HANDS:
        return _takes(w, p)
    now = of.clinic(w)[0].now
    if state == NO_NURSE:
        of.visits(w)[me.seen].wait_hands += now - me.now
        me.now = now
        return _ask_for_staff(w, p)
    me.now = now  # the doors open
    me.state = STEP
    return True


def _planned(w: World, row: int, number: int) -> Any:  # noqa: ANN401
    """Return a step of a visit."""
    return of.plan_steps(w)[of.plans(w)[of.visits(w)[row].plan].first_step + number]


def _length(w: World, row: int, number: int) -> float:
    """Return the minutes of a step; NaN: the visit does not have it."""
    return float(of.lengths(w)[of.visits(w)[row].episode, number])


# -- coming and going -----------------------------------------------------------------------------------------


def _roles_needed(w: World, row: int) -> int:
    """Mirror `_needed`: the roles besides the nurses that a visit needs."""
    plan, others = of.plans(w)[of.visits(w)[row].plan], of.others(w)
    found = 0
    for k in range(plan.others, plan.others + plan.n_others):
        length = _length(w, row, others[k, 0])
        if length == length:
            found |= 1 << others[k, 1]
    return int(found)


def _last_need(w: World, row: int, role: int) -> int:
    """Return the last step of a visit that needs a role."""
    plan, others = of.plans(w)[of.visits(w)[row].plan], of.others(w)
    last = -1
    for k in range(plan.others, plan.others + plan.n_others):
        if others[k, 1] == role:
            length = _length(w, row, others[k, 0])
            if length == length:
                last = others[k, 0]
    return int(last)


def _roles_leave(w: World, p: int, number: int) -> None:
    """Let the roles go that no step after a number needs, in the order in which the steps name them."""
    me = of.patients(w)[p]
    plan, others = of.plans(w)[of.visits(w)[me.seen].plan], of.others(w)
    for k in range(plan.others, plan.others + plan.n_others):
        role = others[k, 1]
        length = _length(w, me.seen, others[k, 0])
        if length == length and (me.needed >> role) & 1 and _last_need(w, me.seen, role) <= number:
            me.needed &= ~(1 << role)
            patient_leaves(w, role, me.begun != 0)


def expect(w: World, p: int) -> None:
    """Mirror `expect`."""
    row = of.patients(w)[p].seen
    of.visits(w)[row].expected = 1
    needed = _roles_needed(w, row)
    for role in range(1, of.rules(w)[0].n_roles):
        if (needed >> role) & 1:
            of.teams(w)[role].inside += 1


def _arrives(w: World, p: int) -> bool:
    """Come in; before opening, wait for it."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    v = of.visits(w)[me.seen]
    me.step = me.seated = me.begun = me.had_place = me.cleaning = me.n_watched = me.lobby = 0
    me.place = -1
    me.needed = _roles_needed(w, me.seen)
    of.teams(w)[0].inside += 1
    if not v.expected:
        for role in range(1, of.rules(w)[0].n_roles):
            if (me.needed >> role) & 1:
                of.teams(w)[role].inside += 1
    v.arrived = c.now
    me.now = c.now
    day = of.days(w)[v.day]
    opening = day.opening if day.is_open else -INF
    if c.now > opening and day.n_pauses > 0:
        opening = opens_again(w, v.day, c.now)
    if c.now <= opening:
        until(w, p, opening, DOORS_OPEN)
        return False
    me.state = STEP
    return True


def _depart(w: World, p: int, outcome: int) -> None:
    """Mirror `_Visit.depart`."""
    me = of.patients(w)[p]
    v = of.visits(w)[me.seen]
    v.decided = of.clinic(w)[0].now
    v.outcome = outcome
    patient_leaves(w, 0, me.begun != 0)
    if me.needed:
        _roles_leave(w, p, of.plans(w)[v.plan].n_steps)


def _departs(w: World, p: int) -> bool:
    """Leave after the last step."""
    me = of.patients(w)[p]
    if me.cleaning == 0:
        _leave_place(w, p, me.now)
    _stop_watching(w, p)
    _depart(w, p, COMPLETED)
    _leave_place(w, p, me.now)
    me.state = SERVED
    return True


# -- steps ----------------------------------------------------------------------------------------------------


def _step(w: World, p: int) -> bool:
    """Go to the next step of the patient, and take its place, or wait for that."""
    c, r, me = of.clinic(w)[0], of.rules(w)[0], of.patients(w)[p]
    row = me.seen
    v = of.visits(w)[row]
    if me.step >= of.plans(w)[v.plan].n_steps:
        me.state = DEPARTS
        return True
    s = _planned(w, row, me.step)
    length = _length(w, row, me.step)
    if length != length or not s.patient:
        if length == length and (s.place == -1 or s.place == me.place):
            me.cleaning |= 1 << me.step
        me.step += 1
        return True
    if s.place != me.place:
        if s.place < 0:
            _leave_place(w, p, me.now)
        else:
            if not r.keeps_place:
                _leave_place(w, p, me.now)
            number = take_chair(w, s.place)
            if number == 0:
                _stop_watching(w, p)
                me.state = CHAIR
                if not me.had_place and r.waiting_room != NONE and c.in_the_room >= r.waiting_room:
                    me.news = me.lobby = 0
                    return True
                wait_for_chair(w, s.place, of.line_of(w)[v.plan, v.kind], row)
                if r.has_patience and not me.had_place:
                    note_patience(w, row, c.now + of.episodes(w)[v.episode].patience)
                me.lobby = 1 if me.place < 0 else 0
                c.in_the_room += me.lobby
                return False
            _sit(w, p, s.place, number, me.now)
    return _ask_for_nurses(w, p)


def _place_comes(w: World, p: int) -> bool:
    """Change to a place after the wait for it, or leave without one."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    row = me.seen
    place = _planned(w, row, me.step).place
    c.in_the_room -= me.lobby
    if place == 0:
        of.visits(w)[row].wait_chair = c.now - me.now
    else:
        of.place_waits(w)[row, place - 1] = c.now - me.now
    if me.news == 0:
        _depart(w, p, BALKED)
        me.state = SERVED
        return True
    _sit(w, p, place, me.news, c.now)
    me.now = c.now
    return _ask_for_nurses(w, p)


def _ask_for_nurses(w: World, p: int) -> bool:
    """Wait for the nurses of the next shift, if the visit begins only when they are there."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    if me.begun == 0 and of.teams(w)[0].between and _planned(w, me.seen, me.step).after_nurses:
        of.relief(w)[c.n_relief] = p
        c.n_relief += 1
        me.state = NO_NURSE
        return False
    return _ask_for_staff(w, p)


def _ask_for_staff(w: World, p: int) -> bool:
    """Take what the step claims, or wait for it."""
    me = of.patients(w)[p]
    s = _planned(w, me.seen, me.step)
    eyes = s.claim + s.n_hands
    more = s.n_eyes > 0 and (me.n_watched == 0 or _is_closer(w, eyes, s.n_eyes, me.watched, me.n_watched))
    me.state = BEGINS
    if s.n_hands > 0 or more or s.n_sites > 0:
        wanted = s.n_hands + s.n_eyes if more else s.n_hands
        if more:
            _stop_watching(w, p)
        if s.n_sites > 0 or not take_claims(w, s.claim, wanted, me.begun != 0):
            begin_taking(me, s.claim, wanted, s.site, s.n_sites)
            me.state = HANDS
            return True
        if more:
            me.watched, me.n_watched = eyes, s.n_eyes
    return True


def _takes(w: World, p: int) -> bool:
    """Wait for all that the step claims."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    if not take_staff(w, me, p << 1):
        return False
    v, s = of.visits(w)[me.seen], _planned(w, me.seen, me.step)
    if s.n_hands > 0 or s.n_sites > 0:
        v.wait_hands += c.now - me.now
    else:
        v.wait_eyes += c.now - me.now
    me.now = c.now
    if me.n_claims > s.n_hands:
        me.watched, me.n_watched = s.claim + s.n_hands, s.n_eyes
    me.state = BEGINS
    return True


def _begins(w: World, p: int) -> bool:
    """Begin a step."""
    me = of.patients(w)[p]
    row = me.seen
    s = _planned(w, row, me.step)
    eyes = s.claim + s.n_hands
    if me.n_watched > 0 and (s.n_eyes == 0 or me.watched != eyes):
        _watch_less(w, p, eyes, s.n_eyes)
    if me.begun == 0:
        me.begun = 1
        of.teams(w)[0].begun += 1
        for role in range(1, of.rules(w)[0].n_roles):
            if (me.needed >> role) & 1:
                of.teams(w)[role].begun += 1
    of.starts(w)[row, me.step] = me.now
    me.now += _length(w, row, me.step)
    if s.flows_on:
        me.state = STEP_ENDS
        return True
    until(w, p, me.now, STEP_ENDS)
    return False


def _step_ends(w: World, p: int) -> bool:
    """End a step."""
    me = of.patients(w)[p]
    s = _planned(w, me.seen, me.step)
    if s.n_hands > 0:
        give_back_claims(w, s.claim, s.n_hands)
    if me.needed:
        _roles_leave(w, p, me.step)
    me.step += 1
    me.state = STEP
    return True


# -- watching -------------------------------------------------------------------------------------------------


def _shares_of(w: World, claim: int, n: int, pool: int) -> int:
    """Mirror `_shares`."""
    claims = of.claims(w)
    for k in range(claim, claim + n):
        if claims[k, 0] == pool:
            return int(claims[k, 1])
    return 0


def _is_closer(w: World, eyes: int, n: int, watched: int, n_watched: int) -> bool:
    """Mirror `_is_closer`."""
    claims = of.claims(w)
    closer = False
    for k in range(eyes, eyes + n):
        closer = closer or claims[k, 1] > _shares_of(w, watched, n_watched, claims[k, 0])
    return closer


def _watch_less(w: World, p: int, eyes: int, n: int) -> None:
    """Mirror `_Visit.watch_less`."""
    me, claims = of.patients(w)[p], of.claims(w)
    later = me.now > of.clinic(w)[0].now
    for k in range(me.watched, me.watched + me.n_watched):
        less = claims[k, 1] - _shares_of(w, eyes, n, claims[k, 0])
        if less != 0 and later:
            give_back_eyes_at(w, claims[k, 0], me.now, less)
        elif less != 0:
            give_back_nurse(w, claims[k, 0], less)
    me.watched, me.n_watched = eyes, n


def _stop_watching(w: World, p: int) -> None:
    """Mirror `_Visit.stop_watching`."""
    me, claims = of.patients(w)[p], of.claims(w)
    for k in range(me.watched, me.watched + me.n_watched):
        give_back_nurse(w, claims[k, 0], claims[k, 1])
    me.n_watched = 0


# -- places ---------------------------------------------------------------------------------------------------


def _sit(w: World, p: int, place: int, number: int, now: float) -> None:
    """Mirror `_Visit._sit`."""
    me = of.patients(w)[p]
    if of.rules(w)[0].keeps_place:
        _leave_place(w, p, now)
    me.place, me.seated, me.had_place = place, number, 1
    v = of.visits(w)[me.seen]
    if place == 0:
        v.chair, v.chair_from = number, now
    else:
        stay = of.stays(w)[me.seen]
        at = 3 * (place - 1)
        stay[at], stay[at + 1], stay[at + 2] = number, now, NAN


def _note_left(w: World, row: int, place: int, moment: float) -> None:
    """Mirror `_Visit._note_left`."""
    if place == 0:
        of.visits(w)[row].chair_until = moment
    else:
        of.stays(w)[row, 3 * (place - 1) + 2] = moment


def _leave_place(w: World, p: int, now: float) -> None:
    """Mirror `_Visit.leave_place`."""
    c, me = of.clinic(w)[0], of.patients(w)[p]
    row, numbers, place, seat = me.seen, me.cleaning, me.place, me.seated
    me.place = -1
    if numbers == 0:
        if place >= 0:
            give_back_chair(w, place, seat)
            _note_left(w, row, place, now)
        return
    me.cleaning = 0
    last, needs_staff = -1, False
    for number in range(of.plans(w)[of.visits(w)[row].plan].n_steps):
        if (numbers >> number) & 1:
            s = _planned(w, row, number)
            needs_staff = needs_staff or s.needs_staff != 0
            if place >= 0 and s.place == place:
                last = number
    if not needs_staff:
        _clean_alone(w, row, numbers, place, seat, last)
        return
    k = c.free_cleaner - 1
    if k >= 0:
        c.free_cleaner = of.cleaners(w)[k].following
    elif c.n_cleaners < len(of.cleaners(w)):
        k = c.n_cleaners
        c.n_cleaners += 1
    else:
        c.error = 1
        return
    t = of.cleaners(w)[k]
    t.row, t.place, t.seat, t.steps, t.last = row, place, seat, numbers, last
    t.phase, t.begun = _NEXT, 0
    if place >= 0 and last < 0:
        give_back_chair(w, place, seat)
        _note_left(w, row, place, c.now)
    clean(w, k)


def _clean_alone(w: World, row: int, numbers: int, place: int, seat: int, last: int) -> None:
    """Mirror `_Visit._clean_alone`."""
    now = of.clinic(w)[0].now
    free = now
    for number in range(of.plans(w)[of.visits(w)[row].plan].n_steps):
        if (numbers >> number) & 1:
            of.starts(w)[row, number] = now
            now += _length(w, row, number)
            if number == last:
                free = now
    if place >= 0:
        if last < 0:
            give_back_chair(w, place, seat)
        else:
            give_back_chair_at(w, place, free, seat)
        _note_left(w, row, place, free)


def clean(w: World, k: int) -> None:
    """Mirror `_Visit._clean` from one wait to the next."""
    c, t = of.clinic(w)[0], of.cleaners(w)[k]
    row = t.row
    while True:
        if t.phase == _NEXT:
            if t.steps == 0:
                t.following = c.free_cleaner
                c.free_cleaner = k + 1
                return
            number = 0
            while not (t.steps >> number) & 1:
                number += 1
            t.step = number
            t.steps &= ~(1 << number)
            s = _planned(w, row, number)
            begin_taking(t, s.claim, s.n_hands + s.n_eyes, s.site, s.n_sites)
            t.phase = _TAKES
        if t.phase == _TAKES:
            if not take_staff(w, t, (k << 1) | 1):
                return
            of.starts(w)[row, t.step] = c.now
            t.phase = _ENDS
            push(w, c.now + _length(w, row, t.step), 1, CLEAN_UP, k)
            return
        if t.n_claims > 0:
            give_back_claims(w, t.claim, t.n_claims)
        if t.step == t.last:
            give_back_chair(w, t.place, t.seat)
            _note_left(w, row, t.place, c.now)
        t.phase = _NEXT
