"""One day of a study's report: its bars and its animation, from one replication simulated again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simclinic.errors import SimclinicError
from simclinic.records import Records
from simclinic.report.figures.animation import animation
from simclinic.report.figures.day import day
from simclinic.report.figures.shown import Shown
from simclinic.scenario import Scenario, load
from simclinic.studies.replay import replay

WITH_DAYS = ("run", "run-antithetic")
"""Studies of one scenario, of which a replication can be simulated again from the folder alone."""


def day_figures(records: Records, scenario: Scenario, date: dt.date | None = None) -> Iterator[Shown]:
    """Show a day of a replication; the busiest measured one, if none is named.

    Raises
    ------
    SimclinicError
        If the day is not simulated.
    """
    check_day(scenario, date)
    yield day(records, scenario, date)
    yield animation(records, scenario, date)


def day_of_folder(
    folder: Path, known: dict[str, Any], *, date: dt.date | None = None, replication: int = 0
) -> list[Shown]:
    """Show a day of one replication of a results folder.

    Parameters
    ----------
    folder, known
        The folder and its manifest.
    date
        Which day; by default the busiest of the measured weeks.
    replication
        Which, counted from 0; any, for each is simulated from the seed alone.

    Raises
    ------
    SimclinicError
        If the day is not simulated, or the study is not one of a single scenario.
    """
    study = str(known.get("study"))
    if study not in WITH_DAYS:
        raise SimclinicError(f"{folder}: a day can be shown of a run, not of a {study}.")
    scenario = load(folder / "scenario.resolved.toml")
    check_day(scenario, date)
    records = replay(scenario, replication, antithetic=study == "run-antithetic")
    return list(day_figures(records, scenario, date))


def check_day(scenario: Scenario, date: dt.date | None) -> None:
    """Make sure that a day is simulated.

    Raises
    ------
    SimclinicError
        If it is not, with those that are.
    """
    run = scenario.run
    first = run.start - dt.timedelta(weeks=run.warm_up_weeks)
    last = run.start + dt.timedelta(weeks=run.weeks, days=-1)
    if date is not None and not first <= date <= last:
        raise SimclinicError(f"--day {date}: is not simulated; the scenario goes from {first} to {last}.")
