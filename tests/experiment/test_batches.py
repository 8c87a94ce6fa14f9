"""Batches: they take a second or so, hold replications in a row, and the last ones are small."""

from concurrent.futures import Future

import pytest

from simclinic.experiment import Task, outcomes
from simclinic.experiment.executors import batch as batches
from simclinic.experiment.executors.base import Executor
from simclinic.experiment.executors.batch import BatchResult, in_a_row, run_batch
from simclinic.experiment.executors.task_runner import TaskRunner
from simclinic.past.past import Competition, Past
from simclinic.scenario import baseline, with_overrides

CLINIC = baseline()
STEADY = with_overrides(
    CLINIC,
    [
        'run.begin="steady"',
        "run.warm_up_weeks=2",
        "run.weeks=1",
        "run.history_weeks=60",
        "run.history_delay_days=0.5",
    ],
)


class Recorded(Executor):
    """Says how long replications took, and keeps the numbers of each batch."""

    workers = 2

    def __init__(self, seconds):
        self.seconds = seconds
        self.batches = []
        self.points = []

    def submit(self, batch, tasks, time_limit):
        self.batches.append([task.number for task in tasks])
        self.points.append({task.point for task in tasks})
        done = Future()
        done.set_result(BatchResult([task.number for task in tasks], self.seconds * len(tasks)))
        return done

    def shutdown(self):
        pass


def numbered(count, **more):
    return [Task(0, CLINIC, 1, number, competition=Competition(), **more) for number in range(count)]


def test_batches_take_a_second_and_the_last_are_small():
    executor = Recorded(0.1)
    assert sorted(number for _, number in outcomes(numbered(100), executor)) == list(range(100))
    sizes = [len(each) for each in executor.batches]
    assert sizes[:4] == [1, 1, 1, 1]  # nothing is known yet
    assert max(sizes) == sizes[4] == 10
    assert sizes[-3:] == [8, 4, 4]
    # What replications took is known when the study goes on.
    executor.batches = []
    list(outcomes(numbered(100), executor))
    assert len(executor.batches[0]) == 10


def test_the_first_replications_do_not_wait_for_others_in_their_batch():
    """Somebody looks at the first figures; how long a replication takes is known from the study before."""
    executor = Recorded(0.1)
    executor.seconds_each = 0.1
    assert sorted(number for _, number in outcomes(numbered(100), executor, soon=2)) == list(range(100))
    assert [len(each) for each in executor.batches[:4]] == [1, 1, 10, 10]


def test_few_replications_are_shared_by_all_workers():
    executor = Recorded(0.001)
    executor.seconds_each = 0.001
    list(outcomes(numbered(8), executor))
    assert [len(each) for each in executor.batches] == [4, 4]
    # Half a second of each worker is divided once: the pasts of a batch are computed together.
    executor.seconds_each, executor.batches = 0.2, []
    executor.seconds = 0.2
    list(outcomes(numbered(8), executor))
    assert [len(each) for each in executor.batches] == [4, 2, 2]


def test_how_many_there_are_need_not_be_known():
    executor = Recorded(0.25)
    assert len([*outcomes(iter(task for task in numbered(9)), executor)]) == 9
    assert [len(each) for each in executor.batches] == [1, 1, 1, 1, 4, 1]


def test_parts_of_one_simulation_stay_together(monkeypatch):
    executor = Recorded(0.9)
    list(outcomes(numbered(12, parts=4), executor))
    assert executor.batches == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    # A batch that has become long ends after a whole simulation.
    monkeypatch.setattr(batches, "LONG", -1.0)
    runner = Counting()
    assert run_batch(runner, numbered(8, parts=4), None).outcomes == [0, 1, 2, 3]
    assert run_batch(runner, numbered(8), None).outcomes == [0]


def points_of(count, each, **more):
    clinics = [with_overrides(STEADY, [f"clinic.chairs={chairs}"]) for chairs in range(1, count + 1)]
    return [Task(point, clinic, 1, n, **more) for point, clinic in enumerate(clinics) for n in range(each)]


