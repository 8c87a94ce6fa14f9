"""The writer of a results folder: has it alone, knows what it holds, and leaves it told.

What the folders of a run, of a sweep and of a comparison have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from simclinic.store import manifest
from simclinic.store.errors import FolderError, told
from simclinic.store.lock import Lock
from simclinic.store.manifest import Identity
from simclinic.store.tables import digest_of, sha256
from simclinic.store.whole import sweep, write_whole


class Writer:
    """A results folder, locked by its writer.

    Parameters
    ----------
    path
        The folder.
    identity
        Which study it belongs to.
    arguments
        Of the command, for the manifest; no absolute paths. With `mix_versions` a folder that was begun with other
        versions of packages is gone on with.
    """

    tables: ClassVar[tuple[str, ...]] = ()
    """Folders in it that hold parts."""
    renewed: ClassVar[bool] = False
    """Whether everything in it is written anew each time, so that nothing is mixed."""

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
                sweep(self.path, self.tables)
                for name in self.tables:
                    (self.path / name).mkdir(exist_ok=True)
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
            if self.renewed:
                return manifest.new(self.identity, self._arguments) | {"started": known.get("started")}
            other = manifest.mix(known, allowed=bool(self._arguments.get("mix_versions")))
            if other:
                raise FolderError(
                    f"{self.path}: was begun with other versions ({'; '.join(other)}), so its figures may "
                    "differ in their last digits. Use those versions, choose another folder with --out, or mix "
                    "them with --mix-versions."
                )
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

    def _keep(self, name: str, content: bytes | memoryview) -> None:
        """Write a file that is no part, and take note of its digest; nothing is done if it is there.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        digest, known = sha256(content), self._manifest.setdefault(manifest.FILES, {})
        if not (known.get(name) == digest and self._holds(name, digest)):
            write_whole(self.path, name, content)
            known[name] = digest

    def _holds(self, name: str, digest: str) -> bool:
        try:
            return digest_of(self.path / name) == digest
        except OSError:
            return False

    def write(self) -> None:
        """Put everything finished, and the manifest, into the files; here the manifest is all.

        Raises
        ------
        FolderError
            If it cannot be written; what was finished before is kept.
        """
        with told(self.path):
            manifest.write(self.path, self._manifest)

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
