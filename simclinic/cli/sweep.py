"""`simclinic sweep`: a design over many settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from simclinic.cli import complete, options, reported, today
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
@today.options
@options.overrides
@options.replications
@options.execution
@reported.option
@options.as_json
def command(
    study: str,
    on: tuple[str, ...],
    overrides: tuple[str, ...],
    execution: Execution,
    as_json: bool,
    no_report: bool,
    **given: Unpack[today.Given],
) -> int:
    """Simulate a design over many settings, and rank what matters.

    The study file names a scenario, a design (grid, lhs, sobol, morris) and the settings to vary, with levels or
    ranges. Every point has the same patients. The same command on the same folder goes on where it stopped, even
    after a power cut; more replications extend it.

    With --panel every point begins with today's patients, on one day and without a warm-up.
    """
    from simclinic.cli.progress import Bar
    from simclinic.results.document import as_json as written
    from simclinic.studies.study_file import load_study
    from simclinic.studies.sweep import figures_named, sweep

    shown = figures_named(on)
    points = load_study(
        study, overrides, replications=execution.number, seed=execution.seed, today=today.said(given)
    )
    today.say_idle(points.panel, points.arguments, points.scenarios.values(), overrides)
    arguments = {
        "study": Path(study).name,
        "set": list(overrides),
        "replications": points.replications,
        "seed": points.seed,
        "mix_versions": execution.mix_versions,
        **points.arguments,
    }
    with execution.executor() as executor, Bar() as bar:
        found = sweep(
            points,
            out=execution.out,
            arguments=arguments,
            progress=bar,
            executor=executor,
            time_limit=execution.time_limit,
        )
    where = reported.reported(found.folder, no_report=no_report)
    if as_json:
        put(written(found.document))
    else:
        from simclinic.report.text.sweep import sweep_table

        show(sweep_table(found.document, shown, found.table))
        say("", *where)
    for told in _remarks(found):
        say(told, err=True)
    return 1 if found.failures else 0


def _remarks(found: FinishedSweep) -> list[str]:
    told = []
    if found.mended:
        told.append(
            f"Damaged or missing, and made again: {', '.join(found.mended[:5])}"
            f"{' and others' if len(found.mended) > 5 else ''} in {found.folder}."
        )
    planned = found.document["points"] * found.document["replications"]
    if found.held > planned:
        told.append(
            f"{found.folder} holds {found.held} runs from before; shown are the first "
            f"{found.document['replications']} replications of each point."
        )
    if found.failures:
        point, first = found.failures[0]
        told.append(
            f"{len(found.failures)} of {planned} runs failed; the first was number {first.number} of point "
            f"{point}: {first.error}. See {found.folder / 'failures.jsonl'}."
        )
    return told
