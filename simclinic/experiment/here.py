"""A crew of one: this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from typing import Any

from simclinic.experiment.batch import Done, make
from simclinic.experiment.bench import Bench
from simclinic.experiment.crew import Crew
from simclinic.experiment.task import Task


class AtOnce(Executor):
    """Does what is submitted before it returns."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401
        """Do it; what is raised is raised here, Ctrl-C above all."""
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


class Here(Crew):
    """Makes replications one after another, in this process."""

    size = 1
    worth = 0.0

    def __init__(self) -> None:
        self._bench = Bench()
        self._executor = AtOnce()

    @property
    def executor(self) -> Executor:
        """What batches are submitted to."""
        return self._executor

    @property
    def window(self) -> int:
        """One batch at a time: it is done when it is handed out."""
        return 1

    def submit(self, ticket: int, tasks: Sequence[Task], time_limit: float | None) -> Future[Done]:  # noqa: ARG002
        """Make a batch."""
        return self._executor.submit(make, self._bench, tasks, time_limit)

    def dismiss(self) -> None:
        """Nobody was called."""
