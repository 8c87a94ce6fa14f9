"""A crew on other machines: a cluster of dask.distributed.

```console
$ dask scheduler --host 127.0.0.1 --port 8786 --no-dashboard
$ dask worker tcp://127.0.0.1:8786 --nworkers 2 --nthreads 1
$ simclinic run scenario.toml --cluster tcp://127.0.0.1:8786
```

A worker that dies has its batch made by another one; a batch that ends several is taken apart, and each of its
replications made alone. Everyone must have the same versions of whatever decides figures.
"""

from __future__ import annotations

import importlib.metadata
import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import CancelledError, Executor, Future
from functools import cache
from typing import Any, Self

from simclinic.errors import SimclinicError
from simclinic.experiment.batch import Done, make
from simclinic.experiment.bench import Bench
from simclinic.experiment.crew import Casualties, Crew, CrewError
from simclinic.experiment.task import Task
from simclinic.version import VERSION

CONNECT = 10.0
"""Seconds after which a scheduler that does not answer is not there."""

JOIN = 30.0
"""Seconds to wait for the first worker, and for the next when all are gone."""

RETRIES = 3
"""How often dask itself makes a batch again that was lost."""

_LOOK_EVERY = 2.0
_DECIDING = ("numpy", "scipy", "simpy")


class OtherProgramError(SimclinicError):
    """A worker of the cluster has another version of the program."""


class _Mine(threading.local):
    """What each thread of a worker keeps: plans are not shared between threads."""

    def __init__(self) -> None:
        self.bench = Bench()


_MINE = _Mine()


@cache
def program() -> str:
    """Tell what decides the figures of this process: versions of simclinic and the packages it counts on."""
    versions = [f"{package} {importlib.metadata.version(package)}" for package in _DECIDING]
    return ", ".join([f"simclinic {VERSION}", *versions])


def work(tasks: Sequence[Task], time_limit: float | None, wanted: str) -> Done:
    """Make a batch, in a worker of the cluster.

    Raises
    ------
    OtherProgramError
        If the worker would come to other figures.
    """
    if program() != wanted:
        raise OtherProgramError(
            f"a worker of the cluster has {program()}, and here is {wanted}: give both the same versions."
        )
    return make(_MINE.bench, tasks, time_limit)


class Cluster(Crew):
    """Makes replications on a cluster of dask.distributed; connected when its block is entered.

    Parameters
    ----------
    address
        Of the scheduler, such as `tcp://127.0.0.1:8786`.
    """

    size = 1
    tries = 2  # each of them has ended several workers

    def __init__(self, address: str) -> None:
        self._address = address
        self._client: Any = None
        self._executor: Any = None
        self._looked = 0.0
        self._alone_since: float | None = None

    @property
    def executor(self) -> Executor:
        """What batches are submitted to.

        Raises
        ------
        CrewError
            If the cluster cannot be reached.
        """
        if self._executor is None:
            self._connect()
        executor: Executor = self._executor
        return executor

    def _connect(self) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise CrewError(
                "--cluster needs dask.distributed, which is not installed: pip install 'simclinic[cluster]'."
            ) from None
        # What goes wrong is said by us, once.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            connect: Any = Client
            self._client = connect(self._address, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            told = " ".join(str(error).split()) or type(error).__name__
            raise CrewError(f"the cluster at {self._address} cannot be reached: {told[:200]}") from error
        try:
            self._client.wait_for_workers(1, timeout=JOIN)
            self.size = max(1, sum(self._client.nthreads().values()))
        except (OSError, TimeoutError) as error:
            self.dismiss()
            raise CrewError(
                f"the cluster at {self._address} has no workers: none came within {JOIN:g} s."
            ) from error
        # Equal calls are not one: by default dask would make a batch that is handed out again only once.
        self._executor = self._client.get_executor(pure=False, retries=RETRIES)

    def __enter__(self) -> Self:
        _ = self.executor
        return self

    def submit(self, ticket: int, tasks: Sequence[Task], time_limit: float | None) -> Future[Done]:  # noqa: ARG002
        """Hand out a batch; by position, for dask takes some names for its own."""
        return self.executor.submit(work, tasks, time_limit, program())

    def look(self, time_limit: float | None) -> None:  # noqa: ARG002
        """See whether there is still a scheduler, with workers.

        Raises
        ------
        CrewError
            If there has been none for half a minute.
        """
        now = time.monotonic()
        if self._client is None or now - self._looked < _LOOK_EVERY:
            return
        self._looked = now
        workers = self._workers()
        if workers:
            self.size = workers
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        elif now - self._alone_since > JOIN:
            raise self._gone()

    def _workers(self) -> int:
        """Count threads that work for the cluster; 0 if the scheduler does not answer."""
        if self._client.status != "running":
            return 0
        try:
            return sum(self._client.nthreads().values())
        except (OSError, TimeoutError, CancelledError):
            return 0

    def _gone(self) -> CrewError:
        return CrewError(
            f"the cluster at {self._address} is gone: it has no scheduler or no workers any more. What was "
            "finished is kept: give the same command again to go on.",
            exit_status=1,
        )

    def is_loss(self, error: BaseException) -> bool:
        """Tell whether an error means that workers died of a batch."""
        from distributed import KilledWorker

        return isinstance(error, KilledWorker)

    def told(self, error: Exception) -> Exception:
        """Put an error of the cluster into words."""
        if isinstance(error, SimclinicError):
            return CrewError(str(error))
        if isinstance(error, CancelledError):
            return self._gone()
        told = " ".join(f"{type(error).__name__}: {error}".split())
        return CrewError(
            f"the cluster at {self._address} cannot make replications: {told[:300]}. Its workers need the "
            "same simclinic as this machine."
        )

    def casualties(self) -> Casualties:
        """Any replication of the batch may have done it."""
        return Casualties(frozenset(), None)

    def dismiss(self) -> None:
        """Leave the cluster; what is not begun there never will be."""
        client, self._client = self._client, None
        executor, self._executor = self._executor, None
        if executor is not None and client.status == "running":
            executor.shutdown(wait=False)
        if client is not None:
            client.close(timeout=1.0)
