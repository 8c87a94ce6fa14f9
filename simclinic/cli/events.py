"""`simclinic events`: the event log of one replication."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Unpack

import click

from simclinic.cli import options, panel_options
from simclinic.cli.screen import put, say

_DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.command("events")
@options.scenario
@click.option(
    "--format",
    "form",
    type=click.Choice(("csv", "vidigi", "xes")),
    default="csv",
    show_default=True,
    help="A table, vidigi's table for animations, or an XES document for process mining.",
)
@click.option(
    "--replication",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Number of the replication, counted from 0 as in results folders.",
)
@click.option(
    "--from",
    "first",
    type=_DATE,
    metavar="DATE",
    help="First day, such as 2026-03-02. Default: the first measured one.",
)
@click.option("--to", "last", type=_DATE, metavar="DATE", help="Last day. Default: the last measured one.")
@panel_options.all_options
@options.overrides
@options.seed
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File to write; an existing file is replaced only if it is an event log. Default: stdout.",
)
def command(
    scenario: str,
    form: str,
    replication: int,
    first: dt.datetime | None,
    last: dt.datetime | None,
    overrides: tuple[str, ...],
    seed: int | None,
    out: Path | None,
    **given: Unpack[panel_options.PanelArguments],
) -> int:
    """Simulate one replication and write its event log.

    A line for each event, in order of time: referred, booked, due, arrived, chair, the start and end of every step,
    left, and what else becomes of appointments and patients. The same replication of a run has the same events.
    """
    from simclinic.scenario import load
    from simclinic.studies.events import events, replaceable, write
    from simclinic.studies.run import with_run_settings

    if out is not None:
        replaceable(out)
    beginning = panel_options.start(
        [with_run_settings(load(scenario, overrides), seed=seed)], given, overrides
    )
    [settings] = beginning.scenarios
    pieces = events(
        settings,
        replication=replication,
        first=None if first is None else first.date(),
        last=None if last is None else last.date(),
        form=form,
        panel=beginning.panel,
    )
    if out is not None:
        write(pieces, out)
        say(f"The event log is in {out}", err=True)
        return 0
    for piece in pieces:
        put(piece)
    return 0
