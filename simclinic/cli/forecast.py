"""`simclinic forecast`: boosters per week from today's patients and new ones."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from simclinic.cli import options, reported


@click.command("forecast")
@options.scenario
@click.option(
    "--panel",
    "panel_file",
    required=True,
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Today's patients: patient, stage (waiting, series, maintained), referred_on, protocol, infusions_done, "
    "last_infusion_on, boosters_done, next_appointment.",
)
@click.option(
    "--weeks",
    type=click.IntRange(1, 520),
    default=26,
    show_default=True,
    metavar="N",
    help="How far to look.",
)
@click.option(
    "--as-of",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="DATE",
    help="First day of the forecast. Default: the day after the last date in the panel's past.",
)
@click.option(
    "--fixed-parameters", is_flag=True, help="Take estimated settings for certain: bands hold chance alone."
)
@click.option(
    "--own-law",
    is_flag=True,
    help="Only under the scenario's own relapse law. Default: under those of the evidence too, unless the scenario "
    "is calibrated.",
)
@options.overrides
@click.option("--replications", type=int, metavar="N", help="How many futures to simulate. Default: 200.")
@options.seed
@options.workers
@options.cluster
@options.time_limit
@options.out
@reported.option
@options.as_json
def command(
    scenario: str,
    panel_file: Path,
    weeks: int,
    as_of: dt.datetime | None,
    fixed_parameters: bool,
    own_law: bool,
    overrides: tuple[str, ...],
    replications: int | None,
    seed: int | None,
    workers: int | None,
    cluster: str | None,
    time_limit: float | None,
    out: Path | None,
    as_json: bool,
    no_report: bool,
) -> int:
    """Forecast boosters per week from today's patients and new ones, and say when the clinic is full.

    Every figure of a week is a band over simulated futures. Without a fit to the clinic's own patients (`simclinic
    calibrate`) both relapse laws of the evidence are shown: they differ more than anything else.
    """
    from simclinic.cli.progress import Bar
    from simclinic.experiment import Crew
    from simclinic.report.documents import as_json as written
    from simclinic.scenario import load
    from simclinic.scenario.panel import read_panel
    from simclinic.studies.forecast import calibrated, forecast, from_today

    clinic = load(scenario, overrides)
    panel = read_panel(panel_file, clinic)
    beginning = from_today(
        clinic,
        panel,
        weeks=weeks,
        as_of=None if as_of is None else as_of.date(),
        replications=replications,
        seed=seed,
        fixed=fixed_parameters,
    )
    if panel.unread:
        click.echo(f"{panel_file.name}: left unread: {', '.join(panel.unread)}.", err=True)
    arguments = {
        "scenario": Path(scenario).name,
        "panel": panel_file.name,
        "weeks": weeks,
        "as_of": beginning.run.start.isoformat(),
        "fixed_parameters": fixed_parameters,
        "own_law": own_law,
        "set": list(overrides),
        "replications": beginning.run.replications,
        "seed": beginning.run.seed,
    }
    with Crew.of(workers, cluster) as crew, Bar() as bar:
        found = forecast(
            beginning,
            panel,
            only_own=own_law or calibrated(clinic),
            out=out,
            arguments=arguments,
            progress=bar,
            crew=crew,
            time_limit=time_limit,
        )
    where = reported.reported(found.folder, no_report=no_report)
    if as_json:
        click.echo(written(found.document), nl=False)
    else:
        from simclinic.cli.show import show
        from simclinic.report.foretold import forecast_table

        show(forecast_table(found.document), f"\n{where}")
    for run in found.runs:
        if run.mended:
            click.echo(f"{run.mended} damaged part(s) of {run.folder} were simulated again.", err=True)
    if found.failures:
        name, first = found.failures[0]
        click.echo(
            f"{len(found.failures)} replications failed; the first was number {first.number} of {name}: "
            f"{first.error}. See failures.jsonl in the folders below {found.folder}.",
            err=True,
        )
    return 1 if found.failures else 0