def test_a_worker_that_has_made_the_pilots_of_a_point_simulates_all_its_replications(monkeypatch):
    executor = Recorded(0.1)
    executor.seconds_each = 0.1
    result = [(task.point, number) for task, number in outcomes(points_of(6, 16), executor)]
    assert sorted(result) == [(point, number) for point in range(6) for number in range(16)]
    # A batch would have 10; those of the last point are shared by both workers.
    assert [len(each) for each in executor.batches] == [16, 16, 16, 16, 16, 8, 4, 4]
    assert executor.points[:5] == [{0}, {1}, {2}, {3}, {4}]
    # Points of many, or of heavy, replications are divided all the same.
    executor.batches, executor.seconds_each, executor.seconds = [], 1.0, 1.0
    list(outcomes(points_of(4, 16), executor))
    assert [len(each) for each in executor.batches[:4]] == [10, 6, 10, 6]
    # Where no worker makes pilots, nothing is gained.
    executor.batches, executor.seconds_each, executor.seconds = [], 0.1, 0.1
    list(outcomes(points_of(6, 16, competition=Competition()), executor))
    assert [len(each) for each in executor.batches[:4]] == [10, 10, 10, 10]
    # A batch that has become long goes on to the end of its point, but not for ever.
    monkeypatch.setattr(batches, "LONG", -1.0)
    assert run_batch(Counting(), points_of(2, 4), None).outcomes == [0, 1, 2, 3]
    monkeypatch.setattr(batches, "LONG_OF_POINT", -1.0)
    assert run_batch(Counting(), points_of(2, 4), None).outcomes == [0]


class Counting:
    """Does nothing but keep what it is asked."""

    def __init__(self):
        self.rows = []

    def run(self, task, time_limit, row):
        self.rows.append(row)
        return task.number


def test_replications_in_a_row_are_those_of_one_scenario_without_a_gap():
    other = with_overrides(CLINIC, ["clinic.chairs=5"])
    tasks = [Task(0, CLINIC, 1, number) for number in (0, 1, 2, 5, 6)]
    tasks += [Task(1, other, 1, number) for number in (7, 8)]
    assert in_a_row(tasks) == [3, 2, 1, 2, 1, 2, 1]
    runner = Counting()
    run_batch(runner, tasks, None)
    assert runner.rows == [3, 2, 1, 2, 1, 2, 1]
    # One task alone does not say what follows; and what may be late has to do with its own past only.
    runner = Counting()
    run_batch(runner, tasks[:1], None)
    run_batch(runner, tasks[:2], 60.0)
    assert runner.rows == [None, None, None]


def test_replications_that_a_search_adds_are_looked_ahead_to(monkeypatch):
    found, live = [], Past.live
    monkeypatch.setattr(
        Past,
        "live",
        lambda past, streams, *others: found.append(len(streams)) or live(past, streams, *others),
    )
    runner, more = TaskRunner(), with_overrides(STEADY, ["run.replications=20"])
    for number in range(2):
        runner.run(Task(0, with_overrides(STEADY, ["run.replications=2"]), 1, number))
    for number in range(2, 6):
        runner.run(Task(0, more, 1, number))
    assert found == [1, 1, 4]


@pytest.mark.parametrize(
    ("numbers", "sizes"), [(range(3, 8), [5]), ((2, 3, 4, 9), [3, 1]), (range(20), [16, 4])]
)
def test_pasts_of_replications_in_a_row_are_computed_together(numbers, sizes, monkeypatch):
    found, live = [], Past.live

    def counted(past, streams, *others):
        found.append(len(streams))
        return live(past, streams, *others)

    monkeypatch.setattr(Past, "live", counted)
    monkeypatch.setattr(batches, "LONG", 60.0)
    tasks = [Task(0, STEADY, 1, number) for number in numbers]
    together = run_batch(TaskRunner(), tasks, None).outcomes
    assert found == sizes
    alone = [TaskRunner().run(task) for task in tasks[:2]]
    assert [each.kpis for each in alone] == [
        pytest.approx(each.kpis, rel=0, nan_ok=True) for each in together[:2]
    ]
