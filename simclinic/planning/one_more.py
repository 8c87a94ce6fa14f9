"""The starts, or visits, that one more chair or nurse would add on paper.

The tightest resource of a plan can be worth less than another: where nurses' hands are full half the day and chairs
all day, a nurse may add ten starts a week and a chair eight. The day's grid is therefore filled again with one more
chair, or with one more nurse in one shift.

A walk-in clinic has no grid. Its visits are bounded by the time that the scarcest resource offers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NotRequired, TypedDict

from simclinic.planning import Timetable
from simclinic.planning.grid import fill
from simclinic.planning.roster import Duties, Staffing, steps
from simclinic.planning.wide_week import More, WideWeek
from simclinic.scenario.hours import Hours
from simclinic.scenario.visit import NURSE


class OneMore(TypedDict):
    """The gain from one more of each on paper: starts a day or a week, of a walk-in clinic visits a week.

    `nurses` holds a nurse for each shift by name. `hands` and `eyes` are those of a nurse who has nothing but them,
    whenever anybody is on duty; `chair_and_nurses` is a chair together with a nurse in every shift. Where there are
    other roles and places, `staff` holds one more in each of their shifts by role and shift, and `places` one more
    place by name.
    """

    chair: float
    nurses: dict[str, float]
    hands: float
    eyes: float
    chair_and_nurses: float
    staff: NotRequired[dict[str, dict[str, float]]]
    places: NotRequired[dict[str, float]]


@dataclass(frozen=True, slots=True)
class Day:
    """A planned day: opening hours, chairs, shifts. Days with the same plan are equal.

    Attributes
    ----------
    hours
        Opening hours.
    chairs
        Number of chairs.
    working
        The shifts of the day.
    """

    hours: Hours
    chairs: int
    working: Duties

    @classmethod
    def of(cls, timetable: Timetable, index: int) -> Day:
        """Take a day of the calendar on which the clinic is open."""
        calendar = timetable.calendar
        hours = calendar.hours[index]
        assert hours is not None
        return cls(hours, calendar.situations[index].clinic.chairs, timetable.roster.working[index])

    def roster(self, *more: int) -> tuple[Staffing, ...]:
        """Compute hands and eyes over the day, with one more nurse in each of some shifts."""
        working = tuple(duty.one_more() if duty.shift in more else duty for duty in self.working)
        return steps(working, tuple(duty.nurses for duty in working))


class Added:
    """Starts that one more chair or nurse adds to a day; days with the same plan are computed once.

    Parameters
    ----------
    timetable
        The scenario's timetable.
    """

    def __init__(self, timetable: Timetable) -> None:
        self._timetable = timetable
        self._every = timetable.scenario.booking.start_every_minutes
        self._cache: dict[Day, OneMore] = {}

    def to(self, index: int) -> OneMore:
        """Return the gains on a day of the calendar."""
        day = Day.of(self._timetable, index)
        if day not in self._cache:
            self._cache[day] = self._gains(day)
        return self._cache[day]

    def _gains(self, day: Day) -> OneMore:
        current = self._starts(day)

        def gain(chairs: int = 0, shifts: Iterable[int] = (), hands: int = 0, nurses: int = 0) -> int:
            starts = self._starts(day, chairs, shifts, hands, nurses)
            # Greedy filling may fit in fewer visits although there is more room; then the addition stays unused.
            return max(0, starts - current)

        shifts = [duty.shift for duty in day.working]
        return OneMore(
            chair=gain(chairs=1),
            nurses={self._timetable.roster.names[shift]: gain(shifts=[shift]) for shift in shifts},
            hands=gain(hands=1),
            eyes=gain(nurses=1),
            chair_and_nurses=gain(chairs=1, shifts=shifts),
        )

    def _starts(
        self, day: Day, chairs: int = 0, shifts: Iterable[int] = (), hands: int = 0, nurses: int = 0
    ) -> int:
        roster = day.roster(*shifts)
        return len(
            fill(
                self._timetable.visit,
                day.hours,
                day.chairs + chairs,
                roster,
                self._every,
                extra_hands=hands,
                extra_nurses=nurses,
            )
        )


def of_the_week(days: Iterable[tuple[OneMore, float]]) -> OneMore:
    """Add up the gains of the days of a week, each with the share of weeks in which there is such a day."""
    listed = list(days)
    names = dict.fromkeys(name for day, _ in listed for name in day["nurses"])
    return OneMore(
        chair=sum(day["chair"] * share for day, share in listed),
        nurses={name: sum(day["nurses"].get(name, 0) * share for day, share in listed) for name in names},
        hands=sum(day["hands"] * share for day, share in listed),
        eyes=sum(day["eyes"] * share for day, share in listed),
        chair_and_nurses=sum(day["chair_and_nurses"] * share for day, share in listed),
    )


def of_a_wide_week(timetable: Timetable, week: WideWeek) -> tuple[float | None, OneMore]:
    """Compute the gains of a clinic with several types of visit, roles or places, by the week.

    Returns
    -------
    visits_at_most, one_more
        The bound of a walk-in clinic, else None; and the gains.
    """
    walk_in = timetable.scenario.booking.mode == "walk-in"
    now = week.most_visits() if walk_in else None

    def gain(more: More) -> float:
        return float(week.gain(more)) if now is None else max(0.0, week.most_visits(more) - now)

    names, shifts = timetable.roster.names, week.shifts()
    nurses = [duty.shift for duty in shifts.get(NURSE, [])]
    added = OneMore(
        chair=gain(More(chairs=1)),
        nurses={names[shift]: gain(More(shifts=(shift,))) for shift in nurses},
        hands=gain(More(hands=1)),
        eyes=gain(More(eyes=1)),
        chair_and_nurses=gain(More(chairs=1, shifts=tuple(nurses))),
    )
    staff = {
        role: {names[duty.shift]: gain(More(shifts=(duty.shift,))) for duty in duties}
        for role, duties in shifts.items()
        if role != NURSE
    }
    if staff:
        added["staff"] = staff
    if week.places:
        added["places"] = {name: gain(More(place=n)) for n, name in enumerate(week.places, start=1)}
    return now, added


def walking_in(timetable: Timetable, indices: Iterable[tuple[int, float]]) -> tuple[float, OneMore]:
    """Bound the visits a week of a walk-in clinic by the time on offer, as it is and with one more of each.

    Parameters
    ----------
    timetable
        The scenario's timetable.
    indices
        Days of the calendar on which the clinic is open, one for each weekday (or kind of it), each with the share
        of weeks in which there is such a day.
    """
    days = [(Day.of(timetable, index), share) for index, share in indices]
    shifts = list(dict.fromkeys(duty.shift for day, _ in days for duty in day.working))
    current = _visits(timetable, days)

    def gain(chairs: int = 0, more: Iterable[int] = (), hands: int = 0, eyes: int = 0) -> float:
        return max(0.0, _visits(timetable, days, chairs, tuple(more), hands, eyes) - current)

    return current, OneMore(
        chair=gain(chairs=1),
        nurses={timetable.roster.names[shift]: gain(more=[shift]) for shift in shifts},
        hands=gain(hands=1),
        eyes=gain(eyes=1),
        chair_and_nurses=gain(chairs=1, more=shifts),
    )


def _visits(
    timetable: Timetable,
    days: Iterable[tuple[Day, float]],
    chairs: int = 0,
    more: tuple[int, ...] = (),
    hands: int = 0,
    eyes: int = 0,
) -> float:
    offered = {"chairs": 0.0, "hands": 0.0, "eyes": 0.0}
    for day, share in days:
        offered["chairs"] += share * (day.chairs + chairs) * day.hours.minutes
        edges = [*((step.minute, step) for step in day.roster(*more)), (day.hours.end, None)]
        for (begin, step), (end, _) in pairwise(edges):
            if step is None or not step.nurses:
                continue
            for span in day.hours.spans:
                minutes = min(end, span.end) - max(begin, span.start)
                if minutes > 0:
                    offered["hands"] += share * minutes * (step.hands + hands)
                    offered["eyes"] += share * minutes * (step.nurses + eyes)
    return min(offered[name] / minutes for name, minutes in _needed(timetable).items() if minutes)


def _needed(timetable: Timetable) -> Mapping[str, float]:
    """Give the minutes of each resource that a planned visit takes."""
    return {
        name: sum(claim.amount * (claim.end - claim.start) for claim in claims) / unit
        for name, (claims, unit) in timetable.visit.resources.items()
    }
