"""The panel, a file of today's patients: waiting, in a series, or after a series with possible boosters.

Where a consult is a visit, patients who have an appointment for it are on the panel, too.

```
patient,stage,referred_on,protocol,infusions_done,last_infusion_on,boosters_done,next_appointment
A-17,waiting,2026-02-20,twice-weekly,0,,0,
B-02,series,2026-01-29,twice-weekly,3,2026-03-02,0,2026-03-05
C-40,maintained,2025-06-11,twice-weekly,6,2026-02-11,4,
```

Each patient gets a number derived from the identifier, so that the same patient has the same random inputs in any
row and among any other patients. The identifier itself does not leave this module.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field
from functools import cached_property
from pathlib import Path as FilePath
from typing import Literal, TypeAlias

from simclinic.errors import Problem, ScenarioError
from simclinic.scenario.parse import read_text
from simclinic.scenario.problems import nearest
from simclinic.scenario.scenario import Scenario

Stage: TypeAlias = Literal["consult", "waiting", "series", "maintained"]
STAGES: tuple[Stage, ...] = ("waiting", "series", "maintained")
"""Stages of every clinic; "consult" is one where a consult is a visit that is booked."""

MOST_PATIENTS = 50_000
"""Most patients of a panel: about a hundred times those of a large clinic."""

MOST_BYTES = 20_000_000
"""Size of the largest panel that is read, in bytes: 400 for each patient."""

_REMEDY = "leave out columns that are not needed, and patients who have left"

COLUMNS = (
    "patient",
    "stage",
    "referred_on",
    "protocol",
    "infusions_done",
    "last_infusion_on",
    "boosters_done",
    "next_appointment",
    "asked_on",
    "stays",
)
"""Columns of a panel file; other columns are ignored."""

_NEEDED = ("patient", "stage")
_TOO_MANY = "leave out patients who have left for good, or forecast each site by itself"
_EARLIEST, _LATEST = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
_MOST_PROBLEMS = 20
_MOST_DONE = 10_000
_SHARE, _LONGEST = re.compile(r"[01]?\.?[0-9]*", re.ASCII), 20


@dataclass(frozen=True, slots=True, order=True)
class PanelPatient:
    """One of today's patients.

    Attributes
    ----------
    key
        A number of 64 bits derived from the identifier.
    stage
        Booked for a "consult" that is a visit, "waiting" for a first infusion, in a "series", or "maintained": has
        completed a series and responded.
    protocol
        Name of the protocol.
    infusions_done, boosters_done
        Infusions of the series, and booster infusions, so far.
    referred_on, last_infusion_on
        Dates; None if not given.
    next_appointment
        The date, or date and time, of an appointment already made; None if there is none.
    asked_on
        The date of a booster request that has no appointment yet, or on which a consult was asked for; None if
        there is none, or it is not known.
    stays
        Probability that a maintained patient has not left the booster programme since the last infusion, unseen.
    """

    key: int
    stage: Stage
    protocol: str
    infusions_done: int
    boosters_done: int
    referred_on: dt.date | None
    last_infusion_on: dt.date | None
    next_appointment: dt.date | None
    asked_on: dt.date | None = None
    stays: float = 1.0


@dataclass(frozen=True)
class Panel:
    """Today's patients.

    Attributes
    ----------
    patients
        All patients, sorted by their keys, so that the order of the file does not matter.
    unread
        Unknown columns of the file.
    """

    patients: tuple[PanelPatient, ...]
    unread: tuple[str, ...] = field(default=(), compare=False)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all patients, in hexadecimal."""
        # `asked_on` and `stays` are late additions: panels without them keep their fingerprint.
        values = (astuple(p)[: 10 if p.stays < 1.0 else 9 if p.asked_on else 8] for p in self.patients)
        rows = [[part if isinstance(part, int) else str(part) for part in row] for row in values]
        return hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()

    @property
    def last_past(self) -> dt.date | None:
        """The latest date in the past of any patient; None if no date is given."""
        dates = [
            date
            for patient in self.patients
            for date in (patient.referred_on, patient.last_infusion_on, patient.asked_on)
            if date is not None
        ]
        return max((_date(date) for date in dates), default=None)

    @property
    def first_appointment(self) -> dt.date | None:
        """The earliest appointment of any patient that is already made; None if there is none."""
        booked = (patient.next_appointment for patient in self.patients)
        return min((_date(moment) for moment in booked if moment is not None), default=None)

    def count(self, stage: Stage) -> int:
        """Count the patients of a stage."""
        return sum(patient.stage == stage for patient in self.patients)


