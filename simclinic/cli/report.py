"""`simclinic report`: the HTML report of a results folder."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("report")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
def command(folder: Path) -> int:
    """Write the report of a results folder again: one HTML file that opens without a network.

    Every study writes one when it ends; this makes it anew from what is stored, without simulating.
    """
    from simclinic.studies.report import report

    click.echo(f"The report is in {report(folder)}")
    return 0
