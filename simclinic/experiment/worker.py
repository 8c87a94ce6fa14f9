"""The life of a worker process: begin, make batches, and never outlive whom it works for.

It imports only what simulating takes, and so starts in a fraction of a second.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from multiprocessing.sharedctypes import Synchronized
from typing import TypeAlias

from simclinic.experiment.batch import Done, make
from simclinic.experiment.bench import Bench
from simclinic.experiment.task import Task

Numbers: TypeAlias = "ctypes.Array[ctypes.c_double]"

NOTE = 4
"""Numbers in a worker's note: process, ticket of the batch, place in it, and when that was begun."""
PROCESS, TICKET, PLACE, BEGUN = range(NOTE)

IDLE = -1.0
"""A note's ticket when nothing is being made."""


class Notes:
    """What each worker is making, for all to see: it can be read when the worker is dead.

    It is shared memory without locks, since a lock dies with its holder.
    """

    def __init__(self, numbers: Numbers, row: int) -> None:
        self._numbers = numbers
        self._row = NOTE * row
        numbers[self._row + PROCESS] = os.getpid()

    def begins(self, ticket: int, place: int) -> None:
        """Write down what is begun now."""
        numbers, row = self._numbers, self._row
        # The time last: whoever reads the old time twice around the rest has read what belongs together.
        numbers[row + BEGUN] = 0.0
        numbers[row + TICKET] = ticket
        numbers[row + PLACE] = place
        numbers[row + BEGUN] = time.monotonic()

    def rests(self) -> None:
        """Write down that nothing is being made."""
        self._numbers[self._row + BEGUN] = 0.0
        self._numbers[self._row + TICKET] = IDLE


class _Mine:
    """What this process keeps from batch to batch."""

    bench = Bench()
    notes: Notes | None = None


def begin(numbers: Numbers, taken: Synchronized[int]) -> None:
    """Begin as a worker.

    Parameters
    ----------
    numbers
        The notes of all workers.
    taken
        How many of the notes have an owner.
    """
    # Ctrl-C reaches every process of a terminal; who called us decides what becomes of us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        sentinel = int(parent.sentinel)
        threading.Thread(target=_end_with, args=(sentinel,), daemon=True).start()
        if sys.platform == "linux":
            _killed_with(sentinel)
    with taken.get_lock():
        row, taken.value = taken.value, taken.value + 1
    _Mine.notes = Notes(numbers, row)


def _end_with(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(1)


if sys.platform == "linux":
    import fcntl

    def _killed_with(sentinel: int) -> None:
        """Have the system end this process with its parent: compiled code that hangs lets no thread run."""
        # The sentinel is a pipe that nobody writes to; something happens to it when its other end is closed, and
        # whoever does not handle the signal for that is ended by it.
        fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)


def work(ticket: int, tasks: Sequence[Task], time_limit: float | None) -> Done:
    """Make a batch."""
    notes = _Mine.notes
    assert notes is not None
    try:
        return make(_Mine.bench, tasks, time_limit, lambda place: notes.begins(ticket, place))
    finally:
        notes.rests()
