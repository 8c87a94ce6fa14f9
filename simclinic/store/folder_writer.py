"""Base class for writers of results folders: lock, manifest, cleanup."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from simclinic.store import manifest
from simclinic.store.atomic import remove_unfinished, write_together
from simclinic.store.errors import FolderError, OtherVersionError, as_folder_errors
from simclinic.store.lock import Lock
from simclinic.store.manifest import Identity
from simclinic.store.tables import digest_of, sha256


class FolderWriter:
    """Base class for writers: lock, manifest, cleanup.

    Parameters
    ----------
    path
        The folder.
    identity
        The study it belongs to.
    arguments
        Arguments of the command, for the manifest; no absolute paths. With `mix_versions` a folder that was begun
        with other versions of packages is resumed.
    """

    tables: ClassVar[tuple[str, ...]] = ()
    """Subfolders that hold part files."""
    rewritten: ClassVar[bool] = False
    """Whether everything in it is rewritten each time, so that no versions can be mixed."""

    def __init__(self, path: Path, identity: Identity, arguments: Mapping[str, Any]) -> None:
        self.path = path
        self.identity = identity
        self._arguments = arguments
        self._manifest: dict[str, Any] = {}
        self._lock = Lock(path)

    def _acquire(self, begin: Callable[[], None]) -> None:
        """Create the folder if it does not exist, lock it and call `begin`; release it if that fails.

        Raises
        ------
        FolderError
            If it cannot be written, is locked by another process, or holds other results.
        """
        with as_folder_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            try:
                self._lock.acquire()
                self._manifest = self._open_manifest()
                remove_unfinished(self.path, self.tables)
                for name in self.tables:
                    (self.path / name).mkdir(exist_ok=True)
                begin()
            except BaseException:
                self._lock.release()
                raise

    def _open_manifest(self) -> dict[str, Any]:
        """Return the manifest of the study that is resumed, or a new one for an empty folder.

        Raises
        ------
        FolderError
            If the folder holds other results.
        """
        stored = manifest.read(self.path, advice=manifest.ELSEWHERE)
        if stored is not None:
            manifest.check(self.path, stored, self.identity)
            if self.rewritten:
                return manifest.new(self.identity, self._arguments) | {"started": stored.get("started")}
            other = manifest.note_versions(stored, allowed=bool(self._arguments.get("mix_versions")))
            if other:
                raise OtherVersionError(
                    self.path,
                    f"{self.path}: was begun with other versions ({'; '.join(other)}), so its figures may "
                    "differ in their last digits. Use those versions, choose another folder with --out, or mix "
                    "them with --mix-versions.",
                )
            return stored | {
                "arguments": dict(self._arguments),
                "overrides": list(self._arguments.get("set", ())),
            }
        if any(not entry.name.startswith(".") for entry in self.path.iterdir()):
            raise FolderError(
                f"{self.path}: is not empty and contains no results of simclinic. Choose another folder "
                "with --out."
            )
        fresh = manifest.new(self.identity, self._arguments)
        # Written first: a folder that has files but no manifest is refused.
        manifest.write(self.path, fresh)
        return fresh

    def _store(self, name: str, content: bytes | memoryview) -> None:
        """Write a file that is not a part file, unless it is there already, and record its digest.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        self._store_all({name: content})

    def _store_all(self, contents: Mapping[str, bytes | memoryview]) -> None:
        """Do so for several files, at the same time."""
        digests = self._manifest.setdefault(manifest.FILES, {})
        wanted = {name: sha256(content) for name, content in contents.items()}
        new = {
            name: digest
            for name, digest in wanted.items()
            if not (digests.get(name) == digest and self._holds(name, digest))
        }
        write_together(self.path, {name: contents[name] for name in new})
        digests.update(new)

    def _holds(self, name: str, digest: str) -> bool:
        try:
            return digest_of(self.path / name) == digest
        except OSError:
            return False

    def write(self) -> None:
        """Write everything finished, and the manifest; the base class has only the manifest.

        Raises
        ------
        FolderError
            If it cannot be written; what was written before stays.
        """
        with as_folder_errors(self.path):
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
