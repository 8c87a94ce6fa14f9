"""The book in which any start takes any visit that fits: on paper, and counted minute by minute."""

import math
from itertools import pairwise
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simclinic.planning import known_days
from simclinic.planning.open_day import OpenDay, places
from simclinic.planning.timetable import Timetable
from simclinic.scenario.visit import NURSE
from tests.model.small import clinic
from tests.properties.wider import wider_clinics

QUICK = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # to make a clinic simpler takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
MANY = settings(QUICK, max_examples=1500, derandomize=False)


# -- by hand ---------------------------------------------------------------------------------------------------


def minutes(book, plan, day=0):
    """The minutes of a day at which a visit may begin, as the book gives one after another."""
    found, moment = [], 1440.0 * day - 1.0
    while (following := book.next_start(day, moment, plan)) < math.inf:
        assert following > moment
        moment = following
        found.append(moment - 1440 * day)
    return found


def starts(book, plan, day=0):
    """The starts that a day offers for a plan, in hours and minutes."""
    return [f"{at // 60:02d}:{at % 60:02d}" for at in map(int, minutes(book, plan, day))]


def book_of(*texts):
    return Timetable(clinic(*texts, referrals=[])).book()


SHIFTS = {
    "day": {"days": ["mon"], "hours": "08:00-17:00", "number": 1, "break": "12:00-13:00"},
    "doctor": {"days": ["mon"], "hours": "10:00-12:00", "number": 1, "role": "doctor"},
}
ROLES = {"roles": {"doctor": {"hour": 100}}, "shifts": SHIFTS}
HOURLY = {"booking": {"start_every_minutes": 60}, "clinic": {"chairs": 2}}


def visit(**steps):
    return {"visit": {"steps": steps}}


def test_a_visit_is_offered_while_all_its_roles_are_there_and_the_patient_is_out_by_closing():
    # Open from eight to five. The nurse's hands have a break from twelve to one, and the doctor is there from ten.
    both = visit(seen={"minutes": 60, "claims": {"nurse": "hands-on", "doctor": "hands-on"}})
    assert starts(book_of(ROLES, HOURLY, both), 0) == ["10:00", "11:00"]
    alone = visit(seen={"minutes": 60, "nurse": "hands-on"})
    book = book_of(ROLES, HOURLY, alone)
    assert starts(book, 0) == ["08:00", "09:00", "10:00", "11:00", "13:00", "14:00", "15:00", "16:00"]
    assert starts(book, 0, day=1) == []  # nobody is there on Tuesday
    watched = visit(seen={"minutes": 90, "claims": {"nurse": {"watch": 2}}})
    offered = starts(book_of(ROLES, HOURLY, watched), 0)
    assert offered == [f"{hour:02d}:00" for hour in range(8, 16)]  # breaks take no eyes; out by 16:30


def test_the_patient_is_out_by_closing_though_the_nurse_stays_longer():
    # Open until five; the nurse is there until eight. Cleaning may come after closing.
    late = {"shifts": {"day": {"days": ["mon"], "hours": "08:00-20:00", "number": 1}}}
    steps = {
        "treat": {"minutes": 90, "nurse": "hands-on"},
        "rest": {"minutes": 30, "place": "room"},
        "clean": {"minutes": 30, "patient": False, "place": "room"},
    }
    book = book_of(
        {"booking": {"start_every_minutes": 60}}, visit(**steps), late, {"places": {"room": {"number": 1}}}
    )
    assert starts(book, 0) == [f"{hour:02d}:00" for hour in range(8, 16)]


def test_a_role_on_site_is_there_throughout_the_step():
    step = {"minutes": 90, "claims": {"nurse": {"watch": 4}, "doctor": "on-site"}}
    book = book_of(ROLES, {"booking": {"start_every_minutes": 15}, "clinic": {"chairs": 2}}, visit(seen=step))
    assert starts(book, 0) == ["10:00", "10:15", "10:30"]


