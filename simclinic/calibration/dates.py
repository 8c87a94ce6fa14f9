"""Dates as clinics' systems write them: 2026-03-14, 3/14/2026 2:30 PM, 14.03.2026, 14 Mar 2026, 46095.604.

A single cell does not show whether 3/4/2026 is in March or in April; a column does if it contains a day above 12. A
column without one, or in two styles, is refused and not guessed.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from simclinic.calibration.cells import Cells
from simclinic.calibration.day_counts import LATER
from simclinic.calibration.text import ExportError, clean
from simclinic.errors import Problem

_YEARS = range(1900, 2200)
"""Years of appointments: systems write 9999-12-31 or 0001-01-01 for a missing date."""

ORDERS = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}
"""Orders that `--dates` accepts."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
_ELSEWHERE = {
    name: number
    for number, names in enumerate(
        (
            "janv janvier januar jän jänner januari janeiro enero ene gennaio gen",
            "févr fév février fevr febr februar febrero februari fevereiro fev febbraio",
            "mars mär märz mrz maart mrt março marzo marts",
            "avr avril abril abr aprile",
            "mai maj mei mayo maio maggio mag",
            "juin juni junio junho giugno giu",
            "juil juillet juli julio julho luglio lug",
            "août aout agosto ago augustus augusti",
            "septembre septiembre setembro settembre set sept",
            "octobre okt oktober octubre outubro out ottobre ott",
            "novembre noviembre novembro",
            "déc décembre dez dezember dezembro diciembre dic dicembre des desember",
        ),
        1,
    )
    for name in names.split()
}
"""Months in languages of western and northern Europe, where they differ from English."""
_DAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]?\s+", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,10}[.,]*\s+(?=\d)")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})(?=\d{4}(?:\d{2})?(?:\.\d+)?(?:Z|[+-]\d{4})?$)")
_USUAL = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_DAY_NAMED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[-/. ,]*(?:de )?([^\W\d_]{3,10})(?: de)?[-/. ,]*(\d{4}(?!\d)|\d{2}(?![\d:]))"
)
_MONTH_NAMED = re.compile(
    r"([A-Za-z]{3,9})[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/. ,]+(\d{4}(?!\d)|\d{2}(?![\d:]))"
)
_YEAR_NAMED = re.compile(r"(\d{4})[-/. ]([A-Za-z]{3,9})[-/. ](\d{1,2})(?!\d)")
_ABBREVIATED = {
    "utc": 0,
    "gmt": 0,
    "z": 0,
    "zulu": 0,
    "est": -300,
    "edt": -240,
    "cst": -360,
    "cdt": -300,
    "mst": -420,
    "mdt": -360,
    "pst": -480,
    "pdt": -420,
    "akst": -540,
    "akdt": -480,
    "hst": -600,
    "cet": 60,
    "cest": 120,
    "eet": 120,
    "eest": 180,
    "aest": 600,
    "aedt": 660,
    "nzst": 720,
    "nzdt": 780,
}
"""Abbreviated time zones, in minutes east of Greenwich."""
_TIME = re.compile(
    r"(?:[Tt,:@]|\s|\b(?:at|um|om|à|às|a las?|alle|ore|kl\.?)(?=\s))*"
    r"(\d{1,2})(?:[:.h](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?|h)?"
    r"\s*([AaPp])?\.?\s*(?:[Mm]\.?)?\s*(?:Uhr|hrs?|o'clock)?"
    r"\s*((?:GMT|UTC)?[+-]\d{2}:?\d{2}|[+-]\d{2}(?![\d:])|[A-Za-z]{1,5})?"
    r"\s*(?:\[[A-Za-z_/+-]+\]|\([A-Za-z ]+\))?\s*"
)
_DIGITS = re.compile(r"[Tt@]?\s*(\d{1,2})(\d{2})(\d{2})?(?:\.\d+)?\s*(Z|[+-]\d{4})?")
_NOON = re.compile(r"(?:12(?:[:.]00)?\s*)?\b(?:noon|midday|mittags?|midi|mezzogiorno)\b", re.IGNORECASE)
_ASIAN = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_ASIAN_TIME = re.compile(r"(\d{1,2})\s*[時时시](?:\s*(\d{1,2})\s*[分분])?")
_LENGTH = re.compile(r"\s*[(\[]?\d{1,3}\s*min[a-z]*\.?[)\]]?\s*$", re.IGNORECASE)
_APART = re.compile(r"(?<=\d)\s*([/.-])\s+(?=\d)|(?<=\d)\s+([/.-])\s*(?=\d)")
_RANGE = re.compile(
    r"(.*?\d[^-–—/]*?)(?:\s+[-–—]\s*|\s*[–—]\s*|\s*(?:→|->)\s*|\s+(?:to|until|till|bis|à|a|tot|al?le|às|til)\s+|/(?=\d{4}-|P))(.+)",
    re.DOTALL,
)
_TIGHT = re.compile(
    r"(.*\d{1,2}[:.h]\d{2}\s*(?:[AaPp]\.?[Mm]\.?)?|.*\s\d{4}(?=-))\s?-"
    r"(\d{1,2}[:.h]\d{2}\s*(?:[AaPp]\.?[Mm]\.?)?|(?<=\s\d{4}-)\d{4})"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One cell, parsed.

    Attributes
    ----------
    style
        `year first`, `named`, `counted`, or `numbers` with its separator; empty for a time alone.
    parts
        The three numbers in the order of the cell: year, month, day, except in the style of numbers.
    minute
        Minutes after midnight; NaN if the cell has no time.
    offset
        Stated offset in minutes east of Greenwich; None without one.
    halved
        Whether the cell says AM or PM.
    """

    style: str
    parts: tuple[int, int, int] | None
    minute: float
    offset: int | None = None
    halved: bool = False


Reader = Callable[[str], Moment | None]


def parse_moment(cell: str) -> Moment | None:
    """Parse a cell; None if it is neither date nor time. A range counts as its beginning."""
    if _USUAL.fullmatch(cell) and (usual := _usual(cell)):
        return usual
    cell = clean(cell)
    rest = _DAY.sub("", cell, count=1) if cell[:1].isalpha() else cell
    if match := _whole(rest) or _begun(rest, _RANGE):
        return match
    # Any other word before a date is a weekday in another language.
    bare = _WORD.sub("", cell, count=1)
    if bare != cell and (match := _whole(bare) or _begun(bare, _RANGE)):
        return match
    plain = _plainer(cell)
    return None if plain == cell else _whole(plain) or _begun(plain, _RANGE)


def _plainer(cell: str) -> str:
    """Return a cell in a plainer form: noon as a time, Asian signs and blanks in dates gone, no length behind."""
    cell = _ASIAN_TIME.sub(lambda match: f"{match[1]}:{int(match[2] or 0):02d}", cell)
    cell = _NOON.sub("12:00 PM", _ASIAN.sub(r"\1-\2-\3 ", cell))
    cell = re.sub(r"(?<=\d) (?:de|from|von|van|du|dalle) (?=\d)", " ", _LENGTH.sub("", cell))
    return _APART.sub(lambda match: match[1] or match[2], cell)


def _usual(cell: str) -> Moment | None:
    """Parse the commonest form, 2026-03-14 09:30, without trying all others; equal parts share one object."""
    minute = _usual_time(cell[11:])
    return None if minute is None or cell < "0100" else Moment("year first", _usual_date(cell[:10]), minute)


@lru_cache(maxsize=1 << 15)
def _usual_date(cell: str) -> tuple[int, int, int]:
    return int(cell[:4]), int(cell[5:7]), int(cell[8:])


@lru_cache(maxsize=1 << 17)
def _usual_time(cell: str) -> float | None:
    if not cell:
        return math.nan
    hour, minute, second = int(cell[:2]), int(cell[3:5]), int(cell[6:] or 0)
    return None if hour > 24 or minute > 59 or second > 60 else hour * 60 + minute + second / 60


def _whole(text: str) -> Moment | None:
    match = _date(text)
    if match is None:
        time = _time(text) if ":" in text or re.search(r"\d\s*[AaPp]|\dh|\d\s*[Uu]hr", text) else None
        return None if time is None else Moment("", None, *time)
    style, parts, end = match
    rest = text[end:].strip()
    if not rest:
        return Moment(style, parts, math.nan)
    if stamped := _DIGITS.fullmatch(rest):
        time = _clock(int(stamped[1]), int(stamped[2]), int(stamped[3] or 0), stamped[4], halved=False)
    else:
        time = _time(rest)
    return None if time is None else Moment("year first" if style == "stamped" else style, parts, *time)


def _begun(text: str, pattern: re.Pattern[str]) -> Moment | None:
    """Read the beginning of a range: `9:00 - 10:40`, `11:30 - 1:00 PM`."""
    if (match := pattern.fullmatch(text)) is None:
        return None
    begin = _whole(match[1].strip())
    end = _whole(match[2].strip()) or _digits(match[2].strip())
    if begin is None or math.isnan(begin.minute) or (end is None and not match[2].startswith("P")):
        return None
    if end is not None and end.halved and not begin.halved and end.minute >= 720:
        # Only the end says PM: the beginning is in the same half, unless it would come after the end.
        later = begin.minute % 720 + 720
        begin = Moment(
            begin.style, begin.parts, later if later <= end.minute else begin.minute, begin.offset, True
        )
    return begin


def _tight(cell: str) -> Moment | None:
    """Read a cell of a column in which `09:00-10:40` is a range, not a time and its zone."""
    cell = clean(cell)
    rest = _DAY.sub("", cell, count=1) if cell[:1].isalpha() else cell
    return _begun(rest, _TIGHT) or parse_moment(cell)


def _date(text: str) -> tuple[str, tuple[int, int, int], int] | None:
    if match := _YEAR_FIRST.match(text):
        return "year first", (_number(match[1]), int(match[3]), int(match[4])), match.end()
    if match := _NUMBERS.match(text):
        return f"numbers with {match[2]}", (int(match[1]), int(match[3]), _number(match[4])), match.end()
    if match := _COMPACT.match(text):
        return "year first", (_number(match[1]), int(match[2]), int(match[3])), match.end()
    if match := _STAMP.match(text):
        return "stamped", (_number(match[1]), int(match[2]), int(match[3])), match.end()
    for pattern, year, month, day in ((_DAY_NAMED, 3, 2, 1), (_MONTH_NAMED, 3, 1, 2), (_YEAR_NAMED, 1, 2, 3)):
        if (match := pattern.match(text)) and (number := _month(match[month])):
            return "named", (_full_year(_number(match[year])), number, int(match[day])), match.end()
    return None


def _month(word: str) -> int | None:
    word = word.casefold()
    if word in _ELSEWHERE:
        return _ELSEWHERE[word]
    if word[:3] in _MONTHS and (word in _MONTHS or word == "sept" or word in _FULL):
        return _MONTHS.index(word[:3]) + 1
    return None


def _time(text: str) -> tuple[float, int | None, bool] | None:
    match = _TIME.fullmatch(text)
    if match is None or (match[2] is None and match[4] is None and "h" not in text):
        return None
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    halved = False
    if match[4]:
        if not 1 <= hour <= 12:
            return None if hour > 23 or hour == 0 else _clock(hour, minute, second, match[5], halved=False)
        hour, halved = hour % 12 + (12 if match[4] in "pP" else 0), True
    return _clock(hour, minute, second, match[5], halved=halved)


def _clock(
    hour: int, minute: int, second: int, zone: str | None, *, halved: bool
) -> tuple[float, int | None, bool] | None:
    if hour > 24 or minute > 59 or second > 60:
        return None
    offset = None
    if zone:
        bare = zone.casefold()
        if bare in _ABBREVIATED:
            offset = _ABBREVIATED[bare]
        elif bare[-1].isdigit():
            sign = -1 if "-" in bare else 1
            digits = re.sub(r"\D", "", bare)
            offset = sign * (int(digits[:2]) * 60 + int(digits[2:] or 0))
        else:
            return None
    return hour * 60 + minute + second / 60, offset, halved


def _number(year: str) -> int:
    """Read a year; four digits are literal: 0001 is not 2001, but a year outside the calendar."""
    return int(year) if len(year) == 2 or int(year) >= 100 else _YEARS.stop


def _full_year(year: int) -> int:
    return year + 2000 if year < 100 else year


@lru_cache(maxsize=1 << 15)
def _ordinal(parts: tuple[int, int, int], order: str) -> int | None:
    """Return the day's proleptic ordinal; None if there is no such day."""
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
        Proleptic ordinal of each cell's day (`date.toordinal`); 0 where it is no date.
    minute
        Minutes after midnight; NaN where there is no time.
    order
        Order in which numbers were read, in words; empty if no order had to be chosen.
    mixed_styles
        Whether the column contains several unambiguous styles.
    offset
        Stated offset of each cell, in minutes east of Greenwich; None without one.
    notes
        Notes on the column as a whole: what, how often, how handled.
    counted
        Whether the cells count days, as spreadsheets do.
    """

    day: list[int]
    minute: list[float]
    order: str
    mixed_styles: bool
    offset: list[int | None]
    notes: list[tuple[str, int, str]]
    counted: bool = False


def read_days(
    cells: Sequence[str], lines: Sequence[int], *, heading: str, file: str, order: str | None = None
) -> Days:
    """Read a column of dates.

    Parameters
    ----------
    cells
        The column.
    lines
        Line of each cell.
    heading, file
        The column's heading and the file's name, for errors.
    order
        A key of `ORDERS` for a column that leaves its order open, or of :data:`SINCE` for one that counts days.

    Raises
    ------
    ExportError
        If the order of day and month is ambiguous, or there are two styles.
    """
    notes: list[tuple[str, int, str]] = []
    column = Cells.of(cells)
    reader = _reader(column.words, heading, notes, later=LATER if order == "1904" else 0)
    order = order if order in ORDERS else None
    known = [reader(word) for word in column.words]
    first: dict[str, int] = {}
    numbers: dict[tuple[int, int, int], int] = {}
    begins = column.firsts()
    for at in np.argsort(begins, kind="stable").tolist():
        moment, line = known[at], lines[int(begins[at])]
        if moment is None or moment.parts is None:
            continue
        first.setdefault(moment.style, line)
        if moment.style.startswith("numbers"):
            numbers.setdefault(moment.parts, line)
    styles = [style for style in first if style.startswith("numbers")]
    if styles and order is None:
        if len(first) > 1:
            shown = " and ".join(f"{style} (line {line})" for style, line in list(first.items())[:3])
            raise ExportError([_settle(f"{heading!r} is written in several styles: {shown}", file)])
        order = _decide(numbers, heading, file)
    later = _afternoon(known, column.sizes())
    if later:
        notes.append(
            (
                f"times of {heading!r} without AM or PM, none of them after 12:59",
                1,
                "1 to 6 read as afternoon",
            )
        )
    day: list[int] = []
    for moment in known:
        how = order if moment is not None and moment.style.startswith("numbers") and order else "ymd"
        day.append((moment and moment.parts and _ordinal(moment.parts, how)) or 0)
    return Days(
        column.spread(day),
        column.spread([math.nan if moment is None else _shifted(moment, later) for moment in known]),
        ORDERS[order] if styles and order else "",
        len(first) > 1,
        column.spread([moment.offset if moment and moment.parts else None for moment in known]),
        notes,
        _is_counted(column.words),
    )


def half_converted(cells: Sequence[str], lines: Sequence[int], *, heading: str, file: str) -> Problem | None:
    """Report a column of which a spreadsheet has converted some dates, perhaps with month and day exchanged."""
    column = Cells.of(cells)
    serial = np.array([_is_serial(clean(word)) for word in column.words], dtype=bool)
    numbers = np.array([bool(_NUMBERS.match(clean(word))) for word in column.words], dtype=bool)
    if not numbers.any() or numbers.all():
        return None
    what = "a spreadsheet's count of days"
    if not serial.any():
        serial, what = _exchanged(column.words, numbers), "a date as year, month and day"
    counted = list(itertools.compress(lines, serial[column.codes]))
    if not max(_FEWEST_COUNTED, 0.02 * len(cells)) <= len(counted) <= _MOST * len(cells):
        return None
    rule = (
        f"{heading!r} is half converted: {len(counted):,} of {len(cells):,} rows hold {what}, the others a date as "
        "text. The spreadsheet may have exchanged day and month in those it converted: export it again, without "
        "opening it in a spreadsheet"
    )
    return Problem(rule, file=file, line=counted[0])


def _exchanged(words: Sequence[str], numbers: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which dates a spreadsheet has converted; none if the days do not show that it did.

    It converts what it can read as a date in its own order: days up to 12. Those above 12 stay text.
    """
    nothing = np.zeros(len(words), dtype=bool)
    converted = nothing.copy()
    for at, word in enumerate(words):
        moment = parse_moment(word)
        if moment is None or moment.parts is None:
            continue
        if numbers[at]:
            if max(moment.parts[:2]) <= _MONTHS_A_YEAR:
                return nothing
        elif moment.parts[2] > _MONTHS_A_YEAR:
            return nothing
        else:
            converted[at] = True
    return converted if min(converted.sum(), numbers.sum()) >= _FEWEST_EXCHANGED else nothing


_FEWEST_COUNTED, _FEWEST_EXCHANGED = 5, 10
_MONTHS_A_YEAR = 12
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?")
_FILEMAN = re.compile(r"[23]\d{6}(?:\.\d{1,6})?")
_MOST = 0.9
"""Share of cells in a form from which it is the column's."""
_ZERO = dt.date(1899, 12, 30)
_SERIALS = (20_000, 80_000)
"""Days since 1899-12-30 of possible appointments: 1954 to 2119."""


def _reader(words: Sequence[str], heading: str, notes: list[tuple[str, int, str]], *, later: int) -> Reader:
    """Choose the reader of a column's cells: for text, or for numbers that count days or seconds.

    Parameters
    ----------
    words, heading, notes
        The column's distinct cells, its heading, and where notes go.
    later
        Days by which a count begins later than 1899-12-30.
    """
    full = [each for each in map(clean, words) if each]
    if not full:
        return parse_moment

    def mostly(form: Callable[[str], bool]) -> bool:
        return sum(map(form, full)) >= _MOST * len(full)

    if _is_counted(words):
        zero = _ZERO + dt.timedelta(days=later)
        notes.append((f"{heading!r} counts days, as spreadsheets do (0 is {zero})", 1, "read as dates"))
        return lambda cell: _serial(clean(cell), later) or parse_moment(cell)
    if mostly(lambda each: bool(_EPOCH.fullmatch(each)) and _since_1970(each) is not None):
        notes.append((f"{heading!r} counts seconds since 1970 in universal time", 1, "read as dates"))
        return lambda cell: _since_1970(clean(cell))
    if mostly(lambda each: bool(_FILEMAN.fullmatch(each)) and _fileman(each) is not None):
        notes.append((f"{heading!r} is in VistA's own form (3260314.093)", 1, "read as dates"))
        return lambda cell: _fileman(clean(cell)) or parse_moment(cell)
    tight = [match[2] for each in full if (match := _TIGHT.fullmatch(each))]
    if len(tight) >= _MOST * len(full) and (len(set(tight)) > 3 or not all(map(_is_offset, tight))):
        return _tight
    return parse_moment


def _is_counted(words: Sequence[str]) -> bool:
    """Return whether the cells of a column count days."""
    full = [each for each in map(clean, words) if each]
    return bool(full) and sum(map(_is_serial, full)) >= _MOST * len(full)


def _is_offset(text: str) -> bool:
    return bool(re.fullmatch(r"(?:0\d|1[0-4]):(?:00|30|45)", text))


def _is_serial(cell: str) -> bool:
    return bool(_SERIAL.fullmatch(cell)) and _SERIALS[0] <= float(cell.replace(",", ".")) < _SERIALS[1]


def _serial(cell: str, later: int) -> Moment | None:
    if not _is_serial(cell):
        return None
    whole, _, rest = cell.replace(",", ".").partition(".")
    date = _ZERO + dt.timedelta(days=int(whole) + later)
    minute = _even(float(f"0.{rest}")) if rest.strip("0") else math.nan
    return Moment("counted", (date.year, date.month, date.day), minute) if minute != 1440 else None


def _since_1970(cell: str) -> Moment | None:
    if not _EPOCH.fullmatch(cell):
        return None
    seconds = float(cell[:10])
    when = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)
    if not 1990 <= when.year < 2100:
        return None
    return Moment(
        "counted", (when.year, when.month, when.day), when.hour * 60 + when.minute + when.second / 60, 0
    )


