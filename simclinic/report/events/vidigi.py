"""The log as vidigi reads it, which animates queues: visits are its entities, and chairs its resources.

Its table knows four types of event: `arrival_departure` (`arrival` and `depart`, once for each entity), `queue`,
`resource_use` and `resource_use_end`. A patient comes many times, so an entity is a visit; it queues for a chair
on arriving, and for a nurse between steps. What happens to the chair when the patient has gone is not shown.
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
    yield HEAD
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
                f"{visits['patient'][row]},{visits['number'][row]}\n"
            )
        yield "".join(lines)


def _visit(replayed: Replayed, row: int) -> Iterator[_Moment]:
    """List the events of one visit; the places keep the order of simultaneous events."""
    visits, settings = replayed.records.visits, replayed.scenario.steps
    count = iter(range(10**6))

    def moment(time: float, kind: str, event: str, chair: float = np.nan) -> _Moment:
        return _Moment(float(time), row, next(count), kind, event, float(chair))

    now, seated = visits["arrived"][row], False
    yield moment(now, "arrival_departure", "arrival")
    for place, name in enumerate(replayed.records.steps):
        step = settings[name]
        if not step.patient:
            break
        if step.chair and not seated:
            yield moment(now, "queue", f"{WAITS}chair")
            now = visits["chair_from"][row]
            if np.isnan(now):
                break
            seated = True
        start, end = visits["step_start"][row, place], visits["step_end"][row, place]
        if not start <= now:  # later, or not reached
            yield moment(now, "queue", f"{WAITS}{name}")
        if np.isnan(start):
            break
        chair = visits["chair"][row] if step.chair else np.nan
        # vidigi's resources have numbers: a step without a chair is a place where people stand
        yield moment(start, "resource_use" if step.chair else "queue", name, chair)
        if np.isnan(end):
            break
        if step.chair:
            yield moment(end, "resource_use_end", f"{name}:end", chair)
        now = end
    if not np.isnan(visits["left"][row]):
        yield moment(visits["left"][row], "arrival_departure", "depart")
