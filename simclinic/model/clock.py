"""The clock: SimPy's, wound for people who mostly wait until a known moment.

In a clinic nearly every event is "until ten past nine": the end of a step, an arrival, a relapse. So a
:class:`Life` may simply yield the moment, a float, and is put into SimPy's queue at exactly that moment. (A delay
would not do: now + (moment - now) is not always the moment, and somebody would be served a rounding error before
opening.) One event object serves a whole life, which makes the clock about twice as fast as one timeout after the
other. Whoever has to wait for *somebody*, for a chair or a nurse, yields an ordinary SimPy event.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heappop, heappush
from typing import Any

from simpy import Environment, Event

Story = Generator[float | Event, Any, Any]
"""What a life is written as: yields moments and events to wait for."""


class Clock(Environment):
    """SimPy's environment with a plain attribute for the time and a run loop without detours.

    Parameters
    ----------
    start
        The time at which it begins, in minutes.
    """

    now: float = 0.0  # type: ignore[assignment]  # SimPy's is a property, read millions of times

    def __init__(self, start: float) -> None:
        super().__init__(initial_time=start)
        self.now = start

    def schedule(self, event: Event, priority: int = 1, delay: float = 0.0) -> None:  # type: ignore[override]
        """Put an event that has happened into the queue; SimPy calls this."""
        heappush(self._queue, (self.now + delay, priority, next(self._eid), event))  # type: ignore[misc]

    def at(self, moment: float, action: Callable[[Event], None]) -> None:
        """Do something at a moment."""
        event = Event(self)
        event._ok, event._value, event.callbacks = True, None, [action]  # noqa: SLF001 (triggered, as a timeout is)
        heappush(self._queue, (moment, 1, next(self._eid), event))  # type: ignore[misc]

    def live(self, story: Story) -> None:
        """Begin a life now."""
        Life(self, story)

    def run_to(self, end: float) -> None:
        """Run all that happens before `end`; what was scheduled for later stays undone."""
        queue = self._queue
        while queue and queue[0][0] < end:
            self.now, _, _, event = heappop(queue)
            callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
            for callback in callbacks:  # type: ignore[union-attr]
                callback(event)
        self.now = end


class Life(Event):
    """Somebody's story, told step by step; the event is their next moment.

    Parameters
    ----------
    clock
        When things happen.
    story
        What happens.
    """

    def __init__(self, clock: Clock, story: Story) -> None:
        self._clock = clock
        self._queue = clock._queue  # noqa: SLF001 (they are one mechanism)
        self._eid = clock._eid  # noqa: SLF001
        self._tell = story.send
        self._go_on = [self._resume]
        self._ok = True
        self._value = None
        self.callbacks = self._go_on
        heappush(self._queue, (clock.now, 1, next(self._eid), self))  # type: ignore[misc]

    def _resume(self, event: Event) -> None:
        try:
            wait = self._tell(event._value)  # noqa: SLF001
        except StopIteration:
            return
        if wait.__class__ is float:
            self.callbacks = self._go_on
            heappush(self._queue, (wait, 1, next(self._eid), self))  # type: ignore[misc]
        else:
            wait.callbacks.append(self._resume)  # type: ignore[union-attr]
