"""Many replications made by a crew: handed out, and handed back as they are finished.

>>> from simclinic.scenario import baseline, with_overrides
>>> small = with_overrides(baseline(), ["run.warm_up_weeks=0", "run.weeks=2"])
>>> tasks = [Task(point=0, scenario=small, seed=1, number=number) for number in range(2)]
>>> with Crew.here() as crew:
...     sorted(outcome.number for task, outcome in outcomes(tasks, crew))
[0, 1]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simclinic.experiment.bench import Bench
from simclinic.experiment.crew import Crew
from simclinic.experiment.replication import Outcome
from simclinic.experiment.task import Task

__all__ = ["Crew", "Task", "outcomes"]


def outcomes(
    tasks: Iterable[Task],
    crew: Crew,  # noqa: ARG001
    *,
    time_limit: float | None = None,
) -> Iterator[tuple[Task, Outcome]]:
    """Make replications.

    Parameters
    ----------
    tasks
        Which; taken as they are needed.
    crew
        Who makes them.
    time_limit
        Seconds after which a replication counts as failed; None: never.

    Yields
    ------
    tuple
        A task and its `Replication` or `Failure`, as each is finished, in any order.
    """
    bench = Bench()
    for task in tasks:
        yield task, bench.make(task, time_limit)
