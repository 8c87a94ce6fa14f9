"""A walk-in clinic whose visits have several plans, by hand: cleaning beside the ride home, and no book."""

import numpy as np
import pytest

from simclinic.measures import measure
from tests.model.small import at, clinic, column, run

RIDE = """
[clinic]
chairs = 1
[clinic.hours]
mon = "08:00-12:00"
[shifts.day]
days = ["mon"]
hours = "08:00-12:00"
nurses = 1
[booking]
mode = "walk-in"
[visit.steps.infusion]
minutes = 60
nurse = "hands-on"
[visit.steps.ride]
minutes = 45
chair = false
nurse = "none"
[visit.steps.turnover]
minutes = 30
patient = false
nurse = "none"
"""
REFERRED = [(0, 480), (0, 500), (0, 710)]  # 08:00, 08:20, 11:50


@pytest.fixture(scope="module")
def ride():
    scenario = clinic(RIDE, referrals=REFERRED)
    return scenario, run(scenario)


def test_the_next_patient_has_the_chair_once_it_is_clean(ride):
    # 08:00-09:00, cleaned until 09:30; 09:30-10:30, cleaned until 11:00; 11:50-12:50. Each leaves 45 minutes later.
    _, records = ride
    assert [times[0] for times in records.visits["step_start"].tolist()] == [
        at(0, 8),
        at(0, 9, 30),
        at(0, 11, 50),
    ]
    assert column(records, "left") == [at(0, 9, 45), at(0, 11, 15), at(0, 13, 35)]
    assert column(records, "wait_chair") == [0, 70, 0]


def test_its_figures(ride):
    scenario, records = ride
    found = measure(records, scenario).kpis
    assert found["visit_minutes_mean"] == pytest.approx((105 + 175 + 105) / 3)
    assert found["overtime_minutes_per_day"] == 95 / 2  # one of two Mondays, until 13:35
    assert found["chair_utilisation"] == pytest.approx((90 + 90 + 10) / 480)
    assert found["overtime_nurse_hours_per_week"] == pytest.approx(95 / 60 / 2)


def test_a_clinic_without_a_book_has_no_next_available_start(ride):
    scenario, records = ride
    assert not scenario.simple  # the book of such a clinic offers what fits
    assert np.isnan(records.days["third_next"]).all()
    assert np.isnan(measure(records, scenario).kpis["third_next_available_days"])
