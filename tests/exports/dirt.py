"""Dirty data: the defects that receptions, spreadsheets and booking systems add to a clean table.

    soiled = soil(export, seed=1, dirt=FILTHY)
    soiled.data, soiled.counts["duplicated rows"]

Each kind of defect has a rate of its own and is counted. None of them changes what happened: the true values of the
clean export stay true, except for appointments whose date has become impossible.
"""

import csv
import datetime
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from tests.exports.export import Export, Row, Truth

NAMES = {
    "plain": {},
    "system": {
        "patient": "MRN",
        "date": "Appt Date",
        "kind": "Visit Type",
        "status": "Status",
        "checked_in": "Check-In Time",
        "left": "Check-Out Time",
    },
    "practice": {
        "patient": "Patient ID",
        "date": "Appointment Start",
        "kind": "Appointment Type",
        "status": "Appointment Status",
        "checked_in": "Arrived At",
        "left": "Departed At",
    },
}
"""Column names of other systems."""

DATES = {
    "iso": "%Y-%m-%d %H:%M",
    "iso-t": "%Y-%m-%dT%H:%M:%S",
    "american": "%m/%d/%Y %I:%M %p",
    "british": "%d/%m/%Y %H:%M",
    "european": "%d.%m.%Y %H:%M",
}
"""Ways to write a date and time."""

SPELLINGS = {"no-show": ("no show", "noshow", "no_show"), "cancelled": ("canceled",)}

PROVIDERS = ("Dr. Jörg Müller", "Dr. Anna Weiß", "K. Özdemir, RN", "M. Peña, NP")

REMARKS = (
    "prefers mornings",
    "ride home: sister, picks up late",
    'said "much better"',
    "two lines,\nas typed",
)

FORMULAS = (
    '=HYPERLINK("http://example.invalid/x","click")',
    "+1 555 0100",
    "@SUM(A1:A9)",
    "-5 mg only",
    "=1+1",
)
"""Remarks that a spreadsheet would take for formulas."""

_IMPOSSIBLE = (
    (2, 30),
    (4, 31),
    (2, 31),
    (6, 31),
)  # month, day: in no year, however day and month are ordered


@dataclass(frozen=True)
class Dirt:
    """Kinds of defects in an export, with their rates.

    Attributes
    ----------
    capitals, spaces, spellings
        Shares of status words in odd capitals, with spaces around, or spelt otherwise ("canceled").
    padded
        Share of record numbers with a trailing space.
    names, dates
        Keys of `NAMES` and `DATES`.
    delimiter, encoding, bom
        Properties of the file. A byte order mark needs encoding "utf-8".
    provider
        Whether to add an irrelevant column, of names with umlauts.
    notes
        Whether to add a column of remarks, some with commas, quotes and line breaks.
    formulas
        Number of remarks that begin like a formula (with `notes`).
    missing_left, backwards
        Shares of completed visits without check-out time, or with check-out before check-in.
    impossible
        Number of appointments on an impossible date.
    duplicates
        Share of duplicated rows.
    blank_lines
        Number of blank lines, half of them with delimiters only.
    total
        Whether to add a last row with the number of appointments.
    """

    capitals: float = 0.0
    spaces: float = 0.0
    spellings: float = 0.0
    padded: float = 0.0
    names: str = "plain"
    dates: str = "iso"
    delimiter: str = ","
    encoding: str = "utf-8"
    bom: bool = False
    provider: bool = False
    notes: bool = False
    formulas: int = 0
    missing_left: float = 0.0
    backwards: float = 0.0
    impossible: int = 0
    duplicates: float = 0.0
    blank_lines: int = 0
    total: bool = False

    def __post_init__(self) -> None:
        if self.bom and self.encoding != "utf-8":
            raise ValueError("a byte order mark is for utf-8")
        if self.formulas and not self.notes:
            raise ValueError("formulas stand in the notes")

    def but(self, **changes) -> "Dirt":
        return replace(self, **changes)


