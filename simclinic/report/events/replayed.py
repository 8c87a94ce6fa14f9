"""One replication with its event log, the source of every format."""

from __future__ import annotations

from dataclasses import dataclass

from simclinic.measures.event_log import EventLog
from simclinic.records import Records
from simclinic.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replication that was simulated again for its log.

    Attributes
    ----------
    scenario
        What was simulated.
    records
        What happened.
    log
        Its events, of the days asked for.
    replication
        Which one, counted from 0.
    begin, end
        The days asked for: minutes since midnight of `run.start`, from the first midnight to the last.
    """

    scenario: Scenario
    records: Records
    log: EventLog
    replication: int
    begin: float
    end: float
