"""A cluster on this machine, started by the commands that README gives."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

QUIET = {"DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "critical"}


class LocalCluster:
    """A scheduler and two workers, reachable from this machine only."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._file = folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(self._file)
        )
        self.address = self._wait()["address"]
        places = ("--local-directory", str(folder), "--no-dashboard")
        self.workers = self._start("worker", self.address, "--nworkers", "2", "--nthreads", "1", *places)

    @staticmethod
    def _start(*command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *command, "--host", "127.0.0.1"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | QUIET,
            start_new_session=True,
            cwd=Path(__file__).parents[2],  # its workers find the tests' own replications from there
        )

    def _wait(self) -> dict[str, str]:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with contextlib.suppress(FileNotFoundError, ValueError):
                return json.loads(self._file.read_text())
            assert self.scheduler.poll() is None, "the scheduler did not start"
            time.sleep(0.1)
        raise AssertionError("the scheduler did not start in a minute")

    def stop(self) -> None:
        """End everything that was started, the workers' own processes included."""
        for process in (self.workers, self.scheduler):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)


@contextlib.contextmanager
def local_cluster(folder: Path) -> Iterator[LocalCluster]:
    """Start a cluster, and end it."""
    cluster = LocalCluster(folder)
    try:
        yield cluster
    finally:
        cluster.stop()
