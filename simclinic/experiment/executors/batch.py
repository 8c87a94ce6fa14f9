"""Replications that are submitted together, because each submission has a cost.

A batch is meant to take a second or so. How long a replication takes is known only afterwards, and the
next scenario may be a hundred times heavier; so a worker stops when its batch has become long, and returns the
outcomes that it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simclinic.experiment.executors.task_runner import TaskRunner
from simclinic.experiment.replication import Outcome
from simclinic.experiment.task import Task

BATCH_SECONDS = 1.0
"""Seconds a batch should take: submitting one costs a few thousandths of a second, and replications in a row have
their pasts computed together."""

LONG = 2.0
"""Seconds after which no further replication of a batch is begun."""

LONG_OF_POINT = 10.0
"""The same for replications of one scenario whose past the worker has made pilots for: another one would make them
again."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The result of a batch.

    Attributes
    ----------
    outcomes
        Of its first replications, in order; the others were not begun.
    seconds
        How long these took together.
    """

    outcomes: list[Outcome]
    seconds: float


def run_batch(
    runner: TaskRunner,
    tasks: Sequence[Task],
    time_limit: float | None,
    on_begin: Callable[[int], None] = lambda _place: None,
) -> BatchResult:
    """Run the replications of a batch, the first one in any case.

    Parameters
    ----------
    runner
        Runs each task.
    tasks
        The replications.
    time_limit
        Seconds after which a replication counts as failed; None: never.
    on_begin
        Called with the place of each replication in the batch before it is begun.
    """
    begun = time.perf_counter()
    outcomes: list[Outcome] = []
    rows = in_a_row(tasks)  # with a time limit, each replication has its own past only
    known = len(tasks) > 1 and time_limit is None
    for place, task in enumerate(tasks):
        if place and time.perf_counter() - begun > LONG and not goes_on(tasks[place - 1]):
            same = stays(task) and task.scenario is tasks[place - 1].scenario
            if not same or time.perf_counter() - begun > LONG_OF_POINT:
                break
        on_begin(place)
        outcomes.append(runner.run(task, time_limit, rows[place] if known else None))
    return BatchResult(outcomes, time.perf_counter() - begun)


def in_a_row(tasks: Sequence[Task]) -> list[int]:
    """Count for each task how many replications in a row of its scenario begin with it."""
    rows = [1] * len(tasks)
    for place in range(len(tasks) - 2, -1, -1):
        task, following = tasks[place], tasks[place + 1]
        if following.scenario is task.scenario and following.number == task.number + 1:
            rows[place] += rows[place + 1]
    return rows


def goes_on(task: Task) -> bool:
    """Tell whether the next replication is a later part of the same simulated weeks, which are simulated once."""
    return (task.number + 1) % task.parts != 0


def stays(task: Task) -> bool:
    """Tell whether replications of a scenario should stay with one worker: it has made the pilots of its past."""
    return task.competition is None and task.panel is None and task.scenario.run.begin == "steady"
