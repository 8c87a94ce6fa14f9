"""Runs many replications: submits them to an executor in batches, and yields their outcomes as they are finished.

>>> from simclinic.experiment.executors import SerialExecutor
>>> from simclinic.scenario import baseline, replace
>>> small = replace(baseline(), run={"begin": "empty", "warm_up_weeks": 0, "weeks": 2})
>>> tasks = [Task(point=0, scenario=small, seed=1, number=number) for number in range(2)]
>>> with SerialExecutor() as executor:
...     sorted(outcome.number for task, outcome in outcomes(tasks, executor))
[0, 1]

When workers die, replications that were not running at that moment are submitted again. Those that were are
suspected of having ended them: each suspect is run alone, so that no other replication is lost with it, and one
that ends three workers is recorded as failed.
"""

from __future__ import annotations

import itertools
import math
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass
from operator import length_hint

from simclinic.errors import SimclinicError
from simclinic.experiment import effort
from simclinic.experiment.executors import Executor, ExecutorError, SerialExecutor
from simclinic.experiment.executors.batch import LONG_OF_POINT, BatchResult, goes_on, stays
from simclinic.experiment.executors.limit import TimeLimitError
from simclinic.experiment.failure import Failure
from simclinic.experiment.replication import Outcome
from simclinic.experiment.task import Task

SMALL = 2.0
"""Seconds of work for which no worker is started."""

SHORT = 0.5
"""Seconds of a worker's part of the rest that is not divided further."""

LONGEST = 1e6
"""Seconds that can be given as a time limit: twelve days, which alarm clocks can still count."""

_CHECK_EVERY = 0.25
_MAX_IDLE_LOSSES = 10
"""Losses in a row with nothing running after which the study is given up: a death may count as two."""


class WorkerLostError(SimclinicError):
    """Running a replication ended its worker, every time."""


def outcomes(
    tasks: Iterable[Task], executor: Executor, *, time_limit: float | None = None, soon: int = 0
) -> Iterator[tuple[Task, Outcome]]:
    """Run replications.

    Parameters
    ----------
    tasks
        The replications; taken as they are needed, so there may be very many.
    executor
        Runs them.
    time_limit
        Seconds after which a replication counts as failed; None: never.
    soon
        How many of the first replications are waited for: each of them is a batch of its own.

    Yields
    ------
    tuple
        A task and its `Replication` or `Failure`, as each is finished, in any order.

    Raises
    ------
    ExecutorError
        If the executor is lost for good.
    """
    if time_limit is not None and not 0 < time_limit <= LONGEST:
        raise ExecutorError(
            f"--time-limit must be more than 0 and at most {LONGEST:g} seconds (is {time_limit:g})."
        )
    count, waiting = length_hint(tasks), iter(tasks)
    for first in itertools.islice(waiting, 1):
        waiting = itertools.chain([first], waiting)
        if not executor.remote:
            seconds = count * effort.seconds(first.scenario)
            executor.compiler.before(first.scenario, seconds, executor.workers)
    if executor.serial_if_small:
        few, more = _small_part(waiting)
        waiting = itertools.chain(few, waiting)
        if not more:
            begun = time.monotonic()
            for finished in outcomes(waiting, SerialExecutor(), time_limit=time_limit):
                yield finished
                count -= 1
                if time.monotonic() - begun > SMALL:
                    break
    yield from _Runner(waiting, count, executor, time_limit, soon).outcomes()


def _small_part(waiting: Iterator[Task]) -> tuple[list[Task], bool]:
    """Take as many tasks as count as small work, by a guess; tells also whether there is more."""
    few: list[Task] = []
    guess = 0.0
    for task in waiting:
        few.append(task)
        guess += effort.seconds(task.scenario)
        if guess > SMALL:
            return few, True
    return few, False


@dataclass(slots=True, eq=False)
class _Job:
    """A task, and how many workers it may have ended."""

    task: Task
    losses: int = 0


