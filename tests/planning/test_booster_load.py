"""How far the booster programme has filled, on paper, against the renewal equation on a fine lattice."""

import math

import numpy as np
import pytest

from simclinic.planning.booster_load import share_reached, sufficient_warm_up
from simclinic.sampling.distributions import _limited_mean, cdf
from simclinic.scenario import baseline, with_overrides
from tests.analytic.theory.renewal import Programme, TimeDistribution

PLAIN = ("booking.mode='walk-in'", "protocols.twice-weekly.infusions=1")
"""Patients walk in, with one infusion, so that responders end their series from the first day on."""


def time_distribution(distribution):
    never = distribution.never
    return TimeDistribution(
        lambda x: 1 - cdf(distribution, x) / (1 - never),
        lambda x: np.array([_limited_mean(distribution, float(each)) for each in x]),
        never,
    )


def exact(scenario):
    rules, run = scenario.boosters, scenario.run
    theory = Programme(
        rate=1.0,
        relapse=time_distribution(scenario.relapse.days),
        booster=time_distribution(rules.days),
        check_in=float(rules.check_in_days),
        self_report=rules.self_report,
        follow_up=float(scenario.relapse.follow_up_days),
        uptake=rules.uptake,
        attrition=rules.attrition,
        visit=0.0,
        lengthening=rules.lengthening,
        step=0.125,
        horizon=7.0 * (run.warm_up_weeks + run.weeks) + 1,
    )
    end = 7.0 * run.weeks
    return theory.mean(0.0, end, -7.0 * run.warm_up_weeks) / (end * theory.requests_per_patient)


@pytest.mark.parametrize("weeks", [0, 26, 104, 208])
@pytest.mark.parametrize(
    "changes",
    [
        (),
        ("relapse.days={dist='lognormal', mu=3.89, sigma=0.95, never=0.28}",),
        ("boosters.self_report=0", "boosters.check_in_days=28"),
        ("boosters.lengthening=1.1", "boosters.attrition=0.02"),
        ("boosters.days={dist='weibull', scale=80, shape=0.8}", "boosters.self_report=1"),
    ],
)
def test_the_share_is_that_of_the_renewal_equation(weeks, changes):
    scenario = with_overrides(
        baseline(), [*PLAIN, *changes, 'run.begin="empty"', f"run.warm_up_weeks={weeks}"]
    )
    assert share_reached(scenario) == pytest.approx(exact(scenario), abs=0.004)


def test_series_that_end_later_fill_later():
    empty = ['run.begin="empty"', "run.warm_up_weeks=208"]
    sooner, usual, later = (
        share_reached(with_overrides(baseline(), [*empty, *changes]))
        for changes in (PLAIN, (), ("intake.days_to_consult=28",))
    )
    assert later < usual < sooner < 1


def test_without_boosters_nothing_fills_and_without_an_end_nothing_is_full():
    assert share_reached(with_overrides(baseline(), ["response.probability=0"])) == 1.0
    assert share_reached(with_overrides(baseline(), ["boosters.uptake=0"])) == 1.0
    assert share_reached(with_overrides(baseline(), ["boosters.attrition=0"])) is None


def test_a_schedule_fills_by_its_dates():
    """Every four weeks, a tenth leave after each: after k courses 1 - 0.9^k of all."""
    scenario = with_overrides(
        baseline(),
        [
            *PLAIN,
            "boosters.policy='scheduled'",
            "boosters.attrition=0.1",
            "run.weeks=4",
            'run.begin="empty"',
            "run.warm_up_weeks=40",
        ],
    )
    # in the weeks 40 to 43 those who began in week w have had courses at w + 4, w + 8, ...: k of them fall into
    # one four-week period for starts in weeks 40 - 4k to 43 - 4k
    share = sum(0.9 ** (k - 1) for k in range(1, 11)) / 10
    assert share_reached(scenario) == pytest.approx(share, abs=0.03)


def test_the_warm_up_that_would_do_is_the_shortest():
    weeks = sufficient_warm_up(baseline())
    reached = [
        share_reached(with_overrides(baseline(), ['run.begin="empty"', f"run.warm_up_weeks={each}"]))
        for each in (weeks - 1, weeks)
    ]
    assert reached[0] < 0.95 <= reached[1]
    assert sufficient_warm_up(with_overrides(baseline(), ["boosters.attrition=0"])) is None
    assert math.isclose(
        share_reached(with_overrides(baseline(), ['run.begin="empty"', "run.warm_up_weeks=2000"])),
        1.0,
        abs_tol=1e-3,
    )
