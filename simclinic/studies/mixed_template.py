"""Ways to book a mix of visit types: the open book, the derived template, and the best template with each slack.

A template lists starts, each for one type of visit. It is planned with slack, as for one type, and feasible minute
by minute with the planned lengths: places, hands and eyes of each role, roles on site, and patients out by closing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from simclinic.errors import SimclinicError
from simclinic.planning import Timetable
from simclinic.planning.demand import asked_by
from simclinic.planning.mix import asked, mix
from simclinic.planning.open_day import DayOffer, OpenDay
from simclinic.planning.slack import Slack
from simclinic.planning.typed_template import carried, typed_template
from simclinic.planning.wide_week import WideWeek
from simclinic.results.template import Booked, SheetLine
from simclinic.scenario import Scenario, replace
from simclinic.scenario.hours import WEEKDAYS, Weekday, clock
from simclinic.scenario.protocols import INFUSION
from simclinic.scenario.visit import Step as VisitStep
from simclinic.scenario.visit import Visit
from simclinic.studies.booking_ways import Key, Mixed, Way
from simclinic.studies.run_options import Step

OPEN, DERIVED, LISTED = "open book", "derived template", "listed starts"

OF_MIX = ("separate_starts_patients_per_week", "started_within_days_share")
"""Key figures of each way to book, besides those of one type of visit; an open book lacks the first."""


@dataclass(frozen=True, slots=True)
class Mix:
    """The week of a clinic whose visits have several plans.

    Attributes
    ----------
    scenario
        The clinic.
    timetable
        Of the clinic with an open book.
    days
        By open weekday, the first such day that is measured.
    every
        Minutes between possible starts.
    """

    scenario: Scenario
    timetable: Timetable
    days: dict[Weekday, int]
    every: int

    @classmethod
    def of(cls, scenario: Scenario, every: int) -> Mix:
        """Take it from a scenario that can have a template."""
        timetable = Timetable(_open(scenario))
        calendar, days = timetable.calendar, dict[Weekday, int]()
        for index in range(-calendar.first_day, len(calendar)):
            if calendar.opening[index] is not None:
                days.setdefault(WEEKDAYS[calendar.weekday[index]], index)
        return cls(scenario, timetable, {name: days[name] for name in WEEKDAYS if name in days}, every)

    @property
    def wanted(self) -> list[float]:
        """Starts asked for a week, by plan."""
        assert self.timetable.plans is not None
        return asked(self.scenario, self.timetable.plans)

    def asked_by_type(self) -> dict[str, float]:
        """Return the starts asked for a week by type of visit."""
        return {name: wanted for name, (wanted, _) in self._week(self.timetable).by_type().items()}

    def present(self) -> list[Way]:
        """Return the ways to book without a template, the present one first."""
        booking = self.scenario.booking
        typed = replace(self.scenario, booking={"types": "typed", "starts": {}})
        ways = [self._without(DERIVED, typed), self._without(OPEN, _open(self.scenario))]
        if booking.types == "open":
            return ways[::-1]
        return [self._without(LISTED, self.scenario), *ways] if booking.starts else ways

    def templates(
        self, slacks: Sequence[Slack], seconds: float, watch: Callable[[Step], None] | None
    ) -> list[Way]:
        """Return the best template with each slack; equal ones are one.

        Raises
        ------
        SimclinicError
            If a visit that is asked for fits nowhere in the week, with any slack.
        """
        ways: dict[Key, Way] = {}
        problems: list[str] = []
        for number, slack in enumerate(slacks, 1):
            if watch is not None:
                watch(
                    Step(f"The fullest weeks are computed: {slack.name}, {number} of {len(slacks)}.", (), 0)
                )
            planned = Timetable(_open(slacked(self.scenario, slack)))
            assert planned.plans is not None
            offers = self._offers(planned)
            problems = list(self._misfits(planned, slack))
            if problems:
                continue
            found = typed_template(
                offers, planned.plans, planned.footprints, self.wanted, self.every, seconds=seconds
            )
            way = self._way(slack.name, planned, found.days, found.carries)
            assert way.mixed is not None
            booked = replace(
                replace(self.scenario, booking={"types": "typed", "starts": {}}),
                booking={"starts": _starts(way)},
            )
            way = dataclasses.replace(
                way, slacks=(slack,), mixed=dataclasses.replace(way.mixed, booked=booked, template=found)
            )
            known = ways.get(way.key)
            if known is not None:
                name = f"{known.name}, {slack.name}"
                way = dataclasses.replace(known, name=name, slacks=(*known.slacks, slack))
            ways[way.key] = way
        if not ways:
            raise SimclinicError(*problems)
        return list(ways.values())

    def _misfits(self, planned: Timetable, slack: Slack) -> Iterator[str]:
        """Yield which visits that are asked for fit at no step of the grid."""
        assert planned.plans is not None
        for number, (plan, some) in enumerate(zip(planned.plans.plans, self.wanted, strict=True)):
            if some and not any(
                OpenDay.empty(offer, self.every, planned.footprints).fits(number)
                for offer in self._offers(planned)
            ):
                roles = [planned.plans.roles[role] for role, _ in plan.present]
                yield (
                    f"a visit {planned.plans.types[plan.kind]!r} fits on no day with {slack.name}: it takes "
                    f"{plan.patient_minutes:.0f} minutes until the patient leaves, and needs {_all_of(roles)}. "
                    "Longer hours or shifts, less slack, or a finer --grid would help"
                )

    def _offers(self, timetable: Timetable) -> list[DayOffer]:
        offers = [timetable.offers[index] for index in self.days.values()]
        return [offer for offer in offers if offer is not None]

    def _week(self, timetable: Timetable) -> WideWeek:
        return WideWeek(timetable, [(index, 1.0) for index in self.days.values()])

    def _without(self, name: str, booked: Scenario) -> Way:
        """Return a way to book without a template, as its week is on paper."""
        timetable = Timetable(booked)
        week = self._week(timetable)
        if booked.booking.types == "open" or name == LISTED:
            # A listed start is for any visit of its type, and one of an open book for any visit.
            carries = 1.0 / week.load()
        else:
            carries = carried([tuple(day) for day in week.starts], self.wanted)
        way = self._way(name, timetable, [tuple(day) for day in week.starts], carries)
        assert way.mixed is not None
        return dataclasses.replace(way, mixed=dataclasses.replace(way.mixed, booked=booked))

    def _way(
        self, name: str, timetable: Timetable, days: Sequence[Sequence[tuple[int, int]]], carries: float
    ) -> Way:
        assert timetable.plans is not None
        plans, wanted = timetable.plans, self.wanted
        minutes = sum(some * plan.patient_minutes for some, plan in zip(wanted, plans.plans, strict=True))
        named = dict(zip(self.days, days, strict=True))
        return Way(
            name,
            {day: tuple(minute for minute, _ in starts) for day, starts in named.items()},
            minutes / sum(wanted),
            mixed=Mixed(
                self.scenario,
                {
                    day: tuple(plans.types[plans.plans[plan].kind] for _, plan in starts)
                    for day, starts in named.items()
                },
                {day: tuple(plan for _, plan in starts) for day, starts in named.items()},
                carries,
            ),
        )

    def sheet(self, way: Way) -> Iterator[SheetLine]:
        """Yield the starts of a way to book with type of visit and places; nothing of an open book."""
        assert way.mixed is not None
        if way.mixed.booked.booking.types == "open":
            return
        planned = Timetable(_open(slacked(self.scenario, way.slacks[0]) if way.slacks else self.scenario))
        assert planned.plans is not None
        for day, starts in way.starts.items():
            free: dict[int, list[int]] = {}
            for minute, plan, visit in zip(starts, way.mixed.plans[day], way.mixed.visits[day], strict=True):
                held = []
                for use in planned.plans.plans[plan].uses:
                    if use.resource >= len(planned.plans.places):
                        continue
                    number = _lowest(free.setdefault(use.resource, []), minute + use.start, minute + use.end)
                    held.append((use.start, use.resource, number))
                chair = next((number for _, resource, number in held if not resource), 0)
                places = [
                    f"{planned.plans.places[resource]} {number}" for _, resource, number in sorted(held)
                ]
                yield SheetLine(
                    weekday=day,
                    time=clock(minute),
                    chair=chair,
                    nurse=None,
                    relieved=False,
                    visit=visit,
                    place=", ".join(places),
                )


def _lowest(free_from: list[int], begin: int, end: int) -> int:
    """Take the lowest place that is free from a minute on, until another; return its number from 1 on."""
    place = next((place for place, free in enumerate(free_from) if free <= begin), len(free_from))
    if place == len(free_from):
        free_from.append(0)
    free_from[place] = end
    return place + 1


def _open(scenario: Scenario) -> Scenario:
    return replace(scenario, booking={"types": "open", "starts": {}, "convert_days": False})


def _starts(way: Way) -> dict[str, list[dict[str, str]]]:
    """Return the starts of a way as a scenario lists them."""
    assert way.mixed is not None
    return {
        day: [
            {"at": clock(minute), "visit": visit}
            for minute, visit in zip(starts, way.mixed.visits[day], strict=True)
        ]
        for day, starts in way.starts.items()
    }


def toml(way: Way) -> str:
    """Write what a scenario file must say to book in a way."""
    assert way.mixed is not None
    if way.mixed.booked.booking.types == "open":
        return '[booking]\ntypes = "open"\nstarts = {}\nconvert_days = false\n'
    lines = ["[booking]", 'types = "typed"']
    for day, starts in _starts(way).items():
        lines.append(f"starts.{day} = [" if starts else f"starts.{day} = []")
        line = ""
        for start in starts:
            item = f'{{ at = "{start["at"]}", visit = "{start["visit"]}" }},'
            if line and len(line) + len(item) > _WIDTH:
                lines.append(line)
                line = ""
            line = f"{line} {item}" if line else f"  {item}"
        lines += [line, "]"] if starts else []
    return "\n".join(lines) + "\n"


_WIDTH = 77  # of a line of TOML, so that a terminal of 80 columns does not break it


def add_mixed(booked: Booked, mixed: Mixed) -> None:
    """Add to the document of a way what it has where visits have several plans."""
    template = mixed.template
    booked["carries"] = mixed.carries
    booked["most_carried"] = None if template is None else template.most_carried
    booked["by_type"] = {}
    for day in mixed.visits.values():
        for visit in day:
            booked["by_type"][visit] = booked["by_type"].get(visit, 0) + 1
    for each, visits in zip(booked["days"], mixed.visits.values(), strict=True):
        each["visits"] = list(visits)
    if template is not None:
        booked["most_per_week"], booked["settled"] = template.most, template.settled


def no_mix(scenario: Scenario) -> Iterator[str]:
    """Yield every reason why a clinic whose visits have several plans can have no template."""
    timetable = Timetable(_open(scenario))
    assert timetable.plans is not None
    if timetable.changes_by_week:
        yield (
            f"{scenario.name!r} has hours or shifts of some weeks only, and starts by type of visit are listed for "
            "every week: make a scenario without `weeks` and `every` for the usual week. With booking.types = "
            '"open" any start takes any visit that fits, week by week'
        )
    if not sum(mix(scenario, timetable.plans)) or not sum(asked(scenario, timetable.plans)):
        yield (
            f"on paper it is not known how many visits {scenario.name!r} is asked for: without referrals, or with "
            "boosters that never end, there is no mix by which to divide starts. demand.referrals_per_week and "
            "boosters.attrition above 0 would help"
        )


# -- slack --------------------------------------------------------------------------------------------------------


def slacked(scenario: Scenario, slack: Slack) -> Scenario:
    """Return the clinic with planned lengths: with slack, and first visits' extra time by hand at its share."""
    shares = first_shares(scenario)
    sections = {
        name: {"steps": _lengths(visit, slack, shares.get(name, 0.0))}
        for name, visit in scenario.visit_types.items()
    }
    own = sections.pop(INFUSION, None)
    planned = scenario if own is None else replace(scenario, visit=own)
    return replace(planned, visits=sections) if sections else planned


