"""Turned away under a cap: of those decided, by the period estimate, and by running on until all are decided."""

import math
from typing import NamedTuple

import numpy as np
import pytest

from simclinic.experiment.replication import Prepared, replay
from simclinic.measures import measure
from simclinic.measures.access import decisions
from simclinic.measures.incidence import Incidence, turned_away
from simclinic.measures.waits import first_day_turned_away, first_of_last
from simclinic.records import LEFT_UNSERVED, WEEK
from simclinic.scenario import baseline, with_overrides
from simclinic.studies.run import run

LONGER = 15
"""Weeks after the measured ones: patience is six, and an appointment may be missed and made again."""
SURE = 3.3
"""Standard errors: one comparison in a thousand is wrong by chance."""


class Shares(NamedTuple):
    """Share turned away, by three ways, with standard errors."""

    decided: tuple[float, float]
    cohort: tuple[float, float]
    period: Incidence | None
    last_weeks: Incidence | None


def capped(warm_up, weeks, *overrides):
    return with_overrides(
        baseline(),
        [
            "booking.max_patients_in_series=8",
            "demand.referrals_per_week=12",
            'run.begin="empty"',
            f"run.warm_up_weeks={warm_up}",
            f"run.weeks={weeks}",
            *overrides,
        ],
    )


def shares(scenario, count, seed):
    """Simulate, and the same patients again for some weeks more."""
    weeks = scenario.run.weeks
    brief, longer = (
        Prepared(each) for each in (scenario, with_overrides(scenario, [f"run.weeks={weeks + LONGER}"]))
    )
    decided, cohort, tables = [], [], []
    for number in range(count):
        measured = measure(replay(brief, seed, number), scenario)
        decided.append((measured.weeks["balked"].sum(), measured.weeks["decided"].sum()))
        tables.append({"replication": np.full(len(measured.waits["waited"]), number)} | measured.waits)
        records = replay(longer, seed, number)
        patients = records.patients
        asked = (patients["ready"] >= 0) & (patients["ready"] < weeks * WEEK)
        ended = asked & (decisions(records) < records.end)
        cohort.append((np.count_nonzero(ended & (patients["reason"] == LEFT_UNSERVED)), ended.sum()))
        assert asked.sum() - ended.sum() <= 2
    waits = {name: np.concatenate([each[name] for each in tables]) for name in tables[0]}
    first = first_day_turned_away(scenario)
    return Shares(
        ratio(decided),
        ratio(cohort),
        *(turned_away(waits, since, first, seed=1) for since in (0, first_of_last(weeks))),
    )


def ratio(pairs):
    """Give a ratio of sums over replications, and its standard error."""
    part, whole = np.array(pairs, dtype=float).T
    share = part.sum() / whole.sum()
    return share, float(np.std(part - share * whole, ddof=1) * math.sqrt(len(part)) / whole.sum())


def agree(one, other):
    return abs(one[0] - other[0]) < SURE * math.hypot(one[1], other[1])


def with_error(result):
    """Take the standard error of an estimate from its interval."""
    return result.share, (result.high - result.low) / (2 * 1.96)


def settled(level, brief, *overrides):
    """Hold the three against a long study of other patients, once the list has settled; give the level."""
    warm_up, weeks, count = level
    truth = shares(capped(warm_up, weeks, *overrides), count, seed=11).decided
    assert 0.4 < truth[0] < 0.55
    for warm_up, weeks, count in brief:
        result = shares(capped(warm_up, weeks, *overrides), count, seed=12)
        for each in (result.decided, result.cohort, with_error(result.period), with_error(result.last_weeks)):
            assert agree(each, truth), (weeks, result, truth)
        assert abs(result.period.share - result.decided[0]) < 0.03
    return truth


def growing(weeks, level, count, tmp_path, *overrides):
    """From an empty clinic on the list grows: the estimates lie nearer to the level than what has been decided."""
    scenario = capped(0, weeks, *overrides)
    result = shares(scenario, count, seed=13)
    lag = level[0] - result.decided[0]
    assert lag > SURE * math.hypot(result.decided[1], level[1])
    estimates = [each for each in (result.period, result.last_weeks) if each is not None]
    assert estimates
    for each in estimates:
        assert abs(each.share - level[0]) < lag, (weeks, result)
    kept = run(
        with_overrides(scenario, [f"run.replications={count}", "run.seed=13"]), out=tmp_path / str(weeks)
    )
    assert kept.document["verdict"] == "not-stable"
    now = kept.document["balked_share_now"]
    assert now["growing"]
    assert now["share"] == (None if result.last_weeks is None else pytest.approx(result.last_weeks.share))
    return result


def test_three_ways_agree_in_an_impatient_clinic(tmp_path):
    """The short sibling of the next one: boosters left out, and lists settle soon, since patience is two weeks."""
    few = ("boosters.uptake=0", "booking.patience_days=14")
    level = settled((16, 26, 16), [(16, 6, 24)], *few)
    result = growing(11, level, 24, tmp_path, *few)
    # the last weeks have come to the level, all of them together have not
    assert agree(with_error(result.last_weeks), level)
    assert not agree(with_error(result.period), level)


@pytest.mark.long
def test_three_ways_agree_at_6_13_52_and_156_weeks(tmp_path):
    level = settled((208, 156, 24), [(208, 6, 60), (208, 13, 40), (208, 52, 16), (208, 156, 8)])
    for weeks, count in ((13, 120), (26, 30), (52, 30)):
        growing(weeks, level, count, tmp_path)
