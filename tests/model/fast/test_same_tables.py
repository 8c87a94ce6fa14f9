"""Two engines, one result: the compiled engine's three tables are those of the SimPy engine, bit for bit.

In the short tier Python runs the functions of the engine as they are, so that nothing is compiled and numba is not
needed; in the long tier numba compiles them.
"""

import contextlib

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simclinic.errors import ScenarioError
from simclinic.scenario import replace
from tests.model.fast.same import assert_same
from tests.properties.clinics import booking, clinics, clock, panels
from tests.properties.wider import wider_clinics

FEW = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # the smallest example would tell little about an engine
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@FEW
@given(clinics())
def test_of_any_clinic(scenario):
    assert_same(scenario)


@FEW
@given(clinics("walk-in", split=True))
def test_between_two_shifts(scenario):
    assert_same(scenario)


def from_today(data, **how):
    scenario = data.draw(clinics(today=True))
    return assert_same(scenario, data.draw(panels(scenario)), **how)


@FEW
@given(st.data())
def test_from_today(data):
    from_today(data)


def with_standby(data, **how):
    scenario = data.draw(clinics("booked", today=True))
    rules = {"standby": data.draw(st.sampled_from([0.4, 1.0]))}
    rules["standby_notice_hours"] = data.draw(st.sampled_from([0, 2, 24, 60]))
    rules["first"] = data.draw(st.sampled_from([[], ["series"], ["booster"]]))
    scenario = replace(scenario, booking=rules, attendance={"late_cancel": 0.3})
    return assert_same(scenario, data.draw(panels(scenario)), **how)


@FEW
@given(st.data())
def test_with_patients_on_standby(data):
    with_standby(data)


LIVELY = {
    "response": {"probability": 0.9},
    "relapse": {"days": {"dist": "exponential", "mean": 5}},
    "boosters": {"days": {"dist": "exponential", "mean": 5}, "infusions": 2, "check_in_days": 3},
    "attendance": {
        "no_show": 0.1,
        "late_cancel": 0.2,
        "arrival_offset_minutes": {"dist": "normal", "mean": 0, "sd": 15},
    },
    "run": {"weeks": 4},
}
"""Many patients who come back, come late, and cancel: for clinics drawn with a dozen patients of a series."""


def crowded(scenario, per_week):
    """Draw referrals instead of those that are listed, so that many patients want the same."""
    demand = scenario.demand.model_copy(update={"referrals": None, "referrals_per_week": per_week})
    return scenario.model_copy(update={"demand": demand})


def wide_walk_in(data, **how):
    rules = {"patience_minutes": data.draw(st.sampled_from([None, 15, 45]))}
    rules["waiting_room"] = data.draw(st.sampled_from([None, None, 0, 2]))
    rules["first"] = data.draw(st.sampled_from([[], ["booster"], ["series"]]))
    scenario = data.draw(wider_clinics(mode="walk-in", consults=True, **rules))
    lively = {section: LIVELY[section] for section in ("response", "relapse", "boosters")}
    return assert_same(crowded(replace(scenario, **lively), 60.0), **how)


@FEW
@given(st.data())
def test_of_several_types_of_visit_who_walk_in(data):
    wide_walk_in(data)


def wide(data, **how):
    """Compare clinics with types of visit, roles and places, and appointments for any start or by type."""
    rules = data.draw(booking("booked"))
    rules["standby"] = data.draw(st.sampled_from([0.0, 0.0, 0.5]))
    rules["first"] = data.draw(st.sampled_from([[], ["booster"], ["x", "series"]]))
    rules |= data.draw(st.sampled_from(KINDS_OF_BOOKS))
    scenario = crowded(replace(data.draw(wider_clinics(consults=True, **rules)), **LIVELY), 12.0)
    if scenario.booking.types == "typed" and data.draw(st.booleans()):
        visits = st.lists(st.sampled_from(sorted(scenario.visit_types)), min_size=1, max_size=4)
        starts = [
            {"at": clock(540 + 150 * place), "visit": one} for place, one in enumerate(data.draw(visits))
        ]
        with contextlib.suppress(ScenarioError):  # more than there is staff for
            scenario = replace(scenario, booking={"starts": {"mon": starts, "thu": starts}})
    return assert_same(scenario, data.draw(panels(scenario)), **how)


KINDS_OF_BOOKS = [{}, {"types": "typed"}, {"types": "typed", "convert_days": 2}]


@FEW
@given(st.data())
def test_of_several_types_of_visit(data):
    wide(data)
