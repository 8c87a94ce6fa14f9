"""Options of commands that can begin with today's patients."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from simclinic.cli.screen import say

if TYPE_CHECKING:
    from simclinic.scenario import Scenario
    from simclinic.scenario.panel import Panel
    from simclinic.studies.today import PanelChoice, Start

Command = TypeVar("Command", bound=Callable[..., object])

panel = click.option(
    "--panel",
    "panel_file",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Today's patients: patient, stage (waiting, series, maintained), referred_on, protocol, infusions_done, "
    "last_infusion_on, boosters_done, next_appointment, asked_on. At most 50,000 of them, and 20 MB.",
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


def said(given: Given) -> PanelChoice | None:
    """Give what was said of today's patients; None if there is no panel.

    Raises
    ------
    click.UsageError
        If something is said of a panel that was not given.
    """
    from simclinic.studies.today import PanelChoice

    file, day = given["panel_file"], given["as_of"]
    if file is not None:
        return PanelChoice(file, None if day is None else day.date(), given["uncertain"])
    alone = [
        option
        for option, there in (("--as-of", day is not None), ("--uncertain", given["uncertain"]))
        if there
    ]
    if alone:
        raise click.UsageError(f"{' and '.join(alone)}: only with --panel CSV, a file of today's patients.")
    return None


def start(scenarios: Sequence[Scenario], given: Given, overrides: Sequence[str] = ()) -> Start:
    """Set scenarios to begin with the panel, if one was given, and say what of it does nothing.

    Raises
    ------
    click.UsageError
        If something is said of a panel that was not given.
    SimclinicError
        If the panel cannot be read or does not fit.
    """
    from simclinic.studies.today import Start

    today = said(given)
    if today is None:
        return Start(tuple(scenarios))
    begun = today.start(scenarios)
    say_idle(begun.panel, begun.arguments, begun.scenarios, overrides)
    return begun


_IDLE = {
    "run.warm_up_weeks": "there is no warm-up",
    "run.start": "the first day is the as-of day, and growth alone counts from run.start",
}
"""Settings that do something else, or nothing, with a panel."""


def say_idle(
    panel: Panel | None,
    arguments: Mapping[str, Any],
    scenarios: Iterable[Scenario],
    overrides: Sequence[str] = (),
) -> None:
    """Say what was given beside a panel and does nothing: columns left unread, overrides, certain settings."""
    if panel is None:
        return
    for override in overrides:
        address = override.partition("=")[0].strip()
        if address in _IDLE:
            say(f"--set {override}: with --panel {_IDLE[address]}.", err=True)
    say_unread(panel.unread, arguments["panel"])
    if arguments["uncertain"] and not any(scenario.uncertainty for scenario in scenarios):
        say("--uncertain: the scenario names no uncertain settings, so nothing is drawn anew.", err=True)


def say_unread(columns: Sequence[str], file: str) -> None:
    """Name the columns of a panel file that mean nothing here."""
    if columns:
        say(f"{file}: left unread: {', '.join(columns)}.", err=True)
