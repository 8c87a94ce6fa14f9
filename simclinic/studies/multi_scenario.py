"""Runs of several scenarios into one results folder, for comparisons and forecasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simclinic.experiment.failure import Failure
from simclinic.scenario import Scenario
from simclinic.store.multi_folder import MultiScenarioFolder
from simclinic.studies.run import FinishedRun, Interrupted, Progress

Runner = Callable[..., FinishedRun]
"""Runs a scenario; takes `out` and `progress`, as :func:`simclinic.studies.run.run` does."""


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
            failed = sum(len(run.failures) for run in runs)
            stored, planned = before * count - failed + stop.stored, len(scenarios) * count
            folder.count(planned=planned, done=stored, failed=failed)
            raise Interrupted(folder.path, stored, planned) from None
    return tuple(runs)


def failures_of(names: Sequence[str], runs: Sequence[FinishedRun]) -> tuple[tuple[str, Failure], ...]:
    """List the replications that failed, with the name of their scenario."""
    return tuple((name, failure) for name, run in zip(names, runs, strict=True) for failure in run.failures)
