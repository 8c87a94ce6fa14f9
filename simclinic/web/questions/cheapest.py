"""*Cheapest plan*: `simclinic plan` over numbers of chairs and nurses."""

from __future__ import annotations

from simclinic.scenario import Scenario
from simclinic.web.answers import Finished, Options, Working
from simclinic.web.targets import target_arguments, target_changes

AT_MOST, RESERVE = "at_most", "booking.booster_reserve"
FROM, TO = ":from", ":to"
"""Ends of the names of the two fields of a range."""


def command(file: str, options: Options) -> list[str]:
    """Write the command."""
    over = [word for each in _over(options) for word in ("--over", each)]
    most = ["--at-most", options[AT_MOST]] if AT_MOST in options else []
    return ["plan", file, *over, *target_arguments(options), *most]


def _over(options: Options) -> list[str]:
    ranges = [
        f"{name.removesuffix(FROM)}={first}:{options[name.removesuffix(FROM) + TO]}"
        for name, first in options.items()
        if name.endswith(FROM)
    ]
    levels = [f"{float(each) / 100:g}" for each in options.get(RESERVE, "").split(",") if each]
    return [*ranges, *([f"{RESERVE}={','.join(levels)}"] if levels else [])]


def answer(scenario: Scenario, options: Options, working: Working) -> Finished:
    """Search, and show what has been settled again and again."""
    from simclinic.report.text.words import failed_in_folders
    from simclinic.scenario.copies import with_overrides
    from simclinic.scenario.overrides import target_overrides
    from simclinic.studies.plan import ALPHA, plan
    from simclinic.studies.plan import AT_MOST as USUAL
    from simclinic.studies.plan_space import space_of
    from simclinic.studies.run_options import RunOptions, Step
    from simclinic.web.searching import Searching

    changes, targets = target_changes(options)
    over, at_most = _over(options), int(options.get(AT_MOST, USUAL))
    searching = Searching(working, scenario.finance.currency)
    searching.watch(Step("The plans are put in the order of their cost.", (), 0))
    clinic = with_overrides(scenario, [*changes, *target_overrides(targets)])
    arguments = {
        "scenario": working.file,
        "over": over,
        "target": targets,
        "set": changes,
        "alpha": ALPHA,
        "at_most": at_most,
        "ends": True,
        "seed": clinic.run.seed,
        "mix_versions": False,
    }
    finished = plan(
        clinic,
        space_of(clinic, over),
        at_most=at_most,
        options=RunOptions(
            arguments=arguments,
            progress=searching.progress,
            watch=searching.watch,
            look=searching.look,
            executor=working.executor,
        ),
    )
    searching.end(sum(each.scenario.run.replications for each in finished.runs))
    lines = list(failed_in_folders(finished.failures, finished.folder))
    return Finished(finished.document, finished.folder, lines)
