"""Writer of the results folder of a sweep: many points, some replications of each, one table.

```text
staffing-grid-sweep-1a2b3c4d/
  manifest.json             the study, and the SHA-256 of every part file
  scenario.resolved.toml    the base scenario of all points
  runs/part-*.parquet       a row for each run: point, factors, replication, key figures
  points.parquet            a row for each point: factors, means, half-widths of their intervals
  summary.json, summary.csv effects of each factor
  failures.jsonl            failed runs
```

The part of a run depends on its point and number alone, so the same results lie in the same files, byte for byte,
whatever the order in which they were made, and however often the program was interrupted.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from simclinic.experiment import Failure, Outcome
from simclinic.experiment.replication import Columns
from simclinic.measures import KPIS
from simclinic.model.engines import Engine
from simclinic.store import failures, manifest
from simclinic.store.atomic import set_aside, write_atomically
from simclinic.store.errors import FolderError, as_folder_errors
from simclinic.store.folder_writer import FolderWriter
from simclinic.store.manifest import Identity
from simclinic.store.part_files import part_name, parts_of
from simclinic.store.run_folder import WRITE_EVERY
from simclinic.store.tables import REPLICATION, DamagedError, encode_columns, read_verified, sha256

POINT = "point"
TABLE = "runs"

POINTS_IN_PART, NUMBERS_IN_PART = 50, 20
"""Points and replications in one part: at most a thousand runs, half a megabyte of memory."""

Run = tuple[int, int]
"""A point, and the number of one of its replications."""


class SweepFolder(FolderWriter):
    """Writer of the results folder of a sweep.

    Attributes
    ----------
    path
        The folder.
    done
        Runs in the folder.
    failed
        Failed runs.
    repaired
        Files that were damaged or missing; their runs are simulated again.
    """

    tables = (TABLE,)

    def __init__(
        self,
        path: Path,
        identity: Identity,
        factors: Columns,
        points: int,
        arguments: Mapping[str, Any],
        figures: Sequence[str] = tuple(KPIS),
    ) -> None:
        super().__init__(path, identity, arguments)
        self._figures = tuple(figures)
        self.done: set[Run] = set()
        self.failed: dict[Run, Failure] = {}
        self.repaired: list[str] = []
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
        figures: Sequence[str] = tuple(KPIS),
        engine: Engine | None = None,
    ) -> Self:
        """Create a folder if it does not exist, lock it, and find the runs that it holds.

        Parameters
        ----------
        path
            The folder.
        identity
            The study it belongs to.
        factors
            Values of each factor, shape (points,).
        points
            Number of points.
        scenarios
            Content of the files with the resolved scenarios, by file name.
        arguments
            Arguments of the command, for the manifest; no absolute paths.
        figures
            Names of the key figures, in order.
        engine
            The engine that simulates, for the manifest.

        Raises
        ------
        FolderError
            If it cannot be written, is locked by another process, or holds other results.
        """
        folder = cls(path, identity, factors, points, arguments, figures)
        folder._acquire(partial(folder._begin, scenarios, engine))
        return folder

    def _begin(self, scenarios: Mapping[str, str], engine: Engine | None) -> None:
        self._manifest |= {"points": self._points, "parts": dict(self._manifest.get("parts", {}))}
        self._find_finished()
        for name, text in scenarios.items():
            self._store(name, text.encode())
        if engine is not None:
            self._manifest[manifest.ENGINE] = engine._asdict()
        manifest.write(self.path, self._manifest)

    def _find_finished(self) -> None:
        """Find finished runs; a damaged part is set aside and simulated again."""
        present = parts_of(self.path)
        digests: dict[str, str] = self._manifest["parts"]
        for part in present:
            try:
                runs = self._load(part)
            except DamagedError:
                set_aside(self.path, self._name(part))
                digests.pop(self._name(part), None)
                self.repaired.append(self._name(part))
                continue
            self.done |= runs
        for name in sorted(digests.keys() - {self._name(part) for part in present}):
            del digests[name]
            if name not in self.repaired:
                self.repaired.append(name)
        self.failed = {
            run: failure
            for run, failure in failures.read(self.path, self._manifest.get(manifest.FILES)).items()
            if run not in self.done
        }

    def _load(self, part: int) -> set[Run]:
        """Read a part, and record its digest, which an interrupted writer may not have done."""
        name = self._name(part)
        columns = read_verified(self.path, name, self._manifest["parts"])
        if list(columns) != [POINT, *self._factors, REPLICATION, *self._figures]:
            raise DamagedError(f"{name} has other columns")
        runs = list(zip(columns[POINT].tolist(), columns[REPLICATION].tolist(), strict=True))
        if any(point >= self._points or self._part((point, number)) != part for point, number in runs):
            raise DamagedError(f"{name} holds what belongs elsewhere")
        self._manifest["parts"][name] = sha256(encode_columns(columns))
        figures = np.column_stack([columns[name] for name in self._figures])
        entries = dict(zip(runs, figures, strict=True))
        if len(entries) < POINTS_IN_PART * NUMBERS_IN_PART:
            self._open[part] = entries
        return set(runs)

    def missing(self, replications: int) -> Iterator[tuple[int, list[int]]]:
        """Yield each point with its missing replications; failed ones are tried again."""
        missing = [
            (point, [number for number in range(replications) if (point, number) not in self.done])
            for point in range(self._points)
        ]
        for point, numbers in missing:
            self._expected.update(self._part((point, number)) for number in numbers)
        self._manifest["planned"] = max(self._points * replications, len(self.done) + len(self.failed))
        self._release()
        return ((point, numbers) for point, numbers in missing if numbers)

    def add(self, point: int, outcome: Outcome) -> None:
        """Store a run.

        Raises
        ------
        FolderError
            If it cannot be written; what was written before stays.
        """
        run = point, outcome.number
        part = self._part(run)
        if isinstance(outcome, Failure):
            self.failed[run] = outcome
        else:
            # A point may lack a figure that other points have, such as those of starts by type.
            figures = np.array([outcome.kpis.get(name, np.nan) for name in self._figures])
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
        """Encode runs as a Parquet file; equal runs give equal bytes."""
        runs = sorted(entries)
        points = np.array([point for point, _ in runs], dtype=np.int64)
        columns: Columns = {POINT: points}
        columns |= {name: values[points] for name, values in self._factors.items()}
        columns[REPLICATION] = np.array([number for _, number in runs], dtype=np.int64)
        figures = np.array([entries[run] for run in runs])
        columns |= {name: figures[:, at] for at, name in enumerate(self._figures)}
        return encode_columns(columns)

    def write(self) -> None:
        """Write everything finished, and release the memory of complete parts.

        Raises
        ------
        FolderError
            If it cannot be written; what was written before stays.
        """
        with as_folder_errors(self.path):
            for part in sorted(self._changed):
                content = self._content(self._open[part])
                write_atomically(self.path, self._name(part), content)
                self._manifest["parts"][self._name(part)] = sha256(content)
            self._changed.clear()
            self._release()
            self._store(failures.NAME, failures.encode(self.failed))
            self._manifest |= {"done": len(self.done), "failed": len(self.failed)}
            self._manifest["parts"] = dict(sorted(self._manifest["parts"].items()))
            manifest.write(self.path, self._manifest)
        self._written = time.monotonic()

    def _release(self) -> None:
        """Release the memory of parts in which no more runs are expected."""
        self._open = {part: entries for part, entries in self._open.items() if self._expected[part]}

    def figures(self, replications: int) -> npt.NDArray[np.float64]:
        """Return the key figures, shape (points, replications, key figures); NaN where a run is missing.

        Raises
        ------
        FolderError
            If a file cannot be read, or was damaged during this study.
        """
        figures = np.full((self._points, replications, len(self._figures)), np.nan)
        for part in parts_of(self.path):
            name = self._name(part)
            try:
                columns = read_verified(
                    self.path, name, self._manifest["parts"], [POINT, REPLICATION, *self._figures]
                )
            except DamagedError as error:
                raise FolderError(
                    f"{self.path / name}: was damaged since. Give the same command again: its runs are made again.",
                    exit_status=1,
                ) from error
            wanted = columns[REPLICATION] < replications
            at = columns[POINT][wanted], columns[REPLICATION][wanted]
            figures[at] = np.column_stack([columns[name][wanted] for name in self._figures])
        return figures

    def finish(self, files: Mapping[str, bytes | memoryview]) -> None:
        """Write the summaries, by file name."""
        with as_folder_errors(self.path):
            for name, content in files.items():
                self._store(name, content)
