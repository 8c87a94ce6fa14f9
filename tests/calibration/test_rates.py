"""Shares and rates against textbooks, scipy and counting."""

import math

import numpy as np
import pytest
from scipy import stats

from simclinic.calibration.rates import (
    design_effect,
    evenness_p_value,
    fit_growth,
    garwood,
    smoothed_share,
)
from simclinic.measures.wilson import wilson


@pytest.mark.parametrize(("count", "n"), [(0, 10), (5, 10), (10, 10), (1, 1), (37, 1000)])
def test_wilson_is_scipys(count, n):
    theirs = stats.binomtest(count, n).proportion_ci(method="wilson")
    assert wilson(count, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_of_nothing_everything_is_possible():
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("count", [0, 1, 7, 120])
def test_garwood_by_its_definition(count):
    low, high = garwood(count)
    assert stats.poisson.cdf(count, high) == pytest.approx(0.025)
    if count:
        assert stats.poisson.sf(count - 1, low) == pytest.approx(0.025)
    else:
        assert low == 0.0


def test_a_smoothed_share_is_never_0_or_1():
    value, variance = smoothed_share(0, 9)
    assert value == pytest.approx(0.05)
    assert variance == pytest.approx(1 / 0.5 + 1 / 9.5)


def test_a_trend_that_is_there_is_found():
    """60 % more a year, over two years: exp(slope) from weekly means without noise."""
    weeks = 104
    years = (np.arange(weeks) - weeks + 0.5) * 7 / 365.25
    mean = 40_000.0 * 1.6**years
    result = fit_growth(np.round(mean).astype(int))
    assert result.trend
    assert result.growth == pytest.approx(0.6, abs=1e-3)
    assert result.per_week == pytest.approx(40_000.0, rel=1e-3)
    assert result.covariance.shape == (2, 2)
    assert (np.linalg.eigvalsh(result.covariance) > 0).all()


def test_without_a_trend_it_is_the_mean_with_the_exact_interval():
    counts = np.array([4, 6, 5, 5, 4, 6, 5, 5, 6, 4])
    result = fit_growth(counts)
    assert not result.trend
    assert result.per_week == pytest.approx(5.0)
    assert (result.low, result.high) == pytest.approx(tuple(bound / 10 for bound in garwood(50)))
    assert result.covariance == pytest.approx(np.array([[1 / 50]]))
    assert not result.overdispersed


def test_lumps_widen_the_interval():
    counts = np.array([0, 20] * 10)
    result = fit_growth(counts)
    assert result.overdispersed
    assert result.dispersion == pytest.approx(10 * 20 / 18, rel=0.05)
    half = 1.959964 * math.sqrt(result.dispersion / 200)
    assert math.log(result.high / result.per_week) == pytest.approx(half, rel=1e-6)


def test_growth_is_covered():
    """For Poisson counts of known rate and growth 95 % intervals cover the truth, in 300 clinics."""
    rng = np.random.default_rng(2)
    weeks, clinics = 78, 300
    years = (np.arange(weeks) - weeks + 0.5) * 7 / 365.25
    mean = 6.0 * 1.5**years
    held = 0
    for _ in range(clinics):
        result = fit_growth(rng.poisson(mean))
        held += result.growth_low <= 0.5 <= result.growth_high
    # The index of dispersion only widens intervals, so that coverage may be slightly too high.
    assert 0.95 - 4 * math.sqrt(0.95 * 0.05 / clinics) < held / clinics <= 0.995


@pytest.mark.parametrize("counts", [[], [3], [0, 0, 0]])
def test_of_too_little_there_is_no_trend(counts):
    result = fit_growth(np.array(counts, dtype=int))
    assert result.growth is None
    assert not result.trend


def test_the_same_patients_again_and_again():
    patient = np.repeat(np.arange(10), 10)
    assert design_effect(patient, np.repeat([True] + [False] * 9, 10)) == pytest.approx(100 / 9)
    rng = np.random.default_rng(1)
    many = np.repeat(np.arange(2000), 10)
    assert design_effect(many, rng.random(20000) < 0.1) < 1.1


def test_weekdays_alike_or_not():
    assert evenness_p_value(np.array([20, 21, 19, 20, 20])) > 0.9
    assert evenness_p_value(np.array([50, 10, 10, 10, 20])) < 1e-6
    assert evenness_p_value(np.array([0, 0])) == 1.0


def test_starts_of_a_single_week_have_no_trend():
    counts = np.zeros(26, dtype=np.int64)
    counts[0] = 12
    result = fit_growth(counts)
    assert (result.growth, result.trend) == (None, False)
    assert result.per_week == pytest.approx(12 / 26)
