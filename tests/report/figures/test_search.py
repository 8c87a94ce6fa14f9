"""A target over the levels or the candidates of a search: what the axis names is what is drawn."""

import pytest

from simclinic.report.figures.levels_of_intake import curve
from simclinic.report.figures.plans_against_target import candidates_chart
from simclinic.report.text.intake import named


def asked(in_years):
    return {
        "figure": "overtime_minutes_per_day",
        "by": "overtime_minutes_per_day",
        "at_most": not in_years,
        "limit": 0.8 if in_years else 10.0,
        "in_years": in_years,
        "guard": False,
        "told": "Open past closing: at most 10 minutes" + (", in 80 % of years" if in_years else ""),
    }


def test_long_names_of_plans_are_folded_and_kept_apart():
    """On a phone they were cut off at the edge."""
    found = {"state": "open", "mean": 0.5, "lower": 0.25, "upper": 0.75, "part": None}
    plans = [("3 chairs, 1 prescriber", "open", found), ("a <b>", "open", found)]
    shown = candidates_chart(asked(in_years=False), plans, "USD", "plan", "the cheapest first")
    assert shown.drawing.layout["xaxis"]["ticktext"] == ["3 chairs, 1<br>prescriber", "a &lt;b&gt;"]
    assert named(["3 chairs, 1 prescriber", "4 chairs"]) == "3 chairs, 1 prescriber; and 4 chairs"
    assert named(["A", "B", "C"]) == "A, B and C"


def charts(in_years):
    """Draw both, of one level and one candidate; half of the replications keep the limit, or the mean is 0.5."""
    found = {"state": "open", "mean": 0.5, "lower": 0.25, "upper": 0.75, "part": None}
    level = {"referrals": 10.0, "state": "open", "targets": [found]}
    yield curve({"targets": [asked(in_years)], "levels": [level]}, 0, "USD")
    yield candidates_chart(
        asked(in_years), [("3 chairs", "open", found)], "USD", "plan", "the cheapest first"
    )


@pytest.mark.parametrize(
    ("in_years", "axis", "mean", "limit"),
    [
        (False, "Open past closing, minutes", 0.5, 10.0),
        (True, "replications that keep the limit, %", 50.0, 80.0),
    ],
)
def test_the_axis_names_what_decides(in_years, axis, mean, limit):
    for chart in charts(in_years):
        assert chart.drawing.layout["yaxis"]["title"]["text"] == axis
        assert chart.sheet.headings[1] == axis
        assert axis.rpartition(",")[0] in chart.alt
        assert ("Replications that keep" in chart.says) == in_years
        drawn = [value for trace in chart.drawing.data for value in trace["y"]]
        assert {mean, limit} <= set(drawn)
