"""Runs of several scenarios into one results folder, for comparisons and forecasts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

from simclinic.experiment.failure import Failure
from simclinic.scenario import Scenario
from simclinic.store.multi_folder import MultiScenarioFolder
from simclinic.studies.run import FinishedRun, Interrupted, Progress

Runner = Callable[..., FinishedRun]
"""Runs a scenario; takes `out` and `progress`, as :func:`simclinic.studies.run.run` does."""


Document = TypeVar("Document")


@dataclass(frozen=True)
class FinishedStudy(Generic[Document]):
    """A finished study of several plans.

    Attributes
    ----------
    scenario
        The clinic as it is, with the seed of the study.
    names, runs
        The name of each plan that was simulated, and its run.
    document
        Output of `--json`.
    folder
        The results folder.
    """

    scenario: Scenario
    names: tuple[str, ...]
    runs: tuple[FinishedRun, ...]
    document: Document
    folder: Path

    @cached_property
    def failures(self) -> tuple[tuple[str, Failure], ...]:
        """Replications that failed, with the name of their plan."""
        return failures_of(self.names, self.runs)


def run_all(
    scenarios: Sequence[Scenario], folder: MultiScenarioFolder, runner: Runner, progress: Progress | None
) -> tuple[FinishedRun, ...]:
    """Run scenarios with the same number of replications, each into its own subfolder.

    Parameters
    ----------
    scenarios
        The scenarios, in the order of the subfolders.
    folder
        The results folder.
    runner
        Runs a scenario.
    progress
        Called with the number of finished replications, and their number in all scenarios.

    Raises
    ------
    Interrupted
        If the user pressed Ctrl-C; it counts the replications of all scenarios.
    """
    count = scenarios[0].run.replications
    runs: list[FinishedRun] = []
    for before, (scenario, subfolder) in enumerate(zip(scenarios, folder.subfolders, strict=True)):

        def advance(done: int, planned: int, before: int = before) -> None:
            if progress is not None:
                progress(before * planned + done, len(scenarios) * planned)

        try:
            runs.append(runner(scenario, out=subfolder, progress=advance))
        except Interrupted as stop:
            failed = _failed(runs)
            stored, planned = before * count - failed + stop.stored, len(scenarios) * count
            folder.count(planned=planned, done=stored, failed=failed)
            raise Interrupted(folder.path, stored, planned) from None
    return tuple(runs)


@contextmanager
def counted(folder: MultiScenarioFolder, runs: Collection[FinishedRun]) -> Iterator[None]:
    """Record in a folder how many replications a search made, at its end and if the user stops it.

    Parameters
    ----------
    folder
        The folder of the search.
    runs
        The finished runs of the search, which adds to them.

    Raises
    ------
    Interrupted
        If the user pressed Ctrl-C in a run; it counts the replications of all runs.
    KeyboardInterrupt
        If the user pressed Ctrl-C between two of them, with a message that says what is kept.
    """
    try:
        yield
    except Interrupted as stop:
        planned, failed = _planned(runs) + stop.planned, _failed(runs)
        stored = planned - stop.planned - failed + stop.stored
        folder.count(planned=planned, done=stored, failed=failed)
        raise Interrupted(folder.path, stored, planned) from None
    except KeyboardInterrupt:
        # Between two runs, or while one is judged: each has stored what it made.
        raise KeyboardInterrupt(f"interrupted: all that was simulated is kept in {folder.path}") from None
    planned, failed = _planned(runs), _failed(runs)
    folder.count(planned=planned, done=planned - failed, failed=failed)


def never_certain(runs: Collection[FinishedRun], said: str) -> Iterator[str]:
    """Yield a warning if replications failed, which says what of them is never certain."""
    failed = _failed(runs)
    if failed:
        yield f"{failed} replications failed: {said}"


def _planned(runs: Collection[FinishedRun]) -> int:
    return sum(each.scenario.run.replications for each in runs)


def _failed(runs: Collection[FinishedRun]) -> int:
    return sum(len(each.failures) for each in runs)


def failures_of(names: Sequence[str], runs: Sequence[FinishedRun]) -> tuple[tuple[str, Failure], ...]:
    """List the replications that failed, with the name of their scenario."""
    return tuple((name, failure) for name, run in zip(names, runs, strict=True) for failure in run.failures)
