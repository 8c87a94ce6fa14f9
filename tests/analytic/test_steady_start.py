"""A steady start where nobody ever waits: the boosters of every week are those of a stationary cluster process.

Responders end their series at a Poisson rate that never began. Mean and variance of a week's requests are therefore
the same in each week, the first one included, and both follow from the renewal equation of
:mod:`tests.analytic.theory.renewal`.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

from simclinic.experiment.replication import Prepared, replay
from simclinic.records import BOOSTER, WEEK
from tests.analytic.estimates import LIMIT
from tests.analytic.test_from_today import CLINIC, DROP_OUT, RESPONSE, THEORY
from tests.model.small import clinic

WEEKS = 8
A_WEEK = 28.0
STEADY = f"""
[run]
begin = "steady"
weeks = {WEEKS}
history_delay_days = 0
[demand]
referrals_per_week = {A_WEEK}
"""


def requests(text, replications):
    """Boosters requested in each week, shape (replications, weeks)."""
    prepared = Prepared(clinic(CLINIC, STEADY, text))
    counts = []
    for number in range(replications):
        visits = replay(prepared, 11, number).visits
        fresh = (visits["kind"] == BOOSTER) & (visits["requested"] >= 0)
        week = (visits["requested"][fresh] // WEEK).astype(int)
        counts.append(np.bincount(week, minlength=WEEKS)[:WEEKS])
    return np.array(counts, dtype=float)


def held_to_theory(text, replications):
    theory = replace(THEORY, rate=A_WEEK / 7.0 * (1 - DROP_OUT) ** 2 * RESPONSE)
    mean, variance = theory.mean(0.0, 7.0), theory.variance(0.0, 7.0)
    counts = requests(text, replications)
    t = (counts.mean(axis=0) - mean) / (counts.std(axis=0, ddof=1) / math.sqrt(replications))
    squares = (counts - mean) ** 2
    t_variance = (squares.mean(axis=0) - variance) / (squares.std(axis=0, ddof=1) / math.sqrt(replications))
    total = counts.sum(axis=1)
    t_total = (total.mean() - WEEKS * mean) / (total.std(ddof=1) / math.sqrt(replications))
    slope = counts @ (np.arange(WEEKS) - (WEEKS - 1) / 2)
    t_slope = slope.mean() / (slope.std(ddof=1) / math.sqrt(replications))
    print(f"mean {mean:.3f} simulated {counts.mean():.3f} t = {t_total:+.2f}, by week {t.round(2)}")
    print(f"variance {variance:.3f} simulated {squares.mean():.3f} by week {t_variance.round(2)}")
    assert np.abs(t).max() < LIMIT
    assert np.abs(t_variance).max() < LIMIT
    assert abs(t_total) < LIMIT
    assert abs(t_slope) < LIMIT


def test_every_week_is_a_week_of_the_stationary_process():
    held_to_theory("", 200)


def test_so_it_is_where_only_the_past_is_warmed_up():
    """A short warm-up changes nothing: it begins with the same clinic."""
    held_to_theory("[run]\nwarm_up_weeks = 3", 100)


@pytest.mark.long
def test_every_week_to_a_few_in_a_thousand():
    held_to_theory("", 6000)
