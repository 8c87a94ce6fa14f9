"""Visits week by week: infusions of series and boosters on top of each other, against the starts on offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simclinic.report.figures.shown import Sheet, Shown
from simclinic.report.figures.style import BOOSTER, CAPACITY, INDUCTION, faded, styled
from simclinic.report.numbers import plain, span

if TYPE_CHECKING:
    import plotly.graph_objects as go

Weeks = Mapping[str, Any]


def weekly_visits(weeks: Weeks) -> Shown:
    """Show completed infusions per week.

    Parameters
    ----------
    weeks
        The weekly table of all replications, in their order: `week`, `induction`, `boosters`, `starts`.
    """
    number = np.asarray(weeks["week"])
    count = int(number.max()) + 1 if number.size else 0
    tables = {
        name: np.asarray(weeks[name], dtype=np.float64).reshape(-1, count)
        for name in ("induction", "boosters", "starts")
    }
    total = tables["induction"] + tables["boosters"]
    week = np.arange(count)
    low, high = np.quantile(total, (0.1, 0.9), axis=0)
    mean = {name: values.mean(axis=0) for name, values in tables.items()}
    rows = [
        (
            str(at),
            plain(mean["induction"][at], 1),
            plain(mean["boosters"][at], 1),
            span(plain(low[at], 0), plain(high[at], 0)),
            plain(mean["starts"][at], 0),
        )
        for at in range(count)
    ]
    return Shown(
        key="weekly-visits",
        title="Visits, week by week",
        says="Infusions of series and boosters, means over replications; the band holds eight in ten of the "
        "simulated weeks' totals. A dip of the line is a week with holidays.",
        alt=f"Stacked areas of infusions of series and boosters per week over {count} weeks, with the band of "
        f"their total and the line of starts on the grid. On average {plain(float(total.mean()), 1)} of "
        f"{plain(float(tables['starts'].mean()), 1)} starts.",
        figure=_drawn(week, mean, low, high),
        sheet=Sheet.of(("Week", "Series", "Boosters", "Total, 10–90 %", "Starts on offer"), rows),
    )


def _drawn(week: Any, mean: Mapping[str, Any], low: Any, high: Any) -> go.Figure:  # noqa: ANN401 (arrays)
    import plotly.graph_objects as go

    figure = go.Figure()
    for name, label, colour in (("induction", "series", INDUCTION), ("boosters", "boosters", BOOSTER)):
        figure.add_trace(
            go.Scatter(
                x=week,
                y=mean[name].round(2),
                name=label,
                stackgroup="visits",
                mode="lines",
                line={"width": 1, "color": colour},
                fillcolor=faded(colour, 0.55),
            )
        )
    for values, shown in ((high, False), (low, True)):
        figure.add_trace(
            go.Scatter(
                x=week,
                y=values.round(2),
                mode="lines",
                line={"width": 0},
                hoverinfo="skip",
                fill="tonexty" if shown else None,
                fillcolor=faded(CAPACITY, 0.3),
                name="total, 10–90 %",
                showlegend=shown,
            )
        )
    figure.add_trace(
        go.Scatter(
            x=week,
            y=mean["starts"],
            name="starts on offer",
            mode="lines",
            line={"color": CAPACITY, "width": 2, "dash": "dash", "shape": "hvh"},
        )
    )
    figure.update_xaxes(title_text="week")
    figure.update_yaxes(title_text="visits a week", rangemode="tozero")
    return styled(figure, hovermode="x unified")
