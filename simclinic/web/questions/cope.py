"""*Does it cope?*: `simclinic run`, until the main figures are known to 5 %."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simclinic.scenario import Scenario
from simclinic.web.answers import Finished, Interim, Options, Working

if TYPE_CHECKING:
    from simclinic.results.run import RunDocument


def command(file: str, _options: Options) -> list[str]:
    """Write the command."""
    return ["run", file, "--replications", "auto"]


def answer(scenario: Scenario, _options: Options, working: Working) -> Finished:
    """Simulate, and show the figures so far again and again."""
    from simclinic.experiment.precision import LEAST
    from simclinic.report.pages.run import answer_lines, first_lines, is_good
    from simclinic.studies.goals import mean_goals
    from simclinic.studies.precise import run_until
    from simclinic.studies.run import FinishedRun, run

    arguments = {
        "scenario": working.file,
        "set": [],
        "replications": "auto",
        "seed": scenario.run.seed,
        "mix_versions": False,
    }

    currency = scenario.finance.currency

    def show(document: RunDocument) -> None:
        if document["replications"] < LEAST:
            lines, good = first_lines(document, currency, LEAST), None
        else:
            lines, good = answer_lines(document, currency), is_good(document)
        working.show(Interim(list(lines), document, good))

    def made(settings: Scenario) -> FinishedRun:
        finished = run(
            settings,
            arguments=arguments,
            progress=working.progress,
            executor=working.executor,
            look=show,
        )
        show(finished.document)
        return finished

    finished = run_until(scenario, mean_goals("5%"), made)
    failed = len(finished.failures)
    lines = [f"{failed} of {finished.document['replications']} replications failed."] if failed else []
    return Finished(finished.document, finished.folder, lines)
