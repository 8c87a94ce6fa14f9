"""*Plans*: `simclinic compare`, of plans that are files of the folder."""

from __future__ import annotations

from pathlib import Path

from simclinic.errors import SimclinicError
from simclinic.scenario import Scenario
from simclinic.web.answers import Finished, Options, Working, scenario_key


def command(file: str, options: Options) -> list[str]:
    """Write the command."""
    return ["compare", file, *_others(options)]


def _others(options: Options) -> list[str]:
    return options["others"].splitlines()


def answer(scenario: Scenario, options: Options, working: Working) -> Finished:
    """Compare the clinic with the other plans, on the same patients."""
    from simclinic.report.text.words import failed_in_folders
    from simclinic.scenario import load
    from simclinic.studies.compare import compare, sides

    others = [load(Path(name)) for name in _others(options)]
    if [scenario_key(each) for each in others] != options["keys"].splitlines():
        raise SimclinicError("One of the plans has changed since they were compared. Compare them again.")
    compared = sides([scenario, *others])
    arguments = {
        "scenarios": [working.file, *_others(options)],
        "protocols": [],
        "kpis": [],
        "until": [],
        "set": [],
        "replications": compared[0].scenario.run.replications,
        "seed": compared[0].scenario.run.seed,
        "mix_versions": False,
    }
    finished = compare(compared, arguments=arguments, progress=working.progress, executor=working.executor)
    return Finished(
        finished.document, finished.folder, list(failed_in_folders(finished.failures, finished.folder))
    )
