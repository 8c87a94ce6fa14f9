"""What a calibration recognises in an export, before it is asked to learn from it.

The page of `simclinic serve` shows it to be confirmed: which column is which, and what each word means. Nothing in
it is a patient's: headings, and words of the columns of statuses and of kinds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from simclinic.calibration.answers import CODE, apply_answers, folded_word
from simclinic.calibration.export import ExportTable, Located, SheetError, locate, table_of
from simclinic.calibration.headings import NEEDED
from simclinic.calibration.held import Source
from simclinic.calibration.options import Options
from simclinic.calibration.outcomes import known_words
from simclinic.calibration.questions import MOST, effects, grouped, likely_meaning
from simclinic.calibration.text import ExportError
from simclinic.errors import Problem


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export.

    Attributes
    ----------
    shown
        Its heading; its number if the file has no headings.
    named
        How `--column` names it.
    different
        How many different cells it has.
    """

    shown: str
    named: str
    different: int


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a column, or several that begin alike.

    Attributes
    ----------
    pattern
        The word, or the pattern that stands for several of them.
    rows, different
        How many rows have it, and how many different words it stands for.
    meaning
        What it means; None if that is not known.
    likely
        What it probably means, if that is not known; never assumed.
    effect
        What each answer does to the figures, in a sentence; empty if that cannot be said.
    """

    pattern: str
    rows: int
    different: int
    meaning: str | None
    likely: str | None = None
    effect: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What is recognised in an export.

    Attributes
    ----------
    format
        Of the file, in words.
    sheets
        Names of its tables.
    columns
        In their order.
    found
        The numbers of the columns that are read for each role, from 0.
    words
        By "status" and "kind", where there is such a column: those with an unknown meaning first.
    rows, patients
        How many there are; 0 if that cannot be said yet.
    dates
        The order of day, month and year, in words; empty if all dates name it.
    problems
        What must be answered before the export can be read.
    """

    format: str = ""
    sheets: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    found: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    words: Mapping[str, tuple[Word, ...]] = field(default_factory=dict)
    rows: int = 0
    patients: int = 0
    dates: str = ""
    problems: tuple[Problem, ...] = ()


def look(source: Source, options: Options) -> Look:
    """Look at an export without learning from it.

    Parameters
    ----------
    source, options
        The export, and the user's statements about it; meanings of words do not count.

    Raises
    ------
    ExportError
        If it is no table of appointments at all.
    """
    try:
        located = locate(source, replace(options, statuses=None, kinds=None))
    except SheetError as error:
        return Look(sheets=error.sheets, problems=error.problems)
    places = located.places
    seen = Look(
        format=located.sheet.format,
        sheets=located.sheets,
        columns=tuple(_columns(located)),
        found=dict(places.at),
        rows=len(located.grid),
        problems=tuple(places.problems),
    )
    if not set(NEEDED) <= places.at.keys():
        return seen
    try:
        table = table_of(located, options)
    except ExportError as error:
        return replace(seen, problems=error.problems)
    cells = table.columns["patient"]
    return replace(
        seen,
        words={what: tuple(_words(table, what)) for what in ("status", "kind") if what in table.columns},
        rows=table.rows,
        patients=len({" ".join(cell.casefold().split()) for cell in set(cells)} - {""}),
        dates=table.days.order if table.days is not None else "",
        problems=tuple(table.problems),
    )


def _columns(located: Located) -> list[Column]:
    grid = located.grid
    listed = []
    for at, heading in enumerate(grid.heading):
        number = f"#{at + 1}"
        alone = bool(heading) and [each.casefold() for each in grid.heading].count(heading.casefold()) == 1
        shown = heading if grid.certain and heading else f"column {at + 1}"
        named = heading if grid.certain and alone and not heading.startswith("#") else number
        listed.append(Column(shown[:80], named, len(grid.column(at).words)))
    return listed


def _words(table: ExportTable, what: str) -> list[Word]:
    """List the words of a column: unknown ones as they are asked about, then those with a usual meaning."""
    cells, heading = table.columns[what], table.headings[what]
    meanings = apply_answers(cells, (), known_words(table, what), {})
    known: Counter[str] = Counter()
    meant: dict[str, str] = {}
    unknown: dict[str, list[int]] = {}
    for cell, line, meaning in zip(cells, table.line, meanings, strict=True):
        if meaning is None:
            unknown.setdefault(cell, []).append(line)
        else:
            known[cell] += 1
            meant[cell] = meaning
    counts: Counter[str] = Counter()
    for cell, count in known.items():
        counts[meant[cell]] += count
    groups = list(grouped(unknown, set(known)))
    listed = [
        Word(
            group.pattern,
            len(group.lines),
            group.different,
            None,
            likely_meaning(group.pattern, what, heading),
            effects(len(group.lines), counts, alone=len(groups) == 1).lstrip(". ")
            if what == "status"
            else "",
        )
        for group in groups[: MOST + 1]
    ]
    # Words that one answer settles are one: spellings that differ by case or signs between words.
    spellings: dict[tuple[str, str], list[str]] = {}
    for cell in known:
        form = folded_word(cell)
        spellings.setdefault((form if len(form) > CODE else cell, meant[cell]), []).append(cell)
    ranked = sorted(spellings.values(), key=lambda cells: -sum(known[cell] for cell in cells))
    return listed + [
        Word(
            max(cells, key=lambda cell: known[cell]),
            sum(known[cell] for cell in cells),
            len(cells),
            meant[cells[0]],
        )
        for cells in ranked[:MOST]
    ]
