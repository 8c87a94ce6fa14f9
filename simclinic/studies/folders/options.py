"""What a report is asked to show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from simclinic.scenario.panel import Panel


@dataclass(frozen=True, slots=True)
class PageOptions:
    """What the report of a folder is to show; all but the defaults are for studies that show a day.

    Attributes
    ----------
    day, replication
        Which day of which replication; by default the busiest of the first that is kept.
    panel
        Today's patients, for a run that began with them: the folder keeps nothing of them, and without them what
        needs single patients is left out.
    simulate
        Simulate that day although the folder was not made here; what its scenario asks for is then done.
    """

    day: dt.date | None = None
    replication: int | None = None
    panel: Panel | None = None
    simulate: bool = False
