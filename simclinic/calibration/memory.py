"""Memory that a large export took up while it was read, returned to the system before estimation begins."""

from __future__ import annotations

import contextlib
import ctypes
import gc


def release_memory() -> None:
    """Collect garbage, and ask the C library to return free pages; without such a call it keeps them."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