def _fileman(cell: str) -> Moment | None:
    if not _FILEMAN.fullmatch(cell):
        return None
    date, _, time = cell.partition(".")
    parts = (int(date[:3]) + 1700, int(date[3:5]), int(date[5:7]))
    if _ordinal(parts, "ymd") is None:
        return None
    if not time:
        return Moment("counted", parts, math.nan)
    clock = _clock(int(time.ljust(6, "0")[:2]), int(time.ljust(6, "0")[2:4]), 0, None, halved=False)
    return None if clock is None else Moment("counted", parts, clock[0])


_FEWEST_TIMES = 20
_DOTTED = re.compile(r"(?:[01]?\d|2[0-3])\.[0-5]\d")


def _afternoon(moments: Sequence[Moment | None], sizes: npt.NDArray[np.int64]) -> bool:
    """Return whether a column has lost its AM and PM: no time after 12:59 or at night, and many before 7.

    Parameters
    ----------
    moments, sizes
        Moments of the distinct cells, and the number of cells of each.
    """
    if any(m is not None and m.halved for m in moments):
        return False
    bare = np.array(
        [m is not None and m.minute == m.minute and m.offset is None for m in moments], dtype=bool
    )
    if sizes[bare].sum() < _FEWEST_TIMES:
        return False
    minute = np.array([m.minute for m, counts in zip(moments, bare, strict=True) if m is not None and counts])
    count, early = sizes[bare].sum(), sizes[bare][(minute >= 60) & (minute < 420)].sum()
    return bool(minute.max() < 780 and minute.min() >= 60 and 0.05 * count <= early < count)


