"""One replication in the compiled engine: from a timetable and its draws to the three tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.model.fast import simulate as interpreted
from simclinic.model.fast.inputs import Inputs, arrays_of
from simclinic.model.fast.state import (
    FINISHED,
    NEEDS_ROOM,
    REFUSED,
    World,
    cleaner_t,
    clinic_t,
    patient_t,
    place_t,
    pool_t,
    request_t,
    staff_t,
    team_t,
    visit_t,
)
from simclinic.model.fast.tables import records
from simclinic.model.fast.timetable import Planned, planned
from simclinic.model.team import attendance
from simclinic.planning.timetable import Timetable
from simclinic.records import Records
from simclinic.sampling.draws import Draws

Arrays = dict[str, npt.NDArray[Any]]

Run = Callable[[World], int]
"""Runs the engine on a state, and returns what ended that."""

_LIGHTER = 65_536  # most moments at which a nurse will watch fewer patients, noted at a time


def simulate(timetable: Timetable, draws: Draws, run: Run = interpreted.run) -> Records | None:
    """Simulate one replication; None if the engine refuses it, for example because it exceeds a bound.

    Parameters
    ----------
    timetable, draws
        As for :func:`simclinic.model.simulate.simulate`; the engine must cover the timetable: see
        :func:`~simclinic.model.fast.timetable.not_covered`.
    run
        The engine: compiled, or as Python runs it.
    """
    plan = planned(timetable)
    rostered, present = attendance(timetable, draws)
    inputs = Inputs(draws, timetable, plan.steps)
    world = World(
        {**_state(plan, draws), **plan.staffed(present), **arrays_of(draws), **inputs.grown}, plan.world
    )
    inputs.begin(world)
    while (ended := run(world)) != FINISHED:
        if ended == REFUSED:
            return None
        if ended == NEEDS_ROOM:
            _enlarge(world)
        else:
            inputs.draw(world, ended)
    return records(world, timetable, draws, rostered, present)


def _state(plan: Planned, draws: Draws) -> Arrays:
    """Return the arrays that a run changes, as they are at its beginning."""
    people, rules = len(draws.day), plan.begins["rules"].copy()
    rules["most_waiting"] += len(draws.progress["row"])
    most_waiting = int(rules["most_waiting"][0])
    clinic = np.zeros(1, clinic_t)
    clinic["now"] = plan.fixed["days"]["midnight"][0]
    clinic["end"], clinic["today"] = rules["end"], -1
    places = np.zeros(len(plan.most_of_place), place_t)
    places["capacity"] = plan.most_of_place
    places["capacity"][0] = plan.fixed["days"]["chairs"][0]
    numbers = max(plan.most_of_place) + 1
    newcomer = np.zeros(1, patient_t)
    for name in (
        "consulted",
        "first_infusion",
        "last_infusion",
        "series_ended",
        "programme",
        "left",
        "last_visit_end",
    ):
        newcomer[name] = np.nan
    newcomer["last_visit"] = newcomer["today"] = -1
    simulated, steps = int(rules["simulated"][0]), plan.steps
    roles, classes, wide = (int(rules[name][0]) for name in ("n_roles", "n_classes", "wide"))
    # As many appointments as a clinic without queues makes and some more; if that is too few, room is added.
    rows = 1024 + len(draws.asking) + 5 * sum(supply.expected for supply in draws.supplies) // 4
    ring = 1 << most_waiting.bit_length()
    groups = int(rules["groups"][0])
    heap = 2 * people + simulated + 8192
    of_places = rows if wide else 1
    # Of queues nothing is read that was not written before, so those that can be long are not filled with zeros.
    return {
        **{name: array.copy() for name, array in plan.begins.items()},
        "rules": rules,
        "clinic": clinic,
        "patients": np.repeat(newcomer, people),
        "visits": np.zeros(rows, visit_t),
        "starts": np.full((rows, steps), np.nan),
        "ahead": np.zeros((people, plan.width), dtype=np.int64),
        "lived": np.zeros(people, dtype=np.int64),
        "entered": np.zeros(2 * people + 1, dtype=np.int64),
        "heap_time": np.empty(heap),
        "heap_key": np.empty(heap, dtype=np.int64),
        "heap_what": np.empty(heap, dtype=np.int64),
        "places": places,
        "freed": np.zeros((len(places), numbers // 64 + 2), dtype=np.uint64),
        "cleaning_time": np.zeros((len(places), numbers)),
        "cleaning_chair": np.zeros((len(places), numbers), dtype=np.int64),
        "line": np.full((len(places) * classes, 2), -1),
        "place_waits": np.zeros((of_places, len(places))),
        "stays": np.full((of_places, 3 * len(places)), np.nan),
        "teams": np.zeros(roles, team_t),
        "arrivals": np.zeros((roles, people + 1024 if wide else 1), dtype=np.int64),
        "pools": np.zeros(2 * roles, pool_t),
        "lighter_time": np.empty((roles, _LIGHTER)),
        "lighter_shares": np.empty((roles, _LIGHTER), dtype=np.int64),
        "staff": np.zeros(most_waiting if wide else 1, staff_t),
        "cleaners": np.zeros(1024 if wide else 1, cleaner_t),
        "ring_who": np.empty((4, ring), dtype=np.int64),
        "ring_amount": np.empty((4, ring), dtype=np.int64),
        "ring_joined": np.empty((4, ring), dtype=np.int64),
        "relief": np.zeros(people + 1, dtype=np.int64),
        "waiting": np.empty((classes, 2 * most_waiting), request_t),
        "n_waiting": np.zeros(classes, dtype=np.int64),
        "tried": np.zeros((groups, plan.length + 64), dtype=np.int64),
        "held": np.zeros(people + 1, dtype=np.int64),
        "hoping": np.zeros(people + 1, dtype=np.int64),
        "movable": np.zeros(people + 1, dtype=np.int64),
        "third_next": np.full(simulated, np.nan),
        "found": np.zeros(plan.width + 2, dtype=np.int64),
        "planned": np.zeros(plan.width + 2, dtype=np.int64),
    }


def _enlarge(world: World) -> None:
    """Give the engine more room for visits and for events."""
    for name in ("visits", "starts", "place_waits", "stays", "heap_time", "heap_key", "heap_what"):
        array = world.plain[name]
        more = np.full_like(array, np.nan) if name in ("starts", "stays") else np.zeros_like(array)
        world.set(name, np.concatenate((array, more)))
