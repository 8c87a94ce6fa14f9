"""Drawings are what plotly's own classes would make of the same calls, and those accept every property."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.subplots import make_subplots

from simclinic.experiment.replication import Prepared, replay
from simclinic.report.figures import style
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, bar, heat_map, panels, scatter
from simclinic.scenario import baseline, replace
from simclinic.studies.day import day_figures


def written(figure):
    """A figure of plotly as JSON, without the template that pages do not have."""
    text = json.loads(figure.to_json())
    text["layout"].pop("template", None)
    return text


def same(drawing, figure):
    assert json.loads(drawing.to_json()) == written(figure)


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("cols", [1, 2])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"shared_xaxes": True, "vertical_spacing": 0.08},
        {"shared_yaxes": True, "horizontal_spacing": 0.04},
        {"shared_xaxes": "all", "shared_yaxes": "all", "vertical_spacing": 0.05},
        {"subplot_titles": ["one", "", "three", "four"]},
        {"row_heights": [0.2, 0.5, 0.3]},
    ],
)
def test_panels_are_plotlys(rows, cols, options):
    options = dict(options)
    if "row_heights" in options:
        options["row_heights"] = options["row_heights"][:rows]
    spacing = {"vertical_spacing": 0.03, "horizontal_spacing": 0.02} | options
    drawing, figure = panels(rows, cols, **spacing), make_subplots(rows=rows, cols=cols, **spacing)
    for each, line in ((drawing, scatter), (figure, go.Scatter)):
        for row in range(1, rows + 1):
            each.add_trace(line(x=[1, 2], y=[row, None], error_y={"array": [1, 2]}), row=row, col=cols)
        each.update_xaxes(title_text="all", showgrid=False)
        each.update_yaxes({"tickvals": (1, 2)}, row=rows)
        each.update_yaxes(title_text="there", title_font_size=9, row=1, col=cols)
        each.update_annotations(font_size=12)
        each.add_annotation(text="here", xref="x domain", yref="y domain", x=0, y=1, row=rows, col=cols)
        each.add_annotation(text="there", x=0, y=1, showarrow=False)
        each.update_layout(legend={"x": 0, "y": 1}, height=300)
        each.update_layout(legend={"y": 2, "font": {"size": 3}}, paper_bgcolor="red")
    same(drawing, figure)


def test_a_drawing_without_panels_is_plotlys():
    drawing, figure = Drawing(), go.Figure()
    values = np.array([1.5, 2.0, np.nan])
    for each, kinds in ((drawing, (bar, heat_map, scatter)), (figure, (go.Bar, go.Heatmap, go.Scatter))):
        bars, heat, line = kinds
        each.add_trace(bars(x=["a", "b"], y=(1, 2), marker={"color": ["red", "blue"], "line": {}}))
        each.add_trace(heat(z=[[1.0, None], [3.0, 4.0]], colorscale=((0.0, "#ffffff"), (1.0, "#000000"))))
        each.add_trace(line(y=values, name=None, customdata=[["a", 1], ["b", 2]]))
        each.add_hline(y=0.5, line={"color": "grey", "width": 1})
        each.add_shape(type="line", x0=0, x1=1, y0=0, y1=1, xref="x", yref="paper")
        each.update_xaxes(range=[0, 1])
    same(drawing, figure)


def test_plotly_accepts_every_property_of_a_day_and_its_animation():
    scenario = replace(baseline(), run={"weeks": 1, "begin": "empty", "warm_up_weeks": 1})
    shown = list(day_figures(replay(Prepared(scenario), 1, 0), scenario))
    assert len(shown) == 2
    for chart in shown:
        assert len(chart.drawing.data) > 5
        same(chart.drawing, chart.figure)
    assert shown[1].drawing.frames


def test_plotly_notices_a_property_that_there_is_not():
    chart = Chart("key", "t", "s", "a", Drawing(scatter(x=[1], colour="red")), DataSheet.of(("x",), []))
    with pytest.raises(ValueError, match="colour"):
        chart.figure  # noqa: B018 (made when it is asked for)


def test_numbers_that_are_none_are_null_in_json():
    drawing = style.styled(Drawing(scatter(x=[float("nan"), float("inf"), np.float64(2.0), np.int64(3)])))
    assert json.loads(drawing.to_json())["data"][0]["x"] == [None, None, 2.0, 3]
