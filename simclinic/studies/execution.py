"""How a study is simulated and kept: how often, from which seed, by which processes, where."""

from __future__ import annotations

import operator
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict

from simclinic.experiment import Executor, executor_for


class ExecutionOptions(TypedDict, total=False):
    """The same as keyword arguments, the number of replications apart; defaults are those of :class:`Execution`."""

    seed: int | None
    out: str | os.PathLike[str] | None
    workers: int | None
    cluster: str | None
    time_limit: float | None
    mix_versions: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """How a study is simulated and kept.

    Attributes
    ----------
    replications
        How often; "auto": until means are known well enough; None: as the scenario says.
    seed
        From which all random inputs follow; None: the scenario's.
    out
        The results folder; None: one that is named for the study.
    workers
        Processes that simulate; None: one for each processor, if it takes longer than a moment.
    cluster
        Address of the scheduler of a dask.distributed cluster that simulates instead.
    time_limit
        Seconds after which a replication counts as failed; None: it may take as long as it takes.
    mix_versions
        Whether a folder may be continued that was begun with other versions of Python or of packages that count.
    """

    replications: int | Literal["auto"] | None = None
    seed: int | None = None
    out: Path | None = None
    workers: int | None = None
    cluster: str | None = None
    time_limit: float | None = None
    mix_versions: bool = False

    @classmethod
    def of(cls, options: ExecutionOptions, replications: int | Literal["auto"] | None = None) -> Execution:
        """Make it of keyword arguments; a path may be text, and a number any that stands for a whole one."""
        out, seed = options.get("out"), options.get("seed")
        if replications is not None and replications != "auto":
            replications = operator.index(replications)
        return cls(
            replications=replications,
            seed=None if seed is None else operator.index(seed),
            out=None if out is None else Path(out),
            workers=options.get("workers"),
            cluster=options.get("cluster"),
            time_limit=options.get("time_limit"),
            mix_versions=options.get("mix_versions", False),
        )

    @property
    def number(self) -> int | None:
        """How often, if that is a number."""
        return None if self.replications == "auto" else self.replications

    def executor(self) -> Executor:
        """Make the executor, to be used in a `with` block."""
        return executor_for(self.workers, self.cluster)
