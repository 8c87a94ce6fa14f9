"""Consults that are visits and were asked for before the simulation: over, booked, or not answered, by hand.

The clinic is open from 08:00 to 17:00 on weekdays. The room is free for a consult every hour from 08:00 to 16:00:
the mean time of a day's starts is 12:00. The simulation begins on Monday at midnight.
"""

import numpy as np
import pytest

from simclinic import records as r
from simclinic.experiment import pilot
from simclinic.experiment.replication import Prepared
from simclinic.model import simulate
from simclinic.past.consults import consult
from simclinic.past.dates import Dates
from simclinic.past.past import Competition
from simclinic.past.states import InitialProgress, States
from simclinic.records import CONSULT, INDUCTION
from simclinic.sampling.draws import Sampler
from simclinic.sampling.intake import Intake
from tests.model.fast.same import differences, with_arrays
from tests.model.small import at, clinic, column, outcomes, reasons
from tests.model.test_consults_on_paper import CONSULT_ROOM

STEADY = '[run]\nbegin = "steady"\nhistory_weeks = 2\nhistory_delay_days = 0'
ACCEPTS, DECLINES, MISSES, MUST_NOT = 0, r.DECLINED, r.NO_CONSULT, r.INELIGIBLE
DAY = 1440.0
NAN = np.nan


def asking(*patients, days_to_decide=1):
    """The intake of patients who ask at moments, and what becomes of each if the consult takes place then."""
    asked = np.array([moment for moment, _ in patients])
    reason = np.array([what for _, what in patients])
    missed, must_not = reason == MISSES, reason == MUST_NOT
    decided = asked + days_to_decide * DAY
    return Intake(
        day=np.floor(asked / DAY).astype(np.int64),
        ordinal=np.arange(len(asked)),
        referred=asked,
        consulted=np.where(missed | must_not, NAN, asked),
        ready=np.where(reason == ACCEPTS, decided, NAN),
        reason=reason,
        left=np.select([reason == ACCEPTS, reason == DECLINES], [NAN, decided], asked),
        asked=np.where(must_not, NAN, asked),
    )


class Everybody:
    """Patients whose random numbers are all the same."""

    def __init__(self, number=0.5):
        self.number = number

    def uniform(self, streams, rows, *_):
        return np.full((len(streams), len(rows)), self.number)


def past(*patients, turned_away=0.0, delay_days=0.0, people=None, texts=()):
    scenario = clinic(CONSULT_ROOM, STEADY, *texts)
    return consult(
        scenario, Dates(scenario, 2), asking(*patients), people or Everybody(), turned_away, delay_days
    )


THURSDAY, FRIDAY, SATURDAY = -4, -3, -2


def test_a_consult_of_the_past_is_over_booked_or_not_answered():
    """Ann asks on Thursday and is seen on Friday, from 12:00 to 13:00.

    Bea asks on Friday, and gets Monday, 12:00. Cy asks on Saturday, and nobody answers.
    """
    ann, bea, cy = (
        (at(THURSDAY, 10), ACCEPTS),
        (at(FRIDAY, 10), ACCEPTS),
        (at(SATURDAY, 10), ACCEPTS),
    )
    found = past(ann, bea, cy)
    np.testing.assert_array_equal(found.appointment, [NAN, at(0, 12), NAN])
    np.testing.assert_array_equal(found.is_ahead, [False, True, False])
    np.testing.assert_array_equal(found.intake.asked, [NAN, at(FRIDAY, 10), at(SATURDAY, 10)])
    assert found.intake.consulted[0] == at(FRIDAY, 13)
    assert found.intake.ready[0] == at(SATURDAY, 13)
    np.testing.assert_array_equal(found.waits, [[at(THURSDAY, 10)], [27 * 60]])


def test_what_follows_a_consult_of_the_past_is_later_by_as_much():
    """Dan declines a day after his consult. Eve misses hers, and leaves when it would begin. Fay never asks."""
    thursday = at(THURSDAY, 10)
    found = past((thursday, DECLINES), (thursday, MISSES), (thursday, MUST_NOT))
    np.testing.assert_array_equal(found.intake.left, [at(SATURDAY, 13), at(FRIDAY, 12), thursday])
    np.testing.assert_array_equal(found.intake.consulted, [at(FRIDAY, 13), NAN, NAN])
    assert np.isnan(found.intake.asked).all()
    np.testing.assert_array_equal(found.waits, [[thursday], [27 * 60]])


