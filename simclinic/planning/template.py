"""The template of a day: the starts on a grid that let most visits begin, by an integer programme.

The derived grid (:mod:`simclinic.planning.grid`) is filled greedily, earliest first. A visit that begins early can
stand in the way of two later ones, so that more may fit. Here the number of visits that begin at each step of the
grid is an unknown whole number. Chairs, hands and eyes limit them at every minute: use rises only where a part of a
visit begins, and capacity falls only at its own steps, so a limit at these moments is a limit at every minute.

Of all templates of a day the best one is, in this order, that with

1. most starts,
2. the least peak of nurses' hands,
3. the earliest last start, and so the earliest finish,
4. the earliest starts: as many as possible at the first step of the grid, then at the second, and so on.

Each line is solved to optimality by HiGHS with the results of those above as constraints. No two templates are
equal in all four, so the best one does not depend on the solver or its version. If time runs out, the best one
found is returned, with the proved upper bound of the number of starts.

Source: Huangfu, Q. and Hall, J. A. J. (2018), Parallelizing the dual revised simplex method, Math. Prog. Comp. 10,
119-142 (HiGHS).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from simclinic.arrays import Floats
from simclinic.planning.grid import Claim, PlannedVisit, fill, steps_of
from simclinic.planning.roster import Staffing
from simclinic.scenario.hours import Hours

SECONDS = 60.0
"""Time after which the search for a day's template ends with the best one found."""

_CLOSE = 1e-9  # minutes; a step that ends when another begins does not overlap it, in spite of rounding
_WHOLE = 1e-6  # a bound of the solver this close below a whole number is that number
_MOST_COMPARED = (
    1000  # limits of which the weaker ones are left out; comparing more would take longer than it saves
)


@dataclass(frozen=True, slots=True)
class Template:
    """The starts of a day.

    Attributes
    ----------
    starts
        Minutes after midnight, ascending; as many equal ones as start together.
    most
        No template has more starts than this: proved. Equal to the number of starts unless time ran out.
    peak_hands
        Most nurses whose hands are needed at once.
    settled
        Whether every line of the choice was solved to optimality, so that no other template is as good.
    """

    starts: tuple[float, ...]
    most: int
    peak_hands: int
    settled: bool


def best_template(
    visit: PlannedVisit,
    hours: Hours,
    chairs: int,
    roster: tuple[Staffing, ...],
    every: int,
    *,
    seconds: float = SECONDS,
) -> Template:
    """Find the best template of a day.

    Parameters
    ----------
    visit
        What is to fit.
    hours
        Opening hours; patients leave by the end of the span in which they came.
    chairs
        Number of chairs.
    roster
        Hands and eyes over the day, as rostered.
    every
        Minutes between the steps of the grid, counted from the opening of each span.
    seconds
        Time after which the best one found is returned.
    """
    return _Programme(visit, hours, chairs, roster, every, seconds).solve()


