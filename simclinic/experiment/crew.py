"""Who makes the replications: this process, others on this machine, or other machines.

All of them give the same outcomes. They differ in how many replications are made at once, and in what they can
survive: a replication that ends its process takes this one along, but not a pool or a cluster.

>>> with Crew.of(workers=1) as crew:
...     crew.size
1
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from simclinic.errors import SimclinicError
from simclinic.experiment.batch import WORTH, Done
from simclinic.experiment.task import Task


class CrewError(SimclinicError):
    """A crew that cannot be got together, or that is lost.

    Attributes
    ----------
    exit_status
        2 if another one can be asked for; 1 if it was lost on the way.
    """

    def __init__(self, told: str, *, exit_status: int = 2) -> None:
        super().__init__(told)
        self.exit_status = exit_status


@dataclass(frozen=True, slots=True)
class Casualties:
    """What was being made when work was lost; a pair is a batch's ticket and a place in it.

    Attributes
    ----------
    overdue
        Ended on purpose, for they took longer than the time limit.
    suspects
        One of them may have brought it about; None: it could be any.
    """

    overdue: frozenset[tuple[int, int]]
    suspects: frozenset[tuple[int, int]] | None


class Crew(ABC):
    """Who makes the replications of a study; leaving its block sends everybody home.

    Attributes
    ----------
    size
        How many replications are made at the same time.
    worth
        Seconds a batch of replications should take.
    spares_small
        Whether what takes a moment is made in this process rather than fetching anybody.
    tries
        How often work may be lost with a replication before that counts as failed.
    falls_together
        Whether a loss takes everything along that is handed out.
    """

    size: int
    worth: float = WORTH
    spares_small: bool = False
    tries: int = 3
    falls_together: bool = False

    @staticmethod
    def here() -> Crew:
        """Make replications one after another, in this process."""
        from simclinic.experiment.here import Here

        return Here()

    @staticmethod
    def pool(workers: int) -> Crew:
        """Make them in so many processes of this machine."""
        from simclinic.experiment.pool import Pool

        return Pool(workers)

    @staticmethod
    def cluster(address: str) -> Crew:
        """Make them on a cluster of dask.distributed, whose scheduler has this address."""
        from simclinic.experiment.cluster import Cluster

        return Cluster(address)

    @staticmethod
    def of(workers: int | None = None, cluster: str | None = None) -> Crew:
        """Get a crew together as the options of a command ask for it.

        Parameters
        ----------
        workers
            How many processes; one is this one. None: as many as there are processors to use, unless the work
            is small.
        cluster
            Address of a cluster's scheduler, instead.

        Raises
        ------
        CrewError
            If there cannot be such a crew.
        """
        if cluster is not None:
            if workers is not None:
                raise CrewError(
                    "--workers and --cluster exclude each other: a cluster has the workers that it has."
                )
            return Crew.cluster(cluster)
        if workers is not None and workers < 1:
            raise CrewError(f"--workers must be at least 1 (is {workers}).")
        wanted = processors() if workers is None else workers
        if wanted == 1:
            return Crew.here()
        crew = Crew.pool(wanted)
        crew.spares_small = workers is None
        return crew

    @property
    def window(self) -> int:
        """How many batches are handed out at a time: one in hand and one waiting for each worker."""
        return 2 * self.size

    @abstractmethod
    def submit(self, ticket: int, tasks: Sequence[Task], time_limit: float | None) -> Future[Done]:
        """Hand out a batch.

        Parameters
        ----------
        ticket
            Its number.
        tasks
            What is in it.
        time_limit
            Seconds after which a replication counts as failed; None: never.
        """

    @property
    @abstractmethod
    def executor(self) -> Executor:
        """What batches are submitted to."""

    def look(self, time_limit: float | None) -> None:  # noqa: B027 (not everybody needs it)
        """Look after everybody: called again and again while nothing comes back.

        Raises
        ------
        CrewError
            If nobody is left.
        """

    def is_loss(self, error: BaseException) -> bool:
        """Tell whether an error means that work was lost with who did it."""
        return isinstance(error, BrokenExecutor)

    def told(self, error: Exception) -> Exception:
        """Put any other error into words."""
        return error

    def casualties(self) -> Casualties:
        """Tell what was being made when work was lost, and get ready to go on."""
        return Casualties(frozenset(), frozenset())

    @abstractmethod
    def dismiss(self) -> None:
        """Send everybody home, now, whatever they are doing. May be called again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dismiss()


def processors() -> int:
    """Count the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
