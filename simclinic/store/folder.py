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
from simclinic.scenario import Scenario, replace, resolved_toml
from simclinic.scenario.panel import Panel
from simclinic.store import failures, manifest, origin
from simclinic.store.errors import told
from simclinic.store.manifest import Identity
from simclinic.store.parts import Part, part_size, parts_of
from simclinic.store.reader import HOURS, parts, profile, table
from simclinic.store.rows import ReplicationRows
from simclinic.store.tables import REPLICATION, TABLES, Damaged, encode_columns, sha256
from simclinic.store.taken_over import take_over
from simclinic.store.writer import Writer

WRITE_EVERY = 10.0
"""Seconds after which unfinished parts are written: what a power cut may cost."""


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

    tables = TABLES

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
        if among is not None and not parts_of(self.path):
            self.taken = take_over(self.path, self.identity, among)
        self._take_stock()
        if not (self.path / manifest.RESOLVED).exists():
            self._resolve(self._scenario)
        manifest.write(self.path, self._manifest)

    def _take_stock(self) -> None:
        """Find what is finished; a damaged part is set aside and counts as not begun."""
        known = self._manifest.get("parts")
        self._manifest["parts"] = {}
        for number in parts_of(self.path, listed=known or ()):
            part = Part(self.path, number)
            try:
                part.load(known, self._size)
            except Damaged:
                part.set_aside()
                self.mended.append(number)
                continue
            part.write()
            self._manifest["parts"] |= part.digests
            self.done |= part.entries.keys()
            if len(part.entries) < self._size:
                self._parts[number] = part
        found = failures.read(self.path, self._manifest.get(manifest.FILES))
        self.failed = {number: failure for (_, number), failure in found.items() if number not in self.done}

    def _resolve(self, scenario: Scenario) -> None:
        """Write the scenario, and mark it as this user's."""
        content = resolved_toml(scenario).encode()
        self._keep(manifest.RESOLVED, content)
        self._manifest["made"] = origin.mark(sha256(content))

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
                self._manifest["parts"] |= part.digests
            self._parts = {number: part for number, part in self._parts.items() if not self._complete(number)}
            failed = {(0, number): failure for number, failure in self.failed.items()}
            self._keep(failures.NAME, failures.encode(failed))
            self._manifest |= {"done": len(self.done), "failed": len(self.failed)}
            self._manifest["parts"] = dict(sorted(self._manifest["parts"].items()))
            manifest.write(self.path, self._manifest)
        self._written = time.monotonic()

    def rows(self, below: int | None = None) -> ReplicationRows:
        """Read the key figures of all replications written, or of those with a number below."""
        columns = table(self.path, "runs", below=below)
        return ReplicationRows({name: values for name, values in columns.items() if name != REPLICATION})

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
        scenario = replace(self._scenario, run={"replications": self._manifest["planned"]})
        with told(self.path):
            self._resolve(scenario)
            mean = profile(self.path)
            if mean:
                self._keep("profile.parquet", encode_columns(mean))
            self._keep("summary.json", summary.encode())
            self._keep("summary.csv", spreadsheet.encode())
