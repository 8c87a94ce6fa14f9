"""`simclinic sweep`: a design over many settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from simclinic.cli import complete, options, panel_options, study_report
from simclinic.cli.screen import put, say, show

if TYPE_CHECKING:
    from simclinic.studies.execution import Execution
    from simclinic.studies.sweep import FinishedSweep


@click.command("sweep")
@click.argument("study", metavar="STUDY.toml", type=click.Path())
@click.option(
    "--on",
    "on",
    metavar="KPI,KPI",
    multiple=True,
    shell_complete=complete.figures,
    help="Key figures to show; can be given several times.",
)
@panel_options.all_options
@options.overrides
@options.targets
@options.replications
@options.execution
@study_report.option
@options.as_json
def command(
    study: str,
    on: tuple[str, ...],
    overrides: tuple[str, ...],
    targets: tuple[str, ...],
    execution: Execution,
    as_json: bool,
    no_report: bool,
    **given: Unpack[panel_options.PanelArguments],
) -> int:
    """Simulate a design over many settings, and rank their effects.

    The study file names a scenario, a design (grid, lhs, sobol, morris) and the settings to vary, with levels or
    ranges. Every point has the same patients. The same command on the same folder resumes an interrupted sweep,
    even after a power cut; with more replications it extends the sweep.

    With --panel every point begins with today's patients, on the same day and without a warm-up.
    """
    from simclinic.cli.progress import Bar
    from simclinic.results.document import as_json as written
    from simclinic.studies.study_file import load_study
    from simclinic.studies.sweep import checked_kpis, sweep

    checked_kpis(on)
    points = load_study(
        study,
        options.with_targets(overrides, targets),
        replications=execution.number,
        seed=execution.seed,
        today=panel_options.from_arguments(given),
    )
    shown = checked_kpis(on, points.figures)
    panel_options.warn_unused(points.panel, points.arguments, points.scenarios.values(), overrides)
    arguments = {
        "study": Path(study).name,
        "set": list(overrides),
        **({"target": list(targets)} if targets else {}),
        "replications": points.replications,
        "seed": points.seed,
        "mix_versions": execution.mix_versions,
        **points.arguments,
    }
    with execution.executor() as executor, Bar() as bar:
        finished = sweep(
            points,
            out=execution.out,
            arguments=arguments,
            progress=bar,
            executor=executor,
            time_limit=execution.time_limit,
        )
    where = study_report.write_report(finished.folder, no_report=no_report)
    if as_json:
        put(written(finished.document))
    else:
        from simclinic.report.text.sweep import sweep_table

        show(sweep_table(finished.document, shown, finished.table))
        say("", *where)
    for line in _remarks(finished):
        say(line, err=True)
    return 1 if finished.failures else 0


def _remarks(finished: FinishedSweep) -> list[str]:
    lines = []
    if finished.repaired:
        lines.append(
            f"Damaged or missing, and made again: {', '.join(finished.repaired[:5])}"
            f"{' and others' if len(finished.repaired) > 5 else ''} in {finished.folder}."
        )
    planned = finished.document["points"] * finished.document["replications"]
    if finished.stored > planned:
        lines.append(
            f"{finished.folder} contains {finished.stored} runs of earlier commands; the first "
            f"{finished.document['replications']} replications of each point are shown."
        )
    if finished.failures:
        point, first = finished.failures[0]
        lines.append(
            f"{len(finished.failures)} of {planned} runs failed; the first was number {first.number} of point "
            f"{point}: {first.error}. See {finished.folder / 'failures.jsonl'}."
        )
    return lines
