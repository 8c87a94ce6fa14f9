"""A column of dates and times, stored as numbers and written in one style only when it is read."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np

from simclinic.arrays import Bools, Floats, Integers
from simclinic.calibration.cells import Cells
from simclinic.calibration.dates import Moment, parse_moment


class Timestamps(Sequence[str]):
    """Dates and times in clinic time.

    Attributes
    ----------
    day
        The day's proleptic ordinal (`date.toordinal`); 0 where there is none.
    minute
        Minutes after midnight; NaN where there is no time.
    cells
        Text of cells that are neither date nor time; empty elsewhere.
    """

    __slots__ = ("cells", "day", "minute")

    def __init__(self, day: Integers, minute: Floats, cells: Cells) -> None:
        self.day, self.minute = day, minute
        odd = (day == 0) & np.isnan(minute)
        self.cells = Cells.among(
            np.where(odd, cells.codes, len(cells.words)).astype(np.int32), [*cells.words, ""]
        )

    def __len__(self) -> int:
        return len(self.day)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Timestamps: ...
    def __getitem__(self, at: int | slice) -> str | Timestamps:
        if isinstance(at, slice):
            return Timestamps(self.day[at], self.minute[at], self.cells[at])
        return _written(int(self.day[at]), float(self.minute[at])) or self.cells[at]

    def __iter__(self) -> Iterator[str]:
        for day, minute, cell in zip(self.day.tolist(), self.minute.tolist(), self.cells, strict=True):
            yield _written(day, minute) or cell

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def take(self, which: Bools) -> Timestamps:
        """Return some of the cells."""
        return Timestamps(self.day[which], self.minute[which], self.cells.take(which))

    def filled(self) -> Bools:
        """Return whether each cell is filled."""
        filled: Bools = (self.day > 0) | ~np.isnan(self.minute) | self.cells.filled()
        return filled


def moments(column: Cells | Timestamps) -> tuple[Floats, Integers]:
    """Read a column of times, with or without dates.

    Returns
    -------
    minutes
        Minutes after midnight; NaN where there is no time.
    dates
        Numbers that are equal where the dates are, 0 without a date.
    """
    if isinstance(column, Timestamps):
        odd = (column.day == 0) & np.isnan(column.minute)
        seconds = np.rint(column.minute * 60.0)  # rounded as in the text of the cells
        minute = np.floor(seconds / 3600.0) * 60.0 + np.floor(seconds / 60.0) % 60.0 + (seconds % 60.0) / 60.0
        day = column.day.copy()
        minute[odd], day[odd] = moments(column.cells.take(odd))
        return minute, day
    read = [parse_moment(word) for word in column.words]
    minutes = np.array([math.nan if each is None else each.minute for each in read], dtype=np.float64)
    dates = np.array([_date_of(each) for each in read], dtype=np.int64)
    return minutes[column.codes], dates[column.codes]


def _date_of(moment: Moment | None) -> int:
    if moment is None or moment.parts is None:
        return 0
    try:
        return dt.date(*moment.parts).toordinal()
    except ValueError:  # the order of the parts is unknown here, and only equality matters
        first, second, third = moment.parts
        return -1 - ((first * 10_000) + second) * 10_000 - third


def _written(day: int, minute: float) -> str:
    date = dt.date.fromordinal(day).isoformat() if day else ""
    if math.isnan(minute):
        return date
    seconds = round(minute * 60)
    return f"{date} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}".strip()
