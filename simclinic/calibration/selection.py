"""Some rows of an export instead of all: one place, one kind of visit, one nurse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from simclinic.calibration.answers import WordMatcher, column_of, no_such_column
from simclinic.calibration.quality import Quality
from simclinic.calibration.text import ExportError
from simclinic.errors import Problem
from simclinic.scenario.problems import nearest

_LISTED = 20
"""Values that a message lists; a column with more of them may hold names."""


def selected_rows(
    wanted: Sequence[tuple[str, str]],
    every: Mapping[str, Sequence[str]],
    headings: Mapping[str, str],
    lines: Sequence[int],
    file: str,
    quality: Quality,
) -> list[bool]:
    """Tell which rows have the values that are wanted.

    Parameters
    ----------
    wanted
        Column and value; several values of a column are alternatives, different columns must all hold.
    every
        The cells of every column, by heading.
    headings
        What the export calls the columns that were recognised.
    lines
        Of each row.
    file
        For errors.
    quality
        Takes note.

    Raises
    ------
    ExportError
        If a column or a value is not there, with those that are.
    """
    values: dict[str, list[str]] = {}
    problems = []
    for column, value in wanted:
        heading = column_of(column, every) or headings.get(column.strip().casefold())
        if heading is None or heading not in every:
            problems.append(no_such_column(f"--only {column}={value}", column, every, file))
        else:
            values.setdefault(heading, []).append(value)
    keep = [True] * len(lines)
    for heading, alternatives in values.items():
        cells = every[heading]
        distinct = set(cells)
        allowed: set[str] = set()
        for value in alternatives:
            words = WordMatcher.of([(value, "kept")], distinct)
            found = {cell for cell in distinct if words.meaning(cell) or words.otherwise}
            if not found:
                secret = heading == headings.get("patient")
                problems.append(_no_such_value(heading, value, Counter(cells), file, secret=secret))
            allowed |= found
        keep = [kept and cell in allowed for kept, cell in zip(keep, cells, strict=True)]
    told = " and ".join(f"{heading!r} = {' or '.join(each)}" for heading, each in values.items())
    if not problems and wanted and not any(keep):
        problems.append(Problem(f"--only: no row has {told}", file=file))
    if problems:
        raise ExportError(problems)
    lost = [line for line, kept in zip(lines, keep, strict=True) if not kept]
    if lost:
        quality.note(f"rows without {told}", lost, "left out, as --only says")
        quality.warn(
            f"only {len(keep) - len(lost):,} of {len(keep):,} rows count, those with {told}: the scenario is of "
            "them alone, and so its chairs, nurses and hours must be theirs"
        )
    return keep


def _no_such_value(heading: str, value: str, counts: Counter[str], file: str, *, secret: bool) -> Problem:
    near = None
    if secret or len(counts) > _LISTED:
        there = f"it has {len(counts):,} different values"
    else:
        shown = [f"{each or 'empty'!r} ({count:,})" for each, count in counts.most_common()]
        there, near = f"there are {', '.join(shown)}", nearest(value, counts)
    rule = f"--only {heading}={value}: no row of {heading!r} says so; {there}"
    return Problem(rule, file=file, suggestion=near)
