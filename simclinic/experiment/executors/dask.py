"""The executor of a cluster: workers of dask.distributed, on other machines too.

```console
$ dask scheduler --host 127.0.0.1 --port 8786 --no-dashboard
$ dask worker tcp://127.0.0.1:8786 --nworkers 2 --nthreads 1
$ simclinic run scenario.toml --cluster tcp://127.0.0.1:8786
```

A batch whose worker dies is run by another worker; a batch that ends several is split, and each of its
replications run alone. All workers need the same versions of everything that decides figures.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.metadata
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import Executor as FuturesExecutor
from functools import cache
from typing import Any, Self

from simclinic import plugins
from simclinic.errors import SimclinicError
from simclinic.experiment.executors.base import Executor, ExecutorError, Loss, importable
from simclinic.experiment.executors.batch import BatchResult, run_batch
from simclinic.experiment.executors.task_runner import TaskRunner
from simclinic.experiment.task import Task
from simclinic.scenario.used import used
from simclinic.version import VERSION

CONNECT = 10.0
"""Seconds to wait for the scheduler's answer."""

JOIN = 30.0
"""Seconds to wait for the first worker, and for another when all are gone."""

RETRIES = 3
"""How often dask itself runs a lost batch again."""

_CHECK_EVERY = 2.0
_DECIDING = ("numpy", "scipy", "simpy")


class OtherProgramError(SimclinicError):
    """A worker of the cluster has another version of the program."""


class _ThreadState(threading.local):
    """What each thread of a worker keeps: prepared scenarios are not shared between threads."""

    def __init__(self) -> None:
        self.runner = TaskRunner()


_THREAD_STATE = _ThreadState()


@cache
def _versions() -> tuple[str, ...]:
    return tuple(f"{package} {importlib.metadata.version(package)}" for package in _DECIDING)


def program(tasks: Sequence[Task] = ()) -> str:
    """List what decides the figures of tasks in this process: versions, and who supplies what their scenarios use.

    Raises
    ------
    PluginError
        If something that a scenario uses of another package is absent.
    """
    for module in {module for task in tasks for module in task.modules}:
        importlib.import_module(module)
    own = {(group, name): None for task in tasks for group, name in used(task.scenario)}
    supplied = [f"{plugins.WHAT[group]} {name} of {plugins.supplier(group, name)}" for group, name in own]
    return ", ".join([f"simclinic {VERSION}", *_versions(), *supplied])


def work(tasks: Sequence[Task], time_limit: float | None, wanted: str) -> BatchResult:
    """Run a batch, in a worker of the cluster.

    Raises
    ------
    OtherProgramError
        If the worker could compute other figures.
    """
    if program(tasks) != wanted:
        raise OtherProgramError(
            f"a worker of the cluster has {program(tasks)}, and here is {wanted}: give both the same versions."
        )
    return run_batch(_THREAD_STATE.runner, tasks, time_limit)


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the garbage collector from finalising an earlier client while another begins.

    Both need the lock of dask's event loops, and the one that begins holds it: the thread would wait for itself.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class DaskExecutor(Executor):
    """Runs replications on a cluster of dask.distributed; connected when its block is entered.

    Parameters
    ----------
    address
        Of the scheduler, such as `tcp://127.0.0.1:8786`.
    """

    workers = 1
    remote = True
    max_losses = 2  # each of them has ended several workers

    def __init__(self, address: str) -> None:
        self._address = address
        self._client: Any = None
        self._pool: FuturesExecutor | None = None
        self._checked = 0.0
        self._empty_since: float | None = None

    def _connected(self) -> FuturesExecutor:
        """Give dask's own executor, and connect first if necessary.

        Raises
        ------
        ExecutorError
            If the cluster cannot be reached.
        """
        if self._pool is None:
            self._pool = self._connect()
        return self._pool

    def _connect(self) -> FuturesExecutor:
        try:
            from distributed import Client
        except ImportError:
            raise ExecutorError(
                "--cluster needs dask.distributed, which is not installed: pip install 'simclinic[cluster]'."
            ) from None
        # This class reports errors itself, once.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            connect: Any = Client
            with _without_collector():
                self._client = connect(self._address, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError, TypeError, AssertionError) as error:
            # Dask asserts that its event loop has begun within ten seconds, which a machine that stalls may miss.
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ExecutorError(
                f"the cluster at {self._address} cannot be reached: {reason[:200]}"
            ) from error
        try:
            self._client.wait_for_workers(1, timeout=JOIN)
            self.workers = max(1, sum(self._client.nthreads().values()))
        except (OSError, TimeoutError) as error:
            self.shutdown()
            raise ExecutorError(
                f"the cluster at {self._address} has no workers: none came within {JOIN:g} s."
            ) from error
        # By default dask takes equal calls for one, and would not run a batch again that is submitted again.
        pool: FuturesExecutor = self._client.get_executor(pure=False, retries=RETRIES)
        return pool

    def __enter__(self) -> Self:
        self._connected()
        return self

    def submit(self, batch: int, tasks: Sequence[Task], time_limit: float | None) -> Future[BatchResult]:  # noqa: ARG002
        """Submit a batch; its arguments by position, because dask takes some names for its own options."""
        importable(tasks)
        return self._connected().submit(work, tasks, time_limit, program(tasks))

    def check(self, time_limit: float | None) -> None:  # noqa: ARG002
        """Check that there is still a scheduler, with workers.

        Raises
        ------
        ExecutorError
            If there has been none for half a minute.
        """
        now = time.monotonic()
        if self._client is None or now - self._checked < _CHECK_EVERY:
            return
        self._checked = now
        workers = self._count_workers()
        if workers:
            self.workers = workers
            self._empty_since = None
        elif self._empty_since is None:
            self._empty_since = now
        elif now - self._empty_since > JOIN:
            raise self._gone()

    def _count_workers(self) -> int:
        """Count the threads of all workers; 0 if the scheduler does not answer."""
        if self._client.status != "running":
            return 0
        try:
            return sum(self._client.nthreads().values())
        except (OSError, TimeoutError, CancelledError):
            return 0

    def _gone(self) -> ExecutorError:
        return ExecutorError(
            f"the cluster at {self._address} is gone: it has no scheduler or no workers any more. What was "
            "finished is kept: give the same command again to go on.",
            exit_status=1,
        )

    def is_loss(self, error: BaseException) -> bool:
        """Tell whether an error of a batch means that it has ended several workers."""
        from distributed import KilledWorker

        return isinstance(error, KilledWorker)

    def explained(self, error: Exception) -> Exception:
        """Replace an error of the cluster by one that says what to do."""
        if isinstance(error, SimclinicError):
            return ExecutorError(str(error))
        if isinstance(error, CancelledError):
            return self._gone()
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return ExecutorError(
            f"the cluster at {self._address} cannot make replications: {reason[:300]}. Its workers need the "
            "same simclinic as this machine."
        )

    def recover(self) -> Loss:
        """Suspect every replication of the lost batches."""
        return Loss(frozenset(), None)

    def shutdown(self) -> None:
        """Disconnect; queued batches are cancelled."""
        client, self._client = self._client, None
        pool, self._pool = self._pool, None
        if pool is not None and client.status == "running":
            pool.shutdown(wait=False)
        if client is not None:
            client.close(timeout=1.0)
