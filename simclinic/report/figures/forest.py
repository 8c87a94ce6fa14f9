"""Differences between two scenarios on one scale: per cent of the first scenario's figure.

Days, minutes and dollars have no scale in common, so each difference is divided by the first scenario's mean.
Where that is about zero (its own interval holds 0) a percentage would mean nothing, and the difference is written
instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from simclinic.measures import GROUPS, KPIS
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.labels import label
from simclinic.report.figures.style import BLUE, GREEN, GREY, RED, styled
from simclinic.report.text.differences import SEEN
from simclinic.report.text.numbers import NO_VALUE, for_people, row, span
from simclinic.report.text.parts import label_of
from simclinic.results.compare import Between, Compared, Differing

SURE, PERHAPS, UNSEEN, ONCE = "surely different", "perhaps", "no difference seen", "one replication"
"""Certainty of a difference."""

_MOST_ROWS = 26
"""In one figure, so that it fits on a sheet of paper."""
_ROW = 27  # pixels
_WIDTH = 26  # characters of a name in one line
_MARKS = {
    SURE: ("circle", 10, 2.5),
    PERHAPS: ("diamond-open", 10, 1.5),
    UNSEEN: ("circle-open", 7, 1),
    ONCE: ("x-thin-open", 8, 1),
}
"""How sure a difference is, by the form of its mark: symbol, size, width of its bar."""

BETTER, WORSE, NEITHER = "better", "worse", "neither better nor worse"
_COLOURS = {BETTER: GREEN, WORSE: RED, NEITHER: BLUE, "": GREY}
"""Which way a difference goes, by colour; grey where it is not seen."""


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    label: str
    y: float
    certainty: str
    difference: Differing
    percent: tuple[float, float, float] | None
    """Mean and interval, in per cent of the first scenario's mean."""
    text: str
    """The difference in its own unit."""


def certainty(difference: Differing) -> str:
    """Classify the certainty of a difference; it counts as seen if it survives Holm's correction."""
    if difference["ci"] is None:
        return ONCE
    if difference["p_holm"] is not None and difference["p_holm"] < SEEN and difference["mean"]:
        return SURE
    low, high = difference["ci"]
    return UNSEEN if low <= 0 <= high else PERHAPS


def direction(name: str, difference: Differing) -> str:
    """Say whether a difference that is seen, or perhaps, is for the better; empty for all others.

    Where it depends on whom one asks, it is neither.
    """
    if certainty(difference) not in (SURE, PERHAPS) or not difference["mean"]:
        return ""
    better = KPIS[name].better
    if better is None:
        return NEITHER
    return BETTER if (difference["mean"] > 0) == (better == "higher") else WORSE


def scale_of(differences: Iterable[Between], first: Compared) -> float:
    """Return the end of one scale for all differences of a page, in per cent of the first scenario's value.

    Parameters
    ----------
    differences
        All that are shown, of all plans.
    first
        The scenario that all others are held against.
    """
    found = (
        _percent(difference, first["kpis"][name])
        for between in differences
        for name, difference in between["kpis"].items()
    )
    return _limit([max(abs(end) for end in each) for each in found if each is not None])


def forest(
    between: Between, first: Compared, currency: str, number: int = 1, limit: float | None = None
) -> Iterator[Chart]:
    """Show the differences between two scenarios, in as many figures as paper needs.

    Parameters
    ----------
    between
        The differences.
    first
        The scenario the other is held against.
    currency
        What amounts are in.
    number
        Of this difference on the page.
    limit
        From :func:`scale_of`, so that all figures of a page have one scale; by default that of this difference.
    """
    limit = limit or scale_of([between], first)
    parts = list(_parts(between["kpis"]))
    for at, groups in enumerate(parts, 1):
        text = " and ".join(", ".join(groups).rsplit(", ", 1)) if len(parts) > 1 else "all figures"
        rows, headings = _rows(between["kpis"], groups, first, currency)
        if any(each.difference["mean"] is not None for each in rows):
            yield _shown(between, rows, headings, text, f"differences-{number}-{at}", limit)


