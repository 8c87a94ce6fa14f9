"""`simclinic template`: the starts of a day that let most visits begin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simclinic.cli import options, study_report
from simclinic.cli.screen import put, say, show
from simclinic.cli.simulating import simulating

if TYPE_CHECKING:
    from simclinic.studies.execution import Execution
    from simclinic.studies.template import FinishedTemplate


@click.command("template")
@options.scenario
@click.option(
    "--grid",
    type=int,
    default=5,
    show_default=True,
    metavar="MINUTES",
    help="Minutes between possible starts, counted from opening.",
)
@click.option(
    "--slack",
    default="0,5,10,15,20,p65,p80",
    show_default=True,
    metavar="PERCENT,...",
    help="What visits are planned with on top of mean lengths: percent of the mean, or percentiles of each step "
    "(p80). One alone is the answer, whatever its simulation says.",
)
@click.option("--on-paper", is_flag=True, help="Find the templates, and simulate nothing.")
@click.option(
    "--write",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a scenario that extends SCENARIO and lists the starts of the answer. Nothing is overwritten.",
)
@click.option(
    "--sheet",
    "sheets",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    multiple=True,
    help="Write the answer for the wall, with chair and nurse of each start: FILE.html to print, or FILE.csv; can "
    "be given several times.",
)
@options.targets
@options.alpha()
@options.most_replications("of a way to book")
@options.overrides
@options.execution
@study_report.option
@options.as_json
def command(
    scenario: str,
    grid: int,
    slack: str,
    on_paper: bool,
    write: Path | None,
    sheets: tuple[Path, ...],
    targets: tuple[str, ...],
    alpha: float,
    at_most: int,
    overrides: tuple[str, ...],
    execution: Execution,
    no_report: bool,
    as_json: bool,
) -> int:
    """Find the start times that let most visits begin, and how much slack the day needs.

    Templates are planned with several slacks. Each is proved to be the best one that chairs, nurses, breaks and
    hours permit. They and the present starts are simulated on the same patients, the fullest first, each until it
    is shown to keep the limits of the day (late days, visits that begin on time, and targets on other figures of
    the day), or to break one. The first that keeps them is the answer.

    The same command on the same folder resumes an interrupted search, also with another --slack, --grid or --alpha.
    """
    from simclinic.errors import Together
    from simclinic.report.text.words import failed_in_folders
    from simclinic.results.document import as_json as written
    from simclinic.scenario import load
    from simclinic.studies.run import with_run_settings
    from simclinic.studies.template import check_question, template
    from simclinic.studies.template_file import check_files, check_overrides

    wrong = Together()
    with wrong:
        base = check_files(Path(scenario), write, sheets)
    loaded = None
    with wrong:
        changes = options.with_targets(overrides, targets)
        settings = loaded = with_run_settings(load(scenario, changes), seed=execution.seed)
    with wrong:
        check_question(loaded, every=grid, slack=slack, alpha=alpha, at_most=at_most)
    wrong.end()
    if write is not None and base is not None:
        check_overrides(settings, base, write, changes)
    arguments = {
        "scenario": Path(scenario).name,
        "grid": grid,
        "slack": slack,
        "target": list(targets),
        "alpha": alpha,
        "at_most": at_most,
        "set": list(overrides),
        "seed": settings.run.seed,
        "mix_versions": execution.mix_versions,
    }
    with simulating(execution, arguments) as how:
        finished = template(
            settings,
            every=grid,
            slack=slack,
            on_paper=on_paper,
            alpha=alpha,
            at_most=at_most,
            options=how,
        )
    lines = [] if finished.folder is None else study_report.write_report(finished.folder, no_report=no_report)
    lines += _files(finished, base, changes, write, sheets)
    if as_json:
        put(written(finished.document))
    else:
        from simclinic.report.text.template import template_table

        show(template_table(finished.document))
        say("", *lines)
    if finished.folder is not None:
        for line in failed_in_folders(finished.failures, finished.folder):
            say(line, err=True)
    return 1 if finished.failures else 0


def _files(
    finished: FinishedTemplate,
    base: str | None,
    overrides: tuple[str, ...],
    write: Path | None,
    sheets: tuple[Path, ...],
) -> list[str]:
    """Write the files that were asked for; return a line for each, or why there is none."""
    from simclinic.report.sheet import sheet_csv, sheet_html
    from simclinic.studies.template_file import template_toml, write_new

    document, booked = finished.document, finished.scenario
    if booked is None:
        if not write and not sheets:
            return []
        why = "There is no answer" if document["chosen"] is None else "The answer are the present starts"
        return [f"{why}, so no file was written; --slack with one value chooses a template."]
    lines = []
    if write is not None and base is not None:
        name = f"{document['scenario']}, {document['chosen']}"
        heading = [
            f"Starts with {document['chosen']} on a grid of {document['grid_minutes']} minutes,",
            "by `simclinic template`.",
        ]
        write_new(write, template_toml(base, write, overrides, booked, name, heading))
        lines.append(f"The scenario with these starts is {write}")
    for sheet in sheets:
        write_new(sheet, sheet_csv(document) if sheet.suffix.lower() == ".csv" else sheet_html(document))
        lines.append(f"The sheet is {sheet}")
    return lines
