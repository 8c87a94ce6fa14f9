"""Templates of starts by type of visit: listed, or derived from what is asked for on paper.

The number of starts of a week is that of a book in which any start takes any visit. It is divided among the plans
of visits in the proportion in which they are asked for, by largest remainders, and placed plan by plan, those first
that fit at the fewest times. What then still fits is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from simclinic.planning.open_book import fill
from simclinic.planning.open_day import DayOffer, Footprints, OpenDay, places
from simclinic.planning.visit_plans import VisitPlan, VisitPlans
from simclinic.scenario.protocols import INFUSION
from simclinic.scenario.starts import Start, TypedStart, minute_of


class TemplateStart(NamedTuple):
    """A start of a template: minutes after midnight, the plan it is made for, its type, whether it is listed."""

    minute: int
    plan: int
    kind: int
    listed: bool


Template: TypeAlias = tuple[TemplateStart, ...]
"""The starts of a day, in order of time."""


def listed_template(
    starts: Sequence[Start], day: OpenDay, plans: VisitPlans, wanted: Sequence[float]
) -> Template:
    """Return the template of a day whose starts are listed.

    Parameters
    ----------
    starts
        As the clinic lists them.
    day, plans
        The empty day, and the plans of visits.
    wanted
        How many of each plan are asked for; a start is made for that of its type which is asked for most, of those
        whose roles are there.
    """
    made = []
    for start in starts:
        minute = minute_of(start)
        kind = plans.types.index(start.visit if isinstance(start, TypedStart) else _usual(plans))
        of_kind = [plan for plan, of in enumerate(plans.plans) if of.kind == kind]
        there = [plan for plan in of_kind if is_staffed(day, plans.plans[plan]) >> minute & 1]
        plan = max(there or of_kind, key=lambda plan: wanted[plan])
        made.append(TemplateStart(minute, plan, kind, listed=True))
    return tuple(sorted(made))


def _usual(plans: VisitPlans) -> str:
    return INFUSION if INFUSION in plans.types else plans.types[0]


def is_staffed(day: OpenDay, plan: VisitPlan) -> int:
    """Return the minutes (bits) at which a visit may begin so that each role is on duty when it is needed first.

    A role on site must be there throughout its step.
    """
    minutes = _ALL
    for role, first in plan.present:
        minutes &= ~(day.absent(role) >> first)
    for role, start, end in plan.on_site:
        absent = day.absent(role)
        for minute in range(start, end):
            minutes &= ~(absent >> minute)
    return minutes


_ALL = (1 << 1440) - 1


def typed_week(
    offers: Sequence[DayOffer],
    listed: Sequence[Sequence[Start] | None],
    plans: VisitPlans,
    footprints: Footprints,
    wanted: Sequence[float],
    every: int,
) -> list[Template]:
    """Return the templates of the days of a week.

    Parameters
    ----------
    offers
        What each day offers.
    listed
        By day the starts that the clinic lists; None: they are derived.
    plans, footprints
        The plans of visits, and what they take.
    wanted
        How many of each plan are asked for, in any unit.
    every
        Minutes between the steps of the grid.
    """
    days = [OpenDay.empty(offer, every, footprints) for offer in offers]
    made = [
        None if starts is None else listed_template(starts, day, plans, wanted)
        for starts, day in zip(listed, days, strict=True)
    ]
    week = _Week(days, made, plans.plans, wanted)
    week.place_quotas()
    week.fill_up()
    return week.templates()


class _Week:
    """A week while starts are placed.

    Attributes
    ----------
    given
        Starts of each plan so far.
    """

    def __init__(
        self,
        days: Sequence[OpenDay],
        listed: Sequence[Template | None],
        plans: Sequence[VisitPlan],
        wanted: Sequence[float],
    ) -> None:
        self._plans = plans
        self._listed = listed
        self._days = {place: day for place, day in enumerate(days) if listed[place] is None}
        self._starts: list[list[TemplateStart]] = [list(each or ()) for each in listed]
        self.given = [0] * len(plans)
        for start in (start for day in self._starts for start in day):
            self.given[start.plan] += 1
        self._room = [
            sum(len(places(day.fits(plan))) for day in self._days.values()) for plan in range(len(plans))
        ]
        self._wanted = [
            some if self._room[plan] or self.given[plan] else 0.0 for plan, some in enumerate(wanted)
        ]

    def _asked(self) -> list[int]:
        return [plan for plan, some in enumerate(self._wanted) if some]

    def place_quotas(self) -> None:
        """Place as many of each plan as are due, the scarce ones first."""
        asked = self._asked()
        if not asked:
            return
        quotas = largest_remainders(self._number(), [self._wanted[plan] for plan in asked])
        due = dict(zip(asked, quotas, strict=True))
        scarce_first = sorted(asked, key=lambda plan: self._room[plan])
        for plan in scarce_first:
            if not self.given[plan]:
                self._place(plan)
        for plan in scarce_first:
            while self.given[plan] < due[plan] and self._place(plan):
                pass

    def fill_up(self) -> None:
        """Add starts as long as anything fits: of those that fit the plan of which most are missing."""
        total = sum(self._wanted)
        while True:
            after = sum(self.given) + 1

            def surplus(plan: int, after: int = after) -> float:
                return self.given[plan] + 1 - self._wanted[plan] / total * after

            if not any(self._place(plan) for plan in sorted(self._asked(), key=surplus)):
                return

    def templates(self) -> list[Template]:
        """Return the templates."""
        return [tuple(sorted(day)) for day in self._starts]

    def _number(self) -> int:
        """Count the starts of the week, if any start took any visit."""
        given = list(self.given)
        for day in self._days.values():
            fill(day, self._wanted, given)
        return sum(given)

    def _place(self, plan: int) -> bool:
        """Place a start of a plan: on the day with fewest of it, at the earliest time at which it fits."""
        best: tuple[int, int, int] | None = None
        for place, day in self._days.items():
            fits = day.fits(plan)
            if fits:
                held = sum(start.plan == plan for start in self._starts[place])
                found = held, place, (fits & -fits).bit_length() - 1
                best = found if best is None else min(best, found)
        if best is None:
            return False
        _, place, minute = best
        self._days[place].take(plan, minute)
        self._starts[place].append(TemplateStart(minute, plan, self._plans[plan].kind, listed=False))
        self.given[plan] += 1
        return True


def largest_remainders(number: int, wanted: Sequence[float]) -> list[int]:
    """Divide a whole number in a proportion; of equal remainders the earlier one is rounded up.

    Examples
    --------
    >>> largest_remainders(10, [3.0, 3.0, 1.0])
    [4, 4, 2]
    """
    total = sum(wanted)
    exact = [number * some / total for some in wanted]
    parts = [int(each + _CLOSE) for each in exact]
    order = sorted(range(len(parts)), key=lambda place: (-round(exact[place] - parts[place], 9), place))
    for place in order[: number - sum(parts)]:
        parts[place] += 1
    return parts


_CLOSE = 1e-9
