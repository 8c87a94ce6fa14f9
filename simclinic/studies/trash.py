"""Clinics that were deleted: files are moved into `.simclinic/trash/`, and can be put back from there.

With a file go its texts of before, so that another clinic of the same name does not take them for its own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simclinic.errors import ScenarioError, SimclinicError
from simclinic.scenario.parse import parse
from simclinic.studies.clinic_files import KEPT, MOST_CLINICS, ClinicFile, clinic_files

TRASH = "trash"
_EARLIER = "earlier"
_NUMBER = re.compile(r"\d{6}")


@dataclass(frozen=True, slots=True)
class Deleted:
    """A clinic that was deleted.

    Attributes
    ----------
    key
        Its name in addresses of the page.
    path
        Where its file lies now.
    """

    key: str
    path: Path


def delete(clinic: ClinicFile) -> None:
    """Move a clinic's file, and its texts of before, into the trash.

    Raises
    ------
    SimclinicError
        If another clinic rests on the file, or it cannot be moved.
    """
    folder, name = clinic.path.parent, clinic.path.name
    if others := list(_resting_on(clinic)):
        raise SimclinicError(
            f"{name} cannot be deleted: {', '.join(others)} extends it. Delete that one first."
        )
    trash = folder / KEPT / TRASH
    if trash.is_symlink():
        raise SimclinicError(f"{name} cannot be deleted: {KEPT}/{TRASH} is a link.")
    numbers = [int(each.path.parent.name) for each in deleted(folder)]
    place = trash / f"{max(numbers, default=0) + 1:06d}"
    try:
        place.mkdir(parents=True)
        if (earlier := folder / KEPT / name).is_dir():
            earlier.rename(place / _EARLIER)
        clinic.path.rename(place / name)
    except OSError as error:
        raise SimclinicError(f"{name} cannot be deleted ({error.strerror}).") from error


def deleted(folder: Path) -> list[Deleted]:
    """List the deleted clinics of a folder, the last one first."""
    trash = folder / KEPT / TRASH
    if trash.is_symlink() or not trash.is_dir():
        return []
    places = sorted(
        (each for each in trash.iterdir() if _NUMBER.fullmatch(each.name) and not each.is_symlink()),
        reverse=True,
    )
    return [Deleted(place.name, path) for place in places for path in sorted(place.glob("*.toml"))[:1]]


def put_back(folder: Path, key: str) -> Path | None:
    """Move a deleted clinic back into its folder; under another name if there is one of its name by now.

    Parameters
    ----------
    folder, key
        The folder, and which of :func:`deleted`.

    Returns
    -------
    Path or None
        The file; None if there is no such clinic.

    Raises
    ------
    SimclinicError
        If it cannot be moved.
    """
    found = next((each for each in deleted(folder) if each.key == key), None)
    if found is None:
        return None
    stem = found.path.stem
    names = (f"{stem}.toml", *(f"{stem}-{number}.toml" for number in range(2, MOST_CLINICS + 2)))
    path = next((folder / name for name in names if not os.path.lexists(folder / name)), None)
    if path is None:
        raise SimclinicError(f"{found.path.name} cannot be put back: there are {MOST_CLINICS} of its name.")
    earlier, kept = found.path.parent / _EARLIER, folder / KEPT / path.name
    try:
        found.path.rename(path)
        if earlier.is_dir() and not os.path.lexists(kept):
            earlier.rename(kept)
        if not any(found.path.parent.iterdir()):
            found.path.parent.rmdir()
    except OSError as error:
        raise SimclinicError(f"{found.path.name} cannot be put back ({error.strerror}).") from error
    return path


def _resting_on(clinic: ClinicFile) -> Iterator[str]:
    """Yield the names of the clinics that extend a file."""
    for other in clinic_files(clinic.path.parent):
        try:
            extended = parse(other.text(), other.path.name).get("extends")
        except ScenarioError:
            continue
        if isinstance(extended, str) and (other.path.parent / extended).resolve() == clinic.path.resolve():
            yield other.path.name
