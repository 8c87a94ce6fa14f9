"""Figures that check the simulation, against closed forms."""

import numpy as np
import pytest
from scipy import stats

from simclinic import measures
from simclinic.report.figures.precision import precision, running
from simclinic.report.figures.uncertainty import uncertainty
from simclinic.report.figures.warm_up import warm_up


def test_the_running_interval_is_students():
    values = np.array([3.0, 5.0, np.nan, 4.0, 9.0])
    mean, ends_low, ends_high = running(measures.KPIS["margin_per_week"], values)
    known = values[~np.isnan(values)]
    for k in range(2, 5):
        low, high = stats.t.interval(0.95, k - 1, known[:k].mean(), stats.sem(known[:k]))
        assert mean[k - 1] == pytest.approx(known[:k].mean())
        assert (ends_low[k - 1], ends_high[k - 1]) == pytest.approx((low, high))
    assert np.isnan(ends_low[0])


def test_a_large_mean_does_not_swallow_the_spread():
    small = np.array([1.0, 2.0, 4.0])
    large, result = (running(measures.KPIS["margin_per_week"], values) for values in (small + 1e9, small))
    assert (large.high - large.mean)[1:] == pytest.approx((result.high - result.mean)[1:])


def test_the_last_interval_is_the_one_of_the_table():
    values = np.random.default_rng(3).lognormal(size=20)
    for name in ("access_days_mean", "wait_minutes_mean"):
        result = running(measures.KPIS[name], values)
        ci = measures.summarise([{name: value} for value in values])[name]["ci"]
        assert [result.low[-1], result.high[-1]] == pytest.approx(ci)


def test_precision_draws_each_figure_in_its_unit():
    runs = {"chair_utilisation": [0.5, 0.6, 0.7], "boosters_per_week": [10.0, 20.0, 30.0]}
    shown = precision(runs)
    means = [each for each in shown.figure.data if each.name == "running mean"]
    assert [list(each.y) for each in means] == [[10, 15, 20], pytest.approx([50, 55, 60])]
    assert list(means[0].x) == [1, 2, 3]
    assert shown.sheet.rows[-1][0] == "3"
    assert shown.sheet.rows[-1][1].startswith("20.00 (0.00–44.84)")
    assert "per week" in shown.figure.layout.yaxis.title.text
    assert "After 3: boosters 20.0 (0.0–44.8) per week" in shown.says


def test_precision_of_many_replications_is_thinned_and_ends_with_the_last():
    values = np.random.default_rng(1).normal(size=5000)
    shown = precision({"boosters_per_week": values}, "pair")
    line = shown.figure.data[-1]
    assert len(line.x) <= 150
    assert line.x[-1] == 5000
    assert line.y[-1] == pytest.approx(values.mean(), rel=1e-4)
    assert "5000 pairs" in shown.alt


@pytest.mark.parametrize("values", [[], [1.0, 2.0], [np.nan] * 5])
def test_too_few_values_give_no_precision(values):
    assert precision({"boosters_per_week": values}) is None


def ramp(boosters, warm_up_weeks, replications=2):
    week = np.arange(len(boosters)) - warm_up_weeks
    return {"week": np.tile(week, replications), "boosters": np.tile(boosters, replications)}


def test_the_cut_is_where_a_step_is():
    boosters = np.where(np.arange(200) < 40, 0.0, 10.0) + np.tile([-1.0, 1.0], 100)
    shown = warm_up(ramp(boosters, 60), 60, steady=True)
    lines = {each.name: each for each in shown.figure.data}
    assert set(lines["MSER-5 cuts here"].x) == {-20.0}
    assert set(lines["measuring begins"].x) == {0.0}
    assert list(lines["each week"].y) == pytest.approx(list(boosters))
    assert lines["each week"].x[0] == -60
    assert "cut off the first 40 of 200 simulated weeks: the warm-up of 60 is longer" in shown.says
    assert "10.0 (10.0–10.0) a week in the measured weeks" in shown.says
    assert "the warm-up of 20 is shorter" in warm_up(ramp(boosters, 20), 20, steady=True).says