def test_a_consult_that_begins_before_the_night_has_no_day_between():
    """Without notice Gus, who asks on Thursday at 10:00, is seen at noon, and Hal, who asks at 15:00, at once."""
    found = past(
        (at(THURSDAY, 10), ACCEPTS),
        (at(THURSDAY, 15), ACCEPTS),
        texts=("[booking]\nnotice_days = 0", "[attendance]\narrival_offset_minutes = -5"),
    )
    np.testing.assert_array_equal(found.intake.consulted, [at(THURSDAY, 12, 55), at(THURSDAY, 15, 55)])


def test_competition_puts_consults_off_and_turns_some_away():
    ann, cy = (at(THURSDAY, 10), ACCEPTS), (at(SATURDAY, 10), ACCEPTS)
    later = past(ann, cy, delay_days=1.0)
    np.testing.assert_array_equal(later.appointment, [at(0, 12), NAN])
    # Half of those who were answered got no consult; nobody has answered Cy.
    for number, stays in ((0.49, False), (0.51, True)):
        found = past(ann, cy, turned_away=0.5, people=Everybody(number))
        assert np.isfinite(found.intake.ready).tolist() == [stays, True]
        assert found.intake.left[0] < 0.0 or stays
        assert np.isfinite(found.intake.asked).tolist() == [False, True]


# -- the first days of the simulation --------------------------------------------------------------------------


class GivenPast:
    """A past that ends with these patients: booked for a consult at a moment, or still to ask."""

    days = 14

    def __init__(self, booked, others=()):
        self.intake = asking(*(each[:2] for each in booked), *others)
        states = States(np.zeros(len(booked), dtype=np.int64), self.intake.referred[: len(booked)])
        rows = np.arange(len(booked))
        states.await_consults(rows, np.array([each[2] for each in booked]), self.intake.asked[: len(booked)])
        self.state = InitialProgress(states, rows)

    def live(self, *_):
        return [(self.intake, self.state)]


@pytest.fixture(params=[simulate, with_arrays], ids=["simpy", "fast"])
def begin(request):
    """Simulate a clinic from given patients on, in one engine or the other."""

    def run(booked, others=(), *texts):
        scenario = clinic(CONSULT_ROOM, *texts)
        draws = Sampler(scenario, None, GivenPast(booked, others)).sample(1, 0)
        return request.param(scenario, draws)

    return run


def test_booked_consults_are_in_the_book_when_the_simulation_begins(begin):
    """Ann and Bea both have Monday, 10:00. There is one room: Bea's is at 09:00, as near as the day allows.

    Cy asked on Saturday, and is answered on Monday at 08:00: Tuesday, 08:00. Ann decides for a day, and gets the
    first start on Wednesday, with a day's notice. Bea declines on Tuesday at 10:00.
    """
    friday = at(FRIDAY, 10)
    records = begin(
        [(friday, ACCEPTS, at(0, 10)), (at(FRIDAY, 11), DECLINES, at(0, 10))], [(at(SATURDAY, 10), ACCEPTS)]
    )
    assert column(records, "appointment", kind=CONSULT) == [at(0, 10), at(0, 9), at(1, 8)]
    assert column(records, "requested", kind=CONSULT) == [friday, at(FRIDAY, 11), at(SATURDAY, 10)]
    assert column(records, "booked", kind=CONSULT) == [0.0, 0.0, at(0, 8)]
    assert outcomes(records, kind=CONSULT) == ["completed"] * 3
    patients = records.patients
    assert patients["consult_asked"].tolist() == [friday, at(FRIDAY, 11), at(SATURDAY, 10)]
    assert patients["consulted"].tolist() == [at(0, 11), at(0, 10), at(1, 9)]
    np.testing.assert_array_equal(patients["ready"], [at(1, 11), NAN, at(2, 9)])
    assert column(records, "appointment", kind=INDUCTION) == [at(2, 8), at(3, 8)]
    assert reasons(records) == ["no response", "declined", "no response"]
    assert patients["left"][1] == at(1, 10)


def test_who_misses_a_booked_consult_has_wasted_its_start(begin):
    records = begin([(at(FRIDAY, 10), MISSES, at(0, 10))])
    assert outcomes(records) == ["no-show"]
    assert (reasons(records), records.patients["left"].tolist()) == (["no consult"], [at(0, 10)])


def test_a_booked_consult_on_a_day_without_starts_moves_to_the_next(begin):
    """Monday is a holiday."""
    closed = "[clinic]\nclosed_on = [2026-01-05]\n"
    records = begin([(at(FRIDAY, 10), ACCEPTS, at(0, 10))], (), closed)
    assert column(records, "appointment", kind=CONSULT) == [at(1, 8)]


