"""The two walk-in clinics as a bare loop over events, compiled by numba: the least that an engine can do.

No calendar, no book, no roster, no tables: a queue of events, two first-come queues, and a row for each patient.
The order of events at one moment is left to chance, as lengths have no atoms. The queue of events is a heap of
tuples; the same loops over the clock of simclinic's compiled engine tell what that clock takes.
"""

from __future__ import annotations

import heapq
import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.textbook import CHAIRS, NURSES
from simclinic.model.fast import clock, state

Floats = npt.NDArray[np.float64]
Loops = tuple[Callable[..., Floats], Callable[..., Floats]]
"""Functions of arrivals and lengths, as arrays."""
_ARRIVES, _NURSED, _LIES, _GOES = range(4)
_ROOM = 64  # more events than are ahead at once: one arrival, and one for each chair


def compiled() -> Loops:
    """Return the two clinics over a heap, compiled."""
    return _compiled([_begin, _add, _left, _take], {})


def on_own_clock() -> Loops:
    """Return the two clinics over the clock of simclinic's engine, compiled."""
    access = types.ModuleType("access")
    for part in (_clinic, _heap_time, _heap_key, _heap_what):
        setattr(access, part.__name__[1:], _njit()(part))
    names = {**vars(clock), "of": access}
    own = types.ModuleType("clock")
    for function in (clock.push, clock.pop):
        setattr(own, function.__name__, _njit()(_with_names(function, names)))
    queue = [_begin_clock, _add_to_clock, _left_on_clock, _take_from_clock]
    return _compiled(queue, {"clock": own})


def _compiled(queue: Sequence[Callable[..., Any]], own: dict[str, Any]) -> Loops:
    names = {**globals(), **own}
    compiled_ = [_njit()(_with_names(each, names)) for each in queue]
    names |= dict(zip(("_begin", "_add", "_left", "_take"), compiled_, strict=True))
    one, four = (_njit()(_with_names(each, names)) for each in (_chairs_only, _chairs_and_nurses))
    one(np.zeros(1), np.ones((1, 1)))
    four(np.zeros(1), np.ones((1, 4)))
    return one, four


def _njit() -> Any:  # noqa: ANN401 (numba has no types, and need not be installed)
    import numba

    return numba.njit(error_model="numpy")


def _with_names(function: Any, names: dict[str, Any]) -> types.FunctionType:  # noqa: ANN401
    """Return a function that finds its global names elsewhere."""
    return types.FunctionType(function.__code__, names, function.__name__)


def as_arrays(arrivals: Sequence[float], lengths: Sequence[tuple[float, ...]]) -> tuple[Floats, Floats]:
    """Return arrivals and lengths as arrays."""
    return np.array(arrivals), np.array(lengths)


# -- a heap of tuples -----------------------------------------------------------------------------------------


def _begin(moment: float) -> Any:  # noqa: ANN401
    return [(moment, _ARRIVES, 0)]


def _add(events: Any, moment: float, what: int, who: int) -> None:  # noqa: ANN401
    heapq.heappush(events, (moment, what, who))


def _left(events: Any) -> bool:  # noqa: ANN401
    return len(events) > 0


def _take(events: Any) -> tuple[float, int, int]:  # noqa: ANN401
    moment, what, who = heapq.heappop(events)
    return moment, what, who


# -- the clock of the engine: a state with the arrays that it reads -------------------------------------------


def _clinic(w: Any) -> Any:  # noqa: ANN401
    return w[0]


def _heap_time(w: Any) -> Any:  # noqa: ANN401
    return w[1]


def _heap_key(w: Any) -> Any:  # noqa: ANN401
    return w[2]


def _heap_what(w: Any) -> Any:  # noqa: ANN401
    return w[3]


_CLINIC = state.clinic_t


def _begin_clock(moment: float) -> Any:  # noqa: ANN401
    w = (np.zeros(1, _CLINIC), np.zeros(_ROOM), np.zeros(_ROOM, np.int64), np.zeros(_ROOM, np.int64))
    clock.push(w, moment, 1, _ARRIVES, 0)
    return w


def _add_to_clock(events: Any, moment: float, what: int, who: int) -> None:  # noqa: ANN401
    clock.push(events, moment, 1, what, who)


def _left_on_clock(events: Any) -> bool:  # noqa: ANN401
    return bool(events[0][0].heap_n > 0)


def _take_from_clock(events: Any) -> tuple[float, int, int]:  # noqa: ANN401
    what = clock.pop(events)
    return events[0][0].now, what & 15, what >> 4


# -- the clinics ----------------------------------------------------------------------------------------------


def _chairs_only(arrivals: Floats, lengths: Floats) -> Floats:
    count = len(arrivals)
    rows = np.zeros((count, 3))
    events = _begin(arrivals[0])
    queue = np.zeros(count, np.int64)
    head = tail = 0
    free = CHAIRS
    while _left(events):
        now, what, who = _take(events)
        if what == _ARRIVES:
            rows[who, 0] = now
            if who + 1 < count:
                _add(events, arrivals[who + 1], _ARRIVES, who + 1)
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
            _add(events, now + lengths[one, 0], _GOES, one)
    return rows


def _chairs_and_nurses(arrivals: Floats, lengths: Floats) -> Floats:
    count = len(arrivals)
    rows = np.zeros((count, 3))
    events = _begin(arrivals[0])
    queue, task = np.zeros(count, np.int64), np.zeros(2 * count, np.int64)
    head = tail = first = last = 0
    chairs, nurses = CHAIRS, NURSES
    while _left(events):
        now, what, who = _take(events)
        if what == _ARRIVES:
            rows[who, 0] = now
            if who + 1 < count:
                _add(events, arrivals[who + 1], _ARRIVES, who + 1)
            queue[tail] = who
            tail += 1
        elif what == _NURSED:
            nurses += 1
            _add(events, now + lengths[who, 1] + lengths[who, 2], _LIES, who)
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
                _add(events, now + lengths[one, 0], _NURSED, one)
            else:
                _add(events, now + lengths[one - count, 3], _GOES, one - count)
    return rows
