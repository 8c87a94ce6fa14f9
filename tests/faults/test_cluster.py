"""A cluster that cannot be reached, that is not installed, whose workers die, that goes away."""

import contextlib
import gc
import os
import signal
import sys
import threading
import time

import pytest

from simclinic.experiment import ExecutorError, Failure, SerialExecutor, Task, outcomes
from simclinic.experiment.executors import dask
from simclinic.experiment.executors.dask import DaskExecutor
from simclinic.experiment.executors.limit import TimeLimitError
from simclinic.scenario import baseline, with_overrides
from tests.experiment.harm import Harmful
from tests.experiment.local_cluster import local_cluster
from tests.faults.processes import (
    AT_ONCE,
    AT_ONCE_IN_A_CROWD,
    HEAVY,
    below,
    press,
    processor_time,
    start,
    wait_for,
)

pytestmark = [
    # what dask says about itself to its developers
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

SMALL = with_overrides(baseline(), ['run.begin="empty"', "run.warm_up_weeks=2", "run.weeks=2"])


@pytest.fixture
def running(tmp_path):
    pytest.importorskip(
        "distributed", reason="dask.distributed is not installed: pip install 'simclinic[cluster]'"
    )
    with local_cluster(tmp_path / "dask") as result:
        yield result


def harmful(harm: str, number: int) -> Task:
    return Harmful(0, SMALL, 1, number, harm=harm, asked_by=os.getpid())


def by_number(tasks, executor, **options):
    results = [(task.number, outcome) for task, outcome in outcomes(tasks, executor, **options)]
    assert len(dict(results)) == len(results)
    return dict(results)


def processes(executor) -> list[int]:
    """Ask the workers of a cluster for their processes."""
    return list(executor._client.run(os.getpid).values())


def test_no_client_is_finalised_while_another_begins(monkeypatch):
    """Both would need one lock in one thread: it hung once in some hundred runs of these tests."""
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    collecting = []

    def client(*_, **__):
        collecting.append(gc.isenabled())
        raise OSError("nobody is there")

    monkeypatch.setattr(distributed, "Client", client)
    with pytest.raises(ExecutorError, match="cannot be reached: nobody is there"), DaskExecutor("tcp://a:1"):
        pass
    assert collecting == [False]
    assert gc.isenabled()


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "127.0.0.1:1", "nonsense", "nonsense://127.0.0.1:8786", ""]
)
def test_a_cluster_that_cannot_be_reached_is_told(simclinic, scenario, tmp_path, monkeypatch, address):
    pytest.importorskip("distributed", reason="dask.distributed is not installed")
    monkeypatch.setattr(dask, "CONNECT", 1.0)
    result = simclinic("run", scenario, "--out", tmp_path / "out", "--cluster", address)
    assert result.status == 2
    assert f"the cluster at {address} cannot be reached" in result.err
    assert "Traceback" not in result.err
    assert not (tmp_path / "out").exists()


def test_a_connection_that_does_not_begin_is_told(simclinic, scenario, tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")

    def stalls(*_arguments, **_more):
        raise AssertionError

    monkeypatch.setattr(distributed, "Client", stalls)
    result = simclinic("run", scenario, "--out", tmp_path / "out", "--cluster", "tcp://127.0.0.1:1")
    assert result.status == 2
    assert "the cluster at tcp://127.0.0.1:1 cannot be reached: AssertionError" in result.err


def test_without_dask_it_says_what_to_install(simclinic, scenario, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = simclinic("run", scenario, "--out", tmp_path / "out", "--cluster", "tcp://127.0.0.1:8786")
    assert result.status == 2
    assert "pip install 'simclinic[cluster]'" in result.err


def test_workers_that_die_cost_nothing_and_what_kills_them_is_found(running):
    with DaskExecutor(running.address) as executor:
        over = threading.Event()

        def kill():
            time.sleep(1.0)
            with contextlib.suppress(ProcessLookupError, IndexError, OSError):
                os.kill(processes(executor)[0], signal.SIGKILL)
            over.set()

        thread = threading.Thread(target=kill)
        thread.start()
        result = by_number([harmful("slow", number) for number in range(20)], executor)
        thread.join()
        assert over.is_set()
        assert sorted(result) == list(range(20))
        expected = by_number([Task(0, SMALL, 1, number) for number in range(20)], SerialExecutor())
        assert {n: repr(one.kpis) for n, one in result.items()} == {
            n: repr(one.kpis) for n, one in expected.items()
        }


def test_what_raises_or_never_ends_is_data(running):
    with DaskExecutor(running.address) as executor:
        tasks = [harmful("fail", 0), harmful("loop", 1), Task(0, SMALL, 1, 2)]
        result = by_number(tasks, executor, time_limit=5)
    assert result[0].error == "ZeroDivisionError: the model broke"
    assert result[1].error == f"{TimeLimitError.__name__}: took longer than the time limit of 5 s"
    assert not isinstance(result[2], Failure)


def test_a_worker_with_another_program_is_refused(running, monkeypatch):
    monkeypatch.setattr(dask, "program", lambda *_: "simclinic 99")
    with DaskExecutor(running.address) as executor, pytest.raises(ExecutorError, match="simclinic 99"):
        by_number([Task(0, SMALL, 1, 0)], executor)


def test_a_cluster_that_goes_away_is_told(running, monkeypatch):
    def study():
        with DaskExecutor(running.address) as executor:
            monkeypatch.setattr(dask, "JOIN", 3.0)
            for number, _ in enumerate(outcomes([harmful("slow", n) for n in range(200)], executor)):
                if number == 2:
                    running.stop()

    with pytest.raises(ExecutorError, match="is gone") as error:
        study()
    assert error.value.exit_status == 1


@pytest.mark.parametrize(
    ("presses", "most"),
    [(1, AT_ONCE_IN_A_CROWD), (2, AT_ONCE_IN_A_CROWD), pytest.param(1, AT_ONCE, marks=pytest.mark.long)],
)
def test_ctrl_c_is_obeyed_at_once(running, scenario, tmp_path, presses, most, capsys):
    process = start("run", scenario, "--out", tmp_path / "out", "--cluster", running.address, *HEAVY)
    wait_for((tmp_path / "out" / "manifest.json").exists)
    before = {worker: processor_time(worker) for worker in below(running.workers.pid)}
    # both are at work on replications that take half a minute
    wait_for(lambda: sum(processor_time(worker) > at + 0.5 for worker, at in before.items()) >= 2)
    output, err, seconds = press(process, presses)
    with capsys.disabled():
        print(f"\non a cluster, pressed {presses} times: gone after {seconds:.2f} s")
    assert seconds < most
    assert (process.returncode, output) == (130, "")
    assert err.strip().startswith("Interrupted")
    assert len(err.strip().splitlines()) == 1


@pytest.mark.long
def test_what_kills_every_worker_is_found(running):
    with DaskExecutor(running.address) as executor:
        result = by_number([Task(0, SMALL, 1, 0), harmful("die", 1), Task(0, SMALL, 1, 2)], executor)
    assert sorted(number for number, one in result.items() if isinstance(one, Failure)) == [1]
    assert "WorkerLostError" in result[1].error
