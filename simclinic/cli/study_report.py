"""The end of a study: its report, and the lines that name the folder of its results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simclinic.scenario.panel import Panel

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

    return [*lines, f"The report is in {report(folder, PageOptions(panel=panel))}"]
