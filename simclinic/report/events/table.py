"""The log as a plain table (CSV): one line for each event, in order of time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simclinic.records import KINDS
from simclinic.report.events.replayed import Replayed

COLUMNS = ("replication", "patient", "kind", "number", "event", "time", "minute", "chair")
"""Of the table."""

HEAD = ",".join(COLUMNS) + "\n"
"""The first line."""

WIDER = ("visit", "place")
"""More columns, of a clinic with several types of visit, roles or places: the type, and the other place held."""

AT_ONCE = 2000
"""Lines written at a time."""


def as_table(replayed: Replayed) -> Iterator[str]:
    """Write the log; nothing in it needs quotes, for names are letters, digits, `-` and `_`."""
    log, number, records = replayed.log, replayed.replication, replayed.records
    wider = not replayed.scenario.simple
    yield f"{HEAD[:-1]},{','.join(WIDER)}\n" if wider else HEAD
    types = (*records.visit_types, "")
    kinds = (*KINDS, "")  # NOBODY, -1, is the last
    times = np.datetime_as_string(log.times(), unit="ms")
    for begin in range(0, len(log), AT_ONCE):
        here = slice(begin, begin + AT_ONCE)
        columns = (log.patient, log.kind, log.number, log.event, times, log.minute, log.chair)
        rows = zip(*(column[here].tolist() for column in columns), strict=True)
        more = [""] * (min(begin + AT_ONCE, len(log)) - begin)
        if wider:
            visit = np.where(log.visit[here] < 0, -1, np.append(records.visits["visit"], -1)[log.visit[here]])
            held = zip(log.place_kind[here].tolist(), log.place[here].tolist(), strict=True)
            more = [
                f",{types[kind]},{place_name(records.places, *each)}"
                for kind, each in zip(visit.tolist(), held, strict=True)
            ]
        yield "".join(
            f"{number},{patient},{kinds[kind]},{count or ''},{log.names[event]},{time},"
            f"{decimal(minute)},{whole(chair)}{rest}\n"
            for (patient, kind, count, event, time, minute, chair), rest in zip(rows, more, strict=True)
        )


def place_name(places: tuple[str, ...], kind: int, number: float) -> str:
    """Write a place besides chairs, or nothing.

    >>> place_name(("room",), 0, 2.0), place_name(("room",), -1, float("nan"))
    ('room 2', '')
    """
    return "" if kind < 0 or number != number else f"{places[kind]} {int(number)}"


def decimal(minute: float) -> str:
    """Write a minute with six decimals.

    >>> decimal(-1e-9)
    '0.000000'
    """
    return f"{round(minute, 6) + 0.0:.6f}"


def whole(chair: float) -> str:
    """Write the number of a chair, or nothing.

    >>> whole(2.0), whole(float("nan"))
    ('2', '')
    """
    return "" if chair != chair else str(int(chair))
