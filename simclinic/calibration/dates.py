"""Dates as clinics' systems write them: 2026-03-14, 3/14/2026 2:30 PM, 14.03.2026, 14 Mar 2026.

Whether 3/4/2026 is in March or in April is not to be told from one cell; it is from a column, if somewhere in it a
day above 12 stands. A column in which none does, or which is written in two styles, is refused rather than guessed.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from simclinic.calibration.export import ExportError
from simclinic.errors import Problem

_YEARS = range(1900, 2200)
"""Years of appointments: systems write 9999-12-31 or 0001-01-01 for a date that they do not have."""

ORDERS = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}
"""Orders that `--dates` names."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
_DAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]?\s+", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_DAY_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/. ,]*([A-Za-z]{3,9})[-/. ,]*(\d{4}|\d{2})(?!\d)")
_MONTH_NAMED = re.compile(r"([A-Za-z]{3,9})[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/. ,]+(\d{4}|\d{2})(?!\d)")
_YEAR_NAMED = re.compile(r"(\d{4})[-/. ]([A-Za-z]{3,9})[-/. ](\d{1,2})(?!\d)")
_TIME = re.compile(
    r"(?:[T,]|\s|\bat\b)*(\d{1,2})(?:[:.h](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?)?"
    r"\s*([AaPp])?\.?(?:[Mm]\.?)?\s*(Z|[+-]\d{2}:?\d{2})?\s*"
)


@dataclass(frozen=True)
class Moment:
    """One cell, taken apart.

    Attributes
    ----------
    style
        `year first`, `named`, or `numbers` with its separator; empty for a time alone.
    parts
        The three numbers as they stand: year, month, day, except in the style of numbers.
    minute
        Minutes after midnight; NaN if the cell has no time.
    universal
        Whether it says that it is in universal time.
    """

    style: str
    parts: tuple[int, int, int] | None
    minute: float
    universal: bool = False


def take_apart(cell: str) -> Moment | None:
    """Take a cell apart; None if it is neither a date nor a time."""
    if cell.startswith('="') and cell.endswith('"'):
        cell = cell[2:-1]  # how some systems keep spreadsheets from changing a cell
    rest = _DAY.sub("", cell.strip(), count=1) if cell[:1].isalpha() else cell.strip()
    found = _date(rest)
    if found is None:
        moment = _time(rest) if ":" in rest or re.search(r"\d\s*[AaPp]", rest) else None
        return None if moment is None else Moment("", None, *moment)
    style, parts, end = found
    rest = rest[end:].strip()
    if not rest:
        return Moment(style, parts, math.nan)
    moment = _time(rest)
    return None if moment is None else Moment(style, parts, *moment)


def _date(text: str) -> tuple[str, tuple[int, int, int], int] | None:
    if found := _YEAR_FIRST.match(text):
        return "year first", (_number(found[1]), int(found[3]), int(found[4])), found.end()
    if found := _NUMBERS.match(text):
        return f"numbers with {found[2]}", (int(found[1]), int(found[3]), _number(found[4])), found.end()
    if found := _COMPACT.match(text):
        return "year first", (_number(found[1]), int(found[2]), int(found[3])), found.end()
    for pattern, year, month, day in ((_DAY_NAMED, 3, 2, 1), (_MONTH_NAMED, 3, 1, 2), (_YEAR_NAMED, 1, 2, 3)):
        if (found := pattern.match(text)) and (number := _month(found[month])):
            return "named", (_full_year(_number(found[year])), number, int(found[day])), found.end()
    return None


def _month(word: str) -> int | None:
    word = word.casefold()
    if word[:3] in _MONTHS and (word in _MONTHS or word == "sept" or word in _FULL):
        return _MONTHS.index(word[:3]) + 1
    return None


def _time(text: str) -> tuple[float, bool] | None:
    found = _TIME.fullmatch(text)
    if found is None or (found[2] is None and found[4] is None):
        return None
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if found[4]:
        if not 1 <= hour <= 12:
            return None if hour > 23 or hour == 0 else _plain_time(hour, minute, second, found[5])
        hour = hour % 12 + (12 if found[4] in "pP" else 0)
    return _plain_time(hour, minute, second, found[5])


def _plain_time(hour: int, minute: int, second: int, zone: str | None) -> tuple[float, bool] | None:
    if hour > 24 or minute > 59 or second > 60:
        return None
    return hour * 60 + minute + second / 60, zone == "Z"


def _number(year: str) -> int:
    """Read a year; one of four digits is meant as it stands: 0001 is not 2001, but no year of a clinic."""
    return int(year) if len(year) == 2 or int(year) >= 100 else _YEARS.stop


def _full_year(year: int) -> int:
    return year + 2000 if year < 100 else year


def _ordinal(parts: tuple[int, int, int], order: str) -> int | None:
    """Give the day's number in the calendar; None if there is no such day."""
    first, second, third = parts
    year, month, day = {
        "ymd": (first, second, third),
        "dmy": (third, second, first),
        "mdy": (third, first, second),
    }[order]
    if _full_year(year) not in _YEARS:
        return None
    try:
        return dt.date(_full_year(year), month, day).toordinal()
    except ValueError:
        return None


