"""The grid of a day: the starts that it offers, and the resource that limits them.

Unless a clinic lists its starts, they are derived greedily, earliest first: at every step of the grid, as many
visits begin as chairs, hands and eyes allow over the whole visit, if the patient leaves by closing. Planned steps
take their mean length, and a visit begins only when a nurse is there, whatever it needs. The plan therefore shows
without simulation that three chairs do not help if one nurse starts every infusion.

A day with several spans of opening hours is filled span by span: each has its own steps, from its opening on, and
the patient leaves by its end. Chairs, hands and eyes are those of the day.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simclinic.arrays import Floats
from simclinic.planning.roster import Staffing
from simclinic.records import LIMITS
from simclinic.sampling.distributions import mean
from simclinic.scenario.hours import Hours
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


def planned_visit(visit: Visit, minutes: Mapping[str, float] | None = None) -> PlannedVisit:
    """Lay out a visit, without first-visit extra or complications.

    Parameters
    ----------
    visit
        The steps.
    minutes
        Their lengths by name; None: mean lengths.
    """
    shares = eyes_per_nurse(visit)
    clock, patient_minutes = 0.0, 0.0
    chair: list[float] = []
    hands: list[Claim] = []
    eyes: list[Claim] = []
    for name, step in visit.steps.items():
        end = clock + (mean(step.minutes) if minutes is None else minutes[name])
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
    """One resource over the day, and what earlier visits leave of it.

    Use rises only where a claim begins, after a step of the grid; capacity falls only at its own steps. So it is
    enough to know what is free at those moments.

    Parameters
    ----------
    claims
        Claims of a visit.
    starts
        The steps of the grid.
    moments, capacity
        `capacity[k]` holds from `moments[k]` on; before the first it is 0.
    """

    def __init__(self, claims: tuple[Claim, ...], starts: Floats, moments: Floats, capacity: Floats) -> None:
        begins = [starts + claim.start for claim in claims]
        at = np.sort(np.concatenate((*begins, moments)))
        last = np.searchsorted(moments, at + _CLOSE, side="right") - 1
        self._free = np.where(last < 0, 0.0, capacity[np.maximum(last, 0)])
        self._claims = [
            (
                claim.amount,
                # Between these places lie the moments at which a visit's claim must find what it needs ...
                np.searchsorted(at, begin).tolist(),
                np.searchsorted(at, starts + claim.end - _CLOSE).tolist(),
                # ... and between these the moments at which it holds that.
                np.searchsorted(at, begin - _CLOSE, side="right").tolist(),
                np.searchsorted(at, begin + (claim.end - claim.start - _CLOSE)).tolist(),
            )
            for claim, begin in zip(claims, begins, strict=True)
        ]

    def room(self, step: int) -> tuple[float, int]:
        """Count the visits that can still begin at a step of the grid.

        Parameters
        ----------
        step
            Number of the step.

        Returns
        -------
        room, following
            A whole number, or infinity if visits claim nothing of this resource; and if it is 0, the number of the
            next step at which it may not be: at every step before, what is missing now is missing as well.
        """
        most, following = math.inf, step + 1
        for amount, first, end, _, _ in self._claims:
            free = self._free[first[step] : end[step]]
            if not len(free):
                continue  # a claim without length
            most = min(most, max(float(free.min()) // amount, 0.0))
            if most == 0.0:
                missing = first[step] + int(np.flatnonzero(free < amount)[-1])
                return 0.0, max(following, bisect_right(first, missing))
        return most, following

    def take(self, step: int, count: float) -> None:
        """Let visits begin at a step of the grid."""
        for amount, _, _, since, until in self._claims:
            self._free[since[step] : until[step]] -= amount * count


def steps_of(visit: PlannedVisit, hours: Hours, every: int) -> list[float]:
    """List the steps of a day's grid: minutes after midnight at which a visit could begin, and end in its span."""
    steps: list[float] = []
    for span in hours.spans:
        start = float(span.start)
        while start + visit.patient_minutes <= span.end + _CLOSE:
            steps.append(start)
            start += every
    return steps


def fill(
    visit: PlannedVisit,
    hours: Hours,
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
    hours
        Opening hours.
    chairs
        Number of chairs.
    roster
        Hands and eyes over the day, as rostered.
    every
        Minutes between the steps of the grid, counted from the opening of each span.
    extra_hands, extra_nurses
        What if: so many more hands, or eyes, whenever anybody is on duty.

    Returns
    -------
    tuple of float
        Starts in minutes after midnight, ascending.
    """
    moments = np.array([step.minute for step in roster]) if roster else np.zeros(0)
    duty = np.array([step.nurses > 0 for step in roster], dtype=np.float64)
    opening = float(hours.start)
    free = np.array([float(step.hands) for step in roster]) + extra_hands * duty
    eyes = (np.array([float(step.nurses) for step in roster]) + extra_nurses * duty) * visit.eyes_per_nurse
    if not roster:
        return ()
    whole = steps_of(visit, hours, every)
    present = np.concatenate(([0.0], duty))[np.searchsorted(moments, whole, side="right")]
    steps = [step for step, there in zip(whole, present, strict=True) if there]
    starts = np.array(steps)
    resources = (
        _Resource(visit.chair, starts, np.array([opening]), np.array([float(chairs)])),
        _Resource(visit.hands, starts, moments, free),
        _Resource(visit.eyes, starts, moments, eyes),
    )
    filled: list[float] = []
    step = 0
    while step < len(steps):
        # A visit needs a chair even if it has no length.
        count, following = float(chairs), step + 1
        for resource in resources:
            room, next_step = resource.room(step)
            count, following = min(count, room), max(following, next_step)
            if not count:
                break
        if count:
            filled += [steps[step]] * int(count)
            for resource in resources:
                resource.take(step, count)
        step = following
    return tuple(filled)


def derive(visit: PlannedVisit, hours: Hours, chairs: int, roster: tuple[Staffing, ...], every: int) -> Grid:
    """Derive a day's grid and determine what limits it.

    The limit is found by trial: one more chair, one more nurse's hands, one more nurse's eyes, one more nurse with
    both. The bottleneck is the one that adds most starts, the simplest of equals; if only a chair and a nurse
    together add any, it is "chairs and nurses"; if they do not either, "hours".
    """
    starts = fill(visit, hours, chairs, roster, every)
    gains = {
        "chairs": fill(visit, hours, chairs + 1, roster, every),
        "hands": fill(visit, hours, chairs, roster, every, extra_hands=1),
        "eyes": fill(visit, hours, chairs, roster, every, extra_nurses=1),
        "nurses": fill(visit, hours, chairs, roster, every, extra_hands=1, extra_nurses=1),
    }
    best = max(gains, key=lambda name: len(gains[name]))
    if len(gains[best]) <= len(starts):
        every_one = fill(visit, hours, chairs + 1, roster, every, extra_hands=1, extra_nurses=1)
        best = "chairs and nurses" if len(every_one) > len(starts) else "hours"
    return Grid(starts, LIMITS.index(best))
