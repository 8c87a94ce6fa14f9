"""Selection of rows of an export by `--only`: one place, one kind of visit, one nurse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from simclinic.calibration.answers import WordMatcher, column_of, no_such_column
from simclinic.calibration.quality import Quality
from simclinic.calibration.text import ExportError
from simclinic.errors import Problem
from simclinic.scenario.problems import nearest

_LISTED = 20
"""Values that a message lists at most; a column with more of them may hold names."""


def selected_rows(
    wanted: Sequence[tuple[str, str]],
    every: Mapping[str, Sequence[str]],
    headings: Mapping[str, str],
    lines: Sequence[int],
    file: str,
    quality: Quality,
) -> list[bool]:
    """Return whether each row has the values that are wanted.

    Parameters
    ----------
    wanted
        Columns and values; values of one column are alternatives, conditions on different columns must all hold.
    every
        Cells of all columns, by heading.
    headings
        Headings of the recognised columns.
    lines
        Line of each row.
    file
        Name of the file, for errors.
    quality
        Receives a note and a warning.

    Raises
    ------
    ExportError
        If a column or a value does not exist, with those that do.
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
            matcher = WordMatcher.of([(value, "kept")], distinct)
            matches = {cell for cell in distinct if matcher.meaning(cell) or matcher.otherwise}
            if not matches:
                secret = heading == headings.get("patient")
                problems.append(_no_such_value(heading, value, Counter(cells), file, secret=secret))
            allowed |= matches
        keep = [before and cell in allowed for before, cell in zip(keep, cells, strict=True)]
    condition = " and ".join(
        f"{heading!r} = {' or '.join(alternatives)}" for heading, alternatives in values.items()
    )
    if not problems and wanted and not any(keep):
        problems.append(Problem(f"--only: no row has {condition}", file=file))
    if problems:
        raise ExportError(problems)
    lost = [line for line, kept in zip(lines, keep, strict=True) if not kept]
    if lost:
        quality.note(f"rows without {condition}", lost, "left out because of --only")
        quality.warn(
            f"only {len(keep) - len(lost):,} of {len(keep):,} rows count, those with {condition}: the scenario "
            "describes them alone, so set its chairs, nurses and hours to theirs"
        )
    return keep


def _no_such_value(heading: str, value: str, counts: Counter[str], file: str, *, secret: bool) -> Problem:
    near = None
    if secret or len(counts) > _LISTED:
        there = f"it has {len(counts):,} different values"
    else:
        shown = [f"{cell or 'empty'!r} ({count:,})" for cell, count in counts.most_common()]
        there, near = f"there are {', '.join(shown)}", nearest(value, counts)
    rule = f"--only {heading}={value}: {heading!r} has this value in no row; {there}"
    return Problem(rule, file=file, suggestion=near)
