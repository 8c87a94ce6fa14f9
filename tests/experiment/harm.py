"""Replications that do harm in the process that makes them."""

import ctypes
import os
import signal
import struct
import sys
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


def halfway():
    """Die while handing in results, of which others have the first bytes."""
    _half_a_result()
    die()


def stuck():
    """Never get on with handing in results."""
    _half_a_result()
    time.sleep(1000)


def _half_a_result():
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        frame = frame.f_back
    results = frame.f_locals["result_queue"]
    results._wlock.acquire()
    os.write(results._writer.fileno(), struct.pack("!i", 1000) + b"half")


def slow():
    time.sleep(0.3)


HARMS = {harm.__name__: harm for harm in (die, crash, fail, loop, hang, slow, halfway, stuck)}


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

    def armed(*tables):
        replication.measure = measure
        harm()
        return measure(*tables)

    replication.measure = armed
