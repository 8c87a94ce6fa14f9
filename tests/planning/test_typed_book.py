"""The book with starts by type, against a count minute by minute of what is booked."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simclinic import records as r
from simclinic.planning.timetable import Timetable
from simclinic.scenario import replace
from tests.model.small import simulated as run
from tests.planning.test_open_book import Paper
from tests.properties.wider import wider_clinics
from tests.properties.wider_invariants import WiderHouse

QUICK = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # to make a clinic simpler takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
MANY = settings(QUICK, max_examples=1500, derandomize=False)
TUESDAY = 1


class TypedPaper:
    """A Tuesday with starts by type, on paper."""

    def __init__(self, scenario, template, plans):
        self.paper, self.every = Paper(scenario), scenario.booking.start_every_minutes
        self.template = template
        self.plans = plans  # by number: type and infusion
        self.free = set(range(len(template)))
        self.used_up = {}

    def fits(self, plan):
        return self.paper.fits(*self.plans[plan], self.every)

    def available(self, plan, *, converts):
        """The starts of its own type that a visit can take, and those of other types."""
        kind = self.plans[plan][0]
        own = {one for one in self.free if self.kind(one) == kind}
        others = self.free - own
        if not converts:
            self.keep(others, 1)
        fits = self.fits(plan)
        if not converts:
            self.keep(others, -1)
        can = {one for one in self.free if self.template[one].minute in fits}
        return own & can, others & can if converts else set()

    def kind(self, one):
        return self.plans[self.template[one].plan][0]

    def keep(self, starts, units):
        for one in starts:
            self.paper.book(*self.plans[self.template[one].plan], self.template[one].minute, units)

    def that_fit(self):
        return {one for one in self.free if self.template[one].minute in self.fits(self.template[one].plan)}

    def take(self, one, plan):
        self.free.remove(one)
        before = self.that_fit()
        self.paper.book(*self.plans[plan], self.template[one].minute)
        if self.kind(one) != self.plans[plan][0]:
            self.used_up[one] = before - self.that_fit()
            self.free -= self.used_up[one]

    def give_back(self, one, plan):
        self.paper.book(*self.plans[plan], self.template[one].minute, -1)
        self.free |= {one} | self.used_up.pop(one, set())


def bits(starts):
    return sum(1 << one for one in starts)


def compare(data):
    every = data.draw(st.sampled_from([15, 20, 30]))
    convert_days = data.draw(st.sampled_from([None, 0, 1]))
    scenario = data.draw(wider_clinics(exact=True, start_every_minutes=every, types="typed"))
    if scenario.simple:
        return
    if convert_days is not None:
        scenario = replace(scenario, booking={"convert_days": convert_days})
    timetable = Timetable(scenario)
    book, template = timetable.book(), timetable.templates[TUESDAY]
    numbers = {
        timetable.plans.number(place, 0, infusion): (kind, infusion)
        for place, kind in enumerate(scenario.protocols)
        for infusion in (1, 2)
    }
    asked = {start.plan for day in timetable.templates[:7] for start in day or ()}
    assert asked <= numbers.keys()
    paper = TypedPaper(scenario, template, numbers)
    # Every derived start finds room beside all others; nothing that is asked for fits beside them all.
    paper.keep(paper.free, 1)
    for plan in asked:
        assert not paper.fits(plan)
    paper.keep(paper.free, -1)
    booked = []
    for today in (0, 1):
        book.begin_day(today)
        converts = convert_days is not None and 1 - today <= convert_days
        for _ in range(data.draw(st.integers(1, 8))):
            for plan, which in numbers.items():
                own, others = paper.available(plan, converts=converts)
                assert book._starts_for(TUESDAY, plan) == (bits(own), bits(others)), which
                here = book.first_day(1440.0 * today, earliest=1, latest=1, series=True, plan=plan) == 1
                assert here == bool(own or others)
            plan = data.draw(st.sampled_from(sorted(numbers)))
            if booked and data.draw(st.integers(0, 2)) == 0:
                one, plan = booked.pop(data.draw(st.integers(0, len(booked) - 1)))
                book.give_back(TUESDAY, one, series=True, plan=plan)
                paper.give_back(one, plan)
                continue
            own, others = paper.available(plan, converts=converts)
            if own or others:
                one, moment = book.take(TUESDAY, 0.0, series=True, plan=plan)
                assert one == min(own or others)
                assert moment == 1440.0 + template[one].minute
                paper.take(one, plan)
                booked.append((one, plan))


@QUICK
@given(st.data())
def test_every_booking_and_conversion_is_legal(data):
    compare(data)


@pytest.mark.long
@MANY
@given(st.data())
def test_every_booking_and_conversion_is_legal_many_times(data):
    compare(data)


def each_start_serves_its_type(scenario):
    """In a simulated clinic: appointments are at starts of their type, or were made so many days before."""
    records = run(scenario, scenario.run.seed)
    WiderHouse(records, scenario).check()
    visits, timetable = records.visits, Timetable(scenario)
    assert not (visits["outcome"] == r.CLINIC_CANCELLED).any()
    if scenario.simple:
        return
    for row in np.flatnonzero(~np.isnan(visits["booked"])).tolist():
        day, minute = divmod(visits["appointment"][row], r.DAY)
        at = [start.kind for start in timetable.templates[int(day)] if start.minute == minute]
        assert at
        if visits["visit"][row] not in at:
            assert scenario.booking.convert_days is not None
            assert day - visits["booked"][row] // r.DAY <= scenario.booking.convert_days


SIMULATED = st.one_of(
    wider_clinics(types="typed"),
    wider_clinics(types="typed", convert_days=1),
    wider_clinics(types="typed", convert_days=9, standby=0.5, standby_notice_hours=1.0),
)


@QUICK
@given(SIMULATED)
def test_each_start_serves_its_type_or_is_converted_in_time(scenario):
    each_start_serves_its_type(scenario)


@pytest.mark.long
@MANY
@given(SIMULATED)
def test_each_start_serves_its_type_or_is_converted_in_time_many_times(scenario):
    each_start_serves_its_type(scenario)
