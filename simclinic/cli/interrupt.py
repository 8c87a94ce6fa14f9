"""Signals that stop the program: the first one in good order, the second one at once.

In good order means that workers are stopped, finished results are written, and the message says what is stored.
Ctrl-C is SIGINT; a batch system sends SIGTERM before it kills, a closed terminal sends SIGHUP. After a second
signal the files hold what had been written by then, as after a power cut.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from types import FrameType

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_DEFAULT_HANDLERS = (signal.default_int_handler, signal.SIG_DFL)
STDERR = 2
_AGAIN_SECONDS = 0.01

_received = signal.SIGINT


def install_handlers() -> None:
    """Install the handlers, except for signals that the caller ignores (as `nohup` does) or handles already."""
    for number in _SIGNALS:
        if signal.getsignal(number) in _DEFAULT_HANDLERS:
            signal.signal(number, _first)
    sys.unraisablehook = _unraisable


def ignore_further() -> None:
    """Ignore further signals: everything is written and the process is ending."""
    for number in _SIGNALS:
        if signal.getsignal(number) is _second:
            signal.signal(number, signal.SIG_IGN)


def status() -> int:
    """Return the exit status of an interrupted command: 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP."""
    return 128 + _received


def by() -> str:
    """Return " by SIGTERM" or the like; empty after Ctrl-C."""
    return "" if _received == signal.SIGINT else f" by {signal.Signals(_received).name}"


def _first(number: int, _frame: FrameType | None) -> None:
    global _received  # noqa: PLW0603 (signals are global to the process)
    _received = signal.Signals(number)
    # A batch system ends the workers too; threads that lose their pipes then would print tracebacks.
    threading.excepthook = lambda _args: None
    for each in _SIGNALS:
        if signal.getsignal(each) is _first:
            signal.signal(each, _second)
    raise KeyboardInterrupt


def _unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Send a signal again that arrived in a finalizer: Python reports the exception there, and goes on."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
        return
    for each in _SIGNALS:
        if signal.getsignal(each) is _second:
            signal.signal(each, _first)
    again = threading.Timer(_AGAIN_SECONDS, os.kill, (os.getpid(), _received))
    again.daemon = True
    again.start()


def _second(number: int, _frame: FrameType | None) -> None:
    # A regular exit would wait for threads, and could be interrupted in its turn.
    with contextlib.suppress(OSError):
        os.write(STDERR, b"Interrupted at once: what was written is kept.\n")
    os._exit(128 + number)
