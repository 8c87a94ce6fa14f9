"""A crew of processes on this machine.

A process that dies takes everything handed out with it: `ProcessPoolExecutor` gives the whole pool up. So every
worker keeps a note of what it is making in shared memory; from the notes follows what may have killed it, and a
new pool goes on with the rest.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
import types
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from multiprocessing import connection, forkserver, resource_tracker
from multiprocessing.context import BaseContext
from types import TracebackType
from typing import Any

from simclinic.experiment import worker
from simclinic.experiment.batch import Done
from simclinic.experiment.crew import Casualties, Crew
from simclinic.experiment.task import Task

GRACE = 2.0
"""Seconds to wait: beyond the time limit, for a worker to hear its alarm; after one has died, to be told of it."""

_HELPER_GONE = (EOFError, ConnectionError, FileNotFoundError)
"""What asking the helper that starts processes for one raises when it has ended."""

_SPAWNING = threading.Lock()


def _context() -> BaseContext:
    """Give the way of starting processes: from a server that has imported everything, where there can be one.

    Never by copying this process, whose threads and locks a copy would not survive.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([worker.__name__])
    return context


class Pool(Crew):
    """Makes replications in processes of this machine.

    Parameters
    ----------
    workers
        How many processes.
    """

    falls_together = True

    def __init__(self, workers: int) -> None:
        self.size = workers
        self._context = _context()
        self._executor: ProcessPoolExecutor | None = None
        self._processes: dict[int, Any] = {}
        self._notes: Any = None
        self._helpers: set[int | None] = set()
        self._died: float | None = None
        self._overdue: set[tuple[int, int]] = set()
        self._handed_out: set[Future[Done]] = set()

    @property
    def executor(self) -> Executor:
        """What batches are submitted to; processes are started when there is something to do."""
        if self._executor is None:
            self.spares_small = False  # once they are here, they may as well do it
            _start_collector()
            self._notes = self._context.RawArray("d", worker.NOTE * self.size)
            self._notes[:] = [0.0, worker.IDLE, 0.0, 0.0] * self.size
            taken = self._context.Value("i", 0)
            self._executor = ProcessPoolExecutor(
                self.size, self._context, initializer=worker.begin, initargs=(self._notes, taken)
            )
        return self._executor

    def submit(self, ticket: int, tasks: Sequence[Task], time_limit: float | None) -> Future[Done]:
        """Hand out a batch, starting another process if there are not enough."""
        executor = self.executor
        with _unseen():
            try:
                submitted = executor.submit(worker.work, ticket, tasks, time_limit)
            except (OSError, EOFError) as error:
                if not (getattr(executor, "_broken", False) or isinstance(error, _HELPER_GONE)):
                    raise
                # It broke while one more process was started, and closed what that one was to be given; or the
                # helper that starts processes has ended, and the next attempt starts another.
                _wait_for_its_end()
                raise BrokenExecutor("a worker ended while another was started") from error
        self._processes = dict(getattr(executor, "_processes", None) or {})
        self._helpers.add(_helper())
        self._handed_out.add(submitted)
        submitted.add_done_callback(self._handed_out.discard)
        return submitted

    def look(self, time_limit: float | None) -> None:
        """Kill whoever is long past the time limit, for compiled code hears no alarm; see to who has died."""
        self._see_to_the_dead()
        if time_limit is None:
            return
        for process, ticket, place, begun in self._read():
            if begun and time.monotonic() - begun > time_limit + GRACE and process in self._processes:
                self._overdue.add((ticket, place))
                self._processes[process].kill()

    def _read(self) -> Iterator[tuple[int, int, int, float]]:
        """Read the notes of those who are making something."""
        if self._notes is None:
            return
        for row in range(0, len(self._notes), worker.NOTE):
            process, ticket, place, begun = self._notes[row : row + worker.NOTE]
            again = self._notes[row + worker.BEGUN]
            if ticket != worker.IDLE:
                # Read while it was being written: it was begun only now.
                yield int(process), int(ticket), int(place), begun if begun == again else 0.0

    def _see_to_the_dead(self) -> None:
        """End the pool if one of it has died and nobody was told.

        Whoever dies while handing in results leaves half of them in the pipe that all share. The thread that reads
        it then waits for the other half, sees nothing else any more, and the others wait for their turn to write.
        """
        if not self._someone_died():
            self._died = None
        elif self._died is None:
            self._died = time.monotonic()
        elif time.monotonic() - self._died > GRACE:
            self._kill()

    def _someone_died(self) -> bool:
        try:
            return bool(connection.wait([process.sentinel for process in self._processes.values()], 0))
        except (ValueError, OSError):  # one has been collected already: so it was noticed
            return False

    def _kill(self) -> None:
        for process in self._processes.values():
            # One that has been collected already is closed.
            with contextlib.suppress(ValueError):
                process.kill()
        # With nobody left to write, whoever waits for the rest of a result that was cut short finds the pipe's end;
        # but this process could write to it too.
        results = getattr(self._executor, "_result_queue", None)
        if results is not None:
            results._writer.close()  # noqa: SLF001 (there is no other way to let go of it)

    def casualties(self) -> Casualties:
        """Read from the notes what was being made; the next batch finds a new pool."""
        # If one was killed for being late, or the helper that started all has ended, nobody else is to blame.
        nobody = bool(self._overdue) or len(self._helpers | {_helper()}) > 1
        blamed = [] if nobody else [(ticket, place) for _, ticket, place, _ in self._read()]
        found = Casualties(frozenset(self._overdue), frozenset(blamed))
        self._overdue = set()
        self._end(kill=True)
        return found

    def dismiss(self) -> None:
        """Kill all processes."""
        self._end(kill=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Whoever is still busy is busy with what nobody waits for.
        self._end(kill=error is not None or bool(self._handed_out))

    def _end(self, *, kill: bool) -> None:
        if kill:
            self._kill()
        executor, self._executor = self._executor, None
        self._processes = {}
        self._died = None
        self._helpers = set()
        self._notes = None
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)


def _helper() -> int | None:
    """Give the process that starts workers, if there is one and it is alive."""
    process: int | None = getattr(getattr(forkserver, "_forkserver", None), "_forkserver_pid", None)
    if process is None:
        return None
    with contextlib.suppress(OSError, AttributeError):
        # It is a child of this process: one that has ended is left for multiprocessing to collect.
        if os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return process
    return None


def _wait_for_its_end() -> None:
    """Wait for a helper that does not answer to be gone, for only then another is started."""
    end = time.monotonic() + GRACE
    while _helper() is not None and time.monotonic() < end:
        time.sleep(0.01)


@contextlib.contextmanager
def _unseen() -> Iterator[None]:
    """Start processes so that they know nothing of Ctrl-C and nothing of the program that was called.

    A new process has no time to ask not to be interrupted before it has imported everything; so it inherits
    that. And it would import the main program again: a script without `if __name__ == "__main__":` would begin
    from the top, and the command line would have every worker import what only a terminal needs.
    """
    with _SPAWNING, _deaf():
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    # It makes its first process hear Ctrl-C again.
    _start_collector()
    with _blocked():
        yield


@contextlib.contextmanager
def _blocked() -> Iterator[None]:
    """Let what is started know nothing of Ctrl-C, nor of a terminal that is closed: its driver sees to that."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_collector() -> None:
    """Start the process that clears away what a killed driver leaves, told to do so without a word."""
    before = sys.warnoptions[:]
    sys.warnoptions.append("ignore:resource_tracker:UserWarning")
    try:
        with _blocked():
            resource_tracker.ensure_running()
    finally:
        sys.warnoptions[:] = before
