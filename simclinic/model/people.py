"""The records of patients and appointments that the model fills in while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan

from simpy import Event

from simclinic.errors import BoundError
from simclinic.records import STILL_HERE, TO_COME
from simclinic.sampling.initial_state import Progress
from simclinic.scenario.bounds import MOST_VISITS


@dataclass(slots=True, eq=False)
class Patient:
    """A patient who is ready for infusions, or asks for a consult that is a visit.

    Attributes
    ----------
    row
        Row of the patients table, and of the draws.
    protocol
        Index of the protocol.
    ready
        The moment at which the patient was ready for a first infusion; NaN before that is known.
    asked, consulted
        The moments at which the patient asked for a consult that is a visit, and left it; NaN: not, or not yet.
    given, boosters
        Infusions of the series, and booster infusions, given so far.
    missed
        Appointments the patient has missed since the last infusion.
    given_today
        Infusions given on the day of the last one.
    last_visit, last_visit_end
        The last visit at which an infusion was given, and the moment at which the patient left.

    The other attributes are columns of the patients table.
    """

    row: int
    protocol: int
    ready: float
    given: int = 0
    boosters: int = 0
    missed: int = 0
    given_today: int = 0
    relapses: int = 0
    first_infusion: float = nan
    last_infusion: float = nan
    series_ended: float = nan
    programme: float = nan
    left: float = nan
    reason: int = STILL_HERE
    last_visit: Appointment | None = None
    last_visit_end: float = nan
    asked: float = nan
    consulted: float = nan

    @classmethod
    def resumed(cls, today: Progress, protocol: int, ready: float) -> Patient:
        """Create a patient who is there when the simulation begins, with what happened before."""
        patient = cls(today.row, protocol, ready)
        patient.given, patient.boosters, patient.missed = today.given, today.boosters, today.missed
        patient.relapses = today.relapses
        patient.last_visit_end = today.last
        patient.first_infusion, patient.series_ended = today.first_infusion, today.series_ended
        # Of today's patients with boosters, the panel does not tell when their series ended, nor when they entered
        # the programme.
        patient.last_infusion = today.last_infusion
        patient.programme = today.programme
        if today.stage == "consult" and today.requested is not None:
            patient.asked = today.requested
        return patient


@dataclass(slots=True, eq=False)
class Appointment:
    """One row of the visits table, filled in as the visit happens.

    Attributes
    ----------
    day, place
        Index of the day, and the place of the start among those of the day, once there is an appointment.
    episode
        Row of the visit's draws, once the appointment is due.
    starts
        Start of each step so far.
    booked_plan, plan
        Number of the plan with which it was booked, and with which it is attended, where a clinic has several.
    chair_until, place_waits, places
        Where a clinic has several plans: when the chair was given back, minutes waited for each other place, and by
        place its number and the moments from and until which it was held.
    earliest
        Index of the first day on which it may be: an infusion that was cancelled is given on a later day.
    expected
        Likewise: whether the patient was late, and staff besides nurses have waited since the appointment.
    turn
        Event of a request that waits for an appointment; succeeds when it gets one. None if it never waited.

    The other attributes are columns of the visits table. Columns that follow from them (the ends of steps, since
    their lengths are known; the moment at which the patient left) are computed when the table is made.
    """

    patient: int
    kind: int
    number: int
    course: int
    requested: float
    relapsed: float
    attempt: int = 0
    day: int = 0
    place: int = 0
    episode: int = 0
    booked: float = nan
    appointment: float = nan
    outcome: int = TO_COME
    decided: float = nan
    arrived: float = nan
    chair: float = nan
    chair_from: float = nan
    wait_chair: float = 0.0
    wait_hands: float = 0.0
    wait_eyes: float = 0.0
    starts: Sequence[float] = ()
    booked_plan: int = 0
    plan: int = 0
    chair_until: float = nan
    place_waits: dict[int, float] | None = None
    expected: bool = False
    earliest: int = 0
    places: dict[int, list[float]] | None = None
    turn: Event | None = None

    def wait_for_place(self, place: int, minutes: float) -> None:
        """Note how long the patient waited for a place besides the chair."""
        self.place_waits = {**(self.place_waits or {}), place: minutes}

    def take_place(self, place: int, number: int, since: float) -> None:
        """Note that the patient takes a place besides the chair."""
        self.places = {**(self.places or {}), place: [float(number), since, nan]}

    def leave_place(self, place: int, now: float) -> None:
        """Note that the place is free again."""
        assert self.places is not None
        self.places[place][2] = now

    @property
    def is_booked(self) -> bool:
        """Whether it has a start in the book."""
        return not isnan(self.booked)


class Appointments(list[Appointment]):
    """All appointments and requests, in the order they were made: the rows of the visits table."""

    def note(self, row: Appointment) -> None:
        """Add a row.

        Raises
        ------
        BoundError
            If there are too many: see :mod:`simclinic.scenario.bounds`.
        """
        self.append(row)
        if len(self) > MOST_VISITS:
            raise BoundError(f"more than {MOST_VISITS:,} visits and requests")
