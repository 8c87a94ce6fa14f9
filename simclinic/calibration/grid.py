"""The rows of a sheet below its headings, without lines that are no rows of the table."""

from __future__ import annotations

import itertools
import re
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from simclinic.calibration import losses
from simclinic.calibration.cells import Cells
from simclinic.calibration.dates import parse_moment
from simclinic.calibration.headings import HALVES, NEEDED, ranks
from simclinic.calibration.identifiers import is_total
from simclinic.calibration.losses import LostRows
from simclinic.calibration.quality import Quality
from simclinic.calibration.sheet import Sheet
from simclinic.calibration.sheets import DELIMITERS
from simclinic.calibration.text import ExportError, clean, squeezed
from simclinic.errors import Problem

_MOST_ABOVE = 100
"""Lines within which the headings must be."""
_NUMBER = re.compile(r"[\d.,]{4,}")
_FEW = 2
"""Filled cells of a total or a remark, at most."""
_RULES = " \t\r\n-=_+|*"
"""Characters with which lines are drawn."""
_MOST_RAGGED = 0.5
"""Share of rows with another number of cells above which the file is no table."""


class ExportGrid:
    """Rows below their headings.

    Attributes
    ----------
    heading
        The headings as written.
    lines
        The line on which each row begins.
    heading_line
        The line of the headings; 0 if there is none.
    quality
        The report on the export's quality.
    certain
        Whether the file certainly has headings: one without begins with a patient, who must not be shown.
    """

    def __init__(self, sheet: Sheet, named: Mapping[str, str], file: str) -> None:
        self.file = file
        self.quality = Quality()
        for what, count, done in sheet.notes:
            self.quality.count(what, count, done)
        at = _heading_row(sheet.rows, named)
        if at is None:
            raise ExportError([Problem("is empty", file=file)])
        self.heading = [clean(cell) for cell in sheet.rows[at]]
        while self.heading and not self.heading[-1]:
            self.heading.pop()
        self.heading_line = sheet.lines[at]
        if len(self.heading) < _FEW:
            wide = any("  " in row[0].strip() for row in sheet.rows[at : at + 20] if row)
            rule = "has one cell in a row: separate the cells by commas, semicolons, tabs or bars"
            if wide:
                rule += (
                    "; these are columns of fixed width: open it in a spreadsheet as such, and save it as CSV"
                )
            raise ExportError([Problem(rule, file=file, line=self.heading_line)])
        above = [
            line
            for row, line in zip(sheet.rows[:at], sheet.lines[:at], strict=True)
            if any(cell.strip(_RULES) for cell in row)
        ]
        begin = at + 1
        if _headless(named):
            self.heading, self.heading_line, begin = [f"#{n + 1}" for n in range(len(self.heading))], 0, at
        empty, ragged = self._sort(sheet, begin)
        self.quality.note("lines above the column names", above, "passed over")
        self.quality.note("empty lines", empty, "passed over")
        what = "rows with more or fewer cells than the heading"
        self.quality.note(what, ragged, "left out")
        of_rows = len(self) + len(ragged)
        self.quality.lose(LostRows(what, len(ragged), of_rows, 0, 0, 0, 0, losses.TOO_FEW))
        if len(ragged) > _MOST_RAGGED * of_rows:
            rule = (
                f"has {len(self.heading)} columns in its heading (cells between {sheet.delimiter}s), and more "
                f"or fewer in {len(ragged):,} of {of_rows:,} rows: are the cells separated alike in all lines?"
            )
            raise ExportError([Problem(rule, file=file, line=ragged[0])])
        self._columns: dict[int, Cells] = {}
        self.certain = count_known_headings(self.heading) > 0 or self._differs()

    def __len__(self) -> int:
        return len(self.lines)

    def _sort(self, sheet: Sheet, begin: int) -> tuple[list[int], list[int]]:
        """Store the rows from one on; return the lines that are empty or ragged."""
        words, codes, ends = sheet.rows.words, sheet.rows.codes, sheet.rows.ends[begin:]
        lines = np.array(sheet.lines[begin:], dtype=np.int64)
        first, after = ends[:-1], ends[1:]
        width = len(self.heading)
        blank = np.array([not word.strip() for word in words], dtype=bool)[codes]
        ruled = np.array([not word.strip(_RULES) for word in words], dtype=bool)[codes]
        empty = _said(~ruled, first, after) == 0
        again, orders = self._heads(sheet, begin, first, after)
        of = np.searchsorted(np.array(list(orders), dtype=np.int64), np.arange(len(lines)), side="right") - 1
        order = np.array(list(orders.values()), dtype=np.int64)[:, :width][of]
        widths = np.array([each[width] for each in orders.values()], dtype=np.int64)[of]
        needed = np.array([each[width + 1] for each in orders.values()], dtype=np.int64)[of]
        ragged = ~empty & (_said(~blank, np.minimum(first + widths, after), after) > 0) & ~again
        for at in np.flatnonzero(~empty & ~ragged & ~again & (after - first <= needed)).tolist():
            ragged[at] = _is_broken(sheet.rows[begin + at])
        taken = np.flatnonzero(~empty & ~ragged & ~again)
        self.lines = array("q", lines[taken].tobytes())
        self._raw: list[Cells] = []
        nothing = next((code for code, word in enumerate(words) if not word), len(words))
        words = [*words, ""]
        for at in range(width):
            place = first[taken] + order[taken, at]
            there = (place < after[taken]) & (order[taken, at] >= 0)
            column = np.full(len(taken), nothing, dtype=np.int32)
            column[there] = codes[place[there]]
            self._raw.append(Cells.among(column, words))
        return lines[empty].tolist(), lines[ragged].tolist()

    def _heads(
        self, sheet: Sheet, begin: int, first: npt.NDArray[np.int64], after: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.bool_], dict[int, list[int]]]:
        """Find lines that repeat the column names, as where files were joined, perhaps in another order.

        Returns
        -------
        again
            Whether each row from `begin` on is such a line.
        orders
            From which row on cells are where: the place of each heading (-1: nowhere), the number of cells, and the
            place of the last one that every row must reach.
        """
        heading = [squeezed(cell) for cell in self.heading]
        names = set(heading) - {""}
        own = [*range(len(heading)), len(heading), _last_needed(self.heading)]
        again, same = np.zeros(len(first), dtype=bool), []
        orders = {0: own}
        known = np.array(
            [word[:1].isalpha() and squeezed(word) in names for word in sheet.rows.words], dtype=bool
        )
        count = _said(known[sheet.rows.codes], first, after)
        for at in np.flatnonzero(count >= max(_FEW, len(names) / 2)).tolist():
            row = [squeezed(cell) for cell in sheet.rows[begin + at]]
            there = [cell for cell in row if cell]
            if row[: len(heading)] == heading[: len(row)]:
                again[at], orders[at] = True, own
                same.append(sheet.lines[begin + at])
            elif len(set(there)) == len(there) and len(names) == len([each for each in heading if each]):
                again[at] = True
                places = [row.index(each) if each in there else -1 for each in heading]
                orders[at] = [*places, len(row), _last_needed(sheet.rows[begin + at])]
                missing = [each for each, place in zip(self.heading, places, strict=True) if place < 0]
                others = [
                    cell for cell in sheet.rows[begin + at] if squeezed(cell) not in names and cell.strip()
                ]
                what = "lines that repeat the column names in another order"
                what += f", without {', '.join(map(repr, missing))}" if missing else ""
                what += f", with {', '.join(map(repr, others))}, which is not read" if others else ""
                self.quality.note(what, [sheet.lines[begin + at]], "the rows below are read in that order")
        self.quality.note("lines that repeat the column names", same, "passed over")
        return again, orders

    def row(self, at: int) -> list[str]:
        """Return a row, as wide as the headings, with its cells as written."""
        return [column[at] for column in self._raw]

    def _differs(self) -> bool:
        """Return whether the line of headings has no date in a column in which the rows below have dates."""
        for at, heading in enumerate(self.heading):
            cells = [cell for cell in self._raw[at][:50] if cell.strip()]
            dated = sum(bool((moment := parse_moment(cell)) and moment.parts) for cell in cells)
            if cells and dated >= 0.8 * len(cells):
                moment = parse_moment(heading)
                return moment is None and not any(cell.isdigit() for cell in self.heading)
        return False

    def totals(self) -> npt.NDArray[np.bool_]:
        """Return whether each row is a total or a remark, by its first filled cell."""
        totals = np.zeros(len(self), dtype=bool)
        open_rows = np.ones(len(self), dtype=bool)
        for column in self._raw:
            if not open_rows.any():
                break
            filled = np.array([bool(word.strip()) for word in column.words], dtype=bool)[column.codes]
            total = np.array([is_total([word]) for word in column.words], dtype=bool)[column.codes]
            totals |= open_rows & total
            open_rows &= ~filled
        return totals

    def column(self, at: int) -> Cells:
        """Return the cells of a column, cleaned."""
        if at not in self._columns:
            self._columns[at] = self._raw[at].map(clean)
        return self._columns[at]

    def joined(self, places: Sequence[int]) -> Cells:
        """Return the cells of several columns joined into one column."""
        if len(places) == 1:
            return self.column(places[0])
        columns = [self.column(at) for at in places]
        return Cells.of(" ".join(filter(None, cells)) for cells in zip(*columns, strict=True))

    def write(self, at: int, cells: Mapping[int, str]) -> None:
        """Overwrite cells of a column, by row."""
        if cells:
            self._raw[at] = self._raw[at].written(cells)
            self._columns[at] = self.column(at).written(cells)

    def dates_above(self) -> bool:
        """Add a column of the dates that are alone above the rows of their day; False if there are none."""
        column, date, heads = [], "", 0
        for row in zip(*self._raw, strict=True):
            filled = [clean(cell) for cell in row if cell.strip()]
            alone = parse_moment(filled[0]) if len(filled) == 1 else None
            if alone is not None and alone.parts is not None:
                date, heads = filled[0], heads + 1
                column.append("")
            else:
                column.append(date)
        if heads < _FEW or not any(column):
            return False
        self.heading.append("(date above the rows)")
        self._raw.append(Cells.of(column))
        self.quality.count(
            "lines that hold a date alone, above the rows of their day", heads, "read as their date"
        )
        return True

    def keep(self, which: Sequence[bool]) -> None:
        """Keep some of the rows."""
        keep = np.array(which, dtype=bool)
        if keep.all():
            return
        self.lines = array("q", itertools.compress(self.lines, which))
        self._raw = [cells.take(keep) for cells in self._raw]
        self._columns = {column: cells.take(keep) for column, cells in self._columns.items()}

    def shown(self) -> str:
        """List the headings for a message, or ask whether there are any: a file without begins with a patient."""
        if self.certain:
            return f"; there are {', '.join(repr(each) for each in self.heading if each)}"
        return (
            "; does the file begin with a line of column names? If it has none, give the columns' numbers: "
            "--column patient=#1 --column date=#2 --column status=#3"
        )


