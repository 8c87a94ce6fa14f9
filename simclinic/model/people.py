"""A patient and an appointment, as the model keeps them while it runs."""

from __future__ import annotations

from math import nan

from simclinic.model.book import Slot
from simclinic.records import STILL_HERE, TO_COME


class Patient:
    """Somebody who said yes and wants infusions.

    Attributes
    ----------
    row
        Place in the patients table, and in the luck.
    protocol
        Index of the protocol.
    ready
        When they wanted a first infusion.
    given, boosters
        Infusions of the series, and booster infusions, had so far.
    missed
        Appointments missed, by themselves, since the last infusion.
    seen
        The last visit at which an infusion was given.

    The rest are columns of the patients table.
    """

    __slots__ = (
        "boosters",
        "first_infusion",
        "given",
        "last_infusion",
        "left",
        "missed",
        "programme",
        "protocol",
        "ready",
        "reason",
        "relapses",
        "row",
        "seen",
        "series_ended",
    )

    def __init__(self, row: int, protocol: int, ready: float) -> None:
        self.row = row
        self.protocol = protocol
        self.ready = ready
        self.given = 0
        self.boosters = 0
        self.missed = 0
        self.relapses = 0
        self.first_infusion = nan
        self.last_infusion = nan
        self.series_ended = nan
        self.programme = nan
        self.left = nan
        self.reason = STILL_HERE
        self.seen: Appointment | None = None


class Appointment:
    """One row of the visits table, filled in as the visit happens.

    Attributes
    ----------
    slot
        The start taken in the book; None for a walk-in patient, and for a request that still waits.
    times
        Start and end of each step so far, flat.

    The rest are columns of the visits table.
    """

    # Nothing has happened yet. Defaults of the class, so that making a row costs only what is known.
    attempt: int = 0
    slot: Slot | None = None
    booked: float = nan
    appointment: float = nan
    outcome: int = TO_COME
    decided: float = nan
    arrived: float = nan
    chair: float = nan
    chair_from: float = nan
    chair_free: float = nan
    wait_chair: float = 0.0
    wait_hands: float = 0.0
    wait_eyes: float = 0.0
    left: float = nan

    def __init__(
        self, patient: int, kind: int, number: int, course: int, requested: float, relapsed: float
    ) -> None:
        self.patient = patient
        self.kind = kind
        self.number = number
        self.course = course
        self.requested = requested
        self.relapsed = relapsed
        self.times: list[float] = []