class _Runner:
    """The batches in flight, and the tasks that are to be submitted again.

    Parameters
    ----------
    tasks, count
        The tasks, and how many they are; 0 or less: not known.
    executor, time_limit, soon
        As for :func:`outcomes`.
    """

    def __init__(
        self, tasks: Iterator[Task], count: int, executor: Executor, time_limit: float | None, soon: int
    ) -> None:
        self._tasks = tasks
        self._peeked: deque[Task] = deque()
        self._left = count
        self._share = 0  # tasks of each worker, once the rest is short
        self._executor = executor
        self._limit = time_limit
        self._soon = soon
        self._again: deque[_Job] = deque()
        self._suspects: deque[_Job] = deque()
        self._in_flight: dict[Future[BatchResult], tuple[int, list[_Job]]] = {}
        self._batches = itertools.count()
        self._idle_losses = 0

    def outcomes(self) -> Iterator[tuple[Task, Outcome]]:
        """Submit all tasks, and yield their outcomes."""
        try:
            while self._submit_batches():
                finished, _ = wait(self._in_flight, timeout=_CHECK_EVERY, return_when=FIRST_COMPLETED)
                self._executor.check(self._limit)
                lost: dict[int, list[_Job]] = {}
                for future in finished:
                    yield from self._collect(future, lost)
                if lost:
                    yield from self._recover(lost)
        finally:
            for future in self._in_flight:
                future.cancel()

    def _submit_batches(self) -> bool:
        """Submit as many batches as may be in flight; tells whether anything is left to wait for."""
        if self._suspects:
            if not self._in_flight:
                self._submit([self._suspects.popleft()])
        else:
            while len(self._in_flight) < self._executor.max_in_flight:
                jobs = self._next_batch()
                if not jobs or not self._submit(jobs):
                    break
        return bool(self._in_flight or self._again or self._suspects)

    def _next_batch(self) -> list[_Job]:
        executor = self._executor
        size = (
            max(1, math.ceil(executor.batch_seconds / executor.seconds_each)) if executor.seconds_each else 1
        )
        if self._left > 0:
            size = min(size, self._most_of_rest())
        if self._soon > 0:
            self._soon -= 1
            size = 1
        jobs = [self._again.popleft() for _ in range(min(size, len(self._again)))]
        new = self._take(size - len(jobs))
        while new and goes_on(new[-1].task):
            following = self._take(1)
            if not following:
                break
            new += following
        while new and self._stays_with(new):
            new += self._take(1)
        self._left -= len(new)
        return jobs + new

    def _most_of_rest(self) -> int:
        """Return the most tasks of a batch, so that all workers end together: the last batches are small.

        Work that is short is divided once and for all, because a worker computes the pasts of a batch together.
        """
        executor = self._executor
        left = self._left + len(self._again)
        each = math.ceil(left / executor.workers)
        if self._share or each * executor.seconds_each > SHORT:
            return self._share or each
        self._share = each
        return each

    def _take(self, count: int) -> list[_Job]:
        """Take so many of the tasks that were not submitted yet, or as many as there are."""
        first = [self._peeked.popleft() for _ in range(min(count, len(self._peeked)))]
        return [_Job(task) for task in (*first, *itertools.islice(self._tasks, count - len(first)))]

    def _stays_with(self, new: list[_Job]) -> bool:
        """Tell whether the next task should be run by the worker of a batch, which has prepared its scenario."""
        executor, last = self._executor, new[-1].task
        too_long = (len(new) + 1) * executor.seconds_each > LONG_OF_POINT
        alone = executor.workers == 1 or not stays(last)
        if alone or too_long or (self._left > 0 and len(new) >= self._left / executor.workers):
            return False
        if not self._peeked:
            self._peeked.extend(itertools.islice(self._tasks, 1))
        return bool(self._peeked) and self._peeked[0].scenario is last.scenario

    def _submit(self, jobs: list[_Job]) -> bool:
        batch = next(self._batches)
        try:
            future = self._executor.submit(batch, tuple(job.task for job in jobs), self._limit)
        except BrokenExecutor:
            # A worker died between two batches. Batches in flight will fail with it; if there are none, nothing
            # was lost.
            self._again.extendleft(reversed(jobs))
            if not self._in_flight:
                self._executor.recover()
                self._count_idle_loss()
            return False
        self._in_flight[future] = (batch, jobs)
        return True

    def _collect(
        self, future: Future[BatchResult], lost: dict[int, list[_Job]]
    ) -> Iterator[tuple[Task, Outcome]]:
        batch, jobs = self._in_flight.pop(future)
        try:
            result = future.result()
        except (Exception, CancelledError) as error:
            if not self._executor.is_loss(error):
                explained = self._executor.explained(error)
                if explained is error:
                    raise
                raise explained from error
            lost[batch] = jobs
            return
        self._idle_losses = 0
        count = len(result.outcomes)
        self._executor.seconds_each = result.seconds / count
        self._again.extendleft(reversed(jobs[count:]))
        for job, outcome in zip(jobs, result.outcomes, strict=False):
            yield job.task, outcome

    def _recover(self, lost: dict[int, list[_Job]]) -> Iterator[tuple[Task, Outcome]]:
        """Find out what may have ended a worker, and submit the rest again."""
        if self._executor.loss_breaks_all:
            for future in wait(self._in_flight).done:
                yield from self._collect(future, lost)
        loss = self._executor.recover()
        running = False
        for batch, jobs in lost.items():
            for place, job in enumerate(jobs):
                if (batch, place) in loss.overdue and self._limit is not None:
                    running = True
                    yield job.task, _failed(job.task, TimeLimitError.after(self._limit))
                elif loss.suspects is None or (batch, place) in loss.suspects:
                    running = True
                    job.losses += 1
                    if job.losses < self._executor.max_losses:
                        self._suspects.append(job)
                    else:
                        yield job.task, _failed(job.task, _lost(job.losses))
                else:
                    self._again.append(job)
        if not running:
            self._count_idle_loss()

    def _count_idle_loss(self) -> None:
        """Count a loss of workers that no replication has caused.

        Raises
        ------
        ExecutorError
            If that happens again and again.
        """
        self._idle_losses += 1
        if self._idle_losses >= _MAX_IDLE_LOSSES:
            raise ExecutorError(
                f"worker processes ended {_MAX_IDLE_LOSSES} times in a row before they had begun anything."
            )


def _lost(times: int) -> WorkerLostError:
    return WorkerLostError(f"its worker process ended without a message, {times} times")


def _failed(task: Task, error: SimclinicError) -> Failure:
    return Failure.of(error, number=task.number, seed=task.seed)
