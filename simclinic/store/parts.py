"""Parts: files of some hundred replications each, so that neither memory nor the number of files grows.

Which replications share a part follows from their numbers alone, so the same results lie in the same files
whoever made them, in whichever order. A part not yet full is written again, whole, when more have come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from simclinic.experiment import Replication
from simclinic.experiment.replication import Columns
from simclinic.store.tables import REPLICATION, TABLES, Damaged, decode, encode, rows_of, split
from simclinic.store.whole import write_whole

MOST_ROWS = 25_000
"""Rows of the longest table in one part, so that a part is a few megabytes in memory."""
MOST_REPLICATIONS = 500
"""Replications in one part, at most; parts of 500 write 17 times faster than a file each."""


def part_size(rows: int) -> int:
    """Tell how many replications share a part, given the rows of each in the longest table."""
    return max(1, min(MOST_REPLICATIONS, MOST_ROWS // rows))


def part_file(folder: Path, table: str, part: int) -> Path:
    """Name a part's file."""
    return folder / table / f"part-{part:05d}.parquet"


def parts_of(folder: Path, table: str = "runs") -> list[int]:
    """List the parts a folder has, in order."""
    found = (path.stem.removeprefix("part-") for path in (folder / table).glob("part-*.parquet"))
    return sorted(int(number) for number in found if number.isdecimal())


class Part:
    """The replications of one part, while they are in memory.

    Attributes
    ----------
    entries
        For each replication its rows in every table.
    changed
        Whether something is not yet in the files.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder
        self.number = number
        self.entries: dict[int, dict[str, Columns]] = {}
        self.changed = False

    def load(self) -> None:
        """Read what the files hold.

        A file that reads well but is not byte for byte what would be written (a bit of it that nobody reads has
        flipped, or an older package wrote it) counts as changed.

        Raises
        ------
        Damaged
            If one is not as it was written, or is missing.
        """
        tables = {name: split(decode(part_file(self.folder, name, self.number))) for name in TABLES}
        # The others are written before `runs`: a writer killed in between leaves them ahead of it.
        for replication in tables["runs"]:
            if any(replication not in rows for rows in tables.values()):
                raise Damaged(f"part {self.number} lacks rows of replication {replication}")
            self.entries[replication] = {name: rows[replication] for name, rows in tables.items()}
        self.changed = bool(self.entries) and any(
            part_file(self.folder, name, self.number).read_bytes() != self._content(name) for name in TABLES
        )

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
        if not self.changed:
            return
        for name in TABLES:
            write_whole(part_file(self.folder, name, self.number), self._content(name))
        self.changed = False

    def _content(self, table: str) -> memoryview:
        return encode({number: tables[table] for number, tables in self.entries.items()})


def read_parts(
    folder: Path, table: str, *, columns: list[str] | None = None, below: int | None = None
) -> Iterator[Columns]:
    """Read a table part by part, rows in order of replications.

    Parameters
    ----------
    folder
        The results folder.
    table
        One of `TABLES`.
    columns
        Only these, and the replication.
    below
        Only replications with a smaller number.

    Raises
    ------
    Damaged
        If a file is not as it was written.
    """
    wanted = None if columns is None else [REPLICATION, *columns]
    for part in parts_of(folder):
        finished = decode(part_file(folder, "runs", part), [REPLICATION])[REPLICATION]
        if below is not None:
            finished = finished[finished < below]
        if not finished.size:
            continue
        found = decode(part_file(folder, table, part), wanted)
        keep = np.isin(found[REPLICATION], finished)
        yield {name: values[keep] for name, values in found.items()}


def joined(parts: Iterable[Columns]) -> Columns:
    """Put the parts of a table together; of none, nothing."""
    found = list(parts)
    return {name: np.concatenate([part[name] for part in found]) for name in found[0]} if found else {}
