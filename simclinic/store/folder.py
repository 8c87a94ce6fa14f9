"""A results folder while it is being written.

```python
with Folder.open(Path("results/mine"), "run", scenario, arguments) as folder:
    for outcome in replications(scenario, seed, folder.missing(30)):
        folder.add(outcome)
    folder.finish(summary_json, summary_csv)
```

Leaving the block, for whatever reason, writes what has been finished.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from simclinic.experiment import Failure, Outcome
from simclinic.scenario import Scenario, resolved_toml, with_overrides
from simclinic.scenario.panel import Panel
from simclinic.store import failures, manifest
from simclinic.store.errors import told
from simclinic.store.manifest import Identity
from simclinic.store.parts import Part, part_file, part_size, parts_of
from simclinic.store.reader import HOURS, parts, profile, table
from simclinic.store.rows import Rows
from simclinic.store.tables import REPLICATION, TABLES, Damaged, encode_columns
from simclinic.store.taken_over import take_over
from simclinic.store.whole import sweep, write_whole
from simclinic.store.writer import Writer

WRITE_EVERY = 10.0
"""Seconds after which unfinished parts are written: what a power cut may cost."""

_RESOLVED = "scenario.resolved.toml"


class Folder(Writer):
    """A results folder, locked by its writer.

    Attributes
    ----------
    path
        Where it is.
    done
        Numbers of the replications it holds.
    failed
        Those that failed, by number.
    mended
        Parts that were found damaged and are simulated again.
    panel
        Today's patients, if the study begins with them; None: with an empty clinic.
    taken
        The folder whose replications were taken over, and how many; None: none were.
    """

    def __init__(
        self,
        path: Path,
        identity: Identity,
        scenario: Scenario,
        arguments: Mapping[str, Any],
        panel: Panel | None = None,
    ) -> None:
        super().__init__(path, identity, arguments)
        self.panel = panel
        self.taken: tuple[Path, int] | None = None
        self.done: set[int] = set()
        self.failed: dict[int, Failure] = {}
        self.mended: list[int] = []
        self._scenario = scenario
        self._size = part_size(max(HOURS, scenario.run.warm_up_weeks + scenario.run.weeks))
        self._parts: dict[int, Part] = {}
        self._expected: set[int] = set()
        self._written = time.monotonic()

    @classmethod
    def open(
        cls,
        path: Path,
        study: str,
        scenario: Scenario,
        arguments: Mapping[str, Any],
        panel: Panel | None = None,
        among: Path | None = None,
    ) -> Self:
        """Lock a folder, made if need be, and find out what it already holds.

        Parameters
        ----------
        path
            The folder.
        study
            The command that writes it.
        scenario
            Resolved, with the seed and the number of replications that hold.
        arguments
            Of the command, for the manifest; no absolute paths.
        panel
            Today's patients, if the study begins with them; nothing of them is kept.
        among
            Where other results folders lie: an empty folder begins with what one of the same study holds.

        Raises
        ------
        FolderError
            If it cannot be written, is being written, or holds something else.
        """
        folder = cls(path, Identity.of(study, scenario, panel), scenario, arguments, panel)
        folder._take(partial(folder._begin, among))
        return folder

    def _begin(self, among: Path | None) -> None:
        sweep(self.path)
        for name in TABLES:
            (self.path / name).mkdir(exist_ok=True)
        if among is not None and not parts_of(self.path):
            self.taken = take_over(self.path, self.identity, among)
        self._take_stock()
        if not (self.path / _RESOLVED).exists():
            write_whole(self.path / _RESOLVED, resolved_toml(self._scenario).encode())
        manifest.write(self.path, self._manifest)

    def _take_stock(self) -> None:
        """Find what is finished; a damaged part counts as not begun."""
        for number in parts_of(self.path):
            part = Part(self.path, number)
            try:
                part.load()
            except Damaged:
                # Without its runs a part does not exist: it may hold numbers that nobody asks for this time.
                part_file(self.path, "runs", number).unlink()
                self.mended.append(number)
                continue
            part.write()
            self.done |= part.entries.keys()
            if len(part.entries) < self._size:
                self._parts[number] = part
        self.failed = {
            number: failure
            for (_, number), failure in failures.read(self.path).items()
            if number not in self.done
        }

    def missing(self, count: int) -> list[int]:
        """List which of the first `count` replications are to be made; those that failed are tried again."""
        missing = [number for number in range(count) if number not in self.done]
        self._expected |= set(missing)
        self._manifest["planned"] = max(count, len(self.done) + len(self.failed))
        return missing

    def add(self, outcome: Outcome) -> None:
        """Keep a replication.

        Raises
        ------
        FolderError
            If it cannot be written; what was finished before is kept.
        """
        number = outcome.number
        if isinstance(outcome, Failure):
            self.failed[number] = outcome
        else:
            self._part(number // self._size).add(outcome)
            self.done.add(number)
            self.failed.pop(number, None)
        self._expected.discard(number)
        if self._complete(number // self._size) or time.monotonic() - self._written > WRITE_EVERY:
            self.write()

    def _part(self, number: int) -> Part:
        return self._parts.setdefault(number, Part(self.path, number))

    def _complete(self, part: int) -> bool:
        """Tell whether no more replications are expected in a part."""
        return not any(
            number in self._expected for number in range(part * self._size, (part + 1) * self._size)
        )

    def write(self) -> None:
        """Put everything finished into the files, and forget the parts that are complete.

        Raises
        ------
        FolderError
            If it cannot be written; what was finished before is kept.
        """
        with told(self.path):
            for part in self._parts.values():
                part.write()
            self._parts = {number: part for number, part in self._parts.items() if not self._complete(number)}
            failures.write(self.path, {(0, number): failure for number, failure in self.failed.items()})
            self._manifest |= {"done": len(self.done), "failed": len(self.failed)}
            manifest.write(self.path, self._manifest)
        self._written = time.monotonic()

    def rows(self, below: int | None = None) -> Rows:
        """Read the key figures of all replications written, or of those with a number below."""
        columns = table(self.path, "runs", below=below)
        return Rows({name: values for name, values in columns.items() if name != REPLICATION})

    def boosters(self, below: int | None = None) -> npt.NDArray[np.int32]:
        """Read boosters given per measured week, shape (replications, weeks)."""
        nothing = np.zeros((0, self._scenario.run.weeks), dtype=np.int32)
        return np.concatenate([nothing, *self._by_week("weeks", self._scenario.run.weeks, below)])

    def ramp(self, below: int | None = None) -> npt.NDArray[np.float64]:
        """Read boosters given per simulated week, the mean over replications; empty if there are none."""
        weeks = self._scenario.run.warm_up_weeks + self._scenario.run.weeks
        total, count = np.zeros(weeks, dtype=np.int64), 0
        for boosters in self._by_week("ramp", weeks, below):
            total += boosters.sum(axis=0)
            count += len(boosters)
        return total / count if count else np.zeros(0)

    def _by_week(self, name: str, weeks: int, below: int | None) -> Iterator[npt.NDArray[np.int32]]:
        """Read weekly boosters part by part, shape (replications, weeks), as small numbers."""
        for part in parts(self.path, name, columns=["boosters"], below=below):
            yield part["boosters"].astype(np.int32).reshape(-1, weeks)

    def finish(self, summary: str, spreadsheet: str) -> None:
        """Write the summaries and the mean profile.

        Parameters
        ----------
        summary
            What `summary.json` holds.
        spreadsheet
            What `summary.csv` holds.
        """
        # Its number of replications is the folder's, which an earlier study may have made larger than this one's.
        scenario = with_overrides(self._scenario, [f"run.replications={self._manifest['planned']}"])
        with told(self.path):
            write_whole(self.path / _RESOLVED, resolved_toml(scenario).encode())
            mean = profile(self.path)
            if mean:
                write_whole(self.path / "profile.parquet", encode_columns(mean))
            write_whole(self.path / "summary.json", summary.encode())
            write_whole(self.path / "summary.csv", spreadsheet.encode())
