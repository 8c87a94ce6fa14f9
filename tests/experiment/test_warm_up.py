"""Whether measuring began too early: found where it did, and not where it did not."""

import math

import numpy as np
import pytest

from simclinic.experiment.warm_up import Cut, approach, mser5, too_short, welch

RNG = np.random.default_rng(7)


def filling(weeks, level=20.0, tau=80.0, replications=30, seed=1):
    """Boosters of a clinic that fills up, counted by week."""
    mean = level * (1 - np.exp(-(np.arange(weeks) + 0.5) / tau))
    return np.random.default_rng(seed).poisson(mean, (replications, weeks)).astype(float)


def test_mser_by_hand():
    """Two batches of 0 and eight of 10: without the first two there is no error left."""
    assert mser5(np.repeat([0.0, 0, 10, 10, 10, 10, 10, 10, 10, 10], 5)) == Cut(10, at_limit=False)
    # 3 weeks that fill no batch are left out at the front
    assert mser5(np.concatenate((np.full(3, 99.0), np.full(50, 4.0)))) == Cut(0, at_limit=False)


def test_mser_against_its_definition():
    values = np.concatenate((np.linspace(0, 10, 60), np.full(140, 10.0))) + RNG.normal(0, 1, 200)
    means = values.reshape(40, 5).mean(axis=1)
    scores = [((means[d:] - means[d:].mean()) ** 2).sum() / (40 - d) ** 2 for d in range(21)]
    assert mser5(values).weeks == 5 * int(np.argmin(scores))
    assert 25 <= mser5(values).weeks <= 75


def test_what_still_rises_is_cut_at_the_limit():
    assert mser5(np.arange(100.0)) == Cut(50, at_limit=True)
    assert mser5(np.arange(4.0)).at_limit


def test_welch_is_a_moving_mean():
    values = RNG.normal(size=40)
    smooth = welch(values, 5)
    assert len(smooth) == 35
    assert smooth[0] == pytest.approx(values[0])
    assert smooth[2] == pytest.approx(values[:5].mean())
    assert smooth[20] == pytest.approx(values[15:26].mean())
    assert welch(values, 40).size == 0


def test_the_level_is_found():
    found = approach(20 * (1 - np.exp(-(np.arange(260) + 0.5) / 80)))
    assert found.level == pytest.approx(20, rel=0.01)
    assert found.tau == pytest.approx(80, rel=0.03)
    assert found.reached(0.95) == pytest.approx(80 * math.log(20), rel=0.03)


def test_a_warm_up_that_is_too_short_is_found_with_one_that_would_do():
    found = too_short(filling(156, tau=80), 52)
    assert found is not None
    assert found.share == pytest.approx(1 - 80 / 104 * (math.exp(-52 / 80) - math.exp(-156 / 80)), abs=0.06)
    assert found.level == pytest.approx(20, rel=0.1)
    assert found.would_do == pytest.approx(240, rel=0.15)


def test_a_quick_one_is_found_by_mser():
    found = too_short(filling(208, tau=30), 0)
    assert found is not None
    assert 30 <= found.would_do <= 104
    assert found.level == pytest.approx(20, rel=0.05)


@pytest.mark.parametrize("seed", range(8))
def test_a_record_that_ends_halfway_up_is_never_called_enough(seed):
    found = too_short(filling(52, tau=80, replications=5, seed=seed), 0)
    assert found is not None
    assert found.would_do is None or found.would_do > 52


def test_an_end_beyond_the_record_is_not_guessed():
    found = too_short(filling(60, tau=400), 0)
    assert found is not None
    assert (found.level, found.would_do) == (None, None)


@pytest.mark.parametrize("seed", range(10))
def test_a_long_enough_one_is_left_in_peace(seed):
    assert too_short(filling(260, tau=80, seed=seed), 208) is None
    assert too_short(filling(260, tau=80, seed=seed, replications=1), 208) is None
    assert too_short(filling(104, tau=10, seed=seed), 52) is None
    steady = np.random.default_rng(seed).poisson(18.0, (10, 104)).astype(float)
    assert too_short(steady, 0) is None


def test_too_little_to_tell():
    assert too_short(np.zeros((0, 260)), 208) is None
    assert too_short(filling(40), 0) is None
    assert too_short(np.zeros((5, 260)), 208) is None
