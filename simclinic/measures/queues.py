"""Queues for chairs and other places: who waits for one, from when until when.

A patient waits for a place from the moment at which a step asks for it until it is taken, or until the patient
gives up. The minutes are those that the table of visits has. A patient who still waits when the simulation ends has
none there, so that wait begins with the end of the last step, or with the arrival.

Most patients wait in the lobby. A patient who keeps a place while waiting for the next one (see
:func:`simclinic.planning.visit_plans.keeps_place`) is in the queue for that, and not in the lobby.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simclinic.arrays import Bools, Floats, Integers
from simclinic.planning.visit_plans import keeps_place
from simclinic.records import BALKED, TO_COME, Records
from simclinic.scenario import Scenario
from simclinic.scenario.visit import CHAIR, Step


class Queue(NamedTuple):
    """Waits for places of one kind, in minutes; NaN end: the patient still waits.

    Attributes
    ----------
    begin, end
        Shape (waits,).
    in_lobby
        Whether the patient holds no other place meanwhile, shape (waits,).
    """

    begin: Floats
    end: Floats
    in_lobby: Bools


def queue_for(records: Records, scenario: Scenario, place: str = CHAIR) -> Queue:
    """Find all waits for places of one kind.

    Parameters
    ----------
    records, scenario
        The tables, and the clinic.
    place
        `"chair"`, or the name of another place.
    """
    visits = records.visits
    if place == CHAIR:
        since, waited = visits["chair_from"], visits["wait_chair"]
    else:
        column = records.places.index(place)
        since, waited = visits["place_from"][:, column], visits["wait_place"][:, column]
    rows = np.flatnonzero(waited > 0.0)
    taken = since[rows]
    end = np.where(np.isnan(taken) & (visits["outcome"][rows] == BALKED), visits["decided"][rows], taken)
    still, asked = _still(records, scenario, place)
    rows, begin = np.append(rows, still), np.append(end - waited[rows], asked)
    end = np.append(end, np.full(len(still), np.nan))
    lobby = np.ones(len(rows), dtype=np.bool_)
    if records.places and keeps_place(scenario):
        lobby = ~_holding(records, scenario, place, rows)
    return Queue(begin, end, lobby)


def _still(records: Records, scenario: Scenario, place: str) -> tuple[Integers, Floats]:
    """Find the visits that wait for a place when the simulation ends, and since when."""
    visits = records.visits
    inside = (visits["outcome"] == TO_COME) & np.isnan(visits["left"]) & ~np.isnan(visits["arrived"])
    found, since = [], []
    for row in np.flatnonzero(inside).tolist():
        first = records.first_steps[visits["visit"][row]]
        steps = _of_type(records, scenario, visits["visit"][row])
        begun, ended = (visits[name][row, first : first + len(steps)] for name in ("step_start", "step_end"))
        if (np.isnan(ended) & ~np.isnan(begun)).any():
            continue  # a step is under way
        last = max(np.flatnonzero(~np.isnan(begun)).tolist(), default=-1)
        there = None if last < 0 else steps[last].where
        then = next((step for step in steps[last + 1 :] if step.patient and step.always), None)
        taken = _taken(records, place)[row]
        if then is not None and then.where == place != there and np.isnan(taken):
            found.append(row)
            since.append(np.fmax(visits["arrived"][row], ended[last] if last >= 0 else np.nan))
    return np.array(found, dtype=np.int64), np.array(since, dtype=np.float64)


def _taken(records: Records, place: str) -> Floats:
    if place == CHAIR:
        return np.asarray(records.visits["chair_from"])
    return np.asarray(records.visits["place_from"][:, records.places.index(place)])


def _of_type(records: Records, scenario: Scenario, kind: int) -> list[Step]:
    return list(scenario.visit_types[records.visit_types[kind]].steps.values())


def _holding(records: Records, scenario: Scenario, place: str, rows: Integers) -> Bools:
    """Tell of which visits the step before the first one in a place was in another place."""
    holding = np.zeros(len(rows), dtype=np.bool_)
    visits = records.visits
    for kind, first in enumerate(records.first_steps):
        steps = _of_type(records, scenario, kind)
        mine = visits["visit"][rows] == kind
        known = mine.copy()
        known[:] = False
        at = next((number for number, step in enumerate(steps) if step.where == place), 0)
        for number in range(at - 1, -1, -1):
            if steps[number].patient:
                had = mine & ~known & ~np.isnan(visits["step_start"][rows, first + number])
                holding |= had & (steps[number].where is not None)
                known |= had
    return holding
