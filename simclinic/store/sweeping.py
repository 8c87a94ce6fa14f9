"""The results folder of a sweep: many points, some replications of each, one table.

```text
staffing-grid-sweep-1a2b3c4d/
  manifest.json             which study, and the SHA-256 of every part
  scenario.resolved.toml    what the points start from
  runs/part-*.parquet       a row for each run: point, factors, replication, key figures
  points.parquet            a row for each point: factors, means, half-widths of their intervals
  summary.json, summary.csv what each factor does
  failures.jsonl            runs that failed
```

Which runs share a part follows from their point and number alone, so the same results lie in the same files, byte
for byte, whoever made them in whichever order, and however often somebody pulled the plug.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from simclinic.experiment import Failure, Outcome
from simclinic.experiment.replication import Columns
from simclinic.measures import KPIS
from simclinic.store import failures, manifest
from simclinic.store.errors import FolderError, told
from simclinic.store.folder import WRITE_EVERY
from simclinic.store.manifest import Identity
from simclinic.store.parts import part_name, parts_of
from simclinic.store.tables import REPLICATION, Damaged, encode_columns, sha256, sound
from simclinic.store.whole import set_aside, write_whole
from simclinic.store.writer import Writer

POINT = "point"
TABLE = "runs"

POINTS_IN_PART, NUMBERS_IN_PART = 50, 20
"""A part holds this block of points and replications: a thousand runs at most, half a megabyte in memory."""

Run = tuple[int, int]
"""A point, and the number of a replication of it."""


class SweepFolder(Writer):
    """The results folder of a sweep, locked by its writer.

    Attributes
    ----------
    path
        Where it is.
    done
        The runs it holds.
    failed
        Those that failed.
    mended
        Files that were found damaged or missing; their runs are made again.
    """

    tables = (TABLE,)

    def __init__(
        self, path: Path, identity: Identity, factors: Columns, points: int, arguments: Mapping[str, Any]
    ) -> None:
        super().__init__(path, identity, arguments)
        self.done: set[Run] = set()
        self.failed: dict[Run, Failure] = {}
        self.mended: list[str] = []
        self._factors = factors
        self._points = points
        self._open: dict[int, dict[Run, npt.NDArray[np.float64]]] = {}
        self._changed: set[int] = set()
        self._expected: Counter[int] = Counter()
        self._written = time.monotonic()

    @classmethod
    def open(
        cls,
        path: Path,
        identity: Identity,
        factors: Columns,
        points: int,
        scenarios: Mapping[str, str],
        arguments: Mapping[str, Any],
    ) -> Self:
        """Lock a folder, made if need be, and find out what it already holds.

        Parameters
        ----------
        path
            The folder.
        identity
            Which study it belongs to.
        factors
            The value of each factor at each point.
        points
            How many points there are.
        scenarios
            Files with the resolved scenarios, by name.
        arguments
            Of the command, for the manifest; no absolute paths.

        Raises
        ------
        FolderError
            If it cannot be written, is being written, or holds something else.
        """
        folder = cls(path, identity, factors, points, arguments)
        folder._take(partial(folder._begin, scenarios))
        return folder

    def _begin(self, scenarios: Mapping[str, str]) -> None:
        self._manifest |= {"points": self._points, "parts": dict(self._manifest.get("parts", {}))}
        self._take_stock()
        for name, text in scenarios.items():
            self._keep(name, text.encode())
        manifest.write(self.path, self._manifest)

    def _take_stock(self) -> None:
        """Find what is finished; a damaged part is set aside and counts as not begun."""
        there = parts_of(self.path)
        known: dict[str, str] = self._manifest["parts"]
        for part in there:
            try:
                runs = self._load(part)
            except Damaged:
                set_aside(self.path, self._name(part))
                known.pop(self._name(part), None)
                self.mended.append(self._name(part))
                continue
            self.done |= runs
        for name in sorted(known.keys() - {self._name(part) for part in there}):
            del known[name]
            if name not in self.mended:
                self.mended.append(name)
        self.failed = {
            run: failure
            for run, failure in failures.read(self.path, self._manifest.get(manifest.FILES)).items()
            if run not in self.done
        }

    def _load(self, part: int) -> set[Run]:
        """Read a part, and take note of its digest if it was written just before the plug was pulled."""
        name = self._name(part)
        columns = sound(self.path, name, self._manifest["parts"])
        if list(columns) != [POINT, *self._factors, REPLICATION, *KPIS]:
            raise Damaged(f"{name} has other columns")
        runs = list(zip(columns[POINT].tolist(), columns[REPLICATION].tolist(), strict=True))
        if any(point >= self._points or self._part((point, number)) != part for point, number in runs):
            raise Damaged(f"{name} holds what belongs elsewhere")
        self._manifest["parts"][name] = sha256(encode_columns(columns))
        figures = np.column_stack([columns[name] for name in KPIS])
        entries = dict(zip(runs, figures, strict=True))
        if len(entries) < POINTS_IN_PART * NUMBERS_IN_PART:
            self._open[part] = entries
        return set(runs)

    def missing(self, replications: int) -> Iterator[tuple[int, list[int]]]:
        """List point by point which replications are to be made; those that failed are tried again."""
        lacking = [
            (point, [number for number in range(replications) if (point, number) not in self.done])
            for point in range(self._points)
        ]
        for point, numbers in lacking:
            self._expected.update(self._part((point, number)) for number in numbers)
        self._manifest["planned"] = max(self._points * replications, len(self.done) + len(self.failed))
        self._close()
        return ((point, numbers) for point, numbers in lacking if numbers)

    def add(self, point: int, outcome: Outcome) -> None:
        """Keep a run.

        Raises
        ------
        FolderError
            If it cannot be written; what was finished before is kept.
        """
        run = point, outcome.number
        part = self._part(run)
        if isinstance(outcome, Failure):
            self.failed[run] = outcome
        else:
            figures = np.array([outcome.kpis[name] for name in KPIS])
            self._open.setdefault(part, {})[run] = figures
            self._changed.add(part)
            self.done.add(run)
            self.failed.pop(run, None)
        self._expected[part] -= 1
        if not self._expected[part] or time.monotonic() - self._written > WRITE_EVERY:
            self.write()

    def _part(self, run: Run) -> int:
        blocks = -(-self._points // POINTS_IN_PART)
        return run[1] // NUMBERS_IN_PART * blocks + run[0] // POINTS_IN_PART

    def _name(self, part: int) -> str:
        return part_name(TABLE, part)

    def _content(self, entries: Mapping[Run, npt.NDArray[np.float64]]) -> memoryview:
        """Write runs as a Parquet file; equal runs give equal bytes."""
        runs = sorted(entries)
        points = np.array([point for point, _ in runs], dtype=np.int64)
        columns: Columns = {POINT: points}
        columns |= {name: values[points] for name, values in self._factors.items()}
        columns[REPLICATION] = np.array([number for _, number in runs], dtype=np.int64)
        figures = np.array([entries[run] for run in runs])
        columns |= {name: figures[:, at] for at, name in enumerate(KPIS)}
        return encode_columns(columns)

    def write(self) -> None:
        """Put everything finished into the files, and forget the parts that are complete.

        Raises
        ------
        FolderError
            If it cannot be written; what was finished before is kept.
        """
        with told(self.path):
            for part in sorted(self._changed):
                content = self._content(self._open[part])
                write_whole(self.path, self._name(part), content)
                self._manifest["parts"][self._name(part)] = sha256(content)
            self._changed.clear()
            self._close()
            self._keep(failures.NAME, failures.encode(self.failed))
            self._manifest |= {"done": len(self.done), "failed": len(self.failed)}
            self._manifest["parts"] = dict(sorted(self._manifest["parts"].items()))
            manifest.write(self.path, self._manifest)
        self._written = time.monotonic()

    def _close(self) -> None:
        """Forget the parts in which no more runs are expected."""
        self._open = {part: entries for part, entries in self._open.items() if self._expected[part]}

    def figures(self, replications: int) -> npt.NDArray[np.float64]:
        """Read the key figures, shape (points, replications, key figures); NaN where a run is missing.

        Raises
        ------
        FolderError
            If a file cannot be read, or was damaged since it was written.
        """
        figures = np.full((self._points, replications, len(KPIS)), np.nan)
        for part in parts_of(self.path):
            name = self._name(part)
            try:
                columns = sound(self.path, name, self._manifest["parts"], [POINT, REPLICATION, *KPIS])
            except Damaged as error:
                raise FolderError(
                    f"{self.path / name}: was damaged since. Give the same command again: its runs are made again.",
                    exit_status=1,
                ) from error
            wanted = columns[REPLICATION] < replications
            at = columns[POINT][wanted], columns[REPLICATION][wanted]
            figures[at] = np.column_stack([columns[name][wanted] for name in KPIS])
        return figures

    def finish(self, files: Mapping[str, bytes | memoryview]) -> None:
        """Write the summaries, by file name."""
        with told(self.path):
            for name, content in files.items():
                self._keep(name, content)
