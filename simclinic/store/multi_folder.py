"""The folder of a multi-scenario study: a results folder for each scenario, and a summary of all.

```text
typical-clinic-compare-1a2b3c4d/
  manifest.json            scenarios and command
  summary.json             the output of `compare --json`
  summary.csv              the differences, for a spreadsheet
  01-twice-weekly/         a results folder, as `run` writes it
  02-thrice-weekly/
```

Each scenario's folder is a complete results folder of a run: it can be read with pandas, resumed and verified.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from simclinic.scenario import Scenario
from simclinic.scenario.panel import Panel
from simclinic.store import manifest
from simclinic.store.errors import as_folder_errors
from simclinic.store.folder_writer import FolderWriter
from simclinic.store.manifest import Identity, PanelIdentity, own_of
from simclinic.store.names import slug


def multi_scenario_identity(
    study: str, scenarios: Sequence[Scenario], panel: Panel | None = None
) -> Identity:
    """Return the identity of a study of several scenarios, which share the first one's seed and the panel."""
    fingerprints = [Identity.of(study, scenario, panel).fingerprint for scenario in scenarios]
    fingerprint = hashlib.sha256(json.dumps(fingerprints).encode()).hexdigest()
    first = scenarios[0]
    begins = PanelIdentity.of(first, panel)
    return Identity(study, first.name, fingerprint, first.run.seed, begins, own_of(scenarios))


class MultiScenarioFolder(FolderWriter):
    """Writer of the folder of a multi-scenario study.

    Attributes
    ----------
    path
        The folder.
    subfolders
        The results folder of each scenario.
    """

    def __init__(
        self, path: Path, identity: Identity, names: Sequence[str], arguments: Mapping[str, Any]
    ) -> None:
        super().__init__(path, identity, arguments)
        self._added: dict[str, str] = {}
        self.subfolders = tuple(path / f"{number:02}-{slug(name)}" for number, name in enumerate(names, 1))
        self._names = tuple(names)

    def __enter__(self) -> Self:
        """Create the folder if it does not exist, and lock it.

        Raises
        ------
        FolderError
            If it cannot be written, is locked by another process, or holds other results.
        """
        self._acquire(self._begin)
        return self

    def _begin(self) -> None:
        for subfolder in self.subfolders:
            _refuse_link(subfolder)
        folders = dict(zip(self._names, (subfolder.name for subfolder in self.subfolders), strict=True))
        self._manifest["scenarios"] = folders
        manifest.write(self.path, self._manifest)

    def keep(self, count: int) -> None:
        """Record that only the first scenarios are simulated so far; no folder of the others is missed."""
        self._manifest["scenarios"] = {
            name: subfolder.name
            for name, subfolder in zip(self._names[:count], self.subfolders[:count], strict=True)
        }
        manifest.write(self.path, self._manifest)

    def add(self, name: str, fingerprint: str) -> Path:
        """Record a scenario that was not known at the beginning; return its folder.

        The folder is named after the scenario's hash, so that a study that asks another question of the same
        scenarios finds their replications.
        """
        subfolder = self.path / f"{slug(name)}-{fingerprint[:8]}"
        _refuse_link(subfolder)
        self._added[name] = subfolder.name
        self._manifest["scenarios"] = dict(self._added)
        manifest.write(self.path, self._manifest)
        return subfolder

    def count(self, *, planned: int, done: int, failed: int) -> None:
        """Record the progress, counted in replications of all scenarios."""
        self._manifest |= {"planned": planned, "done": done, "failed": failed}

    def finish(self, summary: str, spreadsheet: str) -> None:
        """Write the summaries of all scenarios."""
        with as_folder_errors(self.path):
            self._store("summary.json", summary.encode())
            self._store("summary.csv", spreadsheet.encode())


def _refuse_link(subfolder: Path) -> None:
    if subfolder.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), subfolder.name)
