"""Two engines, one result: the compiled engine's three tables are those of the SimPy engine, bit for bit.

In the short tier Python runs the functions of the engine as they are, so that nothing is compiled and numba is not
needed; in the long tier numba compiles them.
"""

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simclinic.scenario import replace
from tests.model.fast.same import assert_same
from tests.properties.clinics import clinics, panels

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
