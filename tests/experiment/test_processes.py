"""Worker processes: light, started when needed, and hard to break."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest

from simclinic.experiment import (
    ExecutorError,
    Failure,
    ProcessExecutor,
    Replication,
    SerialExecutor,
    Task,
    executor_for,
    outcomes,
    runner,
)
from simclinic.experiment.executors import processors
from simclinic.scenario import baseline, with_overrides
from tests.experiment.harm import Harmful

SMALL = with_overrides(baseline(), ['run.begin="empty"', "run.warm_up_weeks=2", "run.weeks=2"])


def tasks(count: int, **harms: list[int]) -> list[Task]:
    """Give so many tasks, some of which do harm."""
    results = [Task(0, SMALL, 1, number) for number in range(count)]
    for harm, numbers in harms.items():
        for number in numbers:
            results[number] = Harmful(0, SMALL, 1, number, harm=harm, asked_by=os.getpid())
    return results


def by_number(tasks, executor, **options):
    result = {}
    for task, outcome in outcomes(tasks, executor, **options):
        assert task.number == outcome.number
        assert task.number not in result
        result[task.number] = outcome
    return result


def check(result, count: int, failed: set[int]) -> None:
    assert sorted(result) == list(range(count))
    assert {number for number, one in result.items() if isinstance(one, Failure)} == failed
    expected = {outcome.number: outcome for _, outcome in outcomes(tasks(count), SerialExecutor())}
    for number, one in result.items():
        if isinstance(one, Replication):
            assert repr(one.kpis) == repr(expected[number].kpis)


def test_workers_import_nothing_heavy():
    program = (
        "import sys, simclinic.experiment.executors.worker\n"
        "heavy = ('pandas', 'pyarrow', 'scipy.stats', 'rich', 'click', 'plotly', 'tomlkit', 'tree_sitter',"
        " 'dask', 'distributed')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def imported() -> list[str]:
    return sorted({"pandas", "pyarrow", "rich", "click", "plotly"} & set(sys.modules))


def test_workers_do_not_import_the_program_that_called_them():
    with ProcessExecutor(1) as executor:
        executor.submit(0, tasks(1), None).result()
        # by name, from this file: the worker imports it now, but not what the tests run in
        assert executor.pool.submit(imported).result() == []


def test_a_script_needs_no_guard(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "print('once')\n"
        "from simclinic.experiment import ProcessExecutor, Task, outcomes\n"
        "from simclinic.scenario import baseline, with_overrides\n"
        "small = with_overrides(baseline(), ['run.warm_up_weeks=0', 'run.weeks=1'])\n"
        "with ProcessExecutor(2) as executor:\n"
        "    print(len(list(outcomes([Task(0, small, 1, n) for n in range(4)], executor))))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["once", "4"]
    assert done.stderr == ""


def test_batches_are_taken_from_an_endless_stream_as_they_are_needed():
    taken = []

    def endless():
        number = 0
        while True:
            taken.append(number)
            yield Task(0, SMALL, 1, number)
            number += 1

    with ProcessExecutor(2) as executor:
        result = outcomes(endless(), executor)
        for _ in range(3):
            next(result)
        assert len(taken) < 300
    # what was still being made is not waited for


@pytest.mark.parametrize("harm", ["die", "crash", pytest.param("halfway", marks=pytest.mark.long)])
def test_what_kills_its_worker_is_found_and_the_rest_is_made(harm):
    with ProcessExecutor(2) as executor:
        result = by_number(tasks(12, **{harm: [2, 7]}), executor)
    check(result, 12, {2, 7})
    assert result[2].error == "WorkerLostError: its worker process ended without a message, 3 times"
    assert result[2].seed == 1


def test_a_pool_is_shut_down_while_results_are_sent():
    """Ctrl-C kills the workers; a result that one of them had begun to send is not waited for."""
    with ProcessExecutor(1) as executor:
        executor.submit(0, tasks(1, stuck=[0]), None)
        end = time.monotonic() + 30
        while not any(begun for *_, begun in executor._running()):
            assert time.monotonic() < end, "it is never begun"
            time.sleep(0.02)
        time.sleep(1)  # it is stuck by now; if it is not yet, the test is easier to pass
        leaving = threading.Thread(target=executor.shutdown, daemon=True)
        leaving.start()
        leaving.join(30)
        assert not leaving.is_alive()


def test_a_replication_that_raises_is_data():
    with ProcessExecutor(2) as executor:
        result = by_number(tasks(6, fail=[3]), executor)
    check(result, 6, {3})
    assert result[3].error == "ZeroDivisionError: the model broke"
    assert "replication.py" in result[3].traceback


def test_what_never_ends_is_ended_and_the_rest_is_made():
    with ProcessExecutor(2) as executor:
        begun = time.monotonic()
        result = by_number(tasks(8, loop=[1], hang=[5]), executor, time_limit=2)
        assert time.monotonic() - begun < 30
    check(result, 8, {1, 5})
    for number in (1, 5):
        assert result[number].error == "TimeLimitError: took longer than the time limit of 2 s"


def test_workers_killed_from_outside_cost_nothing():
    executor = ProcessExecutor(2)
    over = threading.Event()
    killed = []

    def kill():
        while not over.wait(1.0) and len(killed) < 2:
            for process in list(executor._processes.values())[:1]:
                process.kill()
                killed.append(process.pid)

    with executor:
        thread = threading.Thread(target=kill)
        thread.start()
        result = by_number(tasks(40, slow=list(range(40))), executor)
        over.set()
        thread.join()
    assert len(killed) == 2
    check(result, 40, set())


def test_a_pool_that_never_gets_to_work_is_given_up(monkeypatch):
    monkeypatch.setattr("simclinic.experiment.executors.worker.start", os._exit)
    with ProcessExecutor(2) as executor, pytest.raises(ExecutorError, match="before they had begun anything"):
        by_number(tasks(4), executor)


def test_leaving_early_waits_for_nobody():
    begun = time.monotonic()
    with ProcessExecutor(2) as executor:
        for task, _ in outcomes(tasks(6, loop=[1, 2, 3, 4, 5]), executor):
            assert task.number == 0
            break
    assert time.monotonic() - begun < 15


DRIVER = """
import os
from simclinic.experiment import ProcessExecutor, outcomes
from tests.experiment.test_processes import tasks
with ProcessExecutor(1) as executor:
    executor.submit(0, tasks(1), None).result()
    print(*executor._processes, flush=True)
    list(outcomes(tasks(2, hang=[0, 1]), executor))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends processes whose interpreter hangs")
