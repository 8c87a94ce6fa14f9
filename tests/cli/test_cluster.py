"""A cluster as README starts it, and a comparison on one: the same bytes as here."""

import contextlib
import json
import os
import shlex
import signal
import socket
import subprocess
import sys

import pytest

from tests.docs.pages import ROOT, blocks
from tests.experiment.local_cluster import local_cluster

pytestmark = [
    # what dask says about itself to its developers
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

distributed = pytest.importorskip(
    "distributed", reason="dask.distributed is not installed: pip install 'simclinic[cluster]'"
)

PORT = "8786"


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_a_comparison_by_two_workers_of_a_cluster_prints_the_same_bytes(simclinic, scenario, tmp_path):
    arguments = (
        "compare",
        scenario,
        "--protocols",
        "twice-weekly,thrice-weekly",
        "--replications",
        12,
        "--json",
    )
    here = simclinic(*arguments, "--workers", 1, "--out", tmp_path / "here")
    with local_cluster(tmp_path / "dask") as cluster:
        with distributed.Client(cluster.address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        there = simclinic(*arguments, "--cluster", cluster.address, "--out", tmp_path / "there")
    assert (here.status, there.status) == (0, 0), there.err
    assert there.out == here.out
    assert [each["name"] for each in json.loads(there.out)["scenarios"]] == ["twice-weekly", "thrice-weekly"]


def test_readme_starts_a_cluster_in_two_lines(simclinic, scenario, tmp_path):
    """Word for word, but for where the programs are, a port that is free, and a clinic run in a blink."""
    (block,) = (each for each in blocks("README.md") if "dask scheduler" in each.text)
    port = free_port()
    lines = [shlex.split(line.replace(PORT, port)) for line in block.text.splitlines()]
    install, scheduler, worker, run = lines
    assert install == [".venv/bin/pip", "install", "-c", "constraints.txt", ".[cluster]"]
    assert (scheduler[:2], worker[:2]) == ([".venv/bin/dask", "scheduler"], [".venv/bin/dask", "worker"])
    assert run == [
        ".venv/bin/simclinic",
        "run",
        "scenarios/baseline.toml",
        "--cluster",
        f"tcp://127.0.0.1:{port}",
    ]
    with contextlib.ExitStack() as started:
        for line in (scheduler, worker):
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *line[1:]],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=tmp_path,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                start_new_session=True,
            )
            started.callback(process.wait, 30)
            started.callback(os.killpg, process.pid, signal.SIGKILL)
        with distributed.Client(run[-1], timeout=60, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        there = simclinic("run", scenario, *run[3:], "--json", "--out", tmp_path / "there")
    here = simclinic("run", scenario, "--json", "--out", tmp_path / "here")
    assert there.status == 0, there.err
    assert there.out == here.out
