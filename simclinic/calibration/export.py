"""The clinic's export as a table of text: format, headings and columns found, dates in one style, patients mended.

Whatever is in a cell stays text: a cell that a spreadsheet would compute (`=1+1`) is five characters here. What
the words of the table mean is not known here.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from simclinic.arrays import Bools
from simclinic.calibration import identifiers, losses, selection, zones
from simclinic.calibration.cells import Cells, Rows
from simclinic.calibration.columns import Places, Recogniser
from simclinic.calibration.dates import ORDERS, Days, half_converted, read_days, read_times, shape
from simclinic.calibration.grid import ExportGrid, count_known_headings
from simclinic.calibration.headings import NAMES, NEEDED, in_universal_time
from simclinic.calibration.losses import LostRows
from simclinic.calibration.options import Options
from simclinic.calibration.quality import Quality
from simclinic.calibration.sheet import Sheet
from simclinic.calibration.sheets import read_sheets
from simclinic.calibration.text import ExportError, squeezed
from simclinic.calibration.timestamps import Timestamps
from simclinic.errors import Problem
from simclinic.scenario.problems import nearest

_UNREADABLE = 0.2
"""Share of rows without a date above which the column is taken for the wrong one."""
_CLOCKS = ("checked_in", "started", "left", "cancelled_on")
"""Columns of dates and times, besides the visits' own, that figures are learnt from."""


@dataclass(frozen=True)
class ExportTable:
    """An export as text.

    Attributes
    ----------
    name
        The file's name, without its folder.
    columns
        For each column that is there its cells, all of one length. Dates and times are in one style, 2026-03-14
        09:30:00 or 09:30:00, in clinic time; what cannot be read stays as it stands.
    headings
        What the export calls each column.
    by_heading
        The cells of every column, by its heading as written; of headings that are there twice, the first.
    line
        The line each row begins on.
    format, encoding, delimiter
        As found, in words.
    days
        The dates of the appointments; None if they cannot be read.
    rows
        How many appointments there were, those without a patient included.
    quality
        What was odd, and what was done about it.
    problems
        What cannot be read, though the columns were found.
    digest
        SHA-256 of the file, to which more can be added in a copy.
    """

    name: str
    columns: dict[str, Cells | Timestamps]
    headings: Mapping[str, str]
    by_heading: dict[str, Cells]
    line: Sequence[int]
    format: str
    encoding: str
    delimiter: str
    days: Days | None
    rows: int
    quality: Quality
    problems: list[Problem]
    digest: hashlib._Hash

    def release(self, *kept: str) -> None:
        """Let go of the cells of all columns but some: a large export is not held twice, as text too."""
        nothing = Cells.of(())
        self.columns.update({role: nothing for role in self.columns if role not in kept})
        self.by_heading.clear()

    def only(self, keep: Sequence[bool]) -> ExportTable:
        """Give some of the rows."""
        which = np.array(keep, dtype=bool)
        return replace(
            self,
            columns={role: cells.take(which) for role, cells in self.columns.items()},
            by_heading={heading: cells.take(which) for heading, cells in self.by_heading.items()},
            line=list(itertools.compress(self.line, keep)),
            days=None if self.days is None else _only(self.days, keep),
        )


def read_export(path: Path, said: Options) -> ExportTable:
    """Read an export.

    Parameters
    ----------
    path
        The file: delimited text, an Excel workbook, an HTML table, or FHIR as JSON.
    said
        What somebody says about it.

    Raises
    ------
    ExportError
        If it is no such file, or a column that is needed is missing.
    """
    zone = zones.find_zone(said.timezone)
    sheet = _chosen(read_sheets(path, count_known_headings), said.sheet, path.name)
    grid = ExportGrid(sheet, said.columns or {}, path.name)
    sheet = replace(sheet, rows=Rows(), lines=[])  # a large export is not held twice
    places = Recogniser(grid, said).find()
    if not set(NEEDED) <= places.at.keys():
        raise ExportError(places.problems)
    if not len(grid):
        raise ExportError(
            [Problem("has a heading and no rows: nothing can be learnt from it", file=path.name)]
        )
    # Rows that are left out raise no question; but whose rows without a patient are, all rows tell.
    early = all(grid.joined(places.at["patient"]))
    if said.only and early:
        every = {heading: grid.column(at) for at, heading in reversed(list(enumerate(grid.heading)))}
        headings = {role: grid.heading[at[0]] for role, at in places.at.items() if at}
        kept = selection.selected_rows(said.only, every, headings, grid.lines, grid.file, grid.quality)
        grid.keep(kept)
    table = _Reading(grid, places, said, zone, sheet).table()
    if said.only and not early:
        arguments = table.by_heading, table.headings, table.line, table.name, table.quality
        table = table.only(selection.selected_rows(said.only, *arguments))
    return table