def _shifted(moment: Moment, later: bool) -> float:
    return moment.minute + 720 if later and 60 <= moment.minute < 420 else moment.minute


def read_times(
    cells: Sequence[str], heading: str
) -> tuple[list[float], list[int | None], list[tuple[str, int, str]]]:
    """Read a column of times without dates; here `0.5625` (a fraction of a day) and `1330` are times, too.

    Returns
    -------
    minute
        Minutes after midnight; NaN where there is no time.
    offset
        Stated offsets in minutes east of Greenwich; None without one.
    notes
        Notes on the column as a whole, as in :class:`Days`.
    """
    column = Cells.of(cells)
    known = [parse_moment(word) for word in column.words]
    full = [each for each in map(clean, column.words) if each]
    notes: list[tuple[str, int, str]] = []
    if full and sum(bool(re.fullmatch(r"0?[.,]\d+|[01]", each)) for each in full) >= _MOST * len(full):
        known = [_part_of_day(clean(word)) for word in column.words]
        notes.append((f"{heading!r} counts parts of a day, as spreadsheets do", 1, "read as times"))
    elif full and sum(
        bool(re.fullmatch(r"\d{3,4}", each)) and _digits(each) is not None for each in full
    ) >= _MOST * len(full):
        known = [_digits(clean(word)) for word in column.words]
    elif full and sum(bool(_DOTTED.fullmatch(each)) for each in full) >= _MOST * len(full):
        known = [parse_moment(clean(word).replace(".", ":")) for word in column.words]
    else:
        tight = [match[2] for each in full if (match := _TIGHT.fullmatch(each))]
        if (
            full
            and len(tight) >= _MOST * len(full)
            and (len(set(tight)) > 3 or not all(map(_is_offset, tight)))
        ):
            known = [_tight(word) for word in column.words]
    later = _afternoon(known, column.sizes())
    if later:
        notes.append(
            (
                f"times of {heading!r} without AM or PM, none of them after 12:59",
                1,
                "1 to 6 read as afternoon",
            )
        )
    minute = column.spread([math.nan if moment is None else _shifted(moment, later) for moment in known])
    return minute, column.spread([None if moment is None else moment.offset for moment in known]), notes


