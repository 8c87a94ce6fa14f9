"""Figures of a forecast: marks against weeks made by hand."""

import numpy as np
import pytest
from scipy import stats

from simclinic.report.figures.fan import booster_fan
from simclinic.report.figures.probability_full import probability_full
from simclinic.report.figures.published import published
from simclinic.report.figures.relapse import relapse
from simclinic.report.text.forecast import FIGURES
from simclinic.report.text.when_full import full_from
from simclinic.scenario.distributions import Constant, Lognormal


def band(middle):
    return {
        "p10": middle - 1,
        "p50": middle,
        "p90": middle + 2,
        "mean": middle + 0.25,
        "ci": [middle, middle + 0.5],
    }


NOTHING = dict.fromkeys(("p10", "p50", "p90", "mean", "ci"))


def week(number, asked=10.0, chance=0.5, by=0.25):
    values = {name: band(1.0) for name in FIGURES} | {
        "booster_requests": band(asked),
        "from_panel": band(asked - 4),
        "from_new": band(3.0),
        "boosters_given": band(8.0),
        "induction": band(20.0),
        "capacity": band(45.0),
        "starts_used": band(38.0),
        "booster_requests_before": band(2.0) if number == 0 else band(0.0) | {"mean": 0.0},
    }
    start = f"2026-01-{5 + 7 * number:02}"
    return {"week": number, "start": start, "full_probability": chance, "full_by_probability": by, **values}


def law(name="relapse as in the trials", weeks=None, n=40, full=None):
    weeks = [week(0), week(1, 12.0, 0.75, 0.5), week(2, 14.0, None, 0.5)] if weeks is None else weeks
    result = full_from([full] * n, [each["start"] for each in weeks], n if full is not None else 0)
    return {"name": name, "relapse": {}, "n": n, "weeks": weeks, "total": {}, "full_in_week": full} | {
        "verdict": "open",
        "verdict_reasons": ["because"],
        "day_verdict": "holds",
        "day_verdict_reasons": ["because"],
        "limits_broken": {"balked_share": 0.25, "overtime_day_share": 0.0, "started_on_time_share": None},
        "full_from": result,
    }


LIMITS = {"not_served_share": 0.05, "booster_wait_days": 7, "weeks": 13, "patience_days": 42}


def test_the_fan_has_band_middle_both_kinds_of_patients_and_capacity():
    shown = booster_fan([law()])
    lines = {trace.name: trace for trace in shown.figure.data if trace.showlegend}
    high, low = (trace for trace in shown.figure.data if trace.name == "asked for, 10–90 %")
    assert list(high.y) == [12, 14, 16]
    assert list(low.y) == [9, 11, 13]
    assert low.fill == "tonexty"
    assert list(lines["boosters asked for"].y) == [10, 12, 14]
    assert list(lines["today's patients"].y) == [6, 8, 10]
    assert list(lines["new patients"].y) == [3, 3, 3]
    assert list(lines["given"].y) == [8, 8, 8]
    assert list(lines["starts on offer"].y) == [45, 45, 45]
    assert list(lines["starts used, mean"].y) == [38.2] * 3
    # means add up: 20.25 infusions of series and 8.25 boosters
    assert shown.sheet.rows[2] == (
        "1",
        "2026-01-12",
        "12",
        "11–14",
        "8",
        "3",
        "8",
        "28.5",
        "38.2",
        "45",
        "40",
    )
    assert "from 10 (9–12) in week 0 to 14 (13–16) in week 2" in shown.alt


def test_requests_before_today_are_drawn_apart():
    shown = booster_fan([law()])
    (apart,) = (trace for trace in shown.figure.data if trace.name == "asked for before")
    assert (list(apart.x), list(apart.y), apart.mode) == ([0], [2.2], "markers")
    assert shown.sheet.rows[0][:5] == ("", "before", "2", "1–4", "2")
    assert len(shown.sheet.rows[0]) == len(shown.sheet.rows[1])
    assert "before the first day" in shown.says
    without = booster_fan([law(weeks=[week(1)])])
    assert "before the first day" not in without.says
    assert "asked for before" not in {trace.name for trace in without.figure.data}
    assert len(without.sheet.rows) == 1


def test_weeks_of_an_axis_have_their_dates():
    axis = probability_full([law()], LIMITS).figure.layout.xaxis
    assert list(axis.tickvals) == [0, 1, 2]
    assert list(axis.ticktext) == ["0<br>5 Jan", "1<br>12 Jan", "2<br>19 Jan"]


