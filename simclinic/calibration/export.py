"""The clinic's export as a table of text, with recognised columns, dates in one style and repaired identifiers.

Every cell stays text: a cell that a spreadsheet would compute (`=1+1`) is four characters here. The meaning of
words is left to `interpretation`.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simclinic.arrays import Bools
from simclinic.calibration import identifiers, losses, selection, zones
from simclinic.calibration.cells import Cells, Rows
from simclinic.calibration.columns import Places, Recogniser
from simclinic.calibration.dates import ORDERS, Days, half_converted, read_days, read_times, shape, unread
from simclinic.calibration.day_counts import SINCE, ask_since_when
from simclinic.calibration.grid import ExportGrid, count_known_headings
from simclinic.calibration.headings import NAMES, NEEDED, in_universal_time
from simclinic.calibration.held import Source
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
"""Share of rows without a date above which the column is probably the wrong one."""
_AT_NIGHT = 0.05
"""Share of times at night from which a warning asks whether they are in universal time."""
_FEWEST_MERGED, _MERGED = 20, 0.2
"""Statuses, and share of rows without one, from which a column of statuses may be merged."""
_CLOCKS = ("checked_in", "started", "left", "cancelled_on", "referred_on")
"""Columns of dates and times that are used, besides those of the appointments."""


@dataclass(frozen=True)
class ExportTable:
    """An export as text.

    Attributes
    ----------
    name
        The file's name, without its folder.
    columns
        Cells of each recognised column by role, all of the same length. Dates and times are in one style,
        2026-03-14 09:30:00 or 09:30:00, in clinic time; unreadable cells are unchanged.
    headings
        The export's heading of each recognised column.
    by_heading
        Cells of all columns, by heading as written; of a heading that occurs twice, the first.
    line
        The line on which each row begins.
    format, encoding, delimiter
        Format of the file, in words.
    days
        Dates of the appointments; None if they cannot be read.
    rows
        Number of appointments, including those without a patient.
    quality
        The report on the export's quality.
    problems
        Problems in the cells of recognised columns.
    digest
        SHA-256 of the file; a copy can be updated further.
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

    def release(self, *roles: str) -> None:
        """Free the cells of all columns but some, so that a large export is not stored twice."""
        nothing = Cells.of(())
        self.columns.update({role: nothing for role in self.columns if role not in roles})
        self.by_heading.clear()

    def only(self, keep: Sequence[bool]) -> ExportTable:
        """Return some of the rows."""
        which = np.array(keep, dtype=bool)
        return replace(
            self,
            columns={role: cells.take(which) for role, cells in self.columns.items()},
            by_heading={heading: cells.take(which) for heading, cells in self.by_heading.items()},
            line=list(itertools.compress(self.line, keep)),
            days=None if self.days is None else _only(self.days, keep),
        )


class SheetError(ExportError):
    """Several tables of a file may hold the appointments.

    Attributes
    ----------
    sheets
        Names of all tables.
    """

    def __init__(self, problem: Problem, sheets: Sequence[str]) -> None:
        super().__init__([problem])
        self.sheets = tuple(sheets)


@dataclass(frozen=True)
class Located:
    """An export whose columns have been looked for.

    Attributes
    ----------
    grid
        Its rows.
    places
        The columns that were recognised, and what needs the user.
    sheet
        What is said about the file; without rows.
    sheets
        Names of all tables of the file.
    zone
        What was said about time zones.
    """

    grid: ExportGrid
    places: Places
    sheet: Sheet
    sheets: tuple[str, ...]
    zone: zones.Zone


def locate(source: Source, options: Options) -> Located:
    """Read the rows of an export, and look for its columns; arguments and errors as of :func:`read_export`."""
    zone = zones.find_zone(options.timezone)
    sheets = read_sheets(source, count_known_headings)
    sheet = _chosen(sheets, options.sheet, source.name)
    grid = ExportGrid(sheet, options.columns or {}, source.name)
    sheet = replace(sheet, rows=Rows(), lines=[])  # a large export is not stored twice
    names = tuple(each.name for each in sheets)
    del sheets
    return Located(grid, Recogniser(grid, options).find(), sheet, names, zone)


def read_export(source: Source, options: Options) -> ExportTable:
    """Read an export.

    Parameters
    ----------
    source
        The file, or its content: delimited text, an Excel workbook, an HTML table, or FHIR as JSON.
    options
        The user's statements about it.

    Raises
    ------
    ExportError
        If it is no such file, or a required column is missing.
    """
    return table_of(locate(source, options), options)


