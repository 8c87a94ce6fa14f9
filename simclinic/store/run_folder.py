"""Writer of the results folder of a run.

```python
with Folder.open(Path("results/mine"), "run", scenario, arguments) as folder:
    for outcome in replications(scenario, seed, folder.missing(30)):
        folder.add(outcome)
    folder.finish(summary_json, summary_csv)
```

Leaving the block, also by an exception, writes what is finished.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from simclinic.experiment import Failure, Outcome
from simclinic.measures import KPIS
from simclinic.model.engines import engine_of
from simclinic.past.past import Competition
from simclinic.scenario import Scenario, replace, resolved_toml
from simclinic.scenario.panel import Panel
from simclinic.store import failures, manifest, user_mark
from simclinic.store.errors import as_folder_errors
from simclinic.store.folder_writer import FolderWriter
from simclinic.store.kpi_table import KpiTable
from simclinic.store.manifest import Identity
from simclinic.store.part_files import Part, part_size, parts_of
from simclinic.store.reader import HOURS, parts, profile, table
from simclinic.store.reuse import reuse_replications
from simclinic.store.tables import TABLES, DamagedError, encode_columns, own_columns, sha256

WRITE_EVERY = 10.0
"""Seconds between writes of incomplete parts: the most that a power cut loses."""


class RunFolder(FolderWriter):
    """Writer of the results folder of a run: part files of each table, failures, summaries.

    Attributes
    ----------
    path
        The folder.
    done
        Numbers of the replications in the folder.
    failed
        Failed replications, by number.
    repaired
        Parts that were damaged; their replications are simulated again.
    panel
        Today's patients, if the study begins with them; None: it begins as the scenario says.
    reused
        The folder whose replications are reused, and their number; None: none are.
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
        self.reused: tuple[Path, int] | None = None
        self.done: set[int] = set()
        self.failed: dict[int, Failure] = {}
        self.repaired: list[int] = []
        self._scenario = scenario
        self._own = own_columns(scenario)
        self._resolved: int | None = None  # with how many replications the scenario was written
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
        """Create a folder if it does not exist, lock it, and find the replications that it holds.

        Parameters
        ----------
        path
            The folder.
        study
            The command that writes it.
        scenario
            The resolved scenario, with seed and number of replications.
        arguments
            Arguments of the command, for the manifest; no absolute paths.
        panel
            Today's patients, if the study begins with them; the folder keeps nothing of them.
        among
            A folder of results folders: an empty folder reuses the replications of one of the same study.

        Raises
        ------
        FolderError
            If it cannot be written, is locked by another process, or holds other results.
        """
        folder = cls(path, Identity.of(study, scenario, panel), scenario, arguments, panel)
        folder._acquire(partial(folder._begin, among))
        return folder

    def _begin(self, among: Path | None) -> None:
        if among is not None and not parts_of(self.path):
            self.reused = reuse_replications(self.path, self.identity, among, self._own)
            if self.reused and (past := (manifest.read(self.reused[0]) or {}).get(manifest.PAST)) is not None:
                self._manifest[manifest.PAST] = past
        self._find_finished()
        self._manifest[manifest.ENGINE] = engine_of(self._scenario)._asdict()
        if not (self.path / manifest.RESOLVED).exists():
            self._resolve(self._scenario)
        manifest.write(self.path, self._manifest)

    def _find_finished(self) -> None:
        """Find finished replications; a damaged part is set aside and simulated again."""
        digests = self._manifest.get("parts")
        self._manifest["parts"] = {}
        for number in parts_of(self.path, listed=digests or ()):
            part = Part(self.path, number, self._own)
            try:
                part.load(digests, self._size)
            except DamagedError:
                part.set_aside()
                self.repaired.append(number)
                continue
            part.write()
            self._manifest["parts"] |= part.digests
            self.done |= part.entries.keys()
            if len(part.entries) < self._size:
                self._parts[number] = part
        failed = failures.read(self.path, self._manifest.get(manifest.FILES))
        self.failed = {number: failure for (_, number), failure in failed.items() if number not in self.done}

    def _resolve(self, scenario: Scenario) -> None:
        """Write the resolved scenario, and mark it as this user's."""
        content = resolved_toml(scenario).encode()
        self._store(manifest.RESOLVED, content)
        self._resolved = scenario.run.replications
        self._manifest["made"] = user_mark.mark(sha256(content))

    @property
    def known_competition(self) -> Competition | None:
        """What competition adds to the past of a steady start, if that was found."""
        return manifest.competition(self._manifest)

    @property
    def pilot_effects(self) -> dict[str, tuple[float, ...]]:
        """What each pilot run would have changed in each key figure; empty without pilot runs."""
        return manifest.pilot_effects(self._manifest)

    def competition(
        self, find: Callable[[], tuple[Competition, Mapping[str, tuple[float, ...]]]]
    ) -> Competition:
        """Return what competition adds to the past of a steady start; it is found once, and kept in the manifest.

        Parameters
        ----------
        find
            Finds it by pilot runs, with the effect of each on the key figures.
        """
        known = self.known_competition
        if known is not None:
            return known
        competition, effects = find()
        listed = {name: list(values) for name, values in effects.items()}
        self._manifest[manifest.PAST] = {**competition._asdict(), manifest.EFFECTS: listed}
        manifest.write(self.path, self._manifest)
        return competition

    def missing(self, count: int) -> list[int]:
        """List which of the first `count` replications are missing; failed ones are tried again."""
        missing = [number for number in range(count) if number not in self.done]
        self._expected |= set(missing)
        self._manifest["planned"] = max(count, len(self.done) + len(self.failed))
        return missing

    def add(self, outcome: Outcome) -> None:
        """Store a replication.

        Raises
        ------
        FolderError
            If it cannot be written; what was written before stays.
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
        return self._parts.setdefault(number, Part(self.path, number, self._own))

    def _complete(self, part: int) -> bool:
        """Return whether no more replications are expected in a part."""
        return not any(
            number in self._expected for number in range(part * self._size, (part + 1) * self._size)
        )

    def write(self) -> None:
        """Write everything finished, and release the memory of complete parts.

        Raises
        ------
        FolderError
            If it cannot be written; what was written before stays.
        """
        with as_folder_errors(self.path):
            for part in self._parts.values():
                part.write()
                self._manifest["parts"] |= part.digests
            self._parts = {number: part for number, part in self._parts.items() if not self._complete(number)}
            failed = {(0, number): failure for number, failure in self.failed.items()}
            self._store(failures.NAME, failures.encode(failed))
            self._note_engine()
            self._manifest |= {"done": len(self.done), "failed": len(self.failed)}
            self._manifest["parts"] = dict(sorted(self._manifest["parts"].items()))
            manifest.write(self.path, self._manifest)
        self._written = time.monotonic()

    def _note_engine(self) -> None:
        """Note that the engine was compiled while replications were simulated."""
        begun = self._manifest[manifest.ENGINE]
        if begun["name"] == "simpy" and engine_of(self._scenario).name == "fast":
            reason = "it was compiled meanwhile: the first replications were simulated with SimPy"
            self._manifest[manifest.ENGINE] = {"name": "fast", "reason": reason}

    def rows(self, below: int | None = None) -> KpiTable:
        """Read the key figures of all replications written, or of those numbered less than `below`."""
        columns = table(self.path, "runs", below=below)
        return KpiTable({name: values for name, values in columns.items() if name in KPIS})

    def boosters(self, below: int | None = None) -> npt.NDArray[np.int32]:
        """Read boosters given per measured week, shape (replications, weeks)."""
        nothing = np.zeros((0, self._scenario.run.weeks), dtype=np.int32)
        return np.concatenate([nothing, *self._by_week("weeks", self._scenario.run.weeks, below)])

    def ramp(self, below: int | None = None) -> npt.NDArray[np.float64]:
        """Return boosters given per simulated week, the mean over replications; empty without replications."""
        weeks = self._scenario.run.warm_up_weeks + self._scenario.run.weeks
        total, count = np.zeros(weeks, dtype=np.int64), 0
        for boosters in self._by_week("ramp", weeks, below):
            total += boosters.sum(axis=0)
            count += len(boosters)
        return total / count if count else np.zeros(0)

    def _by_week(self, name: str, weeks: int, below: int | None) -> Iterator[npt.NDArray[np.int32]]:
        """Read weekly boosters part by part, shape (replications, weeks), as 32-bit integers."""
        for part in parts(self.path, name, columns=["boosters"], below=below):
            yield part["boosters"].astype(np.int32).reshape(-1, weeks)

    def finish(self, summary: str, spreadsheet: str) -> None:
        """Write the summaries and the mean profile.

        Parameters
        ----------
        summary
            Content of `summary.json`.
        spreadsheet
            Content of `summary.csv`.
        """
        # The folder's number of replications: an earlier study in it may have had more than this one.
        planned = self._manifest["planned"]
        with as_folder_errors(self.path):
            if planned != self._resolved:
                self._resolve(replace(self._scenario, run={"replications": planned}))
            mean = profile(self.path)
            contents = {"profile.parquet": encode_columns(mean)} if mean else {}
            self._store_all(
                {**contents, "summary.json": summary.encode(), "summary.csv": spreadsheet.encode()}
            )
