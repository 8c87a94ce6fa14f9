"""Reading a results folder, also one that somebody else wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simclinic.experiment.replication import Columns
from simclinic.reading import NotReadError, parse_json, read_bounded
from simclinic.store import manifest
from simclinic.store.errors import FolderError, told
from simclinic.store.parts import joined, read_parts
from simclinic.store.sealed import is_sound
from simclinic.store.tables import MOST_BYTES, REPLICATION, Damaged, content_of, digest_of, sha256, sound

REPORT = "report.html"
"""What a report is called in its folder."""
HOURS = 168
"""Rows of a profile: the hours of a week."""


def read_document(folder: Path, name: str) -> dict[str, Any] | None:
    """Read a file of JSON that a study has written, such as its summary; None if there is none.

    Raises
    ------
    FolderError
        If it is not as the manifest says, or cannot be read.
    """
    with told(folder):
        try:
            content = read_bounded(folder / name, MOST_BYTES)
            found = parse_json(content)
        except FileNotFoundError:
            return None
        except NotReadError as error:
            raise FolderError(f"{folder}: its {name} cannot be read. It {error}.", exit_status=1) from error
        except ValueError:
            found = None
    known = (manifest.read(folder) or {}).get(manifest.FILES, {})
    if known.get(name, sha256(content)) != sha256(content) or not isinstance(found, dict):
        raise FolderError(
            f"{folder}: its {name} cannot be read, or is not as it was written. Give the command that wrote it "
            "again: it is written anew.",
            exit_status=1,
        )
    return found


def unsound(folder: Path) -> Iterator[str]:
    """Name the files of a folder that are not as they were written, or gone.

    Raises
    ------
    FolderError
        If one cannot be read.
    """
    known = manifest.read(folder) or {}
    listed, digests, files = known.get("parts", {}), known.get("parts"), known.get(manifest.FILES, {})
    there = {path.relative_to(folder).as_posix() for path in folder.glob("*/part-*.parquet")}
    with told(folder):
        for name in sorted(there | listed.keys()):
            try:
                sound(folder, name, digests)
            except Damaged:
                yield name
        for name, digest in sorted(files.items()):
            # One that was written a moment ago has its digest in the manifest a moment later.
            if digest_of(folder / name) != digest and not _is_known(folder, name):
                yield name
        try:
            if (folder / REPORT).exists() and not is_sound(content_of(folder / REPORT)):
                yield REPORT
        except Damaged:
            yield REPORT


def _is_known(folder: Path, name: str) -> bool:
    files: dict[str, str] = (manifest.read(folder) or {}).get(manifest.FILES, {})
    return files.get(name) == digest_of(folder / name)


def parts(
    folder: Path, name: str, *, columns: list[str] | None = None, below: int | None = None
) -> Iterator[Columns]:
    """Read a table part by part; see :func:`simclinic.store.parts.read_parts`.

    Raises
    ------
    FolderError
        If a file is damaged or missing, or cannot be read.
    """
    known = manifest.digests(folder)
    try:
        with told(folder):
            yield from read_parts(folder, name, known, columns=columns, below=below)
    except Damaged as error:
        raise FolderError(
            f"{folder}: {error}. Give the command that wrote it again: what is damaged is simulated again.",
            exit_status=1,
        ) from error


def table(folder: Path, name: str, *, columns: list[str] | None = None, below: int | None = None) -> Columns:
    """Read a whole table, rows in order of replications.

    Parameters
    ----------
    folder
        The results folder.
    name
        `runs`, `weeks`, `profiles`, `ramp` or `waits`.
    columns
        Only these, and the replication.
    below
        Only replications with a smaller number.
    """
    return joined(parts(folder, name, columns=columns, below=below))


def profile(folder: Path, below: int | None = None) -> Columns:
    """Average the profiles of the week over replications, one after another in order of their numbers."""
    total: Columns = {}
    count = 0
    for part in parts(folder, "profiles", below=below):
        rows = {name: values.reshape(-1, HOURS) for name, values in part.items() if name != REPLICATION}
        for replication in range(len(rows["hour"])):
            count += 1
            for name, values in rows.items():
                total[name] = total[name] + values[replication] if name in total else values[replication]
    return {
        name: values // count if name in ("weekday", "hour") else values / count
        for name, values in total.items()
    }