def _chosen(found: Sequence[Sheet], said: str | None, file: str) -> Sheet:
    """Choose the sheet that holds the appointments; ask if several may."""
    if said is not None and said.casefold() != "all":
        by_name = [sheet for sheet in found if sheet.name.casefold() == said.casefold()]
        if by_name:
            return by_name[0]
        names = [sheet.name for sheet in found]
        rule = f"--sheet {said}: there is no such sheet; there are {', '.join(map(repr, names))}"
        near = nearest(said, [name for name in names if name])
        raise ExportError(
            [Problem(rule if any(names) else f"--sheet {said}: it has no sheets", file=file, suggestion=near)]
        )
    if len(found) == 1:
        return found[0]
    named = {
        sheet.name: max((count_known_headings(row) for row in sheet.rows[:100]), default=0) for sheet in found
    }
    most = max(named.values())
    likely = [sheet for sheet in found if named[sheet.name] == most]
    if len(likely) == 1:
        if found[0].format == "Excel workbook":
            others = ", ".join(repr(sheet.name) for sheet in found if sheet is not likely[0])
            likely[0].notes.append(
                (f"other sheets ({others})", len(found) - 1, f"not read: {likely[0].name!r} is")
            )
        return likely[0]
    if said is None:
        shown = ", ".join(repr(sheet.name) for sheet in likely)
        rule = (
            f"has several tables that may hold the appointments ({shown}): say --sheet NAME, or --sheet all"
        )
        raise ExportError([Problem(rule, file=file)])
    return _together(likely, file)


def _together(found: Sequence[Sheet], file: str) -> Sheet:
    """Put sheets of the same headings below each other."""
    first = found[0]
    heads = [max(sheet.rows[:100], key=count_known_headings) for sheet in found]
    first_head = [squeezed(cell) for cell in heads[0]]
    odd = [
        sheet.name
        for sheet, head in zip(found, heads, strict=True)
        if [squeezed(cell) for cell in head] != first_head
    ]
    if odd:
        rule = f"--sheet all: the sheets have different headings ({', '.join(map(repr, [first.name, *odd]))})"
        raise ExportError([Problem(rule, file=file)])
    told = [
        (
            f"sheets read together ({', '.join(sheet.name for sheet in found)})",
            len(found),
            "lines are counted in each",
        )
    ]
    below = Rows(row for sheet in found for row in sheet.rows)
    lines = [line for sheet in found for line in sheet.lines]
    told += [each for sheet in found for each in sheet.notes]
    return Sheet(below, lines, first.format, notes=told, digest=first.digest)


