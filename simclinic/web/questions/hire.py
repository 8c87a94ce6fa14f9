"""*When to hire*: `simclinic plan --panel --by`, over more chairs and nurses than there are."""

from __future__ import annotations

import json
from pathlib import Path

from simclinic.scenario import Scenario, with_overrides
from simclinic.web.answers import Finished, Options, Working
from simclinic.web.questions.cheapest import AT_MOST
from simclinic.web.questions.forecast import growth, panel_of


def command(file: str, options: Options) -> list[str]:
    """Write the command."""
    words = ["plan", file, "--panel", options["panel"], "--by", "--lead-weeks", options["lead"]]
    for each in _over(options):
        words += ["--over", each]
    for override in _overrides(options):
        words += ["--set", override]
    return words + (["--at-most", options[AT_MOST]] if AT_MOST in options else [])


def _over(options: Options) -> list[str]:
    return [f"{address}={now}:{most}" for address, now, most in json.loads(options["over"])]


def _overrides(options: Options) -> list[str]:
    return [f"run.weeks={options['weeks']}", *growth(options)]


def answer(scenario: Scenario, options: Options, working: Working) -> Finished:
    """Search for the cheapest plan, then for the latest week from which it must be in force."""
    from simclinic.report.text.words import failed_in_folders
    from simclinic.studies.plan import ALPHA, plan
    from simclinic.studies.plan import AT_MOST as USUAL
    from simclinic.studies.plan_space import space_of
    from simclinic.studies.run_options import RunOptions, Step
    from simclinic.studies.today import PanelChoice
    from simclinic.web.searching import Searching

    at_most = int(options.get(AT_MOST, USUAL))
    clinic = with_overrides(scenario, _overrides(options))
    panel_of(clinic, options)  # the patients are still those of the question
    beginning = PanelChoice(Path(options["panel"])).start([clinic])
    [begun] = beginning.scenarios
    searching = Searching(working, scenario.finance.currency)
    searching.watch(Step("The plans are put in the order of their cost.", (), 0))
    arguments = {
        "scenario": working.file,
        "over": _over(options),
        "target": [],
        "set": _overrides(options),
        "alpha": ALPHA,
        "at_most": at_most,
        "ends": True,
        "by": True,
        "lead_weeks": int(options["lead"]),
        "seed": begun.run.seed,
        "mix_versions": False,
    } | beginning.arguments
    finished = plan(
        begun,
        space_of(begun, _over(options), beginning.panel),
        at_most=at_most,
        by=True,
        lead_weeks=int(options["lead"]),
        options=RunOptions(
            arguments=arguments,
            progress=searching.progress,
            watch=searching.watch,
            look=searching.look,
            executor=working.executor,
            panel=beginning.panel,
        ),
    )
    searching.end(sum(each.scenario.run.replications for each in finished.runs))
    lines = list(failed_in_folders(finished.failures, finished.folder))
    return Finished(finished.document, finished.folder, lines)
