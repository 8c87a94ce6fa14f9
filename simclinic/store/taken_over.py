"""Replications that lie finished in another folder: the same study of the same scenario, by the same program.

Equal identities give equal results, so a person who has run two scenarios and then compares them need not wait for
them again. What is damaged over there is left there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simclinic.store import manifest
from simclinic.store.errors import FolderError
from simclinic.store.manifest import Identity
from simclinic.store.parts import Part, parts_of
from simclinic.store.tables import Damaged


def take_over(path: Path, identity: Identity, among: Path) -> tuple[Path, int] | None:
    """Fill an empty results folder with the replications of the fullest folder of the same study.

    Parameters
    ----------
    path
        The folder to fill, locked by the caller, with its tables' folders made.
    identity
        Which study it belongs to.
    among
        The folder in which results folders lie, and comparisons with those of their scenarios.

    Returns
    -------
    tuple or None
        The folder they are from, and how many they are; None if there are none.

    Raises
    ------
    OSError
        If they cannot be written.
    """
    for _, other in sorted(_same(path, identity, among), reverse=True):
        count, known = 0, manifest.digests(other)
        for number in parts_of(other):
            there = Part(other, number)
            try:
                there.load(known)
            except (Damaged, OSError):
                continue
            here = Part(path, number)
            here.entries, here.changed = there.entries, bool(there.entries)
            here.write()
            count += len(here.entries)
        if count:
            return other, count
    return None


def _same(path: Path, identity: Identity, among: Path) -> Iterator[tuple[int, Path]]:
    """Find folders of the same study, with how many replications each says it has."""
    for pattern in (f"*/{manifest.NAME}", f"*/*/{manifest.NAME}"):
        for file in among.glob(pattern):
            other = file.parent
            try:
                known = manifest.read(other)
                if known is None or other.resolve() == path.resolve() or not known.get("done"):
                    continue
                manifest.check(other, known, identity)
                if manifest.mix(known, allowed=False):
                    continue
            except (FolderError, OSError):
                continue
            yield known["done"], other
