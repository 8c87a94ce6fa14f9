"""A backtest week by week: boosters forecast and boosters given."""

from __future__ import annotations

from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.style import BLUE, BOOSTER, faded, styled
from simclinic.report.text.numbers import plain, span
from simclinic.report.text.words import from_heading
from simclinic.results.backtest import BacktestDocument


def backtest_chart(document: BacktestDocument) -> Chart:
    """Show the boosters forecast for each week, and those given.

    Parameters
    ----------
    document
        What `forecast --backtest --json` prints.
    """
    coverage = document["coverage"]
    rows = [
        (
            week["week"],
            week["start"],
            plain(week["boosters"]["p50"], 0),
            span(plain(week["boosters"]["p10"], 0), plain(week["boosters"]["p90"], 0)),
            week["came"],
        )
        for week in document["weeks"]
    ]
    return Chart(
        key="came",
        title="Boosters: forecast and given",
        says="Boosters given in each week. The line is the median of the simulated futures, and eight in ten lie "
        "within the band; points are the boosters given. For a good forecast, about eight points in ten lie inside "
        "the band. The dotted line is the simplest guess: as many as in the 8 weeks before.",
        alt=f"{coverage['inside']} of {coverage['n']} weeks lie inside the band.",
        drawing=_drawn(document),
        sheet=DataSheet.of(("Week", from_heading(document["cut"]), "forecast", "10–90 %", "given"), rows),
    )


def _drawn(document: BacktestDocument) -> Drawing:

    weeks = document["weeks"]
    x = [week["week"] for week in weeks]
    bands = [week["boosters"] for week in weeks]
    figure = Drawing()
    edge = {"x": x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "name": "forecast, 10–90 %"}
    figure.add_trace(scatter(y=[each["p90"] for each in bands], showlegend=False, **edge))
    figure.add_trace(
        scatter(y=[each["p10"] for each in bands], fill="tonexty", fillcolor=faded(BOOSTER, 0.35), **edge)
    )
    figure.add_trace(
        scatter(
            x=x,
            y=[each["p50"] for each in bands],
            mode="lines",
            line={"color": BOOSTER, "width": 3},
            name="forecast",
        )
    )
    figure.add_trace(
        scatter(
            x=x,
            y=[round(document["error"]["naive_per_week"], 2)] * len(x),
            mode="lines",
            line={"color": BLUE, "width": 1.5, "dash": "dot"},
            name="simplest guess",
        )
    )
    figure.add_trace(
        scatter(
            x=x,
            y=[week["came"] for week in weeks],
            mode="markers",
            marker={"color": BLUE, "size": 8},
            name="given",
        )
    )
    figure.update_xaxes(title_text="week of the forecast", zeroline=False)
    figure.update_yaxes(title_text="boosters a week", rangemode="tozero")
    return styled(figure, height=400, hovermode="x unified")
