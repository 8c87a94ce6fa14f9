"""Paired differences: by the textbook, exact where they are exact, and honest where there is nothing to say."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simclinic.experiment.pairs import difference, holm, matched, paired
from simclinic.measures.intervals import Watched
from simclinic.report.text.differences import verdict

RNG = np.random.default_rng(11)


def test_paired_t_is_the_textbooks():
    one = RNG.normal(10, 3, 25)
    other = one + RNG.normal(0.4, 1, 25)
    result, expected = difference(one, other), stats.ttest_rel(other, one)
    assert result.mean == pytest.approx((other - one).mean())
    assert result.sd == pytest.approx((other - one).std(ddof=1))
    assert result.p == pytest.approx(expected.pvalue, rel=1e-10)
    assert result.ci == pytest.approx(tuple(expected.confidence_interval(0.95)), rel=1e-10)
    assert result.n == 25
    unpaired = one.var(ddof=1) + other.var(ddof=1)
    assert result.variance_ratio == pytest.approx(unpaired / result.sd**2)
    assert result.sd_unpaired == pytest.approx(math.sqrt(unpaired))


def test_by_hand():
    result = difference(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 3.0]))
    assert (result.mean, result.sd, result.n) == (1.0, 1.0, 3)
    assert result.ci == pytest.approx((1 - 4.302653 / math.sqrt(3), 1 + 4.302653 / math.sqrt(3)), abs=1e-6)
    assert result.variance_ratio == pytest.approx(1 + 1)


def test_identical_samples_differ_by_exactly_nothing():
    values = RNG.normal(0.1, 0.3, 30)
    result = difference(values, values.copy())
    assert (result.mean, result.sd, result.ci, result.p) == (0.0, 0.0, (0.0, 0.0), 1.0)
    assert result.variance_ratio is None


def test_a_constant_difference_is_certain():
    """A dearer chair costs the same everywhere; that sums are rounded is no uncertainty."""
    values = RNG.normal(8000.0, 300, 30)
    result = difference(values, values + 2100.1)
    assert result.sd == 0
    assert result.mean == pytest.approx(2100.1)
    assert result.p == 0
    assert result.variance_ratio is None


@pytest.mark.parametrize("n", [1, 2, 30])
def test_last_bits_are_no_difference(n):
    """The same amounts summed in another order are the same amounts, not surely different ones."""
    values = np.full(n, 0.1 + 0.2)
    result = difference(values, np.full(n, 0.3))
    assert result.mean == 0
    assert result.p == (None if n == 1 else 1)


def test_only_where_both_exist():
    one = np.array([1.0, math.nan, 3.0, 4.0, 5.0])
    other = np.array([2.0, 2.0, math.nan, 6.0, 7.0])
    result = difference(one, other)
    assert result.n == 3
    assert result.mean == pytest.approx(5 / 3)


def test_too_few_to_tell():
    nothing = difference(np.array([math.nan]), np.array([1.0]))
    assert (nothing.mean, nothing.n, nothing.p) == (None, 0, None)
    single = difference(np.array([1.0]), np.array([1.5]))
    assert (single.mean, single.n, single.ci, single.p, single.sd) == (0.5, 1, None, None, None)


def test_holm_by_a_published_example():
    """The one of Wikipedia's article on the method: only the first and the last are rejected at 5 %."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_the_closure_of_bonferroni(values):
    """One is rejected if Bonferroni rejects every set of hypotheses that it belongs to."""
    numbers = range(len(values))
    sets = [each for size in numbers for each in itertools.combinations(numbers, size + 1)]
    for at, adjusted in enumerate(holm(values)):
        closed = max(min(1, len(each) * min(values[k] for k in each)) for each in sets if at in each)
        assert adjusted == pytest.approx(closed)


def test_holm_counts_only_what_was_tested():
    assert holm([None, 0.02, None, 0.01]) == [None, pytest.approx(0.02), None, pytest.approx(0.02)]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=45))
def test_holm_is_between_one_test_and_bonferroni(values):
    adjusted = holm(values)
    for p, after in zip(values, adjusted, strict=True):
        assert p <= after <= min(1, len(values) * p) + 1e-15
    order = np.argsort(values, kind="stable")
    assert all(np.diff([adjusted[at] for at in order]) >= 0)


def test_chance_rarely_passes_for_a_difference_among_many_figures():
    """No figure differs, twenty are looked at: a single false alarm in about one comparison of twenty."""
    rng = np.random.default_rng(2)
    alarms = 0
    for _ in range(400):
        one, other = ({f"k{k}": rng.normal(size=8) for k in range(20)} for _ in range(2))
        alarms += any(each.p_holm < 0.05 for each in paired(one, other).values())
    assert alarms < 0.05 * 400 + 4.1 * math.sqrt(400 * 0.05 * 0.95)
    assert alarms > 2


def test_replications_are_matched_by_number():
    one = {"replication": np.array([0, 1, 2, 5]), "a": np.array([0.0, 1.0, 2.0, 5.0])}
    other = {"replication": np.array([2, 0, 5, 7]), "a": np.array([20.0, 0.0, 50.0, 70.0])}
    first, second = matched(one, other)
    assert first["a"].tolist() == [0.0, 2.0, 5.0]
    assert second["a"].tolist() == [0.0, 20.0, 50.0]
    assert matched({}, other) == ({}, {})


WATCHED = (Watched(13, 65), Watched(13, 65))


def test_two_figures_that_are_0_everywhere_are_not_surely_equal():
    nothing = {"clinic_cancelled_share": np.zeros(10)}
    actual = paired(nothing, nothing, watched=WATCHED)["clinic_cancelled_share"]
    # neither has seen one in 650 days
    assert (actual.mean, actual.sd, actual.p) == (0.0, 0.0, 1.0)
    assert actual.ci == pytest.approx((-3 / 650, 3 / 650))
    result = verdict("clinic_cancelled_share", actual, "USD")
    assert result == "the same in 10 replications, so at most 0.5 percentage points either way"


def test_a_scenario_that_watches_longer_leaves_less_open():
    nothing = {"clinic_cancelled_share": np.zeros(10)}
    longer = paired(nothing, nothing, watched=(Watched(13, 65), Watched(52, 260)))["clinic_cancelled_share"]
    # `to` less `from`: `from` may still have some
    assert longer.ci == pytest.approx((-3 / 650, 3 / 2600))


def test_what_both_have_seen_may_be_exactly_the_same():
    """The same patients miss the same appointments, whatever the clinic does."""
    same = {"no_show_share": np.array([0.04, 0.05, 0.06])}
    result = paired(same, same, watched=WATCHED)["no_show_share"]
    assert result.ci == (0.0, 0.0)
    assert verdict("no_show_share", result, "USD") == "exactly the same in 3 replications"


def test_one_that_has_seen_some_against_one_that_has_not_is_student_s():
    none, some = np.zeros(4), np.array([0.0, 0.01, 0.0, 0.02])
    result = paired({"balked_share": none}, {"balked_share": some}, watched=WATCHED)["balked_share"]
    expected = stats.ttest_rel(some, none)
    assert result.p == pytest.approx(expected.pvalue)
    assert result.ci == pytest.approx(tuple(expected.confidence_interval()))
