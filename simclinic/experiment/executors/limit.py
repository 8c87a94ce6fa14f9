"""A time limit for replications that do not end.

Where the operating system has an alarm clock and the work is done in the main thread, the alarm is used: it
interrupts even a sleep. Elsewhere another thread watches the time and raises the exception in the working thread,
which happens between two lines of Python. Neither interrupts compiled code that does not return; against that,
the executor of processes kills the whole process.

>>> with limited(5.0):
...     print("soon done")
soon done
"""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from simclinic.errors import SimclinicError


class TimeLimitError(SimclinicError):
    """A replication took longer than it may."""

    @classmethod
    def after(cls, seconds: float) -> TimeLimitError:
        """Word the error of a replication that was given so many seconds."""
        return cls(f"took longer than the time limit of {seconds:g} s")


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Raise TimeLimitError in this thread if the block takes longer than so many seconds; None: no limit."""
    if seconds is None:
        yield
    elif threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
        with _alarm(seconds):
            yield
    else:
        with _watched(seconds):
            yield


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TimeLimitError.after(seconds)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _watched(seconds: float) -> Iterator[None]:
    thread = ctypes.c_ulong(threading.get_ident())
    over, turn = threading.Event(), threading.Lock()

    def raise_there(error: type[BaseException] | None) -> None:
        wanted = None if error is None else ctypes.py_object(error)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, wanted)

    def watch() -> None:
        if not over.wait(seconds):
            with turn:
                if not over.is_set():
                    raise_there(_NowError)

    class _NowError(TimeLimitError):
        """The interpreter creates an exception raised from outside without arguments; this one words itself."""

        def __init__(self) -> None:
            super().__init__(str(TimeLimitError.after(seconds)))

    _NowError.__name__ = TimeLimitError.__name__
    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        with turn:
            over.set()
            # The watcher may have raised it at the very end of the block: clear it, so that no later code meets it.
            raise_there(None)
