"""The staff of a clinic with several roles: claims on several of them are met together, or not at all.

Each role has hands and eyes (:mod:`simclinic.model.pools`). Requests form one queue, in the order of asking. A
request is met when all that it claims is free, and no earlier request waits for any of the same: so none starves,
and the one that has waited longest is always next for what it claims. A request that claims a role of which nobody
is on duty, or whose staff stay for begun visits alone, does not keep others from what else it claims.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    freed
        While only visits that have begun are served: called whenever something is given back. Else None.
    """

    __slots__ = ("_staff", "capacity", "freed", "in_use")

    def __init__(self, staff: Staff) -> None:
        self._staff = staff
        self.capacity = 0
        self.in_use = 0
        self.freed: Callable[[], None] | None = None

    def serve(self) -> None:
        """Meet the requests that can be met now."""
        self._staff.serve()

    def held(self) -> int:
        """Count the units in use now."""
        return self.in_use

    def announce(self) -> None:
        """Do nothing: what becomes free at a later moment is an event already."""

    def give_back(self, amount: int = 1) -> None:
        """Free units for the requests that have waited longest."""
        self.in_use -= amount
        self._staff.serve()
        if self.freed is not None:
            self.freed()


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
    """

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        self._queue: list[tuple[Claims, bool, Event]] = []
        self.pools: list[Pool] = []

    def pool(self) -> Pool:
        """Add a pool."""
        self.pools.append(Pool(self))
        return self.pools[-1]

    def take(self, claims: Claims, *, begun: bool) -> bool:
        """Take all that is claimed now; False if that is not possible, or others wait for any of it."""
        if not _free(claims, begun=begun):
            return False
        if self._queue:
            claimed = {id(pool) for pool, _ in claims}
            for other, other_begun, _ in self._queue:
                if _asleep(other, begun=other_begun):
                    continue
                if any(id(pool) in claimed for pool, _ in other):
                    return False
        for pool, amount in claims:
            pool.in_use += amount
        return True

    def wait(self, claims: Claims, *, begun: bool) -> Event:
        """Join the queue; the event succeeds when all that is claimed has been taken."""
        turn = Event(self._clock)
        self._queue.append((claims, begun, turn))
        if len(self._queue) > self._most:
            raise QueueError.waiting_for("a nurse", self._most)
        return turn

    def give_back(self, claims: Claims) -> None:
        """Free all that was claimed."""
        for pool, amount in claims:
            pool.in_use -= amount
        self.serve()
        for pool, _ in claims:
            if pool.freed is not None:
                pool.freed()

    def serve(self) -> None:
        """Meet the requests that can be met now, in the order of asking."""
        if not self._queue:
            return
        waiting: set[int] = set()
        place = 0
        while place < len(self._queue) and len(waiting) < len(self.pools):
            claims, begun, turn = self._queue[place]
            if _asleep(claims, begun=begun):
                place += 1
            elif _free(claims, begun=begun) and not any(id(pool) in waiting for pool, _ in claims):
                del self._queue[place]
                for pool, amount in claims:
                    pool.in_use += amount
                turn.succeed()
            else:
                waiting.update(id(pool) for pool, _ in claims)
                place += 1


def _free(claims: Claims, *, begun: bool) -> bool:
    return all(
        pool.in_use + amount <= pool.capacity and (begun or pool.freed is None) for pool, amount in claims
    )


def _asleep(claims: Claims, *, begun: bool) -> bool:
    """Tell whether a request claims a role of which nobody is there for it."""
    return any(pool.capacity == 0 or (pool.freed is not None and not begun) for pool, _ in claims)
