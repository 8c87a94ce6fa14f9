"""Options of a report."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from simclinic.scenario.panel import Panel


@dataclass(frozen=True, slots=True)
class PageOptions:
    """Options of a folder's report; values other than the defaults are for studies that show a day.

    Attributes
    ----------
    day, replication
        The day and the replication to show; by default the busiest day of the first stored replication.
    panel
        Today's patients, for a run that began with them: the folder does not contain them, and without them figures
        of single patients are left out.
    simulate
        Simulate the day although the folder was not made here, which executes its scenario.
    """

    day: dt.date | None = None
    replication: int | None = None
    panel: Panel | None = None
    simulate: bool = False
