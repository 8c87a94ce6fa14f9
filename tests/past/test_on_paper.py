"""One patient at a time through a past that is short enough for paper: dates of the series and of boosters."""

import math

import pytest

from simclinic.experiment.replication import Prepared, replay
from simclinic.records import DAY
from tests.model.small import clinic

# The simulation begins on Monday, 5 January 2026 (day 0). Doors are open from 8 to 17 on weekdays, starts are every
# hour from 8 to 16, so their mean is noon, and a visit takes an hour.
STEADY = """
[run]
begin = "steady"
history_weeks = 10
history_delay_days = 0
weeks = 8
[demand]
referrals_per_week = 2
[demand.weekday_weights]
mon = 1
[protocols.thrice]
infusions = 3
gap_days = [3, 4]
permitted_gap_days = [2, 7]
[demand.protocol_mix]
thrice = 1.0
[response]
probability = 1.0
[booking]
notice_days = 2
booster_notice_days = 1
[relapse]
days = 10
[boosters]
days = 10
"""


def started(*texts, number=0):
    prepared = Prepared(clinic(STEADY, *texts, referrals=None))
    return prepared.sample(5, number, antithetic=False)


def day_hour(minutes):
    return minutes // DAY, minutes % DAY / 60


def of_day(drawn, day):
    """Those who were referred on a day."""
    return [one for one in drawn.initial if drawn.day[one.row] == day]


@pytest.fixture(scope="module")
def drawn():
    return next(
        each
        for each in (started(number=number) for number in range(40))
        if all(of_day(each, -7 * week) for week in range(1, 9))
    )


def test_a_series_begins_after_the_notice_and_keeps_the_gaps(drawn):
    """Referred on Monday: Wednesday is too late for gaps of 3 and 4 days, so Thursday, Monday, Thursday."""
    [one, *_] = of_day(drawn, -7)
    assert (one.stage, one.given) == ("series", 1)
    assert day_hour(one.first_infusion) == (-4, 12)
    assert day_hour(one.last) == (-4, 13)
    assert day_hour(one.appointment) == (0, 12)
    [one, *_] = of_day(drawn, -14)
    assert (one.stage, one.given, one.boosters) == ("maintained", 3, 0)
    assert day_hour(one.first_infusion) == (-11, 12)
    assert day_hour(one.last_infusion) == day_hour(one.series_ended) == (-4, 13)


def test_boosters_follow_relapses_after_the_notice(drawn):
    """The series ends on Thursday at 13; ten days later is a Sunday, answered on Monday, and Tuesday is free."""
    [one, *_] = of_day(drawn, -21)
    assert (one.stage, one.boosters, one.relapses) == ("maintained", 0, 1)
    assert day_hour(one.programme) == (-1, 13)
    assert day_hour(one.requested) == (-1, 13)  # the desk has not answered yet
    assert one.appointment is None
    [one, *_] = of_day(drawn, -28)
    assert (one.boosters, one.course, one.relapses) == (1, 1, 1)
    assert day_hour(one.programme) == (-8, 13)
    assert day_hour(one.last) == (-6, 13)  # Tuesday
    assert math.isnan(one.relapse)


def test_a_delay_of_whole_days_moves_first_visits_and_boosters():
    """Two days after the notice it is Friday; the gaps that follow are of three days."""
    text = "[run]\nhistory_delay_days = 2"
    late = next(each for each in (started(text, number=n) for n in range(40)) if of_day(each, -28))
    [one, *_] = of_day(late, -28)
    assert day_hour(one.first_infusion) == (-24, 12)
    assert day_hour(one.last_infusion) == (-18, 13)  # Friday, Monday, Thursday
    assert day_hour(one.programme) == (-8, 13)  # ten days after a Thursday, a Sunday
    assert day_hour(one.last) == (
        -4,
        13,
    )  # answered on Monday; a day's notice and two days later it is Thursday


def test_scheduled_boosters_are_left_to_the_model_until_they_are_due():
    drawn = started('[boosters]\npolicy = "scheduled"\nevery_weeks = 2')
    for one in drawn.initial:
        assert one.requested is None
        if one.stage == "maintained":
            assert one.appointment is None
            assert -14 * DAY < one.last - one.last % DAY <= 0
    # The series ends on Thursday; every second Thursday has a booster.
    assert {day_hour(one.last) for one in of_day(drawn, -35)} == {(-11, 13)}
    assert {one.boosters for one in of_day(drawn, -35)} == {1}


def test_who_is_there_goes_on_in_the_simulation():
    """The patient referred three weeks before has the booster on the first Tuesday."""
    prepared = Prepared(clinic(STEADY))
    for number in range(40):
        records = replay(prepared, 5, number)
        rows = [row for row, day in enumerate(records.patients["day"].tolist()) if day == -21]
        if rows:
            break
    visits = records.visits
    first = [
        minutes
        for patient, minutes, number in zip(
            visits["patient"].tolist(), visits["appointment"].tolist(), visits["number"].tolist(), strict=True
        )
        if patient == rows[0] and number == 1
    ]
    assert day_hour(first[0])[0] == 1
    assert records.patients["boosters"][rows[0]] >= 1
    assert day_hour(records.patients["programme"][rows[0]]) == (-1, 13)
