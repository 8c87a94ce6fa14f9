"""What a large export took up while it was read is given back to the system before anything is learnt from it."""

from __future__ import annotations

import contextlib
import ctypes
import gc


def release_memory() -> None:
    """Ask the C library for the pages it keeps for later; one that has no such call keeps them."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
