"""What a plan can carry, against days laid out by hand."""

import pytest

from simclinic.planning.capacity import capacity_on_paper
from simclinic.scenario import from_toml
from simclinic.studies.ramp import by_year
from tests.planning.plans import ONE_CHAIR


def one(text):
    (plan,) = capacity_on_paper(from_toml(text))
    return plan


def test_one_chair_takes_a_visit_an_hour():
    plan = one(ONE_CHAIR)
    days = {day["weekday"]: day for day in plan["weekdays"]}
    assert (days["mon"]["starts"], days["mon"]["first_start"], days["mon"]["last_start"]) == (
        4,
        "08:00",
        "11:00",
    )
    assert days["mon"]["limit"] == "chairs"
    assert days["wed"]["starts"] == 3
    assert (days["tue"]["hours"], days["tue"]["limit"]) == (None, "closed")
    assert plan["starts_per_week"] == 7
    hours = [hour for hour in plan["hours"] if hour["weekday"] == "mon"]
    assert [hour["hour"] for hour in hours] == [8, 9, 10, 11]
    for hour in hours:
        assert hour["chairs"] == {"used": pytest.approx(1.0), "offered": 1.0, "full": pytest.approx(1.0)}
        assert hour["hands"] == {"used": pytest.approx(0.25), "offered": 1.0, "full": pytest.approx(0.25)}
        assert hour["eyes"] == {"used": pytest.approx(0.75 / 2), "offered": 1.0, "full": 0.0}
        assert hour["tightest"] == "chairs"
    assert plan["bottleneck"] == "chairs"


def test_an_hour_opened_in_part_offers_that_part():
    plan = one(ONE_CHAIR)
    first = next(hour for hour in plan["hours"] if hour["weekday"] == "wed")
    assert first["hour"] == 8
    assert first["chairs"]["offered"] == pytest.approx(0.5)
    assert first["chairs"]["used"] == pytest.approx(0.5)
    assert first["chairs"]["full"] == pytest.approx(1.0)


def test_a_clinic_without_a_book_has_hours_and_no_starts():
    plan = one(ONE_CHAIR + '[booking]\nmode = "walk-in"\n')
    assert (plan["starts_per_week"], plan["bottleneck"]) == (0, None)
    assert plan["weekdays"][0]["limit"] == "walk-in"
    assert sum(hour["chairs"]["offered"] for hour in plan["hours"]) == pytest.approx(7.5)
    assert {hour["tightest"] for hour in plan["hours"]} == {None}


def test_hands_are_the_bottleneck_where_every_visit_begins_with_them():
    text = ONE_CHAIR.replace("chairs = 1", "chairs = 20").replace(
        "patients_per_nurse = 2", "patients_per_nurse = 20"
    )
    plan = one(text)
    assert plan["bottleneck"] == "hands"
    assert plan["weekdays"][0]["limit"] == "hands"
    assert plan["weekdays"][0]["starts"] == 13  # one every quarter of an hour, the last leaving at noon


def test_holidays_do_not_hide_a_weekday():
    closed = ONE_CHAIR.replace("chairs = 1", "chairs = 1\nclosed_on = [2026-01-05]")
    assert one(closed)["starts_per_week"] == 7


def test_years_of_the_ramp():
    import numpy as np

    weeks = np.concatenate([np.full(52, 1.0), np.full(8, 2.0), np.full(52, 3.0), np.full(1, 9.0)])
    years = by_year(weeks, 60)
    assert [(year.measured, year.first_week, year.weeks, year.boosters_per_week) for year in years] == [
        (False, -60, 52, 1.0),
        (False, -8, 8, 2.0),
        (True, 0, 52, 3.0),
        (True, 52, 1, 9.0),
    ]
    assert by_year(np.zeros(0), 60) == ()
