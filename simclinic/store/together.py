"""The folder of a comparison: a results folder for each scenario, and what they say together.

```text
typical-clinic-compare-1a2b3c4d/
  manifest.json            which scenarios, with which command
  summary.json             what `compare --json` prints
  summary.csv              the differences, for a spreadsheet
  01-twice-weekly/         a results folder, as `run` writes it
  02-thrice-weekly/
```

So everything that can be done with a run's folder can be done with each of these: read it with pandas, go on with
it, check it.
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
from simclinic.store.errors import told
from simclinic.store.manifest import Beginning, Identity
from simclinic.store.names import slug
from simclinic.store.writer import Writer


def together(study: str, scenarios: Sequence[Scenario], panel: Panel | None = None) -> Identity:
    """Identify a study of several scenarios, the first one's seed being everybody's, and so is the panel."""
    each = [Identity.of(study, scenario, panel).fingerprint for scenario in scenarios]
    fingerprint = hashlib.sha256(json.dumps(each).encode()).hexdigest()
    first = scenarios[0]
    return Identity(study, first.name, fingerprint, first.run.seed, Beginning.of(first, panel))


class Together(Writer):
    """The folder of a comparison, locked by its writer.

    Attributes
    ----------
    path
        Where it is.
    rooms
        The results folder of each scenario.
    """

    def __init__(
        self, path: Path, identity: Identity, names: Sequence[str], arguments: Mapping[str, Any]
    ) -> None:
        super().__init__(path, identity, arguments)
        self.rooms = tuple(path / f"{number:02}-{slug(name)}" for number, name in enumerate(names, 1))
        self._names = tuple(names)

    def __enter__(self) -> Self:
        """Lock the folder, made if need be.

        Raises
        ------
        FolderError
            If it cannot be written, is being written, or holds something else.
        """
        self._take(self._begin)
        return self

    def _begin(self) -> None:
        for room in self.rooms:
            if room.is_symlink():
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), room.name)
        folders = dict(zip(self._names, (room.name for room in self.rooms), strict=True))
        self._manifest["scenarios"] = folders
        manifest.write(self.path, self._manifest)

    def count(self, *, planned: int, done: int, failed: int) -> None:
        """Take note of how far it got; replications are counted over all scenarios."""
        self._manifest |= {"planned": planned, "done": done, "failed": failed}

    def finish(self, summary: str, spreadsheet: str) -> None:
        """Write what the scenarios say together."""
        with told(self.path):
            self._keep("summary.json", summary.encode())
            self._keep("summary.csv", spreadsheet.encode())
