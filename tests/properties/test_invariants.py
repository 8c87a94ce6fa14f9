"""Hypothesis makes clinics, and what must be true of every path is true of theirs."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simclinic.measures import measure
from simclinic.model import simulate
from simclinic.sampling.draws import Sampler
from tests.model.small import simulated as run
from tests.properties.clinics import clinics, panels
from tests.properties.invariants import House, check

QUICK = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
MANY = settings(QUICK, max_examples=1500, derandomize=False)


@QUICK
@given(clinics())
def test_every_path(scenario):
    check(run(scenario, scenario.run.seed), scenario)


@pytest.mark.long
@MANY
@given(clinics())
def test_many_paths(scenario):
    check(run(scenario, scenario.run.seed), scenario)


def recount_overtime(scenario):
    """Look at a simulation, and count its overtime once more from the tables."""
    records = run(scenario, scenario.run.seed)
    check(records, scenario)
    measured = measure(records, scenario).weeks["overtime_nurse_minutes"].sum()
    assert measured == pytest.approx(House(records, scenario).overtime_minutes(), abs=1e-6)


@QUICK
@given(clinics("walk-in", split=True))
def test_overtime_is_recounted(scenario):
    recount_overtime(scenario)


@pytest.mark.long
@MANY
@given(clinics("walk-in", split=True))
def test_overtime_is_recounted_many_times(scenario):
    recount_overtime(scenario)


def begin(data):
    """Let a clinic begin with today's patients, and look at every path."""
    scenario = data.draw(clinics(today=True))
    today = data.draw(panels(scenario))
    records = simulate(scenario, Sampler(scenario, today).sample(scenario.run.seed, 0))
    assert (records.patients["origin"] == 1).sum() == len(today.patients)
    check(records, scenario, today.patients)
    weeks = measure(records, scenario).weeks
    assert (weeks["booster_requests_from_panel"] <= weeks["booster_requests"]).all()


@QUICK
@given(st.data())
def test_every_path_from_today(data):
    begin(data)


@pytest.mark.long
@MANY
@given(st.data())
def test_many_paths_from_today(data):
    begin(data)