def test_what_is_booked_is_taken_and_what_is_cancelled_is_free_again():
    step = {"minutes": 60, "claims": {"doctor": "hands-on"}}
    book = book_of(ROLES, HOURLY, visit(seen=step))
    assert book.has_start(0, 0.0, 0)
    assert book.take(0, 0.0, series=True, plan=0) == (600, 600.0)
    assert starts(book, 0) == ["11:00"]
    assert book.first_day(0.0, earliest=0, series=True, plan=0) == 0
    assert book.take(0, 0.0, series=True, plan=0) == (660, 660.0)
    assert book.first_day(0.0, earliest=0, series=True, plan=0) == 7
    book.give_back(0, 600, series=True, plan=0)
    assert starts(book, 0) == ["10:00"]
    assert book.first_day(0.0, earliest=0, series=True, plan=0) == 0
    assert book.next_start(0, 0.0, 0) == 600.0
    # A start that has passed is none, nor is the present minute.
    assert not book.has_start(0, 600.0, 0)
    assert book.first_day(600.0, earliest=0, series=True, plan=0) == 7


def test_openings_need_not_be_whole_steps_apart():
    # Open from eight to twelve and from ten past one to ten past four; two chairs, and the hands of one nurse.
    hours = {"mon": ["08:00-12:00", "13:10-16:10"]}
    shifts = {**SHIFTS, "day": {"days": ["mon"], "hours": "08:00-17:00", "number": 1}}
    split = {"clinic": {"chairs": 2, "hours": hours}, "shifts": shifts}
    seen = visit(seen={"minutes": 50, "nurse": "hands-on"}, rest={"minutes": 70})
    book = book_of(ROLES, HOURLY, split, seen)
    assert starts(book, 0) == ["08:00", "09:00", "10:00", "13:10", "14:10"]
    assert [book.take(0, after, series=True)[0] for after in (0.0, 600.0, 600.0)] == [480, 790, 850]
    assert starts(book, 0) == ["09:00", "10:00"]
    assert book.take(0, 540.0, series=True)[0] == 600  # later than nine
    book.give_back(0, 790, series=True)
    assert starts(book, 0) == ["09:00", "13:10"]


def test_days_are_kept_up_to_a_limit_and_computed_again_beyond_it():
    seen = visit(seen={"minutes": 60, "nurse": "hands-on"}, rest={"minutes": 60})
    book = book_of(ROLES, HOURLY, seen)
    with mock.patch.object(known_days, "_ROOM", 0):
        forgetful = book_of(ROLES, HOURLY, seen)
    for one in (book, forgetful):
        taken = [one.take(0, 0.0, series=True)[0] for _ in range(3)]
        one.give_back(0, taken[1], series=True)
        assert taken == [480, 540, 600]
        assert starts(one, 0) == ["09:00", "11:00", "13:00", "14:00", "15:00"]
    assert len(book._day(0).alike._known) == 5  # nothing, one to three visits, and two with an hour between
    assert len(forgetful._day(0).alike._known) == 1


def test_cleaning_beside_a_step_of_the_patient_needs_a_nurse_of_its_own():
    # Cleaning and the talk in the lobby need a nurse each, at the same time: with one nurse no start fits.
    steps = {
        "treat": {"minutes": 30},
        "clean": {"minutes": 10, "patient": False, "nurse": "hands-on"},
        "talk": {"minutes": 10, "chair": False, "nurse": "hands-on"},
    }
    one = {"shifts": {"day": {"days": ["mon"], "hours": "08:00-17:00", "number": 1}}}
    two = {"shifts": {"day": {"days": ["mon"], "hours": "08:00-17:00", "number": 2}}}
    assert starts(book_of(HOURLY, visit(**steps), one), 0) == []
    assert len(starts(book_of(HOURLY, visit(**steps), two), 0)) == 9


