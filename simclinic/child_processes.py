"""What starting a process needs: signals that it inherits blocked, and a quiet helper that cleans up after it."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator
from multiprocessing import resource_tracker


@contextlib.contextmanager
def signals_blocked() -> Iterator[None]:
    """Block Ctrl-C and the end of a terminal for processes started meanwhile: this process handles both.

    A new process cannot ask not to be interrupted before it has imported what it needs; so it inherits blocked
    signals. The caller runs :func:`start_resource_tracker` first, since starting that helper unblocks Ctrl-C.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_resource_tracker() -> None:
    """Start the process that cleans up after a killed process, without a warning on the screen."""
    before = sys.warnoptions[:]
    sys.warnoptions.append("ignore:resource_tracker:UserWarning")
    try:
        with signals_blocked():
            resource_tracker.ensure_running()
    finally:
        sys.warnoptions[:] = before
