"""Places, hands and eyes: mirrors `model/pools.py`. Queues are rings; that for a place links visits."""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.bits import ONE, ZERO, low_bit, put
from simclinic.model.fast.clock import push, small_pop, small_push, succeed
from simclinic.model.fast.staff import POOL_BITS, announce_eyes, eyes_held, note_freed, serve_staff
from simclinic.model.fast.state import FREE_CHAIR, FREE_EYES, LOSE_PATIENCE

World = Any

HANDS_POOL, EYES_POOL = 0, 1  # of the nurses
_PLACE_BITS = 8


# -- chairs ---------------------------------------------------------------------------------------------------


def _seat(w: World, place: int) -> int:
    """Return the lowest free number, and count it in use."""
    here, freed = of.places(w)[place], of.freed(w)[place]
    here.used += 1
    for k in range((here.highest >> 6) + 1):
        if freed[k] != ZERO:
            bit = low_bit(freed[k])
            freed[k] &= freed[k] - ONE
            return (k << 6) + bit
    here.highest += 1
    return int(here.highest)


def take_chair(w: World, place: int) -> int:
    """Mirror `Chairs.take`; 0 if there is none."""
    c, here = of.clinic(w)[0], of.places(w)[place]
    time, chair = of.cleaning_time(w)[place], of.cleaning_chair(w)[place]
    while here.cleaning_n > 0 and time[0] <= c.now:
        put(of.freed(w)[place], small_pop(time, chair, here.cleaning_n))
        here.cleaning_n -= 1
        c.cleaning_n -= 1
        here.used -= 1
    if here.used < here.capacity and here.waiting == 0:
        return _seat(w, place)
    return 0


def wait_for_chair(w: World, place: int, rank: int, row: int) -> None:
    """Mirror `Chairs.wait`, and `RankedChairs.wait`."""
    c, r, here = of.clinic(w)[0], of.rules(w)[0], of.places(w)[place]
    time, chair = of.cleaning_time(w)[place], of.cleaning_chair(w)[place]
    for k in range(here.cleaning_n):
        push(w, time[k], 1, FREE_CHAIR, place | (int(chair[k]) << _PLACE_BITS))
    c.cleaning_n -= here.cleaning_n
    here.cleaning_n = 0
    v = of.visits(w)[row]
    queue = place * r.n_classes + rank
    line = of.line(w)
    v.line, v.before, v.behind, v.turn = queue, line[queue, 1], -1, 1
    if line[queue, 1] >= 0:
        of.visits(w)[line[queue, 1]].behind = row
    else:
        line[queue, 0] = row
    line[queue, 1] = row
    here.waiting += 1
    if here.waiting > r.most_waiting:
        c.error = 1