MILD = Dirt(capitals=0.03, spaces=0.02, missing_left=0.02, backwards=0.001, duplicates=0.005)
"""Defects that a carefully maintained system lets through."""

FILTHY = Dirt(
    capitals=0.3,
    spaces=0.2,
    spellings=0.3,
    padded=0.1,
    names="system",
    dates="american",
    delimiter=";",
    encoding="latin-1",
    provider=True,
    notes=True,
    formulas=12,
    missing_left=0.15,
    backwards=0.02,
    impossible=5,
    duplicates=0.05,
    blank_lines=8,
    total=True,
)
"""All defects at once."""


@dataclass(frozen=True)
class Soiled:
    """A file with defects.

    Attributes
    ----------
    data
        The file's bytes.
    counts
        Number of defects of each kind that occurs.
    readable
        Rows of the clean export whose date can still be read, each once: the result of a perfect reader.
    truth
        Truth behind the clean export.
    """

    data: bytes = field(repr=False)
    counts: dict[str, int]
    readable: tuple[Row, ...] = field(repr=False)
    truth: Truth = field(repr=False)


T = TypeVar("T")


def _some(draws: random.Random, of: Sequence[T], count: float) -> list[T]:
    """Choose so many of a list (a share, if below 1), in the list's order; only `random()` is the same for ever."""
    wanted = round(count * len(of)) if 0 < count < 1 else min(int(count), len(of))
    lots = [draws.random() for _ in of]
    chosen = sorted(sorted(range(len(of)), key=lots.__getitem__)[:wanted])
    return [of[at] for at in chosen]


def _one(draws: random.Random, of: Sequence[T]) -> T:
    return of[int(draws.random() * len(of))]


def soil(export: Export, seed: int, dirt: Dirt = MILD) -> Soiled:
    """Add defects to an export.

    Parameters
    ----------
    export
        As :func:`tests.exports.export.clean` makes it.
    seed
        Seed for the places of the defects.
    dirt
        Kinds of defects, with their rates.
    """
    draws, style = random.Random(seed), DATES[dirt.dates]
    counts: dict[str, int] = {}
    rows, gone = _wrong_times(export.rows, dirt, draws, counts)
    cells = [
        {
            "patient": row.patient,
            "date": _impossible(row.date, draws, style) if at in gone else row.date.strftime(style),
            "kind": row.kind,
            "status": row.status,
            "checked_in": "" if row.checked_in is None else row.checked_in.strftime(style),
            "left": "" if row.left is None else row.left.strftime(style),
        }
        for at, row in enumerate(rows)
    ]
    _misspell(cells, dirt, draws, counts)
    columns = [*export.columns, *_more_columns(cells, dirt, draws, counts)]
    lines = [[line[name] for name in columns] for line in cells]
    _repeat(lines, dirt, draws, counts)
    data = _file(columns, lines, dirt, draws, counts)
    readable = tuple(row for at, row in enumerate(rows) if at not in gone)
    return Soiled(data, {kind: count for kind, count in counts.items() if count}, readable, export.truth)


def _wrong_times(
    rows: Sequence[Row], dirt: Dirt, draws: random.Random, counts: dict[str, int]
) -> tuple[list[Row], set[int]]:
    """Remove some check-out times, exchange others with check-in, and choose the rows with an impossible date."""
    results = list(rows)
    timed = [at for at, row in enumerate(rows) if row.left is not None and row.checked_in is not None]
    missing = _some(draws, timed, dirt.missing_left)
    rest = sorted(set(timed) - set(missing))
    share = dirt.backwards * len(timed) / len(rest) if rest else 0.0
    turned = _some(draws, rest, min(share, 1.0))
    for at in missing:
        results[at] = replace(results[at], left=None)
    for at in turned:
        results[at] = replace(results[at], checked_in=results[at].left, left=results[at].checked_in)
    gone = set(_some(draws, range(len(rows)), dirt.impossible))
    counts["missing check-outs"] = len(missing)
    counts["check-outs before check-in"] = len(turned)
    counts["impossible dates"] = len(gone)
    return results, gone


