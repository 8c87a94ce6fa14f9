"""How much of each limit a plan uses: one scale for days, minutes and shares, with the limits as one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from simclinic.measures import KPIS
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.labels import label
from simclinic.report.figures.plans import stands
from simclinic.report.figures.style import GREEN, GREY, ORANGE, RED, styled
from simclinic.report.text.numbers import for_people, plain, span, with_interval
from simclinic.report.text.parts import label_of
from simclinic.report.text.words import counted

_STANDS = (
    ("kept", "surely kept", GREEN, "circle"),
    ("broken", "surely missed", RED, "x"),
    ("open", "open", ORANGE, "diamond"),
)
_FARTHEST = 300.0
"""Per cent of a limit beyond which a point is drawn at the edge."""
_ROW, _MARGINS, _NAME = 44, 130, 34


class _Line(NamedTuple):
    name: str
    label: str
    told: str
    """The figure with its interval, and its limit."""
    used: tuple[float, float, float]
    """Mean and interval in per cent of the limit; of a share that should be large, what is missing of it."""
    stand: str


def limits_chart(
    kpis: Mapping[str, Mapping[str, Any]], limits: Mapping[str, tuple[bool, float]], currency: str
) -> Chart | None:
    """Show how much of each limit is used; None if no figure has a limit.

    Parameters
    ----------
    kpis
        Key figures by name, with `mean`, `ci` and `n`.
    limits
        Whether each should be at most a limit, and the limit, in its own unit.
    currency
        What amounts are in.
    """
    lines = [
        line
        for name, limit in limits.items()
        if name in kpis
        and (line := _line(name, label_of(name, kpis), kpis[name], limit, currency)) is not None
    ]
    if not lines:
        return None
    n = max(int(kpis[line.name]["n"]) for line in lines)
    far = any(line.used[0] > _FARTHEST for line in lines)
    return Chart(
        key="limits",
        title="How much of each limit is used",
        says=f"Means with 95 % intervals over {counted(n, 'replication')}, in % of the limit; right of the dashed "
        "line the limit is broken. Of what should be large, such as the share that begins in time, it is what is "
        "missing." + (f" Points beyond {_FARTHEST:g} % are at the edge." if far else ""),
        alt="; ".join(f"{line.label} {line.told}" for line in lines) + ".",
        drawing=_drawn(lines),
        sheet=DataSheet.of(
            ("Figure", "found, and asked for", "% of the limit (95 % interval)"),
            [
                (
                    line.label,
                    line.told,
                    f"{plain(line.used[0], 0)} ({span(plain(line.used[1], 0), plain(line.used[2], 0))})",
                )
                for line in lines
            ],
        ),
    )


def _line(
    name: str, words: str, figure: Mapping[str, Any], limit: tuple[bool, float], currency: str
) -> _Line | None:
    at_most, bound = limit
    if figure["mean"] is None:
        return None
    low, high = figure["ci"] or (figure["mean"], figure["mean"])
    values = (figure["mean"], low, high)
    if not at_most:
        if KPIS[name].unit != "share":
            return None
        bound, values = 1.0 - bound, tuple(1.0 - value for value in (figure["mean"], high, low))
    if bound <= 0:
        return None
    scale, unit = for_people(KPIS[name].unit, currency)
    side = "at most" if at_most else "at least"
    told = f"{with_interval(figure, scale)} {unit}, {side} {scale * limit[1]:,.6g}"
    used = tuple(100.0 * value / bound for value in values)
    return _Line(name, words, told, (used[0], used[1], used[2]), stands(figure, limit))


def _drawn(lines: list[_Line]) -> Drawing:
    figure = Drawing()
    for kind, words, colour, symbol in _STANDS:
        rows = [(at, line) for at, line in enumerate(lines) if line.stand == kind]
        if not rows:
            continue
        figure.add_trace(
            scatter(
                x=[_shown(line.used[0]) for _, line in rows],
                y=[at for at, _ in rows],
                mode="markers",
                name=words,
                marker={
                    "color": colour,
                    "symbol": ["triangle-right" if line.used[0] > _FARTHEST else symbol for _, line in rows],
                    "size": 12,
                },
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": [_shown(line.used[2]) - _shown(line.used[0]) for _, line in rows],
                    "arrayminus": [_shown(line.used[0]) - _shown(line.used[1]) for _, line in rows],
                    "color": colour,
                    "thickness": 2,
                    "width": 5,
                },
                text=[label(f"{line.label}: {line.told}") for _, line in rows],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    figure.add_trace(
        scatter(
            x=[100, 100],
            y=[-0.6, len(lines) - 0.4],
            mode="lines",
            name="the limit",
            line={"color": GREY, "width": 2, "dash": "dash"},
            hoverinfo="skip",
        )
    )
    reach = max(120.0, *(min(1.05 * line.used[2], 1.05 * _FARTHEST) for line in lines))
    figure.update_xaxes(title_text="% of the limit", range=[-0.02 * reach, reach], zeroline=False)
    figure.update_yaxes(
        tickvals=list(range(len(lines))),
        ticktext=[f"{label(line.label, _NAME)}<br>{label(line.told)}" for line in lines],
        tickfont={"size": 11},
        range=[len(lines) - 0.4, -0.6],
        showgrid=False,
        zeroline=False,
    )
    return styled(figure, height=_MARGINS + _ROW * len(lines), hovermode="closest")


def _shown(used: float) -> float:
    return round(min(used, _FARTHEST), 1)
