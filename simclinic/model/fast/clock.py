"""The clock: SimPy's queue of events in arrays, ordered by moment, priority and order of asking.

Small heaps are laid out as `heapq` does it, because their order in memory is seen when they are emptied into the
queue of events.
"""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.state import CLEAN_UP, LIFE

World = Any


def push(w: World, moment: float, priority: int, kind: int, who: int) -> None:
    """Mirror `Clock.schedule` and `Clock.at`: put an event into the queue."""
    c = of.clinic(w)[0]
    time, keys, what = of.heap_time(w), of.heap_key(w), of.heap_what(w)
    if not moment >= c.now:
        c.error = 1  # as `Process.resume`: a wait in the past, or NaN
    if c.heap_n >= len(time):
        c.error = 1
        return
    key = ((priority + 1) << 48) + c.eid
    c.eid += 1
    place = c.heap_n
    c.heap_n = place + 1
    while place > 0:
        above = (place - 1) >> 1
        if moment < time[above] or (moment == time[above] and key < keys[above]):
            time[place], keys[place], what[place] = time[above], keys[above], what[above]
            place = above
        else:
            break
    time[place], keys[place], what[place] = moment, key, kind | (who << 4)


def pop(w: World) -> int:
    """Take the next event out of the queue, and set the clock to its moment."""
    c = of.clinic(w)[0]
    time, keys, what = of.heap_time(w), of.heap_key(w), of.heap_what(w)
    c.now, first = time[0], what[0]
    n = c.heap_n - 1
    c.heap_n = n
    moment, key, last = time[n], keys[n], what[n]
    place, child = 0, 1
    while child < n:
        other = child + 1
        if other < n and (
            time[other] < time[child] or (time[other] == time[child] and keys[other] < keys[child])
        ):
            child = other
        if time[child] < moment or (time[child] == moment and keys[child] < key):
            time[place], keys[place], what[place] = time[child], keys[child], what[child]
            place = child
            child = 2 * place + 1
        else:
            break
    time[place], keys[place], what[place] = moment, key, last
    return int(first)


def until(w: World, p: int, moment: float, state: int) -> None:
    """Mirror a process that yields a moment: the pathway of `p` goes on then, in `state`."""
    of.patients(w)[p].state = state
    push(w, moment, 1, LIFE, p)


def succeed(w: World, who: int, news: int) -> None:
    """Mirror `Event.succeed`: `who` is twice a patient, or twice a visit to clean up after and 1."""
    now = of.clinic(w)[0].now
    if who & 1:
        push(w, now, 1, CLEAN_UP, who >> 1)
    else:
        of.patients(w)[who >> 1].news = news
        push(w, now, 1, LIFE, who >> 1)


def later(a: float, b: float) -> float:
    """Mirror `max(a, b)` of Python."""
    return max(a, b)


def sooner(a: float, b: float) -> float:
    """Mirror `min(a, b)` of Python."""
    return min(a, b)


def _sift_up(time: Any, number: Any, place: int) -> None:  # noqa: ANN401
    """Mirror `heapq._siftdown`."""
    moment, value = time[place], number[place]
    while place > 0:
        above = (place - 1) >> 1
        if moment < time[above] or (moment == time[above] and value < number[above]):
            time[place], number[place] = time[above], number[above]
            place = above
        else:
            break
    time[place], number[place] = moment, value


def small_push(time: Any, number: Any, n: int, moment: float, value: int) -> None:  # noqa: ANN401
    """Mirror `heapq.heappush` on a heap of n pairs."""
    time[n], number[n] = moment, value
    _sift_up(time, number, n)


def small_pop(time: Any, number: Any, n: int) -> int:  # noqa: ANN401
    """Mirror `heapq.heappop` on a heap of n pairs: the hole sinks to the bottom, then the last one rises."""
    first = int(number[0])
    n -= 1
    moment, value = time[n], number[n]
    if n > 0:
        place, child = 0, 1
        while child < n:
            right = child + 1
            if right < n and not (
                time[child] < time[right] or (time[child] == time[right] and number[child] < number[right])
            ):
                child = right
            time[place], number[place] = time[child], number[child]
            place = child
            child = 2 * place + 1
        time[place], number[place] = moment, value
        _sift_up(time, number, place)
    return first
