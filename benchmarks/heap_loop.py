"""The two walk-in clinics as a bare loop over a heap of events, compiled by numba: the least that an engine can do.

No calendar, no book, no roster, no tables: a heap of moments, two first-come queues, and a row for each patient.
The order of events at one moment is left to chance, as lengths have no atoms.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.textbook import CHAIRS, NURSES

Floats = npt.NDArray[np.float64]
_ARRIVES, _NURSED, _LIES, _GOES = range(4)


def compiled() -> tuple[Callable[..., Floats], Callable[..., Floats]]:
    """Return the two clinics, compiled: functions of arrivals and lengths, as arrays."""
    import numba

    compile_: Any = numba.njit
    functions = compile_(_chairs_only), compile_(_chairs_and_nurses)
    for function, steps in zip(functions, (1, 4), strict=True):
        function(np.zeros(1), np.ones((1, steps)))
    return functions


def as_arrays(arrivals: Sequence[float], lengths: Sequence[tuple[float, ...]]) -> tuple[Floats, Floats]:
    """Return arrivals and lengths as arrays."""
    return np.array(arrivals), np.array(lengths)


def _chairs_only(arrivals: Floats, lengths: Floats) -> Floats:
    count = len(arrivals)
    rows = np.zeros((count, 3))
    events = [(arrivals[0], 0, 0)]
    queue = np.zeros(count, np.int64)
    head = tail = 0
    free = CHAIRS
    while events:
        now, what, who = heapq.heappop(events)
        if what == _ARRIVES:
            rows[who, 0] = now
            if who + 1 < count:
                heapq.heappush(events, (arrivals[who + 1], _ARRIVES, who + 1))
            queue[tail] = who
            tail += 1
        else:
            rows[who, 2] = now
            free += 1
        while free and head < tail:
            one = queue[head]
            head += 1
            free -= 1
            rows[one, 1] = now
            heapq.heappush(events, (now + lengths[one, 0], _GOES, one))
    return rows


def _chairs_and_nurses(arrivals: Floats, lengths: Floats) -> Floats:
    count = len(arrivals)
    rows = np.zeros((count, 3))
    events = [(arrivals[0], 0, 0)]
    queue, task = np.zeros(count, np.int64), np.zeros(2 * count, np.int64)
    head = tail = first = last = 0
    chairs, nurses = CHAIRS, NURSES
    while events:
        now, what, who = heapq.heappop(events)
        if what == _ARRIVES:
            rows[who, 0] = now
            if who + 1 < count:
                heapq.heappush(events, (arrivals[who + 1], _ARRIVES, who + 1))
            queue[tail] = who
            tail += 1
        elif what == _NURSED:
            nurses += 1
            heapq.heappush(events, (now + lengths[who, 1] + lengths[who, 2], _LIES, who))
        elif what == _LIES:
            task[last] = who + count
            last += 1
        else:
            rows[who, 2] = now
            nurses += 1
            chairs += 1
        while chairs and head < tail:
            chairs -= 1
            task[last] = queue[head]
            last += 1
            head += 1
        while nurses and first < last:
            one = task[first]
            first += 1
            nurses -= 1
            if one < count:
                rows[one, 1] = now
                heapq.heappush(events, (now + lengths[one, 0], _NURSED, one))
            else:
                heapq.heappush(events, (now + lengths[one - count, 3], _GOES, one - count))
    return rows
