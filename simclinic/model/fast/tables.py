"""The three tables, made from the arrays of a finished run: mirrors `model/tables.py`."""

from __future__ import annotations

import numpy as np

from simclinic.arrays import Integers
from simclinic.model.fast.state import World
from simclinic.model.tables import assemble, days_of, intake_of, note_dose, note_ends
from simclinic.planning.timetable import Timetable
from simclinic.planning.visit_plans import VisitPlans
from simclinic.records import BALKED, COMPLETED, VISIT_COLUMNS, Records, Table
from simclinic.sampling.draws import Draws

_DERIVED = ("chair_free", "left", "dose", "visit")
_PATHWAY = {
    "first_infusion": "first_infusion",
    "last_infusion": "last_infusion",
    "infusions": "given",
    "series_ended": "series_ended",
    "relapses": "relapses",
    "boosters": "boosters",
    "programme": "programme",
    "reason": "reason",
    "left": "left",
}


def records(
    world: World, timetable: Timetable, draws: Draws, rostered: Integers, present: Integers
) -> Records:
    """Make the tables of a finished run."""
    clinic = world.array("clinic")[0]
    patients = intake_of(draws, float(clinic.end))
    lived = np.zeros(len(draws.day), dtype=np.bool_)
    lived[world.plain["lived"][: clinic.n_lived]] = True
    of = world.plain["patients"]
    for column, name in _PATHWAY.items():
        np.copyto(patients[column], of[name], where=lived, casting="unsafe")
    if draws.consult_row:
        seen = np.zeros_like(lived)
        seen[list(draws.consult_row)] = True
        for name in ("consulted", "ready"):
            np.copyto(patients[name], of[name], where=lived & seen)
    visits = _visits(world, timetable, draws)
    note_dose(timetable.scenario, draws, visits)
    third = world.plain["third_next"]
    third_next = {index: int(third[index]) for index in np.flatnonzero(np.isfinite(third)).tolist()}
    return assemble(timetable, patients, visits, days_of(timetable, visits, third_next, rostered, present))


def _visits(world: World, timetable: Timetable, draws: Draws) -> Table:
    """Make the visits table; the end of a step is its start plus its length, as in the model."""
    clinic = world.array("clinic")[0]
    count, end_of_time = int(clinic.n_visits), float(clinic.end)
    rows = world.plain["visits"][:count]
    table: Table = {
        name: np.full(count, np.nan)
        if name in ("chair_free", "left", "dose")
        else np.zeros(count, dtype=kind)
        if name in _DERIVED
        else rows[name].astype(kind)
        for name, kind in VISIT_COLUMNS.items()
    }
    if timetable.plans is not None:
        _steps_by_plan(world, timetable, timetable.plans, draws, table)
        return table
    start = world.plain["starts"][:count].copy()
    length = np.zeros_like(start)
    came = rows["n_starts"] > 0
    length[came] = world.plain["lengths"][rows["episode"][came]]
    end = start + length
    start[start >= end_of_time] = np.nan
    end[end >= end_of_time] = np.nan
    table["step_start"], table["step_end"] = start, end
    note_ends(timetable, table)
    return table


def _steps_by_plan(world: World, timetable: Timetable, plans: VisitPlans, draws: Draws, table: Table) -> None:
    """Mirror `_steps_by_plan` of the model's tables."""
    clinic, names = world.array("clinic")[0], timetable.scenario.places
    count, end_of_time = int(clinic.n_visits), float(clinic.end)
    rows = world.plain["visits"][:count]
    start, end = np.full((2, count, len(timetable.scenario.steps)), np.nan)
    types = world.array("visit_of")
    table["visit"][:] = types[draws.protocol[table["patient"]], table["kind"]]
    came = np.isfinite(rows["arrived"])
    for number, plan in enumerate(plans.plans):
        those = np.flatnonzero(came & (rows["plan"] == number))
        steps = len(plan.steps)
        here = slice(plan.first, plan.first + steps)
        start[those, here] = world.array("starts")[those, :steps]
        end[those, here] = start[those, here] + world.array("lengths")[rows["episode"][those], :steps]
    start[start >= end_of_time] = np.nan
    end[end >= end_of_time] = np.nan
    table["step_start"], table["step_end"] = start, end
    free = rows["chair_until"].copy()
    free[free >= end_of_time] = np.nan
    table["chair_free"][:] = free
    gone = (table["outcome"] == BALKED) | (table["outcome"] == COMPLETED)
    table["left"] = np.where(gone, table["decided"], np.nan)
    if names:
        others = len(names)
        table["wait_place"] = world.array("place_waits")[:count, :others].copy()
        stays = world.array("stays")[:count, : 3 * others].reshape(count, others, 3)
        for part, column in enumerate(("place", "place_from", "place_to")):
            table[column] = stays[:, :, part].copy()
        table["place_to"][table["place_to"] >= end_of_time] = np.nan
