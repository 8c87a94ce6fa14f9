"""The simulation of one plan of a study of several, into its own folder below that of the study."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from simclinic.past.past import Competition
from simclinic.results.kinds import RUN_OVERLOADED
from simclinic.scenario import Scenario
from simclinic.studies.made_ahead import Pilots
from simclinic.studies.run import FinishedRun, Progress, run
from simclinic.studies.run_options import RunOptions


def simulate(
    plan: Scenario,
    subfolder: Path,
    options: RunOptions,
    *,
    progress: Progress | None = None,
    study: str | None = None,
    parts: int = 1,
    competition: Pilots | None = None,
    reuse: bool = True,
) -> FinishedRun:
    """Simulate a plan; means are left as they are, so that plans can be compared replication by replication.

    Parameters
    ----------
    plan
        The plan, with its seed and number of replications.
    subfolder
        Its folder, in that of the study; replications of the same plan are reused from folders beside the study.
    options
        How to simulate.
    progress
        Called instead of the progress of the options.
    study, parts, competition
        As for :func:`simclinic.studies.run.run`.
    reuse
        False: no replications are reused, whatever the options say.
    """
    return run(
        plan,
        out=subfolder,
        arguments=options.arguments,
        progress=progress or options.progress,
        executor=options.executor,
        time_limit=options.time_limit,
        panel=options.panel,
        study=study,
        among=subfolder.parent.parent if options.reuse and reuse else None,
        plain=True,
        competition=competition,
        parts=parts,
        look=options.look,
    )


def simulator(
    plan: Scenario, load: float, options: RunOptions, *, study: str | None = None, parts: int = 1
) -> Callable[[Scenario, Path], FinishedRun]:
    """Return what simulates a plan into its folder, with any number of replications.

    Parameters
    ----------
    plan
        The plan.
    load
        Demand as a share of capacity, on paper.
    options
        How to simulate and store.
    study, parts
        Kind of the runs, and parts of the measured weeks, as for :func:`simclinic.studies.run.run`.
    """
    if options.panel is None and plan.run.begin == "steady" and load > 1:
        # No past could have gone on like that, so no pilots look for its delay.
        endless: Pilots = (Competition(endless=True), {})
        return partial(simulate, options=options, study=RUN_OVERLOADED.name, parts=parts, competition=endless)
    return partial(simulate, options=options, study=study, parts=parts)
