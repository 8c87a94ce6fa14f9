"""The log as vidigi reads it, which animates queues: visits are its entities, and chairs its resources.

Its table knows four types of event: `arrival_departure` (`arrival` and `depart`, once for each entity), `queue`,
`resource_use` and `resource_use_end`. A patient comes many times, so an entity is a visit; it queues for a chair
on arriving, and for a nurse between steps. Other places are resources, too. What happens to the chair when the
patient has gone is not shown.
Minutes are counted from the first midnight of the log. Source: vidigi's documentation, "Populating event logs";
nothing of vidigi is needed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simclinic.records import KINDS
from simclinic.report.events.replayed import Replayed
from simclinic.report.events.table import AT_ONCE, decimal, whole
from simclinic.scenario.visit import CHAIR

COLUMNS = (
    "entity_id",
    "pathway",
    "event_type",
    "event",
    "time",
    "resource_id",
    "run",
    "patient",
    "number",
)
"""Columns: vidigi's own, then those that identify patient and visit."""

HEAD = ",".join(COLUMNS) + "\n"
"""The first line."""

WAITS = "wait:"
"""Prefix of queues: `wait:chair`, `wait:infusion`."""


class _Moment(NamedTuple):
    time: float
    visit: int
    place: int
    kind: str
    event: str
    chair: float


def as_vidigi(replayed: Replayed) -> Iterator[str]:
    """Write the visits that begin within the days asked for, in order of time."""
    visits = replayed.records.visits
    types = replayed.records.visit_types
    several = len(types) > 1
    yield f"{HEAD[:-1]},visit\n" if several else HEAD
    arrived = visits["arrived"]
    rows = np.flatnonzero((arrived >= replayed.begin) & (arrived < replayed.end))
    moments = sorted(moment for row in rows.tolist() for moment in _visit(replayed, row))
    for begin in range(0, len(moments), AT_ONCE):
        lines = []
        for moment in moments[begin : begin + AT_ONCE]:
            row = moment.visit
            lines.append(
                f"{row},{KINDS[visits['kind'][row]]},{moment.kind},{moment.event},"
                f"{decimal(moment.time - replayed.begin)},{whole(moment.chair)},{replayed.replication},"
                f"{visits['patient'][row]},{visits['number'][row]}"
                f"{',' + types[visits['visit'][row]] if several else ''}\n"
            )
        yield "".join(lines)


def _visit(replayed: Replayed, row: int) -> Iterator[_Moment]:
    """List the events of one visit; the places keep the order of simultaneous events."""
    records = replayed.records
    visits, settings = records.visits, replayed.scenario.steps
    count = iter(range(10**6))

    def moment(time: float, kind: str, event: str, chair: float = np.nan) -> _Moment:
        return _Moment(float(time), row, next(count), kind, event, float(chair))

    now, at = visits["arrived"][row], None
    kind = visits["visit"][row]
    first, last = [*records.first_steps, len(records.steps)][kind : kind + 2]
    gone = ~np.isnan(visits["left"][row])
    yield moment(now, "arrival_departure", "arrival")
    for place, name in enumerate(records.steps[first:last], first):
        step = settings[name]
        start, end = visits["step_start"][row, place], visits["step_end"][row, place]
        if not step.patient or (gone and np.isnan(start)):
            continue  # nobody there, or a step that this visit does not have
        number = np.nan
        if step.where is not None:
            since, number = _held(replayed, row, step.where)
            if step.where != at:
                yield moment(now, "queue", f"{WAITS}{step.where}")
                now = since
                if np.isnan(now):
                    break
        at = step.where
        if not start <= now:  # later, or not reached
            yield moment(now, "queue", f"{WAITS}{name}")
        if np.isnan(start):
            break
        # vidigi's resources have numbers: a step without a chair is a place where people stand
        yield moment(start, "resource_use" if step.where else "queue", name, number)
        if np.isnan(end):
            break
        if step.where:
            yield moment(end, "resource_use_end", f"{name}:end", number)
        now = end
    if gone:
        yield moment(visits["left"][row], "arrival_departure", "depart")


def _held(replayed: Replayed, row: int, where: str) -> tuple[float, float]:
    """Return from when on a visit holds a place, and its number."""
    visits = replayed.records.visits
    if where == CHAIR:
        return float(visits["chair_from"][row]), float(visits["chair"][row])
    place = replayed.records.places.index(where)
    return float(visits["place_from"][row, place]), float(visits["place"][row, place])
