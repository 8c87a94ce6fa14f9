"""The export, understood: who was due on which day, and what came of it.

From text to numbers, in one pass: dates read, words understood, impossible rows set aside and counted. Patients are
numbers from here on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simclinic.calibration import outcomes, today, words
from simclinic.calibration.codes import (
    BOOKED,
    CANCELLED,
    COMPLETED,
    IGNORED,
    IN_TIME,
    KIND,
    NO_INFUSION,
    NO_SHOW,
    STATUS,
)
from simclinic.calibration.dates import Days, minute_of, minutes_between, read_days
from simclinic.calibration.export import Table, read
from simclinic.calibration.options import Options
from simclinic.calibration.quality import Quality
from simclinic.calibration.text import ExportError
from simclinic.errors import Problem

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_FAR, _FEW = 366, 0.02
"""A date more than a year from all others is a slip, if at most so large a share of the visits is that far off."""


@dataclass(frozen=True)
class Visits:
    """Appointments of an export, sorted by patient, day and time.

    Attributes
    ----------
    patient
        Numbers from 0, in the order in which the export names them.
    day
        The day's number in the calendar (`date.toordinal`).
    status
        COMPLETED, NO_SHOW, CANCELLED; BOOKED for what is still to come.
    kind
        UNSAID, INDUCTION or BOOSTER.
    due
        Time of the appointment, in minutes after midnight; NaN where only its day is known.
    minutes
        Of the visit, from the appointment (or check-in, if later) to check-out; NaN if unknown.
    line
        Of the export.
    first, last
        The first and the last day the export covers.
    as_of
        The day after: the first that is still to come.
    """

    patient: Ints
    day: Ints
    status: Ints
    kind: Ints
    due: Floats
    minutes: Floats
    line: Ints
    first: int
    last: int
    as_of: int

    def only(self, keep: npt.NDArray[np.bool_]) -> Visits:
        """Give some of the appointments."""
        return Visits(
            self.patient[keep],
            self.day[keep],
            self.status[keep],
            self.kind[keep],
            self.due[keep],
            self.minutes[keep],
            self.line[keep],
            self.first,
            self.last,
            self.as_of,
        )


@dataclass(frozen=True)
class Understood:
    """An export, understood.

    Attributes
    ----------
    visits
        Its appointments.
    quality
        What was odd.
    table
        The text they came from: encoding, delimiter, headings.
    date_order
        How dates were read, in words.
    rows, patients
        How many there were in the file.
    has_kind, has_times
        Whether there is a column of kinds, and whether there are check-in and check-out.
    """

    visits: Visits
    quality: Quality
    table: Table
    date_order: str
    rows: int
    patients: int
    has_kind: bool
    has_times: bool


def understand(path: Path, options: Options, *, notice_days: float = 1.0) -> Understood:
    """Read an export and understand its rows.

    Parameters
    ----------
    path, options
        The export, and what somebody says about it.
    notice_days
        Cancellations earlier than so many days of 24 hours are in time, where the export says when they came.

    Raises
    ------
    ExportError
        If a column is missing, a word unknown, or dates cannot be read; with everything that is wrong.
    """
    table = read(path, options)
    columns, lines, quality, days = table.columns, table.line, table.quality, table.days
    problems = list(table.problems)
    status: list[str] = []
    kinds: list[str] = [words.UNSAID] * len(lines)
    for what, said in (("status", options.statuses), ("kind", options.kinds)):
        if what not in columns:
            if said:
                problems.append(
                    Problem(f"--{what} needs a column for the {what}: there is none", file=table.name)
                )
            continue
        try:
            found = outcomes.meanings(table, what, said or {}, quality)
        except ExportError as error:
            problems += error.problems
            continue
        if what == "status":
            status = found
        else:
            kinds = found
    if problems or days is None:
        raise ExportError(problems)
    if "cancelled_on" in columns:
        status = _less_early_cancellations(table, days, status, notice_days, quality)
    return _set_in_order(table, days, status, kinds, quality, options)


def _less_early_cancellations(
    table: Table, days: Days, status: list[str], notice_days: float, quality: Quality
) -> list[str]:
    """Leave out cancellations that came in time."""
    cancelled = read_days(
        table.columns["cancelled_on"],
        table.line,
        heading=table.headings["cancelled_on"],
        file=table.name,
        order="ymd",
    )
    early = outcomes.early_cancellations(table, status, days, cancelled, notice_days, quality)
    return [words.IN_TIME if each else meaning for each, meaning in zip(early, status, strict=True)]


def _set_in_order(
    table: Table, days: Days, status: list[str], kinds: list[str], quality: Quality, options: Options
) -> Understood:
    names, patient = _numbered(table.columns["patient"])
    day = np.array(days.day, dtype=np.int64)
    minute = np.array(days.minute)
    outcome = np.array([STATUS[each] for each in status], dtype=np.int64)
    kind = np.array([KIND[each] for each in kinds], dtype=np.int64)
    line = np.array(table.line, dtype=np.int64)
    keep = np.ones(len(line), dtype=bool)

    def leave_out(what: str, which: npt.NDArray[np.bool_], done: str = "left out") -> None:
        quality.note(what, line[which & keep].tolist(), done)
        keep[which] = False

    unreadable = day == 0
    if days.several:
        told = "dates in several styles, none of which leaves a doubt"
        quality.count(told, 1, "each read in its own")
    leave_out("rows without a date that is in the calendar", unreadable)
    leave_out("rows without a patient", patient < 0)
    leave_out("appointments whose status was said to be ignored", outcome == IGNORED)
    leave_out("appointments of a kind that is no infusion (consults and the like)", kind == NO_INFUSION)
    leave_out("dates more than a year from all others", _far(day, keep, outcome))
    keep[outcome == IN_TIME] = False
    as_of = today.first_to_come(table, day, outcome, keep, options.as_of, quality)
    to_come = day >= as_of
    outcome = today.future_is_booked(table, outcome, keep & to_come, quality)
    leave_out(
        "visits completed, or missed, on a day still to come",
        to_come & np.isin(outcome, (COMPLETED, NO_SHOW)),
    )
    leave_out("appointments to come that are already cancelled", to_come & (outcome == CANCELLED))
    today.ask_about_never_closed(table, day, outcome, keep, as_of, options.statuses, quality)
    leave_out("appointments of the past without an outcome (still booked)", ~to_come & (outcome == BOOKED))
    order = np.lexsort((line, np.nan_to_num(minute, nan=0.0), day, patient))
    order = order[keep[order]]
    visits = Visits(
        patient=patient[order],
        day=day[order],
        status=outcome[order],
        kind=kind[order],
        due=minute[order],
        minutes=_minutes(table, minute, quality)[order],
        line=line[order],
        first=int(day[keep & ~to_come].min()),
        last=as_of - 1,
        as_of=as_of,
    )
    return Understood(
        visits=_without_doubles(visits, np.nan_to_num(minute, nan=-1.0)[order], quality),
        quality=quality,
        table=table,
        date_order=days.order,
        rows=table.rows,
        patients=names,
        has_kind="kind" in table.columns,
        has_times=bool({"checked_in", "left"} <= table.columns.keys()),
    )


def _numbered(cells: list[str]) -> tuple[int, Ints]:
    """Give patients numbers in the order in which they are named; -1 for an empty cell."""
    numbers: dict[str, int] = {}
    found = np.empty(len(cells), dtype=np.int64)
    for at, cell in enumerate(cells):
        name = " ".join(cell.casefold().split())
        found[at] = numbers.setdefault(name, len(numbers)) if name else -1
    return len(numbers), found


def _far(day: Ints, keep: npt.NDArray[np.bool_], outcome: Ints) -> npt.NDArray[np.bool_]:
    """Find days that only a slip of the keyboard explains: 1926, 2062."""
    seen = keep & (outcome == COMPLETED)
    if not seen.any():
        return np.zeros(len(day), dtype=bool)
    days, counts = np.unique(day[seen], return_counts=True)
    parts = np.split(np.arange(len(days)), np.flatnonzero(np.diff(days) >= _FAR) + 1)
    sizes = np.array([counts[part].sum() for part in parts])
    main = int(sizes.argmax())
    far = np.zeros(len(day), dtype=bool)
    low, high = days[parts[main][0]], days[parts[main][-1]]
    for number, part in enumerate(parts):
        if number != main and sizes[number] <= _FEW * counts.sum():
            far |= (day >= days[part[0]]) & (day <= days[part[-1]]) & seen
        elif number != main:
            low, high = min(low, days[part[0]]), max(high, days[part[-1]])
    # What was not completed may lie in the clinic's future, not far beyond it.
    beyond: npt.NDArray[np.bool_] = ~seen & ((day < low - _FAR) | (day > high + 2 * _FAR))
    return far | beyond


def _minutes(table: Table, due: Floats, quality: Quality) -> Floats:
    """Minutes of each visit: from the appointment, or from check-in if that was later, to check-out.

    Who comes early mostly waits for a chair until it is time; to count that as treatment would make visits longer
    than they are, and the clinic smaller.

    Parameters
    ----------
    due
        Time of each row's appointment, in minutes after midnight; NaN where only its day is known.
    """
    found = np.full(len(table.line), math.nan)
    if not {"checked_in", "left"} <= table.columns.keys():
        return found
    backwards, unread, long = [], [], []
    for at, (came, left) in enumerate(zip(table.columns["checked_in"], table.columns["left"], strict=True)):
        if not came and not left:
            continue
        minutes = minutes_between(came, left) if came and left else None
        if minutes is None:
            unread.append(table.line[at])
        elif minutes < 0:
            backwards.append(table.line[at])
        elif minutes > 720 or minutes == 0:
            long.append(table.line[at])
        else:
            early = float(due[at]) - minute_of(came)
            found[at] = minutes - early if 0 < early < minutes else minutes
    quality.note("check-out before check-in", backwards, "visit kept, its length not used")
    quality.note("check-in or check-out missing or unreadable", unread, "visit kept, its length not used")
    quality.note(
        "visits of no minutes, or of more than twelve hours", long, "visit kept, its length not used"
    )
    return found


def _without_doubles(visits: Visits, minute: Floats, quality: Quality) -> Visits:
    """Leave out what is there twice: the same row, and a second completed visit on a day."""
    same = np.zeros(len(visits.day), dtype=bool)
    if len(same) > 1:
        rows = np.column_stack([visits.patient, visits.day, minute, visits.status, visits.kind])
        _, first = np.unique(rows, axis=0, return_index=True)
        same[:] = True
        same[first] = False
    if not (same & (visits.status == COMPLETED)).any():
        # Somebody may well miss an appointment, get another for the same day and miss that too. A system that
        # doubles rows would double some of completed visits as well.
        again = same & (minute < 0) & np.isin(visits.status, (NO_SHOW, CANCELLED))
        told = "kept: no completed visit is there twice, so they are two"
        quality.note(
            "appointments missed twice on one day, without a time", visits.line[again].tolist(), told
        )
        same &= ~again
    quality.note("rows that are there twice", visits.line[same].tolist(), "counted once")
    visits = visits.only(~same)
    done = np.flatnonzero(visits.status == COMPLETED)
    again = np.zeros(len(visits.day), dtype=bool)
    again[done[1:]] = (np.diff(visits.patient[done]) == 0) & (np.diff(visits.day[done]) == 0)
    quality.note(
        "completed visits of a patient who had one on the same day",
        visits.line[again].tolist(),
        "the first counts",
    )
    return visits.only(~again)
