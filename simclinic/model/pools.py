"""Chairs, hands and eyes: the resources that patients wait for.

Each pool serves first come, first served. A patient who finds a free unit takes it at once, without an event; an
event is created only for a patient who must wait, which is the main reason why the simulation is fast. Likewise a
unit that becomes free at a known moment (a chair being cleaned, a patient who needs lighter watching) is only
noted, and becomes an event when a patient waits for it. Nothing is lost by that: an event could only serve the
queue, and the queue is empty. When a capacity falls below the units in use, work in progress goes on and nothing
new starts.

Nurses who stay between two shifts serve only patients whose visit has begun; the others keep their places.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import TypeAlias

from simpy import Event

from simclinic.errors import QueueError
from simclinic.model.clock import Clock


class Chairs:
    """Numbered chairs; the lowest free number goes to the first request.

    Parameters
    ----------
    clock
        The clock that runs the events of the queue.
    capacity
        Number of chairs now.
    most
        Largest number of patients that may wait at once.
    """

    __slots__ = ("_cleaning", "_clock", "_freed", "_highest", "_most", "capacity", "in_use", "queue")

    def __init__(self, clock: Clock, capacity: int, most: int) -> None:
        self._clock = clock
        self._most = most
        self.capacity = capacity
        self.in_use = 0
        self.queue: OrderedDict[Event, None] = (
            OrderedDict()
        )  # from anywhere in it a patient may leave at once
        self._freed: list[int] = []  # heap of the numbers given back
        self._highest = 0  # the highest number used so far
        self._cleaning: list[
            tuple[float, int]
        ] = []  # heap of (moment, number): free again then; empty if any wait

    def take(self) -> int | None:
        """Take a chair now; None if none is free or others wait."""
        cleaning, now = self._cleaning, self._clock.now
        while cleaning and cleaning[0][0] <= now:
            heappush(self._freed, heappop(cleaning)[1])
            self.in_use -= 1
        if self.in_use < self.capacity and not self.queue:
            self.in_use += 1
            return heappop(self._freed) if self._freed else self._unused()
        return None

    def wait(self, rank: int = 0) -> Event:  # noqa: ARG002 (see RankedChairs)
        """Join the queue; the event's value is the chair's number (None: left the queue unserved)."""
        for moment, number in self._cleaning:
            self._clock.at(moment, self.give_back, number)
        self._cleaning.clear()
        turn = Event(self._clock)
        self.queue[turn] = None
        if len(self.queue) > self._most:
            raise QueueError.waiting_for("a chair", self._most)
        return turn

    def give_back(self, number: int) -> None:
        """Free a chair for the patient who has waited longest."""
        heappush(self._freed, number)
        self.in_use -= 1
        if self.queue:
            self.serve()

    def give_back_at(self, moment: float, number: int) -> None:
        """Free a chair at a later moment."""
        if self.queue:
            self._clock.at(moment, self.give_back, number)
        else:
            heappush(self._cleaning, (moment, number))

    def serve(self) -> None:
        """Seat waiting patients while chairs are free."""
        while self.queue and self.in_use < self.capacity:
            self.in_use += 1
            turn = self._next()
            turn.succeed(heappop(self._freed) if self._freed else self._unused())

    def _next(self) -> Event:
        """Take the patient who comes next out of the queue."""
        return self.queue.popitem(last=False)[0]

    def leave(self, turn: Event) -> None:
        """Remove a patient whose patience has ended from the queue, unless a chair was free at the same moment."""
        if not turn.triggered:
            del self.queue[turn]
            turn.succeed(None)

    def _unused(self) -> int:
        self._highest += 1
        return self._highest


_GONE = object()


class RankedChairs(Chairs):
    """Chairs for which patients of a lower rank come first, and of one rank in the order of arrival."""

    __slots__ = ("_joined", "_ranked")

    def __init__(self, clock: Clock, capacity: int, most: int) -> None:
        super().__init__(clock, capacity, most)
        self._ranked: list[
            tuple[int, int, Event]
        ] = []  # heap; those who have left stay in it until their turn
        self._joined = 0

    def wait(self, rank: int = 0) -> Event:
        """Join the queue; see :meth:`Chairs.wait`."""
        turn = super().wait()
        self._joined += 1
        heappush(self._ranked, (rank, self._joined, turn))
        return turn

    def _next(self) -> Event:
        while True:
            turn = heappop(self._ranked)[2]
            if self.queue.pop(turn, _GONE) is not _GONE:
                return turn


_Request: TypeAlias = tuple[int, int, Event]


class Nurses:
    """Base class of hands and eyes: a queue in which nurses who stay after their shift serve only begun visits.

    Parameters
    ----------
    clock
        The clock that runs the events of the queue.
    most
        Largest number of requests that may wait at once.

    Attributes
    ----------
    capacity, in_use
        Tasks, or shares of attention.
    waiting
        Number of requests in the queue.
    freed
        While only visits that have begun are served: called whenever something is given back. Else None.
    """

    __slots__ = ("_begun", "_clock", "_joined", "_most", "_others", "capacity", "freed", "in_use")

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        self.capacity = 0
        self.in_use = 0
        # Requests for visits that have begun, and for others: number in order, amount, event.
        self._begun: deque[_Request] = deque()
        self._others: deque[_Request] = deque()
        self._joined = 0
        self.freed: Callable[[], None] | None = None

    @property
    def waiting(self) -> int:
        """Count the requests in the queue."""
        return len(self._begun) + len(self._others)

    def serve(self) -> None:
        """Serve the queue in order, as far as capacity goes; no request overtakes one for more."""
        while queue := self._next():
            _, amount, turn = queue[0]
            if self.in_use + amount > self.capacity:
                return
            queue.popleft()
            self.in_use += amount
            turn.succeed()

    def give_back(self, amount: int = 1) -> None:
        """Free a task or shares for the requests that have waited longest."""
        self.in_use -= amount
        if self._begun or self._others:
            self.serve()
        if self.freed is not None:
            self.freed()

    def _take(self, amount: int, *, begun: bool) -> bool:
        """Take an amount now; False if too little is free, others wait, or only begun visits are served."""
        if self.in_use + amount > self.capacity or ((self._begun or self._others) and self._next()):
            return False
        if self.freed is not None and not begun:
            return False
        self.in_use += amount
        return True

    def _join(self, amount: int, *, begun: bool) -> Event:
        turn = Event(self._clock)
        self._joined += 1
        (self._begun if begun else self._others).append((self._joined, amount, turn))
        if self.waiting > self._most:
            raise QueueError.waiting_for("a nurse", self._most)
        return turn

    def _next(self) -> deque[_Request]:
        """Return the queue whose first request may be served next; it is empty if there is none."""
        begun, others = self._begun, self._others
        if others and self.freed is None and (not begun or others[0] < begun[0]):
            return others
        return begun


class Hands(Nurses):
    """The hands of nurses: a nurse does one task at a time."""

    __slots__ = ()

    def take(self, *, begun: bool) -> bool:
        """Take one nurse's hands now; False if that is not possible. `begun`: whether the visit has begun."""
        return self._take(1, begun=begun)

    def wait(self, *, begun: bool) -> Event:
        """Join the queue."""
        return self._join(1, begun=begun)


