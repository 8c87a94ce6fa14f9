"""A worker process: it starts, runs batches, and never outlives the process that it works for.

It imports only the packages that a simulation needs, and so starts in a fraction of a second.
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

from simclinic.experiment.executors.batch import BatchResult, run_batch
from simclinic.experiment.executors.task_runner import TaskRunner
from simclinic.experiment.task import Task

Numbers: TypeAlias = "ctypes.Array[ctypes.c_double]"

STATUS_SIZE = 4
"""Numbers in a worker's status: process, number of the batch, place in it, and when that replication was begun."""
PROCESS, BATCH, PLACE, BEGUN = range(STATUS_SIZE)

IDLE = -1.0
"""The batch in a status when nothing is running."""


class Status:
    """What one worker is running, in memory shared with the main process: readable when the worker is dead.

    There are no locks, since a lock dies with its holder.
    """

    def __init__(self, numbers: Numbers, row: int) -> None:
        self._numbers = numbers
        self._row = STATUS_SIZE * row
        numbers[self._row + PROCESS] = os.getpid()

    def begin(self, batch: int, place: int) -> None:
        """Record the replication that is begun now."""
        numbers, row = self._numbers, self._row
        # The time last: a reader that sees the same time before and after the rest has read one consistent status.
        numbers[row + BEGUN] = 0.0
        numbers[row + BATCH] = batch
        numbers[row + PLACE] = place
        numbers[row + BEGUN] = time.monotonic()

    def idle(self) -> None:
        """Record that nothing is running."""
        self._numbers[self._row + BEGUN] = 0.0
        self._numbers[self._row + BATCH] = IDLE


class _State:
    """What this process keeps from batch to batch."""

    runner = TaskRunner()
    status: Status | None = None


def start(numbers: Numbers, taken: Synchronized[int]) -> None:
    """Initialise a worker.

    Parameters
    ----------
    numbers
        The statuses of all workers.
    taken
        How many of the statuses have an owner.
    """
    # Ctrl-C reaches every process of a terminal; the main process decides what becomes of its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        sentinel = int(parent.sentinel)
        threading.Thread(target=_end_with, args=(sentinel,), daemon=True).start()
        if sys.platform == "linux":
            _killed_with(sentinel)
    with taken.get_lock():
        row, taken.value = taken.value, taken.value + 1
    _State.status = Status(numbers, row)


def _end_with(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(1)


if sys.platform == "linux":
    import fcntl

    def _killed_with(sentinel: int) -> None:
        """Have the system kill this process when its parent ends: compiled code that hangs lets no thread run."""
        # The sentinel is a pipe that nobody writes to. When its other end is closed, this process gets the signal
        # for input that has become possible, which kills a process that does not handle it.
        fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)


def work(batch: int, tasks: Sequence[Task], time_limit: float | None) -> BatchResult:
    """Run a batch."""
    status = _State.status
    assert status is not None
    try:
        return run_batch(_State.runner, tasks, time_limit, lambda place: status.begin(batch, place))
    finally:
        status.idle()
