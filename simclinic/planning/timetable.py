"""The part of a scenario that is the same in every replication, computed once.

The calendar, the roster, the grid of starts, the order of a visit's steps, the gaps of each protocol: plain lists
and numbers, which the model reads while it runs.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simclinic.planning.book import Book, Closings, Gaps, gaps
from simclinic.planning.calendar import Calendar
from simclinic.planning.grid import Grid, derive, planned_visit
from simclinic.planning.known_days import KnownDays
from simclinic.planning.mix import mix, planned_grid
from simclinic.planning.open_book import OpenBook
from simclinic.planning.open_day import DayOffer, Footprints
from simclinic.planning.roster import Duties, Roster
from simclinic.planning.templates import Weeks, listed_starts, planned_starts, typed_grid, typed_templates
from simclinic.planning.typed_book import TypedBook
from simclinic.planning.typed_week import Template
from simclinic.planning.visit_plans import VisitPlans
from simclinic.records import LIMITS
from simclinic.scenario import Scenario
from simclinic.scenario.booking import Booking
from simclinic.scenario.hours import WEEKDAYS, Hours
from simclinic.scenario.laws import Laws
from simclinic.scenario.schedules import Schedule, schedule_of
from simclinic.scenario.starts import minutes_of
from simclinic.scenario.visit import Visit


class VisitStep(NamedTuple):
    """One step of a visit, as the model reads it.

    Attributes
    ----------
    hands
        Whether it takes one nurse's hands.
    eyes
        Shares of a nurse's attention it takes (0: none).
    chair
        Whether the chair is held.
    frees_chair
        Whether the chair is free after it.
    flows_on
        Whether the next step follows without a request, so that the model need not stop between the two.
    """

    hands: bool
    eyes: int
    chair: bool
    frees_chair: bool
    flows_on: bool


class Script(NamedTuple):
    """A visit that needs chairs and nurses alone, as the usual program reads it.

    Attributes
    ----------
    steps, after
        Steps with the patient, in order, and those after the patient has left.
    after_needs_nurse
        Whether any of the latter needs a nurse.
    """

    steps: tuple[VisitStep, ...]
    after: tuple[VisitStep, ...]
    after_needs_nurse: bool


class Timetable:
    """What all replications of a scenario share.

    Parameters
    ----------
    scenario
        The clinic.

    Attributes
    ----------
    calendar, roster
        The days and the shifts.
    visit
        A planned visit of mean lengths; of several types of visit, an infusion (`[visit]`).
    plans
        The plans of visits, where the clinic has several types, roles or places; else None.
    shares
        By role, the shares into which the attention of one of them is divided.
    script, after, after_needs_nurse
        The script of that visit.
    scripts
        By plan, its script, where all visits need chairs and nurses alone; else None.
    gaps
        By protocol, in the scenario's order.
    infusions
        Length of each protocol's series.
    usual
        Index of the most frequent protocol.
    laws
        By protocol: response, relapse and boosters of its patients.
    schedules
        By protocol: when boosters are due; None if patients come as needed.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.calendar = Calendar(scenario)
        self.roster = Roster(scenario, self.calendar)
        self.visit = planned_visit(scenario.visit)
        self.plans = None if scenario.simple else VisitPlans(scenario)
        self.shares = [self.visit.eyes_per_nurse] if self.plans is None else self.plans.shares
        script = _script(scenario.visit, self.visit.eyes_per_nurse)
        self.script, self.after, self.after_needs_nurse = script
        self.scripts = [script] if self.plans is None else self._scripts(self.plans)
        closings = Closings(self.calendar.closed_on)
        self.gaps: list[Gaps] = [gaps(protocol, closings) for protocol in scenario.protocols.values()]
        self.infusions = [protocol.infusions for protocol in scenario.protocols.values()]
        shares = [scenario.demand.protocol_mix.get(name, 0.0) for name in scenario.protocols]
        self.usual = shares.index(max(shares))
        self.laws: list[Laws] = list(scenario.laws.values())
        self.schedules: list[Schedule | None] = [schedule_of(laws.boosters) for laws in self.laws]

    def _scripts(self, plans: VisitPlans) -> list[Script] | None:
        """List the script of every plan; None if any visit needs more than chairs and nurses."""
        scenario = self.scenario
        if scenario.roles or scenario.places:
            return None
        visits = list(scenario.visit_types.values())
        if not all(visit.plain for visit in visits):
            return None
        return [_script(visits[plan.kind], plans.shares[0]) for plan in plans.plans]

    @cached_property
    def grids(self) -> list[Grid | None]:
        """The grid of every day of the calendar, None on closed days; days with the same plan are computed once."""
        scenario, calendar = self.scenario, self.calendar
        if self.plans is not None:
            return self._wide_grids(self.plans)
        cache: dict[tuple[object, ...], Grid] = {}
        result: list[Grid | None] = []
        for index, hours in enumerate(calendar.hours):
            if hours is None:
                result.append(None)
                continue
            chairs = calendar.situations[index].clinic.chairs
            weekday = calendar.weekday[index]
            working = self.roster.working[index]
            listed = (scenario.booking.starts or {}).get(WEEKDAYS[weekday])
            key = (listed, hours, chairs, working)
            if key not in cache:
                cache[key] = self._grid(scenario.booking, WEEKDAYS[weekday], hours, chairs, working)
            result.append(cache[key])
        return result

    @cached_property
    def _ranks(self) -> dict[tuple[int, int], int]:
        """The rank of visits among those who wait, by kind and type: their place in `booking.first`."""
        first = self.scenario.booking.first
        ranks = {}
        for kind, of_kind in enumerate(
            ("series", "booster", None)
        ):  # consults have no name but that of their type
            for place, name in enumerate(self.scenario.visit_types):
                found = [at for at, written in enumerate(first) if written in (of_kind, name)]
                ranks[kind, place] = min(found, default=len(first))
        return ranks

    def rank(self, kind: int, plan: int) -> int:
        """Return the rank of a visit among those who wait: the lowest comes first.

        Parameters
        ----------
        kind, plan
            Series, booster or consult, and the number of its plan.
        """
        return self._ranks[kind, 0 if self.plans is None else self.plans.plans[plan].kind]

    def working(self, role: int) -> list[Duties]:
        """List the shifts of one role by day index."""
        return self.roster.working if self.plans is None else self._working_by_role[role]

    def usual_shifts(self, role: int, index: int) -> Duties:
        """Return the shifts of one role that work on a day, or would if it were no holiday."""
        return self._of_role[role][self.roster.usual[index]]

    @cached_property
    def _of_role(self) -> list[dict[Duties, Duties]]:
        """For each role its part of the shifts of a day; days alike share it."""
        assert self.plans is not None
        kinds = dict.fromkeys((*self.roster.usual, ()))
        return [
            {duties: tuple(duty for duty in duties if duty.role == name) for duties in kinds}
            for name in self.plans.roles
        ]

    @cached_property
    def _working_by_role(self) -> list[list[Duties]]:
        """The shifts of each role by day index, the same in every replication."""
        return [[chosen[duties] for duties in self.roster.working] for chosen in self._of_role]

    @cached_property
    def offers(self) -> list[DayOffer | None]:
        """What each day of the calendar offers, where visits have several plans; None on closed days."""
        return [
            None if hours is None else offer
            for hours, offer in zip(self.calendar.hours, self.usual_offers, strict=True)
        ]

    @cached_property
    def usual_offers(self) -> list[DayOffer | None]:
        """What each day offers, a holiday what it would offer otherwise; None if it would be closed, too."""
        assert self.plans is not None
        calendar, roster = self.calendar, self.roster
        others = tuple(place.number for place in self.scenario.places.values())
        offers: list[DayOffer | None] = []
        for index, hours in enumerate(calendar.usual):
            if hours is None:
                offers.append(None)
                continue
            shifts = [self.usual_shifts(role, index) for role in range(len(self.plans.roles))]
            staff = tuple(roster.steps(each, tuple(duty.nurses for duty in each)) for each in shifts)
            places = (calendar.situations[index].clinic.chairs, *others)
            spans = tuple((float(span.start), float(span.end)) for span in hours.spans)
            offers.append(DayOffer(spans, places, staff, tuple(self.plans.shares)))
        return offers

    @cached_property
    def weeks(self) -> Weeks:
        """The weeks of the calendar, where the starts of a day depend on those of its week."""
        return Weeks(self.calendar.weekday, self.usual_offers)

    @cached_property
    def footprints(self) -> Footprints:
        """What visits take, as the book counts it, where they have several plans."""
        assert self.plans is not None
        return Footprints(self.plans.plans)

    @cached_property
    def _known_days(self) -> KnownDays:
        return KnownDays(self.offers, self.scenario.booking.start_every_minutes, self.footprints)

    def _wide_grids(self, plans: VisitPlans) -> list[Grid | None]:
        """Plan the starts of every day: visits in the proportion in which they are asked for."""
        if self.scenario.booking.mode == "walk-in":
            return [None if offer is None else Grid((), LIMITS.index("hours")) for offer in self.offers]
        wanted = mix(self.scenario, plans)
        every = self.scenario.booking.start_every_minutes
        grids = {
            offer: planned_grid(offer, self.footprints, wanted, every)
            for offer in dict.fromkeys(self.offers)
            if offer is not None
        }
        if self.templates is not None:
            listed = [listed_starts(self.scenario, weekday) is not None for weekday in range(7)]
            return [
                typed_grid(template, grids[offer], listed=listed[weekday])
                if offer is not None and template is not None
                else None
                for template, offer, weekday in zip(
                    self.templates, self.offers, self.calendar.weekday, strict=True
                )
            ]
        planned = planned_starts(self.weeks, self.footprints, wanted, every)
        return [
            None
            if offer is None
            else Grid(tuple(float(minute) for minute, _ in planned[index]), grids[offer].limit)
            for index, offer in enumerate(self.offers)
        ]

    @cached_property
    def templates(self) -> list[Template | None] | None:
        """The starts of every day by type of visit, None on closed days; None where any start takes any visit."""
        if self.plans is None or self.scenario.booking.types == "open":
            return None
        found = typed_templates(self.scenario, self.weeks, self.plans, self.footprints)
        return [None if hours is None else found[index] for index, hours in enumerate(self.calendar.hours)]

    @cached_property
    def changes_by_week(self) -> bool:
        """Whether any weekday's hours, or any shift, hold in some weeks only."""
        return any(
            not weeks.all
            for situation in self.calendar.distinct
            for weeks in (
                *(hours.weeks for hours in situation.clinic.hours.values()),
                *(shift.in_weeks for shift in situation.shifts.values()),
            )
        )

    @cached_property
    def rostered(self) -> npt.NDArray[np.int64]:
        """Nurses rostered, shape (simulated days, shifts)."""
        days = self.calendar.simulated
        table = np.zeros((days, len(self.roster.names)), dtype=np.int64)
        for index in range(days):
            for duty in self.roster.working[index]:
                table[index, duty.shift] = duty.nurses
        return table

    @cached_property
    def shift_times(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Start and end of each shift on each simulated day, in minutes; NaN where it does not work."""
        days = self.calendar.simulated
        start = np.full((days, len(self.roster.names)), np.nan)
        end = start.copy()
        for index in range(days):
            midnight = self.calendar.midnights[index]
            for duty in self.roster.working[index]:
                start[index, duty.shift] = midnight + duty.start
                end[index, duty.shift] = midnight + duty.end
        return start, end

    @cached_property
    def shift_groups(self) -> list[list[tuple[int, float, npt.NDArray[np.int64]]]]:
        """For each shift the days on which it works, grouped by (nurses, probability of absence)."""
        groups: list[list[tuple[int, float, npt.NDArray[np.int64]]]] = []
        for shift, name in enumerate(self.roster.names):
            days: dict[tuple[int, float], list[int]] = {}
            for index in np.flatnonzero(self.rostered[:, shift]).tolist():
                rule = self.calendar.situations[index].shifts[name]
                days.setdefault((rule.nurses, rule.absence), []).append(index)
            groups.append([(*rule, np.array(indices)) for rule, indices in days.items()])
        return groups

    @cached_property
    def widest_hours(self) -> tuple[float, float]:
        """Earliest opening and latest closing of any day, in minutes after midnight."""
        days = [hours for situation in self.calendar.distinct for hours in situation.clinic.hours.values()]
        return float(min(hours.start for hours in days)), float(max(hours.end for hours in days))

    def _grid(self, booking: Booking, weekday: str, hours: Hours, chairs: int, working: Duties) -> Grid:
        if booking.mode == "walk-in":
            return Grid((), LIMITS.index("hours"))
        if booking.starts is not None and weekday in booking.starts:
            return Grid(
                tuple(float(minute) for minute in minutes_of(booking.starts[weekday])), LIMITS.index("listed")
            )
        steps = self.roster.steps(working, tuple(duty.nurses for duty in working))
        return derive(self.visit, hours, chairs, steps, booking.start_every_minutes)

    def book(self) -> Book:
        """Open an empty book."""
        if self.plans is not None:
            booking = self.scenario.booking
            if self.templates is not None:
                return TypedBook(
                    self.calendar, self.grids, booking, self.templates, self.offers, self.footprints
                )
            return OpenBook(self.calendar, self.grids, booking, self._known_days)
        return Book(self.calendar, self.grids, self.scenario.booking)


def timetable_of(scenario: Scenario) -> Timetable:
    """Return the timetable of a scenario, which its pilot runs and its replications share.

    With a booking rule of another package it is not shared: a notebook may have written the rule anew.
    """
    return _shared(scenario) if scenario.booking.rule is None else Timetable(scenario)


@lru_cache(maxsize=2)
def _shared(scenario: Scenario) -> Timetable:
    return Timetable(scenario)


def _script(visit: Visit, eyes_per_nurse: int) -> Script:
    """Write the script of a visit."""
    steps = list(visit.steps.values())
    last_chair = max(place for place, step in enumerate(steps) if step.chair)
    eyes = [eyes_per_nurse // step.patients_per_nurse if step.patients_per_nurse else 0 for step in steps]
    script = []
    for place, step in enumerate(steps):
        then = steps[place + 1] if place + 1 < len(steps) else None
        flows_on = (
            then is not None
            and then.patient
            and "hands-on" not in (step.nurse, then.nurse)
            and eyes[place + 1] <= eyes[place]
            and step.chair == then.chair
        )
        script.append(
            VisitStep(step.nurse == "hands-on", eyes[place], step.chair, place == last_chair, flows_on)
        )
    present = sum(step.patient for step in steps)
    after = tuple(script[present:])
    return Script(tuple(script[:present]), after, any(step.hands or step.eyes for step in after))
