"""The lock of a results folder: one writer at a time.

The operating system holds the lock and releases it however the process ends. A file beside it holds the process
id, for the message to a second writer; it holds no name of a machine or a person.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from filelock import FileLock, Timeout

from simclinic.store.errors import FolderError

_LOCK, _HOLDER = ".lock", ".writer"


class Lock:
    """The lock of a results folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / _LOCK)

    def acquire(self) -> None:
        """Acquire the lock without waiting.

        Raises
        ------
        FolderError
            If another process holds it.
        """
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise FolderError(
                f"{self._folder}: another simclinic is writing there just now{self._holder()}."
            ) from None
        # A new file each time: if a link lies in its place, the file it points to is not changed.
        (self._folder / _HOLDER).unlink(missing_ok=True)
        with (self._folder / _HOLDER).open("x", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")

    def release(self) -> None:
        """Release the lock, if it is held."""
        if not self._lock.is_locked:
            return
        with contextlib.suppress(OSError):
            (self._folder / _HOLDER).unlink(missing_ok=True)
        self._lock.release()

    def _holder(self) -> str:
        try:
            return f" (process {int((self._folder / _HOLDER).read_text(encoding='ascii'))})"
        except (OSError, ValueError):
            return ""