def test_two_laws_have_two_panels_on_one_scale():
    shown = booster_fan([law(), law("<b>own</b>")])
    assert len(shown.figure.data) == 2 * 9
    assert {trace.yaxis for trace in shown.figure.data} == {"y", "y2"}
    assert shown.figure.layout.yaxis.matches == "y2" or shown.figure.layout.yaxis2.matches == "y"
    assert [each.text for each in shown.figure.layout.annotations] == [
        "<b>relapse as in the trials</b>",
        "<b>&lt;b&gt;own&lt;/b&gt;</b>",
    ]
    names = [trace.name for trace in shown.figure.data if trace.showlegend]
    assert len(names) == len(set(names))


def test_no_future_gives_no_figure():
    nobody = law(weeks=[week(0) | dict.fromkeys(FIGURES, NOTHING)], n=0)
    assert booster_fan([nobody]) is None
    assert probability_full([nobody], LIMITS) is None
    assert booster_fan([]) is None


def test_no_boosters_at_all_and_one_week():
    shown = booster_fan([law(weeks=[week(0, asked=0.0)])])
    assert "from 0 (-1 to 2)" in shown.alt
    assert len(probability_full([law(weeks=[week(0)])], LIMITS).sheet.rows) == 1


def test_probabilities_have_the_interval_that_the_number_of_futures_leaves():
    shown = probability_full([law(full=0), law("relapse as in the community")], LIMITS)
    points = [trace for trace in shown.figure.data if trace.mode == "markers"]
    lines = [trace for trace in shown.figure.data if trace.mode == "lines"]
    for trace in points:
        assert list(trace.y) == [0.5, 0.75]  # of the third week nothing is known
        low, high = stats.binomtest(30, 40).proportion_ci(method="wilson")
        assert trace.y[1] - trace.error_y.arrayminus[1] == pytest.approx(low, abs=1e-3)
        assert trace.y[1] + trace.error_y.array[1] == pytest.approx(high, abs=1e-3)
    assert [list(trace.y) for trace in lines] == [[0.25, 0.5, 0.5]] * 2
    assert points[0].marker.symbol != points[1].marker.symbol
    assert lines[0].line.dash != lines[1].line.dash
    assert shown.sheet.rows[1][2:] == ("relapse as in the trials", "75 %", "60–86 %", "50 %", "40")
    assert shown.sheet.rows[2][3:5] == ("—", "—")
    assert "full from week 0 (2026-01-05)" in shown.alt
    assert "not full within 3 weeks (until 2026-01-25) in any of the 40 futures" in shown.alt
    assert "more than 5 % are not served in time" in shown.says


TRIALS = Lognormal(mu=2.70, sigma=0.63, never=0.20)


def test_relapse_curves_are_the_laws_and_points_are_the_studies():
    shown = relapse({"relapse as in the trials": TRIALS, "in a week": Constant(value=7.0)})
    curves = {trace.name: trace for trace in shown.figure.data if trace.mode == "lines"}
    trials = curves["relapse as in the trials"]
    expected = 0.2 + 0.8 * stats.lognorm(0.63, scale=np.exp(2.70)).sf(np.array(trials.x))
    assert np.array(trials.y) == pytest.approx(expected, abs=1e-4)
    week_by_week = curves["in a week"]
    assert {y for x, y in zip(week_by_week.x, week_by_week.y, strict=True) if x < 7} == {1.0}
    assert {y for x, y in zip(week_by_week.x, week_by_week.y, strict=True) if x > 7} == {0.0}
    points = [trace for trace in shown.figure.data if trace.mode == "markers"]
    assert sum(len(trace.x) for trace in points) == len(published()) == 21
    assert "33 % still well after 28 days" in shown.says
    assert len(shown.sheet.rows) == 2 * 6 + 21


def test_published_points_have_exact_intervals():
    shiroma = next(each for each in published() if each.study == "Shiroma 2014")
    assert shiroma.away == pytest.approx(5 / 11)
    low, high = stats.binomtest(5, 11).proportion_ci(method="exact")
    assert shiroma.interval() == pytest.approx((low, high))
    median = next(each for each in published() if each.published == "median 18 days")
    law = stats.beta(9, 9)  # the ninth of seventeen
    assert median.away == pytest.approx(0.5)
    assert median.interval() == pytest.approx((1 - law.ppf(0.975), 1 - law.ppf(0.025)))
    for each in published():
        least, most = each.interval()
        assert 0 <= least <= each.away <= most <= 1, each
