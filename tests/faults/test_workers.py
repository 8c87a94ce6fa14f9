"""Workers that are killed, a driver that is killed, Ctrl-C: nothing is lost, and nobody stays behind."""

import json
import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.processes import (
    AT_ONCE_IN_A_CROWD,
    HEAVY,
    OFTEN,
    alive,
    below,
    data,
    helpers,
    kept,
    press,
    processor_time,
    start,
    wait_for,
    wait_until_kept,
    workers,
)

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")


LONGER = ("--set", "run.weeks=104")
"""So that a study lasts as long as it takes to kill somebody a few times."""


def start_heavy(scenario, out):
    return start("run", scenario, "--out", out, "--workers", 2, *HEAVY)


def kill_one(processes: set[int]) -> int | None:
    """The process killed; None if there is none, or if all ended by themselves (a pool that loses one ends all)."""
    for process in sorted(processes):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
            return process
    return None


def test_killed_workers_cost_nothing(simclinic, scenario, tmp_path):
    """Each of them when more is finished: so it is at work, and most is still to come."""
    count, out = 200, tmp_path / "out"
    arguments = ("--out", out, "--replications", count, "--workers", 2, "--json")
    process = start("run", scenario, *arguments, program=OFTEN)
    killed: set[int] = set()
    for finished in (1, 20):
        wait_until_kept(process, out, finished)
        killed.add(wait_for(lambda: kill_one(workers(process.pid) - killed)))
    output, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    alone = simclinic(
        "run", scenario, "--replications", count, "--workers", 1, "--out", tmp_path / "one", "--json"
    )
    assert output == alone.out
    assert data(out) == data(tmp_path / "one")


@pytest.mark.parametrize("kills", [1, pytest.param(20, marks=pytest.mark.long)])
def test_the_helper_that_starts_workers_can_die(simclinic, scenario, tmp_path, kills):
    """It takes its workers along; before, studies ended of it with "Unexpected EOF" and the status of Ctrl-C."""
    count, out = 15 * kills, tmp_path / "out"
    arguments = ("--out", out, "--replications", count, "--workers", 2, "--json", *LONGER)
    process = start("run", scenario, *arguments, program=OFTEN)
    killed: set[int] = set()
    while len(killed) < kills and process.poll() is None:
        result = wait_for(lambda: helpers(process.pid) - killed or process.poll() is not None)
        # Also while it starts, and starts others; dying again and again before anything is begun is given up.
        more = kept(out) + 1 - len(killed) % 2
        wait_for(lambda least=more: kept(out) >= least or process.poll() is not None)
        if process.poll() is not None:
            break
        time.sleep(0.5 * random.Random(len(killed)).random())
        if helper := kill_one(result):
            killed.add(helper)
    output, err = process.communicate(timeout=300)
    assert killed
    assert (process.returncode, err) == (0, "")
    alone = simclinic(
        "run", scenario, "--replications", count, "--workers", 1, "--out", tmp_path / "one", "--json", *LONGER
    )
    assert output == alone.out
    assert data(out) == data(tmp_path / "one")
    assert len(killed) > kills / 2


def test_an_end_of_file_is_no_ctrl_c(simclinic, scenario, tmp_path, monkeypatch):
    def ends(*_arguments, **_more):
        raise EOFError("unexpected")

    monkeypatch.setattr("simclinic.studies.run.outcomes", ends)
    result = simclinic("run", scenario, "--out", tmp_path / "out", "--workers", 1)
    assert result.status == 1
    assert "EOFError" in result.err
    assert "Interrupted" not in result.err


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_driver_leaves_nobody_behind(scenario, tmp_path, number):
    process = start_heavy(scenario, tmp_path / "out")
    wait_for(lambda: len(workers(process.pid)) >= 2)
    family = below(process.pid)
    assert len(family) >= 3
    process.send_signal(number)
    process.communicate(timeout=60)
    wait_for(lambda: not alive(family), 20)


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_is_obeyed_at_once_while_workers_are_busy(scenario, tmp_path, presses):
    process = start_heavy(scenario, tmp_path / "out")
    wait_for(lambda: sum(processor_time(worker) > 0.3 for worker in workers(process.pid)) >= 2)
    family = below(process.pid)
    output, err, seconds = press(process, presses)
    assert seconds < AT_ONCE_IN_A_CROWD
    assert process.returncode == 130
    assert output == ""
    assert len(err.strip().splitlines()) == 1
    assert err.strip().startswith("Interrupted")
    wait_for(lambda: not alive(family), 20)
    if presses == 1:
        manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
        assert (manifest["planned"], manifest["done"]) == (3, 0)


def test_ctrl_c_while_workers_start_leaves_nobody_behind(scenario, tmp_path):
    process = start_heavy(scenario, tmp_path / "out")
    family = wait_for(lambda: below(process.pid))
    _, err, _ = press(process)
    assert process.returncode == 130
    assert "Traceback" not in err
    wait_for(lambda: not alive(family), 20)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_replication_that_takes_too_long_is_data(simclinic, scenario, tmp_path, workers):
    arguments = ("--workers", workers, "--time-limit", 0.05, "--replications", 2, "--json")
    result = simclinic("run", scenario, *HEAVY, "--out", tmp_path / "out", *arguments)
    assert result.status == 1
    assert "TimeLimitError: took longer than the time limit of 0.05 s" in result.err
    rows = [json.loads(line) for line in (tmp_path / "out" / "failures.jsonl").read_text().splitlines()]
    assert [row["replication"] for row in rows] == [0, 1]
    assert json.loads(result.out)["warnings"][0] == "2 of 2 replications failed and are left out"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--workers", "0"), "--workers must be at least 1 (is 0)."),
        (("--workers", "2", "--cluster", "tcp://127.0.0.1:1"), "--workers and --cluster exclude each other"),
        (("--time-limit", "0"), "--time-limit must be more than 0"),
        (("--time-limit", "nan"), "--time-limit must be more than 0"),
        (("--time-limit", "inf"), "--time-limit must be more than 0"),
    ],
)
def test_an_impossible_executor_is_refused(simclinic, scenario, tmp_path, arguments, message):
    result = simclinic("run", scenario, "--out", tmp_path / "out", *arguments)
    assert result.status == 2
    assert message in result.err
    assert "Traceback" not in result.err
