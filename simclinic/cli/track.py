"""`simclinic track`: what came, month by month, against what was forecast."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Unpack

import click

from simclinic.cli import export_options, options
from simclinic.cli.screen import put, say, show


def _files(_: click.Context, __: click.Parameter, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    endings = (".csv", ".html")
    for path in paths:
        if path.suffix.lower() not in endings:
            raise click.BadParameter(f"{path}: must end in {' or '.join(endings)}")
        if path.exists():
            raise click.BadParameter(f"{path}: already exists, and nothing is overwritten")
    return paths


@click.command("track")
@click.argument("forecast", type=click.Path(path_type=Path))
@click.argument("export", metavar="EXPORT", type=click.Path())
@export_options.all_options
@click.option(
    "--as-of",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="DATE",
    help="First day after the data. Default: the day after the last completed visit.",
)
@click.option("--law", metavar="NAME", help="Relapse law of the forecast. Default: the scenario's own.")
@click.option(
    "--band",
    type=click.Choice(["80", "90"]),
    default="80",
    show_default=True,
    help="Futures in the band, per cent. With 90 fewer months lie outside by chance, and changes are seen later.",
)
@click.option(
    "--same-clinic",
    is_flag=True,
    help="The export is of the clinic of the forecast, although it looks different.",
)
@click.option(
    "--write",
    "files",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    callback=_files,
    help="Write the comparison as a page (.html) or for a spreadsheet (.csv); can be given several times.",
)
@options.as_json
def command(
    forecast: Path,
    export: str,
    as_of: dt.datetime | None,
    law: str | None,
    band: str,
    same_clinic: bool,
    files: tuple[Path, ...],
    as_json: bool,
    **export_arguments: Unpack[export_options.ExportArguments],
) -> int:
    """Compare a forecast with what came, month by month, and say which setting to learn anew.

    FORECAST is a results folder of `simclinic forecast`, EXPORT an export of appointments made later, read as
    `simclinic calibrate` reads it. New patients, boosters and days to the first infusion are held against the bands
    of the forecast. Two months in a row outside a band, on the same side, are a reason to calibrate again; the
    answer says how often chance alone gives them. Nothing is simulated.
    """
    from simclinic.results.document import as_json as written
    from simclinic.studies.track import track

    meaning = export_options.calibration_options(export_arguments)
    document = track(
        forecast,
        export,
        replace(meaning, as_of=None if as_of is None else as_of.date()),
        law=law,
        band=int(band) / 100,
        same_clinic=same_clinic,
    )
    lines = []
    if files:
        from simclinic.report.pages.track import track_page_html
        from simclinic.report.text.track import track_csv
        from simclinic.studies.template_file import write_new

        for path in files:
            write_new(
                path, track_csv(document) if path.suffix.lower() == ".csv" else track_page_html(document)
            )
            lines.append(f"The comparison is in {path}")
    if as_json:
        put(written(document))
    else:
        from simclinic.report.text.track import track_table

        show(track_table(document))
        if document["command"] is not None:
            say("", "Next:", f"  {document['command']}")
        if lines:
            say("", *lines)
    return 0
