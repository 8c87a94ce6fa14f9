"""The serial executor: this process runs one replication after another."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

from simclinic.experiment.executors.base import Executor
from simclinic.experiment.executors.batch import BatchResult, run_batch
from simclinic.experiment.executors.task_runner import TaskRunner
from simclinic.experiment.task import Task


class SerialExecutor(Executor):
    """Runs replications one after another, in this process."""

    workers = 1
    batch_seconds = 0.0

    def __init__(self) -> None:
        self._runner = TaskRunner()

    @property
    def max_in_flight(self) -> int:
        """One batch at a time: it is finished when it has been submitted."""
        return 1

    def submit(self, batch: int, tasks: Sequence[Task], time_limit: float | None) -> Future[BatchResult]:  # noqa: ARG002
        """Run a batch; an error of it, above all Ctrl-C, is raised here."""
        finished: Future[BatchResult] = Future()
        finished.set_result(run_batch(self._runner, tasks, time_limit))
        return finished

    def shutdown(self) -> None:
        """Do nothing: there is no worker."""
