"""Ctrl-C: the first ends a command in good order, the second ends it at once.

In good order means that workers are sent home, that everything finished is written, and that what is kept is
said. Whoever has no time for that presses again: what was in the files by then is kept, as after a power cut.
"""

from __future__ import annotations

import contextlib
import os
import signal
from types import FrameType

INTERRUPTED = 130
"""The exit status."""

STDERR = 2


def obey() -> None:
    """Listen to Ctrl-C, unless whoever called this process wants it ignored or listens already."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _first)


def obeyed() -> None:
    """Stop listening: all is written and this process is ending, so one more could only disturb."""
    if signal.getsignal(signal.SIGINT) is _second:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _first(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, _second)
    raise KeyboardInterrupt


def _second(_number: int, _frame: FrameType | None) -> None:
    # Not through Python's own ways out: they would wait for threads, and could be interrupted in their turn.
    with contextlib.suppress(OSError):
        os.write(STDERR, b"Interrupted at once: what was written is kept.\n")
    os._exit(INTERRUPTED)
