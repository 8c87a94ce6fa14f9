"""`simclinic calibrate`: a clinic's own data."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from simclinic.cli import options


def _pairs(_: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Read `WHAT=VALUE`, given several times; what stands before the last equals sign may have some itself."""
    found = {}
    for value in values:
        before, equals, after = value.rpartition("=")
        if not equals:
            raise click.BadParameter(f"{value!r} is not of the form {parameter.metavar}")
        found[before.strip()] = after.strip()
    return found


def _columns(_: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for value in values:
        before, equals, after = value.partition("=")
        if not equals:
            raise click.BadParameter(f"{value!r} is not of the form {parameter.metavar}")
        found[before.strip()] = after.strip()
    return found


def _day(_: click.Context, __: click.Parameter, value: str | None) -> dt.date | None:
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date such as 2026-03-14") from None


@click.command("calibrate")
@click.argument("export", metavar="VISITS.csv", type=click.Path())
@click.option(
    "--scenario",
    "base",
    metavar="BASE.toml",
    type=click.Path(),
    help="Settings that the export cannot give. Default: the typical clinic.",
)
@click.option(
    "--column",
    "columns",
    metavar="NAME=HEADING",
    multiple=True,
    callback=_columns,
    help="What the export calls a column, such as patient=MRN; can be given several times.",
)
@click.option(
    "--status",
    "statuses",
    metavar="WORD=MEANING",
    multiple=True,
    callback=_pairs,
    help="What a status means: completed, no-show, cancelled, booked or ignore; can be given several times.",
)
@click.option(
    "--kind",
    "kinds",
    metavar="WORD=MEANING",
    multiple=True,
    callback=_pairs,
    help="What a kind of visit means: induction, booster, infusion or ignore; can be given several times.",
)
@click.option(
    "--dates",
    type=click.Choice(["dmy", "mdy", "ymd"]),
    help="The order of day, month and year, if it is unclear.",
)
@click.option(
    "--as-of",
    metavar="DATE",
    callback=_day,
    help="First day that is still to come. Default: the day after the last completed visit.",
)
@click.option(
    "--infusions",
    type=click.IntRange(1, 100),
    metavar="N",
    help="Infusions of a series. Default: what most series have.",
)
@click.option(
    "--whole-history",
    is_flag=True,
    help="The export begins with the clinic's first patient: nobody was there before.",
)
@options.out
@options.as_json
def command(
    export: str,
    base: str | None,
    columns: dict[str, str],
    statuses: dict[str, str],
    kinds: dict[str, str],
    dates: str | None,
    as_of: dt.date | None,
    infusions: int | None,
    whole_history: bool,
    out: Path | None,
    as_json: bool,
) -> int:
    """Turn an export of appointments into a scenario, with intervals.

    The export has a row for each appointment: patient, date, status (completed, no-show, cancelled), and if there
    are any kind (induction, booster), checked_in and left. Usual names, words, dates and delimiters are recognised.
    Patients are named in no result.
    """
    from simclinic.calibration import Options
    from simclinic.cli.progress import Bar
    from simclinic.report.documents import as_json as written
    from simclinic.studies.calibrate import calibrate

    said = Options(
        columns=columns,
        statuses=statuses,
        kinds=kinds,
        dates=dates,
        as_of=as_of,
        infusions=infusions,
        whole_history=whole_history,
    )
    arguments = {
        "export": Path(export).name,
        "scenario": None if base is None else Path(base).name,
        "columns": columns,
        "status": statuses,
        "kind": kinds,
        "dates": dates,
        "as_of": None if as_of is None else as_of.isoformat(),
        "infusions": infusions,
        "whole_history": whole_history,
    }
    with Bar("Reading", "steps") as bar:
        found = calibrate(export, said, base=base, out=out, arguments=arguments, progress=bar)
    if as_json:
        click.echo(written(found.document), nl=False)
    else:
        from simclinic.cli.show import show
        from simclinic.report.calibration import calibrate_table

        show(calibrate_table(found.document))
        click.echo(f"\nResults are in {found.folder}\nThe report is in {found.folder / 'report.html'}\nNext:")
        for line in found.commands():
            click.echo(f"  {line}")
    return 0
