"""Confidence sequences: by their definitions, and wrong no more often than they say, however often one looks."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from simclinic.experiment.sequences import (
    LEAST,
    PURSES,
    SCALE,
    STAKES,
    UNKNOWN,
    Bounds,
    answer,
    betting_evidence,
    bounds,
    looks,
    t_multiplier,
    years_evidence,
)
from tests.experiment.error_rates import (
    LAWS,
    ONE,
    above,
    ever_above,
    ever_below,
    mirrored,
)

BETAS = (0.05, 0.0028, 1e-9)
SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=60).map(np.array)


# -- by definition -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("beta", [0.05, 0.0028])
@pytest.mark.parametrize("n", [20, 40, 150])
def test_the_t_sequence_ends_where_the_bayes_factor_of_the_t_test_is_one_by_beta(n, beta):
    """The Bayes factor: the noncentral t density, averaged over normal effect sizes, against the central one."""
    t = float(t_multiplier(np.array(n), beta))
    width = math.sqrt(SCALE)
    average, _ = integrate.quad(
        lambda effect: stats.nct.pdf(t, n - 1, effect * math.sqrt(n)) * stats.norm.pdf(effect, 0, width),
        -6 * width,
        6 * width,
        limit=200,
    )
    assert average / stats.t.pdf(t, n - 1) == pytest.approx(1 / beta, rel=1e-5)


def test_the_t_sequence_waits_for_twenty_replications_and_for_small_beta_longer():
    assert np.isinf(t_multiplier(np.arange(1, LEAST), 0.05)).all()
    assert np.isfinite(t_multiplier(np.array([LEAST, 1000]), 0.05)).all()
    assert np.isinf(t_multiplier(np.array(LEAST), 1e-9))
    assert np.isfinite(t_multiplier(np.array([100, 100_000]), 1e-9)).all()


@pytest.mark.parametrize("share", [0.05, 0.5, 0.8, 0.95])
@pytest.mark.parametrize(("kept", "n"), [(0, 5), (5, 5), (17, 20), (160, 200), (3, 200)])
def test_the_evidence_of_years_is_the_average_likelihood_ratio_of_larger_shares(kept, n, share):
    def ratio(larger):
        return math.exp(
            special.xlogy(kept, larger / share)
            + special.xlog1py(n - kept, -larger)
            - special.xlog1py(n - kept, -share)
        )

    average, _ = integrate.quad(ratio, share, 1.0, points=[max(share, kept / n)], limit=200)
    result = math.exp(float(years_evidence(np.array(kept), np.array(n), share)))
    assert result == pytest.approx(average / (1 - share), rel=1e-6, abs=1e-12)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SHARES, st.floats(0.01, 0.99))
def test_the_evidence_of_bets_is_the_mean_capital_of_the_gamblers(values, mean):
    capital = sum(
        purse * np.prod([1 + stake / mean * (value - mean) for value in values])
        for purse, stake in zip(PURSES, STAKES, strict=True)
    )
    assert math.exp(betting_evidence(values, mean)[-1]) == pytest.approx(capital, rel=1e-9, abs=1e-300)


def test_gamblers_never_lose_all_and_begin_with_one_coin():
    assert sum(PURSES) == pytest.approx(1.0)
    assert np.isfinite(betting_evidence(np.zeros(1000), 0.5)).all()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SHARES, st.sampled_from(BETAS))
def test_bounds_of_shares_end_where_the_evidence_begins(values, beta):
    lower, upper = bounds("betting", values, beta)
    assert 0 <= lower <= values.mean() <= upper <= 1
    for end, of in ((lower, values), (1 - upper, 1 - values)):
        if 1e-6 < end < 1 - 1e-6:
            assert betting_evidence(of, end * (1 - 1e-6))[-1] >= -math.log(beta)
            assert betting_evidence(of, end + 1e-6)[-1] < -math.log(beta)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 400), st.floats(0, 1), st.sampled_from(BETAS))
def test_bounds_of_years_end_where_the_evidence_begins(n, part, beta):
    kept = round(part * n)
    lower, upper = bounds("years", np.repeat([1.0, 0.0], [kept, n - kept]), beta)
    assert 0 <= lower <= kept / n <= upper <= 1
    for end, of in ((lower, kept), (1 - upper, n - kept)):
        if 1e-6 < end < 1 - 1e-6:
            assert years_evidence(np.array(of), np.array(n), end * (1 - 1e-6)) >= -math.log(beta)
            assert years_evidence(np.array(of), np.array(n), end + 1e-6) < -math.log(beta)


def test_bounds_of_the_t_sequence_are_the_mean_and_its_standard_error_times_t():
    values = np.random.default_rng(1).normal(7, 2, 50)
    lower, upper = bounds("t", values, 0.01, 0.05)
    error = stats.sem(values)
    assert lower == pytest.approx(values.mean() - error * float(t_multiplier(np.array(50), 0.01)))
    assert upper == pytest.approx(values.mean() + error * float(t_multiplier(np.array(50), 0.05)))


@pytest.mark.parametrize("kind", ["t", "years", "betting"])
@pytest.mark.parametrize("beta", BETAS)
def test_bounds_close_in_on_the_mean_in_a_hundred_thousand_replications(kind, beta):
    values = (np.random.default_rng(3).random(100_000) < 0.8).astype(float)
    if kind == "t":
        values += np.random.default_rng(4).normal(0, 0.1, values.size)
    lower, upper = bounds(kind, values, beta)
    mean = values.mean()
    assert mean - 0.02 < lower < mean < upper < mean + 0.02


# -- what is not known -------------------------------------------------------------------------------------


@pytest.mark.parametrize("zeros", [21, 40])
def test_the_t_sequence_knows_nothing_of_a_figure_that_is_mostly_the_same(zeros):
    values = np.r_[np.zeros(zeros), np.linspace(1, 2, 40 - zeros)]
    assert bounds("t", values, 0.05) == UNKNOWN
    assert bounds("t", values + 0.1, 0.05) == UNKNOWN  # also if it is not zero
    assert bounds("t", np.r_[np.zeros(20), np.linspace(1, 2, 20)], 0.05) != UNKNOWN


def test_sums_that_differ_in_their_last_bits_are_the_same():
    assert bounds("t", 0.1 + 1e-16 * np.arange(30), 0.05) == UNKNOWN


@pytest.mark.parametrize("kind", ["t", "years", "betting"])
def test_a_replication_without_the_figure_leaves_nothing_known(kind):
    values = np.r_[np.tile([0.0, 1.0], 30), math.nan]
    assert bounds(kind, values, 0.05) == UNKNOWN
    assert bounds(kind, values[:-1], 0.05) != UNKNOWN
    assert bounds(kind, np.array([]), 0.05) == UNKNOWN


def test_values_that_are_no_shares_are_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        bounds("betting", np.array([0.5, 1.2]), 0.05)
    with pytest.raises(ValueError, match="0 or 1"):
        bounds("years", np.array([0.0, 0.5]), 0.05)


def test_a_share_never_seen_is_bounded_by_its_range_and_not_by_its_spread():
    """With all zeros a mean of q cannot be excluded before (1 - q)^n is below beta."""
    for n in (20, 60, 115, 130, 200):
        upper = bounds("betting", np.zeros(n), ONE).upper
        assert (1 - upper) ** n <= ONE
    assert bounds("betting", np.zeros(115), ONE).upper > 0.05 > bounds("betting", np.zeros(135), ONE).upper


# -- looks and answers -------------------------------------------------------------------------------------


def test_looks_grow_by_half_and_end_at_the_most():
    assert list(looks(20)) == [20]
    assert list(looks(100)) == [20, 30, 40, 60, 90, 100]
    assert list(looks(90)) == [20, 30, 40, 60, 90]
    assert list(looks(7)) == [7]


@pytest.mark.parametrize(
    ("result", "tolerance", "at_most", "at_least"),
    [
        (Bounds(5, 7), 0.1, "met", "open"),
        (Bounds(7, 9), 0.1, "open", "met"),
        (Bounds(7.01, 9), 0.1, "missed", "met"),
        (Bounds(5, 6.99), 0.1, "met", "missed"),
        (Bounds(6, 8), 2.0, "borderline", "borderline"),
        (Bounds(6, 8), 1.9, "open", "open"),
        (UNKNOWN, 1.0, "open", "open"),
    ],
)
def test_answers_about_a_limit_of_seven(result, tolerance, at_most, at_least):
    assert answer(result, 7, at_most=True, tolerance=tolerance) == at_most
    assert answer(result, 7, at_most=False, tolerance=tolerance) == at_least


# -- error rates -------------------------------------------------------------------------------------------


def wrong(beta, share, evidence, most=400):
    """The exact probability that the evidence against the true share of 0/1 outcomes is ever enough."""
    alive, result = np.array([1.0]), 0.0
    for n in range(1, most + 1):
        alive = np.r_[alive * (1 - share), 0.0] + np.r_[0.0, alive * share]
        caught = evidence(np.arange(n + 1), n) >= -math.log(beta)
        result += alive[caught].sum()
        alive[caught] = 0.0
    return result


@pytest.mark.parametrize("share", [0.05, 0.2, 0.8])
@pytest.mark.parametrize("beta", [0.05, 0.0028])
def test_years_are_wrong_no_more_often_than_stated_exactly(share, beta):
    """Without sampling: the law of the number of replications that kept the limit, step by step."""
    result = wrong(beta, share, lambda kept, n: years_evidence(kept, np.array(n), share))
    assert beta / 10 < result <= beta


@pytest.mark.parametrize("share", [0.05, 0.2, 0.8])
@pytest.mark.parametrize("beta", [0.05, 0.0028])
def test_bets_are_wrong_no_more_often_than_stated_exactly(share, beta):
    def evidence(kept, n):
        logs = [
            math.log(purse) + kept * math.log1p(stake * (1 - share) / share) + (n - kept) * math.log1p(-stake)
            for purse, stake in zip(PURSES, STAKES, strict=True)
        ]
        return np.logaddexp.reduce(np.array(logs), axis=0)

    values = np.array([1.0, 0.0, 1.0, 1.0])
    assert betting_evidence(values, share)[-1] == pytest.approx(evidence(3, 4))
    result = wrong(beta, share, evidence)
    assert beta / 20 < result <= beta


@pytest.mark.parametrize("mean", [0.0, 100.0])
def test_the_t_sequence_is_wrong_no_more_often_than_stated_on_normal_figures(mean):
    """2,000 studies at beta 5 %, a look at every n up to 1,000; half of the errors are in each direction."""
    values = np.random.default_rng(5).normal(mean, 3.0, (2000, 1000))
    above, below = (each("t", values, mean, 0.05).mean() for each in (ever_above, ever_below))
    assert 0.01 < above < 0.05
    assert 0.01 < below < 0.05


FALSE = [(-0.6, 0.6), (0.55, 0.95), (0.011, 0.07), (0.7, 0.96), (0.8, 1.4)]
"""Means that are excluded sooner or later, from below and from above, of the first five laws."""


@pytest.mark.parametrize(
    ("law", "false"), [*zip(LAWS, FALSE, strict=False)], ids=[law.title for law in LAWS[:5]]
)
@pytest.mark.parametrize("mirror", [False, True], ids=["lower", "upper"])
def test_error_rates_are_of_the_bounds_that_are_returned(law, false, mirror):
    values, false = law.draw(np.random.default_rng(6).random((3, 80))), false[mirror]
    path = above(*(mirrored(law.kind, values, false) if mirror else (law.kind, values, false)), 0.4)
    assert path.any()
    assert not path.all()
    for n in range(4, 81, 4):
        for each, row in zip(values, path, strict=True):
            result = bounds(law.kind, each[:n], 0.4)
            assert (result.upper < false if mirror else result.lower > false) == row[n - 1]


@pytest.mark.parametrize("truth", [0.7, 0.79])
def test_a_clinic_that_is_worse_than_the_limit_is_certified_more_rarely_still(truth):
    alive = wrong(0.05, 0.8, lambda kept, n: years_evidence(kept, np.array(n), 0.8))
    assert wrong(0.05, truth, lambda kept, n: years_evidence(kept, np.array(n), 0.8)) < alive
