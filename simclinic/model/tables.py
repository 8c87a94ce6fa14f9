"""The three tables, made from the state of a clinic at the end of its run."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from weakref import WeakKeyDictionary

import numpy as np

from simclinic.arrays import Integers
from simclinic.model.clinic import Clinic
from simclinic.planning.book import reserved
from simclinic.planning.timetable import Script, Timetable
from simclinic.planning.visit_plans import VisitPlans
from simclinic.records import (
    BALKED,
    BOOSTER,
    COMPLETED,
    CONSULT,
    DAY,
    DAY_COLUMNS,
    INDUCTION,
    PANEL,
    PATIENT_COLUMNS,
    VISIT_COLUMNS,
    Records,
    Table,
    blank,
)
from simclinic.sampling.draws import Draws
from simclinic.scenario import Scenario
from simclinic.scenario.protocols import INFUSION
from simclinic.scenario.reserves import rule_of

_DERIVED = ("chair_free", "left", "dose", "visit")  # computed from the other columns
_RECORDED = tuple(name for name in VISIT_COLUMNS if name not in _DERIVED)
_PATHWAY = (
    "first_infusion",
    "last_infusion",
    "given",
    "series_ended",
    "relapses",
    "boosters",
    "programme",
    "reason",
    "left",
)


def records(clinic: Clinic) -> Records:
    """Make the tables of a finished run."""
    visits = _visits(clinic)
    days = days_of(
        clinic.timetable, visits, clinic.desk.third_next, clinic.team.rostered, clinic.team.present
    )
    return assemble(clinic.timetable, _patients(clinic), visits, days)


def assemble(timetable: Timetable, patients: Table, visits: Table, days: Table) -> Records:
    """Put the tables of a run together."""
    scenario = timetable.scenario
    return Records(
        start=scenario.run.start,
        first_day=timetable.calendar.first_day,
        days_measured=7 * scenario.run.weeks,
        protocols=tuple(scenario.protocols),
        steps=tuple(scenario.steps),
        shifts=timetable.roster.names,
        patients=patients,
        visits=visits,
        days=days,
        visit_types=tuple(scenario.visit_types),
        places=tuple(scenario.places),
        first_steps=_first_steps(scenario),
        first_always=all(next(iter(visit.steps.values())).always for visit in scenario.visit_types.values()),
    )


def _first_steps(scenario: Scenario) -> tuple[int, ...]:
    counts = [len(visit.steps) for visit in scenario.visit_types.values()]
    return tuple(sum(counts[:kind]) for kind in range(len(counts)))


def intake_of(draws: Draws, end: float) -> Table:
    """Return the patients table with the results of intake alone, those after the end left out."""
    table = blank(PATIENT_COLUMNS, len(draws.day))
    for name in (
        "day",
        "ordinal",
        "protocol",
        "consult_asked",
        "referred",
        "consulted",
        "ready",
        "responder",
        "felt_at",
        "reason",
        "left",
    ):
        table[name][:] = getattr(draws, name)
    table["origin"][draws.newcomers :] = PANEL
    _blank_after_end(table, end)
    return table


def _patients(clinic: Clinic) -> Table:
    table = intake_of(clinic.draws, clinic.end)
    if clinic.patients:
        rows = np.array([patient.row for patient in clinic.patients])
        columns = zip(*map(attrgetter(*_PATHWAY), clinic.patients), strict=True)
        for name, values in zip(_PATHWAY, columns, strict=True):
            table["infusions" if name == "given" else name][rows] = values
        if clinic.draws.consult_row:
            # The rest of intake depends on when the consult takes place.
            seen = [patient for patient in clinic.patients if patient.row in clinic.draws.consult_row]
            rows = np.array([patient.row for patient in seen])
            for name in ("consulted", "ready"):
                table[name][rows] = [getattr(patient, name) for patient in seen]
    return table


def _blank_after_end(table: Table, end: float) -> None:
    """Blank the results of intake that lie after the end of the simulation."""
    for name in ("consult_asked", "consulted", "ready"):
        table[name][table[name] >= end] = np.nan
    later = table["left"] >= end
    table["left"][later] = np.nan
    table["reason"][later] = 0


def _visits(clinic: Clinic) -> Table:
    rows = clinic.appointments
    table = blank(VISIT_COLUMNS, len(rows))
    columns = zip(*map(attrgetter(*_RECORDED), rows), strict=True)
    for name, values in zip(_RECORDED, columns, strict=False):
        table[name][:] = values
    if clinic.plans is None:
        _steps(clinic, table)
    else:
        _steps_by_plan(clinic, clinic.plans, table)
    note_dose(clinic.timetable.scenario, clinic.draws, table)
    return table


def _steps_by_plan(clinic: Clinic, plans: VisitPlans, table: Table) -> None:
    """Fill in the type of each visit, its steps and its places, where a clinic has several plans."""
    rows, names = clinic.appointments, tuple(clinic.timetable.scenario.places)
    shape = len(rows), len(clinic.timetable.scenario.steps)
    start, length = np.full(shape, np.nan), np.full(shape, np.nan)
    drawn = {INDUCTION: clinic.draws.series, BOOSTER: clinic.draws.boosters}
    if clinic.timetable.scenario.intake.visit is not None:
        drawn[CONSULT] = clinic.draws.consults
    types = np.array(
        [[plans.type_of(of, kind) for kind in drawn] for of in range(len(clinic.timetable.laws))]
    )
    table["visit"][:] = types[clinic.draws.protocol[table["patient"]], table["kind"]]
    alike: dict[tuple[int, int], list[int]] = {}  # attended visits by plan and kind
    for place, row in enumerate(rows):
        if row.starts:
            alike.setdefault((row.plan, row.kind), []).append(place)
    for (number, kind), those in alike.items():
        plan = plans.plans[number]
        here = slice(plan.first, plan.first + len(plan.steps))
        episode = np.array([rows[place].episode for place in those])
        width = len(plan.steps)
        start[those, here] = [
            starts if len(starts := rows[place].starts) == width else _padded(starts, width)
            for place in those
        ]
        length[those, here] = drawn[kind].minutes_of(episode)[:, : len(plan.steps)]
    end = start + length
    start[start >= clinic.end] = np.nan
    end[end >= clinic.end] = np.nan
    table["step_start"], table["step_end"] = start, end
    if clinic.scripts:
        for (number, _), those in alike.items():
            table["chair_free"][those] = end[
                those, plans.plans[number].first + _frees_chair(clinic.scripts[number])
            ]
    else:
        free = np.array([row.chair_until for row in rows])
        free[free >= clinic.end] = np.nan
        table["chair_free"][:] = free
    gone = (table["outcome"] == BALKED) | (table["outcome"] == COMPLETED)
    table["left"] = np.where(gone, table["decided"], np.nan)
    if names:
        table["wait_place"] = np.array(
            [[(row.place_waits or {}).get(at, 0.0) for at in range(1, len(names) + 1)] for row in rows]
        ).reshape(len(rows), len(names))
        for column, part in (("place", 0), ("place_from", 1), ("place_to", 2)):
            table[column] = np.array(
                [
                    [(row.places or {}).get(at, _NOWHERE)[part] for at in range(1, len(names) + 1)]
                    for row in rows
                ]
            ).reshape(len(rows), len(names))
        table["place_to"][table["place_to"] >= clinic.end] = np.nan


def _padded(starts: Sequence[float], width: int) -> Sequence[float]:
    """Fill up the starts of a visit that the end of the simulation has cut off."""
    return [*starts, *[np.nan] * (width - len(starts))]


def _frees_chair(script: Script) -> int:
    """Return the number of the step after which the chair is free."""
    return next(place for place, step in enumerate((*script.steps, *script.after)) if step.frees_chair)


_NOWHERE = (np.nan, np.nan, np.nan)


def _steps(clinic: Clinic, table: Table) -> None:
    """Fill in start and end of every step, and the columns that follow from them: `chair_free` and `left`.

    The end of a step is its start plus its length, the same floating-point sum as in the model.
    """
    rows, timetable = clinic.appointments, clinic.timetable
    width = len(timetable.script) + len(timetable.after)
    start = np.full((len(rows), width), np.nan)
    length = np.zeros((len(rows), width))
    attended = [place for place, row in enumerate(rows) if row.starts]
    whole = [place for place in attended if len(rows[place].starts) == width]
    if whole:
        start[whole] = [rows[place].starts for place in whole]
    for place in attended:
        starts = rows[place].starts
        if len(starts) < width:
            start[place, : len(starts)] = starts
    places = np.array(attended, dtype=np.int64)
    episode = np.array([rows[place].episode for place in attended], dtype=np.int64)
    kinds = table["kind"][places]
    for kind, episodes in ((INDUCTION, clinic.draws.series), (BOOSTER, clinic.draws.boosters)):
        here = kinds == kind
        if here.any():
            length[places[here]] = episodes.minutes_of(episode[here])
    end = start + length
    # The model records some steps ahead, when nothing can change them any more; the table ends with the simulation.
    start[start >= clinic.end] = np.nan
    end[end >= clinic.end] = np.nan
    table["step_start"], table["step_end"] = start, end
    note_ends(timetable, table)


def note_ends(timetable: Timetable, table: Table) -> None:
    """Fill in the columns that follow from the ends of steps: `chair_free` and `left`."""
    [script] = timetable.scripts or []
    table["chair_free"] = table["step_end"][:, _frees_chair(script)].copy()
    unserved = table["outcome"] == BALKED
    table["left"] = np.where(unserved, table["decided"], table["step_end"][:, len(timetable.script) - 1])


def note_dose(scenario: Scenario, draws: Draws, table: Table) -> None:
    """Fill in the milligrams given: the patient's weight times the dose per kilogram of that infusion."""
    dosing = scenario.dosing
    done = (table["outcome"] == COMPLETED) & _is_ketamine(scenario, table)
    steps = np.array(dosing.mg_per_kg)
    per_kg = np.where(
        table["kind"] == INDUCTION,
        steps[np.clip(table["number"] - 1, 0, len(steps) - 1)],
        dosing.booster_mg_per_kg,
    )
    table["dose"][done] = (per_kg * draws.weight[table["patient"]])[done]


