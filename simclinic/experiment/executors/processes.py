"""The executor of worker processes on this machine.

A process that dies loses every batch in flight: `ProcessPoolExecutor` gives the whole pool up. So each worker
keeps its status in shared memory; the statuses tell which replications may have ended it, and a new pool goes on
with the rest.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, wait
from multiprocessing import connection, forkserver
from multiprocessing.context import BaseContext
from types import TracebackType
from typing import Any

from simclinic.child_processes import signals_blocked, start_resource_tracker
from simclinic.experiment.executors import worker
from simclinic.experiment.executors.base import Executor, Found, Given, Loss, importable
from simclinic.experiment.executors.batch import BatchResult
from simclinic.experiment.task import Task

GRACE = 2.0
"""Seconds to wait: beyond the time limit, for a worker to react to its alarm; after one has died, for its pool to
notice."""

_SERVER_GONE = (EOFError, ConnectionError, FileNotFoundError)
"""Raised by a request to the fork server, which starts processes, when it has ended."""

_LOOK_SECONDS = 0.25
_SPAWNING = threading.Lock()


def _context() -> BaseContext:
    """Give the way to start processes: from a server that has imported everything, where there can be one.

    Never by copying this process, whose threads and locks a copy would not survive.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([worker.__name__])
    return context


def start_ahead() -> None:
    """Start the server that workers are started from, so that they are there at once when there is work."""
    context = _context()
    if context.get_start_method() == "forkserver":
        start_resource_tracker()
        with _isolated():
            forkserver.ensure_running()


