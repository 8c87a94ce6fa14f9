"""An appointment export as a clinic's booking system gives it, made from a simulated replication.

    records = simulate(scenario, draw(scenario, seed=1, replication=0))
    export = clean(records, scenario, seed=1)
    export.csv(), export.truth.values.after_series.share, export.truth.people

A booking system knows appointments and not the state of patients: whether one responded, relapsed or left is in the
truth and not in the rows.
"""

import csv
import datetime
import io
import random
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from simclinic.records import (
    CANCELLED,
    CLINIC_CANCELLED,
    COMPLETED,
    DAY,
    KINDS,
    MOVED,
    NO_SHOW,
    RELEASED,
    Records,
)
from simclinic.scenario import Scenario
from tests.exports.people import Person, moment, people
from tests.exports.truth import TrueValues, true_values

COLUMNS = ("patient", "date", "kind", "status", "checked_in", "left")
BOOKED = "booked"

_STATUS = {COMPLETED: "completed", NO_SHOW: "no-show", CANCELLED: "cancelled", CLINIC_CANCELLED: "cancelled"}
_NUMBERS = 1_000_000


@dataclass(frozen=True)
class Row:
    """One appointment: record number, time, kind and status; check-in and departure of a completed visit."""

    patient: str
    date: datetime.datetime
    kind: str
    status: str
    checked_in: datetime.datetime | None = None
    left: datetime.datetime | None = None


@dataclass(frozen=True)
class Truth:
    """The truth behind an export.

    Attributes
    ----------
    scenario
        The clinic that made it.
    people
        Its patients, in their true state at the cut.
    statuses
        Rows by status.
    cancelled_by_clinic
        Number of cancelled rows that the clinic cancelled.
    given_up
        Number of cancelled rows of patients who had stopped coming before.
    """

    scenario: Scenario
    people: tuple[Person, ...]
    statuses: dict[str, int]
    cancelled_by_clinic: int
    given_up: int

    @cached_property
    def values(self) -> TrueValues:
        """True values of the scenario; raises ValueError where it has none (see `true_values`)."""
        return true_values(self.scenario)


@dataclass(frozen=True)
class Export:
    """Rows in order of time, and the truth behind them.

    Attributes
    ----------
    rows
        The appointments.
    first, cut
        First day shown, and the day on whose morning the export was made, which is not shown.
    columns
        Columns of the file, among `COLUMNS`.
    truth
        The truth behind the rows.
    """

    rows: tuple[Row, ...]
    first: datetime.date
    cut: datetime.date
    columns: tuple[str, ...]
    truth: Truth

    @property
    def weeks(self) -> float:
        return (self.cut - self.first).days / 7

    def csv(self) -> str:
        """The export as a clean file: commas, ISO dates to the minute."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        for row in self.rows:
            writer.writerow([written(getattr(row, name)) for name in self.columns])
        return text.getvalue()

    def write(self, path: Path) -> None:
        path.write_text(self.csv(), encoding="utf-8", newline="\n")


def written(cell: str | datetime.datetime | None) -> str:
    """Write a cell of a clean file."""
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else cell.isoformat(" ", "minutes")


def clean(
    records: Records,
    scenario: Scenario,
    *,
    seed: int,
    first: datetime.date | None = None,
    cut: datetime.date | None = None,
    kind: bool = False,
    types: bool = False,
    booked: bool = False,
    given_up: bool = False,
) -> Export:
    """Reshape a replication into an export.

    Parameters
    ----------
    records, scenario
        The replication and its scenario.
    seed
        Seed of the invented record numbers; a patient's is the same in every window.
    first
        First day shown; by default the first simulated one, which without warm-up is the clinic's opening.
    cut
        The day on whose morning the export is made, before anything of it has happened; by default the end.
    kind
        Whether to state the kind of each appointment, series or booster.
    types
        Whether to state the type of visit instead.
    booked
        Whether to show appointments booked from `cut` on.
    given_up
        Whether to show appointments that a patient gives up by stopping as cancelled, as some systems do. By
        default they are removed from the book without a trace.

    Raises
    ------
    ValueError
        For a clinic without appointments, or a window outside the simulated time.
    """
    if scenario.booking.mode == "walk-in":
        raise ValueError("a walk-in clinic has no appointments to export")
    begins = records.start + datetime.timedelta(days=records.first_day)
    ends = records.start + datetime.timedelta(days=records.days_measured)
    first, cut = first or begins, cut or ends
    if not begins <= first < cut <= ends:
        raise ValueError(f"the window {first} to {cut} must lie within {begins} to {ends}")
    opens, closes = (float((day - records.start).days * DAY) for day in (first, cut))
    numbers = _record_numbers(len(records.patients["day"]), seed)
    statuses = _statuses(records, closes, given_up=given_up)
    visits = records.visits
    shown = [
        (float(visits["appointment"][at]), at)
        for at in statuses
        if visits["appointment"][at] >= opens and (booked or visits["appointment"][at] < closes)
    ]
    rows, seen, behind = [], {}, Counter()
    for time, at in sorted(shown):
        patient = int(visits["patient"][at])
        seen[patient] = numbers[patient]
        behind[int(visits["outcome"][at])] += statuses[at] == "cancelled"
        came = statuses[at] == "completed"
        out = visits["left"][at]
        rows.append(
            Row(
                patient=numbers[patient],
                date=moment(records, time),
                kind=records.visit_types[visits["visit"][at]] if types else KINDS[visits["kind"][at]],
                status=statuses[at],
                checked_in=moment(records, visits["arrived"][at]) if came else None,
                left=moment(records, out) if came and np.isfinite(out) else None,
            )
        )
    truth = Truth(
        scenario=scenario,
        people=people(records, scenario, seen, first=opens, cut=closes),
        statuses=dict(Counter(row.status for row in rows)),
        cancelled_by_clinic=behind[CLINIC_CANCELLED],
        given_up=behind[RELEASED] + behind[MOVED],
    )
    columns = tuple(name for name in COLUMNS if kind or types or name != "kind")
    return Export(tuple(rows), first, cut, columns, truth)


def _statuses(records: Records, cut: float, *, given_up: bool) -> dict[int, str]:
    """Return the status at the cut of appointments made before it, by row of the visits; some leave no trace."""
    visits = records.visits
    result = {}
    for at in np.flatnonzero(visits["booked"] < cut).tolist():
        outcome = int(visits["outcome"][at])
        due = visits["appointment"][at] < cut
        known = visits["decided"][at] < cut
        if known and outcome in (RELEASED, MOVED):
            if given_up:
                result[at] = "cancelled"
        elif known and outcome in _STATUS:
            result[at] = _STATUS[outcome]
        elif not due:
            result[at] = BOOKED
        # else: the patient is in the clinic at that midnight, and the visit has no outcome yet
    return result


def _record_numbers(count: int, seed: int) -> list[str]:
    """Invent distinct record numbers of six digits, in random order."""
    draws = random.Random(seed)
    taken: dict[int, None] = {}
    while len(taken) < count:
        taken.setdefault(int(draws.random() * _NUMBERS))
    return [f"{number:06d}" for number in taken]
