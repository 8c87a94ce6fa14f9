"""Being told to stop, by Ctrl-C or by the system: the first time in good order, the second time at once.

In good order means that workers are sent home, that everything finished is written, and that what is kept is said.
A batch system sends SIGTERM before it kills, a terminal that is closed sends SIGHUP, Ctrl-C is SIGINT. What is kept
when the second one comes is what was in the files by then, as after a power cut.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from types import FrameType

_HEARD = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_BY_THEMSELVES = (signal.default_int_handler, signal.SIG_DFL)
STDERR = 2

_first_heard = signal.SIGINT


def obey() -> None:
    """Listen, unless the caller of this process wants a signal ignored (as `nohup` does) or listens already."""
    for number in _HEARD:
        if signal.getsignal(number) in _BY_THEMSELVES:
            signal.signal(number, _first)


def obeyed() -> None:
    """Stop listening: all is written and this process is ending, so one more could only disturb."""
    for number in _HEARD:
        if signal.getsignal(number) is _second:
            signal.signal(number, signal.SIG_IGN)


def status() -> int:
    """Give the exit status of what was stopped: 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP."""
    return 128 + _first_heard


def by() -> str:
    """Say by what it was stopped, if not by Ctrl-C."""
    return "" if _first_heard == signal.SIGINT else f" by {signal.Signals(_first_heard).name}"


def _first(number: int, _frame: FrameType | None) -> None:
    global _first_heard  # noqa: PLW0603 (a signal is a process's, and so is what was heard)
    _first_heard = signal.Signals(number)
    # A batch system ends the workers too: threads whose pipes are gone have nothing to say any more.
    threading.excepthook = lambda _args: None
    for each in _HEARD:
        if signal.getsignal(each) is _first:
            signal.signal(each, _second)
    raise KeyboardInterrupt


def _second(number: int, _frame: FrameType | None) -> None:
    # Not through Python's own ways out: they would wait for threads, and could be interrupted in their turn.
    with contextlib.suppress(OSError):
        os.write(STDERR, b"Interrupted at once: what was written is kept.\n")
    os._exit(128 + number)
