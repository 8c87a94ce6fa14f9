"""A factor: one setting that a sweep varies, over listed levels or over a range.

Designs work on the unit interval; a factor says what a number from it means:

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
"""What a setting can be."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One setting that is varied.

    Attributes
    ----------
    address
        Which, as `--set` names it.
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
        """Give the value that belongs to a number between 0 and 1; levels and whole numbers have equal shares."""
        if self.levels:
            return self.levels[_share(unit, len(self.levels))]
        if self.whole:
            return int(self.low) + _share(unit, int(self.high) - int(self.low) + 1)
        return self.low + unit * (self.high - self.low)

    @property
    def ordered(self) -> bool:
        """Whether more and less mean something: numbers, or only two levels."""
        numbers = all(isinstance(level, int | float) and not isinstance(level, bool) for level in self.levels)
        return numbers or len(self.levels) <= 2


def _share(unit: float, count: int) -> int:
    return min(int(unit * count), count - 1)
