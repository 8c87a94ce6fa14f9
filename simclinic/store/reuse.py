"""Reuse of finished replications of another folder with the same identity.

Equal identities give equal results, so the comparison of two scenarios that have been run already need not simulate
them again. Damaged parts of the other folder are skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simclinic.store import manifest
from simclinic.store.errors import FolderError
from simclinic.store.manifest import Identity
from simclinic.store.part_files import Part, parts_of
from simclinic.store.tables import DamagedError, Own


def reuse_replications(
    path: Path, identity: Identity, among: Path, own: Own | None = None
) -> tuple[Path, int] | None:
    """Copy the replications of the same study from the folder that has most of them into an empty one.

    Parameters
    ----------
    path
        The folder to fill, locked by the caller, with a subfolder for each table.
    identity
        The study it belongs to.
    among
        A folder of results folders and of folders of multi-scenario studies.
    own
        Columns of the scenario's tables beside those of all.

    Returns
    -------
    tuple or None
        The other folder, and the number of replications; None if there are none.

    Raises
    ------
    OSError
        If they cannot be written.
    """
    for _, other in sorted(_same_study(path, identity, among), reverse=True):
        count, digests = 0, manifest.digests(other)
        for number in parts_of(other):
            source = Part(other, number, own)
            try:
                source.load(digests)
            except (DamagedError, OSError):
                continue
            copy = Part(path, number, own)
            copy.entries, copy.changed = source.entries, bool(source.entries)
            copy.write()
            count += len(copy.entries)
        if count:
            return other, count
    return None


def _same_study(path: Path, identity: Identity, among: Path) -> Iterator[tuple[int, Path]]:
    """Find folders of the same study, with the number of replications in the manifest of each."""
    for pattern in (f"*/{manifest.NAME}", f"*/*/{manifest.NAME}"):
        for file in among.glob(pattern):
            other = file.parent
            try:
                stored = manifest.read(other)
                if stored is None or other.resolve() == path.resolve() or not stored.get("done"):
                    continue
                manifest.check(other, stored, identity)
                if manifest.note_versions(stored, allowed=False):
                    continue
            except (FolderError, OSError):
                continue
            yield stored["done"], other