class _Reading:
    """Turns the columns that were found into a table."""

    def __init__(
        self, grid: ExportGrid, places: Places, said: Options, zone: zones.Zone, sheet: Sheet
    ) -> None:
        self.grid, self.places, self.said, self.zone, self.sheet = grid, places.at, said, zone, sheet
        self.problems = list(places.problems)

    def table(self) -> ExportTable:
        """Read the table."""
        raw = self._raw_days()
        dated = [True] * len(self.grid) if raw is None else [bool(day) for day in raw.day]
        raw = self._without_remarks(raw, dated)
        if raw is not None and raw.day.count(0) > _UNREADABLE * len(raw.day):
            self.problems.append(self._no_dates(raw))
        column = self._patients(raw)
        days = None if raw is None else self._in_clinic_time(raw, "date")
        rows = len(self.grid)
        keep = [bool(cell) or not (raw is None or raw.day[n]) for n, cell in enumerate(column)]
        lost = [line for line, kept in zip(self.grid.lines, keep, strict=True) if not kept]
        self.grid.quality.note("rows without a patient", lost, "left out")
        self.grid.quality.lose(
            LostRows("rows without a patient", len(lost), rows, 0, 0, 0, 0, losses.TOO_FEW)
        )
        cells: dict[str, Cells | Timestamps] = {
            role: column if role == "patient" else self._cells(role, raw)
            for role in NAMES
            if role in self.places and role != "time"
        }
        self.grid.keep(keep)
        which = np.array(keep, dtype=bool)
        kept = {role: found.take(which) for role, found in cells.items()}
        every: dict[str, Cells] = {}
        for at, heading in enumerate(self.grid.heading):
            every.setdefault(heading, self.grid.column(at))
        return ExportTable(
            name=self.grid.file,
            columns=kept,
            headings={role: self._heading(role) for role in kept},
            by_heading=every,
            line=self.grid.lines,
            format=self.sheet.format,
            encoding=self.sheet.encoding,
            delimiter=self.sheet.delimiter,
            days=None if days is None else _only(days, keep),
            rows=rows,
            quality=self.grid.quality,
            problems=self.problems,
            digest=self.sheet.digest,
        )

    def _heading(self, role: str) -> str:
        places = [*self.places[role], *(self.places.get("time", ()) if role == "date" else ())]
        return " + ".join(dict.fromkeys(self.grid.heading[at] for at in places))

    def _raw_days(self) -> Days | None:
        """Read the dates as they stand, with the times of their own column."""
        heading, cells = self._heading("date"), self._dates()
        if half := half_converted(cells, self.grid.lines, heading=heading, file=self.grid.file):
            self.problems.append(half)
            return None
        try:
            days = read_days(
                cells, self.grid.lines, heading=heading, file=self.grid.file, order=self.said.dates
            )
        except ExportError as error:
            self.problems += error.problems
            return None
        if time := self.places.get("time"):
            minute, offset, told = read_times(self.grid.joined(time), self.grid.heading[time[0]])
            both = [b if a is None else a for a, b in zip(offset, days.offset, strict=True)]
            days = Days(days.day, minute, days.order, days.mixed_styles, both, [*days.notes, *told])
        return days

    def _no_dates(self, days: Days) -> Problem:
        """Tell that a column holds no dates, and what it looks like."""
        cells = self.grid.joined(self.places["date"])
        lost = [n for n, day in enumerate(days.day) if not day]
        shapes = Counter(shape(cells[n]) for n in lost if cells[n]).most_common(1)
        seen = (
            f", most of which look like {shapes[0][0]!r} (9 for a digit, A for a letter)"
            if shapes
            else " (empty)"
        )
        if shapes and not re.search(r"9999|9.*9.*9", shapes[0][0]):
            seen += " and have no year"
        rule = (
            f"{self._heading('date')!r} holds no date of the calendar in {len(lost):,} of {len(days.day):,} "
            f"rows{seen}: is it the right column (--column date=HEADING), or in another order (--dates)? Read "
            "are 2026-03-14, 3/14/2026 2:30 PM, 14.03.2026, 14 Mar 2026, ranges of times, and days counted by "
            "a spreadsheet"
        )
        return Problem(rule, file=self.grid.file, line=self.grid.lines[lost[0]])

    def _dates(self) -> Cells:
        """Give the cells of the dates, those below a merged one filled where it is plain."""
        cells = self.grid.joined(self.places["date"])
        if "time" not in self.places and len(self.places["date"]) < 2:
            return cells
        times = list(self.grid.joined(self.places.get("time", self.places["date"][1:])))
        bare = list(self.grid.column(self.places["date"][0]))
        blank = [n for n, cell in enumerate(bare) if not cell and times[n]]
        runs = [
            cell
            for n, cell in enumerate(bare)
            if cell and (n == 0 or next((c for c in bare[n - 1 :: -1] if c), "") != cell)
        ]
        if len(blank) < 0.2 * len(bare) or len(set(runs)) < len(runs) or not bare[0]:
            return cells
        last, filled = "", []
        for n, cell in enumerate(bare):
            last = cell or last
            filled.append(last if cell or times[n] else "")
        self.grid.quality.note(
            "rows without a date below one that has one (merged cells)",
            [self.grid.lines[n] for n in blank],
            "read as the date above",
        )
        return Cells.of(filled)

    def _without_remarks(self, days: Days | None, dated: Sequence[bool]) -> Days | None:
        """Set aside what is no appointment: totals, remarks, the headings of groups."""
        patient = self.grid.joined(self.places["patient"])
        remarks = (
            [False] * len(dated) if days is None else self._remarks(np.array(dated, dtype=bool), patient)
        )
        heads = self._heads(patient, remarks)
        lines = [line for line, remark in zip(self.grid.lines, remarks, strict=True) if remark]
        self.grid.quality.note(
            "rows that are no appointments (totals, remarks, headings of groups)", lines, "left out"
        )
        self.grid.write(self.places["patient"][0], heads)
        self.grid.keep([not remark for remark in remarks])
        return None if days is None else _only(days, [not remark for remark in remarks])

    def _remarks(self, dated: Bools, patient: Cells) -> list[bool]:
        """Tell the rows that are no appointments."""
        total, said = self.grid.totals(), self.grid.joined(self.places["status"]).filled()
        # A patient with a status and a date that cannot be read is an appointment, of which that is told.
        bare = total | ~patient.filled() | ~(said | self.grid.column(self.places["date"][0]).filled())
        found: list[bool] = np.where(dated, total & ~said, bare).tolist()
        return found

    def _heads(self, patient: Cells, remarks: Sequence[bool]) -> dict[int, str]:
        """Give rows without a patient the one that stands alone in a row above them."""
        found: dict[int, str] = {}
        if not any(remarks):
            return found
        head, totals = "", self.grid.totals()
        for n, (remark, cell) in enumerate(zip(remarks, patient, strict=True)):
            if remark:
                head = "" if totals[n] or not cell else cell
            elif cell:
                head = ""
            elif head:
                found[n] = head
        return found

    def _patients(self, days: Days | None) -> Cells:
        grid = self.grid
        column = self.grid.joined(self.places["patient"])
        heading = self._heading("patient")
        of_day = [1] * len(column) if days is None else days.day
        found = identifiers.read_patients(
            column,
            of_day,
            grid.lines,
            grid.joined(self.places["status"]).map(str.casefold),
            grid.quality,
            heading=heading,
            file=grid.file,
            blanks=self.said.blank_patients,
        )
        self.problems += found.problems
        if "location" not in self.places:
            return found.cells
        sites = identifiers.separate_sites(
            found.cells,
            grid.joined(self.places["location"]),
            grid.joined(self.places["birth"]) if "birth" in self.places else None,
            grid.lines,
            grid.quality,
            heading=heading,
            place=self._heading("location"),
            file=grid.file,
            said=self.said.same_number,
        )
        self.problems += sites.problems
        return sites.cells

    def _in_clinic_time(self, days: Days, role: str) -> Days | None:
        heading = self._heading(role)
        try:
            found = zones.to_clinic_time(
                days,
                self.zone,
                heading=heading,
                universal=any(in_universal_time(self.grid.heading[at]) for at in self.places[role]),
                file=self.grid.file,
                lines=self.grid.lines,
            )
        except ExportError as error:
            self.problems += error.problems
            return None
        for what, count, done in found.notes:
            self.grid.quality.count(what, count, done)
        return found

    def _cells(self, role: str, raw: Days | None) -> Cells | Timestamps:
        """Give a column's cells, dates and times in one style."""
        cells = self.grid.joined(self.places[role])
        if role not in _CLOCKS or raw is None:
            return cells
        order = next((key for key, told in ORDERS.items() if told == raw.order), self.said.dates or "mdy")
        days = read_days(
            cells, self.grid.lines, heading=self._heading(role), file=self.grid.file, order=order
        )
        if not any(days.day):
            minute, offset, told = read_times(cells, self._heading(role))
            # A time alone is of the appointment's own day, which matters where it is in universal time.
            of_day = [raw.day[n] if each is not None else 0 for n, each in enumerate(offset)]
            days = Days(of_day, minute, "", False, offset, told)
        turned = self._in_clinic_time(days, role)
        if turned is None:
            return cells
        return Timestamps(
            np.array(turned.day, dtype=np.int64), np.array(turned.minute, dtype=np.float64), cells
        )


def _only(days: Days, keep: Sequence[bool]) -> Days:
    at = [n for n, stays in enumerate(keep) if stays]
    return Days(
        [days.day[n] for n in at],
        [days.minute[n] for n in at],
        days.order,
        days.mixed_styles,
        [days.offset[n] for n in at],
        days.notes,
    )
