"""The compiled engine: equality with the SimPy engine on every scenario of the repository and on many made ones."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simclinic.experiment.replication import Prepared
from simclinic.model.fast.engine import simulate as fast
from simclinic.model.fast.timetable import not_covered
from simclinic.model.simulate import simulate
from simclinic.past.past import Competition
from simclinic.past.reach import reach
from simclinic.scenario import baseline, load, replace
from tests.model.fast.same import assert_same, differences, engine
from tests.model.fast.same_past import assert_same_past
from tests.model.fast.test_same_past import of_a_kind, of_any_clinic, of_wide_clinics
from tests.model.fast.test_same_tables import from_today, wide, wide_walk_in, with_standby
from tests.mutation.plant import HOUSE
from tests.past.test_as_simulated import CASES, CASES_OF_TYPES
from tests.properties.clinics import clinics

SCENARIOS = sorted(
    path.relative_to(HOUSE).as_posix()
    for folder in ("scenarios", "scenarios/verification", "scenarios/data")
    for path in (HOUSE / folder).glob("*.toml")
)
MANY = settings(
    max_examples=700,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def compiled(*, may_compile=True):
    run, why = engine(may_compile=may_compile)
    if run is None:
        pytest.skip(why)
    return run


def same_replications(scenario, run, numbers):
    """Compare replications as a study makes them, steady start included; return their visits."""
    prepared = Prepared(scenario)
    visits = 0
    for number in numbers:
        prepared.look_ahead(scenario.run.seed, number, antithetic=False)
        first, second = (prepared.sample(scenario.run.seed, number, antithetic=False) for _ in range(2))
        one = simulate(prepared.simulated, first, prepared.timetable)
        other = fast(prepared.timetable, second, run)
        assert other is not None
        assert differences(one, other) == []
        visits += len(one.visits["patient"])
    return visits


def test_the_typical_clinic_where_the_engine_is_compiled():
    run = compiled(may_compile=False)
    small = replace(baseline(), run={"weeks": 8, "warm_up_weeks": 4, "history_delay_days": 1.0})
    assert same_replications(small, run, range(2)) > 100


@pytest.mark.long
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario(name):
    run, scenario = compiled(), load(HOUSE / name)
    if not_covered(scenario) is not None:
        pytest.skip("the engine does not cover it, and says so")
    assert same_replications(scenario, run, range(2)) > 0


def test_the_past_of_the_typical_clinic_where_the_engine_is_compiled():
    infusions, boosters = assert_same_past(
        baseline(), 104, Competition(1.7, 2.4), compiled(may_compile=False)
    )
    assert min(infusions, boosters) > 1000


@pytest.mark.long
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_past_of_every_scenario(name):
    run, scenario = compiled(), load(HOUSE / name)
    weeks = reach(scenario) if scenario.run.begin == "steady" else 26
    for competition in (Competition(), Competition(1.7, 2.4, 0.1), Competition(1.7, -0.2, 0.1)):
        assert_same_past(scenario, weeks, competition, run)


@pytest.mark.long
@pytest.mark.parametrize("case", [*CASES, *CASES_OF_TYPES])
def test_the_past_of_a_clinic_of_each_kind(case):
    infusions, boosters = of_a_kind(case, 200, run=compiled())
    assert infusions > 1000
    assert boosters > 1000


@pytest.mark.long
@MANY
@given(st.data())
def test_the_past_of_many_clinics(data):
    of_any_clinic(data, run=compiled())


@pytest.mark.long
@MANY
@given(st.data())
def test_the_past_of_several_types_of_visit_many_times(data):
    of_wide_clinics(data, "booked", run=compiled())


@pytest.mark.long
@MANY
@given(st.data())
def test_the_past_of_several_types_of_visit_who_walk_in_many_times(data):
    of_wide_clinics(data, "walk-in", run=compiled())


@pytest.mark.long
@MANY
@given(clinics())
def test_of_many_clinics(scenario):
    assert_same(scenario, run=compiled())


@pytest.mark.long
@MANY
@given(clinics("walk-in", split=True))
def test_between_two_shifts_many_times(scenario):
    assert_same(scenario, run=compiled())


@pytest.mark.long
@MANY
@given(st.data())
def test_from_today_many_times(data):
    from_today(data, run=compiled())


@pytest.mark.long
@MANY
@given(st.data())
def test_with_patients_on_standby_many_times(data):
    with_standby(data, run=compiled())


@pytest.mark.long
@MANY
@given(st.data())
def test_of_several_types_of_visit_many_times(data):
    wide(data, run=compiled())


@pytest.mark.long
@MANY
@given(st.data())
def test_of_several_types_of_visit_who_walk_in_many_times(data):
    wide_walk_in(data, run=compiled())
