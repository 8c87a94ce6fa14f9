"""Chairs occupied, hands-on tasks, patients watched and nurses present over time.

The occupancies (:class:`~simclinic.measures.occupancy.Occupancy`) that the team's figures need are computed here
once, from the steps of visits and the rosters of the days. A watched patient stays watched until the next step
begins, also while waiting for it, and at the latest until departure; but not while waiting for a place, and before
closer watching the old watching is given up first, and the new one then requested.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from simclinic.arrays import Bools, Floats, Integers
from simclinic.measures.occupancy import Occupancy, Spans
from simclinic.measures.window import Window
from simclinic.records import BOOSTER, Records, open_spans
from simclinic.scenario import Scenario
from simclinic.scenario.visit import CHAIR, NURSE, Visit

_DEPARTED = "departed"
"""Column of the visits as a role sees them: when the patient left; `left` is when the role is needed no longer."""


@dataclass(frozen=True, slots=True)
class Watches:
    """Intervals in which a patient is watched, in minutes; NaN end: still watched.

    Attributes
    ----------
    weight
        The share of a nurse each takes, as whole parts of `parts`: thirds and quarters add up exactly.
    parts
        How many parts one nurse is.
    """

    begin: Floats
    end: Floats
    weight: Integers
    parts: int


@dataclass(frozen=True, slots=True)
class InUse:
    """Chairs, hands and watching in use over the measured weeks.

    Attributes
    ----------
    chairs, hands, watched
        Chairs held, hands-on tasks, and patients watched, by time.
    eyes
        Nurses needed for watching, in parts of a nurse (`watches.parts` are one nurse).
    watches
        The intervals behind `watched` and `eyes`.
    open
        Opening hours of measured days, span by span.
    chairs_open
        Chairs available, in opening hours.
    present, rostered
        Nurses present and nurses planned, by time.
    staffed
        Times at which at least one nurse is present.
    inside
        Times at which at least one patient is in the clinic.
    """

    chairs: Occupancy
    hands: Occupancy
    watched: Occupancy
    eyes: Occupancy
    watches: Watches
    open: Spans
    chairs_open: Occupancy
    present: Occupancy
    rostered: Occupancy
    staffed: Spans
    inside: Spans

    @classmethod
    def of(cls, records: Records, scenario: Scenario, window: Window, role: str = NURSE) -> InUse:
        """Derive it from visits and days; of one role, these are those that :func:`of_role` returns."""
        visits, days = records.visits, records.days
        held = window.occupancy(visits["chair_from"], visits["chair_free"])

        hands = window.occupancy(*tasks(records, scenario, role))
        watches = watched_stretches(records, scenario, role)
        watched, eyes = window.occupancies(watches.begin, watches.end, watches.weight)

        rows = np.flatnonzero(window.measured(days["day"]) & ~np.isnan(days["opening"]))
        opening, closing, row = open_spans(days, rows)
        begin, end = days["shift_from"].ravel(), days["shift_to"].ravel()
        present = days["present"].ravel()
        there = (present > 0) & (begin < end)
        came = np.flatnonzero(~(visits["left"] <= 0.0) & ~np.isnan(visits["arrived"]))
        arrived, left = visits["arrived"][came], visits["left"][came]
        return cls(
            chairs=held,
            hands=hands,
            watched=watched,
            eyes=eyes,
            watches=watches,
            open=Spans(opening, closing),
            chairs_open=window.occupancy(opening, closing, days["chairs"][row]),
            present=window.occupancy(begin, end, present),
            rostered=window.occupancy(begin, end, days["rostered"].ravel()),
            staffed=Spans.union(begin[there], end[there]),
            inside=Spans.union(arrived, np.where(np.isnan(left), window.end, left)),
        )


def tasks(records: Records, scenario: Scenario, role: str = NURSE) -> tuple[Floats, Floats]:
    """Find when somebody of a role is hands-on: begins and ends of these steps, in minutes."""
    columns = [
        place
        for place, step in enumerate(scenario.steps.values())
        if role in step.needs and step.needs[role].need == "hands-on"
    ]
    begin, end = (records.visits[name][:, columns] for name in ("step_start", "step_end"))
    if not scenario.simple and columns:
        claimed = np.stack([_holds(records, scenario, place, role) for place in columns], axis=1)
        begin = np.where(claimed, begin, np.nan)
    return begin.ravel(), end.ravel()


def _holds(records: Records, scenario: Scenario, column: int, role: str) -> Bools:
    """Tell of which visits a step's claim holds: a claim may be for some infusions only."""
    step = list(scenario.steps.values())[column]
    claim = step.needs[role]
    visits = records.visits
    if all(part.from_infusion == 1 and part.to_infusion is None for part in (step, claim)):
        return np.ones(len(visits["number"]), dtype=np.bool_)
    infusions = np.array([protocol.infusions for protocol in scenario.protocols.values()])
    before = infusions[records.patients["protocol"][visits["patient"]]]
    lifetime = visits["number"] + np.where(visits["kind"] == BOOSTER, before, 0)
    holds: Bools = np.ones(len(lifetime), dtype=np.bool_)
    for part in (step, claim):
        last = np.inf if part.to_infusion is None else part.to_infusion
        holds &= (lifetime >= part.from_infusion) & (lifetime <= last)
    return holds