_NO_CONSULTS = (
    'no consult is booked ([intake] visit = "consult", and a clinic with appointments, would be needed)'
)


def _stages(scenario: Scenario) -> tuple[Stage, ...]:
    """List the stages that patients of a clinic can be in."""
    books = scenario.intake.visit is not None and scenario.booking.mode == "booked"
    return ("consult", *STAGES) if books else STAGES


def read_panel(path: FilePath, scenario: Scenario) -> Panel:
    """Read a panel file, with columns separated by commas, semicolons or tabs.

    Parameters
    ----------
    path
        The file, in UTF-8.
    scenario
        The scenario with the patients' protocols.

    Raises
    ------
    ScenarioError
        With every problem found: line, column, value and rule; never the patient's identifier.
    """
    shown = str(path)
    lines = read_text(path, shown, most_bytes=MOST_BYTES, remedy=_REMEDY).splitlines()
    head = next((number for number, line in enumerate(lines) if line.strip()), None)
    if head is None:
        raise ScenarioError([Problem("is empty: the first line must name the columns", file=shown)])
    delimiter = max(",;\t", key=lines[head].count)
    rows = csv.reader(lines[head:], delimiter=delimiter, strict=True)
    sheet = _Sheet(shown, scenario)
    try:
        names = [name.strip().casefold() for name in next(rows)]
        unread = sheet.header(names, head + 1)
        for row in rows:
            if any(cell.strip() for cell in row):
                sheet.add(head + rows.line_num, names, row)
    except csv.Error as error:
        raise ScenarioError(
            [Problem(f"is not a table: {error}", file=shown, line=head + rows.line_num)]
        ) from None
    if sheet.problems:
        raise ScenarioError(sheet.problems)
    return Panel(tuple(sorted(sheet.patients, key=lambda patient: patient.key)), unread)


