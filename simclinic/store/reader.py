"""Reading a results folder, whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simclinic.experiment.replication import Columns
from simclinic.store.errors import FolderError
from simclinic.store.parts import joined, read_parts
from simclinic.store.tables import REPLICATION, Damaged

HOURS = 168
"""Rows of a profile: the hours of a week."""


def parts(
    folder: Path, name: str, *, columns: list[str] | None = None, below: int | None = None
) -> Iterator[Columns]:
    """Read a table part by part; see :func:`simclinic.store.parts.read_parts`.

    Raises
    ------
    FolderError
        If a file is damaged or missing.
    """
    try:
        yield from read_parts(folder, name, columns=columns, below=below)
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