def table_of(located: Located, options: Options) -> ExportTable:
    """Read the table of an export whose columns have been looked for; errors are those of :func:`read_export`."""
    grid, places = located.grid, located.places
    if not set(NEEDED) <= places.at.keys():
        raise ExportError(places.problems)
    if not len(grid):
        raise ExportError(
            [Problem("has column names but no rows: export the appointments, too", file=grid.file)]
        )
    # Rows are selected early, so that others raise no question; but rows without a patient need the rows around
    # them.
    early = all(grid.joined(places.at["patient"]))
    if options.only and early:
        every = {heading: grid.column(at) for at, heading in reversed(list(enumerate(grid.heading)))}
        headings = {role: grid.heading[at[0]] for role, at in places.at.items() if at}
        grid.keep(selection.selected_rows(options.only, every, headings, grid.lines, grid.file, grid.quality))
    table = _Reading(grid, places, options, located.zone, located.sheet).table()
    if options.only and not early:
        arguments = table.by_heading, table.headings, table.line, table.name, table.quality
        table = table.only(selection.selected_rows(options.only, *arguments))
    return table


def _chosen(sheets: Sequence[Sheet], wanted: str | None, file: str) -> Sheet:
    """Choose the sheet with the appointments; ask if several may be it."""
    if wanted is not None and wanted.casefold() != "all":
        by_name = [sheet for sheet in sheets if sheet.name.casefold() == wanted.casefold()]
        if by_name:
            return by_name[0]
        names = [sheet.name for sheet in sheets]
        rule = f"--sheet {wanted}: there is no such sheet; there are {', '.join(map(repr, names))}"
        near = nearest(wanted, [name for name in names if name])
        raise ExportError(
            [
                Problem(
                    rule if any(names) else f"--sheet {wanted}: the file has no sheets",
                    file=file,
                    suggestion=near,
                )
            ]
        )
    if len(sheets) == 1:
        return sheets[0]
    named = {
        sheet.name: max((count_known_headings(row) for row in sheet.rows[:100]), default=0)
        for sheet in sheets
    }
    most = max(named.values())
    likely = [sheet for sheet in sheets if named[sheet.name] == most]
    if len(likely) == 1:
        if sheets[0].format == "Excel workbook":
            others = ", ".join(repr(sheet.name) for sheet in sheets if sheet is not likely[0])
            likely[0].notes.append(
                (f"other sheets ({others})", len(sheets) - 1, f"not read: {likely[0].name!r} is")
            )
        return likely[0]
    if wanted is None:
        shown = ", ".join(repr(sheet.name) for sheet in likely)
        rule = (
            f"has several tables that may hold the appointments ({shown}): choose --sheet NAME or --sheet all"
        )
        raise SheetError(Problem(rule, file=file), [sheet.name for sheet in sheets])
    return _together(likely, file)


def _together(sheets: Sequence[Sheet], file: str) -> Sheet:
    """Concatenate sheets with the same headings, in any order."""
    first = sheets[0]
    heads = [max(sheet.rows[:100], key=count_known_headings) for sheet in sheets]
    first_head = sorted(squeezed(cell) for cell in heads[0])
    odd = [
        sheet.name
        for sheet, head in zip(sheets, heads, strict=True)
        if sorted(squeezed(cell) for cell in head) != first_head
    ]
    if odd:
        rule = f"--sheet all: the sheets have different headings ({', '.join(map(repr, [first.name, *odd]))})"
        raise ExportError([Problem(rule, file=file)])
    notes = [
        (
            f"sheets read together ({', '.join(sheet.name for sheet in sheets)})",
            len(sheets),
            "lines are counted in each",
        )
    ]
    below = Rows(row for sheet in sheets for row in sheet.rows)
    lines = [line for sheet in sheets for line in sheet.lines]
    notes += [note for sheet in sheets for note in sheet.notes]
    return Sheet(below, lines, first.format, notes=notes, digest=first.digest)


