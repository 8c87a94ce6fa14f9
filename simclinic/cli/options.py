"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from simclinic.cli import complete
from simclinic.cli.screen import say

Command = TypeVar("Command", bound=Callable[..., Any])

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

targets = click.option(
    "--target",
    "targets",
    metavar="KPI<=VALUE",
    multiple=True,
    shell_complete=complete.figures,
    help="Add a target on a key figure, or replace it: 'access_days_p90<=10', 'balked_share<=2%', or "
    "'access_days_p90<=10 in 80%' of years, in quotes; can be given several times.",
)


def with_targets(overrides: Sequence[str], targets: Sequence[str]) -> tuple[str, ...]:
    """Return overrides and targets together, as scenarios take them."""
    from simclinic.scenario.overrides import target_overrides

    return (*overrides, *target_overrides(targets))


def _number_or_auto(_: click.Context, __: click.Parameter, value: str | None) -> int | str | None:
    """Read a whole number, or `auto`."""
    if value is None or value == "auto":
        return value
    try:
        return int(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a valid integer, nor 'auto'.") from None


replications = click.option(
    "--replications", type=int, metavar="N", help="Number of replications. Default: the scenario's."
)
replications_or_auto = click.option(
    "--replications",
    callback=_number_or_auto,
    metavar="N|auto",
    help="Number of replications; auto: until --precision is reached. Default: the scenario's.",
)
at_most = click.option(
    "--at-most",
    type=click.IntRange(min=2),
    default=1000,
    show_default=True,
    metavar="N",
    help="Most replications (of each scenario), if their number depends on the precision.",
)


def alpha(meaning: str = "Probability that the answer is wrong.") -> Callable[[Command], Command]:
    """Return the option of a search's error probability."""
    return click.option("--alpha", type=float, metavar="P", default=0.05, show_default=True, help=meaning)


def most_replications(of: str) -> Callable[[Command], Command]:
    """Return the option of the most replications in a search, such as `of a plan`."""
    return click.option(
        "--at-most", type=int, metavar="N", default=200, show_default=True, help=f"Most replications {of}."
    )


out = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder for the results. Default: one below results/, named after the scenario.",
)
seed = click.option(
    "--seed", type=int, metavar="N", help="Seed of all random inputs. Default: the scenario's."
)
_EXECUTION = (
    seed,
    click.option(
        "--workers",
        type=int,
        metavar="N",
        help="Number of worker processes. Default: one for each processor, unless the work is short.",
    ),
    click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Simulate on a dask.distributed cluster with its scheduler at ADDRESS.",
    ),
    click.option(
        "--time-limit",
        type=float,
        metavar="SECONDS",
        help="Time after which a replication counts as failed. Default: no limit.",
    ),
    click.option(
        "--engine",
        type=click.Choice(["auto", "simpy", "fast"]),
        help="The engine that simulates; the figures are the same. Default: the scenario's, else auto.",
    ),
    out,
    click.option(
        "--mix-versions",
        is_flag=True,
        help="Continue a folder that was begun with other versions of numpy, scipy, pandas, pyarrow, simpy or "
        "Python. Figures may then differ in their last digits, and the folder records the versions.",
    ),
)


def execution(command: Command) -> Command:
    """Add the options of an `Execution` to a command, and pass them to it as the argument `execution`.

    A command declares the option for the number of replications itself, since its values differ, or has none.
    """

    @functools.wraps(command)
    def with_execution(**given: Any) -> Any:  # noqa: ANN401 (what click parsed, what the command gives)
        from simclinic.studies.execution import Execution

        chosen = {name: given.pop(name) for name in Execution.__dataclass_fields__ if name in given}
        if (engine := given.pop("engine")) is not None:
            given["overrides"] = (*given["overrides"], f"run.engine={engine}")
        return command(execution=Execution(**chosen, announce=partial(say, err=True)), **given)

    whole: Any = with_execution
    for option in reversed(_EXECUTION):
        whole = option(whole)
    return whole  # type: ignore[no-any-return]


plain = click.option(
    "--plain",
    is_flag=True,
    help="Leave means as they are: do not adjust them for what is known of the simulated patients.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
