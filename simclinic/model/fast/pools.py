"""Chairs, hands and eyes: mirrors `model/pools.py`. Queues are rings; that of the chairs links visits."""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.bits import ONE, ZERO, low_bit, put
from simclinic.model.fast.clock import push, small_pop, small_push, succeed
from simclinic.model.fast.state import FREE_CHAIR, FREE_EYES, LOSE_PATIENCE, RECOUNT

World = Any

HANDS_POOL, EYES_POOL = 0, 1


# -- chairs ---------------------------------------------------------------------------------------------------


def _seat(w: World) -> int:
    """Return the lowest free number, and count it in use."""
    c, freed = of.clinic(w)[0], of.freed(w)
    c.chairs_used += 1
    for k in range((c.chairs_highest >> 6) + 1):
        if freed[k] != ZERO:
            bit = low_bit(freed[k])
            freed[k] &= freed[k] - ONE
            return (k << 6) + bit
    c.chairs_highest += 1
    return int(c.chairs_highest)


def take_chair(w: World) -> int:
    """Mirror `Chairs.take`; 0 if there is none."""
    c = of.clinic(w)[0]
    time, chair = of.cleaning_time(w), of.cleaning_chair(w)
    while c.cleaning_n > 0 and time[0] <= c.now:
        put(of.freed(w), small_pop(time, chair, c.cleaning_n))
        c.cleaning_n -= 1
        c.chairs_used -= 1
    if c.chairs_used < c.chairs and c.chairs_waiting == 0:
        return _seat(w)
    return 0


def wait_for_chair(w: World, row: int) -> None:
    """Mirror `Chairs.wait`, and `RankedChairs.wait`."""
    c, r = of.clinic(w)[0], of.rules(w)[0]
    time, chair = of.cleaning_time(w), of.cleaning_chair(w)
    for k in range(c.cleaning_n):
        push(w, time[k], 1, FREE_CHAIR, int(chair[k]))
    c.cleaning_n = 0
    v = of.visits(w)[row]
    queue = of.line_of(w)[v.kind]
    line = of.line(w)
    v.line, v.before, v.behind, v.turn = queue, line[queue, 1], -1, 1
    if line[queue, 1] >= 0:
        of.visits(w)[line[queue, 1]].behind = row
    else:
        line[queue, 0] = row
    line[queue, 1] = row
    c.chairs_waiting += 1
    if c.chairs_waiting > r.most_waiting:
        c.error = 1


def _leave_line(w: World, row: int) -> None:
    """Take a visit out of the chairs' queue."""
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
    of.clinic(w)[0].chairs_waiting -= 1


def serve_chairs(w: World) -> None:
    """Mirror `Chairs.serve`."""
    c, line = of.clinic(w)[0], of.line(w)
    while c.chairs_waiting > 0 and c.chairs_used < c.chairs:
        row = line[0, 0] if line[0, 0] >= 0 else line[1, 0]
        _leave_line(w, row)
        succeed(w, int(of.visits(w)[row].patient) << 1, _seat(w))


def give_back_chair(w: World, number: int) -> None:
    """Mirror `Chairs.give_back`."""
    c = of.clinic(w)[0]
    put(of.freed(w), number)
    c.chairs_used -= 1
    if c.chairs_waiting > 0:
        serve_chairs(w)


def give_back_chair_at(w: World, moment: float, number: int) -> None:
    """Mirror `Chairs.give_back_at`."""
    c = of.clinic(w)[0]
    if c.chairs_waiting > 0:
        push(w, moment, 1, FREE_CHAIR, number)
    else:
        small_push(of.cleaning_time(w), of.cleaning_chair(w), c.cleaning_n, moment, number)
        c.cleaning_n += 1


def lose_patience(w: World, row: int) -> None:
    """Mirror `Chairs.leave`."""
    if of.visits(w)[row].turn == 1:
        _leave_line(w, row)
        succeed(w, int(of.visits(w)[row].patient) << 1, 0)


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
    if q.others_n > 0 and not of.clinic(w)[0].between and others_first:
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
    """Mirror `Nurses.give_back`, and `Team._release_nurses` between two shifts."""
    q, c = of.pools(w)[pool], of.clinic(w)[0]
    q.in_use -= amount
    if q.begun_n > 0 or q.others_n > 0:
        serve_nurses(w, pool)
    if c.between and not c.recount_due:
        c.recount_due = 1
        push(w, c.now, 2, RECOUNT, 0)


def eyes_held(w: World) -> int:
    """Mirror `Eyes.held`."""
    c, q = of.clinic(w)[0], of.pools(w)[EYES_POOL]
    time, shares = of.lighter_time(w), of.lighter_shares(w)
    while c.lighter_n > 0 and time[0] <= c.now:
        q.in_use -= small_pop(time, shares, c.lighter_n)
        c.lighter_n -= 1
    return int(q.in_use)


def take_nurse(w: World, pool: int, amount: int, begun: bool) -> bool:
    """Mirror `Nurses._take`, `Hands.take` and `Eyes.take`."""
    q = of.pools(w)[pool]
    if pool == EYES_POOL:
        eyes_held(w)
    if q.in_use + amount > q.capacity:
        return False
    if (q.begun_n > 0 or q.others_n > 0) and _next_ring(w, pool) >= 0:
        return False
    if of.clinic(w)[0].between and not begun:
        return False
    q.in_use += amount
    return True


def announce_eyes(w: World) -> None:
    """Mirror `Eyes.announce`."""
    c = of.clinic(w)[0]
    eyes_held(w)
    time, shares = of.lighter_time(w), of.lighter_shares(w)
    for k in range(c.lighter_n):
        push(w, time[k], 1, FREE_EYES, int(shares[k]))
    c.lighter_n = 0


def wait_for_nurse(w: World, pool: int, amount: int, begun: bool, who: int) -> None:
    """Mirror `Nurses._join`, `Hands.wait` and `Eyes.wait`."""
    if pool == EYES_POOL:
        announce_eyes(w)
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


def give_back_eyes_at(w: World, moment: float, shares: int) -> None:
    """Mirror `Eyes.give_back_at`."""
    c = of.clinic(w)[0]
    if n_waiting_for(w, EYES_POOL) > 0 or c.between:
        push(w, moment, 1, FREE_EYES, shares)
    elif c.lighter_n >= len(of.lighter_time(w)):
        c.error = 1
    else:
        small_push(of.lighter_time(w), of.lighter_shares(w), c.lighter_n, moment, shares)
        c.lighter_n += 1
