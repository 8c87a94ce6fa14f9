"""Execution of a study: replications, seed, processes, results folder."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict

from simclinic.experiment import Executor, executor_for


class ExecutionOptions(TypedDict, total=False):
    """Keyword arguments of an execution, except `replications`; defaults are those of :class:`Execution`."""

    seed: int | None
    out: str | os.PathLike[str] | None
    workers: int | None
    cluster: str | None
    time_limit: float | None
    mix_versions: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """Options of the execution of a study.

    Attributes
    ----------
    replications
        Number of replications; "auto": until the precision goals are reached; None: the scenario's.
    seed
        Seed of all random inputs; None: the scenario's.
    out
        The results folder; None: one named after the study.
    workers
        Number of worker processes; None: one for each processor, unless the work is short.
    cluster
        Address of the scheduler of a dask.distributed cluster that runs the replications instead.
    time_limit
        Seconds after which a replication counts as failed; None: no limit.
    mix_versions
        Whether to continue a folder begun with other versions of Python or of packages that can change results.
    announce
        Called with a sentence about the engine, if there is something to say; see
        :class:`~simclinic.experiment.compiling.Compiler`.
    """

    replications: int | Literal["auto"] | None = None
    seed: int | None = None
    out: Path | None = None
    workers: int | None = None
    cluster: str | None = None
    time_limit: float | None = None
    mix_versions: bool = False
    announce: Callable[[str], None] | None = None

    @classmethod
    def of(cls, options: ExecutionOptions, replications: int | Literal["auto"] | None = None) -> Execution:
        """Create it from keyword arguments; a path may be text, and a number may be of any integer type."""
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
        """Number of replications; None for "auto" or the scenario's."""
        return None if self.replications == "auto" else self.replications

    def executor(self) -> Executor:
        """Create the executor, for a `with` block."""
        executor = executor_for(self.workers, self.cluster)
        if self.announce is not None:
            executor.compiler.announce = self.announce
        return executor