class _Sheet:
    """The rows read so far, and their problems."""

    def __init__(self, shown: str, scenario: Scenario) -> None:
        self.patients: list[PanelPatient] = []
        self.problems: list[Problem] = []
        self._shown = shown
        self._scenario = scenario
        self._lines: dict[str, int] = {}
        mix = scenario.demand.protocol_mix
        self._usual = max(mix, key=lambda name: mix[name])

    def _wrong(
        self, line: int, column: str, rule: str, value: str | None = None, names: tuple[str, ...] = ()
    ) -> None:
        self.problems.append(
            Problem(
                rule,
                address=column,
                file=self._shown,
                line=line,
                value=None if value is None else repr(value[:40]),
                suggestion=nearest(value, names) if value else None,
            )
        )
        if len(self.problems) >= _MOST_PROBLEMS:
            raise ScenarioError(self.problems)

    def header(self, names: list[str], line: int) -> tuple[str, ...]:
        """Check the names of the columns, and return the unknown ones."""
        if not set(names) & set(COLUMNS):
            # The file may lack a header: then the line is a patient's, and no message may show its cells.
            self._wrong(line, "", f"must name the columns: {', '.join(COLUMNS)}")
            raise ScenarioError(self.problems)
        for name in dict.fromkeys(names):
            if name and names.count(name) > 1:
                self._wrong(line, name, "this column is given twice")
        missing = [name for name in COLUMNS if name not in names]
        strange = [name for name in dict.fromkeys(names) if name and name not in COLUMNS]
        for name in strange:
            meant = nearest(name, missing)
            if meant is not None:
                self._wrong(line, name, "is not a column of a panel", name, tuple(missing))
        for name in _NEEDED:
            if name in missing:
                self._wrong(line, name, f"this column is missing; a panel has {', '.join(COLUMNS)}")
        if self.problems:
            raise ScenarioError(self.problems)
        return tuple(strange)

    def add(self, line: int, names: list[str], row: list[str]) -> None:
        """Read one patient; empty cells at the end of a line may be missing or surplus, as from spreadsheets."""
        if len(self._lines) == MOST_PATIENTS:
            rule = (
                f"is one of more than {MOST_PATIENTS:,} patients, the most that a forecast takes: {_TOO_MANY}"
            )
            self.problems.append(Problem(rule, file=self._shown, line=line))
            raise ScenarioError(self.problems)
        if any(cell.strip() for cell in row[len(names) :]):
            self._wrong(line, "", f"has {len(row)} cells for {len(names)} columns")
            return
        cells = {name: cell.strip() for name, cell in zip(names, row, strict=False)}
        before = len(self.problems)
        patient = self._patient(line, cells)
        if len(self.problems) == before and patient is not None:
            self.patients.append(patient)

    def _patient(self, line: int, cells: Mapping[str, str]) -> PanelPatient | None:
        identifier = cells.get("patient", "")
        if not identifier:
            self._wrong(line, "patient", "must not be empty")
        elif identifier in self._lines:
            self._wrong(line, "patient", f"this patient is already in line {self._lines[identifier]}")
        else:
            self._lines[identifier] = line
        named = cells.get("stage", "")
        stages = _stages(self._scenario)
        stage = next((stage for stage in stages if stage == named.casefold()), None)
        if stage is None:
            rule = f"must be {', '.join(stages[:-1])} or {stages[-1]}"
            if named.casefold() == "consult":
                rule += f": {_NO_CONSULTS}"
            self._wrong(line, "stage", rule, named, stages)
        protocols = self._scenario.protocols
        protocol = cells.get("protocol", "") or self._usual
        if protocol not in protocols:
            rule = f"must be a protocol of the scenario: {', '.join(protocols)}"
            self._wrong(line, "protocol", rule, protocol, tuple(protocols))
        before = len(self.problems)
        referred = self._day(line, cells, "referred_on")
        last = self._day(line, cells, "last_infusion_on")
        ahead = self._day(line, cells, "next_appointment")
        asked = self._day(line, cells, "asked_on")
        infusions = self._count(line, cells, "infusions_done")
        boosters = self._count(line, cells, "boosters_done") or 0
        stays = self._share(line, cells, "stays")
        if stage is None or protocol not in protocols:
            return None
        unreadable = {problem.address for problem in self.problems[before:]}
        for column, rule, value in _contradictions(
            stage, protocols[protocol].infusions, infusions, boosters, referred, last, ahead, asked, stays
        ):
            if column not in unreadable:
                self._wrong(line, column, rule, value)
        done = (
            protocols[protocol].infusions if infusions is None and stage == "maintained" else infusions or 0
        )
        key = int.from_bytes(hashlib.sha256(identifier.encode()).digest()[:8], "little")
        return PanelPatient(key, stage, protocol, done, boosters, referred, last, ahead, asked, stays)

    def _day(self, line: int, cells: Mapping[str, str], column: str) -> dt.date | None:
        written = cells.get(column, "")
        if not written:
            return None
        try:
            moment = (
                dt.date.fromisoformat(written) if len(written) <= 10 else dt.datetime.fromisoformat(written)
            )
        except ValueError:
            self._wrong(line, column, "must be a date such as 2026-03-04, or 2026-03-04T09:30", written)
            return None
        if not _EARLIEST <= _date(moment) <= _LATEST:
            self._wrong(line, column, f"must lie between {_EARLIEST} and {_LATEST}", written)
            return None
        if isinstance(moment, dt.datetime) and moment.tzinfo is not None:
            self._wrong(line, column, "must not have a time zone: times are the clinic's local time", written)
            return None
        return moment

    def _count(self, line: int, cells: Mapping[str, str], column: str) -> int | None:
        written = cells.get(column, "")
        if not written:
            return None
        if not (
            written.isascii() and written.isdecimal() and len(written) <= 6 and int(written) <= _MOST_DONE
        ):
            self._wrong(line, column, f"must be a whole number from 0 to {_MOST_DONE:,}", written)
            return None
        return int(written)

    def _share(self, line: int, cells: Mapping[str, str], column: str) -> float:
        written = cells.get(column, "")
        if not written:
            return 1.0
        if len(written) > _LONGEST or not _SHARE.fullmatch(written) or not 0.0 < float(written) <= 1.0:
            self._wrong(line, column, "must be a share above 0 and at most 1, such as 0.9; empty: 1", written)
            return 1.0
        return float(written)