def test_booked_consults_do_not_count_as_series_of_the_week(begin):
    """One series may begin in a week: Cy's, who is ready on Monday, though Ann's consult is in that week."""
    cap = "[booking]\nmax_series_starts_per_week = 1"
    for monday, thursday in (("", at(3, 8)), ("[clinic]\nclosed_on = [2026-01-05]\n", at(4, 8))):
        records = begin([(at(FRIDAY, 10), DECLINES, at(0, 10))], [(at(SATURDAY, 10), ACCEPTS)], cap, monday)
        assert column(records, "appointment", kind=INDUCTION) == [thursday]


def test_both_engines_begin_with_the_same_consults():
    """Many patients, some of whom are absent, in a room that is nearly full."""
    busy = """
    [demand]
    referrals_per_week = 20
    [intake]
    days_to_consult = 2
    consult_no_show = 0.2
    accepts = 0.7
    [booking]
    standby = 0.5
    [attendance]
    no_show = 0.1
    late_cancel = 0.1
    [boosters]
    attrition = 0.5
    """
    scenario = clinic(CONSULT_ROOM, busy, STEADY.replace("delay_days = 0", "delay_days = 2"))
    one, other = (
        engine(scenario, Prepared(scenario).sample(1, 0, antithetic=False))
        for engine in (simulate, with_arrays)
    )
    assert differences(one, other) == []
    who = list(zip(one.patients["day"].tolist(), one.patients["ordinal"].tolist(), strict=True))
    assert len(set(who)) == len(who)
    # Of those who have asked and not been answered yet, some could be ready by now, had they been seen at once.
    asked, booked = one.patients["consult_asked"], one.visits["booked"]
    not_answered = np.setdiff1d(one.visits["patient"][booked > 0.0], one.visits["patient"][booked == 0.0])
    assert (asked[not_answered] < -DAY).any()
    first = (one.visits["kind"] == CONSULT) & (one.visits["booked"] == 0.0)
    assert first.sum() > 10
    assert not np.isin(one.visits["patient"][first], np.flatnonzero(one.patients["consult_asked"] >= 0)).any()


# -- competition -----------------------------------------------------------------------------------------------


SCARCE = """
[run]
begin = "steady"
[demand]
referrals_per_week = 11
[booking]
patience_days = 21
[roles.prescriber]
hour = 100
[shifts.day]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "07:00-18:00"
nurses = 1
[shifts.prescriber]
days = ["wed"]
hours = "08:00-17:00"
role = "prescriber"
number = 1
[visits.consult.steps.talk]
minutes = 60
place = "room"
claims = { prescriber = "hands-on" }
[boosters]
attrition = 0.5
"""
"""The prescriber is there on Wednesdays alone: nine consults a week fit."""


def test_the_pilots_find_how_much_later_consults_are():
    """Nine consults a week fit, and eleven patients ask for one."""
    scenario = clinic(CONSULT_ROOM, SCARCE)
    competition = pilot.compete(scenario, 1)
    # Two of eleven are turned away, all at the consult, whose patience is then nearly used up.
    assert competition.consult_turned_away == pytest.approx(2 / 11, abs=0.05)
    assert competition.turned_away == pytest.approx(competition.consult_turned_away)
    assert 5 < competition.consult_delay_days < 21
    assert pilot._given(scenario, 3.0) == Competition(3.0, 3.0, consult_delay_days=3.0)
    assert pilot._given(clinic(), 3.0) == Competition(3.0, 3.0)


@pytest.mark.long
@pytest.mark.parametrize("asked", [3, 8, 14])
def test_the_first_weeks_have_as_many_consults_as_later_ones(asked):
    """Consults a week in the first four weeks and in four weeks a year later: within 4 standard errors.

    The prescriber is hardly asked for, nearly full, or asked for by half as many patients again.
    """
    run = f"[run]\nweeks = 56\nwarm_up_weeks = 0\n[demand]\nreferrals_per_week = {asked}"
    scenario = clinic(CONSULT_ROOM, SCARCE, run)
    prepared = Prepared(scenario)
    means = []
    for number in range(100):
        visits = simulate(scenario, prepared.sample(1, number, antithetic=False), prepared.timetable).visits
        done = (visits["kind"] == CONSULT) & (visits["outcome"] == r.COMPLETED)
        week = visits["appointment"][done] // r.WEEK
        means.append([np.sum(week < 4) / 4, np.sum((week >= 52) & (week < 56)) / 4])
    first, later = np.array(means).T
    error = np.std(first - later, ddof=1) / 10
    assert abs(np.mean(first - later)) < 4 * max(error, 0.01), (first.mean(), later.mean(), error)
