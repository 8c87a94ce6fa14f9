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
from itertools import repeat
from typing import Any

from simpy import Environment, Event

from simclinic.errors import BoundError
from simclinic.scenario.bounds import MOST_EVENTS

Story = Generator[Any, Any, Any]
"""What a life is written as: yields moments and events to wait for, and may return the story that follows."""


class Clock(Environment):
    """SimPy's environment with a plain attribute for the time and a run loop without detours.

    Parameters
    ----------
    start
        The time at which it begins, in minutes.
    """

    now: float = 0.0  # SimPy's is a property, read millions of times

    def __init__(self, start: float) -> None:
        super().__init__(initial_time=start)
        self.now = start

    def schedule(self, event: Event, priority: int = 1, delay: float = 0.0) -> None:
        """Put an event that has happened into the queue; SimPy calls this."""
        heappush(self._queue, (self.now + delay, priority, next(self._eid), event))  # type: ignore[misc]

    def at(self, moment: float, action: Callable[[Any], None], value: Any = None) -> None:  # noqa: ANN401 (as the action takes it)
        """Call `action(value)` at a moment."""
        heappush(self._queue, (moment, 1, next(self._eid), _Deed(action, value)))  # type: ignore[misc]

    def at_last(self, action: Callable[[Any], None]) -> None:
        """Call `action(None)` when all that happens at the present moment has happened."""
        heappush(self._queue, (self.now, 2, next(self._eid), _Deed(action, None)))  # type: ignore[misc]

    def live(self, story: Story, *, first: bool = False) -> None:
        """Begin a life now.

        Parameters
        ----------
        story
            What happens.
        first
            Whether it comes before everybody else at one and the same moment.
        """
        Life(self, story, 0 if first else 1)

    def run_to(self, end: float, most: int = MOST_EVENTS) -> None:
        """Run all that happens before `end`; what was scheduled for later stays undone.

        Parameters
        ----------
        end
            When to stop.
        most
            How many events there may be until then.

        Raises
        ------
        BoundError
            If there are more.
        """
        queue: list[Any] = self._queue
        last = _Deed(None, None)
        heappush(queue, (end, -1, next(self._eid), last))
        for _ in repeat(None, most):  # costs nothing, as counting would
            self.now, _, _, event = heappop(queue)
            if event.__class__ is Life:
                event.go_on(None)
            elif event is last:
                return
            else:
                for callback in event.callbacks:
                    callback(event)
        raise BoundError(f"more than {most:,} events: the clinic never comes to the end of its time")


class _Deed:
    """Something to do at a moment, looking to the queue like a SimPy event."""

    __slots__ = ("action", "callbacks", "value")

    def __init__(self, action: Callable[[Any], None] | None, value: object) -> None:
        self.action = action
        self.value = value
        self.callbacks = (_do,)


def _do(deed: _Deed) -> None:
    assert deed.action is not None
    deed.action(deed.value)


class Life:
    """Somebody's story, told step by step; in the queue it stands for their next moment.

    Parameters
    ----------
    clock
        When things happen.
    story
        What happens.
    priority
        0 before everybody else at one and the same moment, 1 in the order of asking.
    """

    __slots__ = ("_clock", "_count", "_priority", "_queue", "_tell")

    def __init__(self, clock: Clock, story: Story, priority: int) -> None:
        self._clock = clock
        self._queue: list[Any] = clock._queue  # noqa: SLF001 (clock and lives are one mechanism)
        self._count = clock._eid  # noqa: SLF001
        self._priority = priority
        self._tell = story.send
        self.go_on(None)

    def go_on(self, news: object) -> None:
        """Tell the story until the next wait.

        Parameters
        ----------
        news
            What was waited for brought: the number of a chair, say.
        """
        try:
            wait = self._tell(news)
        except StopIteration as over:
            if over.value is not None:
                self._tell = over.value.send
                self.go_on(None)  # the next chapter, which may be over at once as well
            return
        if wait.__class__ is float:
            if not wait >= self._clock.now:
                # SimPy would go back in time without a word, and sort NaN anywhere.
                raise RuntimeError(f"somebody waits until {wait}, and it is {self._clock.now}")
            heappush(self._queue, (wait, self._priority, next(self._count), self))
        else:
            wait.callbacks.append(self._hear)

    def _hear(self, event: Event) -> None:
        self.go_on(event.value)
