"""The grid of a day: the starts that it offers, and the resource that limits them.

Unless a clinic lists its starts, they are derived greedily, earliest first: at every step of the grid, as many
visits begin as chairs, hands and eyes allow over the whole visit, if the patient leaves by closing. Planned steps
take their mean length. The plan therefore shows without simulation that three chairs do not help if one nurse
starts every infusion.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from simclinic.arrays import Floats
from simclinic.planning.roster import Staffing
from simclinic.records import LIMITS
from simclinic.sampling.distributions import mean
from simclinic.scenario.visit import Visit

_CLOSE = 1e-9  # minutes; a step that ends when another begins does not overlap it, in spite of rounding


@dataclass(frozen=True, slots=True)
class Claim:
    """Part of a planned visit: from `start` to `end` (minutes after its beginning) it needs `amount`."""

    start: float
    end: float
    amount: int


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit of mean lengths.

    Attributes
    ----------
    chair, hands, eyes
        Claims on each resource. Eyes are counted in shares of a nurse: a nurse has `eyes_per_nurse` of them.
    patient_minutes
        When the patient leaves.
    eyes_per_nurse
        Shares of a nurse: the least common multiple of all `patients_per_nurse`, so that shares are whole numbers.
    """

    chair: tuple[Claim, ...]
    hands: tuple[Claim, ...]
    eyes: tuple[Claim, ...]
    patient_minutes: float
    eyes_per_nurse: int

    @property
    def resources(self) -> dict[str, tuple[tuple[Claim, ...], int]]:
        """By resource, its claims and the units in one chair or nurse."""
        return {"chairs": (self.chair, 1), "hands": (self.hands, 1), "eyes": (self.eyes, self.eyes_per_nurse)}


@dataclass(frozen=True, slots=True)
class Grid:
    """The starts of a day.

    Attributes
    ----------
    starts
        Minutes after midnight, ascending; as many equal ones as may start together.
    limit
        Code into `LIMITS`: the resource of which one more unit would add most starts.
    """

    starts: tuple[float, ...]
    limit: int


def eyes_per_nurse(visit: Visit) -> int:
    """Count the shares into which a nurse's attention is divided."""
    return math.lcm(*(step.patients_per_nurse for step in visit.steps.values() if step.patients_per_nurse))


