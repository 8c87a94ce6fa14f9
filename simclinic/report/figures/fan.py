"""Booster requests in each week of the simulated futures, against the starts on offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.dates import dated_weeks, first_days
from simclinic.report.figures.drawing import Drawing, panels, scatter
from simclinic.report.figures.labels import label
from simclinic.report.figures.style import BLUE, BOOSTER, CAPACITY, GREEN, faded, styled
from simclinic.report.text.numbers import NO_VALUE, plain, span
from simclinic.report.text.words import from_heading
from simclinic.results.forecast import Band, RelapseForecast

_LINES = (
    ("today's patients", "from_panel", "p50", {"color": GREEN, "width": 1.8, "dash": "dash"}),
    ("new patients", "from_new", "p50", {"color": BLUE, "width": 1.8, "dash": "dot"}),
    ("given", "boosters_given", "p50", {"color": "#8A4B08", "width": 1.5, "dash": "dashdot"}),
)


def booster_fan(laws: Sequence[RelapseForecast]) -> Chart | None:
    """Show boosters asked for week by week under each relapse law; None where no future came to an end.

    Parameters
    ----------
    laws
        What is forecast under each.
    """
    shown = [law for law in laws if law["n"] and law["weeks"]]
    if not shown:
        return None
    rows: list[tuple[object, ...]] = []
    for law in shown:
        rows += _before(law, which=len(shown) > 1)
        for week in law["weeks"]:
            asked = week["booster_requests"]
            rows.append(
                (
                    f"{week['week']}",
                    week["start"],
                    *((law["name"],) if len(shown) > 1 else ()),
                    plain(asked["p50"], 0),
                    span(plain(asked["p10"], 0), plain(asked["p90"], 0)),
                    *(plain(week[name][part], 0) for _, name, part, _ in _LINES),  # type: ignore[literal-required]
                    plain(_all(week), 1),
                    plain(week["starts_used"]["mean"], 1),
                    plain(week["capacity"]["p50"], 0),
                    law["n"],
                )
            )
    which = ("law",) if len(shown) > 1 else ()
    return Chart(
        key="boosters",
        title="Boosters, week by week",
        says="The line is the median of the simulated futures, and eight in ten lie within the band. The band is "
        "the spread of single futures, not the precision of a mean. The upper lines are the starts used by series "
        "and boosters, on average, and the starts on offer; missed visits and late cancellations use starts, too."
        + _says_before(shown),
        alt="; ".join(_sentence(law) for law in shown) + ".",
        drawing=_drawn(shown),
        sheet=DataSheet.of(
            (
                *("Week", from_heading(shown[0]["weeks"][0]["start"]), *which, "asked for", "10–90 %"),
                *(name for name, *_ in _LINES),
                *("all infusions, mean", "starts used, mean", "starts on offer", "futures"),
            ),
            rows,
        ),
    )


def _asked_before(law: RelapseForecast) -> Band | None:
    """Return the boosters asked for before the first day and not yet booked; None if there are none."""
    band = law["weeks"][0]["booster_requests_before"]
    return band if band["mean"] else None


def _before(law: RelapseForecast, *, which: bool) -> list[tuple[object, ...]]:
    """Make the row of boosters asked for before the first day."""
    band = _asked_before(law)
    if band is None:
        return []
    asked = plain(band["p50"], 0)
    bounds = span(plain(band["p10"], 0), plain(band["p90"], 0))
    named = (law["name"],) if which else ()
    rest = (NO_VALUE,) * (len(_LINES) + 2)
    return [("", "before", *named, asked, bounds, asked, *rest, law["n"])]


def _says_before(laws: Sequence[RelapseForecast]) -> str:
    if not any(_asked_before(law) for law in laws):
        return ""
    return (
        " The diamond shows boosters that were asked for, or due, before the first day and not yet booked; they "
        "are not among the requests of any week."
    )


def _all(week: Any) -> float | None:  # noqa: ANN401 (a Week)
    """Add infusions of series and boosters; means add up, medians would not."""
    parts = week["induction"]["mean"], week["boosters_given"]["mean"]
    return None if None in parts else sum(parts)


def _sentence(law: RelapseForecast) -> str:
    first, last = law["weeks"][0]["booster_requests"], law["weeks"][-1]["booster_requests"]
    return (
        f"{law['name']}: boosters asked for go from {plain(first['p50'], 0)} "
        f"({span(plain(first['p10'], 0), plain(first['p90'], 0))}) in week 0 to {plain(last['p50'], 0)} "
        f"({span(plain(last['p10'], 0), plain(last['p90'], 0))}) in week {law['weeks'][-1]['week']}"
    )


def _drawn(laws: Sequence[RelapseForecast]) -> Drawing:

    figure = panels(
        rows=len(laws), cols=1, shared_xaxes="all", shared_yaxes="all", vertical_spacing=0.24 / len(laws)
    )
    for at, law in enumerate(laws, 1):
        weeks: Sequence[Any] = law["weeks"]
        x = [week["week"] for week in weeks]

        def line(name: str, part: str, weeks: Sequence[Any] = weeks) -> list[float | None]:
            return [None if week[name][part] is None else round(week[name][part], 1) for week in weeks]

        def add(name: str, y: Sequence[float | None], at: int = at, x: list[int] = x, **more: Any) -> None:  # noqa: ANN401 (plotly's)
            figure.add_trace(
                scatter(
                    **{"x": x, "y": y, "name": name, "mode": "lines", "legendgroup": name}
                    | {"showlegend": at == 1}
                    | more
                ),
                row=at,
                col=1,
            )

        add(
            "asked for, 10–90 %",
            line("booster_requests", "p90"),
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
        add(
            "asked for, 10–90 %",
            line("booster_requests", "p10"),
            line={"width": 0},
            hoverinfo="skip",
            fill="tonexty",
            fillcolor=faded(BOOSTER, 0.35),
        )
        add("boosters asked for", line("booster_requests", "p50"), line={"color": BOOSTER, "width": 3})
        for name, column, part, style in _LINES:
            add(name, line(column, part), line=style)
        add("starts used, mean", line("starts_used", "mean"), line={"color": CAPACITY, "width": 2})
        add(
            "starts on offer",
            line("capacity", "p50"),
            line={"color": CAPACITY, "width": 2, "dash": "longdash", "shape": "hvh"},
        )
        before = _asked_before(law)
        if before is not None:
            add(
                "asked for before",
                [round(before["mean"] or 0.0, 1)],
                x=x[:1],
                mode="markers",
                marker={"color": BOOSTER, "symbol": "diamond-open", "size": 11, "line": {"width": 2}},
            )
        figure.update_yaxes(title_text="a week", rangemode="tozero", row=at, col=1)
        if len(laws) > 1:
            figure.add_annotation(
                text=f"<b>{label(law['name'], 40)}</b>",
                xref="x domain",
                yref="y domain",
                x=0,
                y=1.0,
                yanchor="bottom",
                xanchor="left",
                showarrow=False,
                row=at,
                col=1,
            )
    figure.update_xaxes(title_text=first_days(laws[0]["weeks"]), row=len(laws), col=1)
    ticks = dated_weeks(laws[0]["weeks"])
    figure.update_xaxes(ticks, showticklabels=True, zeroline=False)
    for above in range(
        1, len(laws)
    ):  # dates stand below the last panel: between two there is no room for them
        figure.update_xaxes(ticktext=ticks["tickvals"], row=above, col=1)
    return styled(
        figure,
        height=150 + 280 * len(laws),
        hovermode="x unified" if len(laws) == 1 else "closest",
        margin={"l": 60, "r": 20, "t": 30, "b": 150},
        legend={
            "orientation": "h",
            "yref": "container",
            "y": 0.0,
            "yanchor": "bottom",
            "x": 0,
            "traceorder": "normal",
        },
    )
