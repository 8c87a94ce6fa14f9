"""The interface of an executor: it runs batches of replications.

Executors differ in how many replications run at the same time, and in what they survive: a replication that ends
its process takes a serial executor along, but not worker processes or a cluster.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Self, TypeVar

from simclinic.errors import SimclinicError
from simclinic.experiment.compiling import Compiler
from simclinic.experiment.executors.batch import BATCH_SECONDS, BatchResult
from simclinic.experiment.task import Task

Given = TypeVar("Given")
Found = TypeVar("Found")


class ExecutorError(SimclinicError):
    """An executor that cannot be created, or that is lost.

    Attributes
    ----------
    exit_status
        2 if another one can be asked for; 1 if it was lost during the study.
    """

    def __init__(self, message: str, *, exit_status: int = 2) -> None:
        super().__init__(message)
        self.exit_status = exit_status


def importable(tasks: Sequence[Task]) -> None:
    """Check that a worker can import what tasks use of the script that is running.

    Raises
    ------
    ExecutorError
        If it is registered in the main program, which workers do not import.
    """
    if any("__main__" in task.modules for task in tasks):
        raise ExecutorError(
            "a key figure of the scenario is registered in the main program or in a notebook, which workers do not "
            "import: put it into a module, and import that, or simulate with one worker (workers=1)"
        )


@dataclass(frozen=True, slots=True)
class Loss:
    """The replications that were running when workers were lost; each is a batch's number and a place in it.

    Attributes
    ----------
    overdue
        Killed because they took longer than the time limit.
    suspects
        One of them may have ended its worker; None: any replication of the lost batches may have.
    """

    overdue: frozenset[tuple[int, int]]
    suspects: frozenset[tuple[int, int]] | None


class Executor(ABC):
    """Runs the replications of a study; leaving its block shuts it down.

    Attributes
    ----------
    workers
        How many replications run at the same time.
    batch_seconds
        Seconds a batch of replications should take.
    serial_if_small
        Whether small work is done in this process, and no worker is started for it.
    max_losses
        How often a replication may be lost with its worker before it counts as failed.
    loss_breaks_all
        Whether the loss of one worker ends every batch in flight.
    seconds_each
        Seconds that a replication took last; infinite: none was run yet.
    remote
        Whether workers run on other machines.
    """

    workers: int
    batch_seconds: float = BATCH_SECONDS
    serial_if_small: bool = False
    max_losses: int = 3
    loss_breaks_all: bool = False
    seconds_each: float = math.inf
    remote: bool = False

    @cached_property
    def compiler(self) -> Compiler:
        """What compiles the second engine for the studies of this executor."""
        return Compiler()

    @property
    def max_in_flight(self) -> int:
        """How many batches may be in flight: for each worker one that runs and one that waits."""
        return 2 * self.workers

    @abstractmethod
    def submit(self, batch: int, tasks: Sequence[Task], time_limit: float | None) -> Future[BatchResult]:
        """Submit a batch.

        Parameters
        ----------
        batch
            Its number.
        tasks
            The replications in it.
        time_limit
            Seconds after which a replication counts as failed; None: never.
        """

    def expect_much(self) -> None:
        """Say that much work is ahead, however short its first part: workers are started for that, too."""
        self.serial_if_small = False

    @property
    def helpers(self) -> int:
        """How many processes :meth:`call` shares work out among."""
        return 1

    def call(self, function: Callable[[Given], Found], arguments: Sequence[Given]) -> list[Found]:
        """Call a function with each argument; return what it returns, in the order of the arguments.

        Parameters
        ----------
        function
            Of a module, so that workers can import it.
        arguments
            They, and what is returned, can be pickled.
        """
        return [function(each) for each in arguments]

    def check(self, time_limit: float | None) -> None:  # noqa: B027 (not every executor needs it)
        """Check the workers: called again and again while batches are in flight.

        Raises
        ------
        ExecutorError
            If no worker is left.
        """

    def is_loss(self, error: BaseException) -> bool:
        """Tell whether an error of a batch means that its worker was lost."""
        return isinstance(error, BrokenExecutor)

    def explained(self, error: Exception) -> Exception:
        """Replace any other error of a batch by one that says what to do."""
        return error

    def recover(self) -> Loss:
        """Tell which replications were running when workers were lost, and get ready for the next batch."""
        return Loss(frozenset(), frozenset())

    @abstractmethod
    def shutdown(self) -> None:
        """Shut down now; batches in flight are lost. May be called again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.compiler.stop()
        self.shutdown()
