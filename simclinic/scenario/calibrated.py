"""What the clinic was like on the day it was calibrated, as `simclinic calibrate` writes it down."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from simclinic.scenario.quantities import Amount
from simclinic.scenario.section import Section


class Calibrated(Section):
    """The clinic on the day it was calibrated. It changes no simulation, only what is said of an empty start."""

    as_of: Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(2200, 1, 1))]
    """The first day that was still to come."""
    patients: Annotated[int, Field(ge=0, le=1_000_000)]
    """Today's patients then: in a series, or maintained."""
    boosters_per_week: Amount
    """Boosters given per week in the last 13 weeks before that day, or in as many as the export has."""
