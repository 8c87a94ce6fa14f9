"""Chairs, hands and eyes: what patients wait for.

Each pool serves first come, first served. Whoever finds a free unit takes it at once, without an event; an event
is made only for somebody who must wait, which is most of what makes the simulation fast. In the same spirit a unit
whose return is known beforehand (a chair being cleaned, a patient going over to lighter watching) is only written
down, and becomes an event when somebody waits for it. When a capacity falls below what is in use, work in
progress goes on and nothing new starts.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush

from simpy import Event

from simclinic.model.clock import Clock


class Chairs:
    """Numbered chairs; the lowest free number goes to whoever asked first.

    Parameters
    ----------
    clock
        Whose events the waiting get.
    capacity
        How many chairs there are now.
    """

    __slots__ = ("_cleaning", "_clock", "_freed", "_highest", "capacity", "in_use", "queue")

    def __init__(self, clock: Clock, capacity: int) -> None:
        self._clock = clock
        self.capacity = capacity
        self.in_use = 0
        self.queue: deque[Event] = deque()
        self._freed: list[int] = []  # numbers given back, lowest first
        self._highest = 0  # numbers above it were never used
        self._cleaning: list[tuple[float, int]] = []  # free again at known moments, while nobody waits

    def take(self) -> int | None:
        """Take a chair now, or None if there is none or others wait."""
        cleaning, now = self._cleaning, self._clock.now
        while cleaning and cleaning[0][0] <= now:
            heappush(self._freed, heappop(cleaning)[1])
            self.in_use -= 1
        if self.in_use < self.capacity and not self.queue:
            self.in_use += 1
            return heappop(self._freed) if self._freed else self._unused()
        return None

    def wait(self) -> Event:
        """Join the queue; the event's value is the chair's number (None: left the queue unserved)."""
        for moment, number in self._cleaning:
            self._clock.at(moment, self.give_back, number)
        self._cleaning.clear()
        turn = Event(self._clock)
        self.queue.append(turn)
        return turn

    def give_back(self, number: int) -> None:
        """Free a chair for whoever waits longest."""
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
        """Seat those who wait, as far as chairs go."""
        while self.queue and self.in_use < self.capacity:
            self.in_use += 1
            self.queue.popleft().succeed(heappop(self._freed) if self._freed else self._unused())

    def leave(self, turn: Event) -> None:
        """Take somebody out of the queue who has lost patience, unless a chair came at the same moment."""
        if not turn.triggered:
            self.queue.remove(turn)
            turn.succeed(None)

    def _unused(self) -> int:
        self._highest += 1
        return self._highest


class Hands:
    """Nurses' hands: one task each.

    Parameters
    ----------
    clock
        Whose events the waiting get.
    """

    __slots__ = ("_clock", "capacity", "in_use", "queue")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.capacity = 0
        self.in_use = 0
        self.queue: deque[Event] = deque()

    def take(self) -> bool:
        """Take a pair of hands now; False if there is none or others wait."""
        if self.in_use < self.capacity and not self.queue:
            self.in_use += 1
            return True
        return False

    def wait(self) -> Event:
        """Join the queue."""
        turn = Event(self._clock)
        self.queue.append(turn)
        return turn

    def give_back(self) -> None:
        """Free a pair of hands for whoever waits longest."""
        self.in_use -= 1
        if self.queue:
            self.serve()

    def serve(self) -> None:
        """Serve those who wait, as far as hands go."""
        while self.queue and self.in_use < self.capacity:
            self.in_use += 1
            self.queue.popleft().succeed()


class Eyes:
    """Nurses' eyes: several patients each.

    A nurse's attention is counted in shares, as many as make every `patients_per_nurse` a whole number of them.

    Parameters
    ----------
    clock
        Whose events the waiting get.
    """

    __slots__ = ("_clock", "_lighter", "capacity", "in_use", "queue")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.capacity = 0
        self.in_use = 0
        self.queue: deque[tuple[int, Event]] = deque()
        self._lighter: list[tuple[float, int]] = []  # shares free at known moments, while nobody waits

    def take(self, shares: int) -> bool:
        """Take shares now; False if there are too few or others wait."""
        lighter = self._lighter
        while lighter and lighter[0][0] <= self._clock.now:
            self.in_use -= heappop(lighter)[1]
        if not self.queue and self.in_use + shares <= self.capacity:
            self.in_use += shares
            return True
        return False

    def wait(self, shares: int) -> Event:
        """Join the queue."""
        for moment, freed in self._lighter:
            self._clock.at(moment, self.give_back, freed)
        self._lighter.clear()
        turn = Event(self._clock)
        self.queue.append((shares, turn))
        return turn

    def give_back(self, shares: int) -> None:
        """Free shares for whoever waits longest."""
        self.in_use -= shares
        if self.queue:
            self.serve()

    def give_back_at(self, moment: float, shares: int) -> None:
        """Free shares at a later moment."""
        if self.queue:
            self._clock.at(moment, self.give_back, shares)
        else:
            heappush(self._lighter, (moment, shares))

    def serve(self) -> None:
        """Serve those who wait, in order, as far as capacity goes; a heavy request is not overtaken."""
        queue = self.queue
        while queue and self.in_use + queue[0][0] <= self.capacity:
            shares, turn = queue.popleft()
            self.in_use += shares
            turn.succeed()
