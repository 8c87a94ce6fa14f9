"""A factor: one setting that a sweep varies, over listed levels or over a range.

Designs work on the unit interval; a factor maps a number of it to a value:

>>> Factor("clinic.chairs", levels=(2, 3, 4)).value(0.5)
3
>>> Factor("relapse.days.mu", low=2.4, high=3.0).value(0.5)
2.7
>>> [Factor("booking.notice_days", low=1, high=3, whole=True).value(u) for u in (0.0, 0.4, 1.0)]
[1, 2, 3]
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

Value = bool | int | float | str | dt.date | list[Any] | dict[str, Any]
"""Types of a setting."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One setting that is varied.

    Attributes
    ----------
    address
        The setting's address, as in `--set`.
    levels
        The values it takes; empty if it has a range.
    low, high
        Its range.
    whole
        Whether only whole numbers of the range count.
    """

    address: str
    levels: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 0.0
    whole: bool = False

    def value(self, unit: float) -> Value:
        """Map a number between 0 and 1 to a value; levels and whole numbers have equal shares."""
        if self.levels:
            return self.levels[_share(unit, len(self.levels))]
        if self.whole:
            return int(self.low) + _share(unit, int(self.high) - int(self.low) + 1)
        return self.low + unit * (self.high - self.low)

    def place(self, unit: float) -> float:
        """Return the place of the value that belongs to a number, from 0 (the least) to 1 (the largest).

        With few levels the place is not the number itself: of 2, 3 and 4 chairs, 0.9 is 4, the end of the range.
        Levels that are not numbers are placed in their order.

        >>> [Factor("clinic.chairs", levels=(2, 3, 10)).place(unit) for unit in (0.1, 0.5, 0.9)]
        [0.0, 0.125, 1.0]
        """
        if self.whole:
            return _share(unit, int(self.high) - int(self.low) + 1) / (int(self.high) - int(self.low))
        if not self.levels:
            return unit
        numbers = [number for level in self.levels if (number := _number(level)) is not None]
        if len(numbers) < len(self.levels):
            numbers = [float(at) for at in range(len(self.levels))]
        least, most = min(numbers), max(numbers)
        return (numbers[_share(unit, len(numbers))] - least) / (most - least) if least < most else 0.0

    @property
    def ordered(self) -> bool:
        """Whether the levels have an order: numbers, or only two levels."""
        return len(self.levels) <= 2 or all(_number(level) is not None for level in self.levels)


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _share(unit: float, count: int) -> int:
    return min(int(unit * count), count - 1)
