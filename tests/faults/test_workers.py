"""Workers that are killed, a driver that is killed, Ctrl-C: nothing is lost, and nobody stays behind."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")

HEAVY = ("--set", "run.weeks=1040", "--set", "demand.referrals_per_week=40")
"""Each replication takes seconds."""


def start(scenario: Path, out: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "simclinic", "run", str(scenario), "--out", str(out), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a group of its own, as at a terminal: Ctrl-C reaches everyone in it
        process_group=0,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )


def below(process: int) -> set[int]:
    """Find the processes that descend from one."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError):
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents[int(folder.name)] = int(parent)
    found: set[int] = set()
    wanted = {process}
    while wanted:
        wanted = {child for child, parent in parents.items() if parent in wanted}
        found |= wanted
    return found


def workers(process: int) -> set[int]:
    """Find the workers of a driver: they come from a server, beside a process that collects what others leave."""
    return {worker for child in below(process) for worker in below(child)}


def alive(processes: set[int]) -> set[int]:
    found = set()
    for process in processes:
        with contextlib.suppress(OSError):
            if (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.add(process)
    return found


def wait_for(condition, seconds: float = 60.0):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "took too long"
        time.sleep(0.02)
    return found


def data(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name not in ("manifest.json", ".lock")
    }


def test_killed_workers_cost_nothing(simclinic, scenario, tmp_path):
    process = start(scenario, tmp_path / "out", "--replications", "80", "--workers", "2", "--json")
    killed = set()
    for _ in range(2):
        worker = min(wait_for(lambda: workers(process.pid) - killed))
        time.sleep(0.3)
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
        killed.add(worker)
    said, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    alone = simclinic(
        "run", scenario, "--replications", 80, "--workers", 1, "--out", tmp_path / "one", "--json"
    )
    assert said == alone.out
    assert data(tmp_path / "out") == data(tmp_path / "one")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_driver_leaves_nobody_behind(scenario, tmp_path, number):
    process = start(scenario, tmp_path / "out", "--workers", "2", *HEAVY)
    wait_for(lambda: len(workers(process.pid)) >= 2)
    family = below(process.pid)
    assert len(family) >= 3
    process.send_signal(number)
    process.communicate(timeout=60)
    wait_for(lambda: not alive(family), 10)


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_is_obeyed_at_once_while_workers_are_busy(scenario, tmp_path, presses):
    process = start(scenario, tmp_path / "out", "--workers", "2", *HEAVY)
    wait_for(lambda: len(workers(process.pid)) >= 2)
    time.sleep(0.5)
    family = below(process.pid)
    begun = time.monotonic()
    for _ in range(presses):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.02)
    said, err = process.communicate(timeout=60)
    # two seconds on a machine of one's own; tests share theirs
    assert time.monotonic() - begun < 4
    assert process.returncode == 130
    assert said == ""
    assert len(err.strip().splitlines()) == 1
    assert err.strip().startswith("Interrupted")
    wait_for(lambda: not alive(family), 10)
    if presses == 1:
        manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
        assert (manifest["planned"], manifest["done"]) == (3, 0)


def test_ctrl_c_while_workers_start_leaves_nobody_behind(scenario, tmp_path):
    process = start(scenario, tmp_path / "out", "--workers", "2", *HEAVY)
    family = wait_for(lambda: below(process.pid))
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    wait_for(lambda: not alive(family), 10)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_replication_that_takes_too_long_is_data(simclinic, scenario, tmp_path, workers):
    arguments = ("--workers", workers, "--time-limit", 0.05, "--replications", 2, "--json")
    said = simclinic("run", scenario, *HEAVY, "--out", tmp_path / "out", *arguments)
    assert said.status == 1
    assert "TimeLimitError: took longer than the time limit of 0.05 s" in said.err
    rows = [json.loads(line) for line in (tmp_path / "out" / "failures.jsonl").read_text().splitlines()]
    assert [row["replication"] for row in rows] == [0, 1]
    assert json.loads(said.out)["warnings"][0] == "2 of 2 replications failed and are left out"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--workers", "0"), "--workers must be at least 1 (is 0)."),
        (("--workers", "2", "--cluster", "tcp://127.0.0.1:1"), "--workers and --cluster exclude each other"),
        (("--time-limit", "0"), "--time-limit must be more than 0"),
        (("--time-limit", "nan"), "--time-limit must be more than 0"),
        (("--time-limit", "inf"), "--time-limit must be more than 0"),
    ],
)
def test_a_crew_that_cannot_be_is_told(simclinic, scenario, tmp_path, arguments, told):
    said = simclinic("run", scenario, "--out", tmp_path / "out", *arguments)
    assert said.status == 2
    assert told in said.err
    assert "Traceback" not in said.err
