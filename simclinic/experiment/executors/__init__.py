"""Executors: they run the replications of a study. All of them return the same outcomes.

>>> with executor_for(workers=1) as executor:
...     executor.workers
1
"""

from __future__ import annotations

import os

from simclinic.experiment.executors.base import Executor, ExecutorError
from simclinic.experiment.executors.processes import ProcessExecutor
from simclinic.experiment.executors.serial import SerialExecutor

__all__ = ["Executor", "ExecutorError", "ProcessExecutor", "SerialExecutor", "executor_for", "processors"]


def executor_for(workers: int | None = None, cluster: str | None = None) -> Executor:
    """Create the executor that the options of a command ask for.

    Parameters
    ----------
    workers
        The number of processes; 1 means this process. None: one for each processor that may be used, unless the
        work is small.
    cluster
        The address of a cluster's scheduler, instead.

    Raises
    ------
    ExecutorError
        If there cannot be such an executor.
    """
    if cluster is not None:
        if workers is not None:
            raise ExecutorError(
                "--workers and --cluster exclude each other: a cluster has the workers that it has."
            )
        from simclinic.experiment.executors.dask import DaskExecutor

        return DaskExecutor(cluster)
    if workers is not None and workers < 1:
        raise ExecutorError(f"--workers must be at least 1 (is {workers}).")
    wanted = processors() if workers is None else workers
    if wanted == 1:
        return SerialExecutor()
    return ProcessExecutor(wanted, serial_if_small=workers is None)


def processors() -> int:
    """Count the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