def _part_of_day(cell: str) -> Moment | None:
    try:
        part = float(cell.replace(",", "."))
    except ValueError:
        return None
    return Moment("", None, _even(part))


def _even(part: float) -> float:
    """Return a fraction of a day in minutes, rounded where few decimals have made it inexact."""
    minute = round(part * 1440, 1)
    return float(round(minute)) if abs(minute - round(minute)) <= 0.1 else minute


def _digits(cell: str) -> Moment | None:
    if not re.fullmatch(r"\d{3,4}", cell):
        return None
    clock = _clock(int(cell[:-2]), int(cell[-2:]), 0, None, halved=False)
    return None if clock is None else Moment("", None, clock[0])


def unread(cells: Sequence[str], days: Sequence[int], lines: Sequence[int]) -> tuple[str, list[int]] | None:
    """Find dates of one form that were not read: a month's name in another language, a word for a time.

    Parameters
    ----------
    cells, days, lines
        The column, the day of each cell (0 if it is none), and its line.

    Returns
    -------
    tuple or None
        The commonest form of such cells and their lines, if they are too many for typing errors.
    """
    forms: dict[str, list[int]] = {}
    for cell, day, line in zip(cells, days, lines, strict=True):
        if not day and _LIKE_A_DATE.search(cell) and parse_moment(cell) is None:
            forms.setdefault(shape(cell), []).append(line)
    if not forms:
        return None
    form = max(forms, key=lambda form: len(forms[form]))
    return (form, forms[form]) if len(forms[form]) >= max(_FEWEST_COUNTED, 0.01 * len(cells)) else None


