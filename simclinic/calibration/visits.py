"""The appointments of an export as numbers, sorted by patient, day and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from simclinic.arrays import Bools, Floats, Integers
from simclinic.calibration.periods import Periods
from simclinic.scenario.protocols import INFUSION


@dataclass(frozen=True)
class Visits:
    """Appointments of an export, sorted by patient, day and time; the arrays have shape (appointments,).

    Attributes
    ----------
    patient
        Number of the patient, from 0, in order of appearance in the export.
    day
        The day's proleptic ordinal (`date.toordinal`).
    status
        COMPLETED, NO_SHOW, CANCELLED; BOOKED for future appointments.
    kind
        UNSAID, INDUCTION or BOOSTER.
    type
        Number of the type of visit, in `types`.
    due
        Time of the appointment, in minutes after midnight; NaN where only its day is known.
    minutes
        Length of the visit, from the appointment (or check-in, if later) to check-out; NaN if unknown.
    price
        Price of a completed visit; NaN if unknown.
    line
        Line of the export.
    first, last
        First and last day that the export covers.
    as_of
        The day after `last`: the first future day.
    left_out
        Periods that count as neither demand nor absence.
    seen
        By patient the first day of a visit in such a period.
    referred
        By patient the days of referrals, in order; without a column of referrals nobody has any.
    types
        Types of visit, that of rows without a stated type first, each with the type of its patients' series.
    """

    patient: Integers
    day: Integers
    status: Integers
    kind: Integers
    type: Integers
    due: Floats
    minutes: Floats
    price: Floats
    line: Integers
    first: int
    last: int
    as_of: int
    left_out: Periods = field(default_factory=Periods)
    seen: Mapping[int, int] = field(default_factory=dict)
    referred: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=lambda: {INFUSION: INFUSION})

    def only(self, keep: Bools) -> Visits:
        """Return some of the appointments."""
        columns = ("patient", "day", "status", "kind", "type", "due", "minutes", "price", "line")
        return replace(self, **{name: getattr(self, name)[keep] for name in columns})