@dataclass(frozen=True)
class Days:
    """A column of dates, read.

    Attributes
    ----------
    day
        For each cell the day's number in the calendar (`date.toordinal`); 0 where it is no date.
    minute
        Minutes after midnight; NaN where there is no time.
    order
        How numbers were read, in words; empty if the column has none to decide on.
    several
        Whether styles that leave no doubt stand beside each other.
    """

    day: list[int]
    minute: list[float]
    order: str
    several: bool


def read_days(
    cells: Sequence[str], lines: Sequence[int], *, heading: str, file: str, order: str | None = None
) -> Days:
    """Read a column of dates.

    Parameters
    ----------
    cells
        The column.
    lines
        The line of each.
    heading, file
        For errors.
    order
        A key of `ORDERS` that settles what the column leaves open.

    Raises
    ------
    ExportError
        If the order of day and month cannot be told, or there are two styles.
    """
    known = {cell: take_apart(cell) for cell in set(cells)}
    first: dict[str, int] = {}
    numbers: dict[tuple[int, int, int], int] = {}
    for cell, line in zip(cells, lines, strict=True):
        moment = known[cell]
        if moment is None or moment.parts is None:
            continue
        if moment.universal:
            rule = (
                f"the times in {heading!r} are in universal time (they end in Z), so that an evening's date may be "
                "the next day's: export them in the clinic's own time"
            )
            raise ExportError([Problem(rule, file=file, line=line)])
        first.setdefault(moment.style, line)
        if moment.style.startswith("numbers"):
            numbers.setdefault(moment.parts, line)
    styles = [style for style in first if style.startswith("numbers")]
    told = ""
    if styles and order is None:
        if len(first) > 1:
            shown = " and ".join(f"{style} (line {line})" for style, line in list(first.items())[:3])
            raise ExportError([_settle(f"{heading!r} is written in several styles: {shown}", file)])
        order = _decide(numbers, heading, file)
    if styles:
        assert order is not None
        told = ORDERS[order]
    by_cell: dict[str, tuple[int, float]] = {}
    for cell, moment in known.items():
        if moment is None or moment.parts is None:
            by_cell[cell] = (0, math.nan)
            continue
        how = order if moment.style.startswith("numbers") and order else "ymd"
        by_cell[cell] = (_ordinal(moment.parts, how) or 0, moment.minute)
    read = [by_cell[cell] for cell in cells]
    return Days([day for day, _ in read], [minute for _, minute in read], told, len(first) > 1)


def _settle(told: str, file: str) -> Problem:
    return Problem(
        f"{told}. Say which it is with --dates dmy (14/3/2026), --dates mdy (3/14/2026) or --dates ymd (26/3/14)",
        file=file,
    )


def _decide(numbers: dict[tuple[int, int, int], int], heading: str, file: str) -> str:
    """Tell in which order the numbers of a column stand.

    Raises
    ------
    ExportError
        If that cannot be told.
    """
    orders = ["dmy", "mdy"]
    if all(third < 100 for _, _, third in numbers):
        # Of years there are few different ones, of days many.
        different = [len({parts[at] for parts in numbers}) for at in range(3)]
        likely = [o for o in ("dmy", "mdy", "ymd") if different[o.index("y")] <= different[o.index("d")]]
        orders = likely or ["dmy", "mdy", "ymd"]
    fits = {
        order: {parts: day for parts in numbers if (day := _ordinal(parts, order)) is not None}
        for order in orders
    }
    most = max(len(fit) for fit in fits.values())
    only = {
        order: [numbers[parts] for parts in fit if sum(parts in other for other in fits.values()) == 1]
        for order, fit in fits.items()
    }
    if only.get("dmy") and only.get("mdy"):
        told = (
            f"{heading!r} is written in two styles: the day comes first in line {min(only['dmy'])}, the month in "
            f"line {min(only['mdy'])}"
        )
        raise ExportError([_settle(told, file)])
    best = [order for order, fit in fits.items() if len(fit) == most]
    if len(best) > 1 and any(fits[order] != fits[best[0]] for order in best):
        words = " or ".join(ORDERS[order] for order in best)
        told = f"{heading!r}: no date tells whether they are written {words}"
        if "ymd" not in best:
            told += " (every day is at most 12)"
        raise ExportError([_settle(told, file)])
    return best[0]


def minute_of(time: str) -> float:
    """Give the time of day in minutes after midnight; NaN if it has none."""
    moment = take_apart(time)
    return math.nan if moment is None else moment.minute


def minutes_between(came: str, left: str) -> float | None:
    """Minutes from one time to another, each with or without a date; None if one of them is none.

    A departure before the arrival is negative. Dates count only if both have one and they differ, and then as a day
    apart: nobody stays longer.
    """
    begin, end = take_apart(came), take_apart(left)
    if begin is None or end is None or math.isnan(begin.minute) or math.isnan(end.minute):
        return None
    another_day = begin.parts is not None and end.parts is not None and begin.parts != end.parts
    return end.minute - begin.minute + (1440.0 if another_day and end.minute < begin.minute else 0.0)
