"""Replications that do harm in the process that makes them."""

import ctypes
import os
import signal
import time
from dataclasses import dataclass

from simclinic.experiment import replication
from simclinic.experiment.task import Task


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def crash():
    ctypes.string_at(0)


def fail():
    raise ZeroDivisionError("the model\nbroke")


def loop():
    while True:
        pass


def hang():
    ctypes.PyDLL(None).sleep(1000)  # holding the interpreter's lock: no signal is heard


def slow():
    time.sleep(0.3)


HARMS = {harm.__name__: harm for harm in (die, crash, fail, loop, hang, slow)}


@dataclass(frozen=True, slots=True)
class Harmful(Task):
    """Does harm in the middle of a replication, if it is not made in the process that asked for it."""

    harm: str = ""
    asked_by: int = 0

    def __getattribute__(self, name):
        own = object.__getattribute__(self, name)
        if name == "antithetic" and os.getpid() != object.__getattribute__(self, "asked_by"):
            # `antithetic` is asked for when a replication begins: the harm waits for it to be measured.
            _arm(HARMS[object.__getattribute__(self, "harm")])
        return own


def _arm(harm):
    measure = replication.measure

    def armed(records, scenario):
        replication.measure = measure
        harm()
        return measure(records, scenario)

    replication.measure = armed
