"""Runs without simulating, so that a sweep's own work can be watched: figures that follow from point and number.

`python -m tests.faults.invented ARGUMENTS` is the command line with these runs, slowed down enough to be killed.
"""

import sys
import time

import numpy as np

from simclinic.experiment.replication import Replication
from simclinic.measures import KPIS


def outcomes(tasks, executor, *, time_limit=None):
    for task in tasks:
        kpis = {
            name: float("nan") if at == 5 and task.number == 3 else task.point + at / 7 + task.number / 3
            for at, name in enumerate(KPIS)
        }
        yield task, Replication(task.number, task.seed, kpis, {}, {}, np.zeros(0, dtype=np.int64), {}, {})


def slowly(tasks, executor, *, time_limit=None):
    for count, result in enumerate(outcomes(tasks, executor)):
        if count % 10 == 0:
            time.sleep(0.005)
        yield result


if __name__ == "__main__":
    from simclinic.cli import main
    from simclinic.store import sweep_folder
    from simclinic.studies import sweep

    sweep.outcomes = slowly
    sweep_folder.WRITE_EVERY = 0.1
    main(sys.argv[1:])