def _said(
    flags: npt.NDArray[np.bool_], first: npt.NDArray[np.int64], after: npt.NDArray[np.int64]
) -> npt.NDArray[np.int32]:
    """Count the flagged cells of each row, from `first` up to and without `after`."""
    before = np.concatenate([np.zeros(1, dtype=np.int32), np.cumsum(flags, dtype=np.int32)])
    counted: npt.NDArray[np.int32] = before[after] - before[first]
    return counted


def _is_broken(row: Sequence[str]) -> bool:
    """Return whether a short row is a broken one: cut, or with another delimiter; a remark has a cell or two."""
    filled = [cell for cell in row if cell.strip()]
    return len(filled) > _FEW or any(cell.count(mark) >= _FEW for cell in filled for mark in DELIMITERS)


def count_known_headings(row: Sequence[str]) -> int:
    """Count the known headings in a row; 0 if it contains a date, a time or a number."""
    roles: set[str] = set()
    for cell in row:
        cell = clean(cell)
        if not cell or len(cell) > 60:
            continue
        moment = parse_moment(cell)
        if moment is not None or _NUMBER.fullmatch(cell):
            return 0
        roles.update(list(ranks(cell))[:1] or ([HALVES[squeezed(cell)]] if squeezed(cell) in HALVES else []))
    return len(roles)


