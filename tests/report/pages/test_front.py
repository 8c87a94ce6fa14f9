"""The plans side by side on the first page, and the charts that show them."""

import numpy as np
import pytest

from simclinic.report.figures.limits import limits_chart
from simclinic.report.figures.plans import plans_chart, stands
from simclinic.report.pages.front import MOST_COLUMNS, figures_first, side_by_side, titled, verdict_text

LIMITS = {"balked_share": (True, 0.05), "started_on_time_share": (False, 0.85)}


def figure(mean, low=None, high=None, n=10):
    return {"mean": mean, "ci": None if low is None else [low, high], "n": n}


def plan(away=0.1, margin=100.0):
    return {
        "balked_share": figure(away, away - 0.02, away + 0.02),
        "margin_per_week": figure(margin, margin - 5, margin + 5),
        "access_days_mean": figure(None),
    }


def laid_out(count, names=("margin_per_week", "access_days_mean", "balked_share")):
    plans = {f"plan {at}": plan(away=0.01 * (at + 3)) for at in range(count)}
    return side_by_side(plans, names, LIMITS, "USD", verdicts=dict.fromkeys(plans, "open"))


def test_few_plans_are_columns_with_the_target_beside_them():
    block = laid_out(2)
    assert block.sheet.headings == ("Figure", "plan 0", "plan 1", "target")
    assert block.sheet.rows == (
        ("How it stands", "open", "open", ""),
        ("Margin, USD/week", "100 (95–105)", "100 (95–105)", ""),
        ("Turned away, %", "3.00 (1.00–5.00)", "4.00 (2.00–6.00)", "at most 5"),
    )
    assert block.says == "Means over 10 replications, with 95 % intervals in brackets."


def test_more_plans_than_paper_is_wide_are_rows_and_what_is_left_out_is_counted():
    block = laid_out(MOST_COLUMNS + 1)
    assert block.sheet.headings == ("Plan", "how it stands", "Turned away, %", "Margin, USD/week")
    assert block.sheet.rows[0] == ("plan 0", "open", "3.00 (1.00–5.00)", "100 (95–105)")
    assert "Targets: Turned away, %: at most 5." in block.says
    many = laid_out(14)
    assert len(many.sheet.rows) == 12
    assert many.says.endswith("2 more plans are in the appendix.")


def test_one_plan_has_its_interval_and_its_target_in_columns():
    block = laid_out(1)
    assert block.sheet.rows[1] == ("Turned away, %", "3.00", "1.00–5.00", "at most 5")


def test_a_title_says_whose_patients_these_are():
    assert titled("Typical clinic", None) == "Typical clinic"
    assert titled("Typical clinic", {"patients": 3}) == "Typical clinic, with today's patients"


def test_figures_with_targets_come_first():
    assert figures_first(["margin_per_week", "verdict"], ["balked_share", "margin_per_week"]) == [
        "margin_per_week",
        "balked_share",
    ]


def test_a_plan_stands_by_its_targets_before_its_verdict():
    assert verdict_text("stable") == "stable"
    assert verdict_text("stable", [{"state": "missed"}, {"state": "met"}]) == "targets MISSED"


@pytest.mark.parametrize(
    ("found", "limit", "where"),
    [
        (figure(0.04, 0.03, 0.05), (True, 0.05), "kept"),
        (figure(0.05, 0.04, 0.06), (True, 0.05), "open"),
        (figure(0.07, 0.06, 0.08), (True, 0.05), "broken"),
        (figure(0.9, 0.86, 0.94), (False, 0.85), "kept"),
        (figure(0.8, 0.76, 0.84), (False, 0.85), "broken"),
        (figure(0.01), (True, 0.05), "open"),
        (figure(0.01, 0.0, 0.02), None, ""),
    ],
)
def test_an_interval_keeps_a_target_only_if_all_of_it_does(found, limit, where):
    assert stands(found, limit) == where


def test_every_panel_has_one_scale_for_all_plans_and_the_target_as_a_line():
    plans = {"a": plan(0.02, 100.0), "b": plan(0.10, 300.0)}
    chart = plans_chart(plans, ["access_days_mean", "balked_share", "margin_per_week"], LIMITS, "USD")
    layout = chart.drawing.layout
    assert "xaxis3" not in layout  # nobody has the first figure
    low, high = layout["xaxis"]["range"]
    assert low < 0.0 < 12.0 < high
    target = next(trace for trace in chart.drawing.data if trace["name"] == "target")
    assert target["x"] == [5.0, 5.0]
    colours = {
        trace["marker"]["color"]: trace["y"]
        for trace in chart.drawing.data
        if trace["xaxis"] == "x" and "marker" in trace
    }
    assert list(colours.values()) == [[0], [1]]
    assert len(colours) == 2
    assert chart.sheet.rows[1] == ("b", "10.0 (8.0–12.0)", "300 (295–305)")
    assert chart.figure.data
    assert plans_chart({"a": {}}, ["balked_share"], LIMITS, "USD") is None


def test_how_much_of_a_limit_is_used():
    kpis = {
        "balked_share": figure(0.02, 0.01, 0.03),
        "started_on_time_share": figure(0.91, 0.90, 0.92),
        "overtime_day_share": figure(0.5, 0.4, 0.6),
    }
    limits = LIMITS | {"overtime_day_share": (True, 0.1), "margin_per_week": (False, 5.0)}
    chart = limits_chart(kpis, limits, "USD")
    # 2 of at most 5 %; 9 of at most 15 % late; five times the limit, at the edge.
    assert [row[2] for row in chart.sheet.rows] == ["40 (20–60)", "60 (53–67)", "500 (400–600)"]
    kept, broken, line = chart.drawing.data
    assert np.allclose(kept["x"], [40, 60])
    assert broken["x"] == [300]
    assert broken["marker"]["symbol"] == ["triangle-right"]
    assert broken["error_x"]["arrayminus"] == [0]  # the interval begins beyond the edge, too
    assert line["x"] == [100, 100]
    assert chart.figure.data
    assert limits_chart({}, limits, "USD") is None
