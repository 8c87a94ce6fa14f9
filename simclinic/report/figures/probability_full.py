"""In how many futures the clinic is full in a week, and in how many it has been full by then."""

from __future__ import annotations

from collections.abc import Sequence

from simclinic.measures.wilson import wilson
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.dates import dated_weeks, first_days
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.labels import label
from simclinic.report.figures.style import GREY, IN_ORDER, faded, styled
from simclinic.report.text.forecast import full_sentence
from simclinic.report.text.numbers import NO_VALUE
from simclinic.report.text.when_full import limits_text, share_text
from simclinic.report.text.words import from_heading
from simclinic.results.forecast import ForecastWeek, RelapseForecast
from simclinic.results.full import FullLimits

_DASHES = ("solid", "dash", "dot", "dashdot")


def probability_full(laws: Sequence[RelapseForecast], limits: FullLimits) -> Chart | None:
    """Show the probability of being full, week by week, under each relapse law; None where there is none.

    Parameters
    ----------
    laws
        What is forecast under each.
    limits
        What counts as full.
    """
    shown = [
        law for law in laws if law["n"] and any(week["full_probability"] is not None for week in law["weeks"])
    ]
    if not shown:
        return None
    return Chart(
        key="full",
        title="When is the clinic full?",
        says=f"{limits_text(limits)} Points: the share of simulated futures in which it is full in that week, with "
        "its 95 % interval. Lines: the share in which it has been full by then. Where a line crosses the dotted "
        "ones, a tenth, half and nine tenths of the futures have been full.",
        alt="; ".join(full_sentence(law) for law in shown) + ".",
        drawing=_drawn(shown),
        sheet=DataSheet.of(
            (
                "Week",
                from_heading(shown[0]["weeks"][0]["start"]),
                "law",
                "full that week",
                "95 % interval",
                "has been full by then",
                "futures",
            ),
            [
                (
                    f"{week['week']}",
                    week["start"],
                    law["name"],
                    share_text(week["full_probability"]),
                    _interval(week, law["n"]),
                    share_text(week["full_by_probability"]),
                    law["n"],
                )
                for law in shown
                for week in law["weeks"]
            ],
        ),
    )


def _interval(week: ForecastWeek, n: int) -> str:
    share = week["full_probability"]
    if share is None:
        return NO_VALUE
    low, high = wilson(round(share * n), n)
    return f"{100 * low:.0f}–{100 * high:.0f} %"


def _drawn(laws: Sequence[RelapseForecast]) -> Drawing:

    figure = Drawing()
    for at, law in enumerate(laws):
        colour, weeks = IN_ORDER[at % len(IN_ORDER)], law["weeks"]
        known = [week for week in weeks if week["full_probability"] is not None]
        shares = [week["full_probability"] or 0.0 for week in known]
        bounds = [wilson(round(share * law["n"]), law["n"]) for share in shares]
        named = f"{law['name']}: " if len(laws) > 1 else ""
        aside = 0.16 * (at - (len(laws) - 1) / 2)  # laws stand beside each other, not on each other
        figure.add_trace(
            scatter(
                x=[round(week["week"] + aside, 2) for week in known],
                y=[round(share, 4) for share in shares],
                mode="markers",
                name=label(f"{named}full that week", 34),
                marker={"color": colour, "size": 7, "symbol": ("circle", "square", "diamond")[at % 3]},
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": [round(high - y, 4) for y, (_, high) in zip(shares, bounds, strict=True)],
                    "arrayminus": [round(y - low, 4) for y, (low, _) in zip(shares, bounds, strict=True)],
                    "thickness": 1,
                    "width": 2,
                    "color": faded(colour, 0.6),
                },
                text=[f"week {week['week']}, from {week['start']}" for week in known],
                hovertemplate="%{text}: %{y:.0%}",
            )
        )
        figure.add_trace(
            scatter(
                x=[week["week"] for week in weeks],
                y=[week["full_by_probability"] for week in weeks],
                mode="lines",
                name=label(f"{named}has been full by then", 34),
                line={"color": colour, "width": 2, "dash": _DASHES[at % len(_DASHES)], "shape": "hv"},
                text=[f"week {week['week']}, from {week['start']}" for week in weeks],
                hovertemplate="by %{text}: %{y:.0%}",
            )
        )
    for part in (0.1, 0.5, 0.9):
        figure.add_hline(y=part, line={"color": GREY, "width": 1, "dash": "dot"})
    figure.update_xaxes(title_text=first_days(laws[0]["weeks"]), zeroline=False)
    figure.update_xaxes(dated_weeks(laws[0]["weeks"]))
    figure.update_yaxes(title_text="share of futures", range=[-0.02, 1.04], tickformat=".0%")
    return styled(
        figure,
        height=460,
        hovermode="closest",
        margin={"l": 60, "r": 20, "t": 30, "b": 130},
        legend={"orientation": "h", "yref": "container", "y": 0.0, "yanchor": "bottom", "x": 0},
    )
