"""Many replications made by a crew: handed out in batches, and handed back as they are finished.

>>> from simclinic.scenario import baseline, with_overrides
>>> small = with_overrides(baseline(), ["run.warm_up_weeks=0", "run.weeks=2"])
>>> tasks = [Task(point=0, scenario=small, seed=1, number=number) for number in range(2)]
>>> with Crew.here() as crew:
...     sorted(outcome.number for task, outcome in outcomes(tasks, crew))
[0, 1]

When workers die, what was not being made just then is simply handed out again. What was is suspected of having
killed them: each suspect is made alone, so that nobody else is taken along, and what ends three workers is
written down as failed.
"""

from __future__ import annotations

import itertools
import math
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass

from simclinic.errors import SimclinicError
from simclinic.experiment import effort
from simclinic.experiment.batch import Done
from simclinic.experiment.crew import Crew, CrewError
from simclinic.experiment.failure import Failure
from simclinic.experiment.limit import TimeLimitError
from simclinic.experiment.replication import Outcome
from simclinic.experiment.task import Task

__all__ = ["Crew", "CrewError", "Task", "WorkerLostError", "outcomes"]

MOMENT = 2.0
"""Seconds of work for which nobody is fetched."""

LONGEST = 1e6
"""Seconds that can be given as a time limit: twelve days, which alarm clocks can still count."""

_LOOK_EVERY = 0.25
_LOSSES = 10
"""Losses in a row without anything begun after which nothing is tried any more: a death may count as two."""


class WorkerLostError(SimclinicError):
    """Making a replication ended the process that made it, every time."""


def outcomes(
    tasks: Iterable[Task], crew: Crew, *, time_limit: float | None = None
) -> Iterator[tuple[Task, Outcome]]:
    """Make replications.

    Parameters
    ----------
    tasks
        Which; taken as they are needed, so there may be very many.
    crew
        Who makes them.
    time_limit
        Seconds after which a replication counts as failed; None: never.

    Yields
    ------
    tuple
        A task and its `Replication` or `Failure`, as each is finished, in any order.

    Raises
    ------
    CrewError
        If the crew is lost for good.
    """
    if time_limit is not None and not 0 < time_limit <= LONGEST:
        raise CrewError(
            f"--time-limit must be more than 0 and at most {LONGEST:g} seconds (is {time_limit:g})."
        )
    waiting = iter(tasks)
    if crew.spares_small:
        few, more = _moment(waiting)
        waiting = itertools.chain(few, waiting)
        if not more:
            begun = time.monotonic()
            for done in outcomes(waiting, Crew.here(), time_limit=time_limit):
                yield done
                if time.monotonic() - begun > MOMENT:
                    break
    yield from _Handout(waiting, crew, time_limit).outcomes()


def _moment(waiting: Iterator[Task]) -> tuple[list[Task], bool]:
    """Take as many tasks as fill a moment, by a guess; tells also whether that was not all."""
    few: list[Task] = []
    guess = 0.0
    for task in waiting:
        few.append(task)
        guess += effort.seconds(task.scenario)
        if guess > MOMENT:
            return few, True
    return few, False


@dataclass(slots=True, eq=False)
class _Job:
    """A task, and how many workers it may have ended."""

    task: Task
    losses: int = 0