def most_starts(
    visit: PlannedVisit,
    hours: Hours,
    chairs: int,
    roster: tuple[Staffing, ...],
    every: int,
    *,
    seconds: float = SECONDS,
) -> int:
    """Count the starts of the best template of a day; the parameters are those of :func:`best_template`."""
    return int(_Programme(visit, hours, chairs, roster, every, seconds).most().sum())


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one resource.

    Attributes
    ----------
    taken
        What a visit begun at each step of the grid (column) takes at each moment (row).
    offered
        What there is at each moment.
    """

    taken: Floats
    offered: Floats


def _limits(claims: Iterable[Claim], steps: Floats, moments: Floats, capacity: Floats) -> Limits:
    """List the moments at which a resource may run out, with what visits take and what there is.

    Parameters
    ----------
    claims
        Of a visit.
    steps
        The steps of the grid.
    moments, capacity
        `capacity[k]` holds from `moments[k]` on; before the first it is 0.
    """
    claims = [claim for claim in claims if claim.end - claim.start > _CLOSE]
    at = np.unique(np.concatenate([moments, *(steps + claim.start for claim in claims)]))
    last = np.searchsorted(moments, at + _CLOSE, side="right") - 1
    offered = np.where(last < 0, 0.0, capacity[np.maximum(last, 0)])
    taken = np.zeros((at.size, steps.size))
    for claim in claims:
        begins, ends = steps + claim.start, steps + claim.end
        taken += claim.amount * ((at[:, None] > begins - _CLOSE) & (at[:, None] < ends - _CLOSE))
    return Limits(taken, offered)


class _Programme:
    """The integer programme of one day: how many visits begin at each step of the grid.

    Attributes
    ----------
    bound
        Upper bound of the number of starts; proved.
    """

    def __init__(
        self,
        visit: PlannedVisit,
        hours: Hours,
        chairs: int,
        roster: tuple[Staffing, ...],
        every: int,
        seconds: float,
    ) -> None:
        self._until = time.monotonic() + seconds
        opening = float(hours.start)
        self._steps = np.array(steps_of(visit, hours, every))
        greedy = fill(visit, hours, chairs, roster, every)
        places = np.searchsorted(self._steps, greedy)
        self._greedy = np.bincount(places, minlength=self._steps.size).astype(np.float64)
        since = np.array([step.minute for step in roster] or [opening])
        free = np.array([float(step.hands) for step in roster] or [0.0])
        eyes = np.array([float(step.nurses) for step in roster] or [0.0]) * visit.eyes_per_nurse
        of_chairs = _limits(visit.chair, self._steps, np.array([opening]), np.array([float(chairs)]))
        of_hands = _limits(visit.hands, self._steps, since, free)
        of_eyes = _limits(visit.eyes, self._steps, since, eyes)
        self._hands = of_hands.taken
        self._limits = needed(of_chairs, of_hands, of_eyes)
        self._lower = np.zeros(self._steps.size)
        # A visit needs a chair even if it has no length.
        self._upper = np.full(self._steps.size, float(chairs))
        self.bound = int(self._upper.sum())
        self._settled = True

    def solve(self) -> Template:
        """Solve line after line."""
        counts = self.most()
        total = counts.sum()
        if total and total == self.bound:
            counts = self._earliest(self._finish(self._level(counts)))
        starts = tuple(np.repeat(self._steps, counts.astype(np.int64)).tolist())
        settled = self._settled and len(starts) == self.bound
        return Template(starts, self.bound, self._peak(counts), settled)

    def most(self) -> Floats:
        """Find counts with most starts, or the best that time allows; and the bound."""
        counts = self._greedy
        found = self._maximise() if counts.size else None
        if found is not None and found.sum() > counts.sum():
            counts = found
        self.bound = max(self.bound, int(counts.sum()))
        return counts

    def _level(self, counts: Floats) -> Floats:
        """Find the least peak of hands, and keep it as a limit."""
        kept = self._limits
        while (peak := self._peak(counts)) > 0:
            self._limits = self._with_peak(kept, peak - 1)
            found = self._maximise(counts.sum(), at_least=counts.sum())
            if found is None:
                break
            counts = found
        self._limits = self._with_peak(kept, peak)
        return counts

    def _with_peak(self, kept: Limits, peak: int) -> Limits:
        return needed(kept, Limits(self._hands, np.full(len(self._hands), float(peak))))

    def _finish(self, counts: Floats) -> Floats:
        """Find the earliest last start, and close later steps."""
        while True:
            last = int(np.flatnonzero(counts)[-1])
            self._upper[last + 1 :] = 0.0
            kept = self._upper.copy()
            self._upper[last] = 0.0
            found = self._maximise(counts.sum())
            if found is None:
                self._upper = kept
                return counts
            counts = found

    def _earliest(self, counts: Floats) -> Floats:
        """Let as many visits as possible begin at the first step, then at the second, and so on."""
        total = counts.sum()
        for step in range(counts.size):
            while counts[step] < self._upper[step]:
                self._lower[step] = counts[step] + 1
                if (self._limits.taken @ self._lower > self._limits.offered + _CLOSE).any():
                    break
                found = self._maximise(total, at_least=total)
                if found is None:
                    break
                counts = found
            self._lower[step] = self._upper[step] = counts[step]
        return counts

    def _maximise(self, wanted: float = 0.0, at_least: float | None = None) -> Floats | None:
        """Find counts with most starts, within the limits as they are now.

        Parameters
        ----------
        wanted
            Fewer starts than this are no solution. 0: any number is, and `bound` becomes what is proved.
        at_least
            The same as a constraint for the solver, which finds some solutions sooner and proves some slower.

        Returns
        -------
        Counts by step of the grid; None if there is no solution, or none was found in time.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp

        remaining = self._until - time.monotonic()
        if remaining <= 0:
            self._settled = False
            return None
        constraints = [LinearConstraint(self._limits.taken, ub=self._limits.offered)]
        if at_least is not None:
            constraints.append(LinearConstraint(np.ones((1, self._steps.size)), lb=at_least))
        result = milp(
            -np.ones(self._steps.size),
            integrality=np.ones(self._steps.size, dtype=np.int64),
            bounds=Bounds(self._lower, self._upper),
            constraints=constraints,
            options={"mip_rel_gap": 0.0, "time_limit": remaining},
        )
        if result.status not in (0, 2):  # neither optimal nor infeasible
            self._settled = False
        if not wanted and result.mip_dual_bound is not None and math.isfinite(result.mip_dual_bound):
            self.bound = min(self.bound, math.floor(-result.mip_dual_bound + _WHOLE))
        if result.x is None:
            return None
        counts = np.rint(result.x)
        if (self._limits.taken @ counts > self._limits.offered + _CLOSE).any():
            self._settled = False  # within the tolerance of the solver only
            return None
        return counts if counts.sum() >= wanted else None

    def _peak(self, counts: Floats) -> int:
        return int((self._hands @ counts).max(initial=0.0))


def needed(*each: Limits) -> Limits:
    """Join limits, and leave out those that follow from another one: as much is taken and no more is offered."""
    rows = np.concatenate([np.column_stack((one.taken, one.offered)) for one in each])
    rows = np.unique(rows, axis=0)
    taken, offered = rows[:, :-1], rows[:, -1]
    if len(rows) > _MOST_COMPARED:
        return Limits(taken, offered)
    keep = np.ones(len(rows), dtype=np.bool_)
    for row in range(len(rows)):
        if keep[row]:
            follow = (taken[row] >= taken).all(axis=1) & (offered[row] <= offered)
            follow[row] = False
            keep &= ~follow
    return Limits(taken[keep], offered[keep])
