"""The event log: one line for each event of a replication.

The three tables have a row for each patient and each appointment. The log has the same information in order of
time: referred, booked, due, arrived, in chair 2, infusion begins ...

An appointment gives `booked`, `due` if it was not cancelled before its time, and its outcome; a completed one gives
its visit instead of an outcome: `arrived`, `chair`, every step's start and end, `left`, `chair_free`; and for each
other place `at-PLACE:start` and `at-PLACE:end`. In a walk-in clinic, nothing is booked or due. A relapse is in
the log only if a booster follows, since the tables contain its time only then. A request for a booster is one
event, even if it takes several appointments.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Floats, Integers
from simclinic.records import (
    BALKED,
    BOOSTER,
    COMPLETED,
    LEFT_UNSERVED,
    MOVED,
    NO_SHOW,
    OUTCOMES,
    TO_COME,
    Records,
)
from simclinic.scenario import Scenario
from simclinic.scenario.visit import CHAIR, Step

NOBODY = -1
"""Stands for no visit, and for no kind of visit."""

_REFERRED, _ENDS, _OTHERS, _GONE = range(4)
"""Order of events at one moment: a departure frees a place before the next arrival takes it."""

_ARRIVED = 4
_STRIDE = 8  # places in the order of a visit that each step has


@dataclass(frozen=True, slots=True)
class EventLog:
    """Events in order of time, as arrays of one length.

    Attributes
    ----------
    start
        The date whose midnight is minute 0.
    names
        Of events.
    event
        Index into `names`.
    minute
        When, in minutes since midnight of `start`.
    patient
        Row of the patients table.
    visit
        Row of the visits table; `NOBODY` where the event belongs to none.
    kind
        Code of the visit's kind; `NOBODY` without a visit.
    number
        Number of the visit's infusion among those of its kind; 0 without a visit.
    chair
        The occupied chair; NaN without one.
    place
        The number of the other place that is held, such as a room; NaN without one.
    place_kind
        Index into the records' `places`; `NOBODY` without one.
    """

    start: datetime.date
    names: tuple[str, ...]
    event: Integers
    minute: Floats
    patient: Integers
    visit: Integers
    kind: Integers
    number: Integers
    chair: Floats
    place: Floats
    place_kind: Integers

    def __len__(self) -> int:
        return int(self.event.size)

    def between(self, begin: float, end: float) -> EventLog:
        """Take the events from one moment on, until just before another."""
        return self.of((self.minute >= begin) & (self.minute < end))

    def of(self, rows: Bools | Integers) -> EventLog:
        """Take some of the events."""
        return EventLog(
            start=self.start,
            names=self.names,
            event=self.event[rows],
            minute=self.minute[rows],
            patient=self.patient[rows],
            visit=self.visit[rows],
            kind=self.kind[rows],
            number=self.number[rows],
            chair=self.chair[rows],
            place=self.place[rows],
            place_kind=self.place_kind[rows],
        )

    def times(self) -> npt.NDArray[np.datetime64]:
        """Give the moments as dates and times of the clinic's own clock, to the millisecond."""
        midnight = np.datetime64(self.start, "ms")
        return midnight + np.round(self.minute * 60_000).astype("timedelta64[ms]")


