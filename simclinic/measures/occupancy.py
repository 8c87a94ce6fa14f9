"""How much is held at a time: chairs, nurses' hands, patients waiting.

Ten visits hold ten chairs for a while each; how many chairs were held between ten and eleven, on average? The
number held is a staircase in time, so its integral is a line with a kink at every begin and end. The kinks
are sorted once; after that any question costs a look-up, and 52 weeks of hours are asked for at once.

>>> held = Occupancy(np.array([0.0, 30.0]), np.array([60.0, 90.0]))
>>> held.until(np.array([30.0, 60.0, 90.0])).tolist()
[30.0, 90.0, 120.0]
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Floats


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of time that do not overlap, in order: opening hours, hours with a nurse present.

    Attributes
    ----------
    begin, end
        Minutes, of one length.
    """

    begin: Floats
    end: Floats

    @classmethod
    def union(cls, begin: Floats, end: Floats) -> Spans:
        """Join stretches that overlap or touch.

        >>> Spans.union(np.array([5.0, 0.0, 9.0]), np.array([7.0, 5.0, 10.0]))
        Spans(begin=array([0., 9.]), end=array([ 7., 10.]))
        """
        if not begin.size:
            return cls(begin, end)
        order = np.argsort(begin, kind="stable")
        begin, reached = begin[order], np.maximum.accumulate(end[order])
        fresh = np.flatnonzero(begin[1:] > reached[:-1]) + 1
        return cls(begin[np.append(0, fresh)], reached[np.append(fresh - 1, begin.size - 1)])


class Occupancy:
    """The number held as time passes, from stretches [begin, end) of finite minutes.

    Parameters
    ----------
    begin, end
        Minutes, one pair for each stretch.
    weight
        What each stretch holds: whole numbers, so that sums are exact and do not depend on the order of
        stretches that begin together. One each if left out.
    """

    __slots__ = ("_first", "_held", "_level", "_order", "_times")

    def __init__(self, begin: Floats, end: Floats, weight: npt.NDArray[np.number] | None = None) -> None:
        # Stretches that begin in order nearly end in order, too, and what is nearly in order is soon sorted.
        self._first = np.argsort(begin, kind="stable")
        times = np.concatenate((begin[self._first], end[self._first]))
        self._order = np.argsort(times, kind="stable")
        self._times = times[self._order] if times.size else np.zeros(1)
        if weight is None:
            self._hold(np.where(self._order < begin.size, 1.0, -1.0))
        else:
            self._weigh(weight)

    def _weigh(self, weight: npt.NDArray[np.number]) -> None:
        each = weight[self._first].astype(np.float64)
        self._hold(np.concatenate((each, -each))[self._order])

    def _hold(self, change: Floats) -> None:
        """Add up the changes of the number held, in the order of time."""
        level = np.cumsum(change)
        self._level = level if level.size else np.zeros(1)
        self._held = np.zeros(self._times.size)
        np.cumsum(level[:-1] * (self._times[1:] - self._times[:-1]), out=self._held[1:])

    def weighted(self, weight: npt.NDArray[np.number]) -> Occupancy:
        """Give the same stretches with other weights, without sorting them again.

        >>> Occupancy(np.array([0.0]), np.array([60.0])).weighted(np.array([2])).until(np.array([30.0])).tolist()
        [60.0]
        """
        other = copy(self)
        other._weigh(weight)  # noqa: SLF001 (its own kind)
        return other

    @property
    def moments(self) -> Floats:
        """When stretches begin and end, in minutes, ascending."""
        first: Bools = np.append(True, self._times[1:] != self._times[:-1])
        return self._times[first]

    def at(self, times: Floats) -> Floats:
        """Give the number held at each of these times; what ends just then is no longer held.

        >>> Occupancy(np.array([0.0, 30.0]), np.array([60.0, 90.0])).at(np.array([-1.0, 30.0, 60.0])).tolist()
        [0.0, 2.0, 1.0]
        """
        return np.append(0.0, self._level)[np.searchsorted(self._times, times, side="right")]

    def until(self, times: Floats) -> Floats:
        """Give the minutes held up to each of these times (the integral of the number held)."""
        return np.interp(times, self._times, self._held)

    def by_number(self, spans: Spans) -> Floats:
        """Give the minutes inside the spans with each number held, from 0 to the most, shape (most + 1,).

        Weights must be one each, or whole numbers.

        >>> held = Occupancy(np.array([0.0, 30.0]), np.array([60.0, 90.0]))
        >>> held.by_number(Spans(np.array([0.0]), np.array([100.0]))).tolist()
        [10.0, 60.0, 30.0]
        """
        if not spans.begin.size:
            return np.zeros(1)
        length = np.append(0.0, np.cumsum(spans.end - spans.begin))
        # minutes of the spans that are over at each moment: a line with a kink at every begin and end of a span
        over = np.interp(
            self._times, np.column_stack((spans.begin, spans.end)).ravel(), np.repeat(length, 2)[1:-1]
        )
        number = self._level[:-1].astype(np.int64)
        minutes = np.bincount(number, weights=np.diff(over), minlength=1).astype(np.float64)
        minutes[0] += over[0] + length[-1] - over[-1]
        some = np.flatnonzero(minutes)
        return minutes[: some[-1] + 1 if some.size else 0]

    def inside(self, spans: Spans, edges: Floats) -> Floats:
        """Give the minutes held inside the spans, between one edge and the next, shape (edges - 1,)."""
        if not spans.begin.size:
            return np.zeros(edges.size - 1)
        until_end = self.until(spans.end)
        whole = np.append(0.0, np.cumsum(until_end - self.until(spans.begin)))
        begun = np.searchsorted(spans.begin, edges)  # spans that begin before the edge
        last = np.maximum(begun - 1, 0)
        beyond = until_end[last] - self.until(np.minimum(edges, spans.end[last]))
        return np.diff(whole[begun] - np.where(begun > 0, beyond, 0.0))
