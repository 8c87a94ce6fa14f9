"""Who is still away after so many days: what was seen, with its interval, and the laws fitted to it.

A law that leaves the shaded band for long should not be believed; beyond the last return seen nothing holds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simclinic.report.calibration import WHAT

if TYPE_CHECKING:
    import plotly.graph_objects as go

_COLOURS = {"lognormal": "#1b6ca8", "weibull": "#c8553d", "loglogistic": "#588157"}
_NAMES = {"lognormal": "lognormal", "weibull": "Weibull", "loglogistic": "log-logistic"}


def returns_figure(
    tables: Mapping[str, Sequence[Mapping[str, Any]]], chosen: Mapping[str, str | None]
) -> go.Figure:
    """Draw coming back after a series and after a booster, beside each other.

    Parameters
    ----------
    tables
        For "series" and "booster" rows by day: `day`, `away`, `away_low`, `away_high`, and one column for each law.
    chosen
        For each the column of the law that is used; None without one.
    """
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    names, shown = list(tables), set[str]()
    figure = make_subplots(
        rows=1, cols=max(len(names), 1), subplot_titles=[WHAT[name] for name in names], shared_yaxes=True
    )
    for place, name in enumerate(names, 1):
        rows = tables[name]
        days = [each["day"] for each in rows]
        first = place == 1

        def line(column: str, rows: Sequence[Mapping[str, Any]] = rows) -> list[float | None]:
            return [each[column] for each in rows]

        for low in (False, True):
            figure.add_trace(
                go.Scatter(
                    x=days,
                    y=line("away_low" if low else "away_high"),
                    line={"width": 0, "shape": "hv"},
                    fill="tonexty" if low else None,
                    fillcolor="rgba(90,90,90,0.18)",
                    hoverinfo="skip",
                    name="its 95 % interval",
                    legendgroup="band",
                    showlegend=first and low,
                ),
                row=1,
                col=place,
            )
        for column in list(rows[0])[6:] if rows else ():
            family, _, cure = column.partition("_")
            used = column == chosen[name]
            if all(each[column] is None for each in rows):
                continue
            figure.add_trace(
                go.Scatter(
                    x=days,
                    y=line(column),
                    line={
                        "color": _COLOURS[family],
                        "width": 3 if used else 1.2,
                        "dash": "solid" if cure else "dot",
                    },
                    opacity=1.0 if used else 0.7,
                    name=f"{_NAMES[family]}{' + never' if cure else ''}",
                    legendgroup=column,
                    showlegend=column not in shown,
                ),
                row=1,
                col=place,
            )
            shown.add(column)
        figure.add_trace(
            go.Scatter(
                x=days,
                y=line("away"),
                line={"color": "#333333", "width": 1.5, "shape": "hv"},
                name="seen (Kaplan-Meier)",
                legendgroup="seen",
                showlegend=first,
            ),
            row=1,
            col=place,
        )
        figure.update_xaxes(title_text="days after the last infusion", rangemode="tozero", row=1, col=place)
    figure.update_yaxes(title_text="share still away", range=[0, 1.02], tickformat=".0%", row=1, col=1)
    figure.update_layout(
        template="plotly_white",
        hovermode="x unified",
        legend={"orientation": "h", "y": -0.2},
        margin={"t": 50, "r": 20},
        height=520,
    )
    return figure


def returns_page(
    title: str,
    told: Sequence[str],
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    chosen: Mapping[str, str | None],
) -> str:
    """Write the figure as one HTML file that needs no network.

    Parameters
    ----------
    title
        Above everything.
    told
        Paragraphs below the figure.
    tables, chosen
        As for :func:`returns_figure`.
    """
    import html

    shown = "<p>Nobody has finished a series yet, so there is nothing to show.</p>"
    if any(tables.values()):
        shown = returns_figure(tables, chosen).to_html(
            include_plotlyjs=True,
            full_html=False,
            div_id="returns",
            config={"displaylogo": False, "responsive": True},
        )
    below = "".join(f"<p>{html.escape(each)}</p>" for each in told)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(title)}</title>\n"
        "<style>body{font:16px/1.45 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;"
        "color:#222}"
        "h1{font-size:1.3rem}p{max-width:48rem}</style>\n</head>\n<body>\n"
        f"<h1>{html.escape(title)}</h1>\n{shown}\n{below}\n</body>\n</html>\n"
    )
