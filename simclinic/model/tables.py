"""The three tables, made from the state of a clinic at the end of its run."""

from __future__ import annotations

from operator import attrgetter

import numpy as np

from simclinic.model.clinic import Clinic
from simclinic.planning.book import reserved
from simclinic.records import (
    BALKED,
    COMPLETED,
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

_FOLLOWS = ("chair_free", "left", "dose")  # from the rest
_KEPT = tuple(name for name in VISIT_COLUMNS if name not in _FOLLOWS)
_LIVED = (
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
    scenario = clinic.timetable.scenario
    patients, visits = _patients(clinic), _visits(clinic)
    return Records(
        start=scenario.run.start,
        first_day=clinic.timetable.calendar.first_day,
        days_measured=7 * scenario.run.weeks,
        protocols=tuple(scenario.protocols),
        steps=tuple(scenario.visit.steps),
        shifts=clinic.timetable.roster.names,
        patients=patients,
        visits=visits,
        days=_days(clinic, visits),
    )


def _patients(clinic: Clinic) -> Table:
    draws = clinic.draws
    table = blank(PATIENT_COLUMNS, len(draws.day))
    for name in (
        "day",
        "ordinal",
        "protocol",
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
    _forget_the_future(table, clinic.end)
    if clinic.patients:
        rows = np.array([patient.row for patient in clinic.patients])
        columns = zip(*map(attrgetter(*_LIVED), clinic.patients), strict=True)
        for name, values in zip(_LIVED, columns, strict=True):
            table["infusions" if name == "given" else name][rows] = values
    return table


def _forget_the_future(table: Table, end: float) -> None:
    """Blank what intake would only bring after the end of the simulation."""
    for name in ("consulted", "ready"):
        table[name][table[name] >= end] = np.nan
    gone = table["left"] >= end
    table["left"][gone] = np.nan
    table["reason"][gone] = 0


def _visits(clinic: Clinic) -> Table:
    kept = clinic.appointments
    table = blank(VISIT_COLUMNS, len(kept))
    columns = zip(*map(attrgetter(*_KEPT), kept), strict=True)
    for name, values in zip(_KEPT, columns, strict=False):
        table[name][:] = values
    _steps(clinic, table)
    _dose(clinic, table)
    return table


def _steps(clinic: Clinic, table: Table) -> None:
    """Start and end of every step, and what follows: when the chair was free and the patient left.

    A step's end is its start plus its length, the very sum the model waited for.
    """
    kept, timetable = clinic.appointments, clinic.timetable
    width = len(timetable.script) + len(timetable.after)
    start = np.full((len(kept), width), np.nan)
    length = np.zeros((len(kept), width))
    came = [place for place, row in enumerate(kept) if row.starts]
    whole = [place for place in came if len(kept[place].starts) == width]
    if whole:
        start[whole] = [kept[place].starts for place in whole]
    for place in came:
        begun = kept[place].starts
        if len(begun) < width:
            start[place, : len(begun)] = begun
    if came:
        draws = clinic.draws.series, clinic.draws.boosters
        length[came] = [draws[kept[place].kind].lengths[kept[place].episode] for place in came]
    end = start + length
    # The model writes down ahead what nobody can change any more; the table ends with the simulation.
    start[start >= clinic.end] = np.nan
    end[end >= clinic.end] = np.nan
    table["step_start"], table["step_end"] = start, end
    rises = next(place for place, step in enumerate((*timetable.script, *timetable.after)) if step.rises)
    table["chair_free"] = end[:, rises].copy()
    unserved = table["outcome"] == BALKED
    table["left"] = np.where(unserved, table["decided"], end[:, len(timetable.script) - 1])


def _dose(clinic: Clinic, table: Table) -> None:
    """Milligrams given: the patient's weight times the dose of the infusion's number."""
    dosing = clinic.timetable.scenario.dosing
    done = table["outcome"] == COMPLETED
    steps = np.array(dosing.mg_per_kg)
    per_kg = np.where(
        table["kind"] == INDUCTION,
        steps[np.clip(table["number"] - 1, 0, len(steps) - 1)],
        dosing.booster_mg_per_kg,
    )
    table["dose"][done] = (per_kg * clinic.draws.weight[table["patient"]])[done]


def _days(clinic: Clinic, visits: Table) -> Table:
    timetable, calendar = clinic.timetable, clinic.timetable.calendar
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
    share = timetable.scenario.booking.booster_reserve
    table["reserved"][:] = [reserved(starts, share) for starts in table["starts"].tolist()]
    table["last_out"][:] = _last_out(visits, calendar.first_day, days)
    for index, third in clinic.desk.third_next.items():
        table["third_next"][index] = third
    table["rostered"], table["present"] = clinic.team.rostered, clinic.team.present
    table["shift_from"], table["shift_to"] = timetable.shift_times
    return table


def _last_out(visits: Table, first_day: int, days: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """When the last patient left who came on each day; NaN where nobody came (or nobody has left yet)."""
    came = np.isfinite(visits["arrived"]) & np.isfinite(visits["left"])
    day = np.floor(visits["arrived"][came] / DAY).astype(np.int64) - first_day
    last = np.full(days, -np.inf)
    np.maximum.at(last, day, visits["left"][came])
    return np.where(np.isfinite(last), last, np.nan)