_LIKE_A_DATE = re.compile(r"(?:\d.*){4}")


def shape(cell: str) -> str:
    """Return the form of a cell without its content: 2024-W03-2 becomes 9999-A99-9."""
    return re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", clean(cell)))[:40]


def _settle(message: str, file: str) -> Problem:
    return Problem(
        f"{message}. Choose one with --dates dmy (14/3/2026), --dates mdy (3/14/2026) or --dates ymd (26/3/14)",
        file=file,
    )


def _decide(numbers: dict[tuple[int, int, int], int], heading: str, file: str) -> str:
    """Find the order of day, month and year in a column of numbers.

    Raises
    ------
    ExportError
        If it is ambiguous.
    """
    orders = ["dmy", "mdy"]
    if all(third < 100 for _, _, third in numbers):
        # A column has few distinct years and many distinct days.
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
        message = (
            f"{heading!r} is written in two styles: the day comes first in line {min(only['dmy'])}, the month in "
            f"line {min(only['mdy'])}"
        )
        raise ExportError([_settle(message, file)])
    best = [order for order, fit in fits.items() if len(fit) == most]
    if len(best) > 1 and any(fits[order] != fits[best[0]] for order in best):
        words = " or ".join(ORDERS[order] for order in best)
        message = f"{heading!r}: no date shows whether they are written {words}"
        if "ymd" not in best:
            message += " (every day is at most 12)"
        raise ExportError([_settle(message, file)])
    return best[0]
