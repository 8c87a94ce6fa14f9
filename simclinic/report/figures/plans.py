"""Plans side by side: a panel for each key figure on one scale for all plans, with the target as a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simclinic.measures import KPIS
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, panels, scatter
from simclinic.report.figures.labels import label
from simclinic.report.figures.style import BLUE, GREEN, GREY, ORANGE, RED, styled
from simclinic.report.text.numbers import NO_VALUE, for_people, short, with_interval
from simclinic.report.text.parts import label_of
from simclinic.report.text.words import counted

Means = Mapping[str, Mapping[str, Any]]
"""Key figures of a plan by name, each with `mean`, `ci` and `n`."""

MOST_PANELS = 3
"""Panels that fit a sheet of paper side by side."""
MOST_PLANS = 12
"""Plans that fit it below each other."""

_STANDS = (
    ("kept", "surely keeps the target", GREEN, "circle"),
    ("broken", "surely misses it", RED, "x"),
    ("open", "open", ORANGE, "diamond"),
    ("", "no target", BLUE, "circle"),
)
_ROW, _MARGINS = 30, 150
_ROOM = 0.1
"""On each side of a panel, as a share of its range."""
_NAME, _TITLE = 24, 24


def stands(figure: Mapping[str, Any], limit: tuple[bool, float] | None) -> str:
    """Say where an interval lies beside a limit: "kept", "broken", "open"; empty without a limit."""
    if limit is None:
        return ""
    at_most, bound = limit
    if figure["ci"] is None:
        return "open"
    low, high = figure["ci"]
    if (high <= bound) if at_most else (low >= bound):
        return "kept"
    return "broken" if ((low > bound) if at_most else (high < bound)) else "open"


def plans_chart(
    plans: Mapping[str, Means],
    names: Sequence[str],
    limits: Mapping[str, tuple[bool, float]],
    currency: str,
) -> Chart | None:
    """Show the first key figures that any plan has, plan below plan; None if there are none.

    Parameters
    ----------
    plans
        By name, in the order of the chart.
    names
        Key figures, the most important first.
    limits
        Of key figures, in their own units: whether they should be at most a limit, and the limit.
    currency
        What amounts are in.
    """
    shown = dict(list(plans.items())[:MOST_PLANS])
    known = [name for name in names if any(_known(means, name) for means in shown.values())][:MOST_PANELS]
    if not known:
        return None
    left = len(plans) - len(shown)
    named = _names(shown)
    n = max(int(means[name]["n"]) for means in shown.values() for name in known if _known(means, name))
    lines = [
        f"{label_of(name, named)} {_limit_text(name, limits[name], currency)}"
        for name in known
        if name in limits
    ]
    return Chart(
        key="plans-chart",
        title=f"{counted(len(shown), 'plan')} on one scale",
        says=f"Means with 95 % intervals over {counted(n, 'replication')}, each figure on one scale for all plans."
        + (f" Dashed: {'; '.join(lines)}." if lines else "")
        + (f" {left} more plans are in the appendix." if left else ""),
        alt="; ".join(
            f"{plan}: "
            + ", ".join(
                f"{label_of(name, named)} {_cell(means, name, currency)}"
                for name in known
                if _known(means, name)
            )
            for plan, means in shown.items()
        )
        + ".",
        drawing=_drawn(shown, known, limits, currency),
        sheet=DataSheet.of(
            (
                "Plan",
                *(f"{label_of(name, named)}, {for_people(KPIS[name].unit, currency)[1]}" for name in known),
            ),
            [(plan, *(_cell(means, name, currency) for name in known)) for plan, means in shown.items()],
        ),
    )


def _names(plans: Mapping[str, Means]) -> set[str]:
    """Return the names of all figures, by which they show whether there are several types of visit."""
    return {name for means in plans.values() for name in means}


def _known(means: Means, name: str) -> bool:
    return name in means and means[name]["mean"] is not None


def _cell(means: Means, name: str, currency: str) -> str:
    return with_interval(means[name], for_people(KPIS[name].unit, currency)[0]) if name in means else NO_VALUE


def _limit_text(name: str, limit: tuple[bool, float], currency: str) -> str:
    scale, unit = for_people(KPIS[name].unit, currency)
    return f"{'at most' if limit[0] else 'at least'} {limit[1] * scale:,.6g} {unit}"


def _drawn(
    plans: Mapping[str, Means], names: Sequence[str], limits: Mapping[str, tuple[bool, float]], currency: str
) -> Drawing:
    units = [for_people(KPIS[name].unit, currency) for name in names]
    named = _names(plans)
    titles = [
        label(f"{label_of(name, named)}, {unit}", _TITLE)
        for name, (_, unit) in zip(names, units, strict=True)
    ]
    figure = panels(1, len(names), shared_yaxes=True, horizontal_spacing=0.06, subplot_titles=titles)
    figure.update_annotations(font={"size": 12})
    in_legend: set[str] = set()
    for col, (name, (scale, _)) in enumerate(zip(names, units, strict=True), 1):
        limit = limits.get(name)
        for kind, words, colour, symbol in _STANDS:
            rows = [
                (at, means[name])
                for at, means in enumerate(plans.values())
                if _known(means, name) and stands(means[name], limit) == kind
            ]
            if not rows:
                continue
            values = [scale * found["mean"] for _, found in rows]
            ends = [found["ci"] or [found["mean"]] * 2 for _, found in rows]
            figure.add_trace(
                scatter(
                    x=[_digits(value) for value in values],
                    y=[at for at, _ in rows],
                    mode="markers",
                    name=words,
                    legendgroup=kind or "none",
                    showlegend=kind not in in_legend,
                    marker={"color": colour, "symbol": symbol, "size": 10},
                    error_x={
                        "type": "data",
                        "symmetric": False,
                        "array": [
                            _digits(scale * end[1] - value) for end, value in zip(ends, values, strict=True)
                        ],
                        "arrayminus": [
                            _digits(value - scale * end[0]) for end, value in zip(ends, values, strict=True)
                        ],
                        "color": colour,
                        "thickness": 1.8,
                        "width": 4,
                    },
                    hovertemplate="%{x}<extra></extra>",
                ),
                row=1,
                col=col,
            )
            in_legend.add(kind)
        if limit is not None:
            at = _digits(scale * limit[1])
            figure.add_trace(
                scatter(
                    x=[at, at],
                    y=[-0.6, len(plans) - 0.4],
                    mode="lines",
                    name="target",
                    legendgroup="target",
                    showlegend="target" not in in_legend,
                    line={"color": GREY, "width": 2, "dash": "dash"},
                    hovertemplate=f"target: {short(at)}<extra></extra>",
                ),
                row=1,
                col=col,
            )
            in_legend.add("target")
        figure.update_xaxes(range=_range(plans, name, limit, scale), row=1, col=col)
    figure.update_yaxes(
        tickvals=list(range(len(plans))),
        ticktext=[label(name, _NAME) for name in plans],
        tickfont={"size": 11},
        range=[len(plans) - 0.4, -0.6],
        zeroline=False,
    )
    figure.update_xaxes(nticks=5, zeroline=False)
    return styled(
        figure,
        height=_MARGINS + _ROW * max(len(plans), 3),
        hovermode="closest",
        margin={"l": 60, "r": 20, "t": 60, "b": 70},
        legend={"orientation": "h", "yref": "container", "y": 0.0, "yanchor": "bottom", "x": 0},
    )


def _range(
    plans: Mapping[str, Means], name: str, limit: tuple[bool, float] | None, scale: float
) -> list[float]:
    """Return the ends of a panel, with room beside its intervals and its target."""
    known = [means[name] for means in plans.values() if _known(means, name)]
    ends = [scale * end for each in known for end in (each["ci"] or [each["mean"]])]
    ends += [] if limit is None else [scale * limit[1]]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    room = _ROOM * ((high - low) or abs(high) or 1.0)
    return [_digits(low - room), _digits(high + room)]


def _digits(value: float) -> float:
    return float(f"{value:.5g}")
