"""`simclinic results`: what results folders hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simclinic.cli import complete, options
from simclinic.cli.screen import put, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from simclinic.studies.results import Held


@click.command("results")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--on",
    "on",
    metavar="KPI,KPI",
    multiple=True,
    shell_complete=complete.figures,
    help="Key figures of a sweep to show; can be given several times.",
)
@options.as_json
def command(folder: Path, on: tuple[str, ...], as_json: bool) -> int:
    """Say what a results folder holds, or list those that lie in a folder.

    Says how far the study got and whether all files are as they were written, and shows what it found. Nothing is
    simulated or changed.
    """
    from simclinic.results.document import as_json as written
    from simclinic.studies.results import look, results_document
    from simclinic.studies.sweep import figures_named

    shown = figures_named(on)
    found = look(folder)
    if as_json:
        put(written(results_document(found)))
    else:
        from simclinic.report.text.folders import folders_table

        if len(found) > 1:
            show(folders_table([held.document for held in found]))
        else:
            show(*_told(found[0], shown))
    return 1 if any(held.document["damaged"] or held.document["problem"] for held in found) else 0


def _told(held: Held, on: tuple[str, ...]) -> Iterator[RenderableType]:
    from simclinic.report.text.folders import progress_told
    from simclinic.store import FolderError

    yield progress_told(held.document)
    summary = held.document["summary"]
    if summary is None or held.document["damaged"]:
        return
    try:
        yield from _found(held, summary, on)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # Tables are made from files, and somebody may have edited those.
        raise FolderError(
            f"{held.folder}: its summary is not as it was written. The command that wrote it writes it again.",
            exit_status=1,
        ) from error


def _found(held: Held, summary: dict[str, Any], on: tuple[str, ...]) -> Iterator[RenderableType]:
    from simclinic.studies.results import with_empty
    from simclinic.studies.run import ANTITHETIC

    summary = with_empty(summary)
    if held.document["study"] in ("run", ANTITHETIC):
        from simclinic.report.text.run import run_table

        yield run_table(summary, *held.run_details())  # type: ignore[arg-type]
    elif held.document["study"] == "compare":
        from simclinic.report.text.compare import compare_table

        yield compare_table(summary, held.scenario.finance.currency)  # type: ignore[arg-type]
    elif held.document["study"] == "sweep":
        from simclinic.report.text.sweep import sweep_table

        yield sweep_table(summary, on, held.points())  # type: ignore[arg-type]
    elif held.document["study"] == "forecast" and "laws" in summary:
        from simclinic.report.text.backtest import backtest_table
        from simclinic.report.text.forecast import forecast_table

        scored = held.backtest()
        yield forecast_table(summary) if scored is None else backtest_table(scored)  # type: ignore[arg-type]
    elif held.document["study"] == "forecast":  # of one law: a folder within a forecast's
        from simclinic.report.text.run import run_table

        yield run_table(summary, *held.run_details())  # type: ignore[arg-type]
    elif held.document["study"] == "calibrate":
        from simclinic.report.text.calibrate import calibrate_table

        yield calibrate_table(summary)  # type: ignore[arg-type]
