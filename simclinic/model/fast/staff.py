"""The staff of a clinic with several roles: mirrors `model/staff.py`, and `_Visit.take_staff`.

Pool 2 r is the hands of role r, and pool 2 r + 1 its eyes. A set of pools is the bits of a number.
"""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.clock import push, small_pop, succeed
from simclinic.model.fast.state import FREE_EYES, RECOUNT

World = Any

_ON_SITE, _CLAIMS = range(2)
POOL_BITS = 6


# -- pools ----------------------------------------------------------------------------------------------------


def eyes_held(w: World, pool: int) -> int:
    """Mirror `Eyes.held` and `Pool.held`."""
    c, q = of.clinic(w)[0], of.pools(w)[pool]
    time, shares = of.lighter_time(w)[pool >> 1], of.lighter_shares(w)[pool >> 1]
    while q.lighter_n > 0 and time[0] <= c.now:
        q.in_use -= small_pop(time, shares, q.lighter_n)
        q.lighter_n -= 1
        c.lighter_n -= 1
    return int(q.in_use)


def announce_eyes(w: World, pool: int) -> None:
    """Mirror `Eyes.announce` and `Pool.announce`."""
    c, q = of.clinic(w)[0], of.pools(w)[pool]
    eyes_held(w, pool)
    time, shares = of.lighter_time(w)[pool >> 1], of.lighter_shares(w)[pool >> 1]
    for k in range(q.lighter_n):
        push(w, time[k], 1, FREE_EYES, pool | (int(shares[k]) << POOL_BITS))
    c.lighter_n -= q.lighter_n
    q.lighter_n = 0


def pool_of(who: int) -> int:
    """Return the pool that an event frees."""
    return who & ((1 << POOL_BITS) - 1)


def amount_of(who: int) -> int:
    """Return how much of a pool an event frees."""
    return who >> POOL_BITS


def note_freed(w: World, role: int) -> None:
    """Mirror `freed` of a pool: between two shifts, count those who stay after all other events of the moment."""
    team = of.teams(w)[role]
    if team.between and not team.recount_due:
        team.recount_due = 1
        push(w, of.clinic(w)[0].now, 2, RECOUNT, role)


# -- the joint queue ------------------------------------------------------------------------------------------


def take_claims(w: World, claim: int, n: int, begun: bool) -> bool:
    """Mirror `Staff.take`."""
    claims, pools = of.claims(w), of.pools(w)
    wanted = 0
    for k in range(claim, claim + n):
        pool = claims[k, 0]
        if pools[pool].lighter_n > 0:
            eyes_held(w, pool)
        q = pools[pool]
        if q.in_use + claims[k, 1] > q.capacity or (of.teams(w)[pool >> 1].between and not begun):
            return False
        wanted |= 1 << pool
    if of.clinic(w)[0].staff_n > 0 and (_kept(w) & wanted) != 0:
        return False
    for k in range(claim, claim + n):
        pools[claims[k, 0]].in_use += claims[k, 1]
    return True


def _wait_for_claims(w: World, claim: int, n: int, begun: int, who: int) -> None:
    """Mirror `Staff.wait`."""
    c, r = of.clinic(w)[0], of.rules(w)[0]
    for role in range(r.n_roles):
        announce_eyes(w, 2 * role + 1)
    if c.staff_n >= r.most_waiting:
        c.error = 1
        return
    s = of.staff(w)[c.staff_n]
    s.who, s.claim, s.n_claims, s.begun = who, claim, n, begun
    c.staff_n += 1


def give_back_claims(w: World, claim: int, n: int) -> None:
    """Mirror `Staff.give_back`."""
    claims = of.claims(w)
    for k in range(claim, claim + n):
        of.pools(w)[claims[k, 0]].in_use -= claims[k, 1]
    serve_staff(w)
    for k in range(claim, claim + n):
        note_freed(w, claims[k, 0] >> 1)


def _asleep(w: World, claim: int, n: int, begun: int) -> bool:
    """Mirror `_asleep`."""
    claims = of.claims(w)
    for k in range(claim, claim + n):
        pool = claims[k, 0]
        if of.pools(w)[pool].capacity == 0 or (of.teams(w)[pool >> 1].between and not begun):
            return True
    return False


def _free(w: World, claim: int, n: int, begun: int) -> bool:
    """Mirror `_free`."""
    claims = of.claims(w)
    for k in range(claim, claim + n):
        pool = claims[k, 0]
        q = of.pools(w)[pool]
        if q.in_use + claims[k, 1] > q.capacity or (of.teams(w)[pool >> 1].between and not begun):
            return False
    return True


def _set_of(w: World, claim: int, n: int) -> int:
    """Return the pools of some claims."""
    found = 0
    for k in range(claim, claim + n):
        found |= 1 << of.claims(w)[k, 0]
    return int(found)


