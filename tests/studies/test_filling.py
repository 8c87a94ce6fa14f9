"""`run` says when it was measured too early, by theory and by what was simulated, and what would do."""

import numpy as np
import pytest

from simclinic.planning.booster_load import share_reached
from simclinic.scenario import baseline, with_overrides
from simclinic.studies.run import run


def document_of(tmp_path, *overrides):
    scenario = with_overrides(baseline(), ["run.replications=10", *overrides])
    return run(scenario, out=tmp_path / "out").document


def test_the_third_year_is_too_early_and_the_level_named_is_that_of_theory(tmp_path):
    document = document_of(tmp_path, 'run.begin="empty"', "run.warm_up_weeks=104", "run.weeks=52")
    assert document["verdict"] == "filling"
    assert document["stable"] is False
    (message,) = [message for message in document["verdict_reasons"] if "in the end" in message]
    # the renewal equation: 19.65 boosters a week in the end, 15.5 in the third year (docs/background/ramp.md)
    assert message.startswith(
        "the measured weeks have about 79 % of the boosters that come in the end, 20 a week"
    )
    weeks = int(message.rsplit("run.warm_up_weeks = ", 1)[1].split()[0])
    assert share_reached(
        with_overrides(baseline(), ['run.begin="empty"', f"run.warm_up_weeks={weeks}"])
    ) == pytest.approx(0.95, abs=0.002)
    # what was simulated agrees with theory: within its interval
    low, high = document["kpis"]["boosters_per_week"]["ci"]
    assert low < 15.52 < high


def test_a_clinic_that_capacity_limits_is_promised_no_level(tmp_path):
    document = document_of(
        tmp_path, 'run.begin="empty"', "run.warm_up_weeks=0", "run.weeks=26", "demand.referrals_per_week=13"
    )
    (message,) = [message for message in document["verdict_reasons"] if "in the end" in message]
    assert "what can start decides the level" in message
    assert "25 a week" not in message


@pytest.mark.parametrize(
    ("overrides", "changing"),
    [
        (("demand.growth_per_year=0.5",), "demand is meant to grow or to fall"),
        (('changes={"2026-02-02"={"clinic.chairs"=4}}',), "the plan changes at a date"),
        (("demand.referrals=[2026-01-05, 2026-01-06]",), "referrals are replayed from a list"),
    ],
)
def test_what_is_meant_to_change_is_not_filling_and_says_so(tmp_path, overrides, changing):
    document = document_of(
        tmp_path, 'run.begin="empty"', "run.warm_up_weeks=0", "run.weeks=13", "run.replications=5", *overrides
    )
    assert document["verdict"] != "filling"
    assert document["verdict_reasons"][-1].endswith(f"since {changing}")


def test_a_clinic_that_takes_nobody_is_not_filling(tmp_path):
    document = document_of(
        tmp_path, 'run.begin="empty"', "run.warm_up_weeks=4", "run.weeks=6", "demand.referrals_per_week=0"
    )
    assert document["verdict"] == "open"
    assert not any("in the end" in message for message in document["verdict_reasons"])


def test_where_nothing_can_start_demand_is_not_said_to_grow(tmp_path):
    closed = ("booking.max_series_starts_per_week=0", "run.replications=5")
    document = document_of(tmp_path, 'run.begin="empty"', "run.warm_up_weeks=4", "run.weeks=6", *closed)
    assert document["verdict"] == "not-stable"
    assert "on paper patients ask for more than can ever start" in document["verdict_reasons"]


def test_without_boosters_nothing_fills(tmp_path):
    document = document_of(
        tmp_path, 'run.begin="empty"', "run.warm_up_weeks=8", "run.weeks=26", "boosters.uptake=0"
    )
    assert document["verdict"] != "filling"
    assert np.isclose(share_reached(with_overrides(baseline(), ["boosters.uptake=0"])), 1.0)
