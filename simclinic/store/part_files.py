"""Part files: tables split into files of some hundred replications, which bounds memory and the number of files.

The part of a replication depends on its number alone, so the same results lie in the same files, whatever the order
in which they were made. An incomplete part is rewritten atomically when it gets more replications.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from simclinic.experiment import Replication
from simclinic.experiment.replication import Columns
from simclinic.store.atomic import set_aside, write_atomically, write_together
from simclinic.store.tables import (
    REPLICATION,
    TABLES,
    DamagedError,
    Digests,
    Own,
    columns_of,
    encode,
    read_content,
    read_verified,
    rows_of,
    sha256,
    split,
)

MOST_ROWS = 25_000
"""Most rows of the longest table in one part: a few megabytes of memory."""
MOST_REPLICATIONS = 500
"""Most replications in one part; parts of 500 are written 17 times faster than a file for each."""


def part_size(rows: int) -> int:
    """Return the number of replications in a part, given the rows of each in the longest table."""
    return max(1, min(MOST_REPLICATIONS, MOST_ROWS // rows))


def part_name(table: str, part: int) -> str:
    """Return the name of a part file, relative to the folder."""
    return f"{table}/part-{part:05d}.parquet"


_PART = re.compile(r"(\w+)/part-(\d{5,})\.parquet", re.ASCII)


def parts_of(folder: Path, table: str = "runs", listed: Iterable[str] = ()) -> list[int]:
    """Return the numbers of a folder's parts, ascending, and of those `listed` by name but missing."""
    present = (f"{table}/{path.name}" for path in (folder / table).glob("part-*.parquet"))
    matches = (_PART.fullmatch(name) for name in {*present, *listed})
    return sorted(int(match[2]) for match in matches if match is not None and match[1] == table)


class Part:
    """The replications of one part, while they are in memory.

    Attributes
    ----------
    entries
        Rows of each replication, by number and table.
    changed
        Whether entries are not yet in the files.
    digests
        Expected SHA-256 of its files, by name.
    own
        Columns of the scenario's tables beside those of all.
    """

    def __init__(self, folder: Path, number: int, own: Own | None = None) -> None:
        self.own = own
        self.folder = folder
        self.number = number
        self.entries: dict[int, dict[str, Columns]] = {}
        self.changed = False
        self.digests: dict[str, str] = {}

    def load(self, digests: Digests | None, size: int | None = None) -> None:
        """Read the files.

        Files of an older package, readable but not byte for byte what would be written now, count as changed.

        Parameters
        ----------
        digests
            Digests in the folder's manifest; None for an older folder without digests.
        size
            Replications in a part; None: any numbers are accepted.

        Raises
        ------
        DamagedError
            If a file is damaged or missing.
        OSError
            If a file cannot be read.
        """
        tables = {}
        for name in TABLES:
            columns = read_verified(self.folder, part_name(name, self.number), digests)
            if tuple(columns) != columns_of(name, self.own):
                raise DamagedError(f"{part_name(name, self.number)} has other columns")
            tables[name] = split(columns)
        # `runs` is written last: if the writer is killed in between, the other tables hold more replications.
        for replication in tables["runs"]:
            if any(replication not in rows for rows in tables.values()):
                raise DamagedError(f"part {self.number} lacks rows of replication {replication}")
            if size is not None and replication // size != self.number:
                raise DamagedError(f"part {self.number} holds what belongs elsewhere")
            self.entries[replication] = {name: rows[replication] for name, rows in tables.items()}
        if self.entries:
            self.digests = {part_name(table, self.number): sha256(self._content(table)) for table in TABLES}
        self.changed = any(
            sha256(read_content(self.folder / name)) != at for name, at in self.digests.items()
        )

    def set_aside(self) -> None:
        """Set its files aside, `runs` first: without it the part does not exist. Nothing is deleted.

        Raises
        ------
        OSError
            If a file cannot be moved.
        """
        for name in reversed(TABLES):
            set_aside(self.folder, part_name(name, self.number))

    def add(self, outcome: Replication) -> None:
        """Add a finished replication."""
        self.entries[outcome.number] = rows_of(outcome)
        self.changed = True

    def write(self) -> None:
        """Write the entries to the files.

        Raises
        ------
        OSError
            If a file cannot be written; its old content stays.
        """
        if not self.changed:
            return
        contents = {part_name(table, self.number): self._content(table) for table in TABLES}
        *others, runs = contents  # without `runs` the part does not exist
        write_together(self.folder, {name: contents[name] for name in others})
        write_atomically(self.folder, runs, contents[runs])
        self.digests |= {name: sha256(content) for name, content in contents.items()}
        self.changed = False

    def _content(self, table: str) -> memoryview:
        return encode({number: tables[table] for number, tables in self.entries.items()})


def read_parts(
    folder: Path,
    table: str,
    digests: Digests | None,
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
    digests
        Digests in the folder's manifest; None for an older folder without digests.
    columns
        Columns to read, besides the replication; None: all.
    below
        Read only replications with a smaller number.

    Raises
    ------
    DamagedError
        If a file is damaged or missing.
    OSError
        If a file cannot be read.
    """
    wanted = None if columns is None else [REPLICATION, *columns]
    for part in parts_of(folder):
        finished = read_verified(folder, part_name("runs", part), digests, [REPLICATION])[REPLICATION]
        if below is not None:
            finished = finished[finished < below]
        if not finished.size:
            continue
        rows = read_verified(folder, part_name(table, part), digests, wanted)
        selected = np.isin(rows[REPLICATION], finished)
        yield {name: values[selected] for name, values in rows.items()}


def joined(parts: Iterable[Columns]) -> Columns:
    """Concatenate the parts of a table; empty without parts."""
    pieces = list(parts)
    return {name: np.concatenate([part[name] for part in pieces]) for name in pieces[0]} if pieces else {}
