"""Replications submitted to an executor: each outcome comes back once, the same from every executor."""

import threading
import time

import numpy as np
import pytest

from simclinic.experiment import (
    Failure,
    Prepared,
    Replication,
    SerialExecutor,
    Task,
    outcomes,
    replicate,
    replication,
)
from simclinic.experiment.executors import task_runner
from simclinic.experiment.executors.limit import TimeLimitError, limited
from simclinic.scenario import baseline, with_overrides

SMALL = with_overrides(baseline(), ['run.begin="empty"', "run.warm_up_weeks=2", "run.weeks=2"])
OTHER = with_overrides(SMALL, ["clinic.chairs=1"])


def same(one: Replication, two: Replication) -> bool:
    return (
        one.number == two.number
        and np.array_equal(list(one.kpis.values()), list(two.kpis.values()), equal_nan=True)
        and all(np.array_equal(one.weeks[name], two.weeks[name]) for name in one.weeks)
        and np.array_equal(one.ramp, two.ramp)
    )


def test_every_task_comes_back_once_with_its_outcome():
    tasks = [
        Task(point, scenario, 5, number)
        for point, scenario in enumerate((SMALL, OTHER))
        for number in range(2)
    ]
    with SerialExecutor() as executor:
        result = dict(outcomes(tasks, executor))
    assert set(result) == set(tasks)
    for task, outcome in result.items():
        assert same(outcome, replicate(Prepared(task.scenario), task.seed, task.number))


def test_antithetic_replications_are_pairs_of_mirrored_luck():
    (even, plain), (odd, mirrored) = outcomes([Task(0, SMALL, 5, n, True) for n in (6, 7)], SerialExecutor())
    assert (even.number, odd.number) == (6, 7)
    assert plain.kpis == pytest.approx(replicate(Prepared(SMALL), 5, 3).kpis, nan_ok=True)
    assert (plain.number, mirrored.number) == (6, 7)
    assert plain.kpis["infusions_per_week"] != mirrored.kpis["infusions_per_week"]


def test_tasks_are_taken_as_they_are_needed():
    taken = []

    def endless():
        number = 0
        while True:
            taken.append(number)
            yield Task(0, SMALL, 1, number)
            number += 1

    result = outcomes(endless(), SerialExecutor())
    next(result)
    assert taken == [0]


def test_a_plan_is_laid_out_once_for_all_replications(monkeypatch):
    made = []
    monkeypatch.setattr(
        task_runner,
        "Prepared",
        lambda scenario, *others, **named: made.append(scenario) or Prepared(scenario, *others, **named),
    )
    again, more = with_overrides(SMALL, []), with_overrides(SMALL, ["run.replications=77"])
    tasks = [Task(0, scenario, 1, 0) for scenario in (SMALL, OTHER, again, OTHER, more)]
    list(outcomes(tasks, SerialExecutor()))
    assert made == [SMALL, OTHER]


def test_a_replication_that_never_ends_fails_and_the_rest_goes_on(monkeypatch):
    measure = replication.measure
    seen = iter(range(9))

    def sometimes(records, *more):
        if next(seen) == 1:
            time.sleep(60)
        return measure(records, *more)

    monkeypatch.setattr(replication, "measure", sometimes)
    begun = time.monotonic()
    results = [
        outcome
        for _, outcome in outcomes([Task(0, SMALL, 1, n) for n in range(3)], SerialExecutor(), time_limit=2)
    ]
    assert time.monotonic() - begun < 20
    assert [type(outcome) for outcome in results] == [Replication, Failure, Replication]
    assert (results[1].number, results[1].seed) == (1, 1)
    assert results[1].error == "TimeLimitError: took longer than the time limit of 2 s"


@pytest.mark.parametrize("where", ["main thread", "another thread"])
def test_time_is_up(where):
    met = []

    def busy():
        try:
            with limited(0.1):
                while True:
                    pass
        except TimeLimitError as error:
            met.append(str(error))
        with limited(0.05):
            pass
        with limited(None):
            time.sleep(0.15)  # nothing comes late
        met.append("went on")

    if where == "main thread":
        busy()
    else:
        thread = threading.Thread(target=busy)
        thread.start()
        thread.join(20)
    assert met == ["took longer than the time limit of 0.1 s", "went on"]
