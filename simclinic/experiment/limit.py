"""An end to replications that do not come to one.

Where the operating system has an alarm clock and the work is done in the main thread, the alarm is used: it even
ends a sleep. Elsewhere another thread watches the time and has the exception raised in the working one, which
happens between two lines of Python. Neither gets through to compiled code that does not return; against that a
pool ends the whole process.

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
        """Say how long it was given."""
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
    worker = ctypes.c_ulong(threading.get_ident())
    over, turn = threading.Event(), threading.Lock()

    def raise_there(error: type[BaseException] | None) -> None:
        wanted = None if error is None else ctypes.py_object(error)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(worker, wanted)

    def watch() -> None:
        if not over.wait(seconds):
            with turn:
                if not over.is_set():
                    raise_there(_NowError)

    class _NowError(TimeLimitError):
        """What is raised from outside is made without words, and finds its own."""

        def __init__(self) -> None:
            super().__init__(str(TimeLimitError.after(seconds)))

    _NowError.__name__ = TimeLimitError.__name__
    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        with turn:
            over.set()
            # It may have been asked for in the very moment of finishing: nobody else is to meet it.
            raise_there(None)