def event_log(records: Records, scenario: Scenario) -> EventLog:
    """Write the log of a replication, from the first simulated day to the last."""
    parts = [*_of_patients(records), *_of_visits(records, scenario)]
    names = tuple(dict.fromkeys(part.name for part in parts))
    code = {name: place for place, name in enumerate(names)}
    visits = records.visits
    event = np.concatenate([np.full(part.rows.size, code[part.name]) for part in parts])
    minute = np.concatenate([part.minute for part in parts])
    place = np.concatenate([np.full(part.rows.size, part.place) for part in parts])
    patient = np.concatenate([visits["patient"][p.rows] if p.of_visit else p.rows for p in parts]).astype(
        np.int64
    )
    visit = np.concatenate([p.rows if p.of_visit else np.full(p.rows.size, NOBODY) for p in parts])
    seated = np.concatenate([np.full(part.rows.size, part.seated) for part in parts])
    phase = np.concatenate([np.full(part.rows.size, part.phase) for part in parts])
    begins = np.concatenate([np.full(part.rows.size, part.begins) for part in parts])
    phase = _settled(phase, visit, place, minute, begins)
    come = (visit >= 0) & (place >= _ARRIVED)
    turn = np.where(come, np.append(visits["arrived"], 0.0)[visit], -np.inf)  # first come, first served
    order = np.lexsort((patient, place, visit, turn, phase, minute))
    order = order[minute[order] < records.end]

    belongs = visit >= 0
    kind = np.full(visit.size, NOBODY, dtype=np.int64)
    number = np.zeros(visit.size, dtype=np.int64)
    chair = np.full(visit.size, np.nan)
    kind[belongs] = visits["kind"][visit[belongs]]
    number[belongs] = visits["number"][visit[belongs]]
    chair[seated] = visits["chair"][visit[seated]]
    where = np.concatenate([np.full(part.rows.size, part.where) for part in parts])
    room = np.full(visit.size, np.nan)
    held = where >= 0
    if held.any():
        room[held] = visits["place"][visit[held], where[held]]
    whole = EventLog(records.start, names, event, minute, patient, visit, kind, number, chair, room, where)
    return whole.of(order)


@dataclass(frozen=True, slots=True)
class _Part:
    """All events of one name.

    Attributes
    ----------
    name
        Of the event.
    rows
        Of visits (or patients).
    minute
        When, for each row.
    place
        In the order of one visit's events.
    phase
        In the order of one moment.
    of_visit
        Whether rows are of visits.
    seated
        Whether the chair is held.
    begins
        Whether the event is the beginning of a stay or a step.
    where
        Which other place is held; `NOBODY`: none.
    """

    name: str
    rows: Integers
    minute: Floats
    place: int = 0
    phase: int = _OTHERS
    of_visit: bool = True
    seated: bool = False
    begins: bool = False
    where: int = NOBODY


def _of_patients(records: Records) -> Iterator[_Part]:
    patients, visits = records.patients, records.visits

    def part(name: str, rows: Integers, column: str, phase: int) -> _Part:
        return _Part(name, rows, patients[column][rows], phase=phase, of_visit=False)

    yield part("referred", np.flatnonzero(np.isfinite(patients["referred"])), "referred", _REFERRED)
    gone = np.isfinite(patients["left"])
    walked_off = visits["patient"][visits["outcome"] == BALKED]
    unserved = gone & (patients["reason"] == LEFT_UNSERVED)
    unserved[walked_off] = False  # their visit tells it
    yield part("balked", np.flatnonzero(unserved), "left", _OTHERS)
    asked = np.flatnonzero(np.isfinite(patients["consult_asked"]))
    if asked.size:
        yield part("consult-requested", asked, "consult_asked", _OTHERS)
    yield part("ended", np.flatnonzero(gone), "left", _GONE)


