"""Every family against scipy.stats, which the package itself does without.

The log-logistic distribution is held against its definition.
"""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from simclinic.sampling.distributions import cdf, mean, quantile
from simclinic.scenario.distributions import (
    Constant,
    Empirical,
    Exponential,
    Gamma,
    Loglogistic,
    Lognormal,
    Normal,
    Triangular,
    Uniform,
    Weibull,
)

SMALLEST, LARGEST = 2.0**-53, 1.0 - 2.0**-53
GRID = np.concatenate(
    ([SMALLEST, 1e-12, 1e-6], np.linspace(0.001, 0.999, 999), [1 - 1e-6, 1 - 1e-12, LARGEST])
)


class Fisk:
    """The log-logistic distribution from its definition: scipy's `fisk` loses up to all digits far out."""

    def __init__(self, shape, scale):
        self.shape, self.scale = shape, scale

    def sf(self, x):
        return 1.0 / (1.0 + (np.maximum(x, 0.0) / self.scale) ** self.shape)

    def cdf(self, x):
        return 1.0 - self.sf(x)

    def isf(self, q):
        return self.scale * ((1.0 - q) / q) ** (1.0 / self.shape)

    def ppf(self, u):
        return self.scale**2 / self.isf(u)  # its logarithm is symmetric

    def mean(self):
        return stats.fisk(self.shape, scale=self.scale).mean()


def area_under(survival, start, end):
    """Integral of a survival function, in pieces that are short where the distribution may be steep."""
    nodes, weights = np.polynomial.legendre.leggauss(16)
    span = end - start
    knots = np.concatenate(([0.0], np.geomspace(1e-9, 1.0, 400))) * span
    even = np.linspace(0.0, min(span, 2000.0), 4000)
    knots = start + np.unique(np.concatenate((knots, even)))
    width = np.diff(knots)
    return float(
        ((survival(knots[:-1, None] + 0.5 * width[:, None] * (nodes + 1)) @ weights) * 0.5 * width).sum()
    )


FAMILIES = {
    "exponential": (Exponential(mean=40.0), stats.expon(scale=40.0)),
    "uniform": (Uniform(low=-5.0, high=20.0), stats.uniform(-5.0, 25.0)),
    "triangular": (Triangular(low=10.0, mode=15.0, high=45.0), stats.triang(5 / 35, 10.0, 35.0)),
    "triangular, mode low": (Triangular(low=10.0, mode=10.0, high=45.0), stats.triang(0.0, 10.0, 35.0)),
    "triangular, mode high": (Triangular(low=10.0, mode=45.0, high=45.0), stats.triang(1.0, 10.0, 35.0)),
    "normal": (Normal(mean=-10.0, sd=9.8), stats.norm(-10.0, 9.8)),
    "lognormal by median": (Lognormal(median=32.0, sigma=0.32), stats.lognorm(0.32, scale=32.0)),
    "lognormal by mu": (Lognormal(mu=2.70, sigma=0.63), stats.lognorm(0.63, scale=math.exp(2.70))),
    "lognormal by mean": (
        Lognormal(mean=50.0, sd=75.0),
        stats.lognorm(math.sqrt(math.log(3.25)), scale=50.0 / math.sqrt(3.25)),  # 1 + cv^2 = 3.25
    ),
    "gamma": (Gamma(mean=15.0, cv=0.3), stats.gamma(1 / 0.09, scale=15.0 * 0.09)),
    "gamma, spread": (Gamma(mean=15.0, cv=1.5), stats.gamma(1 / 2.25, scale=15.0 * 2.25)),
    "weibull": (Weibull(shape=1.8, scale=30.0), stats.weibull_min(1.8, scale=30.0)),
    "weibull, falling": (Weibull(shape=0.7, scale=30.0), stats.weibull_min(0.7, scale=30.0)),
    "loglogistic": (Loglogistic(median=18.0, shape=2.2), Fisk(2.2, 18.0)),
    "loglogistic, heavy": (Loglogistic(median=18.0, shape=1.05), Fisk(1.05, 18.0)),
}  # fmt: skip
BOUNDS = [(None, None), (12.0, None), (None, 30.0), (12.0, 30.0), (-3.0, 11.0), (50.0, 50.0), (200.0, 400.0)]


@pytest.fixture(params=FAMILIES)
def family(request):
    return FAMILIES[request.param]


def bounded(distribution, low, high):
    return distribution.model_copy(update={"at_least": low, "at_most": high})


def test_quantiles_are_those_of_scipy(family):
    distribution, known = family
    # From the nearer end: scipy's ppf loses digits close to 1 for some families, 1 - u is exact.
    exact = np.where(GRID < 0.5, known.ppf(GRID), known.isf(1.0 - GRID))
    assert quantile(distribution, GRID) == pytest.approx(exact, rel=1e-9, abs=1e-12)


