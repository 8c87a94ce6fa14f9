"""Hypothesis makes clinics, and what must be true of every path is true of theirs."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.model.small import run
from tests.properties.clinics import clinics
from tests.properties.invariants import check

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
