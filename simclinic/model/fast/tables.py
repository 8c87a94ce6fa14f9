"""The three tables, made from the arrays of a finished run: mirrors `model/tables.py`."""

from __future__ import annotations

import numpy as np

from simclinic.arrays import Integers
from simclinic.model.fast.state import World
from simclinic.model.tables import assemble, days_of, intake_of, note_dose, note_ends
from simclinic.planning.timetable import Timetable
from simclinic.records import VISIT_COLUMNS, Records, Table
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
    rows = world.array("lived")[: clinic.n_lived]
    lived = world.array("patients")[rows]
    for column, name in _PATHWAY.items():
        patients[column][rows] = lived[name]
    visits = _visits(world, timetable)
    note_dose(timetable.scenario, draws, visits)
    third = world.array("third_next")
    third_next = {index: int(third[index]) for index in np.flatnonzero(np.isfinite(third)).tolist()}
    return assemble(timetable, patients, visits, days_of(timetable, visits, third_next, rostered, present))


def _visits(world: World, timetable: Timetable) -> Table:
    """Make the visits table; the end of a step is its start plus its length, as in the model."""
    clinic = world.array("clinic")[0]
    count, end_of_time = int(clinic.n_visits), float(clinic.end)
    rows = world.array("visits")[:count].view(np.ndarray)
    table: Table = {
        name: np.full(count, np.nan)
        if name in ("chair_free", "left", "dose")
        else np.zeros(count, dtype=kind)
        if name in _DERIVED
        else rows[name].astype(kind)
        for name, kind in VISIT_COLUMNS.items()
    }
    start = world.array("starts")[:count].copy()
    length = np.zeros_like(start)
    came = rows["n_starts"] > 0
    length[came] = world.array("lengths")[rows["episode"][came]]
    end = start + length
    start[start >= end_of_time] = np.nan
    end[end >= end_of_time] = np.nan
    table["step_start"], table["step_end"] = start, end
    note_ends(timetable, table)
    return table