def test_a_step_that_ends_within_a_minute_does_not_add_to_the_next():
    # Nurse's work until 15.5 minutes, then more of hers: at no time two nurses.
    steps = {"start": {"minutes": 15.5, "nurse": "hands-on"}, "end": {"minutes": 14.5, "nurse": "hands-on"}}
    rooms = {"places": {"room": {"number": 9}}}
    steps["end"]["place"] = "room"
    two = {"shifts": {"day": {"days": ["mon"], "hours": "08:00-17:00", "number": 2}}}
    book = book_of(HOURLY, visit(**steps), two, rooms)
    book.take(0, 0.0, series=True, plan=0)
    assert starts(book, 0)[0] == "08:00"  # a second visit, with the second nurse


def test_watching_takes_as_much_of_a_nurse_as_is_claimed():
    # One nurse watches two in their first hour, or four in their second. With two patients she is full until nine.
    # Then they take half of her, and one more begins; at ten these are a half again, with the next at a quarter.
    steps = {
        "close": {"minutes": 60, "claims": {"nurse": {"watch": 2}}},
        "light": {"minutes": 60, "claims": {"nurse": {"watch": 4}}},
    }
    one = {"shifts": {"day": {"days": ["mon"], "hours": "08:00-17:00", "number": 1}}}
    book = book_of(HOURLY, {"clinic": {"chairs": 9}}, visit(**steps), one)
    taken = [book.take(0, 0.0, series=True, plan=0)[0] // 60 for _ in range(6)]
    assert taken == [8, 8, 9, 10, 11, 12]
    for hour in (8, 9):
        book.give_back(0, 60 * hour, series=True, plan=0)
    assert starts(book, 0)[0] == "08:00"


def test_half_a_nurse_is_not_enough_for_a_visit_that_needs_her_whole_attention():
    one = {"shifts": {"day": {"days": ["mon"], "hours": "08:00-12:00", "number": 1}}}
    types = {
        "visits": {"whole": {"steps": {"seen": {"minutes": 60, "claims": {"nurse": {"watch": 1}}}}}},
        "protocols": {"once": {"infusions": 1}, "whole": {"infusions": 1, "visit": "whole"}},
        "demand": {"protocol_mix": {"once": 0.5, "whole": 0.5}},
    }
    half = visit(seen={"minutes": 60, "claims": {"nurse": {"watch": 2}}})
    timetable = Timetable(clinic(HOURLY, {"clinic": {"chairs": 9}}, one, types, half, referrals=[]))
    book, day = timetable.book(), OpenDay.empty(timetable.offers[0], 60, timetable.footprints)
    all_hours, without_eight = [480, 540, 600, 660], [540, 600, 660]
    assert minutes(book, 0) == minutes(book, 1) == places(day.fits(0)) == places(day.fits(1)) == all_hours
    assert book.take(0, 0.0, series=True, plan=0)[0] == 480
    day.take(0, 480)
    assert minutes(book, 0) == places(day.fits(0)) == all_hours
    assert minutes(book, 1) == places(day.fits(1)) == without_eight
    assert book.take(0, 0.0, series=True, plan=1)[0] == 540
    day.take(1, 540)
    assert minutes(book, 0) == places(day.fits(0)) == [480, 600, 660]
    assert minutes(book, 1) == places(day.fits(1)) == [600, 660]
    book.give_back(0, 480, series=True, plan=0)
    day.give_back(0, 480)
    assert minutes(book, 0) == minutes(book, 1) == places(day.fits(1)) == [480, 600, 660]


def test_a_visit_with_a_role_that_is_away_all_day_is_not_offered():
    # The doctor watches two of one type, or four of the other, and is there on Monday alone.
    types = {
        "visits": {"other": {"steps": {"seen": {"minutes": 60, "claims": {"doctor": {"watch": 4}}}}}},
        "protocols": {"once": {"infusions": 1}, "other": {"infusions": 1, "visit": "other"}},
        "demand": {"protocol_mix": {"once": 0.5, "other": 0.5}},
    }
    both = {"day": {"days": ["mon", "tue"], "hours": "08:00-17:00", "number": 1}, "doctor": SHIFTS["doctor"]}
    watched = visit(seen={"minutes": 60, "claims": {"doctor": {"watch": 2}}})
    book = book_of(ROLES, HOURLY, types, watched, {"shifts": both})
    assert [len(starts(book, plan, day)) for day in (0, 1) for plan in (0, 1)] == [2, 2, 0, 0]


def test_cleaning_of_a_place_is_planned_as_often_as_the_place_is_used():
    # Half of the visits are in the room, for 40 minutes: 20 on paper, and 10 of 20 for cleaning it.
    steps = {
        "room": {"minutes": 40, "place": "room", "probability": 0.5},
        "tidy": {"minutes": 20, "place": "room", "patient": False},
        "seat": {"minutes": 30},
    }
    timetable = Timetable(clinic(HOURLY, visit(**steps), {"places": {"room": {"number": 1}}}, referrals=[]))
    plan = timetable.plans.plans[0]
    assert plan.patient_minutes == 50.0
    room = [(use.start, use.end) for use in plan.uses if use.resource == 1]
    assert room == [(0, 30)]
    assert [(use.start, use.end) for use in plan.uses if use.resource == 0] == [(20, 50)]


# -- minute by minute ------------------------------------------------------------------------------------------


class Paper:
    """A Tuesday on paper: what each resource has and what is taken of it, minute by minute."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.have = {("place", name): [place.number] * 1440 for name, place in scenario.places.items()}
        self.have["place", "chair"] = [scenario.clinic.chairs] * 1440
        self.there = {}
        for role in scenario.staff:
            hands, eyes = [0] * 1440, [0] * 1440
            for shift in scenario.shifts.values():
                if shift.role != role:
                    continue
                for minute in range(shift.hours.start, shift.hours.end):
                    eyes[minute] += shift.nurses
                    hands[minute] += shift.nurses
                    if shift.break_ is not None:
                        wave = (minute - shift.break_.start) // shift.break_.minutes
                        first = shift.nurses if shift.break_together else -(-shift.nurses // 2)
                        hands[minute] -= {0: first, 1: shift.nurses - first}.get(wave, 0)
            self.have["hands", role], self.have["eyes", role] = hands, eyes
            self.there[role] = [number > 0 for number in eyes]
        self.taken = {resource: [0] * 1440 for resource in self.have}

    def needs(self, kind, infusion):
        """What a visit takes, by resource and minute; where a role must be; and when the patient leaves."""
        visit = self.scenario.visit_types[kind]
        spans, present, clock, end_of_place = [], [], 0.0, {}
        steps = list(visit.steps.values())
        roles = set()
        for place, step in enumerate(steps):
            length = self.chance(steps, step) * self.mean(step)
            beside = not step.patient and any(later.patient for later in steps[place + 1 :])
            begin = max(clock, end_of_place.get(step.where, 0.0)) if beside else clock
            end = begin + length
            if not beside:
                clock = end
            end_of_place[step.where] = end
            if step.patient:
                gone = end
            if step.where is not None:
                spans.append((("place", step.where), begin, end, 1))
            for role, claim in step.needs.items():
                if not claim.holds(infusion):
                    continue
                roles.add(role)
                if claim.watch:
                    spans.append((("eyes", role), begin, end, 1 / claim.watch))
                elif claim.need == "hands-on":
                    spans.append((("hands", role), begin, end, 1))
                else:
                    present.append((role, begin, end))
        wanted = {}
        longest = max(end for _, _, end, _ in spans)
        edges = sorted({*range(int(longest) + 2), *(at for _, begin, end, _ in spans for at in (begin, end))})
        for before, after in pairwise(edges):
            moment = (before + after) / 2
            for resource in {of for of, begin, end, _ in spans if begin < moment < end}:
                now = sum(units for of, begin, end, units in spans if of == resource and begin < moment < end)
                key = resource, int(moment)
                wanted[key] = max(wanted.get(key, 0), 1 if resource[0] == "place" else now)
        for place in {of for of, *_ in spans if of[0] == "place"}:
            first = min(begin for of, begin, _, _ in spans if of == place)
            wanted[place, int(first)] = 1  # for a minute at least
        first_nurse = NURSE in roles or not roles
        return {key: units for key, units in wanted.items() if units}, present, gone, first_nurse

    @staticmethod
    def mean(step):
        return getattr(step.minutes, "mean", None) or step.minutes.value

    @staticmethod
    def chance(steps, step):
        if step.patient or step.where is None:
            return step.probability
        missing, either = 1.0, 0.0
        for other in steps:
            if other.patient and other.where == step.where:
                if other.one_of is None:
                    missing *= 1.0 - other.probability
                else:
                    either += other.probability
        return step.probability * (1.0 - missing * (1.0 - either))

    def fits(self, kind, infusion, every):
        wanted, present, gone, nurse = self.needs(kind, infusion)
        found = []
        for start in range(480, 1140, every):
            if start + gone > 1140 + 1e-9:
                continue
            enough = all(
                self.taken[of][start + minute] + units <= self.have[of][start + minute] + 1e-9
                for (of, minute), units in wanted.items()
                if start + minute < 1440
            )
            here = all(
                self.there[role][minute]
                for role, begin, end in present
                if end > begin
                for minute in range(start + int(begin), min(start + int(-(-end // 1)), 1440))
            )
            if enough and here and (self.there[NURSE][start] or not nurse):
                found.append(start)
        return found

    def book(self, kind, infusion, start, units=1):
        for (of, minute), amount in self.needs(kind, infusion)[0].items():
            if start + minute < 1440:
                self.taken[of][start + minute] += units * amount


def compare(data):
    scenario = data.draw(
        wider_clinics(exact=True, start_every_minutes=data.draw(st.sampled_from([5, 15, 20])))
    )
    if scenario.simple:
        return
    timetable = Timetable(scenario)
    plans, book, paper = timetable.plans, timetable.book(), Paper(scenario)
    every = scenario.booking.start_every_minutes
    day = OpenDay.empty(timetable.offers[1], every, timetable.footprints)
    kinds = [
        (kind, infusion, plans.number(list(scenario.protocols).index(kind), 0, infusion))
        for kind in scenario.visit_types
        for infusion in (1, 2)
        if kind in scenario.protocols
    ]
    booked = []
    for _ in range(data.draw(st.integers(1, 12))):
        for kind, infusion, plan in kinds:
            there = paper.fits(kind, infusion, every)
            assert minutes(book, plan, 1) == there, (kind, infusion)
            assert places(day.fits(plan)) == there, (kind, infusion)
            assert (book.first_day(0.0, earliest=1, latest=1, series=True, plan=plan) == 1) == bool(there)
        kind, infusion, plan = data.draw(st.sampled_from(kinds))
        if booked and data.draw(st.integers(0, 2)) == 0:
            place = data.draw(st.integers(0, len(booked) - 1))
            kind, infusion, plan, start = booked.pop(place)
            book.give_back(1, start, series=True, plan=plan)
            day.give_back(plan, start)
            paper.book(kind, infusion, start, -1)
        elif book.has_start(1, 0.0, plan):
            after = data.draw(st.sampled_from([0.0, 1440.0 + 600.0]))
            if book.has_start(1, after, plan):
                start, moment = book.take(1, after, series=True, plan=plan)
                assert 1440 + start == moment > after
                day.take(plan, start)
                paper.book(kind, infusion, start)
                booked.append((kind, infusion, plan, start))


@QUICK
@given(st.data())
def test_the_book_is_the_count_minute_by_minute(data):
    compare(data)


@pytest.mark.long
@MANY
@given(st.data())
def test_the_book_is_the_count_minute_by_minute_many_times(data):
    compare(data)
