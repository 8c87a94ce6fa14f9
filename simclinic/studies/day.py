"""Figures of one day of a run, as bars and as an animation, from a replication that is simulated again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from simclinic.errors import SimclinicError
from simclinic.records import Records
from simclinic.report.figures.animation import animation
from simclinic.report.figures.chart import Chart
from simclinic.report.figures.day import day
from simclinic.scenario import Scenario


def day_figures(records: Records, scenario: Scenario, date: dt.date | None = None) -> Iterator[Chart]:
    """Draw a day of a replication; by default the busiest measured one.

    Raises
    ------
    SimclinicError
        If the day is not simulated.
    """
    check_day(scenario, date)
    yield day(records, scenario, date)
    yield animation(records, scenario, date)


def check_day(scenario: Scenario, date: dt.date | None) -> None:
    """Check that a day is simulated.

    Raises
    ------
    SimclinicError
        If the day is not simulated; the message names the simulated days.
    """
    first, last = simulated_days(scenario)
    if date is not None and not first <= date <= last:
        raise SimclinicError(f"--day {date}: is not simulated; the scenario covers {first} to {last}.")


def simulated_days(scenario: Scenario) -> tuple[dt.date, dt.date]:
    """Return the first and the last simulated day; those of the warm-up are simulated, too."""
    run = scenario.run
    first = run.start - dt.timedelta(weeks=run.warm_up_weeks)
    return first, run.start + dt.timedelta(weeks=run.weeks, days=-1)
