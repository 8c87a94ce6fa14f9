"""Whether an error means that memory ran short: the machine's fault then, not the program's, nor a file's.

A limit on memory (`ulimit -v`, a container's, a batch system's) shows in many places: an array that cannot be made,
a library that cannot be loaded, a thread or a process that cannot be started.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

FLOOR = 384 << 20
"""Bytes of address space without which no command is begun."""

_NUMBERS = (errno.ENOMEM, errno.EAGAIN)
_WORDS = (
    "cannot allocate memory",
    "failed to map segment",
    "can't start new thread",
    "launch worker thread",
    "resource temporarily unavailable",
    "out of memory",
    "malloc of size",
    "cannot apply additional memory protection",
)
"""In what libraries say, in small letters."""

TOLD = (
    "memory ran short: {what}. What was finished is kept, and the same command goes on with it. Give it more "
    "memory (a limit is shown by `ulimit -v`, or set by a container or batch system), end other programs, or use "
    "fewer processes with --workers 1."
)


def spare() -> None:
    """Take as little as can be where memory has a limit; before numpy is loaded.

    Its linear algebra makes a thread for each processor while it is loaded, with room for each, and may hang for
    ever where a thread cannot be had. Nothing here is large enough to need a second one.

    Raises
    ------
    MemoryError
        If not even the packages would find room; some of them would not end then.
    """
    try:
        import resource
    except ImportError:  # not on Windows
        return
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return
    if limit < FLOOR:
        raise MemoryError(
            f"the limit is {limit >> 20} MB, and the packages alone take more than {FLOOR >> 20} MB"
        )
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def short(error: BaseException) -> str | None:
    """Say what could not be had, if memory ran short; None if it was something else."""
    for each in _chain(error):
        told = " ".join(str(each).split())
        if isinstance(each, MemoryError):
            return told or "no room for more data"
        if isinstance(each, OSError) and each.errno in _NUMBERS:
            return each.strerror or told
        if isinstance(each, Exception) and any(words in told.lower() for words in _WORDS):
            return told[:200]
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Go through an error and those it came from."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
