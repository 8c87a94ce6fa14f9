"""Some replications handed out together, for handing out has a cost too.

A batch is meant to take half a second or more. How long a replication takes is only known afterwards, and the
next scenario may be a hundred times heavier; so whoever makes a batch stops when it has become long, and hands
back what is not begun.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simclinic.experiment.bench import Bench
from simclinic.experiment.replication import Outcome
from simclinic.experiment.task import Task

WORTH = 0.5
"""Seconds a batch should take: handing one out costs a few thousandths of one."""

LONG = 1.0
"""Seconds after which no more of a batch is begun."""


@dataclass(frozen=True, slots=True)
class Done:
    """What has become of a batch.

    Attributes
    ----------
    outcomes
        Of its first replications, in order; the others were not begun.
    seconds
        How long they took together.
    """

    outcomes: list[Outcome]
    seconds: float


def make(
    bench: Bench,
    tasks: Sequence[Task],
    time_limit: float | None,
    begins: Callable[[int], None] = lambda _place: None,
) -> Done:
    """Make the replications of a batch, the first one in any case.

    Parameters
    ----------
    bench
        Where.
    tasks
        Which.
    time_limit
        Seconds after which a replication counts as failed; None: never.
    begins
        Is told the place of each one in the batch before it is begun.
    """
    begun = time.perf_counter()
    outcomes: list[Outcome] = []
    for place, task in enumerate(tasks):
        if place and time.perf_counter() - begun > LONG:
            break
        begins(place)
        outcomes.append(bench.make(task, time_limit))
    return Done(outcomes, time.perf_counter() - begun)
