"""Whoever writes a results folder: has it alone, knows what it holds, and leaves it told.

What the folders of a run, of a sweep and of a comparison have in common.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from simclinic.store import manifest
from simclinic.store.errors import FolderError, told
from simclinic.store.lock import Lock
from simclinic.store.manifest import Identity


class Writer(ABC):
    """A results folder, locked by its writer.

    Parameters
    ----------
    path
        The folder.
    identity
        Which study it belongs to.
    arguments
        Of the command, for the manifest; no absolute paths.
    """

    def __init__(self, path: Path, identity: Identity, arguments: Mapping[str, Any]) -> None:
        self.path = path
        self.identity = identity
        self._arguments = arguments
        self._manifest: dict[str, Any] = {}
        self._lock = Lock(path)

    def _take(self, begin: Callable[[], None]) -> None:
        """Lock the folder, made if need be, and begin; it is given back if that fails.

        Raises
        ------
        FolderError
            If it cannot be written, is being written, or holds something else.
        """
        with told(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            try:
                self._lock.acquire()
                self._manifest = self._claimed()
                begin()
            except BaseException:
                self._lock.release()
                raise

    def _claimed(self) -> dict[str, Any]:
        """Give the manifest to go on with: a new one if the folder is empty.

        Raises
        ------
        FolderError
            If it holds something else.
        """
        known = manifest.read(self.path)
        if known is not None:
            manifest.check(self.path, known, self.identity)
            return known | {
                "arguments": dict(self._arguments),
                "overrides": list(self._arguments.get("set", ())),
            }
        if any(not entry.name.startswith(".") for entry in self.path.iterdir()):
            raise FolderError(
                f"{self.path}: is not empty and holds no results of simclinic. Choose another folder "
                "with --out."
            )
        fresh = manifest.new(self.identity, self._arguments)
        # First of all: a folder that has anything else but no manifest is nobody's, and would be refused.
        manifest.write(self.path, fresh)
        return fresh

    @abstractmethod
    def write(self) -> None:
        """Put everything finished, and the manifest, into the files.

        Raises
        ------
        FolderError
            If it cannot be written; what was finished before is kept.
        """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not isinstance(error, FolderError):
                self._manifest["ended"] = manifest.now()
                self.write()
        finally:
            self._lock.release()
