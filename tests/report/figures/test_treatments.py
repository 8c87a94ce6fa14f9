"""In a clinic with several types of visit a series gives treatments: no chart, table or sentence says infusion.

A consult is a visit and no treatment, so figures of series and boosters are not called those of visits either.
"""

from dataclasses import replace

import numpy as np
import pytest

from simclinic.measures.targets import Judged, Target
from simclinic.report.figures.effects import effects
from simclinic.report.figures.flow import flow
from simclinic.report.figures.limits import limits_chart
from simclinic.report.figures.precision import precision
from simclinic.report.figures.sensitivity import sensitivity
from simclinic.report.figures.sweep_lines import sweep_lines
from simclinic.report.figures.sweep_map import sweep_map
from simclinic.report.figures.trade_off import trade_off
from simclinic.report.pages.sweep import _first_chart, _plans
from simclinic.report.text.bottleneck import target_words
from simclinic.report.text.glance import glance
from simclinic.report.text.targets import headline, result
from simclinic.report.text.words import grouped_warnings
from simclinic.scenario import baseline
from tests.measures.paper import write
from tests.model.small import clinic
from tests.report.figures.test_one_by_one import PEOPLE

OF_TYPE = "wait_minutes_mean:spray"
FIGURE = {"mean": 4.0, "ci": [3.0, 5.0], "n": 3}
EFFECT = {"difference": 1.0, "ci": [0.5, 1.5], "n": 3, "call": "shown", "unit": "days", "mean": 5.0}
MEASURES = {"effect": 2.0, "effect_low": 1.0, "effect_high": 3.0, "share": 0.5, "n": 3}
EFFECTS = [{"factor": "clinic.chairs", "measures": MEASURES}]
RANKED = {"unit": "days", "low": 1.0, "high": 9.0, "effects": EFFECTS}
POINTS = {
    "clinic.chairs": np.array([2, 3]),
    "shifts.day.nurses": np.array([1, 1]),
    "verdict": np.array(["stable", "stable"]),
    "replications": np.array([3, 3]),
    "access_days_mean": np.array([4.0, 2.0]),
    "margin_per_week": np.array([5.0, 7.0]),
    "access_days_mean_half_width": np.array([0.1, 0.1]),
    "margin_per_week_half_width": np.array([1.0, 1.0]),
}
RUNS = {
    "point": np.array([0, 0, 1, 1]),
    "replication": np.array([0, 1, 0, 1]),
    "access_days_mean": np.array([4.0, 5.0, 2.0, 3.0]),
}
FACTORS = ("clinic.chairs", "shifts.day.nurses")


def sweep(figures):
    factors = {"clinic.chairs": {"levels": [2, 3], "low": None, "high": None}}
    kpis = {"access_days_mean": RANKED, **dict.fromkeys(figures, RANKED)}
    return {"design": "grid", "factors": factors, "currency": "USD", "kpis": kpis}


def bottleneck(figures):
    changes = [{"name": "one more chair", "effects": {"access_days_mean": EFFECT}}]
    kpis = {"access_days_mean": {"unit": "days", "mean": 5.0}, **dict.fromkeys(figures, FIGURE)}
    return {"changes": changes, "replications": 3, "kpis": kpis}


def charts(figures):
    """Draw what names the first infusion of a clinic that has these figures besides the usual ones."""
    columns = dict.fromkeys(figures, np.zeros(2))
    kpis = {"access_days_mean": FIGURE, **dict.fromkeys(figures, FIGURE)}
    yield sweep_map(FACTORS, ["access_days_mean"], POINTS | columns, RUNS, "USD")
    yield sweep_lines("access_days_mean", FACTORS, POINTS | columns, RUNS, "USD", grid=True)
    yield sensitivity(sweep(figures), "access_days_mean")
    yield trade_off(["clinic.chairs"], POINTS | columns, "USD")
    yield precision({"access_days_mean": [1.0, 2.0, 4.0], **dict.fromkeys(figures, [1.0] * 3)})
    yield limits_chart(kpis, {"access_days_mean": (True, 10.0)}, "USD")
    yield effects(bottleneck(figures), "access_days_mean", "USD")


def words_of(chart):
    """Return all that a reader of a chart sees or hears."""
    parts = [chart.title, chart.says, chart.alt, *chart.sheet.headings, *map(str, chart.sheet.rows)]
    return " ".join([*parts, str(chart.drawing.layout), str(chart.drawing.data)])


@pytest.mark.parametrize(
    ("figures", "is_it", "not_it"), [((), "infusion", "treatment"), ((OF_TYPE,), "treatment", "infusion")]
)
def test_charts_say_what_a_series_gives(figures, is_it, not_it):
    for chart in charts(figures):
        assert is_it in words_of(chart), chart.key
        assert not_it not in words_of(chart), chart.key


def test_points_of_a_sweep_side_by_side_say_what_a_series_gives():
    """The figures that are shown have no part in their names: all figures of the points decide."""
    for figures, is_it in (((), "infusion"), ((OF_TYPE,), "treatment")):
        document = sweep(figures) | {"points": 2, "scenarios": ["One"], "currency": "USD"}
        columns = [each for name in figures for each in (name, f"{name}_half_width")]
        points = POINTS | dict.fromkeys(columns, np.zeros(2))
        block = _plans(document, points, {})
        assert f"Days to first {is_it}, mean" in " ".join(row[0] for row in block.sheet.rows)
        chart = _first_chart(
            document | {"factors": document["factors"] | {"shifts.day.nurses": {"levels": [1]}}},
            points,
            RUNS,
            {},
        )
        assert (chart.key, f"first {is_it}" in chart.alt) == ("plans-chart", True)


def test_the_flow_of_patients_goes_through_a_first_treatment():
    for types, name in ((("infusion",), "infusion"), (("infusion", "spray"), "treatment")):
        records = replace(write(PEOPLE, weeks=8), visit_types=types)
        shown = flow(records, {"pair": 2}, "replication 0")
        assert f"First {name}" in [row[0] for row in shown.sheet.rows]
        assert f"a first {name}" in shown.says
        assert f"first {name} 6" in shown.alt


def test_sentences_say_what_a_series_gives():
    kpis = {"access_days_mean": FIGURE, OF_TYPE: {**FIGURE, "n": 0}}
    assert "days to first treatment, mean 4.00" in glance({"kpis": kpis, "replications": 3}, "USD")
    away = "cannot be computed: there is no booster"
    assert grouped_warnings([f"access_days_mean {away}"], kpis) == [f"Days to first treatment, mean {away}"]
    met = {"kpi": "access_days_p90", "target": "<= 10", "state": "missed"}
    assert target_words(met) == "days to begin, 9 in 10 within, at most 10"


def test_a_target_is_named_in_the_words_of_its_clinic():
    judged = Judged(Target("access_days_mean", at_most=True, limit=3.0), "missed", 4.0, 3.5, 4.5, 9)
    types = clinic(
        """
        [demand.protocol_mix]
        once = 0.5
        sprays = 0.5
        [protocols.once]
        infusions = 1
        [protocols.sprays]
        infusions = 1
        visit = "spray"
        [visits.spray.steps.dose]
        minutes = 20
        """
    )
    for scenario, name in ((baseline(), "infusion"), (types, "treatment")):
        found = result(judged, scenario)
        assert found["told"].startswith(f"Days to first {name}, mean: at most 3 days")
        assert headline([found]) == f"MISSED: days to first {name}, mean."