def test_a_worker_that_hangs_does_not_outlive_its_driver():
    root = Path(__file__).parents[2]
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert driver.stdout is not None
    worker = int(driver.stdout.readline())
    os.kill(worker, 0)
    time.sleep(3)  # it hangs by now; if it does not yet, the test is easier to pass
    driver.kill()
    driver.wait(20)
    driver.stdout.close()
    end = time.monotonic() + 10
    while alive(worker):
        assert time.monotonic() < end, "it is still there"
        time.sleep(0.05)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_executor_that_options_ask_for(monkeypatch):
    monkeypatch.setattr("simclinic.experiment.executors.processors", lambda: 4)
    default, two, one = executor_for(), executor_for(2), executor_for(1)
    assert (type(default), default.workers, default.serial_if_small) == (ProcessExecutor, 4, True)
    assert (type(two), two.workers, two.serial_if_small) == (ProcessExecutor, 2, False)
    assert type(one) is SerialExecutor
    monkeypatch.setattr("simclinic.experiment.executors.processors", lambda: 1)
    assert type(executor_for()) is SerialExecutor
    assert processors() >= 1
    for wrong in (0, -1):
        with pytest.raises(ExecutorError, match="--workers must be at least 1"):
            executor_for(wrong)
    with pytest.raises(ExecutorError, match="exclude each other"):
        executor_for(2, "tcp://127.0.0.1:8786")
    with pytest.raises(ExecutorError, match="--time-limit must be more than 0"):
        list(outcomes([], one, time_limit=0))


def test_small_work_starts_no_worker():
    executor = ProcessExecutor(2, serial_if_small=True)
    with executor:
        check(by_number(tasks(5), executor), 5, set())
        assert executor._pool is None
        assert executor.helpers == 1
        # Unless it is part of a search.
        executor.expect_much()
        assert executor.helpers == 2
        check(by_number(tasks(5), executor), 5, set())
        assert executor._pool is not None


@pytest.mark.parametrize("why", ["a guess", "a wrong guess"])
def test_larger_work_does(why, monkeypatch):
    monkeypatch.setattr(runner, "SMALL", 0.02 if why == "a guess" else 1e-9)
    monkeypatch.setattr(runner.effort, "seconds", lambda scenario: 0.01 if why == "a guess" else 0.0)
    executor = ProcessExecutor(2, serial_if_small=True)
    with executor:
        check(by_number(tasks(6), executor), 6, set())
        assert executor._pool is not None


@pytest.mark.parametrize("broken", [True, False])
def test_a_pool_that_breaks_while_a_process_is_started_is_a_loss_and_other_trouble_is_not(
    monkeypatch, broken
):
    with ProcessExecutor(1) as executor:
        pool = executor.pool

        def fails(*_arguments):
            raise OSError("handle is closed")

        monkeypatch.setattr(pool, "submit", fails)
        monkeypatch.setattr(pool, "_broken", "a worker ended" if broken else False)
        with pytest.raises(BrokenExecutor if broken else OSError):
            executor.submit(0, tasks(1), None)
