"""What several workers bring, and what they cost: `python -m benchmarks scaling`.

It wants a machine to itself: two workers on two processors of which one is busy are no faster than one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from simclinic.experiment import Executor, ProcessExecutor, SerialExecutor, Task, outcomes
from simclinic.scenario import Scenario, baseline, with_overrides
from simclinic.studies.run import run

REPLICATIONS = 400
NULLS = 200
TURNS = 5

_FIRST_ANSWER = """
import os, time
from simclinic.experiment import ProcessExecutor
with ProcessExecutor(1) as executor:
    begun = time.perf_counter()
    executor.pool.submit(os.getpid).result()
    print(time.perf_counter() - begun)
"""


def two_against_one() -> None:
    """Time a run of 400 replications, its results folder and summary included, by one worker and by two."""
    scenario = with_overrides(
        baseline(), ['run.begin="empty"', "run.warm_up_weeks=52", f"run.replications={REPLICATIONS}"]
    )
    print(
        f"A run of {REPLICATIONS} replications of two years, kept and summarised ({os.cpu_count()} processors)"
    )
    seconds = {}
    for name, executor in (
        ("one worker", ProcessExecutor(1)),
        ("two workers", ProcessExecutor(2)),
        ("no worker", SerialExecutor()),
    ):
        with tempfile.TemporaryDirectory() as folder, executor:
            begun = time.perf_counter()
            run(scenario, out=Path(folder) / "out", executor=executor)
            seconds[name] = time.perf_counter() - begun
        ratio = seconds["one worker"] / seconds[name]
        print(f"  {name:<12} {seconds[name]:6.1f} s  {ratio:.2f} times as fast as one worker")


def null() -> None:
    """Time what it costs to have a replication made by somebody else: one of a clinic without patients."""
    empty = with_overrides(
        baseline(),
        [
            'run.begin="empty"',
            "run.warm_up_weeks=0",
            "run.weeks=1",
            "demand.referrals_per_week=0",
            "response.probability=0",
        ],
    )
    best = {"here": float("inf"), "pool": float("inf")}
    with SerialExecutor() as here, ProcessExecutor(1) as pool:
        for _ in range(TURNS):
            for name, executor in (("here", here), ("pool", pool)):
                best[name] = min(best[name], _each(empty, executor))
    print("A null replication: no patients, one week")
    print(f"  in this process    {best['here'] * 1e3:6.2f} ms")
    print(f"  by one worker      {best['pool'] * 1e3:6.2f} ms")
    print(f"  handing it out     {(best['pool'] - best['here']) * 1e3:6.2f} ms")


def _each(scenario: Scenario, executor: Executor) -> float:
    """Time a replication, in seconds, once everybody is at work."""
    for _ in outcomes([Task(0, scenario, 1, number) for number in range(5)], executor):
        pass
    begun = time.perf_counter()
    for _ in outcomes([Task(0, scenario, 1, number) for number in range(NULLS)], executor):
        pass
    return (time.perf_counter() - begun) / NULLS


def start() -> None:
    """Time how long it takes from asking for a worker to its first answer, everything imported."""
    times = []
    for _ in range(TURNS):
        done = subprocess.run(
            [sys.executable, "-c", _FIRST_ANSWER], check=True, capture_output=True, text=True
        )
        times.append(float(done.stdout))
    print(f"A worker's first answer comes after {min(times):.2f} s")


def scaling() -> None:
    """Print it all."""
    start()
    null()
    two_against_one()