def _contradictions(
    stage: Stage,
    series: int,
    infusions: int | None,
    boosters: int,
    referred: dt.date | None,
    last: dt.date | None,
    ahead: dt.date | None,
    asked: dt.date | None,
    stays: float,
) -> Iterator[tuple[str, str, str | None]]:
    """Yield contradictions in one patient's row: column, rule, value."""
    if asked is not None and stage != "consult":
        if stage != "maintained":
            yield "asked_on", f"is for boosters: must be empty for a patient of stage {stage!r}", str(asked)
        elif ahead is not None:
            yield "asked_on", "must be empty if there is a next_appointment", str(asked)
        elif last is not None and _date(asked) < _date(last):
            yield "asked_on", "must not lie before last_infusion_on", str(asked)
    if stays < 1.0 and stage != "maintained":
        yield "stays", f"is for boosters: must be empty for a patient of stage {stage!r}", f"{stays:g}"
    elif stays < 1.0 and (ahead is not None or asked is not None):
        yield "stays", "must be empty if there is a next_appointment, or a booster asked for", f"{stays:g}"
    if referred is not None and last is not None and _date(referred) > _date(last):
        yield "referred_on", "must not lie after last_infusion_on", str(referred)
    if stage != "maintained" and boosters:
        yield "boosters_done", f"must be 0 for a patient of stage {stage!r}", str(boosters)
    if stage in ("consult", "waiting"):
        who = "who waits for a first infusion" if stage == "waiting" else "who is booked for a consult"
        if infusions:
            yield "infusions_done", f"must be 0 for a patient {who}", str(infusions)
        if last is not None:
            yield "last_infusion_on", f"must be empty for a patient {who}", str(last)
        if stage == "consult" and ahead is None:
            yield "next_appointment", f"must be given for a patient {who}", None
        return
    if last is None:
        yield "last_infusion_on", f"must be given for a patient of stage {stage!r}", None
    if stage == "series" and not 1 <= (infusions or 0) < series:
        rule = (
            f"must be from 1 to {series - 1} in a series of {series} (none: stage waiting, all: maintained)"
            if series > 1
            else "a patient cannot be within a series of one infusion: stage waiting, or maintained"
        )
        yield "infusions_done", rule, None if infusions is None else str(infusions)
    if stage == "maintained" and infusions == 0:
        yield "infusions_done", "must be at least 1 for a patient who has completed a series", "0"


def _date(moment: dt.date) -> dt.date:
    return moment.date() if isinstance(moment, dt.datetime) else moment


def start_contradictions(panel: Panel, day: dt.date) -> list[str]:
    """List, without identifiers, contradictions between a panel and the first day of a forecast."""
    contradictions = []
    late = sum(
        date is not None and _date(date) >= day
        for patient in panel.patients
        for date in (patient.referred_on, patient.last_infusion_on, patient.asked_on)
    )
    if late:
        contradictions.append(
            f"{late} past dates in the panel lie on {day.isoformat()}, the first simulated day, or later: "
            "the panel must be as of the day before (--as-of)"
        )
    early = sum(
        patient.next_appointment is not None and _date(patient.next_appointment) < day
        for patient in panel.patients
    )
    if early:
        contradictions.append(
            f"{early} next appointments lie before {day.isoformat()}, the first simulated day: "
            "give the next one, or leave the cell empty"
        )
    return contradictions


def scenario_contradictions(scenario: Scenario, panel: Panel) -> list[str]:
    """List, without identifiers, contradictions between a panel and a scenario other than the one it was read with.

    These are consults where they are no visits, protocols that the scenario does not have, and series that would be
    complete in it.
    """
    contradictions = []
    if (consults := panel.count("consult")) and "consult" not in _stages(scenario):
        contradictions.append(
            f"{consults} of the panel's patients are booked for a consult, but in {scenario.name!r} {_NO_CONSULTS}"
        )
    for name in sorted({patient.protocol for patient in panel.patients}):
        patients = [patient for patient in panel.patients if patient.protocol == name]
        protocol = scenario.protocols.get(name)
        if protocol is None:
            near = nearest(name, scenario.protocols)
            meant = f"; did you mean {near!r}?" if near else ""
            contradictions.append(
                f"{scenario.name!r} has no protocol {name!r}, the protocol of {len(patients)} of the panel's "
                f"patients (it has {', '.join(scenario.protocols)}{meant})"
            )
            continue
        over = sum(
            patient.stage == "series" and patient.infusions_done >= protocol.infusions for patient in patients
        )
        if over:
            contradictions.append(
                f"a series {name!r} of {scenario.name!r} has {protocol.infusions} infusions, but {over} of the "
                "panel's patients in this series have had as many or more: they would have completed it"
            )
    return contradictions
