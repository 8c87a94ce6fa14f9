"""Whether measuring began too early: found where it did, and not where it did not."""

import math

import numpy as np
import pytest

from simclinic.experiment.warm_up import Cut, approach, mser5, welch

RNG = np.random.default_rng(7)


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
    result = approach(20 * (1 - np.exp(-(np.arange(260) + 0.5) / 80)))
    assert result.level == pytest.approx(20, rel=0.01)
    assert result.tau == pytest.approx(80, rel=0.03)
    assert result.reached(0.95) == pytest.approx(80 * math.log(20), rel=0.03)
