"""`simclinic report`: the HTML report of a results folder, or its reporting checklist."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from simclinic.cli.screen import put, say


@click.command("report")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--day",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="DATE",
    help="For a run: the day to show chair by chair, such as 2026-03-02. Default: the busiest measured day.",
)
@click.option(
    "--replication",
    type=click.IntRange(min=0),
    metavar="N",
    help="For a run: the replication of that day, counted from 0. Default: the first.",
)
@click.option(
    "--panel",
    "panel_file",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="For a run that began with today's patients: the same file again, since it is not stored; without it, "
    "figures of single patients are left out.",
)
@click.option(
    "--simulate",
    is_flag=True,
    help="For a run that was not made here: simulate the day to show all the same. This executes the folder's "
    "scenario, so use it only if you trust the source.",
)
@click.option(
    "--images",
    type=click.Choice(["png", "svg", "pdf"]),
    help="Also write each figure as an image into the folder images/ (needs the extra `images` and a browser).",
)
@click.option(
    "--stress",
    is_flag=True,
    help="Print the completed STRESS-DES checklist for publications as Markdown instead.",
)
def command(
    folder: Path,
    day: dt.datetime | None,
    replication: int | None,
    panel_file: Path | None,
    images: str | None,
    *,
    simulate: bool,
    stress: bool,
) -> int:
    """Write the report of a results folder again: one HTML file that needs no network.

    Every study writes a report when it ends; this command makes it again from the stored results. Only the day in
    the report of a run is simulated again, and only if the run was made here.
    """
    from simclinic.errors import SimclinicError
    from simclinic.store import FolderError

    try:
        date = None if day is None else day.date()
        return _written(folder, date, replication, panel_file, images, simulate=simulate, stress=stress)
    except SimclinicError:
        raise
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # Pages are made from files, which may have been edited.
        raise FolderError(
            f"{folder}: its summary or its tables are not as they were written. The command that wrote them writes "
            "them again.",
            exit_status=1,
        ) from error


def _written(
    folder: Path,
    day: dt.date | None,
    replication: int | None,
    panel_file: Path | None,
    images: str | None,
    *,
    simulate: bool,
    stress: bool,
) -> int:
    if stress:
        from simclinic.studies.stress import stress as checklist

        if any(each is not None for each in (day, replication, panel_file, images, simulate or None)):
            raise click.UsageError(
                "--day, --replication, --panel, --simulate and --images do not go with --stress."
            )
        put(checklist(folder))
        return 0
    from simclinic.studies.folders.options import PageOptions
    from simclinic.studies.folders.report import foreign_warning, report

    panel = None
    if panel_file is not None:
        from simclinic.scenario.panel import read_panel
        from simclinic.studies.folders.stored import read_results

        panel = read_panel(panel_file, read_results(folder)[0].scenario)
    options = PageOptions(day, replication, panel, simulate)
    written = report(folder, options)
    say(f"The report is in {written}")
    if not simulate and (reason := foreign_warning(folder)):
        say(f"{reason[0].upper()}{reason[1:]}.", err=True)
    if images is not None:
        from simclinic.studies.pictures import pictures

        made = pictures(folder, images, options)
        say(f"{len(made)} pictures are in {made[0].parent if made else folder}")
    return 0
