"""Hours and shifts that hold in some weeks only: two months by hand, and what follows from them."""

import datetime as dt

import numpy as np
import pytest

from simclinic.measures import measure
from simclinic.planning import Timetable
from simclinic.planning.capacity import capacity_on_paper
from simclinic.planning.known_cost import known_cost
from simclinic.planning.load import load_on_paper, starts_a_week
from simclinic.sampling.referrals import Referrals
from simclinic.scenario import with_overrides
from tests.model.small import MONDAY, at, clinic, column, run

# Saturdays of 2026: 10, 17, 24 and 31 January; 7, 14, 21 and 28 February.
WEEKDAYS = '[clinic.hours]\nmon = "08:00-17:00"\n'
MONTH = WEEKDAYS + 'sat = { hours = "09:00-13:00", weeks = [1, 3] }'
SECOND = WEEKDAYS + 'sat = { hours = "09:00-13:00", every = 2, from = 2026-01-10 }'
EIGHT = "[run]\nweeks = 8"
STAFF = '[shifts.day]\ndays = ["mon", "sat"]\nhours = "07:00-18:00"\nnurses = 1'


def saturdays(*texts):
    """The Saturdays of the first eight weeks on which the clinic opens."""
    calendar = Timetable(clinic(EIGHT, STAFF, *texts)).calendar
    days = [
        index for index in range(56) if calendar.weekday[index] == 5 and calendar.opening[index] is not None
    ]
    return [(MONDAY + dt.timedelta(days=day)).isoformat()[5:] for day in days]


def test_two_months_of_saturdays():
    assert saturdays(MONTH) == ["01-17", "02-07", "02-21"]
    assert saturdays(SECOND) == ["01-10", "01-24", "02-07", "02-21"]
    assert saturdays(MONTH.replace("[1, 3]", "[2, 5]")) == ["01-10", "01-31", "02-14"]
    assert saturdays(SECOND.replace("every = 2", "every = 3")) == ["01-10", "01-31", "02-21"]


@pytest.mark.parametrize("since", ["2025-12-29", "2026-01-10", "2026-01-11", "2030-01-05", "1990-01-13"])
def test_weeks_are_counted_from_the_week_of_the_date_in_both_directions(since):
    weeks = (dt.date.fromisoformat(since) - MONDAY).days // 7
    expected = (
        ["01-10", "01-24", "02-07", "02-21"] if weeks % 2 == 0 else ["01-17", "01-31", "02-14", "02-28"]
    )
    assert saturdays(SECOND.replace("2026-01-10", since)) == expected


def test_a_closed_date_is_a_holiday_only_in_weeks_with_hours():
    text = '[clinic]\nchairs = 1\nclosed_on = ["2026-01-10", "2026-01-17"]\n'
    calendar = Timetable(clinic(EIGHT, STAFF, text + SECOND)).calendar
    assert [index for index in range(56) if calendar.closed_on[index]] == [5]
    assert calendar.opening[12] is None


def test_the_desk_answers_at_the_next_opening():
    scenario = clinic(EIGHT, STAFF, SECOND, referrals=[(3, 600), (10, 600), (24, 600)])
    # Thursday the 8th, Thursday the 15th (its Saturday is off), and Thursday the 29th.
    expected = [at(5, 9), at(14, 8), at(28, 8)]
    np.testing.assert_array_equal(column(run(scenario), "booked"), expected)


def test_shifts_work_in_their_weeks_only():
    hours = WEEKDAYS + 'sat = "09:00-13:00"'
    shift = '[shifts.sat]\ndays = ["sat"]\nhours = "09:00-13:00"\nnurses = 1\nweeks = [1, 3]'
    day = '[shifts.day]\ndays = ["mon"]\nhours = "07:00-18:00"\nnurses = 1\n'
    needs = '[visit.steps.treatment]\nminutes = 60\nnurse = "hands-on"'
    scenario = clinic(EIGHT, hours, day + shift, needs, referrals=[(4, 600), (11, 600)])
    days = run(scenario).days
    sat = days["rostered"][5::7].sum(axis=1)
    np.testing.assert_array_equal(sat, [0, 1, 0, 0, 1, 0, 1, 0])
    np.testing.assert_array_equal(days["starts"][5::7], [0, 4, 0, 0, 4, 0, 4, 0])
    assert starts_a_week(scenario) == 9 + 3 * 4 / 8
    # Friday's request of the 9th finds the doors open on Saturday and no nurse, so no start until Monday.
    np.testing.assert_array_equal(column(run(scenario), "appointment"), [at(7, 8), at(12, 10)])


def test_paid_hours_are_those_of_the_weeks_that_are_worked():
    every = "every = 4\nfrom = 2026-01-07"
    shift = f'[shifts.day]\ndays = ["mon", "sat"]\nhours = "08:00-18:00"\nnurses = 2\n{every}'
    assert known_cost(clinic(EIGHT, WEEKDAYS, shift)).nurse_hours == 2 * 2 * 20 / 8
    scenario = clinic(EIGHT, WEEKDAYS, shift, referrals=[(0, 480)])
    weeks = measure(run(scenario), scenario).weeks
    np.testing.assert_array_equal(weeks["nurse_minutes_rostered"] / 60, [40, 0, 0, 0, 40, 0, 0, 0])