def test_the_moving_mean_of_a_level_is_the_level():
    shown = warm_up(ramp(np.full(100, 7.0), 10), 10, steady=False)
    (smooth,) = [each for each in shown.figure.data if each.name == "moving mean (Welch)"]
    assert set(smooth.y) == {7.0}
    assert "meant to change" in shown.says


def test_a_load_that_fills_up_is_described():
    week = np.arange(300) + 0.5
    shown = warm_up(ramp(20 * (1 - np.exp(-week / 40)), 100), 100, steady=True)
    reached = 100 * (1 - np.exp(-week / 40))[100:].mean()
    assert f"have {reached:.0f} % of the final load" in shown.says
    assert "never considers more than half" in shown.says


def test_a_straight_rise_has_no_end_to_be_seen():
    shown = warm_up(ramp(np.arange(100.0), 10), 10, steady=True)
    assert "too few weeks to estimate the final load" in shown.says


@pytest.mark.parametrize("table", [{}, ramp(np.zeros(100), 10), ramp(np.ones(20), 10)])
def test_no_boosters_or_too_few_weeks_give_no_curve(table):
    assert warm_up(table, 10, steady=True) is None


def figure(mean, ci, p10, p90, unit="days"):
    return {"mean": mean, "sd": 1.0, "ci": ci, "p10": p10, "p90": p90, "n": 5, "unit": unit}


KPIS = {
    "access_days_mean": figure(4.0, [3.0, 5.0], 2.0, 7.0),
    "balked_share": figure(0.0, [0.0, 0.0], 0.0, 0.0, "share"),
    "margin_per_week": figure(-200.0, [-210.0, -190.0], -220.0, -180.0, "currency/week"),
}


def test_uncertainty_is_a_deviation_in_per_cent_of_the_mean():
    shown = uncertainty(KPIS, "EUR")
    interval, spread = shown.figure.data
    assert interval.name == "95 % interval of the mean"
    assert list(interval.base) == [-25, -5]
    assert list(interval.x) == [50, 10]
    assert list(spread.base) == [-50, -10]
    assert list(spread.x) == [125, 20]
    assert shown.figure.layout.yaxis.ticktext[0] == "Days to first infusion, mean<br>4.00 (3.00–5.00) days"
    assert shown.figure.layout.yaxis.ticktext[1].endswith("-200 (-210 to -190) EUR/week")
    assert shown.sheet.rows[0][2:] == ("-25.0 to 25.0", "-50.0 to 75.0")
    assert "margin ± 5.0 %, days to first infusion, mean ± 25.0 %" in shown.says
    assert "because the mean is zero: turned away" in shown.says
    assert "5 replications" in shown.says


def test_far_values_are_cut_off_with_a_note():
    shown = uncertainty({"access_days_mean": figure(1.0, [-4.0, 6.0], 0.5, 1.5)}, "EUR")
    assert max(shown.figure.layout.xaxis.range) <= 110
    assert (
        "Cut off at ± 100 %: days to first infusion, mean, interval -500 to 500 %, eight in ten -50 to 50 %."
        in (shown.says)
    )


def test_a_figure_near_zero_does_not_squeeze_the_others():
    kpis = {
        name: figure(100.0, [100.0 - wide, 100.0 + wide], 95.0, 105.0)
        for name, wide in (
            ("access_days_mean", 10.0),
            ("series_started_per_week", 12.0),
            ("boosters_per_week", 14.0),
            ("wait_minutes_mean", 20.0),
        )
    }
    assert max(uncertainty(kpis, "EUR").figure.layout.xaxis.range) == pytest.approx(1.08 * 20)
    kpis["overtime_nurse_hours_per_week"] = figure(0.04, [0.01, 0.07], 0.0, 0.1, "hours/week")
    shown = uncertainty(kpis, "EUR")
    assert max(shown.figure.layout.xaxis.range) == pytest.approx(1.08 * 1.5 * 20)
    assert (
        "Cut off at ± 30 %: nurses' overtime, interval -75 to 75 %, eight in ten -100 to 150 %." in shown.says
    )


def test_one_replication_has_no_uncertainty():
    assert uncertainty({"access_days_mean": figure(1.0, None, 1.0, 1.0)}, "EUR") is None
