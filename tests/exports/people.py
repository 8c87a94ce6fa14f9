"""The true state of each patient on the day on which the export was made."""

import datetime
from dataclasses import dataclass

import numpy as np

from simclinic.records import BOOSTER, COMPLETED, INDUCTION, REASONS, Records
from simclinic.scenario import Scenario

NOT_STARTED = "not started"
IN_SERIES = "in series"
WELL = "well"
IN_PROGRAMME = "in programme"
LEFT = "left"


@dataclass(frozen=True)
class Person:
    """A patient with at least one row in the export, in their true state at the cut.

    Attributes
    ----------
    record
        Their number in the export.
    row
        Their row in the records.
    responder
        Whether they respond to the series: latent, not shown by any export.
    infusions, boosters
        Numbers given by the cut, whether or not the export's window shows them.
    series
        State of the series: "completed", "ended early", or "open".
    stage
        `NOT_STARTED`, `IN_SERIES`, `WELL` (responded, no booster asked for yet), `IN_PROGRAMME`, `LEFT`.
    reason
        Reason for leaving; empty before.
    began, last
        First and latest infusion by the cut, series or booster; None before the first.
    shown_from_the_start
        Whether the window shows every infusion they had.
    """

    record: str
    row: int
    responder: bool
    infusions: int
    boosters: int
    series: str
    stage: str
    reason: str
    began: datetime.datetime | None
    last: datetime.datetime | None
    shown_from_the_start: bool


def moment(records: Records, minutes: float) -> datetime.datetime:
    """Convert a time of the records to a date and time, rounded down to the minute."""
    midnight = datetime.datetime.combine(records.start, datetime.time())
    return midnight + datetime.timedelta(minutes=float(np.floor(minutes)))


def people(
    records: Records, scenario: Scenario, numbers: dict[int, str], *, first: float, cut: float
) -> tuple[Person, ...]:
    """List the patients with a record number, in the order of these numbers.

    Parameters
    ----------
    numbers
        Record number by row of the patients table.
    first, cut
        The window, in minutes as in the records; events at or after `cut` are not known yet.
    """
    patients, visits = records.patients, records.visits
    given = (visits["outcome"] == COMPLETED) & (visits["left"] < cut)
    lengths = [protocol.infusions for protocol in scenario.protocols.values()]
    results = []
    for row, record in sorted(numbers.items(), key=lambda pair: pair[1]):
        mine = given & (visits["patient"] == row)
        times = visits["appointment"][mine]
        infusions = int((mine & (visits["kind"] == INDUCTION)).sum())
        left = bool(patients["left"][row] < cut)
        ended = bool(patients["series_ended"][row] < cut)
        whole = infusions == lengths[patients["protocol"][row]]
        if left:
            stage = LEFT
        elif ended:
            stage = IN_PROGRAMME if patients["programme"][row] < cut else WELL
        else:
            stage = IN_SERIES if infusions else NOT_STARTED
        results.append(
            Person(
                record=record,
                row=row,
                responder=bool(patients["responder"][row]),
                infusions=infusions,
                boosters=int((mine & (visits["kind"] == BOOSTER)).sum()),
                series="completed" if whole else "ended early" if left else "open",
                stage=stage,
                reason=REASONS[patients["reason"][row]] if left else "",
                began=moment(records, times.min()) if len(times) else None,
                last=moment(records, times.max()) if len(times) else None,
                shown_from_the_start=bool((times >= first).all()),
            )
        )
    return tuple(results)
