"""Command-line options of commands that can begin with today's patients."""

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
    "last_infusion_on, boosters_done, next_appointment, asked_on, stays. At most 50,000 patients and 20 MB.",
)
as_of = click.option(
    "--as-of",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="DATE",
    help="With --panel: first simulated day. Default: the first day after the last past date in the panel on which "
    "the clinic is open.",
)
_uncertain = click.option(
    "--uncertain",
    is_flag=True,
    help="With --panel: draw estimated settings anew in each replication. Default: use them as given.",
)


class PanelArguments(TypedDict):
    """Values of the options for today's patients."""

    panel_file: Path | None
    as_of: dt.datetime | None
    uncertain: bool


def all_options(command: Command) -> Command:
    """Add the options for today's patients to a command; see `PanelArguments`."""
    return panel(as_of(_uncertain(command)))


def from_arguments(arguments: PanelArguments) -> PanelChoice | None:
    """Return the chosen panel; None if there is none.

    Raises
    ------
    click.UsageError
        If an option needs a panel and none is given.
    """
    from simclinic.studies.today import PanelChoice

    file, day = arguments["panel_file"], arguments["as_of"]
    if file is not None:
        return PanelChoice(file, None if day is None else day.date(), arguments["uncertain"])
    alone = [
        option
        for option, there in (("--as-of", day is not None), ("--uncertain", arguments["uncertain"]))
        if there
    ]
    if alone:
        raise click.UsageError(f"{' and '.join(alone)}: only with --panel CSV, a file of today's patients.")
    return None


def start(scenarios: Sequence[Scenario], arguments: PanelArguments, overrides: Sequence[str] = ()) -> Start:
    """Set scenarios to begin with the panel, if one is given, and warn of options without effect.

    Raises
    ------
    click.UsageError
        If an option needs a panel and none is given.
    SimclinicError
        If the panel cannot be read or does not fit.
    """
    from simclinic.studies.today import Start

    choice = from_arguments(arguments)
    if choice is None:
        return Start(tuple(scenarios))
    beginning = choice.start(scenarios)
    warn_unused(beginning.panel, beginning.arguments, beginning.scenarios, overrides)
    return beginning


_WITHOUT_EFFECT = {
    "run.warm_up_weeks": "there is no warm-up",
    "run.start": "the first day is the as-of day, and run.start is only the beginning of growth",
}
"""Settings that have another effect, or none, with a panel."""


def warn_unused(
    panel: Panel | None,
    arguments: Mapping[str, Any],
    scenarios: Iterable[Scenario],
    overrides: Sequence[str] = (),
) -> None:
    """Warn of input without effect with a panel: columns, overrides, `--uncertain` without uncertain settings.

    Raises
    ------
    click.UsageError
        If the overrides say how the simulation begins, which the panel does.
    """
    if panel is None:
        return
    for override in overrides:
        address = override.partition("=")[0].strip()
        if address == "run.begin":
            raise click.UsageError(
                f"--set {override}: with --panel a simulation begins with today's patients: leave one out."
            )
        if address in _WITHOUT_EFFECT:
            say(f"--set {override}: with --panel {_WITHOUT_EFFECT[address]}.", err=True)
    warn_unread_columns(panel.unread, arguments["panel"])
    if arguments["uncertain"] and not any(scenario.uncertainty for scenario in scenarios):
        say("--uncertain: the scenario names no uncertain settings, so nothing is drawn anew.", err=True)


def warn_unread_columns(columns: Sequence[str], file: str) -> None:
    """Warn of columns of a panel file that are not read."""
    if columns:
        say(f"{file}: columns not read: {', '.join(columns)}.", err=True)
