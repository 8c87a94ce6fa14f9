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

AT_ONCE = 2000
"""Lines written at a time."""


def as_table(replayed: Replayed) -> Iterator[str]:
    """Write the log; nothing in it needs quotes, for names are letters, digits, `-` and `_`."""
    log, number = replayed.log, replayed.replication
    yield HEAD
    kinds = (*KINDS, "")  # NOBODY, -1, is the last
    times = np.datetime_as_string(log.times(), unit="ms")
    for begin in range(0, len(log), AT_ONCE):
        here = slice(begin, begin + AT_ONCE)
        columns = (log.patient, log.kind, log.number, log.event, times, log.minute, log.chair)
        yield "".join(
            f"{number},{patient},{kinds[kind]},{count or ''},{log.names[event]},{time},"
            f"{decimal(minute)},{whole(chair)}\n"
            for patient, kind, count, event, time, minute, chair in zip(
                *(column[here].tolist() for column in columns), strict=True
            )
        )


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