def test_capacity_on_paper_is_a_mean_over_the_weeks():
    scenario = clinic(EIGHT, STAFF, SECOND)
    (plan,) = capacity_on_paper(scenario)
    assert plan["starts_per_week"] == 9 + 4 / 2
    sat = [day for day in plan["weekdays"] if day["weekday"] == "sat"]
    assert [(day["variant"], day["of_weeks"], day["starts"]) for day in sat] == [(0, 0.5, 4)]
    assert sat[0]["hours"] == "09:00-13:00 (every 2 weeks from 2026-01-10)"
    assert plan["one_more"]["chair"] == 9 + 4 / 2
    assert load_on_paper(clinic(EIGHT, STAFF, SECOND, "[demand]\nreferrals_per_week = 11")) == pytest.approx(
        1
    )


def test_a_weekday_has_a_row_for_each_kind():
    late = '[shifts.late]\ndays = ["sat"]\nhours = "12:00-18:00"\nnurses = 1\nevery = 2\nfrom = 2026-01-17'
    early = '[shifts.day]\ndays = ["mon", "sat"]\nhours = "07:00-12:00"\nnurses = 1\n'
    needs = '[visit.steps.treatment]\nminutes = 60\nnurse = "hands-on"'
    scenario = clinic(EIGHT, WEEKDAYS + 'sat = "09:00-13:00"', early + late, needs)
    (plan,) = capacity_on_paper(scenario)
    sat = [day for day in plan["weekdays"] if day["weekday"] == "sat"]
    assert [(day["variant"], day["of_weeks"], day["starts"]) for day in sat] == [(0, 0.5, 4), (1, 0.5, 3)]
    assert plan["starts_per_week"] == 4 + 3.5
    assert {(hour["variant"], hour["of_weeks"]) for hour in plan["hours"] if hour["weekday"] == "sat"} == {
        (0, 0.5),
        (1, 0.5),
    }


def test_a_walk_in_clinic_offers_the_time_of_its_weeks():
    most = []
    for weeks in ("every = 2, from = 2026-01-10", "weeks = [1, 2, 3, 4, 5]"):
        hours = WEEKDAYS + f'sat = {{ hours = "09:00-18:00", {weeks} }}'
        scenario = clinic(EIGHT, STAFF, hours, '[booking]\nmode = "walk-in"')
        (plan,) = capacity_on_paper(scenario)
        most.append(plan["visits_at_most"])
    assert most == [9 + 9 / 2, 9 + 9]


def means(*texts, weeks=4):
    scenario = clinic(f"[run]\nweeks = {weeks}", STAFF, *texts, "[demand]\nreferrals_per_week = 12")
    return Referrals(scenario).means.reshape(weeks, 7)


def test_referrals_of_a_week_are_spread_over_its_open_days():
    for week, found in enumerate(means(SECOND)):
        off = [12, 0, 0, 0, 0, 0, 0]
        np.testing.assert_array_equal(found, [6, 0, 0, 0, 0, 6, 0] if week % 2 == 0 else off)
    # Weights that are given hold in every week.
    given = "[demand.weekday_weights]\nmon = 1\nsat = 2"
    np.testing.assert_array_equal(means(SECOND, given), [[4, 0, 0, 0, 0, 8, 0]] * 4)
    # In a week without opening hours, patients are referred on the days that have some in other weeks.
    alone = '[clinic.hours]\nsat = { hours = "09:00-13:00", every = 2, from = 2026-01-10 }'
    np.testing.assert_array_equal(means(alone), [[0, 0, 0, 0, 0, 12, 0]] * 4)


def test_who_is_referred_on_a_saturday_off_comes_at_any_hour():
    given = "[demand.weekday_weights]\nsat = 1"
    scenario = with_overrides(
        clinic("[run]\nweeks = 4", STAFF, SECOND, given, "[demand]\nreferrals_per_week = 80"),
        ["booking.mode=walk-in"],
    )
    referred = run(scenario).patients["referred"]
    day, minute = referred // 1440, referred % 1440
    assert minute[day == 5].min() >= 540
    assert minute[day == 5].max() < 780
    assert minute[day == 12].min() < 540
    assert minute[day == 12].max() > 780


def test_the_open_days_that_figures_count():
    scenario = clinic(EIGHT, STAFF, SECOND, referrals=[(0, 480)])
    found = measure(run(scenario), scenario)
    np.testing.assert_array_equal(found.weeks["open_days"], [2, 1] * 4)
    assert found.profile["chairs_mean"].reshape(7, 24)[5, 9:13].tolist() == [0.5] * 4


def test_gaps_do_not_lengthen_over_a_saturday_off():
    # Infusions three days apart; Monday, Thursday and in the one week Saturday. A Saturday off is no holiday.
    hours = (
        '[clinic.hours]\nthu = "08:00-17:00"\nsat = { hours = "09:00-13:00", every = 2, from = 2026-01-10 }'
    )
    two = "[protocols.two]\ninfusions = 2\ngap_days = [2, 2]\n[demand.protocol_mix]\ntwo = 1.0"
    staff = STAFF.replace('"mon"', '"thu"')
    found = run(clinic(EIGHT, staff, hours, two, referrals=[(0, 480), (7, 480)]))
    appointments = [int(minute // 1440) for minute in column(found, "appointment")]
    assert appointments == [3, 5, 17, 19]  # not the 15th and Thursday the 22nd, seven days later
