"""Demand on paper, against arithmetic by hand and against the simulated clinic."""

import math

import numpy as np
import pytest

from simclinic.experiment import replications
from simclinic.planning.demand import demand, programme
from simclinic.scenario import baseline, with_overrides


def of(*settings):
    return demand(with_overrides(baseline(), settings))


def test_the_typical_clinic_by_hand():
    result = of()
    series = 10.3 * 0.88 * 0.85 * 0.65
    stays = np.cumprod([1, 0.90, 0.96, 0.96, 0.96, 0.96])
    boosters = series * stays[-1] * 0.55 * 0.8 * 0.7 / 0.06
    assert result["referrals"] == pytest.approx(10.3, rel=1e-3)
    assert result["series"] == pytest.approx(series, rel=1e-3)
    assert result["induction"] == pytest.approx(series * stays.sum(), rel=1e-3)
    assert result["boosters"] == pytest.approx(boosters, rel=1e-2)  # some relapse after a year of follow-up
    # every visit is tried until it is kept, and no-shows waste the start
    assert result["starts"] == pytest.approx((result["induction"] + result["boosters"]) * 0.95 / 0.90)


def test_missed_visits_that_are_not_booked_again_end_the_series():
    result = of("attendance.rebooks=0", "response.drop_out=[0]", "response.probability=0")
    series = result["series"]
    assert result["induction"] == pytest.approx(series * sum(0.9**k for k in range(1, 7)))
    assert result["boosters"] == 0


def test_a_stop_rule_frees_visits_and_turns_responders_away():
    without, ruled = of(), of("response.stop_rule={after=1, sensitivity=0.94, specificity=0.71}")
    assert ruled["induction"] < without["induction"]
    assert ruled["boosters"] == pytest.approx(0.94 * without["boosters"])


def test_a_walk_in_clinic_has_no_appointments_to_miss():
    result = of("booking.mode='walk-in'")
    assert result["starts"] == pytest.approx(result["induction"] + result["boosters"])


def test_policies_of_boosters():
    scheduled = programme(
        with_overrides(baseline(), ["boosters.policy='scheduled'", "boosters.every_weeks=[2, 4]"])
    )
    assert scheduled == (pytest.approx(0.7 / 0.06), 4.0)
    assert of("boosters.attrition=0", "boosters.policy='scheduled'")["boosters"] is None
    assert of("boosters.attrition=0")["boosters"] is None
    assert of("boosters.attrition=0", "boosters.uptake=0")["boosters"] == 0
    assert of("boosters.attrition=1e-3")["boosters"] == pytest.approx(60 * of()["boosters"], rel=1e-2)
    # relapses grow rarer and rarer, so that even with nobody leaving they end
    assert math.isfinite(of("boosters.attrition=0", "boosters.lengthening=1.5")["boosters"])
    never = of("boosters.days={dist='lognormal', median=28, sigma=0.5, never=1.0}")
    assert never["boosters"] == pytest.approx(of("boosters.attrition=1")["boosters"])


def test_nobody_who_comes_means_no_demand_on_paper():
    assert of("attendance.no_show=1", "attendance.late_cancel=0") is None


def test_the_simulated_clinic_does_what_paper_says():
    """A clinic with room to spare, simulated: counts agree within what 24 replications can tell."""
    spare = [
        "clinic.chairs=20",
        "shifts.day.nurses=20",
        "run.weeks=52",
        'run.begin="empty"',
        "run.warm_up_weeks=156",
    ]
    brief = ["boosters.attrition=0.5", "boosters.uptake=1", "demand.referrals_per_week=6"]
    scenario = with_overrides(baseline(), [*spare, *brief])
    result = demand(scenario)
    kept = [one.kpis for one in replications(scenario, 11, range(24))]
    for name, expected in (
        ("series_started_per_week", result["series"]),
        ("induction_per_week", result["induction"]),
        ("boosters_per_week", result["boosters"]),
    ):
        values = np.array([kpis[name] for kpis in kept])
        error = values.std(ddof=1) / math.sqrt(len(values))
        assert abs(values.mean() - expected) < 4 * error, name
