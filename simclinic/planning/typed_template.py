"""The template of a week for a mix of visit types: starts on a grid, each for one type, by an integer programme.

The number of visits of each plan that begin on each day at each step of the grid is an unknown whole number.
Places, hands and eyes of each role limit them at every minute, as they limit the open book
(:mod:`simclinic.planning.open_day`): a plan may begin where its patient is out by the end of the span and its roles
are on duty. Of all such weeks it is one

1. that carries most: of which the least share of what is asked for of a plan is greatest;
2. of these, one with most starts.

The derived template (:mod:`simclinic.planning.typed_week`) is the first such week. Each line is solved by HiGHS,
with the result of the first as a constraint of the second. If time runs out, the best week found is taken, with the
proved bound.

Source: Huangfu, Q. and Hall, J. A. J. (2018), Parallelizing the dual revised simplex method, Math. Prog. Comp. 10,
119-142 (HiGHS).
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simclinic.arrays import Floats
from simclinic.planning.open_day import DayOffer, Footprints, OpenDay, places
from simclinic.planning.template import SECONDS, Limits, needed
from simclinic.planning.typed_week import is_staffed, typed_week
from simclinic.planning.visit_plans import VisitPlans

Starts = tuple[tuple[int, int], ...]
"""The starts of a day: minute after midnight and number of the plan, in order."""

_CLOSE = 1e-6
_SOLVES = 4  # a single solve takes at most this part of the time
_INFEASIBLE = 2


@dataclass(frozen=True, slots=True)
class TypedTemplate:
    """The starts of a week, each for one plan of a visit.

    Attributes
    ----------
    days
        The starts of each day.
    carries
        Share of what is asked for that is offered, of the plan for which it is least.
    most_carried
        No week of this grid carries more: proved.
    most
        No week of this grid that carries as much has more starts: proved.
    settled
        Whether both lines were solved to optimality.
    """

    days: tuple[Starts, ...]
    carries: float
    most_carried: float
    most: int
    settled: bool


def carried(starts: Sequence[Starts], asked: Sequence[float]) -> float:
    """Return the share of what is asked for that a week offers, of the plan for which it is least; inf: none is."""
    given = [0] * len(asked)
    for day in starts:
        for _, plan in day:
            given[plan] += 1
    return min((number / some for number, some in zip(given, asked, strict=True) if some), default=math.inf)


def typed_template(
    offers: Sequence[DayOffer],
    plans: VisitPlans,
    footprints: Footprints,
    asked: Sequence[float],
    every: int,
    *,
    seconds: float = SECONDS,
) -> TypedTemplate:
    """Find the best template of a week.

    Parameters
    ----------
    offers
        What each day offers.
    plans, footprints
        The plans of visits, and what they take.
    asked
        Starts asked for a week, by plan; some are.
    every
        Minutes between the steps of the grid, counted from the opening of each span.
    seconds
        Time after which the best week found is taken.
    """
    kinds = {offer: _Day.of(offer, footprints, asked, every) for offer in dict.fromkeys(offers)}
    days = [kinds[offer] for offer in offers]
    listed = [None] * len(offers)
    derived = typed_week(offers, listed, plans, footprints, asked, every)
    starts = [tuple((start.minute, start.plan) for start in day) for day in derived]
    return _Programme(days, starts, asked, seconds).solve()


@dataclass(frozen=True, slots=True)
class _Day:
    """What may begin on a day (columns: minute and plan), and what limits it (rows)."""

    columns: tuple[tuple[int, int], ...]
    limits: Limits

    @classmethod
    def of(cls, offer: DayOffer, footprints: Footprints, asked: Sequence[float], every: int) -> _Day:
        """List the steps at which each plan may begin, and the limits of each resource at every minute."""
        empty = OpenDay.empty(offer, every, footprints)
        columns = tuple(
            sorted(
                (minute, number)
                for number, plan in enumerate(footprints.plans)
                if asked[number]
                for minute in places(empty.fits(number) & is_staffed(empty, plan))
            )
        )
        rows: dict[bytes, tuple[Floats, float]] = {}
        for resource, amounts in enumerate(empty.offered()):
            there = np.zeros(footprints.end)
            for minute, amount in amounts:
                there[minute:] = amount
            taken = np.zeros((footprints.end, len(columns)))
            for column, (minute, number) in enumerate(columns):
                for use in footprints.plans[number].uses:
                    if use.resource == resource:
                        taken[minute + use.start : minute + use.end, column] += use.amount
            for at in np.flatnonzero(taken.any(axis=1)).tolist():
                row, least = rows.setdefault(taken[at].tobytes(), (taken[at], math.inf))
                rows[taken[at].tobytes()] = row, min(least, float(there[at]))
        return cls(
            columns,
            needed(
                Limits(
                    np.array([row for row, _ in rows.values()]).reshape(len(rows), len(columns)),
                    np.array([least for _, least in rows.values()]),
                )
            ),
        )

    def count(self, starts: Starts) -> Floats:
        """Count the starts of each column."""
        return np.array([starts.count(column) for column in self.columns], dtype=np.float64)

    def starts(self, counts: Floats) -> Starts:
        """List the starts of counts."""
        numbers = counts.astype(np.int64).tolist()
        return tuple(each for each, times in zip(self.columns, numbers, strict=True) for _ in range(times))


class _Programme:
    """The integer programme of a week, which begins with the derived template."""

    def __init__(
        self, days: Sequence[_Day], derived: Sequence[Starts], asked: Sequence[float], seconds: float
    ) -> None:
        from scipy.sparse import block_diag, csr_matrix

        self._days = days
        self._derived = derived
        self._until = time.monotonic() + seconds
        self._each = seconds / _SOLVES
        plans = [number for number, some in enumerate(asked) if some]
        of = np.array([plan for day in days for _, plan in day.columns], dtype=np.int64)
        self._of_plan = csr_matrix(np.array([of == plan for plan in plans], dtype=np.float64))
        self._wanted = np.array([asked[plan] for plan in plans])
        self._taken = block_diag([csr_matrix(day.limits.taken) for day in days], format="csr")
        self._offered = np.concatenate([day.limits.offered for day in days])

    def solve(self) -> TypedTemplate:
        """Solve one line after the other."""
        counts, most_carried = self._most_carried()
        carries = self._carried(counts)
        solved = self._solve(np.full(counts.size, -1.0), carries)
        if solved.counts is not None and solved.counts.sum() > counts.sum():
            counts = solved.counts
        total = int(counts.sum())
        most = max(total, math.floor(min(-solved.bound, self._relaxed(each=True)) + _CLOSE))
        ends = np.cumsum([len(day.columns) for day in self._days])[:-1]
        return TypedTemplate(
            tuple(day.starts(part) for day, part in zip(self._days, np.split(counts, ends), strict=True)),
            carries,
            most_carried,
            most,
            most_carried <= carries + _CLOSE and most == total,
        )

    def _most_carried(self) -> tuple[Floats, float]:
        """Find the counts that carry most, and the bound that is proved.

        What a week carries is a whole number of starts of some plan, as a share of those asked for. Such shares are
        tried, from that of the derived template to that of the programme without whole numbers.
        """
        counts = np.concatenate(
            [day.count(starts) for day, starts in zip(self._days, self._derived, strict=True)]
        )
        carries, top = self._carried(counts), self._relaxed()
        shares = sorted(
            number / some
            for some in self._wanted.tolist()
            for number in range(1, math.floor(top * some + _CLOSE) + 1)
            if carries + _CLOSE < number / some
        )
        low, high, proved = -1, len(shares), len(shares)  # found up to `low`; `proved`: none, nor beyond
        while high - low > 1:
            tried = high - 1 if high == len(shares) else (low + high) // 2  # the highest is often found
            solved = self._solve(np.zeros(counts.size), shares[tried])
            if solved.counts is not None:
                low, counts = tried, solved.counts
            else:
                high = tried
                proved = tried if solved.impossible else proved
        return counts, shares[proved - 1] if proved > low + 1 else self._carried(counts)

    def _carried(self, counts: Floats) -> float:
        return float((self._of_plan @ counts / self._wanted).min())

    def _relaxed(self, *, each: bool = False) -> float:
        """Return what a week could carry if starts were divisible; `each`: how many starts it could have."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_matrix, hstack

        size = self._taken.shape[1]
        result = milp(
            np.append(np.full(size, -1.0), 0.0) if each else np.append(np.zeros(size), -1.0),
            bounds=Bounds(0.0, np.inf),
            constraints=[
                LinearConstraint(
                    hstack([self._taken, csr_matrix((self._taken.shape[0], 1))]), ub=self._offered
                ),
                LinearConstraint(hstack([self._of_plan, csr_matrix(-self._wanted[:, np.newaxis])]), lb=0.0),
            ],
        )
        assert result.fun is not None  # no starts at all are a solution
        return -float(result.fun)

    def _solve(self, costs: Floats, carries: float) -> _Solved:
        """Minimise the costs of counts that carry a share of what is asked for."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        remaining = self._until - time.monotonic()
        if remaining <= 0:
            return _Solved(None, impossible=False, bound=-math.inf)
        result = milp(
            costs,
            integrality=np.ones(costs.size, dtype=np.int64),
            bounds=Bounds(0.0, np.inf),
            constraints=[
                LinearConstraint(self._taken, ub=self._offered),
                LinearConstraint(self._of_plan, lb=np.ceil(carries * self._wanted - _CLOSE)),
            ],
            options={"mip_rel_gap": 0.0, "time_limit": min(remaining, self._each)},
        )
        bound = -math.inf if result.mip_dual_bound is None else float(result.mip_dual_bound)
        counts = None if result.x is None else np.rint(result.x)
        if counts is not None and (self._taken @ counts > self._offered + _CLOSE).any():
            counts = None  # within the tolerance of the solver only
        return _Solved(counts, impossible=result.status == _INFEASIBLE, bound=bound)


class _Solved(NamedTuple):
    """What the solver found: counts, if any; whether there are none; and the bound of the costs."""

    counts: Floats | None
    impossible: bool
    bound: float
