"""Options of commands that can begin with today's patients."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

if TYPE_CHECKING:
    from simclinic.scenario import Scenario
    from simclinic.studies.today import Start

Command = TypeVar("Command", bound=Callable[..., object])

panel = click.option(
    "--panel",
    "panel_file",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Today's patients: patient, stage (waiting, series, maintained), referred_on, protocol, infusions_done, "
    "last_infusion_on, boosters_done, next_appointment.",
)
as_of = click.option(
    "--as-of",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="DATE",
    help="First day with --panel. Default: the day after the last date in the panel's past.",
)
_uncertain = click.option(
    "--uncertain",
    is_flag=True,
    help="With --panel: draw estimated settings anew in each replication. Default: they are taken for certain.",
)


class Given(TypedDict):
    """What was said of today's patients."""

    panel_file: Path | None
    as_of: dt.datetime | None
    uncertain: bool


def options(command: Command) -> Command:
    """Let a command begin with today's patients; see `Given`."""
    return panel(as_of(_uncertain(command)))


def start(scenarios: Sequence[Scenario], given: Given) -> Start:
    """Set scenarios to begin with the panel, if one was given.

    Raises
    ------
    click.UsageError
        If something is said of a panel that was not given.
    SimclinicError
        If the panel cannot be read or does not fit.
    """
    from simclinic.studies.today import started

    check(given)
    day = given["as_of"]
    found = started(
        scenarios,
        given["panel_file"],
        as_of=None if day is None else day.date(),
        uncertain=given["uncertain"],
    )
    if found.panel is not None:
        say_unread(found.panel.unread, found.arguments["panel"])
    return found


def check(given: Given) -> None:
    """Make sure that nothing is said of a panel that was not given.

    Raises
    ------
    click.UsageError
        If something is.
    """
    alone = [
        option
        for option, said in (("--as-of", given["as_of"] is not None), ("--uncertain", given["uncertain"]))
        if said
    ]
    if alone and given["panel_file"] is None:
        raise click.UsageError(f"{' and '.join(alone)}: only with --panel CSV, a file of today's patients.")


def say_unread(columns: Sequence[str], file: str) -> None:
    """Name the columns of a panel file that mean nothing here."""
    if columns:
        click.echo(f"{file}: left unread: {', '.join(columns)}.", err=True)
