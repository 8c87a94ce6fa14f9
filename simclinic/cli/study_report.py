"""The end of a study: its report, and the lines that name the folder of its results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simclinic.cli.screen import put, say, show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from simclinic.scenario.panel import Panel
    from simclinic.studies.multi_scenario import FinishedStudy

option = click.option(
    "--no-report",
    is_flag=True,
    envvar="SIMCLINIC_NO_REPORT",
    help="Leave report.html out; `simclinic report` writes it later.",
)


def write_report(folder: Path, *, no_report: bool, panel: Panel | None = None) -> list[str]:
    """Write the report of a finished study, unless switched off; return lines that name the places of its files.

    `panel` is the panel of a run that begins with one.
    """
    lines = [f"Results are in {folder}"]
    if no_report:
        return lines
    from simclinic.studies.folders.options import PageOptions
    from simclinic.studies.folders.report import report

    try:
        return [*lines, f"The report is in {report(folder, PageOptions(panel=panel))}"]
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"interrupted: all results are in {folder}; `simclinic report {folder}` writes the report"
        ) from None


def finish(
    finished: FinishedStudy[Any],
    table: Callable[[], RenderableType],
    *,
    as_json: bool,
    no_report: bool,
) -> int:
    """Write the report of a study of several plans, print the study and its failures, and return the exit status.

    `table` makes the table, which is not needed if the document is printed.
    """
    from simclinic.report.text.words import failed_in_folders
    from simclinic.results.document import as_json as written

    where = write_report(finished.folder, no_report=no_report)
    if as_json:
        put(written(finished.document))
    else:
        show(table())
        say("", *where)
    for line in failed_in_folders(finished.failures, finished.folder):
        say(line, err=True)
    return 1 if finished.failures else 0
