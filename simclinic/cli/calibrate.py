"""`simclinic calibrate`: a clinic's own data."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Unpack

import click

from simclinic.cli import export_options, options
from simclinic.cli.screen import put, say, show


def _day(_: click.Context, __: click.Parameter, value: str | None) -> dt.date | None:
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date such as 2026-03-14") from None


@click.command("calibrate")
@click.argument("visits", metavar="VISITS.csv", type=click.Path())
@click.option(
    "--scenario",
    "base",
    metavar="BASE.toml",
    type=click.Path(),
    help="Scenario with the settings that the export does not determine. Default: the typical clinic.",
)
@export_options.all_options
@click.option(
    "--as-of",
    metavar="DATE",
    callback=_day,
    help="First day after the data. Default: the first day after the last completed visit on which the clinic is "
    "open.",
)
@options.out
@options.as_json
def command(
    visits: str,
    base: str | None,
    as_of: dt.date | None,
    out: Path | None,
    as_json: bool,
    **export_arguments: Unpack[export_options.ExportArguments],
) -> int:
    """Estimate a scenario, with intervals, from an export of appointments.

    The export has a row for each appointment with patient, date and status (completed, no-show, cancelled), and if
    available kind (induction, booster), checked_in and left. Usual headings, words, dates and delimiters are
    recognised.
    No result identifies a patient.
    """
    from simclinic.cli.progress import Bar
    from simclinic.results.document import as_json as written
    from simclinic.studies.calibrate import calibrate

    arguments = {
        "export": Path(visits).name,
        "scenario": None if base is None else Path(base).name,
        **export_options.for_manifest(export_arguments),
        "as_of": None if as_of is None else as_of.isoformat(),
    }
    meaning = replace(export_options.calibration_options(export_arguments), as_of=as_of)
    with Bar("Reading", "steps") as bar:
        finished = calibrate(visits, meaning, base=base, out=out, arguments=arguments, progress=bar)
    if as_json:
        put(written(finished.document))
    else:
        from simclinic.report.text.calibrate import calibrate_table

        show(calibrate_table(finished.document))
        say(
            "",
            f"Results are in {finished.folder}",
            f"The report is in {finished.folder / 'report.html'}",
            "Next:",
        )
        say(*(f"  {line}" for line in finished.commands()))
    return 0