class _Handout:
    """What is handed out, to whom, and what has come back."""

    def __init__(self, tasks: Iterator[Task], crew: Crew, time_limit: float | None) -> None:
        self._tasks = tasks
        self._crew = crew
        self._limit = time_limit
        self._back: deque[_Job] = deque()
        self._suspects: deque[_Job] = deque()
        self._out: dict[Future[Done], tuple[int, list[_Job]]] = {}
        self._tickets = itertools.count()
        self._pace = math.inf
        self._in_vain = 0

    def outcomes(self) -> Iterator[tuple[Task, Outcome]]:
        """Hand out everything, and yield what comes back."""
        try:
            while self._hand_out():
                finished, _ = wait(self._out, timeout=_LOOK_EVERY, return_when=FIRST_COMPLETED)
                self._crew.look(self._limit)
                lost: dict[int, list[_Job]] = {}
                for future in finished:
                    yield from self._take_back(future, lost)
                if lost:
                    yield from self._recover(lost)
        finally:
            for future in self._out:
                future.cancel()

    def _hand_out(self) -> bool:
        """Fill the window; tells whether there is anything left to wait for."""
        if self._suspects:
            if not self._out:
                self._submit([self._suspects.popleft()])
        else:
            while len(self._out) < self._crew.window:
                jobs = self._next()
                if not jobs or not self._submit(jobs):
                    break
        return bool(self._out or self._back or self._suspects)

    def _next(self) -> list[_Job]:
        """Take as many jobs as are worth handing out together."""
        size = max(1, math.ceil(self._crew.worth / self._pace)) if self._pace else 1
        jobs = [self._back.popleft() for _ in range(min(size, len(self._back)))]
        jobs.extend(_Job(task) for task in itertools.islice(self._tasks, size - len(jobs)))
        return jobs

    def _submit(self, jobs: list[_Job]) -> bool:
        ticket = next(self._tickets)
        try:
            future = self._crew.submit(ticket, tuple(job.task for job in jobs), self._limit)
        except BrokenExecutor:
            # A worker died between two batches. Those that are out will tell; if there are none, nothing was lost.
            self._back.extendleft(reversed(jobs))
            if not self._out:
                self._crew.casualties()
                self._lost_in_vain()
            return False
        self._out[future] = (ticket, jobs)
        return True

    def _take_back(self, future: Future[Done], lost: dict[int, list[_Job]]) -> Iterator[tuple[Task, Outcome]]:
        ticket, jobs = self._out.pop(future)
        try:
            done = future.result()
        except (Exception, CancelledError) as error:
            if not self._crew.is_loss(error):
                told = self._crew.told(error)
                if told is error:
                    raise
                raise told from error
            lost[ticket] = jobs
            return
        self._in_vain = 0
        count = len(done.outcomes)
        self._pace = done.seconds / count
        self._back.extendleft(reversed(jobs[count:]))
        for job, outcome in zip(jobs, done.outcomes, strict=False):
            yield job.task, outcome

    def _recover(self, lost: dict[int, list[_Job]]) -> Iterator[tuple[Task, Outcome]]:
        """Find out what may have ended a worker, and hand out the rest again."""
        if self._crew.falls_together:
            for future in wait(self._out).done:
                yield from self._take_back(future, lost)
        casualties = self._crew.casualties()
        begun = False
        for ticket, jobs in lost.items():
            for place, job in enumerate(jobs):
                if (ticket, place) in casualties.overdue and self._limit is not None:
                    begun = True
                    yield job.task, _failed(job.task, TimeLimitError.after(self._limit))
                elif casualties.suspects is None or (ticket, place) in casualties.suspects:
                    begun = True
                    job.losses += 1
                    if job.losses < self._crew.tries:
                        self._suspects.append(job)
                    else:
                        yield job.task, _failed(job.task, _lost(job.losses))
                else:
                    self._back.append(job)
        if not begun:
            self._lost_in_vain()

    def _lost_in_vain(self) -> None:
        """Workers ended, and not because of what they were making.

        Raises
        ------
        CrewError
            If that happens again and again.
        """
        self._in_vain += 1
        if self._in_vain >= _LOSSES:
            raise CrewError(
                f"worker processes ended {_LOSSES} times in a row before they had begun anything."
            )


def _lost(times: int) -> WorkerLostError:
    return WorkerLostError(f"the process that made it ended without a word, {times} times")


def _failed(task: Task, error: SimclinicError) -> Failure:
    return Failure.of(error, number=task.number, seed=task.seed)
