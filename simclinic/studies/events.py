"""The event log of one replication, for tables, process mining and animations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from simclinic import reading
from simclinic.errors import SimclinicError
from simclinic.measures.event_log import event_log
from simclinic.reading import read_beginning, why
from simclinic.records import DAY
from simclinic.report.events import BEGINNINGS, FORMATS, Replayed
from simclinic.scenario import Scenario
from simclinic.scenario.panel import Panel
from simclinic.store import FolderError
from simclinic.store.atomic import write_atomically
from simclinic.studies.replay import replay


def events(
    scenario: Scenario,
    *,
    replication: int = 0,
    first: dt.date | None = None,
    last: dt.date | None = None,
    form: str = "csv",
    panel: Panel | None = None,
) -> Iterator[str]:
    """Write the event log of one replication, piece by piece.

    Parameters
    ----------
    scenario
        The scenario, with its seed.
    replication
        Number of the replication, counted from 0.
    first, last
        First and last day of the log; by default the measured weeks.
    form
        One of :data:`~simclinic.report.events.FORMATS`.
    panel
        Today's patients, if the replication begins with them.

    Raises
    ------
    SimclinicError
        If the days are not simulated or in the wrong order; this is checked before the simulation.
    """
    begin, end = days_between(scenario, first, last)
    records = replay(scenario, replication, panel=panel)
    log = event_log(records, scenario).between(begin, end)
    return FORMATS[form](Replayed(scenario, records, log, replication, begin, end))


def days_between(scenario: Scenario, first: dt.date | None, last: dt.date | None) -> tuple[float, float]:
    """Return two dates in minutes of the simulation: midnight of the first, and midnight after the last.

    Raises
    ------
    SimclinicError
        If the days are not simulated, or in the wrong order.
    """
    run = scenario.run
    simulated = run.start - dt.timedelta(weeks=run.warm_up_weeks)
    final = run.start + dt.timedelta(weeks=run.weeks, days=-1)
    first, last = first or run.start, last or final
    wrong = [
        f"--{option} {date}: is not simulated; the scenario covers {simulated} to {final}"
        for option, date in (("from", first), ("to", last))
        if not simulated <= date <= final
    ]
    if not wrong and last < first:
        wrong = [f"--to {last}: must not be before --from {first}"]
    if wrong:
        raise SimclinicError(*wrong)
    return float((first - run.start).days * DAY), float(((last - run.start).days + 1) * DAY)


def write(pieces: Iterator[str], path: Path) -> None:
    """Write a log to a file in one step; only an event log of this program may be replaced.

    Raises
    ------
    FolderError
        If the file cannot be written, or exists and is not an event log.
    """
    replaceable(path)
    content = b"".join(piece.encode() for piece in pieces)
    try:
        write_atomically(path.parent, path.name, content)
    except OSError as error:
        raise FolderError(f"{path}: cannot be written: {error.strerror}.", exit_status=1) from error


def replaceable(path: Path) -> None:
    """Check that a log may be written to a path; also called before the simulation.

    Raises
    ------
    FolderError
        If there is a file that is neither empty nor an event log of this program.
    """
    try:
        begins = read_beginning(path, max(map(len, BEGINNINGS)))
    except FileNotFoundError:
        return
    except (reading.NotReadError, OSError, ValueError) as error:
        raise FolderError(f"{path}: {why(error)}. Choose another file with --out.") from error
    if begins and not begins.startswith(BEGINNINGS):
        raise FolderError(
            f"{path}: already exists and is not an event log of simclinic, so it is not replaced. Choose another "
            "file with --out, or remove this one."
        )