def _lengths(visit: Visit, slack: Slack, share: float) -> dict[str, dict[str, float]]:
    return {
        name: {
            "minutes": slack.minutes(step)
            + (share * step.first_visit_extra_minutes if _by_hand(step) else 0.0)
        }
        for name, step in visit.steps.items()
    }


def _by_hand(step: VisitStep) -> bool:
    return any(claim.need == "hands-on" for claim in step.needs.values())


def first_shares(scenario: Scenario) -> dict[str, float]:
    """Return by type of visit the share of its visits that are a patient's first of the series."""
    first: dict[str, float] = {}
    every: dict[str, float] = {}
    weights = scenario.at(scenario.run.start).demand.protocol_mix
    for name, protocol in scenario.protocols.items():
        weight, one = weights.get(name, 0.0), asked_by(scenario, name)
        series, booster = protocol.visits
        first[series] = first.get(series, 0.0) + weight * (one.series[0] if one.series else 0.0)
        every[series] = every.get(series, 0.0) + weight * sum(one.series)
        every[booster] = every.get(booster, 0.0) + weight * (one.boosters or 0.0)
    return {name: min(1.0, some / every[name]) for name, some in first.items() if every[name]}


def _all_of(roles: Sequence[str]) -> str:
    return " and ".join(roles) if roles else "nobody"