def _parts(kpis: Mapping[str, Differing]) -> Iterator[tuple[str, ...]]:
    """Share the groups out, in their order."""
    sizes: dict[str, int] = {
        group: len([name for name in kpis if KPIS[name].group == group]) for group in GROUPS
    }
    part: list[str] = []
    for group, size in sizes.items():
        if not size:
            continue
        if part and sum(sizes[other] for other in part) + size > _MOST_ROWS:
            yield tuple(part)
            part = []
        part.append(group)
    if part:
        yield tuple(part)


def _rows(
    kpis: Mapping[str, Differing], groups: Sequence[str], first: Compared, currency: str
) -> tuple[list[_Row], dict[float, str]]:
    rows, headings, y = [], {}, 0.0
    for group in groups:
        headings[y] = group
        y -= 1
        for name, difference in kpis.items():
            if KPIS[name].group == group:
                rows.append(
                    _Row(
                        name,
                        label_of(name, kpis),
                        y,
                        certainty(difference),
                        difference,
                        _percent(difference, first["kpis"][name]),
                        _own(difference, currency),
                    )
                )
                y -= 1
        y -= 0.3
    return rows, headings


def _percent(difference: Differing, first: Any) -> tuple[float, float, float] | None:  # noqa: ANN401 (a Figure)
    mean = difference["mean"]
    if mean is None:
        return None
    low, high = difference["ci"] or (mean, mean)
    if mean == low == high == 0:
        return 0.0, 0.0, 0.0
    base, around = first["mean"], first["ci"]
    if not base or (around is not None and around[0] <= 0 <= around[1]):
        return None
    size = abs(base)
    return 100 * mean / size, 100 * low / size, 100 * high / size


def _own(difference: Differing, currency: str) -> str:
    scale, _ = for_people(difference["unit"], currency)
    low, high = difference["ci"] or (None, None)
    mean, low_told, high_told = row(
        *(None if value is None else scale * value for value in (difference["mean"], low, high))
    )
    interval = span(low_told, high_told)
    return mean if interval == NO_VALUE else f"{mean} ({interval})"


def _unit(name: str, currency: str) -> str:
    unit = for_people(KPIS[name].unit, currency)[1]
    return "percentage points" if unit == "%" else unit


def _shown(
    between: Between, rows: Sequence[_Row], headings: Mapping[float, str], text: str, key: str, limit: float
) -> Chart:
    count = {each: sum(one.certainty == each for one in rows) for each in _MARKS}
    pairs = max(one.difference["n"] for one in rows)
    return Chart(
        key=key,
        title=f"{between['to']} against {between['from']}: {text}",
        says=f"Differences in per cent of the value of {between['from']}, with 95 % intervals over {pairs} pairs "
        f"of replications on the same patients; values right of the line are larger. Filled: {count[SURE]} real "
        f"differences, after Holm's correction for the number of figures, {len(between['kpis'])}. Open diamonds: "
        f"{count[PERHAPS]} differences that chance may explain among so many figures. Open circles: "
        f"{count[UNSEEN]} figures without a visible difference; it is at most the end of the interval. Green is "
        f"better, red worse, and blue neither. All figures of all plans are on one scale. Where the value of "
        f"{between['from']} is about zero, the difference is given in its own unit.",
        alt=f"Forest plot of {len(rows)} differences between {between['to']} and {between['from']}. "
        f"Real differences: {_named(rows, SURE)}. Perhaps: {_named(rows, PERHAPS)}.",
        drawing=_drawn(rows, headings, limit),
        sheet=DataSheet.of(
            (
                "Figure",
                "difference (95 % interval)",
                "unit",
                "% of the first (95 % interval)",
                "n",
                "how sure",
            ),
            [
                (
                    one.label,
                    one.text,
                    _unit(one.name, "money"),
                    _percent_text(one),
                    one.difference["n"],
                    one.certainty if one.difference["mean"] is not None else "cannot be compared",
                )
                for one in rows
            ],
        ),
    )


def _percent_text(one: _Row) -> str:
    if one.percent is None:
        return NO_VALUE
    mean, low, high = row(*one.percent)
    return mean if one.difference["ci"] is None else f"{mean} ({span(low, high)})"


def _named(rows: Sequence[_Row], which: str) -> str:
    return "; ".join(f"{one.label} {one.text}" for one in rows if one.certainty == which) or "none"