def needs_hands(records: Records, scenario: Scenario, column: int, role: str = NURSE) -> Bools:
    """Tell of which visits a step needs the hands of a role."""
    claim = list(scenario.steps.values())[column].needs.get(role)
    if claim is None or claim.need != "hands-on":
        return np.zeros(len(records.visits["patient"]), dtype=np.bool_)
    return (
        np.ones(len(records.visits["patient"]), dtype=np.bool_)
        if scenario.simple
        else _holds(records, scenario, column, role)
    )


def watched_stretches(records: Records, scenario: Scenario, role: str = NURSE) -> Watches:
    """Find when patients are watched: from the start of a `watch` step to the start of the next step."""
    begins: list[Floats] = [np.zeros(0)]
    ends: list[Floats] = [np.zeros(0)]
    weights: list[Integers] = [np.zeros(0, dtype=np.int64)]
    claims = [step.needs.get(role) for step in scenario.steps.values()]
    parts = math.lcm(*(claim.watch for claim in claims if claim is not None and claim.watch))
    for kind, visit in enumerate(scenario.visit_types.values()):
        rows = records.visits["visit"] == kind
        for begin, end, watch in _watched(records, scenario, visit, records.first_steps[kind], rows, role):
            begins.append(begin)
            ends.append(end)
            weights.append(np.full(begin.size, parts // watch))
    return Watches(np.concatenate(begins), np.concatenate(ends), np.concatenate(weights), parts)


def _watched(
    records: Records, scenario: Scenario, visit: Visit, first: int, rows: Bools, role: str
) -> Iterator[tuple[Floats, Floats, int]]:
    """Find when patients of one type of visit are watched by a role: begins, ends, patients per watcher by step."""
    table, steps = records.visits, [*visit.steps.values()]
    for place, step in enumerate(steps):
        claim = step.needs.get(role)
        if claim is None or not claim.watch:
            continue
        column = first + place
        watched = ~np.isnan(table["step_start"][:, column]) & rows
        if not scenario.simple:
            watched &= _holds(records, scenario, column, role)
        left = np.flatnonzero(watched)
        for later in range(place + 1, len(steps)):
            then = steps[later]
            if not then.patient:
                continue
            # Each visit ends at the first of the following steps that it has.
            here = left if then.always else left[~np.isnan(table["step_start"][left, first + later])]
            until = _until(records, scenario, column, first + later, here)
            yield table["step_start"][here, column], until, claim.watch
            left = left[:0] if then.always else left[np.isnan(table["step_start"][left, first + later])]
        yield table["step_start"][left, column], _departed(records)[left], claim.watch


def _until(records: Records, scenario: Scenario, column: int, following: int, rows: Integers) -> Floats:
    """Return until when patients are watched in a step that another follows."""
    table, steps = records.visits, list(scenario.steps.values())
    step, then = steps[column], steps[following]
    end, begun, left = (
        table["step_end"][rows, column],
        table["step_start"][rows, following],
        _departed(records)[rows],
    )
    until: Floats = np.fmin(begun, left)
    if then.where is not None and then.where != step.where:
        # Nobody is watched while waiting for a place.
        until = np.where(_place_from(records, then.where)[rows] <= end, until, end)
    for role, claim in then.needs.items():
        if claim.watch:
            # Closer watching, by anybody, is asked for anew.
            anew = _claimed(records, scenario, following, role)[rows]
            before = step.needs.get(role)
            if before is not None and before.watch and before.watch <= claim.watch:
                anew &= ~_claimed(records, scenario, column, role)[rows]
            until = np.where(anew, end, until)
    return until


def _departed(records: Records) -> Floats:
    """Return when patients left the clinic, also in the tables as a role sees them."""
    departed: Floats = records.visits.get(_DEPARTED, records.visits["left"])
    return departed


def _claimed(records: Records, scenario: Scenario, column: int, role: str) -> Bools:
    """Tell of which visits a step's claim holds, in any clinic."""
    if scenario.simple:
        return np.ones(len(records.visits["patient"]), dtype=np.bool_)
    return _holds(records, scenario, column, role)


def _place_from(records: Records, place: str) -> Floats:
    """Return the moments from which patients held a place."""
    if place == CHAIR:
        since: Floats = records.visits["chair_from"]
        return since
    column: Floats = records.visits["place_from"][:, records.places.index(place)]
    return column


def with_shifts_of(records: Records, scenario: Scenario, role: str) -> Records:
    """Return the tables with the shifts of one role alone, and all visits."""
    shifts = [place for place, name in enumerate(records.shifts) if _role_of(scenario, name) == role]
    days = {
        name: column[:, shifts] if name in ("rostered", "present", "shift_from", "shift_to") else column
        for name, column in records.days.items()
    }
    return replace(records, shifts=tuple(records.shifts[place] for place in shifts), days=days)


def of_role(records: Records, scenario: Scenario, role: str) -> Records:
    """Return the tables as one role sees them: its shifts, and the visits that need it, until they no longer do.

    Nurses are there for every patient, from arrival to departure.
    """
    if scenario.simple:
        return records
    visits = records.visits
    if role != NURSE:
        last = np.full(len(visits["left"]), np.nan)
        needed = np.zeros(len(last), dtype=np.bool_)
        for column, step in enumerate(scenario.steps.values()):
            if role in step.needs and step.patient:
                holds = _holds(records, scenario, column, role)
                # A visit that is over has had the step, or did not have it by chance.
                had = ~np.isnan(visits["step_start"][:, column]) | np.isnan(visits["left"])
                needed |= holds & had & (visits["visit"] == _type_of(records, column))
                last = np.fmax(last, np.where(holds, visits["step_end"][:, column], np.nan))
        gone = np.where(np.isnan(visits["left"]), last, np.fmin(last, visits["left"]))
        visits = {
            **visits,
            # Of a late patient they have been waiting since the appointment.
            "arrived": np.where(needed, np.minimum(visits["arrived"], visits["appointment"]), np.nan),
            "left": np.where(needed, gone, visits["left"]),
            # A patient whom the role watches last is watched until the next step, or departure.
            _DEPARTED: visits["left"],
        }
    return replace(with_shifts_of(records, scenario, role), visits=visits)


def _role_of(scenario: Scenario, shift: str) -> str:
    situations = [scenario.shifts, *(scenario.at(date).shifts for date in scenario.change_dates)]
    return next(shifts[shift].role for shifts in situations if shift in shifts)


def _type_of(records: Records, column: int) -> int:
    return int(np.searchsorted(records.first_steps, column, side="right")) - 1
