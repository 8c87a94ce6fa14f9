"""The state of the clinic on the day of its calibration, as `simclinic calibrate` records it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from simclinic.scenario.quantities import Amount
from simclinic.scenario.section import Section


class Calibrated(Section):
    """The clinic on the day of its calibration: for the warnings about an empty start, and the day of its panel."""

    as_of: Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(2200, 1, 1))]
    """The first day after the data, on which studies with the panel of that calibration begin."""
    patients: Annotated[int, Field(ge=0, le=1_000_000)]
    """Patients on that day: in a series, or maintained."""
    boosters_per_week: Amount
    """Boosters given per week in the 13 weeks before that day, or in as many weeks as the export has."""