def planned_visit(visit: Visit) -> PlannedVisit:
    """Lay out a visit of mean lengths, without first-visit extra or complications."""
    shares = eyes_per_nurse(visit)
    clock, patient_minutes = 0.0, 0.0
    chair: list[float] = []
    hands: list[Claim] = []
    eyes: list[Claim] = []
    for step in visit.steps.values():
        end = clock + mean(step.minutes)
        if step.chair:
            chair += [clock, end]
        if step.nurse == "hands-on":
            hands.append(Claim(clock, end, 1))
        elif step.patients_per_nurse:
            eyes.append(Claim(clock, end, shares // step.patients_per_nurse))
        if step.patient:
            patient_minutes = end
        clock = end
    return PlannedVisit((Claim(chair[0], chair[-1], 1),), tuple(hands), tuple(eyes), patient_minutes, shares)


class _Resource:
    """One capacity over the day, and the claims already on it."""

    def __init__(self, claims: tuple[Claim, ...], moments: Floats, capacity: Floats) -> None:
        self.claims = claims
        self.moments = moments  # `capacity[k]` holds from `moments[k]` on; before the first it is 0
        self.capacity = capacity

    def room(self, start: float, times: Floats, counts: Floats) -> float:
        """Count the visits that can still begin at `start`.

        Parameters
        ----------
        start
            The step of the grid.
        times, counts
            Earlier steps whose visits may still be under way, and the number of visits that begin at each.

        Returns
        -------
        float
            A whole number, or infinity if visits claim nothing of this resource.
        """
        most = math.inf
        for claim in self.claims:
            begin, end = start + claim.start, start + claim.end - _CLOSE
            if end <= begin:
                continue
            # Use rises only where a claim begins, and capacity falls only at one of its steps; so the least free
            # capacity within the claim is found at its beginning or at one of those moments.
            begins = np.concatenate([times + other.start for other in self.claims])
            moments = np.concatenate(
                ([begin], begins[(begins > begin) & (begins < end)], self._steps(begin, end))
            )
            used = np.zeros(len(moments))
            for other in self.claims:
                since = moments[:, None] - (times + other.start)[None, :]
                holds = (since > -_CLOSE) & (since < other.end - other.start - _CLOSE)
                used += other.amount * (holds @ counts)
            free = (self._capacity(moments) - used).min()
            most = min(most, max(free // claim.amount, 0.0))
        return most

    def _steps(self, begin: float, end: float) -> Floats:
        return self.moments[(self.moments > begin) & (self.moments < end)]

    def _capacity(self, moments: Floats) -> Floats:
        at = np.searchsorted(self.moments, moments + _CLOSE, side="right") - 1
        return np.where(at < 0, 0.0, self.capacity[np.maximum(at, 0)])


def fill(
    visit: PlannedVisit,
    opening: float,
    closing: float,
    chairs: int,
    roster: tuple[Staffing, ...],
    every: int,
    *,
    extra_hands: int = 0,
    extra_nurses: int = 0,
) -> tuple[float, ...]:
    """Fill a day greedily.

    Parameters
    ----------
    visit
        What is to fit.
    opening, closing
        Minutes after midnight.
    chairs
        Number of chairs.
    roster
        Hands and eyes over the day, as rostered.
    every
        Minutes between the steps of the grid, counted from opening.
    extra_hands, extra_nurses
        What if: so many more hands, or eyes, whenever anybody is on duty.

    Returns
    -------
    tuple of float
        Starts in minutes after midnight, ascending.
    """
    moments = np.array([step.minute for step in roster]) if roster else np.zeros(0)
    duty = np.array([step.nurses > 0 for step in roster], dtype=np.float64)
    hands = np.array([float(step.hands) for step in roster]) + extra_hands * duty
    eyes = (np.array([float(step.nurses) for step in roster]) + extra_nurses * duty) * visit.eyes_per_nurse
    if not roster:
        moments, hands, eyes = np.array([opening]), np.zeros(1), np.zeros(1)
    resources = [
        _Resource(visit.chair, np.array([opening]), np.array([float(chairs)])),
        _Resource(visit.hands, moments, hands),
        _Resource(visit.eyes, moments, eyes),
    ]
    length = max(claim.end for claim in (*visit.chair, *visit.hands, *visit.eyes))
    times: list[float] = []
    counts: list[float] = []
    start = opening
    while start + visit.patient_minutes <= closing + _CLOSE:
        recent = bisect_left(times, start - length - 1.0)  # visits that began earlier have ended
        before, began = np.array(times[recent:]), np.array(counts[recent:])
        # A visit needs a chair even if it has no length.
        count = min(float(chairs), *(resource.room(start, before, began) for resource in resources))
        if count:
            times.append(start)
            counts.append(count)
        start += every
    return tuple(time for time, count in zip(times, counts, strict=True) for _ in range(int(count)))


def derive(
    visit: PlannedVisit, opening: float, closing: float, chairs: int, roster: tuple[Staffing, ...], every: int
) -> Grid:
    """Derive a day's grid and determine what limits it.

    The limit is found by trial: one more chair, one more nurse's hands, one more nurse's eyes, one more nurse with
    both. The bottleneck is the one that adds most starts, the simplest of equals; if only a chair and a nurse
    together add any, it is "chairs and nurses"; if they do not either, "hours".
    """
    starts = fill(visit, opening, closing, chairs, roster, every)
    gains = {
        "chairs": fill(visit, opening, closing, chairs + 1, roster, every),
        "hands": fill(visit, opening, closing, chairs, roster, every, extra_hands=1),
        "eyes": fill(visit, opening, closing, chairs, roster, every, extra_nurses=1),
        "nurses": fill(visit, opening, closing, chairs, roster, every, extra_hands=1, extra_nurses=1),
    }
    best = max(gains, key=lambda name: len(gains[name]))
    if len(gains[best]) <= len(starts):
        every_one = fill(visit, opening, closing, chairs + 1, roster, every, extra_hands=1, extra_nurses=1)
        best = "chairs and nurses" if len(every_one) > len(starts) else "hours"
    return Grid(starts, LIMITS.index(best))
