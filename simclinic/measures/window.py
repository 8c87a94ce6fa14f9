"""The measured weeks, and the assignment of events and intervals to them.

The simulation begins long before the first measured day, because boosters need years to become steady. Every figure
is about [0, end) only: an event counts in its week, an interval of time counts with the part in the window, and an
interval that has not ended lasts until the end.

>>> window = Window(weeks=2)
>>> window.count(np.array([-5.0, 0.0, 10_080.0, np.nan, 20_160.0])).tolist()
[1, 1]
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Floats, Integers
from simclinic.measures.occupancy import Occupancy
from simclinic.records import DAY, WEEK, Records


@dataclass(frozen=True)
class Window:
    """The measured period, in whole weeks from minute 0 on.

    Attributes
    ----------
    weeks
        Number of weeks; at least 1.
    """

    weeks: int

    @classmethod
    def of(cls, records: Records) -> Window:
        """Take the measured weeks of a replication.

        Raises
        ------
        ValueError
            If the measured days are not whole weeks: figures per week would then mean different things.
        """
        weeks, rest = divmod(records.days_measured, 7)
        if rest or weeks < 1:
            raise ValueError(f"measured days must be whole weeks, at least one: {records.days_measured} days")
        return cls(weeks)

    @property
    def days(self) -> int:
        """Measured days."""
        return self.weeks * 7

    @property
    def end(self) -> float:
        """End of the period, in minutes."""
        return float(self.weeks * WEEK)

    @cached_property
    def edges(self) -> Floats:
        """Beginnings of the weeks, and the end of the last, in minutes, shape (weeks + 1,)."""
        return np.arange(self.weeks + 1, dtype=np.float64) * WEEK

    def holds(self, times: Floats) -> Bools:
        """Mark the moments in the period; NaN is outside."""
        return (times >= 0.0) & (times < self.end)

    def measured(self, days: npt.NDArray[np.integer]) -> Bools:
        """Mark the days, counted from the first measured one, in the period."""
        return (days >= 0) & (days < self.days)

    def count(self, times: Floats) -> Integers:
        """Count events by week, shape (weeks,); events outside the period are left out."""
        inside = times[self.holds(times)]
        return np.bincount(inside.astype(np.int64) // WEEK, minlength=self.weeks)

    def total(self, times: Floats, amounts: npt.NDArray[np.number]) -> Floats:
        """Add up the amounts of events by week, shape (weeks,), in the amounts' unit."""
        inside = self.holds(times)
        week = times[inside].astype(np.int64) // WEEK
        return np.bincount(week, weights=amounts[inside], minlength=self.weeks).astype(np.float64)

    def by_day(self, days: npt.NDArray[np.integer], amounts: npt.NDArray[np.number]) -> Floats:
        """Add up amounts of measured days (counted from 0) by week, shape (weeks,)."""
        return np.bincount(days // 7, weights=amounts, minlength=self.weeks).astype(np.float64)

    def occupancy(
        self, begin: Floats, end: Floats, weight: npt.NDArray[np.number] | None = None
    ) -> Occupancy:
        """Follow how much is held at a time, from stretches of time cut to the period.

        Parameters
        ----------
        begin
            Minutes; NaN where the stretch never began.
        end
            Minutes; NaN where it has not ended, which means it runs to the end of the period.
        weight
            What a stretch holds, whole numbers; one each if left out.
        """
        begin, end, real = self._cut(begin, end)
        return Occupancy(begin[real], end[real], None if weight is None else weight[real])

    def occupancies(
        self, begin: Floats, end: Floats, weight: npt.NDArray[np.number]
    ) -> tuple[Occupancy, Occupancy]:
        """Follow how many stretches there are at a time, and how much they hold; see :meth:`occupancy`."""
        begin, end, real = self._cut(begin, end)
        number = Occupancy(begin[real], end[real])
        return number, number.weighted(weight[real])

    def _cut(self, begin: Floats, end: Floats) -> tuple[Floats, Floats, Bools]:
        """Cut stretches to the period; tells also which are left."""
        # a NaN end becomes the period's end, a NaN begin fails the comparison
        begin, end = np.maximum(begin, 0.0), np.maximum(np.fmin(end, self.end), 0.0)
        return begin, end, begin < end

    def mean_by_week(self, begin: Floats, end: Floats) -> Floats:
        """Give the time-average number held in each week, shape (weeks,)."""
        return np.diff(self.occupancy(begin, end).until(self.edges)) / WEEK

    @cached_property
    def hours(self) -> Floats:
        """Beginnings of the hours, and the end of the last, in minutes, shape (hours + 1,)."""
        return np.arange(self.days * 24 + 1, dtype=np.float64) * (DAY // 24)
