"""Appointments of an export, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats, Integers
from simclinic.calibration.periods import Periods


@dataclass(frozen=True)
class Visits:
    """Appointments of an export, sorted by patient, day and time.

    Attributes
    ----------
    patient
        Numbers from 0, in the order in which the export names them.
    day
        The day's number in the calendar (`date.toordinal`).
    status
        COMPLETED, NO_SHOW, CANCELLED; BOOKED for what is still to come.
    kind
        UNSAID, INDUCTION or BOOSTER.
    due
        Time of the appointment, in minutes after midnight; NaN where only its day is known.
    minutes
        Of the visit, from the appointment (or check-in, if later) to check-out; NaN if unknown.
    line
        Of the export.
    first, last
        The first and the last day the export covers.
    as_of
        The day after: the first that is still to come.
    left_out
        Periods of which nothing counts, nor that nobody came.
    seen
        By patient the first day of a visit in such a period.
    """

    patient: Integers
    day: Integers
    status: Integers
    kind: Integers
    due: Floats
    minutes: Floats
    line: Integers
    first: int
    last: int
    as_of: int
    left_out: Periods = field(default_factory=Periods)
    seen: Mapping[int, int] = field(default_factory=dict)

    def only(self, keep: npt.NDArray[np.bool_]) -> Visits:
        """Give some of the appointments."""
        columns = ("patient", "day", "status", "kind", "due", "minutes", "line")
        return replace(self, **{name: getattr(self, name)[keep] for name in columns})