class ProcessExecutor(Executor):
    """Runs replications in processes of this machine.

    Parameters
    ----------
    workers
        How many processes.
    serial_if_small
        Whether small work is done in this process, as long as no worker has been started.
    """

    loss_breaks_all = True

    def __init__(self, workers: int, *, serial_if_small: bool = False) -> None:
        self.workers = workers
        self.serial_if_small = serial_if_small
        self._context = _context()
        self._pool: ProcessPoolExecutor | None = None
        self._processes: dict[int, Any] = {}
        self._statuses: Any = None
        self._servers: set[int | None] = set()
        self._died: float | None = None
        self._overdue: set[tuple[int, int]] = set()
        self._in_flight: set[Future[Any]] = set()

    @property
    def pool(self) -> ProcessPoolExecutor:
        """The pool of processes; it is created when there is something to do."""
        if self._pool is None:
            self.serial_if_small = False  # workers that are there may as well do small work
            start_resource_tracker()
            self._statuses = self._context.RawArray("d", worker.STATUS_SIZE * self.workers)
            self._statuses[:] = [0.0, worker.IDLE, 0.0, 0.0] * self.workers
            taken = self._context.Value("i", 0)
            self._pool = ProcessPoolExecutor(
                self.workers, self._context, initializer=worker.start, initargs=(self._statuses, taken)
            )
        return self._pool

    def submit(self, batch: int, tasks: Sequence[Task], time_limit: float | None) -> Future[BatchResult]:
        """Submit a batch, and start another process if there are not enough."""
        importable(tasks)
        return self._submitted(worker.work, batch, tasks, time_limit)

    def expect_much(self) -> None:
        """Say so, and begin to load what workers need."""
        super().expect_much()
        start_ahead()

    @property
    def helpers(self) -> int:
        """All workers; where small work starts none, this process alone."""
        return 1 if self.serial_if_small else self.workers

    def call(self, function: Callable[[Given], Found], arguments: Sequence[Given]) -> list[Found]:
        """Call a function in workers; if one is lost, in this process."""
        if self.helpers == 1 or len(arguments) == 1:
            return super().call(function, arguments)
        called: list[Future[Found]] = []
        try:
            called.extend(self._submitted(function, each) for each in arguments)
            while wait(called, timeout=_LOOK_SECONDS).not_done:
                self.check(None)
            return [each.result() for each in called]
        except BrokenExecutor:
            self.recover()
        return super().call(function, arguments)

    def _submitted(self, function: Callable[..., Found], *arguments: object) -> Future[Found]:
        pool = self.pool
        with _isolated():
            try:
                submitted = pool.submit(function, *arguments)
            except (OSError, EOFError) as error:
                if not (getattr(pool, "_broken", False) or isinstance(error, _SERVER_GONE)):
                    raise
                # The pool broke while it started one more process, and closed the handles meant for that one; or
                # the fork server has ended, and the next attempt starts another.
                _wait_for_server_end()
                raise BrokenExecutor("a worker ended while another was started") from error
        self._processes = dict(getattr(pool, "_processes", None) or {})
        self._servers.add(_server())
        self._in_flight.add(submitted)
        submitted.add_done_callback(self._in_flight.discard)
        return submitted

    def check(self, time_limit: float | None) -> None:
        """End a pool stuck after a death; kill workers long past the time limit: compiled code hears no alarm."""
        self._end_if_stuck()
        if time_limit is None:
            return
        for process, batch, place, begun in self._running():
            if begun and time.monotonic() - begun > time_limit + GRACE and process in self._processes:
                self._overdue.add((batch, place))
                self._processes[process].kill()

    def _running(self) -> Iterator[tuple[int, int, int, float]]:
        """Read the statuses of workers that are not idle."""
        if self._statuses is None:
            return
        for row in range(0, len(self._statuses), worker.STATUS_SIZE):
            process, batch, place, begun = self._statuses[row : row + worker.STATUS_SIZE]
            again = self._statuses[row + worker.BEGUN]
            if batch != worker.IDLE:
                # A status that changed while it was read belongs to a replication that was begun only now.
                yield int(process), int(batch), int(place), begun if begun == again else 0.0

    def _end_if_stuck(self) -> None:
        """End the pool if a worker has died and the pool has not noticed.

        A worker that dies while it sends results leaves half of them in the pipe that all workers share. The
        thread that reads the pipe then waits for the other half and sees nothing else any more, and the other
        workers wait for their turn to write.
        """
        if not self._worker_died():
            self._died = None
        elif self._died is None:
            self._died = time.monotonic()
        elif time.monotonic() - self._died > GRACE:
            self._kill()

    def _worker_died(self) -> bool:
        try:
            return bool(connection.wait([process.sentinel for process in self._processes.values()], 0))
        except (ValueError, OSError):  # one has been collected already: the pool has noticed
            return False

    def _kill(self) -> None:
        for process in self._processes.values():
            # A process that has been collected already is closed.
            with contextlib.suppress(ValueError):
                process.kill()
        # With no writer left, a reader that waits for the rest of a result finds the pipe's end; but this process
        # holds a writing end too.
        results = getattr(self._pool, "_result_queue", None)
        if results is not None:
            results._writer.close()  # noqa: SLF001 (there is no other way to close it)

    def recover(self) -> Loss:
        """Read from the statuses what was running; the next batch starts a new pool."""
        # If a worker was killed for being late, or the fork server has ended, no other replication is suspect.
        explained = bool(self._overdue) or len(self._servers | {_server()}) > 1
        suspects = [] if explained else [(batch, place) for _, batch, place, _ in self._running()]
        loss = Loss(frozenset(self._overdue), frozenset(suspects))
        self._overdue = set()
        self._end(kill=True)
        return loss

    def shutdown(self) -> None:
        """Kill all processes."""
        self.compiler.stop()
        self._end(kill=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.compiler.stop()
        # No caller waits any longer for batches that are still in flight.
        self._end(kill=error is not None or bool(self._in_flight))

    def _end(self, *, kill: bool) -> None:
        if kill:
            self._kill()
        pool, self._pool = self._pool, None
        self._processes = {}
        self._died = None
        self._servers = set()
        self._statuses = None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)


def _server() -> int | None:
    """Give the process id of the fork server, if there is one and it is alive."""
    process: int | None = getattr(getattr(forkserver, "_forkserver", None), "_forkserver_pid", None)
    if process is None:
        return None
    with contextlib.suppress(OSError, AttributeError):
        # It is a child of this process: one that has ended is left for multiprocessing to collect.
        if os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return process
    return None


def _wait_for_server_end() -> None:
    """Wait until a fork server that does not answer has ended, because only then another is started."""
    end = time.monotonic() + GRACE
    while _server() is not None and time.monotonic() < end:
        time.sleep(0.01)


@contextlib.contextmanager
def _isolated() -> Iterator[None]:
    """Start processes that ignore Ctrl-C and do not import the main program.

    A new process cannot ask not to be interrupted before it has imported everything; so it inherits blocked
    signals. And it would import the main program again: a script without `if __name__ == "__main__":` would begin
    from the top, and the command line would have every worker import what only a terminal needs.
    """
    with _SPAWNING:
        start_resource_tracker()  # first, because starting it unblocks Ctrl-C
        with signals_blocked():
            main = sys.modules["__main__"]
            sys.modules["__main__"] = types.ModuleType("__main__")
            try:
                yield
            finally:
                sys.modules["__main__"] = main
