"""Ending a study: its report is written, and people are told where everything is."""

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


def reported(folder: Path, *, no_report: bool, panel: Panel | None = None) -> list[str]:
    """Write the report of a finished study, unless it is not wanted, and give lines that say where everything is.

    The panel is that of a run that begins with one.
    """
    told = [f"Results are in {folder}"]
    if no_report:
        return told
    from simclinic.studies.folders.options import PageOptions
    from simclinic.studies.folders.report import report

    return [*told, f"The report is in {report(folder, PageOptions(panel=panel))}"]
