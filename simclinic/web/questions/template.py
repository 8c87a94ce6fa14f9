"""*Best template*: `simclinic template`, the start times that let most visits begin."""

from __future__ import annotations

from simclinic.scenario import Scenario
from simclinic.web.answers import Finished, Options, Working
from simclinic.web.targets import target_arguments, target_changes

GRID, SLACK, AT_MOST = "grid", "slack", "at_most"


def command(file: str, options: Options) -> list[str]:
    """Write the command."""
    given = [(name, options[name]) for name in (GRID, SLACK, AT_MOST) if name in options]
    words = [word for name, value in given for word in (f"--{name.replace('_', '-')}", value)]
    return ["template", file, *words, *target_arguments(options)]


def answer(scenario: Scenario, options: Options, working: Working) -> Finished:
    """Compute the fullest days, and simulate them until one keeps its limits."""
    from simclinic.planning.slack import USUAL
    from simclinic.report.text.words import failed_in_folders
    from simclinic.scenario.copies import with_overrides
    from simclinic.scenario.overrides import target_overrides
    from simclinic.studies.plan import ALPHA
    from simclinic.studies.plan import AT_MOST as MOST
    from simclinic.studies.run_options import RunOptions
    from simclinic.studies.template import GRID as FIVE
    from simclinic.studies.template import template
    from simclinic.web.searching import Searching

    changes, targets = target_changes(options)
    grid, slack = int(options.get(GRID, FIVE)), options.get(SLACK, USUAL)
    at_most = int(options.get(AT_MOST, MOST))
    clinic = with_overrides(scenario, [*changes, *target_overrides(targets)])
    searching = Searching(working, scenario.finance.currency)
    arguments = {
        "scenario": working.file,
        "grid": grid,
        "slack": slack,
        "target": targets,
        "alpha": ALPHA,
        "at_most": at_most,
        "set": changes,
        "seed": clinic.run.seed,
        "mix_versions": False,
    }
    finished = template(
        clinic,
        every=grid,
        slack=slack,
        at_most=at_most,
        options=RunOptions(
            arguments=arguments,
            progress=searching.progress,
            watch=searching.watch,
            look=searching.look,
            executor=working.executor,
        ),
    )
    assert finished.folder is not None  # it is simulated
    searching.end(sum(each.scenario.run.replications for each in finished.runs))
    lines = list(failed_in_folders(finished.failures, finished.folder))
    return Finished(finished.document, finished.folder, lines)
