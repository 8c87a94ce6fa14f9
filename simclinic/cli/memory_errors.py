"""Recognises errors that mean a shortage of memory: a problem of the machine, not of the program or a file.

A limit on memory (`ulimit -v`, a container's, a batch system's) shows in many places: an array that cannot be made,
a library that cannot be loaded, a thread or a process that cannot be started.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

FLOOR = 384 << 20
"""Least bytes of address space with which a command is begun."""

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
"""Parts of the messages of libraries, in lower case."""

MESSAGE = (
    "memory ran short: {what}. What was finished is kept, and the same command goes on with it. Give it more "
    "memory (a limit is shown by `ulimit -v`, or set by a container or batch system), end other programs, or use "
    "fewer processes with --workers 1."
)


def limit_threads() -> None:
    """Limit linear algebra to one thread where address space is limited; call it before numpy is imported.

    On import, OpenBLAS starts a thread for each processor, reserves memory for each, and may hang for ever if one
    cannot be started. No matrix here is large enough to need a second thread.

    Raises
    ------
    MemoryError
        If the limit is too small even for the packages; some of them would hang.
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


def shortage(error: BaseException) -> str | None:
    """Return what could not be allocated, if the error is a shortage of memory; otherwise None."""
    for each in _chain(error):
        text = " ".join(str(each).split())
        if isinstance(each, MemoryError):
            return text or "no room for more data"
        if isinstance(each, OSError) and each.errno in _NUMBERS:
            return each.strerror or text
        if isinstance(each, Exception) and any(words in text.lower() for words in _WORDS):
            return text[:200]
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
