"""Options that studies of several scenarios share: where they store, and how they simulate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from simclinic.experiment import Executor
from simclinic.results.run import RunDocument
from simclinic.scenario.panel import Panel
from simclinic.store import Identity, default_folder
from simclinic.store.multi_folder import MultiScenarioFolder
from simclinic.studies.run import Progress


class Settled(NamedTuple):
    """A candidate that has been tried: its name, its state in one word, and the targets that it misses."""

    name: str
    state: str
    misses: tuple[str, ...]


class Step(NamedTuple):
    """How far a search is.

    Attributes
    ----------
    says
        What is done now, in a sentence.
    settled
        What has been tried, in this order.
    most
        Replications that may still follow at most; those of a date, and of a figure to be largest, come on top.
    """

    says: str
    settled: tuple[Settled, ...]
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a study of several scenarios is simulated and stored.

    Attributes
    ----------
    out
        The results folder; None: one below `results/`, named after the scenario.
    arguments
        Arguments of the command, for the manifest.
    progress
        Called after each replication with the number of finished and of planned ones.
    watch
        Called by a study of several plans before each that it tries.
    look
        Called now and then with the document of the first replications of the plan that is being simulated.
    executor
        Runs the replications; None: in this process, one after another.
    time_limit
        Seconds after which a replication counts as failed; None: no limit.
    panel
        Today's patients, if the scenarios are set to begin with them; see :mod:`simclinic.studies.today`.
    reuse
        Whether to reuse replications of the same scenarios from results folders beside this one.
    """

    out: Path | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    progress: Progress | None = None
    watch: Callable[[Step], None] | None = None
    look: Callable[[RunDocument], None] | None = None
    executor: Executor | None = None
    time_limit: float | None = None
    panel: Panel | None = None
    reuse: bool = True

    def folder(
        self, identity: Identity, names: Sequence[str], asked: str | None = None
    ) -> MultiScenarioFolder:
        """Return the results folder of a study, for a `with` block.

        Parameters
        ----------
        identity
            What the study is.
        names
            Names of the scenarios that are known at the beginning.
        asked
            Hash of what is asked, after which the folder is named by default; None: the study's fingerprint.
        """
        named = default_folder(identity.scenario, identity.study, asked or identity.fingerprint)
        return MultiScenarioFolder(self.out or named, identity, names, self.arguments)