class Eyes(Nurses):
    """The eyes of nurses: a nurse watches several patients.

    A nurse's attention is divided into shares, so many that one patient takes a whole number of them at every
    `patients_per_nurse`.

    Parameters
    ----------
    clock, most
        As for :class:`Nurses`.
    """

    __slots__ = ("_lighter",)

    def __init__(self, clock: Clock, most: int) -> None:
        super().__init__(clock, most)
        self._lighter: list[
            tuple[float, int]
        ] = []  # heap of (moment, shares): free again then; empty if any wait

    def held(self) -> int:
        """Count the shares in use now."""
        lighter = self._lighter
        while lighter and lighter[0][0] <= self._clock.now:
            self.in_use -= heappop(lighter)[1]
        return self.in_use

    def take(self, shares: int, *, begun: bool) -> bool:
        """Take shares now; False if that is not possible. `begun`: whether the visit has begun."""
        self.held()
        return self._take(shares, begun=begun)

    def wait(self, shares: int, *, begun: bool) -> Event:
        """Join the queue."""
        self.announce()
        return self._join(shares, begun=begun)

    def give_back_at(self, moment: float, shares: int) -> None:
        """Free shares at a later moment."""
        if self._begun or self._others or self.freed is not None:
            self._clock.at(moment, self.give_back, shares)
        else:
            heappush(self._lighter, (moment, shares))

    def announce(self) -> None:
        """Schedule the moments at which shares will be free, because a patient waits for them."""
        self.held()
        for moment, freed in self._lighter:
            self._clock.at(moment, self.give_back, freed)
        self._lighter.clear()
