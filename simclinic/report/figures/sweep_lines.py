"""How a key figure goes with each factor, everything else averaged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simclinic.measures import KPIS
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, panels, scatter
from simclinic.report.figures.labels import label
from simclinic.report.figures.levels import Columns, ResponseCurve, Swept, response
from simclinic.report.figures.style import BLUE, GREY, error_bars, faded, styled, within
from simclinic.report.settings import setting_words
from simclinic.report.text.numbers import NO_VALUE, for_people, plain, row, short, span
from simclinic.report.text.parts import label_of

MOST = 6
"""Factors drawn."""


def sweep_lines(
    name: str,
    factors: Sequence[str],
    points: Columns,
    runs: Columns,
    currency: str,
    *,
    grid: bool,
    limit: tuple[bool, float] | None = None,
) -> Chart | None:
    """Show one key figure over the factors; None where it could not be computed.

    Parameters
    ----------
    name
        The key figure.
    factors
        The ones that matter most first.
    points, runs
        As for :func:`simclinic.report.figures.sweep_map.sweep_map`.
    currency
        What amounts are in.
    grid
        Whether all combinations of levels are there.
    limit
        Whether the figure should be at most a limit, and the limit, in its own unit; drawn as a line.
    """
    if not factors:
        return None
    swept = Swept.of(points, runs, name)
    curves = {factor: response(swept, points[factor], grid=grid) for factor in factors[:MOST]}
    if not any((~np.isnan(each.mean)).any() for each in curves.values()):
        return None
    scale, unit = for_people(KPIS[name].unit, currency)
    named = label_of(name, points)
    left = len(factors) - len(curves)
    more = f" {left} factors that matter less are not drawn." if left else ""
    line = "" if limit is None else f" Dashed: the target, {scale * limit[1]:,.6g} {unit}."
    says = (
        "Means over all points with a level, with 95 % intervals over replications. Every level has the same "
        'patients, so levels may really differ although their intervals overlap: see "what matters".'
        if grid
        else "Means over points with about this value, with 95 % intervals over these points, which include the "
        "variation of the other factors."
    )
    return Chart(
        key=f"levels-{name.replace('_', '-')}",
        title=f"{named}, by factor",
        says=f"{says}{line}{more}",
        alt="; ".join(_sentence(factor, each, scale, unit) for factor, each in curves.items()) + ".",
        drawing=_drawn(
            curves,
            f"{named}, {unit}",
            scale,
            within(*(scale * end for end in KPIS[name].range)),
            None if limit is None else scale * limit[1],
        ),
        sheet=_sheet(curves, named, scale, unit),
    )


def _sentence(factor: str, curve: ResponseCurve, scale: float, unit: str) -> str:
    known = np.flatnonzero(~np.isnan(curve.mean))
    if not known.size:
        return f"{setting_words(factor)}: not known"
    first, last = int(known[0]), int(known[-1])
    return (
        f"{setting_words(factor)}: {short(scale * float(curve.mean[first]))} {unit} at {_level(curve.at[first])}, "
        f"{short(scale * float(curve.mean[last]))} at {_level(curve.at[last])}"
    )


def _level(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _sheet(curves: Mapping[str, ResponseCurve], name: str, scale: float, unit: str) -> DataSheet:
    rows = []
    for factor, each in curves.items():
        for at, level in enumerate(each.at):
            mean, low, high = row(*(scale * float(part[at]) for part in (each.mean, each.low, each.high)))
            interval = span(low, high)
            text = mean if interval == NO_VALUE else f"{mean} ({interval})"
            rows.append((setting_words(factor), _level(level), text, plain(each.n[at], 0)))
    counted = "replications" if all(each.levels for each in curves.values()) else "n"
    return DataSheet.of(("Factor", "level", f"{name}, {unit} (95 % interval)", counted), rows)


def _drawn(
    curves: Mapping[str, ResponseCurve],
    title: str,
    scale: float,
    axis: Mapping[str, Any],
    limit: float | None = None,
) -> Drawing:
    columns = min(2, len(curves))
    lines = -(-len(curves) // columns)
    figure = panels(
        rows=lines, cols=columns, shared_yaxes="all", vertical_spacing=0.3 / lines, horizontal_spacing=0.06
    )
    for at, (factor, each) in enumerate(curves.items()):
        place: dict[str, int] = {"row": at // columns + 1, "col": at % columns + 1}
        numbers = all(isinstance(level, int | float) and not isinstance(level, bool) for level in each.at)
        x = each.at if numbers else list(range(len(each.at)))
        figure.add_trace(
            scatter(
                x=x,
                y=[None if np.isnan(value) else float(f"{scale * value:.5g}") for value in each.mean],
                mode="lines+markers" if numbers else "markers",
                line={"color": BLUE, "width": 1.5},
                marker={"size": 8, "color": BLUE},
                error_y={
                    **error_bars(scale * each.mean, scale * each.low, scale * each.high, faded(BLUE, 0.8)),
                    "thickness": 1.5,
                    "width": 4,
                },
                showlegend=False,
                text=[label(_level(level)) for level in each.at],
                hovertemplate="%{text}: %{y}<extra></extra>",
            ),
            **place,
        )
        if limit is not None:
            ends = [x[0], x[-1]] if numbers else [-0.5, len(x) - 0.5]
            figure.add_trace(
                scatter(
                    x=ends,
                    y=[float(f"{limit:.5g}")] * 2,
                    mode="lines",
                    name="target",
                    line={"color": GREY, "width": 2, "dash": "dash"},
                    showlegend=False,
                    hovertemplate="target: %{y}<extra></extra>",
                ),
                **place,
            )
        ticks: dict[str, Any] = {"nticks": 6}
        if not numbers or (each.levels and len(x) <= 6):
            ticks = {"tickvals": x, "ticktext": [label(_level(level), 14) for level in each.at]}
        if not numbers:
            ticks["range"] = [-0.5, len(x) - 0.5]
        figure.update_xaxes(
            title_text=label(setting_words(factor), 34), title_font_size=11, zeroline=False, **ticks, **place
        )
        if at % columns == 0:
            figure.update_yaxes(title_text=label(title, 26), title_font_size=12, **place)
    figure = styled(figure, height=90 + 230 * lines, hovermode="closest")
    figure.update_yaxes(zeroline=False, **axis)
    return figure