def _of_visits(records: Records, scenario: Scenario) -> Iterator[_Part]:
    visits = records.visits
    steps = [scenario.steps[name] for name in records.steps]
    last = _STRIDE * (len(steps) + 1)

    def part(
        name: str,
        there: Bools,
        column: str,
        place: int,
        *,
        phase: int = _OTHERS,
        seated: bool = False,
        begins: bool = False,
    ) -> _Part:
        rows = np.flatnonzero(there)
        return _Part(name, rows, visits[column][rows], place, phase, seated=seated, begins=begins)

    yield part("relapsed", _first_of_each(records, "relapsed"), "relapsed", 0)
    yield part("booster-requested", _first_of_each(records, "requested"), "requested", 1)
    outcome, decided = visits["outcome"], visits["decided"]
    if scenario.booking.mode != "walk-in":
        booked = np.isfinite(visits["booked"])
        stood = np.isin(outcome, (COMPLETED, NO_SHOW, TO_COME)) | (visits["appointment"] <= decided)
        yield part("booked", booked, "booked", 2)
        yield part("due", booked & stood, "appointment", 3)
    yield part("arrived", np.isfinite(visits["arrived"]), "arrived", _ARRIVED, begins=True)

    there = np.isfinite(visits["left"])
    unserved = outcome == BALKED
    seated = np.isfinite(visits["chair_from"])
    free = np.isfinite(visits["chair_free"])
    for kind, begin in enumerate(records.first_steps):
        end = [*records.first_steps, len(steps)][kind + 1]
        own = visits["visit"] == kind
        for where, held in _places_of(steps[begin:end], records.places).items():
            first, rises = _STRIDE * (begin + held[0] + 1) - 1, _STRIDE * (begin + held[-1] + 1) + 3
            if where == NOBODY:
                yield part("chair", own & seated, "chair_from", first, seated=True, begins=True)
                yield part("chair_free", own & free, "chair_free", rises, phase=_ENDS, seated=True)
            else:
                name = f"at-{records.places[where]}"
                yield _at(f"{name}:start", visits["place_from"], own, where, first, _OTHERS)
                yield _at(f"{name}:end", visits["place_to"], own, where, rises, _ENDS)
        stays = begin + max(place for place, step in enumerate(steps[begin:end]) if step.patient)
        yield part("left", own & there & ~unserved, "left", _STRIDE * (stays + 1) + 2, phase=_ENDS)
    for place, (name, step) in enumerate(zip(records.steps, steps, strict=True)):
        at = _STRIDE * (place + 1)
        for event, times, phase in (("start", "step_start", _OTHERS), ("end", "step_end", _ENDS)):
            minute = visits[times][:, place]
            rows = np.flatnonzero(np.isfinite(minute))
            begins = event == "start"
            seat, where = step.where == CHAIR, _number_of(step.where, records.places)
            yield _Part(
                f"{name}:{event}", rows, minute[rows], at + (not begins), phase, True, seat, begins, where
            )

    for code, name in enumerate(OUTCOMES):
        if code not in (COMPLETED, TO_COME):
            yield part(name, (outcome == code) & np.isfinite(decided), "decided", last)
    yield part("left", there & unserved, "left", last + 1)


def _number_of(place: str | None, places: tuple[str, ...]) -> int:
    return places.index(place) if place in places else NOBODY


def _places_of(steps: Sequence[Step], places: tuple[str, ...]) -> dict[int, list[int]]:
    """Return the places that a visit holds, chairs as `NOBODY`, each with the numbers of its steps."""
    held: dict[int, list[int]] = {}
    for number, step in enumerate(steps):
        if step.where is not None:
            held.setdefault(_number_of(step.where, places), []).append(number)
    return held


def _at(name: str, times: Floats, own: Bools, where: int, place: int, phase: int) -> _Part:
    """Return the events at which visits take or leave another place than a chair."""
    minute = times[:, where]
    rows = np.flatnonzero(own & np.isfinite(minute))
    return _Part(name, rows, minute[rows], place, phase, begins=phase == _OTHERS, where=where)


def _first_of_each(records: Records, column: str) -> Bools:
    """Find the first appointment of each relapse that is answered, or of each request for a booster.

    One that was given up for a better appointment is no request of its own.
    """
    visits = records.visits
    rows = np.flatnonzero(
        (visits["kind"] == BOOSTER) & (visits["outcome"] != MOVED) & np.isfinite(visits[column])
    )
    keys = np.stack((visits["patient"][rows].astype(np.float64), visits[column][rows]), axis=1)
    first = np.zeros(visits["kind"].size, dtype=np.bool_)
    first[rows[np.unique(keys, axis=0, return_index=True)[1]]] = True
    return first


def _settled(phase: Integers, visit: Integers, place: Integers, minute: Floats, begins: Bools) -> Integers:
    """Let the ends of what only began at that very moment (a step of no length) come after their beginning."""
    order = np.lexsort((place, visit))
    here = np.arange(order.size)
    # a patient who leaves has arrived, so the latest beginning is of the same visit
    before = np.maximum.accumulate(np.where(begins[order], here, 0))
    at_once = (phase[order] == _ENDS) & (minute[order] == minute[order][before])
    settled = phase.copy()
    settled[order[at_once]] = _OTHERS
    return settled
