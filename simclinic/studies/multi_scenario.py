"""Several scenarios run one after another, into the rooms of one folder: comparisons and forecasts."""

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
    """Run scenarios of equally many replications, each into its room.

    Parameters
    ----------
    scenarios
        In the order of the folder's rooms.
    folder
        Where everything is kept.
    runner
        Makes the replications.
    progress
        Is told how many replications are finished, of all of them.

    Raises
    ------
    Interrupted
        If somebody pressed Ctrl-C; it counts over all scenarios.
    """
    count = scenarios[0].run.replications
    found: list[FinishedRun] = []
    for before, (scenario, room) in enumerate(zip(scenarios, folder.rooms, strict=True)):

        def told(done: int, planned: int, before: int = before) -> None:
            if progress is not None:
                progress(before * planned + done, len(scenarios) * planned)

        try:
            found.append(runner(scenario, out=room, progress=told))
        except Interrupted as stop:
            failed = sum(len(each.failures) for each in found)
            kept, planned = before * count - failed + stop.kept, len(scenarios) * count
            folder.count(planned=planned, done=kept, failed=failed)
            raise Interrupted(folder.path, kept, planned) from None
    return tuple(found)


def failures_of(names: Sequence[str], runs: Sequence[FinishedRun]) -> tuple[tuple[str, Failure], ...]:
    """Gather the replications that failed, with the name of what they were made for."""
    return tuple(
        (name, failure) for name, found in zip(names, runs, strict=True) for failure in found.failures
    )