def _impossible(date: datetime.datetime, draws: random.Random, style: str) -> str:
    """Write an impossible date in the style of the others."""
    month, day = _one(draws, _IMPOSSIBLE)
    style = style.replace("%m", f"{month:02d}").replace("%d", f"{day:02d}")
    return date.strftime(style)


def _misspell(cells: list[dict[str, str]], dirt: Dirt, draws: random.Random, counts: dict[str, int]) -> None:
    """Change spelling, capitals and spaces of status words; pad record numbers."""
    respelt = [line for line in cells if line["status"] in SPELLINGS]
    spelt = _some(draws, respelt, dirt.spellings)
    for line in spelt:
        line["status"] = _one(draws, SPELLINGS[line["status"]])
    capital = _some(draws, cells, dirt.capitals)
    for line in capital:
        word = line["status"]
        line["status"] = _one(draws, (word.upper(), word.capitalize(), word.title()))
    spaced = _some(draws, cells, dirt.spaces)
    for line in spaced:
        line["status"] = _one(draws, ("{} ", " {}", "{}  ", "{}\t")).format(line["status"])
    padded = _some(draws, cells, dirt.padded)
    for line in padded:
        line["patient"] += " "
    counts["status words spelt otherwise"] = len(spelt)
    counts["status words in odd capitals"] = len(capital)
    counts["status words with spaces"] = len(spaced)
    counts["record numbers with spaces"] = len(padded)


def _more_columns(
    cells: list[dict[str, str]], dirt: Dirt, draws: random.Random, counts: dict[str, int]
) -> list[str]:
    """Add irrelevant columns."""
    names = []
    if dirt.provider:
        names.append("provider")
        for line in cells:
            line["provider"] = _one(draws, PROVIDERS)
        counts["names with umlauts"] = len(cells)
    if dirt.notes:
        names.append("notes")
        for line in cells:
            line["notes"] = _one(draws, REMARKS) if draws.random() < 0.1 else ""
        formulas = _some(draws, cells, dirt.formulas)
        for line in formulas:
            line["notes"] = _one(draws, FORMULAS)
        counts["formulas"] = len(formulas)
    return names


def _repeat(lines: list[list[str]], dirt: Dirt, draws: random.Random, counts: dict[str, int]) -> None:
    """Duplicate some rows, directly below or somewhere later."""
    twice = _some(draws, range(len(lines)), dirt.duplicates)
    for at in reversed(twice):
        below = at + 1 if draws.random() < 0.5 else at + 1 + int(draws.random() * (len(lines) - at))
        lines.insert(below, list(lines[at]))
    counts["duplicated rows"] = len(twice)


def _file(
    columns: list[str], lines: list[list[str]], dirt: Dirt, draws: random.Random, counts: dict[str, int]
) -> bytes:
    """Write header and lines, blank lines and the total, in the file's encoding."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=dirt.delimiter, lineterminator="\n")
    names = NAMES[dirt.names]
    other = [names.get(name, name.capitalize() if names else name) for name in columns]
    counts["columns named otherwise"] = sum(a != b for a, b in zip(other, columns, strict=True))
    writer.writerow(other)
    blank = set(_some(draws, range(len(lines)), dirt.blank_lines))
    for at, line in enumerate(lines):
        writer.writerow(line)
        if at in blank:
            text.write("\n" if draws.random() < 0.5 else dirt.delimiter * (len(columns) - 1) + "\n")
    counts["blank lines"] = len(blank)
    if dirt.total:
        writer.writerow(["Total", *([""] * (len(columns) - 2)), f"{len(lines)} appointments"])
        counts["total rows"] = 1
    encoding = "utf-8-sig" if dirt.bom else dirt.encoding
    counts["byte order marks"] = int(dirt.bom)
    return text.getvalue().encode(encoding)
