"""The export, understood: who was due on which day, and what came of it.

From text to numbers, in one pass: dates read, words understood, impossible rows set aside and counted. Patients are
numbers from here on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Integers
from simclinic.calibration import losses, outcomes, today, words
from simclinic.calibration.cells import Cells
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
from simclinic.calibration.dates import Days, read_days
from simclinic.calibration.doubles import settled
from simclinic.calibration.export import ExportTable, read
from simclinic.calibration.lengths import minutes_of_visits
from simclinic.calibration.losses import LostRows
from simclinic.calibration.options import Options
from simclinic.calibration.periods import Periods
from simclinic.calibration.quality import Quality
from simclinic.calibration.text import ExportError
from simclinic.calibration.visits import Visits
from simclinic.errors import Problem

_FAR, _FEW = 366, 0.02
"""A date more than a year from all others is a slip, if at most so large a share of the visits is that far off."""


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
    table: ExportTable
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
    table: ExportTable, days: Days, status: list[str], notice_days: float, quality: Quality
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
    table: ExportTable, days: Days, status: list[str], kinds: list[str], quality: Quality, options: Options
) -> Understood:
    names, patient = _numbered(table.columns["patient"])
    day = np.array(days.day, dtype=np.int64)
    minute = np.array(days.minute)
    outcome = np.array([STATUS[each] for each in status], dtype=np.int64)
    kind = np.array([KIND[each] for each in kinds], dtype=np.int64)
    line = np.array(table.line, dtype=np.int64)
    keep = np.ones(len(line), dtype=bool)

    def leave_out(what: str, which: npt.NDArray[np.bool_], effect: str = "") -> None:
        lost = which & keep
        quality.note(what, line[lost].tolist(), "left out")
        there = np.unique(patient[keep & (patient >= 0)]).size
        keep[which] = False
        if effect:
            gone = there - np.unique(patient[keep & (patient >= 0)]).size
            done = outcome == COMPLETED
            counts = (int(lost.sum()), len(line), int((lost & done).sum()), int(done.sum()), gone, names)
            quality.lose(LostRows(what, *counts, effect))

    unreadable = day == 0
    if days.several:
        told = "dates in several styles, none of which leaves a doubt"
        quality.count(told, 1, "each read in its own")
    leave_out("rows without a date that is in the calendar", unreadable, losses.TOO_FEW)
    leave_out("rows without a patient", patient < 0, losses.TOO_FEW)
    leave_out("appointments whose status was said to be ignored", outcome == IGNORED, losses.IF_VISITS)
    kinds_left_out = "appointments of a kind that is no infusion (consults and the like)"
    leave_out(kinds_left_out, kind == NO_INFUSION, losses.OTHER_KIND)
    leave_out("dates more than a year from all others", _far(day, keep, outcome), losses.TOO_FEW)
    keep[outcome == IN_TIME] = False
    periods = Periods.of(options.leave_out)
    in_period = keep & periods.hold(day) & (outcome != BOOKED)
    leave_out("appointments in a period that is left out", in_period)
    as_of = today.first_to_come(table, day, outcome, keep, options.as_of, quality)
    to_come = day >= as_of
    outcome = today.future_is_booked(table, outcome, keep & to_come, quality)
    leave_out(
        "visits completed, or missed, on a day still to come",
        to_come & np.isin(outcome, (COMPLETED, NO_SHOW)),
    )
    leave_out("appointments to come that are already cancelled", to_come & (outcome == CANCELLED))
    today.ask_about_never_closed(table, day, outcome, keep, as_of, options.statuses, quality)
    never_closed = ~to_come & (outcome == BOOKED)
    told = "appointments of the past without an outcome (still booked)"
    leave_out(told, never_closed, losses.IF_VISITS)
    table.forget("started", "checked_in", "left")
    minutes = minutes_of_visits(table, minute, keep & (outcome == COMPLETED), quality)
    table.forget()
    order = np.lexsort((line, np.nan_to_num(minute, nan=0.0), day, patient))
    order = order[keep[order]]
    visits = Visits(
        patient=patient[order],
        day=day[order],
        status=outcome[order],
        kind=kind[order],
        due=minute[order],
        minutes=minutes[order],
        line=line[order],
        first=int(day[keep & ~to_come].min()),
        last=as_of - 1,
        as_of=as_of,
        left_out=periods.before(as_of),
        seen=_first_seen(patient, day, in_period & (outcome == COMPLETED)),
    )
    return Understood(
        visits=settled(visits, quality),
        quality=quality,
        table=table,
        date_order=days.order,
        rows=table.rows,
        patients=names,
        has_kind="kind" in table.columns,
        has_times="left" in table.columns,
    )


def _first_seen(patient: Integers, day: Integers, which: npt.NDArray[np.bool_]) -> dict[int, int]:
    """Give the first day on which each patient has one of these rows."""
    found: dict[int, int] = {}
    for who, when in zip(patient[which].tolist(), day[which].tolist(), strict=True):
        found[who] = min(when, found.get(who, when))
    return found


def _numbered(cells: Sequence[str]) -> tuple[int, Integers]:
    """Give patients numbers in the order in which they are named; -1 for an empty cell."""
    column = Cells.of(cells)
    numbers: dict[str, int] = {}
    found = np.empty(len(column.words), dtype=np.int64)
    for at in np.argsort(column.firsts(), kind="stable").tolist():
        name = " ".join(column.words[at].casefold().split())
        found[at] = numbers.setdefault(name, len(numbers)) if name else -1
    return len(numbers), found[column.codes]


def _far(day: Integers, keep: npt.NDArray[np.bool_], outcome: Integers) -> npt.NDArray[np.bool_]:
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