def _limit(ends: Sequence[float]) -> float:
    """Return the end of the scale: one figure that is nine times as large must not squeeze all others."""
    if not ends:
        return 10.0
    middle = float(np.quantile(ends, 0.75, method="lower"))
    return max(1.05 * min(max(ends), max(50.0, 3.0 * middle)), 1.0)


def _drawn(rows: Sequence[_Row], headings: Mapping[float, str], limit: float) -> Drawing:

    known = [one for one in rows if one.difference["mean"] is not None]
    figure = Drawing()
    for (kind, (symbol, size, width)), (way, colour) in product(_MARKS.items(), _COLOURS.items()):
        inside = [
            one
            for one in known
            if (one.certainty, direction(one.name, one.difference)) == (kind, way)
            and one.percent is not None
            and abs(one.percent[0]) <= limit
        ]
        if not inside:
            continue
        values = np.array([one.percent for one in inside], dtype=np.float64).round(2)
        figure.add_trace(
            scatter(
                x=values[:, 0],
                y=[one.y for one in inside],
                mode="markers",
                name=f"{kind}, {way}" if way else kind,
                marker={
                    "symbol": symbol,
                    "size": size,
                    "color": colour,
                    "line": {"width": 2, "color": colour},
                },
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": (values[:, 2] - values[:, 0]).round(2),
                    "arrayminus": (values[:, 0] - values[:, 1]).round(2),
                    "thickness": width,
                    "width": 3,
                    "color": colour,
                },
                text=[_hover(one) for one in inside],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    for side, symbol, place in ((1, "triangle-right", "middle left"), (-1, "triangle-left", "middle right")):
        beyond = [
            one for one in known if one.percent is not None and not -limit <= side * one.percent[0] <= limit
        ]
        beyond = [one for one in beyond if side * one.percent[0] > 0]  # type: ignore[index]
        if beyond:
            figure.add_trace(
                scatter(
                    x=[side * limit] * len(beyond),
                    y=[one.y for one in beyond],
                    mode="markers+text",
                    name="beyond the scale",
                    marker={
                        "symbol": [symbol if one.certainty == SURE else f"{symbol}-open" for one in beyond],
                        "size": 11,
                        "color": [_COLOURS[direction(one.name, one.difference)] for one in beyond],
                    },
                    text=[f"{one.percent[0]:+,.0f} %" for one in beyond],  # type: ignore[index]
                    textposition=place,
                    hovertext=[_hover(one) for one in beyond],
                    hovertemplate="%{hovertext}<extra></extra>",
                    showlegend=not any(trace.get("name") == "beyond the scale" for trace in figure.data),
                )
            )
    written = [one for one in known if one.percent is None]
    if written:
        figure.add_trace(
            scatter(
                x=[-limit] * len(written),
                y=[one.y for one in written],
                mode="text",
                text=[f"{one.text} {'●' if one.certainty == SURE else ''}" for one in written],
                textposition="middle right",
                textfont={"size": 11},
                hovertext=[_hover(one) for one in written],
                hovertemplate="%{hovertext}<extra></extra>",
                showlegend=False,
            )
        )
    figure.update_xaxes(
        title_text="difference, % of the first",
        range=[-limit * 1.06, limit * 1.06],
        zeroline=True,
        zerolinewidth=2,
        nticks=7,
        ticksuffix=" %",
    )
    ticks = {one.y: label(one.label, _WIDTH) for one in rows}
    ticks |= {y: f"<b>{label(group).upper()}</b>" for y, group in headings.items()}
    figure.update_yaxes(
        tickvals=list(ticks),
        ticktext=list(ticks.values()),
        tickfont={"size": 11},
        range=[min(ticks) - 0.7, 0.7],
        showgrid=False,
        zeroline=False,
    )
    styled(figure, height=round(_ROW * (len(ticks) + 0.3 * len(headings)) + 130), hovermode="closest")
    figure.update_xaxes(zerolinecolor=GREY)
    return figure


def _hover(one: _Row) -> str:
    unit = _unit(one.name, "money")
    return f"{label(one.label)}<br>{label(one.text)} {label(unit)}<br>{one.certainty}"
