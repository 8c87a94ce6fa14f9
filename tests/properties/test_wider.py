"""Hypothesis makes clinics with types of visit, roles and places, and what must be true of every visit is true."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from simclinic import records as r
from simclinic.measures import measure
from tests.model.small import simulated as run
from tests.properties.wider import wider_clinics
from tests.properties.wider_invariants import WiderHouse

QUICK = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # to make a clinic simpler takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
MANY = settings(QUICK, max_examples=3000, derandomize=False)


def everybody_is_served(scenario):
    """No request waits in a circle: a dozen patients are served within three weeks."""
    records = run(scenario, scenario.run.seed)
    house = WiderHouse(records, scenario)
    house.check()
    came = ~np.isnan(records.visits["arrived"])
    assert came.any()
    assert (records.visits["outcome"][came] == r.COMPLETED).all()
    if not scenario.simple:
        kpis = measure(records, scenario).kpis
        for name, value in house.figures().items():
            assert kpis[name] == pytest.approx(value, abs=1e-9), name


def what_is_booked_is_given(scenario):
    records = run(scenario, scenario.run.seed)
    WiderHouse(records, scenario).check()
    outcome = records.visits["outcome"]
    assert not (outcome == r.CLINIC_CANCELLED).any()  # nobody is absent, and the book knows who is there
    came = ~np.isnan(records.visits["arrived"])
    assert (outcome[came] == r.COMPLETED).all()


@QUICK
@given(wider_clinics(consults=True, mode="walk-in"))
def test_everybody_who_walks_in_is_served(scenario):
    everybody_is_served(scenario)


@pytest.mark.long
@MANY
@given(wider_clinics(consults=True, mode="walk-in"))
def test_everybody_who_walks_in_is_served_many_times(scenario):
    everybody_is_served(scenario)


@QUICK
@given(wider_clinics(consults=True))
def test_what_is_booked_is_given(scenario):
    what_is_booked_is_given(scenario)


@pytest.mark.long
@MANY
@given(wider_clinics(consults=True))
def test_what_is_booked_is_given_many_times(scenario):
    what_is_booked_is_given(scenario)
