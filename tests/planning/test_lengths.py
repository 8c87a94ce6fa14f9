"""Planned lengths of visits, by hand."""

import pytest

from simclinic.planning import Timetable
from simclinic.planning.lengths import planned_lengths
from simclinic.scenario import from_toml

CLINIC = """
name = "Ours"
[attendance]
no_show = 0
late_cancel = 0
[response]
probability = 0
drop_out = [0]
[visit]
complications = {}
[visit.steps.treatment]
minutes = 60
nurse = "hands-on"
[visit.steps.cleaning]
minutes = 10
nurse = "none"
patient = false
"""

RIDE = """
[visit.steps.ride]
after = "{}"
minutes = 20
chair = false
nurse = "none"
"""

CONSULT = """
[places.office]
number = 1
[visit.steps.consult]
before = "treatment"
minutes = 30
place = "office"
to_infusion = 1
"""


def lengths(more):
    return planned_lengths(Timetable(from_toml(CLINIC + more)))["infusion"]


def test_a_visit_of_one_plan():
    assert lengths("") == (60, 60, 60, 70)


@pytest.mark.parametrize("after", ["treatment", "cleaning"])
def test_the_chair_is_cleaned_while_the_patient_waits_for_the_ride(after):
    assert lengths(RIDE.format(after)) == (80, 80, 80, 70)


def test_a_step_of_the_first_infusion_counts_for_the_first_of_six():
    found = lengths(CONSULT)
    assert found[1:] == (60, 90, 70)
    assert found.patient == pytest.approx((90 + 5 * 60) / 6)
