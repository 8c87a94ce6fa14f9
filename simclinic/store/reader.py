"""Reads results folders, also from untrusted sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simclinic.experiment.replication import Columns
from simclinic.reading import NotReadError, parse_json, read_bounded
from simclinic.store import manifest
from simclinic.store.errors import FolderError, as_folder_errors
from simclinic.store.page_digest import is_intact
from simclinic.store.part_files import joined, read_parts
from simclinic.store.tables import (
    MOST_BYTES,
    REPLICATION,
    DamagedError,
    digest_of,
    read_content,
    read_verified,
    sha256,
)

REPORT = "report.html"
"""Name of the report in a results folder."""
HOURS = 168
"""Rows of a profile: the hours of a week."""


def read_document(folder: Path, name: str) -> dict[str, Any] | None:
    """Read a JSON file of a study, such as its summary; None if there is none.

    Raises
    ------
    FolderError
        If it does not match its digest, or cannot be read.
    """
    with as_folder_errors(folder):
        try:
            content = read_bounded(folder / name, MOST_BYTES)
            document = parse_json(content)
        except FileNotFoundError:
            return None
        except NotReadError as error:
            raise FolderError(f"{folder}: its {name} cannot be read. It {error}.", exit_status=1) from error
        except ValueError:
            document = None
    digests = (manifest.read(folder) or {}).get(manifest.FILES, {})
    if digests.get(name, sha256(content)) != sha256(content) or not isinstance(document, dict):
        raise FolderError(
            f"{folder}: its {name} cannot be read, or is not as it was written. Give the command that wrote it "
            "again: it is written anew.",
            exit_status=1,
        )
    return document


def damaged_files(folder: Path) -> Iterator[str]:
    """Yield the names of damaged or missing files of a folder.

    Raises
    ------
    FolderError
        If a file cannot be read.
    """
    stored = manifest.read(folder) or {}
    listed, digests, files = stored.get("parts", {}), stored.get("parts"), stored.get(manifest.FILES, {})
    present = {path.relative_to(folder).as_posix() for path in folder.glob("*/part-*.parquet")}
    with as_folder_errors(folder):
        for name in sorted(present | listed.keys()):
            try:
                read_verified(folder, name, digests)
            except DamagedError:
                yield name
        for name, digest in sorted(files.items()):
            # A writer may be at work: it records the digest of a file just after writing it, so look once more.
            if digest_of(folder / name) != digest and not _matches_manifest(folder, name):
                yield name
        try:
            if (folder / REPORT).exists() and not is_intact(read_content(folder / REPORT)):
                yield REPORT
        except DamagedError:
            yield REPORT


def _matches_manifest(folder: Path, name: str) -> bool:
    files: dict[str, str] = (manifest.read(folder) or {}).get(manifest.FILES, {})
    return files.get(name) == digest_of(folder / name)


def parts(
    folder: Path, name: str, *, columns: list[str] | None = None, below: int | None = None
) -> Iterator[Columns]:
    """Read a table part by part; see :func:`simclinic.store.part_files.read_parts`.

    Raises
    ------
    FolderError
        If a file is damaged, missing or unreadable.
    """
    digests = manifest.digests(folder)
    try:
        with as_folder_errors(folder):
            yield from read_parts(folder, name, digests, columns=columns, below=below)
    except DamagedError as error:
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
        `runs`, `weeks`, `profiles`, `ramp`, `waits` or `at_once`.
    columns
        Columns to read, besides the replication; None: all.
    below
        Read only replications with a smaller number.
    """
    return joined(parts(folder, name, columns=columns, below=below))


def profile(folder: Path, below: int | None = None) -> Columns:
    """Return the mean profile of the week over replications, summed in order of their numbers."""
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
