"""A results folder of a few documents without tables, rewritten each time; and files added to a finished folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from simclinic.store import manifest
from simclinic.store.atomic import write_atomically
from simclinic.store.errors import as_folder_errors
from simclinic.store.folder_writer import FolderWriter
from simclinic.store.lock import Lock
from simclinic.store.tables import sha256


class DocumentFolder(FolderWriter):
    """Writer of a results folder whose files are all rewritten each time."""

    rewritten = True

    def __enter__(self) -> Self:
        """Create the folder if it does not exist, and lock it.

        Raises
        ------
        FolderError
            If it cannot be written, is locked by another process, or holds other results.
        """
        self._acquire(self.write)
        return self

    def finish(self, files: Mapping[str, str]) -> None:
        """Write the files, by name."""
        with as_folder_errors(self.path):
            for name, text in files.items():
                self._store(name, text.encode())


def add_files(folder: Path, files: Mapping[str, str]) -> None:
    """Add files to a finished results folder, by name, and record their digests in its manifest.

    Raises
    ------
    FolderError
        If they cannot be written, or another process is writing there.
    """
    lock = Lock(folder)
    with as_folder_errors(folder):
        lock.acquire()
        try:
            entries: dict[str, Any] = manifest.read(folder, advice=manifest.ELSEWHERE) or {}
            for name, text in files.items():
                content = text.encode()
                write_atomically(folder, name, content)
                entries.setdefault(manifest.FILES, {})[name] = sha256(content)
            manifest.write(folder, entries)
        finally:
            lock.release()
