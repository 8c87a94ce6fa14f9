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

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from simclinic.scenario import Scenario
from simclinic.scenario.panel import Panel
from simclinic.store import manifest
from simclinic.store.errors import FolderError, told
from simclinic.store.manifest import Identity
from simclinic.store.names import slug
from simclinic.store.whole import write_whole

_LOCK = ".lock"


def together(study: str, scenarios: Sequence[Scenario], panel: Panel | None = None) -> Identity:
    """Identify a study of several scenarios, the first one's seed being everybody's, and so is the panel."""
    each = [Identity.of(study, scenario, panel).fingerprint for scenario in scenarios]
    fingerprint = hashlib.sha256(json.dumps(each).encode()).hexdigest()
    return Identity(study, scenarios[0].name, fingerprint, scenarios[0].run.seed)


class Together:
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
        self.path = path
        self.identity = identity
        self.rooms = tuple(path / f"{number:02}-{slug(name)}" for number, name in enumerate(names, 1))
        self._names = tuple(names)
        self._arguments = arguments
        self._manifest: dict[str, Any] = {}
        self._lock = FileLock(path / _LOCK)

    def __enter__(self) -> Self:
        """Lock the folder, made if need be.

        Raises
        ------
        FolderError
            If it cannot be written, is being written, or holds something else.
        """
        with told(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                raise FolderError(f"{self.path}: another simclinic is writing there just now.") from None
            try:
                self._begin()
            except BaseException:
                self._lock.release()
                raise
        return self

    def _begin(self) -> None:
        known = manifest.read(self.path)
        if known is None:
            if any(entry.name != _LOCK for entry in self.path.iterdir()):
                raise FolderError(
                    f"{self.path}: is not empty and holds no results of simclinic. Choose another folder "
                    "with --out."
                )
            known = manifest.new(self.identity, self._arguments)
        else:
            manifest.check(self.path, known, self.identity)
        folders = dict(zip(self._names, (room.name for room in self.rooms), strict=True))
        self._manifest = known | {"arguments": dict(self._arguments), "scenarios": folders}
        manifest.write(self.path, self._manifest)

    def finish(self, summary: str, spreadsheet: str, *, planned: int, done: int, failed: int) -> None:
        """Write what the scenarios say together; replications are counted over all of them."""
        self._manifest |= {"planned": planned, "done": done, "failed": failed, "ended": manifest.now()}
        with told(self.path):
            write_whole(self.path / "summary.json", summary.encode())
            write_whole(self.path / "summary.csv", spreadsheet.encode())
            manifest.write(self.path, self._manifest)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