def _keep(w: World, claim: int, n: int, kept: int) -> int:
    """Mirror `_keep`: return the pools that are kept then."""
    claims = of.claims(w)
    watched = True
    for k in range(claim, claim + n):
        pool = claims[k, 0]
        if pool & 1:
            q = of.pools(w)[pool]
            if q.in_use + claims[k, 1] > q.capacity or (kept >> pool) & 1:
                watched = False
    for k in range(claim, claim + n):
        pool = claims[k, 0]
        if watched or pool & 1:
            kept |= 1 << pool
    return int(kept)


def _kept(w: World) -> int:
    """Mirror `Staff._kept`."""
    staff = of.staff(w)
    kept = 0
    for place in range(of.clinic(w)[0].staff_n):
        s = staff[place]
        if not _asleep(w, s.claim, s.n_claims, s.begun):
            kept = _keep(w, s.claim, s.n_claims, kept)
    return int(kept)


def serve_staff(w: World) -> None:
    """Mirror `Staff.serve`."""
    c, staff, claims = of.clinic(w)[0], of.staff(w), of.claims(w)
    every = (1 << (2 * of.rules(w)[0].n_roles)) - 1
    kept, place, left = 0, 0, 0
    if c.changing:
        return
    while place < c.staff_n and kept != every:
        s = staff[place]
        serves = False
        if not _asleep(w, s.claim, s.n_claims, s.begun):
            if _free(w, s.claim, s.n_claims, s.begun) and (kept & _set_of(w, s.claim, s.n_claims)) == 0:
                for k in range(s.claim, s.claim + s.n_claims):
                    of.pools(w)[claims[k, 0]].in_use += claims[k, 1]
                succeed(w, int(s.who), 0)
                serves = True
            else:
                kept = _keep(w, s.claim, s.n_claims, kept)
        if not serves:
            if left < place:
                _move(s, staff[left])
            left += 1
        place += 1
    if left < place:
        while place < c.staff_n:
            _move(staff[place], staff[left])
            place += 1
            left += 1
        c.staff_n = left


def _move(s: Any, to: Any) -> None:  # noqa: ANN401
    """Copy a request."""
    to.who, to.claim, to.n_claims, to.begun = s.who, s.claim, s.n_claims, s.begun


# -- those who must be on the premises ------------------------------------------------------------------------


def _is_on_site(w: World, role: int, begun: int) -> bool:
    """Mirror `Team.is_on_site`."""
    return bool(of.pools(w)[2 * role + 1].capacity > 0 and (begun != 0 or not of.teams(w)[role].between))


def _wait_for_arrival(w: World, role: int, who: int) -> None:
    """Mirror the wait for `Team.arrival`."""
    team, ring = of.teams(w)[role], of.arrivals(w)[role]
    if team.arrival_n >= len(ring):
        of.clinic(w)[0].error = 1
        return
    ring[(team.arrival_head + team.arrival_n) % len(ring)] = who
    team.arrival_n += 1


def next_arrived(w: World, role: int) -> int:
    """Return who has waited longest for somebody of a role, and goes on now."""
    team, ring = of.teams(w)[role], of.arrivals(w)[role]
    who = ring[team.arrival_head]
    team.arrival_head = (team.arrival_head + 1) % len(ring)
    team.arrival_n -= 1
    team.called -= 1
    return int(who)


def begin_taking(t: Any, claim: int, n_claims: int, site: int, n_sites: int) -> None:  # noqa: ANN401
    """Note what a patient, or somebody who cleans a place, needs of the staff."""
    t.claim, t.n_claims, t.site, t.n_sites = claim, n_claims, site, n_sites
    t.at_site, t.taking = 0, _ON_SITE


def take_staff(w: World, t: Any, who: int) -> bool:  # noqa: ANN401
    """Mirror `_Visit.take_staff` from one wait to the next; False: it waits."""
    while True:
        if t.taking == _ON_SITE:
            while t.at_site < t.n_sites:
                role = of.sites(w)[t.site + t.at_site]
                if not _is_on_site(w, role, t.begun):
                    _wait_for_arrival(w, role, who)
                    return False
                t.at_site += 1
            t.taking = _CLAIMS
            if t.n_claims > 0 and not take_claims(w, t.claim, t.n_claims, t.begun != 0):
                _wait_for_claims(w, t.claim, t.n_claims, t.begun, who)
                return False
        there = 0
        while there < t.n_sites and _is_on_site(w, of.sites(w)[t.site + there], t.begun):
            there += 1
        if there == t.n_sites:
            return True
        if t.n_claims > 0:
            give_back_claims(w, t.claim, t.n_claims)
        t.at_site, t.taking = 0, _ON_SITE