def _heading_row(rows: Sequence[list[str]], named: Mapping[str, str]) -> int | None:
    """Find the line of headings: the first with most known headings, else the first as wide as the table."""
    wanted = {squeezed(part) for heading in named.values() for part in (heading, *heading.split("+")) if part}
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:_MOST_ABOVE]]
    (width, _), *_ = Counter(each for each in filled if each > 1).most_common(1) or [(1, 0)]
    best, most = None, 1.0
    first = None
    for at, row in enumerate(rows[:_MOST_ABOVE]):
        if not any(cell.strip() for cell in row):
            continue
        first = at if first is None else first
        score = float(count_known_headings(row)) + sum(
            squeezed(cell) in wanted for cell in row if cell.strip()
        )
        score += 0.5 * (score > 1 and len(row) >= width)  # of two such lines, the one as wide as the table
        if score > most:
            best, most = at, score
    if best is not None or first is None:
        return best
    return next((at for at, count in enumerate(filled) if count >= max(2, 0.6 * width)), first)


def _headless(named: Mapping[str, str]) -> bool:
    """Return whether all required columns were given by number, so that headings are not required."""
    return all(named.get(each, "").startswith("#") for each in NEEDED)


def _last_needed(heading: Sequence[str]) -> int:
    """Return the place of the last required column, which every row must reach."""
    return max(
        (at for at, each in enumerate(heading) if set(ranks(each)) & set(NEEDED)), default=len(heading) - 1
    )