def _leave_line(w: World, row: int) -> None:
    """Take a visit out of the queue for a place."""
    v, line = of.visits(w)[row], of.line(w)
    if v.before >= 0:
        of.visits(w)[v.before].behind = v.behind
    else:
        line[v.line, 0] = v.behind
    if v.behind >= 0:
        of.visits(w)[v.behind].before = v.before
    else:
        line[v.line, 1] = v.before
    v.turn = 2
    of.places(w)[v.line // of.rules(w)[0].n_classes].waiting -= 1


def serve_chairs(w: World, place: int) -> None:
    """Mirror `Chairs.serve`."""
    here, line = of.places(w)[place], of.line(w)
    while here.waiting > 0 and here.used < here.capacity:
        queue = place * of.rules(w)[0].n_classes
        while line[queue, 0] < 0:
            queue += 1
        row = line[queue, 0]
        _leave_line(w, row)
        succeed(w, int(of.visits(w)[row].patient) << 1, _seat(w, place))


def give_back_chair(w: World, place: int, number: int) -> None:
    """Mirror `Chairs.give_back`."""
    here = of.places(w)[place]
    put(of.freed(w)[place], number)
    here.used -= 1
    if here.waiting > 0:
        serve_chairs(w, place)


def free_chair(w: World, who: int) -> None:
    """Free the place of an event."""
    give_back_chair(w, who & ((1 << _PLACE_BITS) - 1), who >> _PLACE_BITS)


def give_back_chair_at(w: World, place: int, moment: float, number: int) -> None:
    """Mirror `Chairs.give_back_at`."""
    here = of.places(w)[place]
    if here.waiting > 0:
        push(w, moment, 1, FREE_CHAIR, place | (number << _PLACE_BITS))
    else:
        small_push(of.cleaning_time(w)[place], of.cleaning_chair(w)[place], here.cleaning_n, moment, number)
        here.cleaning_n += 1
        of.clinic(w)[0].cleaning_n += 1


def lose_patience(w: World, row: int) -> None:
    """Mirror `Chairs.leave`: patience is for the first place."""
    v = of.visits(w)[row]
    if v.turn == 1 and of.patients(w)[v.patient].had_place == 0:
        _leave_line(w, row)
        succeed(w, int(v.patient) << 1, 0)


def note_patience(w: World, row: int, moment: float) -> None:
    """Schedule the moment at which a patient's patience ends."""
    push(w, moment, 1, LOSE_PATIENCE, row)


# -- nurses ---------------------------------------------------------------------------------------------------


def n_waiting_for(w: World, pool: int) -> int:
    """Mirror `Nurses.waiting`."""
    q = of.pools(w)[pool]
    return int(q.begun_n + q.others_n)


def _next_ring(w: World, pool: int) -> int:
    """Mirror `Nurses._next`: the ring whose first request may be served next; -1: none."""
    q, joined = of.pools(w)[pool], of.ring_joined(w)
    others_first = q.begun_n == 0 or (
        q.others_n > 0 and joined[2 * pool + 1, q.others_head] < joined[2 * pool, q.begun_head]
    )
    if q.others_n > 0 and not of.teams(w)[0].between and others_first:
        return 2 * pool + 1
    return 2 * pool if q.begun_n > 0 else -1


def serve_nurses(w: World, pool: int) -> None:
    """Mirror `Nurses.serve`."""
    q = of.pools(w)[pool]
    mask = of.ring_who(w).shape[1] - 1
    while True:
        ring = _next_ring(w, pool)
        if ring < 0:
            return
        head = q.others_head if ring & 1 else q.begun_head
        amount = of.ring_amount(w)[ring, head]
        if q.in_use + amount > q.capacity:
            return
        if ring & 1:
            q.others_head = (head + 1) & mask
            q.others_n -= 1
        else:
            q.begun_head = (head + 1) & mask
            q.begun_n -= 1
        q.in_use += amount
        succeed(w, int(of.ring_who(w)[ring, head]), 0)


def give_back_nurse(w: World, pool: int, amount: int) -> None:
    """Mirror `Nurses.give_back` and `Pool.give_back`."""
    q = of.pools(w)[pool]
    q.in_use -= amount
    if of.rules(w)[0].wide:
        serve_staff(w)
    elif q.begun_n > 0 or q.others_n > 0:
        serve_nurses(w, pool)
    note_freed(w, pool >> 1)


def take_nurse(w: World, pool: int, amount: int, begun: bool) -> bool:
    """Mirror `Nurses._take`, `Hands.take` and `Eyes.take`."""
    q = of.pools(w)[pool]
    if pool == EYES_POOL:
        eyes_held(w, EYES_POOL)
    if q.in_use + amount > q.capacity:
        return False
    if (q.begun_n > 0 or q.others_n > 0) and _next_ring(w, pool) >= 0:
        return False
    if of.teams(w)[0].between and not begun:
        return False
    q.in_use += amount
    return True


def wait_for_nurse(w: World, pool: int, amount: int, begun: bool, who: int) -> None:
    """Mirror `Nurses._join`, `Hands.wait` and `Eyes.wait`."""
    if pool == EYES_POOL:
        announce_eyes(w, EYES_POOL)
    q = of.pools(w)[pool]
    ring = 2 * pool if begun else 2 * pool + 1
    mask = of.ring_who(w).shape[1] - 1
    place = ((q.begun_head + q.begun_n) if begun else (q.others_head + q.others_n)) & mask
    q.joined += 1
    of.ring_who(w)[ring, place] = who
    of.ring_amount(w)[ring, place] = amount
    of.ring_joined(w)[ring, place] = q.joined
    if q.begun_n + q.others_n >= of.rules(w)[0].most_waiting:
        of.clinic(w)[0].error = 1
        return
    if begun:
        q.begun_n += 1
    else:
        q.others_n += 1


def give_back_eyes_at(w: World, pool: int, moment: float, shares: int) -> None:
    """Mirror `Eyes.give_back_at` and `Pool.give_back_at`."""
    c, q = of.clinic(w)[0], of.pools(w)[pool]
    time, amounts = of.lighter_time(w)[pool >> 1], of.lighter_shares(w)[pool >> 1]
    if c.staff_n > 0 or n_waiting_for(w, pool) > 0 or of.teams(w)[pool >> 1].between:
        push(w, moment, 1, FREE_EYES, pool | (shares << POOL_BITS))
    elif q.lighter_n >= len(time):
        c.error = 1
    else:
        small_push(time, amounts, q.lighter_n, moment, shares)
        q.lighter_n += 1
        c.lighter_n += 1