def _is_ketamine(scenario: Scenario, table: Table) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell which visits are infusions of ketamine: those of `[visit]`."""
    types = tuple(scenario.visit_types)
    return np.array([name == INFUSION for name in types])[table["visit"]]


def days_of(
    timetable: Timetable, visits: Table, third_next: dict[int, int], rostered: Integers, present: Integers
) -> Table:
    """Make the days table.

    Parameters
    ----------
    timetable, visits
        The plan, and the visits table.
    third_next
        By day index: see :class:`~simclinic.model.desk.Desk`.
    rostered, present
        Nurses, shape (days, shifts).
    """
    calendar = timetable.calendar
    planned = _PLANNED.get(timetable)
    if planned is None:
        planned = _PLANNED[timetable] = _planned_days(timetable)
    table = {name: column.copy() for name, column in planned.items()}
    table["last_out"][:] = _last_out(visits, calendar.first_day, calendar.simulated)
    if timetable.scenario.booking.mode == "booked":  # without a book there is no start that could be next
        for index, third in third_next.items():
            table["third_next"][index] = third
    table["rostered"], table["present"] = rostered, present
    return table


_PLANNED: WeakKeyDictionary[Timetable, Table] = WeakKeyDictionary()
"""Of each timetable the days table as far as it does not depend on the run."""


def _planned_days(timetable: Timetable) -> Table:
    """Fill in the columns of the days table that follow from the timetable."""
    calendar = timetable.calendar
    days = calendar.simulated
    table = blank(DAY_COLUMNS, days)
    table["day"][:] = np.arange(days) + calendar.first_day
    for name in ("opening", "closing"):
        times = getattr(calendar, name)[:days]
        table[name][:] = [np.nan if minute is None else minute for minute in times]
    table["chairs"][:] = [situation.clinic.chairs for situation in calendar.situations[:days]]
    grids = timetable.grids[:days]
    table["starts"][:] = [0 if grid is None else len(grid.starts) for grid in grids]
    table["limit"][:] = [0 if grid is None else grid.limit for grid in grids]
    booking, rule = timetable.scenario.booking, rule_of(timetable.scenario.booking)
    for index, starts in enumerate(table["starts"].tolist()):
        if rule is None:
            table["reserved"][index] = reserved(starts, booking.booster_reserve)
        elif starts:
            table["reserved"][index] = rule(calendar.weekday[index], 7 * booking.window_weeks, starts)
    table["shift_from"], table["shift_to"] = timetable.shift_times
    if calendar.pauses:
        table["pause_from"], table["pause_to"] = np.full((2, days, calendar.most_pauses), np.nan)
        for index, pauses in calendar.pauses.items():
            if index < days:
                table["pause_from"][index, : len(pauses)], table["pause_to"][index, : len(pauses)] = zip(
                    *pauses, strict=True
                )
    return table


def _last_out(visits: Table, first_day: int, days: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the departure of the last patient who came on each day; NaN if none came, or none has left yet."""
    attended = np.isfinite(visits["arrived"]) & np.isfinite(visits["left"])
    day = np.floor(visits["arrived"][attended] / DAY).astype(np.int64) - first_day
    last = np.full(days, -np.inf)
    np.maximum.at(last, day, visits["left"][attended])
    return np.where(np.isfinite(last), last, np.nan)
