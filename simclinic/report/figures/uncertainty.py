"""Uncertainty of the main figures: the 95 % interval of each mean, and the range of eight in ten replications.

Days, shares and money do not share an axis, so each is drawn as a deviation from its own mean, in per cent of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, bar
from simclinic.report.figures.style import BLUE, SKY, styled
from simclinic.report.text.numbers import for_people, plain, row, span
from simclinic.report.text.parts import label_of
from simclinic.results.document import Figure

MAIN = (
    "access_days_mean",
    "balked_share",
    "waiting_for_series_mean",
    "series_started_per_week",
    "boosters_per_week",
    "booster_wait_days_mean",
    "wait_minutes_mean",
    "started_on_time_share",
    "chair_utilisation",
    "nurse_hands_on_utilisation",
    "overtime_nurse_hours_per_week",
    "margin_per_week",
)
"""Key figures that are drawn, in the order of tables."""

_WIDEST = 100.0
_FEW = 4
"""Figures below which none is called an exception."""
_ROOM, _MOST_OF = 1.5, 0.75
"""The scale ends at so many times the width that this share of figures keeps: a single figure near zero, such as an
overtime of 0.04 hours, must not squeeze all others."""


class _Line(NamedTuple):
    label: str
    value: str
    interval: tuple[float, float]
    spread: tuple[float, float]


def uncertainty(kpis: Mapping[str, Figure], currency: str) -> Chart | None:
    """Show the uncertainty of the main figures; None with a single replication.

    Parameters
    ----------
    kpis
        Key figures over replications.
    currency
        What amounts are in.
    """
    lines, flat = [], []
    for name in MAIN:
        figure = kpis.get(name)
        if figure is None or figure["mean"] is None or figure["ci"] is None:
            continue
        if figure["mean"] == 0 or figure["p10"] is None or figure["p90"] is None:
            flat.append(label_of(name, kpis).lower())
        else:
            lines.append(_line(label_of(name, kpis), figure, currency))
    if not lines:
        return None
    widest = max(lines, key=lambda line: line.interval[1] - line.interval[0])
    surest = min(lines, key=lambda line: line.interval[1] - line.interval[0])
    n = max(kpis[name]["n"] for name in MAIN if name in kpis)
    none = f" Left out, because the mean is zero: {', '.join(flat)}." if flat else ""
    reach = _reach(lines)
    wide = [line for line in lines if _end(line) > reach]
    cut = f" Cut off at ± {reach:.0f} %: {'; '.join(_cut(line) for line in wide)}." if wide else ""
    text = ", ".join(f"{line.label.lower()} ± {plain(_half(line), 1)} %" for line in (surest, widest))
    return Chart(
        key="how-sure",
        title="Uncertainty of the main figures",
        says="Thick: the 95 % interval of the mean; more replications narrow it. Thin: the range of eight in ten "
        f"of {n} replications, which differ by chance alone. The most and the least precise mean: "
        f"{text}.{none}{cut}",
        alt=f"For {len(lines)} figures a thick bar, the 95 % interval, and a thin one, the 10 to 90 % range "
        f"over {n} replications, in per cent of the mean. {text}.",
        drawing=_drawn(lines, reach),
        sheet=DataSheet.of(
            ("Figure", "mean (95 % interval)", "interval, % of the mean", "10–90 %, % of the mean"),
            [(line.label, line.value, _range(line.interval), _range(line.spread)) for line in lines],
        ),
    )


def _line(label: str, figure: Figure, currency: str) -> _Line:
    scale, unit = for_people(figure["unit"], currency)
    mean, ci = figure["mean"], figure["ci"]
    assert mean is not None
    assert ci is not None
    text, *bounds = row(scale * mean, *(scale * each for each in ci))
    edges = [100 * ((each or 0.0) - mean) / abs(mean) for each in (*ci, figure["p10"], figure["p90"])]
    return _Line(
        label,
        f"{text} ({span(*bounds)}) {unit}",
        (edges[0], edges[1]),
        (edges[2], edges[3]),
    )


def _half(line: _Line) -> float:
    return (line.interval[1] - line.interval[0]) / 2


def _range(edges: tuple[float, float]) -> str:
    return span(*(plain(edge, 1) for edge in edges))


def _end(line: _Line) -> float:
    return max(abs(edge) for edge in (*line.interval, *line.spread))


def _cut(line: _Line) -> str:
    interval, spread = (span(*(f"{edge:.0f}" for edge in edges)) for edges in (line.interval, line.spread))
    return f"{line.label.lower()}, interval {interval} %, eight in ten {spread} %"


def _reach(lines: list[_Line]) -> float:
    """Return the end of the scale, in per cent of the means."""
    ends = sorted(_end(line) for line in lines)
    if len(ends) < _FEW:
        return min(_WIDEST, ends[-1]) or 1.0
    most = ends[int(_MOST_OF * (len(ends) - 1))]
    return min(_WIDEST, ends[-1], _ROOM * most) or 1.0


def _drawn(lines: list[_Line], reach: float) -> Drawing:

    figure = Drawing()
    for which, name, colour, width in (
        ("interval", "95 % interval of the mean", BLUE, 0.5),
        ("spread", "8 in 10 replications", SKY, 0.22),
    ):
        edges = [getattr(line, which) for line in lines]
        figure.add_trace(
            bar(
                orientation="h",
                y=list(range(len(lines))),
                base=[round(low, 2) for low, _ in edges],
                x=[round(high - low, 2) for low, high in edges],
                width=width,
                name=name,
                marker={"color": colour},
                customdata=[
                    [line.label, line.value, round(low, 1), round(high, 1)]
                    for line, (low, high) in zip(lines, edges, strict=True)
                ],
                hovertemplate="%{customdata[0]}: %{customdata[1]}<br>%{customdata[2]} to %{customdata[3]} %"
                f"<extra>{name}</extra>",
            )
        )
    figure.update_yaxes(
        tickvals=list(range(len(lines))),
        ticktext=[f"{line.label}<br>{line.value}" for line in lines],
        tickfont={"size": 11},
        range=[len(lines) - 0.4, -0.6],
        showgrid=False,
        zeroline=False,
    )
    figure.update_xaxes(title_text="% off the mean", range=[-1.08 * reach, 1.08 * reach])
    return styled(figure, height=100 + 38 * len(lines), barmode="overlay")