class _Reading:
    """Turns the recognised columns into a table."""

    def __init__(
        self, grid: ExportGrid, places: Places, options: Options, zone: zones.Zone, sheet: Sheet
    ) -> None:
        self.grid, self.places, self.options, self.zone, self.sheet = grid, places.at, options, zone, sheet
        self.problems = list(places.problems)
        self.universal = False

    def table(self) -> ExportTable:
        """Read the table."""
        self._fill_statuses()
        raw = self._raw_days()
        dated = [True] * len(self.grid) if raw is None else [bool(day) for day in raw.day]
        raw = self._without_remarks(raw, dated)
        if raw is not None:
            self._judge_zone(raw)
        if raw is not None and raw.day.count(0) > _UNREADABLE * len(raw.day):
            self.problems.append(self._no_dates(raw))
        elif raw is not None and 0 in raw.day:
            self._ask_about_unread(raw)
        column = self._patients(raw)
        days = None if raw is None else self._in_clinic_time(raw, "date")
        rows = len(self.grid)
        keep = [bool(cell) or not (raw is None or raw.day[n]) for n, cell in enumerate(column)]
        lost = [line for line, stays in zip(self.grid.lines, keep, strict=True) if not stays]
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
        columns = {role: column.take(which) for role, column in cells.items()}
        every: dict[str, Cells] = {}
        for at, heading in enumerate(self.grid.heading):
            every.setdefault(heading, self.grid.column(at))
        return ExportTable(
            name=self.grid.file,
            columns=columns,
            headings={role: self._heading(role) for role in columns},
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
        """Read the dates as written, with times from another column if there is one."""
        heading, cells = self._heading("date"), self._dates()
        if half := half_converted(cells, self.grid.lines, heading=heading, file=self.grid.file):
            self.problems.append(half)
            return None
        try:
            days = read_days(
                cells, self.grid.lines, heading=heading, file=self.grid.file, order=self.options.dates
            )
        except ExportError as error:
            self.problems += error.problems
            return None
        if days.counted and self.options.dates not in SINCE:
            line = self.grid.lines[0]
            asked = ask_since_when(days.day, heading=heading, file=self.grid.file, line=line)
            self.problems += [asked] if asked else []
        if time := self.places.get("time"):
            minute, offset, notes = read_times(self.grid.joined(time), self.grid.heading[time[0]])
            both = [b if a is None else a for a, b in zip(offset, days.offset, strict=True)]
            days = replace(days, minute=minute, offset=both, notes=[*days.notes, *notes])
        return days

    def _no_dates(self, days: Days) -> Problem:
        """Report that a column holds no dates, and the form of its cells."""
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

    def _ask_about_unread(self, days: Days) -> None:
        """Report dates in a form that is not known, where others are read: not any day is missing by chance."""
        cells = self.grid.joined(self.places["date"])
        found = unread(cells, days.day, self.grid.lines)
        if found is None:
            return
        form, lines = found
        rule = (
            f"{self._heading('date')!r} has dates in {len(lines):,} of {len(cells):,} rows that are not read, in "
            f"the form {form!r} (9 for a digit, A for a letter), line {lines[0]} for example: write them as the "
            "others, or as 2026-03-14 09:30. Left out, visits of the same days or hours would be missing from the "
            "figures"
        )
        self.problems.append(Problem(rule, file=self.grid.file, line=lines[0]))

    def _dates(self) -> Cells:
        """Return the cells of the dates, with cells below a merged one filled where they certainly are."""
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

    def _fill_statuses(self) -> None:
        """Fill the statuses below a merged cell, where the cells show that they are merged.

        In a column of single cells the same status follows itself again and again. In a merged one it never does,
        but at the beginning of a patient or a day, if these are merged, too.
        """
        place = self.places["status"][0]
        cells, used = list(self.grid.column(place)), self.grid.joined(self.places["date"]).filled()
        patient = list(self.grid.column(self.places["patient"][0]))
        dates = list(self.grid.column(self.places["date"][0]))
        if "time" in self.places:
            used = used | self.grid.joined(self.places["time"]).filled()
        rows = np.flatnonzero(used).tolist()
        blank = [n for n in rows if not cells[n]]
        if len(blank) < max(_FEWEST_MERGED, _MERGED * len(rows)) or not cells[rows[0]]:
            return
        groups = [each for each in (patient, dates) if sum(not each[n] for n in rows) >= _MERGED * len(rows)]
        last, filled, runs = "", dict[int, str](), 0
        for n in rows:
            begins = any(each[n] for each in groups)
            if (cells[n] and cells[n] == last and not begins) or (begins and not cells[n]):
                return
            runs += bool(cells[n])
            last = cells[n] or last
            if not cells[n]:
                filled[n] = last
        if runs >= _FEWEST_MERGED:
            what = "rows without a status below one that has one (merged cells)"
            self.grid.quality.note(what, [self.grid.lines[n] for n in blank], "read as the status above")
            self.grid.write(place, filled)

    def _without_remarks(self, days: Days | None, dated: Sequence[bool]) -> Days | None:
        """Drop rows that are no appointments: totals, remarks, headings of groups."""
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
        """Return whether each row is no appointment."""
        total, with_status = self.grid.totals(), self.grid.joined(self.places["status"]).filled()
        # A row with patient, status and an unreadable date is an appointment, and is reported as such.
        bare = total | ~patient.filled() | ~(with_status | self.grid.column(self.places["date"][0]).filled())
        bare[-1:] |= ~with_status[-1:]  # the file may end within a row
        remarks: list[bool] = np.where(dated, total & ~with_status, bare).tolist()
        return remarks

    def _heads(self, patient: Cells, remarks: Sequence[bool]) -> dict[int, str]:
        """Return the patients of rows without one, from a patient alone in a row above them."""
        patients: dict[int, str] = {}
        if not any(remarks):
            return patients
        head, totals = "", self.grid.totals()
        for n, (remark, cell) in enumerate(zip(remarks, patient, strict=True)):
            if remark:
                head = "" if totals[n] or not cell else cell
            elif cell:
                head = ""
            elif head:
                patients[n] = head
        return patients

    def _patients(self, days: Days | None) -> Cells:
        grid = self.grid
        column = self.grid.joined(self.places["patient"])
        heading = self._heading("patient")
        of_day = [1] * len(column) if days is None else days.day
        patients = identifiers.read_patients(
            column,
            of_day,
            grid.lines,
            grid.joined(self.places["status"]).map(str.casefold),
            grid.quality,
            heading=heading,
            file=grid.file,
            blanks=self.options.blank_patients,
        )
        self.problems += patients.problems
        if "location" not in self.places:
            return patients.cells
        sites = identifiers.separate_sites(
            patients.cells,
            grid.joined(self.places["location"]),
            grid.joined(self.places["birth"]) if "birth" in self.places else None,
            grid.lines,
            grid.quality,
            heading=heading,
            place=self._heading("location"),
            file=grid.file,
            same_number=self.options.same_number,
        )
        self.problems += sites.problems
        return sites.cells

    def _judge_zone(self, days: Days) -> None:
        """Judge whether times that name no zone are in UTC, if the clinic's is given; else warn if they may be."""
        quality, heading = self.grid.quality, self._heading("date")
        named = any(in_universal_time(self.grid.heading[at]) for at in self.places["date"])
        timed = sum(minute == minute for minute in days.minute)
        if named or not timed:
            return
        self.universal = zones.in_universal_time(days, self.zone)
        if self.universal:
            quality.count(
                f"times of {heading!r} that name no zone", timed, "read as UTC, by --timezone and their hours"
            )
        elif self.zone.info is not None and not any(east is not None for east in days.offset):
            quality.count(
                f"times of {heading!r} that name no zone", timed, "read as clinic time: --timezone not used"
            )
        elif not self.zone.as_written and (night := zones.share_at_night(days)) >= _AT_NIGHT:
            quality.warn(
                f"{100 * night:.0f} % of the times in {heading!r} are at night (22:00 to 6:00). If they are "
                "in universal time, days and hours are wrong: name the clinic's zone, --timezone America/New_York "
                f"for example. If the clinic's clock showed them so, use --timezone {zones.AS_WRITTEN}"
            )

    def _in_clinic_time(self, days: Days, role: str) -> Days | None:
        heading = self._heading(role)
        try:
            converted = zones.to_clinic_time(
                days,
                self.zone,
                heading=heading,
                universal=self.universal
                or any(in_universal_time(self.grid.heading[at]) for at in self.places[role]),
                file=self.grid.file,
                lines=self.grid.lines,
            )
        except ExportError as error:
            self.problems += error.problems
            return None
        for what, count, done in converted.notes:
            self.grid.quality.count(what, count, done)
        return converted

    def _cells(self, role: str, raw: Days | None) -> Cells | Timestamps:
        """Return a column's cells, with dates and times in one style."""
        cells = self.grid.joined(self.places[role])
        if role not in _CLOCKS or raw is None:
            return cells
        order = next((key for key, name in ORDERS.items() if name == raw.order), self.options.dates or "mdy")
        days = read_days(
            cells, self.grid.lines, heading=self._heading(role), file=self.grid.file, order=order
        )
        if not any(days.day):
            minute, offset, notes = read_times(cells, self._heading(role))
            # A time alone is on the appointment's day, which matters where it is in UTC.
            of_day = [raw.day[n] if east is not None else 0 for n, east in enumerate(offset)]
            days = Days(of_day, minute, "", False, offset, notes)
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
