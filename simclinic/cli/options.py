"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

from simclinic.cli import complete

scenario = click.argument("scenario", metavar="SCENARIO", type=click.Path())
scenarios = click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True, type=click.Path())
overrides = click.option(
    "--set",
    "overrides",
    metavar="ADDRESS=VALUE",
    multiple=True,
    shell_complete=complete.addresses,
    help="Change a setting, such as shifts.day.nurses=3; can be given several times.",
)
replications = click.option(
    "--replications", type=int, metavar="N", help="How often to simulate it. Default: the scenario's."
)


def _number_or_auto(_: click.Context, __: click.Parameter, value: str | None) -> int | str | None:
    """Read a whole number, or `auto`."""
    if value is None or value == "auto":
        return value
    try:
        return int(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a valid integer, nor 'auto'.") from None


replications_or_auto = click.option(
    "--replications",
    callback=_number_or_auto,
    metavar="N|auto",
    help="How often to simulate it; auto: until means are known well enough. Default: the scenario's.",
)
at_most = click.option(
    "--at-most",
    type=click.IntRange(min=2),
    default=1000,
    show_default=True,
    metavar="N",
    help="Replications (of each scenario) after which going on until something is known gives up.",
)
seed = click.option(
    "--seed", type=int, metavar="N", help="What all luck follows from. Default: the scenario's."
)
out = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder for the results. Default: one below results/, named for the scenario.",
)
mix_versions = click.option(
    "--mix-versions",
    is_flag=True,
    help="Go on with a folder that was begun with other versions of numpy, scipy, pandas, pyarrow, simpy or "
    "Python. Figures may then differ in their last digits, and the folder says so.",
)
workers = click.option(
    "--workers",
    type=int,
    metavar="N",
    help="Processes that simulate. Default: one for each processor, if it takes longer than a moment.",
)
cluster = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Simulate on the cluster of dask.distributed whose scheduler is at ADDRESS.",
)
time_limit = click.option(
    "--time-limit",
    type=float,
    metavar="SECONDS",
    help="Count a replication that takes longer as failed. Default: none does.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
