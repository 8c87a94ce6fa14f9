"""The clock: SimPy's event queue, for processes that mostly wait until a known moment.

In a clinic nearly every wait ends at a known moment: the end of a step, an arrival, a relapse. A :class:`Process`
may therefore yield the moment itself, a float, and is put into SimPy's queue at exactly that moment. (A delay would
not do: in floating point now + (moment - now) is not always the moment, so a patient could be served a rounding
error before opening.) The process itself is the event in the queue, and no timeout is created for each wait, which
makes the clock about twice as fast. A process that waits for a chair or a nurse yields an ordinary SimPy event.

The queue is SimPy's own, with entries (moment, priority, count, event). The count rises with every entry, so events
at one moment and of one priority happen in the order in which they were scheduled, and a run is reproducible.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heappop, heappush
from itertools import repeat
from typing import Any, TypeAlias, TypeVar

from simpy import Environment, Event

from simclinic.errors import BoundError
from simclinic.scenario.bounds import MOST_EVENTS

T = TypeVar("T")

Steps: TypeAlias = Generator[float | Event, Any, T]
"""The steps of a process, as a generator: yields moments and events to wait for, and returns a `T`.

A process started by :meth:`Clock.start` may return the steps that follow, or None.
"""


class Clock(Environment):
    """SimPy's environment with the time as a plain attribute and a short run loop.

    Parameters
    ----------
    start
        Initial time, in minutes.
    """

    now: float = 0.0  # an attribute, because it is read millions of times; in SimPy it is a property

    def __init__(self, start: float) -> None:
        super().__init__(initial_time=start)
        self.now = start

    def schedule(self, event: Event, priority: int = 1, delay: float = 0.0) -> None:
        """Put an event that has happened into the queue; SimPy calls this."""
        heappush(self._queue, (self.now + delay, priority, next(self._eid), event))  # type: ignore[misc]

    def at(self, moment: float, action: Callable[[Any], None], value: Any = None) -> None:  # noqa: ANN401 (as the action takes it)
        """Call `action(value)` at a moment."""
        heappush(self._queue, (moment, 1, next(self._eid), _Scheduled(action, value)))  # type: ignore[misc]

    def at_last(self, action: Callable[[Any], None]) -> None:
        """Call `action(None)` after all other events of the present moment."""
        heappush(self._queue, (self.now, 2, next(self._eid), _Scheduled(action, None)))  # type: ignore[misc]

    def start(self, steps: Steps[Any], *, first: bool = False) -> None:
        """Start a process now.

        Parameters
        ----------
        steps
            The steps of the process.
        first
            Whether it precedes all others at the same moment.
        """
        Process(self, steps, 0 if first else 1)

    def run_to(self, end: float, most: int = MOST_EVENTS) -> None:
        """Run all events before `end`; later ones do not happen.

        Parameters
        ----------
        end
            The moment at which to stop.
        most
            Largest permitted number of events.

        Raises
        ------
        BoundError
            If there are more events.
        """
        queue: list[Any] = self._queue
        last = _Scheduled(None, None)
        # Priority -1 precedes every event at `end` itself. The queue never runs empty before this entry.
        heappush(queue, (end, -1, next(self._eid), last))
        for _ in repeat(None, most):  # a bound on events that needs no counter
            self.now, _, _, event = heappop(queue)
            if event.__class__ is Process:
                event.resume(None)
            elif event is last:
                return
            else:
                for callback in event.callbacks:
                    callback(event)
        raise BoundError(f"more than {most:,} events: the clinic never comes to the end of its time")


class _Scheduled:
    """A scheduled action, with the one attribute of a SimPy event that the run loop needs: `callbacks`."""

    __slots__ = ("action", "callbacks", "value")

    def __init__(self, action: Callable[[Any], None] | None, value: object) -> None:
        self.action = action
        self.value = value
        self.callbacks = (_call,)


def _call(scheduled: _Scheduled) -> None:
    assert scheduled.action is not None
    scheduled.action(scheduled.value)


class Process:
    """A process: the clock runs its steps from one wait to the next.

    A process waits for one thing at a time, so it has at most one entry in the queue, and the same object can be
    that entry each time.

    Parameters
    ----------
    clock
        The clock that runs it.
    steps
        Its steps.
    priority
        0: before all others at the same moment; 1: in the order in which they were scheduled.
    """

    __slots__ = ("_clock", "_count", "_priority", "_queue", "_send")

    def __init__(self, clock: Clock, steps: Steps[Any], priority: int) -> None:
        self._clock = clock
        self._queue: list[Any] = clock._queue  # noqa: SLF001 (clock and processes are one mechanism)
        self._count = clock._eid  # noqa: SLF001
        self._priority = priority
        self._send = steps.send
        self.resume(None)

    def resume(self, value: object) -> None:
        """Run to the next wait.

        Parameters
        ----------
        value
            The value of the event waited for, such as the number of a chair.
        """
        try:
            wait: Any = self._send(value)
        except StopIteration as end:
            if end.value is not None:
                self._send = end.value.send
                self.resume(None)  # the steps that follow, which may end at once as well
            return
        if wait.__class__ is float:
            if not wait >= self._clock.now:
                # SimPy would go back in time without an error, and sort NaN anywhere.
                raise RuntimeError(f"a process waits until {wait}, and it is {self._clock.now}")
            heappush(self._queue, (wait, self._priority, next(self._count), self))
        else:
            wait.callbacks.append(self._triggered)

    def _triggered(self, event: Event) -> None:
        self.resume(event.value)