def test_probabilities_are_those_of_scipy(family):
    distribution, known = family
    x = np.concatenate(([-100.0, -1.0, 0.0], known.ppf(np.linspace(0.01, 0.99, 99)), [1e6]))
    assert cdf(distribution, x) == pytest.approx(known.cdf(x), rel=1e-10, abs=1e-14)


def test_the_mean_is_that_of_scipy(family):
    distribution, known = family
    assert mean(distribution) == pytest.approx(known.mean(), rel=1e-12)


@pytest.mark.parametrize(("low", "high"), BOUNDS)
def test_values_outside_become_the_bound(family, low, high):
    distribution, known = family
    clipped = np.clip(known.ppf(GRID), low, high)
    assert quantile(bounded(distribution, low, high), GRID) == pytest.approx(clipped, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("low", "high"), BOUNDS)
def test_the_mean_is_that_of_the_clipped_law(family, low, high):
    """E[clip(X)] is the lower bound and the area under the survival function from there to the upper one."""
    distribution, known = family
    if high is None and known.mean() > 300.0:
        high = 1e5  # so that the tail can be added up at all
    start = low if low is not None else min(float(known.ppf(1e-20)), 0.0)
    end = high if high is not None else float(known.isf(1e-18))
    area = area_under(known.sf, start, max(start, end))
    assert mean(bounded(distribution, low, high)) == pytest.approx(start + area, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize(("low", "high"), BOUNDS)
def test_the_mean_is_the_mean_of_what_is_sampled(family, low, high):
    distribution, _ = family
    distribution = bounded(
        distribution, low, 2000.0 if high is None else high
    )  # an unbounded heavy tail has no honest sample mean
    strata = (np.arange(400_000) + 0.5) / 400_000
    assert mean(distribution) == pytest.approx(quantile(distribution, strata).mean(), rel=1e-4)


@pytest.mark.parametrize(("low", "high"), BOUNDS)
def test_probabilities_of_the_clipped_law_invert_its_quantiles(family, low, high):
    distribution = bounded(family[0], low, high)
    x = quantile(distribution, GRID)
    assert (cdf(distribution, x) >= GRID - 1e-9).all()
    # Left of a value lies less than its share, unless the value is a bound, which holds a share of its own.
    inside = (x > (-math.inf if low is None else low)) & (x < (math.inf if high is None else high))
    assert cdf(distribution, x)[inside] == pytest.approx(GRID[inside], abs=1e-9)


def test_quantiles_rise_and_are_finite(family):
    distribution, _ = family
    values = quantile(distribution, np.sort(GRID))
    assert np.isfinite(values).all()
    assert (np.diff(values) >= 0).all()


def test_a_share_never(family):
    distribution = family[0].model_copy(update={"never": 0.2})
    u = np.array([SMALLEST, 0.4, np.nextafter(0.8, 0.0), 0.8, 0.9, LARGEST])
    values = quantile(distribution, u)
    assert values[1] == pytest.approx(quantile(family[0], np.array([0.5]))[0], rel=1e-14)
    assert np.isfinite(values[:3]).all()
    assert np.isinf(values[3:]).all()
    assert cdf(distribution, values[:2]) == pytest.approx(u[:2], rel=1e-9)
    assert mean(distribution) == mean(family[0])


def test_never_is_not_clipped_into_a_date():
    distribution = Lognormal(mu=2.7, sigma=0.63, never=0.2, at_most=100.0)
    assert np.isinf(quantile(distribution, np.array([0.81])))
    assert cdf(distribution, np.array([99.0, 100.0, 1e9])) == pytest.approx(
        [0.8 * cdf_of(distribution, 99.0), 0.8, 0.8]
    )


def cdf_of(distribution, x):
    return stats.lognorm(distribution.sigma, scale=math.exp(distribution.mu)).cdf(x)


def test_nobody_ever():
    distribution = Exponential(mean=20.0, never=1.0)
    assert np.isinf(quantile(distribution, GRID)).all()
    assert (cdf(distribution, np.array([1.0, 1e9])) == 0.0).all()


@pytest.mark.parametrize("never", [0.1, 0.2, 1 / 3, 0.7, 0.9999999])
def test_the_last_patient_who_relapses_does_so_at_a_finite_time(never):
    distribution = Exponential(mean=20.0, never=never)
    just_below = np.nextafter(1.0 - never, 0.0)
    assert np.isfinite(quantile(distribution, np.array([just_below]))).all()


def test_a_constant_fills_the_array():
    assert quantile(Constant(value=7.0), np.full((2, 3), 0.5)).tolist() == [[7.0] * 3] * 2
    assert quantile(Constant(value=7.0, at_least=9.0), np.array([0.0])).tolist() == [9.0]
    assert mean(Constant(value=7.0, at_most=5.0)) == 5.0
    assert cdf(Constant(value=7.0), np.array([6.999, 7.0])).tolist() == [0.0, 1.0]


def test_a_uniform_law_without_width_is_a_constant():
    distribution = Uniform(low=7.0, high=7.0)
    assert quantile(distribution, GRID) == pytest.approx(7.0)
    assert cdf(distribution, np.array([6.5, 7.0, 7.5])).tolist() == [0.0, 1.0, 1.0]
    assert mean(distribution) == 7.0
    assert mean(distribution.model_copy(update={"at_least": 9.0})) == 9.0


def test_listed_values_come_equally_often_in_ascending_order():
    distribution = Empirical(values=(30.0, 10.0, 20.0, 20.0))
    values = quantile(distribution, (np.arange(1000) + 0.5) / 1000)
    assert (np.diff(values) >= 0).all()
    assert np.unique(values, return_counts=True)[1].tolist() == [250, 500, 250]
    assert quantile(distribution, np.array([SMALLEST, LARGEST])).tolist() == [10.0, 30.0]
    assert cdf(distribution, np.array([9.0, 10.0, 20.0, 25.0, 30.0])).tolist() == [0.0, 0.25, 0.75, 0.75, 1.0]
    assert mean(distribution) == 20.0
    assert (
        mean(distribution.model_copy(update={"at_least": 15.0, "at_most": 25.0})) == (15 + 20 + 20 + 25) / 4
    )


def test_a_heavy_tail_has_no_mean_unless_it_is_cut():
    distribution = Loglogistic(median=18.0, shape=0.8)
    assert mean(distribution) == math.inf
    cut = distribution.model_copy(update={"at_most": 365.0})
    area = area_under(Fisk(0.8, 18.0).sf, 0.0, 365.0)
    assert mean(cut) == pytest.approx(area, rel=1e-9)


@pytest.mark.parametrize("shape", [0.5, 0.95, 1.0, 1.0001, 1.1, 1.12, 1.5, 2.0, 3.0, 20.0])
@pytest.mark.parametrize("limit", [0.2, 18.0, 18.001, 60.0, 1e4])
def test_the_loglogistic_mean_is_exact_on_both_branches(shape, limit):
    area = area_under(Fisk(shape, 18.0).sf, 0.0, limit)
    distribution = Loglogistic(median=18.0, shape=shape, at_most=limit)
    assert mean(distribution) == pytest.approx(area, rel=1e-9)


@pytest.mark.parametrize(
    "distribution",
    [
        Weibull(shape=100.0, scale=1e-3),
        Weibull(shape=0.05, scale=1.0),
        Loglogistic(median=1e-3, shape=100.0),
        Loglogistic(median=1e6, shape=0.05),
        Gamma(mean=15.0, cv=1e-200),
        Gamma(mean=15.0, cv=10.0),
        Lognormal(mu=-30.0, sigma=10.0),
        Lognormal(mean=1e-9, sd=1e9),
        Exponential(mean=1e-9),
    ],
)
def test_the_ends_of_what_a_scenario_may_say_do_not_overflow(distribution):
    cut = distribution.model_copy(update={"at_least": 1.0, "at_most": 1e9})
    values = quantile(cut, GRID)
    assert ((values >= 1.0) & (values <= 1e9)).all()
    assert (np.diff(values) >= 0).all()
    assert 1.0 <= mean(cut) <= 1e9
    assert (np.diff(cdf(distribution, np.array([0.0, 1e-9, 1.0, 1e9]))) >= 0).all()


def test_a_larger_mean_moves_every_sample_up():
    for shorter, longer in [
        (Exponential(mean=40.0), Exponential(mean=41.0)),
        (Gamma(mean=15.0, cv=0.3), Gamma(mean=15.5, cv=0.3)),
        (Lognormal(mu=2.7, sigma=0.63), Lognormal(mu=2.71, sigma=0.63)),
        (Weibull(shape=1.8, scale=30.0), Weibull(shape=1.8, scale=31.0)),
    ]:
        assert (quantile(longer, GRID) > quantile(shorter, GRID)).all()


def test_a_symmetric_law_mirrors_its_antithetic_values():
    u = (np.arange(100) + 0.5) / 128
    distribution = Normal(mean=-10.0, sd=9.8)
    assert quantile(distribution, u) + quantile(distribution, 1.0 - u) == pytest.approx(-20.0)


def test_the_layout_of_the_array_does_not_matter():
    u = np.random.default_rng(1).random(1001)
    for distribution, _ in FAMILIES.values():
        assert (quantile(distribution, u[::-1])[::-1] == quantile(distribution, u)).all()


@given(
    low=st.floats(-50, 100),
    width=st.floats(0, 200),
    u=st.floats(SMALLEST, LARGEST),
    name=st.sampled_from(sorted(FAMILIES)),
)
@example(low=0.0, width=5e-324, u=0.5, name="loglogistic")
def test_bounds_always_hold(low, width, u, name):
    distribution = bounded(FAMILIES[name][0], low, low + width)
    value = quantile(distribution, np.array([u]))[0]
    assert low <= value <= low + width
    assert low - 1e-9 <= mean(distribution) <= low + width + 1e-9
