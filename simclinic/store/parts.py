"""Parts: files of some hundred replications each, so that neither memory nor the number of files grows.

Which replications share a part follows from their numbers alone, so the same results lie in the same files
whoever made them, in whichever order. A part not yet full is written again, whole, when more have come.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from simclinic.experiment import Replication
from simclinic.experiment.replication import Columns
from simclinic.store.tables import (
    COLUMNS,
    REPLICATION,
    TABLES,
    Damaged,
    Digests,
    content_of,
    encode,
    rows_of,
    sha256,
    sound,
    split,
)
from simclinic.store.whole import set_aside, write_whole

MOST_ROWS = 25_000
"""Rows of the longest table in one part, so that a part is a few megabytes in memory."""
MOST_REPLICATIONS = 500
"""Replications in one part, at most; parts of 500 write 17 times faster than a file each."""


def part_size(rows: int) -> int:
    """Tell how many replications share a part, given the rows of each in the longest table."""
    return max(1, min(MOST_REPLICATIONS, MOST_ROWS // rows))


def part_name(table: str, part: int) -> str:
    """Name a part's file, from the folder on."""
    return f"{table}/part-{part:05d}.parquet"


_PART = re.compile(r"(\w+)/part-(\d{5,})\.parquet", re.ASCII)


def parts_of(folder: Path, table: str = "runs", listed: Iterable[str] = ()) -> list[int]:
    """List the parts a folder has, in order; those too that are listed by name and gone."""
    there = (f"{table}/{path.name}" for path in (folder / table).glob("part-*.parquet"))
    found = (_PART.fullmatch(name) for name in {*there, *listed})
    return sorted(int(each[2]) for each in found if each is not None and each[1] == table)


class Part:
    """The replications of one part, while they are in memory.

    Attributes
    ----------
    entries
        For each replication its rows in every table.
    changed
        Whether something is not yet in the files.
    digests
        The SHA-256 of its files as they should be, by their names.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder
        self.number = number
        self.entries: dict[int, dict[str, Columns]] = {}
        self.changed = False
        self.digests: dict[str, str] = {}

    def load(self, known: Digests | None, size: int | None = None) -> None:
        """Read what the files hold.

        Files that read well but are not byte for byte what would be written (an older package wrote them) count as
        changed.

        Parameters
        ----------
        known
            The digests that the folder's manifest holds; None of a folder of before there were any.
        size
            How many replications share a part; None: whatever numbers it holds are taken.

        Raises
        ------
        Damaged
            If one is not as it was written, or is missing.
        OSError
            If one cannot be read.
        """
        tables = {}
        for name in TABLES:
            columns = sound(self.folder, part_name(name, self.number), known)
            if tuple(columns) != COLUMNS[name]:
                raise Damaged(f"{part_name(name, self.number)} has other columns")
            tables[name] = split(columns)
        # The others are written before `runs`: a writer killed in between leaves them ahead of it.
        for replication in tables["runs"]:
            if any(replication not in rows for rows in tables.values()):
                raise Damaged(f"part {self.number} lacks rows of replication {replication}")
            if size is not None and replication // size != self.number:
                raise Damaged(f"part {self.number} holds what belongs elsewhere")
            self.entries[replication] = {name: rows[replication] for name, rows in tables.items()}
        if self.entries:
            self.digests = {part_name(table, self.number): sha256(self._content(table)) for table in TABLES}
        self.changed = any(sha256(content_of(self.folder / name)) != at for name, at in self.digests.items())

    def set_aside(self) -> None:
        """Move its files aside: without its runs a part does not exist, and nothing that was written is lost.

        Raises
        ------
        OSError
            If one cannot be moved.
        """
        for name in reversed(TABLES):
            set_aside(self.folder, part_name(name, self.number))

    def add(self, outcome: Replication) -> None:
        """Take in a finished replication."""
        self.entries[outcome.number] = rows_of(outcome)
        self.changed = True

    def write(self) -> None:
        """Put everything into the files.

        Raises
        ------
        OSError
            If that fails; what the files held before, they still hold.
        """
        for table in TABLES if self.changed else ():
            content, name = self._content(table), part_name(table, self.number)
            write_whole(self.folder, name, content)
            self.digests[name] = sha256(content)
        self.changed = False

    def _content(self, table: str) -> memoryview:
        return encode({number: tables[table] for number, tables in self.entries.items()})


def read_parts(
    folder: Path,
    table: str,
    known: Digests | None,
    *,
    columns: list[str] | None = None,
    below: int | None = None,
) -> Iterator[Columns]:
    """Read a table part by part, rows in order of replications.

    Parameters
    ----------
    folder
        The results folder.
    table
        One of `TABLES`.
    known
        The digests that the folder's manifest holds; None of a folder of before there were any.
    columns
        Only these, and the replication.
    below
        Only replications with a smaller number.

    Raises
    ------
    Damaged
        If a file is not as it was written.
    OSError
        If one cannot be read.
    """
    wanted = None if columns is None else [REPLICATION, *columns]
    for part in parts_of(folder):
        finished = sound(folder, part_name("runs", part), known, [REPLICATION])[REPLICATION]
        if below is not None:
            finished = finished[finished < below]
        if not finished.size:
            continue
        found = sound(folder, part_name(table, part), known, wanted)
        keep = np.isin(found[REPLICATION], finished)
        yield {name: values[keep] for name, values in found.items()}


def joined(parts: Iterable[Columns]) -> Columns:
    """Put the parts of a table together; of none, nothing."""
    found = list(parts)
    return {name: np.concatenate([part[name] for part in found]) for name in found[0]} if found else {}
