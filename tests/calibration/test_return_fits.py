"""Fitted distributions against closed forms, against scipy where possible, and on times of known distribution."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from simclinic.calibration.durations import Durations
from simclinic.calibration.kaplan_meier import survival_curve
from simclinic.calibration.return_fits import (
    FAMILIES,
    FEWEST,
    fit_all,
    fit_distribution,
    from_free_scale,
    log_likelihood,
    naive_moments,
    to_free_scale,
)

INF = math.inf
SCIPY = {
    "lognormal": (stats.lognorm, lambda shape, scale: {"mu": math.log(scale), "sigma": shape}),
    "weibull": (stats.weibull_min, lambda shape, scale: {"shape": shape, "scale": scale}),
    "loglogistic": (stats.fisk, lambda shape, scale: {"median": scale, "shape": shape}),
}
TRUTH = {
    "lognormal": {"mu": 2.7, "sigma": 0.63, "never": 0.45},
    "weibull": {"shape": 1.6, "scale": 25.0, "never": 0.45},
    "loglogistic": {"median": 17.0, "shape": 2.8, "never": 0.45},
}


def times(family, n, seed, *, never=0.45, follow_up=365):
    """Draw times as a clinic observes them: on weekdays, with entry at any time, until the last day."""
    rng = np.random.default_rng(seed)
    settings = TRUTH[family]
    if family == "lognormal":
        time = np.exp(settings["mu"] + settings["sigma"] * rng.standard_normal(n))
    elif family == "weibull":
        time = settings["scale"] * rng.weibull(settings["shape"], n)
    else:
        odds = rng.logistic(size=n) / settings["shape"]
        time = settings["median"] * np.exp(odds)
    time[rng.random(n) < never] = INF
    entered = rng.integers(0, 5, n)  # weekday of the last infusion
    watched = rng.integers(1, follow_up, n)
    day = np.where(np.isfinite(time), np.ceil(np.where(np.isfinite(time), time, 0)), INF)
    weekday = np.where(np.isfinite(day), (entered + np.where(np.isfinite(day), day, 0)) % 7, 0)
    seen = day + np.where(weekday == 5, 2, np.where(weekday == 6, 1, 0))
    gap = np.where((entered + np.where(np.isfinite(seen), seen, 0)) % 7 == 0, 3, 1)
    away = seen > watched
    return Durations(
        np.where(away, watched, np.maximum(np.where(away, 0, seen) - gap, 0)).astype(float),
        np.where(away, INF, seen),
    )


# -- the likelihood ------------------------------------------------------------------------------------------


def one(family, at, after, by):
    return log_likelihood(family, at, np.array([after]), np.array([by]), np.ones(1))


def test_an_exponential_distribution_is_a_weibull_of_shape_one():
    at = (0.0, math.log(20.0))
    assert one("weibull", at, 10.0, 13.0) == pytest.approx(math.log(math.exp(-0.5) - math.exp(-0.65)))
    assert one("weibull", at, 0.0, 1.0) == pytest.approx(math.log(1 - math.exp(-0.05)))
    assert one("weibull", at, 30.0, INF) == pytest.approx(-1.5)


def test_a_patient_still_away_may_never_return():
    at = (0.0, math.log(20.0), to_free_scale(0.4, "logit"))
    assert one("weibull", at, 30.0, INF) == pytest.approx(math.log(0.4 + 0.6 * math.exp(-1.5)))
    assert one("weibull", at, 10.0, 13.0) == pytest.approx(math.log(0.6 * (math.exp(-0.5) - math.exp(-0.65))))
    assert one("weibull", at, 0.0, INF) == pytest.approx(0.0)


@pytest.mark.parametrize("family", FAMILIES)
def test_intervals_that_cover_everything_add_up_to_one(family):
    at = (1.1, -0.3, 0.7) if family == "weibull" else (2.4, -0.2, 0.7)
    edges = np.array([0.0, 0.5, 1, 3, 9, 30, 300, 3e4])
    parts = [math.exp(one(family, at, low, high)) for low, high in itertools.pairwise(edges)]
    assert sum(parts) + math.exp(one(family, at, edges[-1], INF)) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
def test_far_out_nothing_is_lost(family):
    """Where the tail probability is 1e-300 its logarithm is still finite, and decreases."""
    at = (math.log(3.0), 1.0) if family == "weibull" else (1.0, -1.0 if family == "lognormal" else 2.0)
    far = [one(family, at, day - 1.0, day) for day in (5.0, 20.0, 50.0, 300.0, 3000.0)]
    assert np.isfinite(far).all()
    assert (np.diff(far) < 0).all()
    early = [one(family, at, 0.0, day) for day in (1.0, 0.1, 0.01, 1e-4)]
    assert np.isfinite(early).all()
    assert (np.diff(early) < 0).all()


# -- fits ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_without_a_share_that_never_returns_it_is_the_fit_of_scipy(family):
    durations = times(family, 300, 5, never=0.0, follow_up=60)
    seen = durations.returned
    law, settings = SCIPY[family]
    intervals = np.column_stack([durations.after[seen], durations.by[seen]])
    data = stats.CensoredData(interval=intervals, right=durations.after[~seen])
    shape, _, scale = law.fit(data, floc=0)
    result = fit_distribution(durations, family, cure=False, prior=False)
    assert result.settings == pytest.approx(settings(shape, scale), rel=2e-3)
    # Not worse than scipy's own maximum.
    probability = law.cdf(intervals[:, 1], shape, 0, scale) - law.cdf(intervals[:, 0], shape, 0, scale)
    theirs = np.log(probability).sum() + law.logsf(durations.after[~seen], shape, 0, scale).sum()
    assert result.log_likelihood >= theirs - 1e-6


def test_the_share_that_never_returns_is_a_count_where_that_is_possible():
    """If all returns come early and follow-up lasts for years, the share is (k + 1/2) / (n + 1)."""
    rng = np.random.default_rng(3)
    by = np.ceil(np.exp(2.5 + 0.3 * rng.standard_normal(60)))
    durations = Durations(np.append(by - 1, np.full(40, 3000.0)), np.append(by, np.full(40, INF)))
    result = fit_distribution(durations, "lognormal", cure=True)
    assert result.never == pytest.approx(40.5 / 101, abs=1e-4)
    variance = result.covariance[2, 2]
    assert variance == pytest.approx(1 / 40.5 + 1 / 60.5, rel=1e-3)


def test_covariance_is_that_of_the_textbook():
    """Hardly censored: the mean of logs has variance sigma² / n, the log of sigma 1 / 2n."""
    rng = np.random.default_rng(4)
    time = np.exp(5.0 + 0.6 * rng.standard_normal(500))
    result = fit_distribution(
        Durations(np.floor(time), np.floor(time) + 1), "lognormal", cure=False, prior=False
    )
    sigma = result.settings["sigma"]
    expected = np.diag([sigma**2 / 500, 1 / 1000])
    assert result.covariance == pytest.approx(expected, rel=0.02, abs=1e-5)
    assert result.settings["mu"] == pytest.approx(np.log(time).mean(), abs=0.005)
    assert result.quantile(0.5) == pytest.approx(math.exp(result.settings["mu"]))
    low, high = result.quantile_interval(0.5)
    assert (low, high) == pytest.approx(tuple(math.exp(value) for value in result.interval("mu")))


@pytest.mark.parametrize("family", FAMILIES)
def test_days_or_weeks_make_no_difference(family):
    durations = times(family, 200, 6)
    weeks = Durations(durations.after / 7, durations.by / 7)
    one, other = (fit_distribution(each, family, cure=True) for each in (durations, weeks))
    assert other.quantile(0.5) * 7 == pytest.approx(one.quantile(0.5), rel=1e-4)
    assert other.never == pytest.approx(one.never, abs=1e-5)
    assert other.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-6)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_true_distribution_is_found(family):
    laws = fit_all(times(family, 1500, 8))
    assert laws.chosen.family == family
    assert laws.chosen.cure
    for name, value in TRUTH[family].items():
        # The probability that one of nine misses so wide an interval is one in a thousand.
        low, high = (to_free_scale(bound, scale(laws.chosen, name)) for bound in laws.chosen.interval(name))
        middle, half = (low + high) / 2, (high - low) / 2 / 1.96 * 4.0
        assert abs(to_free_scale(value, scale(laws.chosen, name)) - middle) < half
    assert len(laws.fits) == 6
    assert [each.aic for each in laws.fits] == sorted(each.aic for each in laws.fits)


def scale(result, name):
    return result.scales[result.names.index(name)]


@pytest.mark.parametrize("value", [0.001, 0.3, 0.999])
@pytest.mark.parametrize("scale", ["identity", "log", "logit"])
def test_scales_there_and_back(scale, value):
    assert from_free_scale(to_free_scale(value, scale), scale) == pytest.approx(value)


def test_few_returns_have_no_fit():
    few = Durations(np.array([10.0] * FEWEST), np.array([11.0] * (FEWEST - 1) + [INF]))
    assert fit_all(few).chosen is None
    enough = Durations(np.array([10.0, 15, 18, 22, 40, 90]), np.array([11.0, 16, 19, 25, 41, INF]))
    assert fit_all(enough).chosen is not None
    assert fit_all(Durations(np.zeros(0), np.zeros(0))).chosen is None


@pytest.mark.parametrize(
    ("after", "by"),
    [
        ([27.0] * 8, [28.0] * 8),  # all on the same day
        ([27.0] * 8 + [30.0] * 90, [28.0] * 8 + [INF] * 90),  # and nearly everybody away
        ([0.0, 400, 0, 400, 3, 900], [1.0, 401, 1, 401, 4, 901]),  # as wide as can be
    ],
)
def test_at_the_edges_fits_are_finite(after, by):
    for each in fit_all(Durations(np.array(after), np.array(by))).fits:
        assert np.isfinite([*each.settings.values(), each.aic]).all()
        if each.covariance is not None:
            assert (np.linalg.eigvalsh(each.covariance) > 0).all()


def test_the_mean_of_observed_returns_is_too_short():
    """In two months long times are not observed: the naive mean is a third too short, the fit is not."""
    rng = np.random.default_rng(9)
    n = 400
    time = np.exp(3.9 + 0.7 * rng.standard_normal(n))
    watched = rng.integers(1, 90, n)
    by = np.ceil(time)
    away = by > watched
    durations = Durations(np.where(away, watched, by - 1).astype(float), np.where(away, INF, by))
    true_mean = math.exp(3.9 + 0.7**2 / 2)
    assert naive_moments(durations)["mean"] < 0.67 * true_mean
    assert naive_moments(durations)["mu"] < 3.9 - 0.3
    low, high = fit_distribution(durations, "lognormal", cure=False).interval("mu")
    assert low < 3.9 < high


@pytest.mark.long
@pytest.mark.parametrize("family", FAMILIES)
def test_intervals_cover(family):
    """About 95 % of 95 % intervals cover the truth, in 400 clinics of 150 patients each."""
    clinics = 400
    hits = dict.fromkeys(TRUTH[family], 0)
    for seed in range(clinics):
        result = fit_distribution(times(family, 150, 1000 + seed), family, cure=True)
        for name, value in TRUTH[family].items():
            low, high = result.interval(name)
            hits[name] += low <= value <= high
    for name, count in hits.items():
        # Four standard errors of a share of 0.95 in 400.
        assert abs(count / clinics - 0.95) < 4 * math.sqrt(0.95 * 0.05 / clinics), name


# -- Kaplan and Meier ----------------------------------------------------------------------------------------


def test_kaplan_meier_on_paper():
    """Returns on days 2 and 3; one patient censored after day 2, one after day 4."""
    result = survival_curve(Durations(np.array([1.0, 2.0, 2.0, 4.0]), np.array([2.0, INF, 3.0, INF])))
    assert result.day.tolist() == [0, 1, 2, 3, 4]
    assert result.away == pytest.approx([1, 1, 3 / 4, 3 / 4 * 1 / 2, 3 / 8])
    assert result.at_risk.tolist() == [4, 4, 4, 2, 1]
    assert result.returned.tolist() == [0, 0, 1, 1, 0]


@pytest.mark.parametrize("hours", [-8.0, 0.0, 2.0, 6.0])
def test_a_patient_who_returns_on_a_day_is_not_away_after_it(hours):
    """Hours between a visit's end and the day's last start move no return to another day."""
    later = hours / 24.0
    result = survival_curve(
        Durations(np.array([20.0, 24.0, 25.0]) + later, np.array([21.0, 25.0, INF]) + later)
    )
    assert result.day[-1] == 25
    assert np.flatnonzero(result.returned).tolist() == [21, 25]
    assert result.at_risk[[21, 25]].tolist() == [3, 2]
    assert result.away[[20, 21, 24, 25]] == pytest.approx([1.0, 2 / 3, 2 / 3, 1 / 3])


def test_without_a_return_everybody_is_away():
    result = survival_curve(Durations(np.array([3.0, 5.0]), np.array([INF, INF])))
    assert result.away.tolist() == [1.0] * 6
    assert np.isnan(result.low).all()
    assert result.at_risk.tolist() == [2, 2, 2, 2, 1, 1]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_fit_stays_inside_the_kaplan_meier_interval(family):
    durations = times(family, 800, 12)
    seen, law = survival_curve(durations), fit_distribution(durations, family, cure=True)
    known = (seen.returned.cumsum() > 20) & (seen.at_risk > 40)
    inside = (seen.low <= law.away(seen.day)) & (law.away(seen.day) <= seen.high)
    # Intervals are pointwise and days correlated: most days are inside, not all.
    assert inside[known].mean() > 0.8
