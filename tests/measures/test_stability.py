"""What replications say together: intervals by the textbook, verdicts by the rule, both in plain words."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simclinic.measures import KPIS, judge, summarise

QUIET = dict.fromkeys(KPIS, 0.0) | {"series_started_per_week": 10.0, "balked_share": 0.01}
STEADY = np.full((30, 52), 20.0)


def rows(**columns):
    """Replications that differ in some figures."""
    count = len(next(iter(columns.values())))
    return [QUIET | {name: float(values[k]) for name, values in columns.items()} for k in range(count)]


# -- summaries ---------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40))
def test_interval_is_student_s(values):
    found = summarise([{"margin_per_week": value} for value in values])["margin_per_week"]
    mean, sd, n = np.mean(values), np.std(values, ddof=1), len(values)
    assert found["mean"] == pytest.approx(mean)
    assert found["sd"] == pytest.approx(sd)
    half = stats.t.ppf(0.975, n - 1) * sd / math.sqrt(n)
    assert found["ci"] == pytest.approx([mean - half, mean + half], abs=1e-6)
    assert [found["p10"], found["p90"]] == pytest.approx(np.quantile(values, [0.1, 0.9]).tolist())
    assert found["n"] == n
    assert found["unit"] == "currency/week"


def test_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(5)
    samples = rng.normal(3.0, 2.0, (4000, 6))
    hits = 0
    for sample in samples:
        low, high = summarise([{"margin_per_week": value} for value in sample])["margin_per_week"]["ci"]
        hits += low <= 3.0 <= high
    # 95 % of 4000 with a standard error of 14
    assert abs(hits - 3800) < 4.1 * 13.8


def test_one_replication_has_no_spread():
    found = summarise([{"slot_fill": 0.5}])["slot_fill"]
    assert found == {
        "mean": 0.5, "sd": None, "ci": None, "p10": 0.5, "p90": 0.5, "n": 1, "unit": "share", "method": None,
        "coverage": None,
    }  # fmt: skip


def test_what_cannot_be_computed_is_left_out_and_counted():
    table = [{"slot_fill": value} for value in (0.4, math.nan, 0.6)]
    assert summarise(table)["slot_fill"]["n"] == 2
    assert summarise(table)["slot_fill"]["mean"] == pytest.approx(0.5)
    nothing = summarise([{"slot_fill": math.nan}] * 3)["slot_fill"]
    assert nothing == {
        "mean": None, "sd": None, "ci": None, "p10": None, "p90": None, "n": 0, "unit": "share", "method": None,
        "coverage": None,
    }  # fmt: skip


def test_summaries_are_json_without_nan_in_the_order_of_the_page():
    table = rows(slot_fill=[math.nan, math.nan, 0.5], balked_share=[0.1, 0.2, 0.3])
    found = summarise(table)
    assert list(found) == list(KPIS)
    json.dumps(found, allow_nan=False)


def test_no_replication_no_summary():
    assert summarise([]) == {}


# -- stability ---------------------------------------------------------------------------------------------


def test_a_quiet_clinic_is_stable():
    verdict = judge([QUIET] * 30, STEADY)
    assert verdict.stable
    assert verdict.warnings == ()


def test_many_turned_away():
    verdict = judge(rows(balked_share=np.linspace(0.40, 0.50, 30)), STEADY)
    assert not verdict.stable
    assert verdict.warnings == ("saturated: 45 % turned away",)


def test_a_growing_queue():
    verdict = judge(rows(backlog_growth_per_week=np.linspace(2.5, 3.5, 30)), STEADY)
    assert not verdict.stable
    assert verdict.warnings == ("the waiting list for a first infusion is growing by 3 a week",)


def test_a_growing_queue_for_boosters():
    verdict = judge(rows(booster_backlog_growth_per_week=np.linspace(0.5, 1.1, 30)), STEADY)
    assert verdict.warnings == ("the queue for boosters is growing by 0.8 a week",)
    assert not verdict.stable


@pytest.mark.parametrize(("growth", "stable"), [(0.49, True), (0.51, False)])
def test_growth_is_measured_by_series_started(growth, stable):
    assert judge(rows(backlog_growth_per_week=[growth] * 5), STEADY[:5]).stable is stable
    slower = [row | {"series_started_per_week": 9.0} for row in rows(backlog_growth_per_week=[growth] * 5)]
    assert judge(slower, STEADY[:5]).stable is False


def test_the_whole_interval_must_lie_above():
    # mean 0.06: surely above 0.05 only when the replications agree
    assert judge(rows(balked_share=[0.01, 0.06, 0.11]), STEADY[:3]).stable
    assert not judge(rows(balked_share=[0.059, 0.06, 0.061]), STEADY[:3]).stable


def test_one_replication_is_judged_by_its_value():
    assert not judge(rows(balked_share=[0.051]), STEADY[:1]).stable
    assert judge(rows(balked_share=[0.049]), STEADY[:1]).stable


def test_nothing_known_is_not_unstable():
    blank = dict.fromkeys(KPIS, math.nan)
    verdict = judge([blank] * 4, STEADY[:4])
    assert verdict.stable
    assert len(verdict.warnings) == len(KPIS)
    assert verdict.warnings[0] == (
        "access_days_mean cannot be computed: nobody had a first infusion in the measured weeks"
    )


def test_replications_left_out_are_counted():
    table = rows(slot_fill=[0.5, math.nan, 0.6])
    assert judge(table, STEADY[:3]).warnings == (
        "slot_fill could not be computed in 1 of 3 replications, which are left out: "
        + KPIS["slot_fill"].absent,
    )


# -- boosters still rising ---------------------------------------------------------------------------------


def boosters(first, last, replications=30, weeks=52, seed=1):
    level = np.linspace(first, last, weeks)
    return np.random.default_rng(seed).poisson(level, (replications, weeks))


def test_a_filling_clinic_is_told():
    (warning,) = judge([QUIET] * 30, np.tile(np.linspace(5, 15, 52), (30, 1))).warnings
    assert warning == (
        "boosters per week rise by 10 over the measured weeks (mean 10): "
        "the warm-up is too short, or the clinic is still filling"
    )
    assert judge([QUIET] * 30, boosters(5, 15)).stable  # its own warning, no verdict


def test_a_falling_load_is_told():
    (warning,) = judge([QUIET] * 30, boosters(15, 5)).warnings
    assert warning.startswith("boosters per week fall by ")


def test_a_drift_too_small_to_matter_is_not_told():
    exact = np.tile(np.linspace(20.0, 20.9, 52), (30, 1))  # sure, but under 5 %
    assert judge([QUIET] * 30, exact).warnings == ()
    exact = np.tile(np.linspace(20.0, 21.5, 52), (30, 1))
    assert len(judge([QUIET] * 30, exact).warnings) == 1


def test_chance_is_rarely_taken_for_a_trend():
    alarms = sum(bool(judge([QUIET] * 10, boosters(10, 10, 10, seed=k)).warnings) for k in range(400))
    assert alarms < 0.05 * 400 + 4.1 * 4.4
    alone = sum(bool(judge([QUIET], boosters(10, 10, 1, seed=k)).warnings) for k in range(400))
    assert alone < 0.05 * 400 + 4.1 * 4.4


def test_one_replication_shows_a_trend_too():
    assert judge([QUIET], boosters(2, 20, 1)).warnings[0].startswith("boosters per week rise by 1")


@pytest.mark.parametrize("shape", [(0, 52), (3, 1), (1, 1), (1, 2), (3, 0)])
def test_too_little_to_see_a_trend(shape):
    assert judge([QUIET] * 3, np.arange(np.prod(shape)).reshape(shape)).warnings == ()
