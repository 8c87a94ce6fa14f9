"""Kills of every kind of process, at any moment: nothing finished is lost, and the data are the same.

The same study is killed and gone on with until each kind has had its share. What was in the files before a kill
must be there after it.
"""

import os
import random
import shutil
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from simclinic.store.reader import table
from tests.experiment.local_cluster import local_cluster
from tests.faults.processes import below, data, helpers, start, wait_for, workers

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")

COUNT = 40
STUDY = ("--replications", COUNT, "--set", "run.weeks=26")


def finished(out):
    """Give the replications that are kept: none before the first part, whose directory is made just before it."""
    runs = table(out, "runs") if (out / "runs").is_dir() else {}
    return set(runs["replication"].tolist()) if runs else set()


def victims(process, kind, cluster):
    if kind == "driver":
        return {process.pid}
    if kind == "helper":
        return helpers(process.pid)
    if kind == "worker":
        return workers(process.pid)
    if kind == "dask worker":
        return below(cluster.workers.pid)
    return {cluster.scheduler.pid}


def kill_and_go_on(simclinic, scenario, tmp_path, kinds, kills, seed):
    """Kill one of a kind after another; gives how many by kind, and how often all was finished and begun again."""
    moments = random.Random(seed)
    alone = tmp_path / "alone"
    assert simclinic("run", scenario, *STUDY, "--workers", 1, "--out", alone).status == 0
    killed, again = Counter(), 0
    out, clusters = tmp_path / "out", 0
    while sum(killed.values()) < kills:
        kind = kinds[sum(killed.values()) % len(kinds)]
        by_dask = "dask" in kind
        if by_dask:
            clusters += 1
            with local_cluster(tmp_path / f"dask-{clusters}") as cluster:
                killed[kind] += _one(scenario, out, kind, cluster, moments)
        else:
            killed[kind] += _one(scenario, out, kind, None, moments)
        if len(finished(out)) == COUNT:
            assert data(out).keys() >= {"runs/part-00000.parquet"}
            shutil.rmtree(out)
            again += 1
    assert simclinic("run", scenario, *STUDY, "--workers", 1, "--out", out).status == 0
    assert data(out) == data(alone)
    assert not list(out.rglob("*.damaged-*"))
    return killed, again


def _one(scenario, out, kind, cluster, moments):
    """Begin or go on, kill one process, see that nothing is gone that was there; tells whether one was killed."""
    before = finished(out)
    options = ("--cluster", cluster.address) if cluster else ("--workers", 2)
    process = start("run", scenario, *STUDY, "--out", out, *options)
    wait_for(lambda: victims(process, kind, cluster) or process.poll() is not None)
    time.sleep(moments.uniform(0.0, 1.0))
    result = sorted(victims(process, kind, cluster)) if process.poll() is None else []
    hit = bool(result)
    if hit:
        try:
            os.kill(moments.choice(result), signal.SIGKILL)
        except ProcessLookupError:
            hit = False
    if kind in ("dask scheduler", "driver"):
        time.sleep(0.2)
        process.kill()  # without a scheduler it would wait for half a minute for another
    output, err = process.communicate(timeout=120)
    assert "Traceback" not in err, err
    gone = kind.startswith("dask") and err.startswith("Error: the cluster")  # said, and nothing lost
    assert process.returncode in (0, -signal.SIGKILL) or gone, (kind, output, err)
    assert finished(out) >= before
    return hit


def test_kills_of_every_kind_on_this_machine(simclinic, scenario, tmp_path):
    killed, _ = kill_and_go_on(simclinic, scenario, tmp_path, ["driver", "helper", "worker"], 3, seed=1)
    assert sum(killed.values()) == 3


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning")
def test_two_hundred_kills(simclinic, scenario, tmp_path, capsys):
    kinds = ["driver", "helper", "worker", "dask worker", "dask scheduler"]
    killed, again = kill_and_go_on(simclinic, scenario, tmp_path, kinds, 200, seed=2)
    assert set(killed) == set(kinds)
    with capsys.disabled():
        for kind, count in sorted(killed.items()):
            print(f"\n{count:5} kills of a {kind}: nothing lost", end="")
        print(f"\n{again:5} times all was finished, and begun again", end="")
