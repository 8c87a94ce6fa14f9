"""Two ways through the years before a steady start, one result: patient by patient, or all together.

In the short tier Python runs the functions of the compiled code as they are; in the long tier they are compiled.
"""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclinic.model import engines
from simclinic.model.fast.past.one_by_one import OneByOne
from simclinic.past.following import Together
from simclinic.past.past import Competition
from simclinic.scenario import baseline, replace
from tests.model.fast.same_past import assert_same_past, competitions
from tests.model.fast.test_same_tables import FEW, KINDS_OF_BOOKS, LIVELY, crowded
from tests.model.small import MONDAY, clinic
from tests.past.test_as_simulated import CASES, CASES_OF_TYPES, CLINIC, PAUSES, TYPES, WITHOUT_STARTS
from tests.past.test_types import BOTH
from tests.properties.clinics import booking, clinics
from tests.properties.wider import wider_clinics

OFTEN = "[demand]\nreferrals_per_week = 5\n[relapse]\ndays = 6\n[boosters]\ndays = 9\ninfusions = 2\n"
"""Few patients with many boosters, of two infusions each."""


def of_a_kind(case, weeks, more="", **how):
    """Compare a clinic of `test_as_simulated.py`, to which competition adds delays."""
    of = (CLINIC, CASES[case]) if case in CASES else (WITHOUT_STARTS, TYPES, CASES_OF_TYPES[case])
    return assert_same_past(clinic(*of, more), weeks, Competition(1.7, 2.4), **how)


@pytest.mark.parametrize(
    "case", ["as needed", "pauses, both", "drawn intervals", "stop rule", "types, rolling", "types, holidays"]
)
def test_of_a_clinic_of_each_kind(case):
    infusions, boosters = of_a_kind(case, 9, OFTEN)
    assert infusions > 40
    assert boosters > 40


def test_of_a_walk_in_clinic_with_pauses():
    walks_in = replace(clinic(WITHOUT_STARTS, PAUSES, OFTEN), booking={"mode": "walk-in"})
    assert min(assert_same_past(walks_in, 9, Competition(0.0, 0.1, 0.1))) > 40


def test_of_first_visits_that_are_missed_and_need_who_is_seldom_there():
    """The date of the second visit, which the first one gets then, may be no day for it."""
    often = OFTEN.replace("infusions = 2\n", "")
    of = (WITHOUT_STARTS, BOTH, often, "[attendance]\nno_show = 0.3\n")
    assert min(assert_same_past(clinic(*of), 9, Competition())) > 20


def of_any_clinic(data, **how):
    """Compare clinics with few patients, and holidays before the simulation begins."""
    scenario = data.draw(clinics())
    off = data.draw(st.lists(st.integers(1, 60), max_size=8))
    closed = {*scenario.clinic.closed_on, *(MONDAY - datetime.timedelta(days=day) for day in off)}
    scenario = replace(scenario, clinic={"closed_on": sorted(closed)})
    return assert_same_past(scenario, data.draw(st.sampled_from([3, 6])), data.draw(competitions), **how)


@FEW
@given(st.data())
def test_of_any_clinic(data):
    of_any_clinic(data)


def of_wide_clinics(data, mode, **how):
    """Compare clinics with types of visit, roles and places; their boosters have up to three infusions."""
    rules = data.draw(booking(mode))
    if mode == "booked":
        rules |= data.draw(st.sampled_from(KINDS_OF_BOOKS))
    scenario = data.draw(wider_clinics(consults=True, **rules))
    policy = data.draw(st.sampled_from(["as-needed", "scheduled", "both"]))
    boosters = {"policy": policy, "every_weeks": [1, 2], "infusions": data.draw(st.integers(1, 3))}
    lively = {section: each for section, each in LIVELY.items() if section != "run"}
    lively["boosters"] = {**LIVELY["boosters"], **boosters}
    scenario = crowded(replace(scenario, **lively), 5.0)
    return assert_same_past(scenario, 5, data.draw(competitions), **how)


@FEW
@given(st.data())
def test_of_several_types_of_visit(data):
    of_wide_clinics(data, "booked")


@FEW
@given(st.data())
def test_of_several_types_of_visit_who_walk_in(data):
    of_wide_clinics(data, "walk-in")


def test_a_past_is_followed_as_its_clinic_is_simulated(monkeypatch):
    monkeypatch.setattr(engines.compiled, "compiled_run", lambda: None)
    for name, how in (("simpy", "Together"), ("fast", "followed.<locals>.follow")):
        monkeypatch.setattr(engines, "engine_of", lambda _, name=name: engines.Engine(name))
        assert engines.followed_by(baseline()).__qualname__ == how
    assert {Together.__name__, OneByOne.__name__} == {"Together", "OneByOne"}
