"""`simclinic results`: what results folders hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simclinic.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from simclinic.studies.results import Held


@click.command("results")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--on",
    "on",
    metavar="KPI",
    multiple=True,
    help="Key figure of a sweep to show; can be given several times.",
)
@options.as_json
def command(folder: Path, on: tuple[str, ...], as_json: bool) -> int:
    """Say what a results folder holds, or list those that lie in a folder.

    Says how far the study got and whether all files are as they were written, and shows what it found. Nothing is
    simulated or changed.
    """
    from simclinic.report.documents import as_json as written
    from simclinic.studies.results import look, results_document
    from simclinic.studies.sweep import figures_named

    shown = figures_named(on)
    found = look(folder)
    if as_json:
        click.echo(written(results_document(found)), nl=False)
    else:
        from simclinic.cli.show import show
        from simclinic.report.folders import folders_table

        if len(found) > 1:
            show(folders_table([held.document for held in found]))
        else:
            show(*_told(found[0], shown))
    return 1 if any(held.document["damaged"] for held in found) else 0


def _told(held: Held, on: tuple[str, ...]) -> Iterator[RenderableType]:
    from simclinic.report.folders import progress_told
    from simclinic.studies.results import with_empty

    yield progress_told(held.document)
    summary = held.document["summary"]
    if summary is None or held.document["damaged"]:
        return
    summary = with_empty(summary)
    if held.document["study"] == "run":
        from simclinic.report.tables import run_table

        yield run_table(summary, *held.run_details())  # type: ignore[arg-type]
    elif held.document["study"] == "compare":
        from simclinic.report.differences import compare_table

        yield compare_table(summary, held.scenario.finance.currency)  # type: ignore[arg-type]
    elif held.document["study"] == "sweep":
        from simclinic.report.sweep import sweep_table

        yield sweep_table(summary, on, held.points())  # type: ignore[arg-type]
    elif held.document["study"] == "calibrate":
        from simclinic.report.calibration import calibrate_table

        yield calibrate_table(summary)  # type: ignore[arg-type]
