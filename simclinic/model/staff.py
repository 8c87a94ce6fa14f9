"""The staff of a clinic with several roles: claims on several of them are met together, or not at all.

Each role has hands and eyes (:mod:`simclinic.model.pools`). Requests form one queue, in the order of asking. A
request is met when all that it claims is free, and no earlier request waits for any of the same: so none starves,
and the one that has waited longest is always next for what it claims. There are two exceptions. A request that
claims a role of which nobody is on duty, or whose staff stay for begun visits alone, does not keep others from what
else it claims. And one that claims watching, too, keeps others from hands only when all its watching can be had:
otherwise it and a watched patient who waits for the same hands would wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import TypeAlias

from simpy import Event

from simclinic.errors import QueueError
from simclinic.model.clock import Clock


class Pool:
    """The hands, or the shares of attention, of one role.

    Attributes
    ----------
    capacity, in_use
        Units.
    watches
        Whether it is shares of attention.
    freed
        While only visits that have begun are served: called whenever something is given back. Else None.
    lighter
        Heap of moments with the units that are free again then; empty while any request waits.
    """

    __slots__ = ("_staff", "capacity", "freed", "in_use", "lighter", "watches")

    def __init__(self, staff: Staff, *, watches: bool) -> None:
        self._staff = staff
        self.watches = watches
        self.capacity = 0
        self.in_use = 0
        self.freed: Callable[[], None] | None = None
        self.lighter: list[tuple[float, int]] = []

    def serve(self) -> None:
        """Meet the requests that can be met now."""
        self._staff.serve()

    def held(self) -> int:
        """Count the units in use now."""
        while self.lighter and self.lighter[0][0] <= self._staff.clock.now:
            self.in_use -= heappop(self.lighter)[1]
        return self.in_use

    def announce(self) -> None:
        """Schedule the moments at which units will be free, because a request waits for them."""
        self.held()
        for moment, amount in self.lighter:
            self._staff.clock.at(moment, self.give_back, amount)
        self.lighter.clear()

    def give_back(self, amount: int = 1) -> None:
        """Free units for the requests that have waited longest."""
        self.in_use -= amount
        self._staff.serve()
        if self.freed is not None:
            self.freed()

    def give_back_at(self, moment: float, amount: int) -> None:
        """Free units at a later moment."""
        if self._staff.waits or self.freed is not None:
            self._staff.clock.at(moment, self.give_back, amount)
        else:
            heappush(self.lighter, (moment, amount))


Claims: TypeAlias = Sequence[tuple[Pool, int]]
"""What a step claims: units of each pool."""


class Staff:
    """The queue of requests for staff.

    Parameters
    ----------
    clock
        The clock that runs the events of the queue.
    most
        Largest number of requests that may wait at once.

    Attributes
    ----------
    changing
        Whether more roles come or go at this moment: requests are met when all have.
    """

    def __init__(self, clock: Clock, most: int) -> None:
        self.clock = clock
        self.changing = False
        self._most = most
        self._queue: list[tuple[Claims, bool, Event]] = []
        self.pools: list[Pool] = []

    @property
    def waits(self) -> bool:
        """Whether any request waits."""
        return bool(self._queue)

    def pool(self, *, watches: bool = False) -> Pool:
        """Add a pool: of hands, or of shares of attention."""
        self.pools.append(Pool(self, watches=watches))
        return self.pools[-1]

    def take(self, claims: Claims, *, begun: bool) -> bool:
        """Take all that is claimed now; False if that is not possible, or others wait for any of it."""
        for pool, amount in claims:
            if pool.lighter:
                pool.held()
            if pool.in_use + amount > pool.capacity or (pool.freed is not None and not begun):
                return False
        if self._queue and not self._kept().isdisjoint(pool for pool, _ in claims):
            return False
        for pool, amount in claims:
            pool.in_use += amount
        return True

    def wait(self, claims: Claims, *, begun: bool) -> Event:
        """Join the queue; the event succeeds when all that is claimed has been taken."""
        turn = Event(self.clock)
        for pool in self.pools:
            pool.announce()
        self._queue.append((claims, begun, turn))
        if len(self._queue) > self._most:
            raise QueueError.waiting_for("a nurse", self._most)
        return turn

    def give_back(self, claims: Claims) -> None:
        """Free all that was claimed."""
        for pool, amount in claims:
            pool.in_use -= amount
        if self._queue:
            self.serve()
        for pool, _ in claims:
            if pool.freed is not None:
                pool.freed()

    def _kept(self) -> set[Pool]:
        """Return the pools that are kept for requests that wait."""
        kept: set[Pool] = set()
        for claims, begun, _ in self._queue:
            if not _asleep(claims, begun=begun):
                _keep(claims, kept)
        return kept

    def serve(self) -> None:
        """Meet the requests that can be met now, in the order of asking."""
        if self.changing or not self._queue:
            return
        kept: set[Pool] = set()
        place = 0
        while place < len(self._queue) and len(kept) < len(self.pools):
            claims, begun, turn = self._queue[place]
            if _asleep(claims, begun=begun):
                place += 1
            elif _free(claims, begun=begun) and not any(pool in kept for pool, _ in claims):
                del self._queue[place]
                for pool, amount in claims:
                    pool.in_use += amount
                turn.succeed()
            else:
                _keep(claims, kept)
                place += 1


def _free(claims: Claims, *, begun: bool) -> bool:
    return all(
        pool.in_use + amount <= pool.capacity and (begun or pool.freed is None) for pool, amount in claims
    )


def _keep(claims: Claims, kept: set[Pool]) -> None:
    """Keep for a waiting request what it claims; hands only when all its watching could be had."""
    watched = all(
        pool.in_use + amount <= pool.capacity and pool not in kept for pool, amount in claims if pool.watches
    )
    kept.update(pool for pool, _ in claims if watched or pool.watches)


def _asleep(claims: Claims, *, begun: bool) -> bool:
    """Tell whether a request claims a role of which nobody is there for it."""
    return any(pool.capacity == 0 or (pool.freed is not None and not begun) for pool, _ in claims)
