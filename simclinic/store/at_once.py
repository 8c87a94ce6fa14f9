"""Folders, and files beside others, that are written in one go."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from simclinic.store import manifest
from simclinic.store.errors import told
from simclinic.store.lock import Lock
from simclinic.store.tables import sha256
from simclinic.store.whole import write_whole
from simclinic.store.writer import Writer


class AtOnce(Writer):
    """A results folder of some files, written anew each time, locked by its writer."""

    renewed = True

    def __enter__(self) -> Self:
        """Lock the folder, made if need be.

        Raises
        ------
        FolderError
            If it cannot be written, is being written, or holds something else.
        """
        self._take(self.write)
        return self

    def finish(self, files: Mapping[str, str]) -> None:
        """Write the files, by name."""
        with told(self.path):
            for name, text in files.items():
                self._keep(name, text.encode())


def add_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write more files into a finished results folder, by name, and take note of their digests.

    Raises
    ------
    FolderError
        If they cannot be written, or somebody else is writing there.
    """
    lock = Lock(folder)
    with told(folder):
        lock.acquire()
        try:
            known: dict[str, Any] = manifest.read(folder) or {}
            for name, text in files.items():
                content = text.encode()
                write_whole(folder, name, content)
                known.setdefault(manifest.FILES, {})[name] = sha256(content)
            manifest.write(folder, known)
        finally:
            lock.release()
