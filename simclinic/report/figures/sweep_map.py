"""Two factors of a grid across and up, and how the clinic does at each pair of levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.measures import STATES
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, heat_map, panels
from simclinic.report.figures.labels import label
from simclinic.report.figures.levels import Columns, Swept, mean_at, ordered
from simclinic.report.figures.style import styled
from simclinic.report.settings import setting_words
from simclinic.report.text.numbers import NO_VALUE, for_people, row, short, span
from simclinic.report.text.parts import label_of
from simclinic.report.text.stability import MARKS, VERDICTS, verdicts_of
from simclinic.report.text.words import counted

_MOST_WRITTEN = 6
"""Levels across up to which numbers are written into the cells."""


_LOWEST, _HIGHEST = "#F4F8FB", "#7DB8DC"
"""Both light, so that dark numbers can be read on either, on any page."""


@dataclass(frozen=True, slots=True)
class _Map:
    mean: Floats
    low: Floats
    high: Floats
    n: npt.NDArray[np.int64]
    unit: str


def sweep_map(
    factors: Sequence[str], kpis: Sequence[str], points: Columns, runs: Columns, currency: str
) -> Chart | None:
    """Show key figures over two factors; None where none of them could be computed.

    Parameters
    ----------
    factors
        The two: across, and up.
    kpis
        Key figures, one map each.
    points
        The table of points: factors, `verdict`.
    runs
        One row for each run: `point`, `replication`, key figures.
    currency
        What amounts are in.
    """
    across, up = factors
    levels = {name: ordered(points[name]) for name in factors}
    where = {
        (x, y): (points[across] == left) & (points[up] == right)
        for x, left in enumerate(levels[across])
        for y, right in enumerate(levels[up])
    }
    labels = {name: label_of(name, points) for name in kpis}
    maps = {
        name: heatmap
        for name in kpis
        if (heatmap := _map(Swept.of(points, runs, name), where, currency)) is not None
    }
    if not maps:
        return None
    verdicts = np.array(verdicts_of(points))
    stand = {at: worst for at, which in where.items() if (worst := _worst(verdicts[which]))}
    others = max((int(which.sum()) for which in where.values()), default=1)
    averaged = (
        f" Each is the mean over {others} points, which differ in the other factors." if others > 1 else ""
    )
    kinds = list(stand.values())
    marked = "".join(
        f" {counted(kinds.count(state), 'cell')} with {MARKS[state]}: {meaning}."
        for state, meaning in _MEANING.items()
        if state in kinds
    )
    return Chart(
        key="map",
        title=f"{setting_words(across)} and {setting_words(up)} together",
        says=f"Dark blue is the highest value of each map, pale the lowest.{averaged}{marked} The intervals are in "
        "the numbers below; all cells have the same patients.",
        alt="; ".join(_sentence(labels[name], heatmap, factors, levels) for name, heatmap in maps.items())
        + ".",
        drawing=_drawn(maps, labels, factors, levels, stand),
        sheet=_sheet(maps, labels, factors, levels, stand),
    )


_MEANING = {
    "not-stable": "a point there is not stable, so its figures depend on the number of measured weeks",
    "filling": "a point there is still filling",
    "open": "a point there is open, neither shown to be stable nor shown to be unstable",
}


def _worst(verdicts: npt.NDArray[np.str_]) -> str:
    """Return the worst verdict among the points of a cell; empty without any run."""
    return next((state for state in STATES if state in verdicts), "")


def _map(swept: Swept, where: Mapping[tuple[int, int], npt.NDArray[np.bool_]], currency: str) -> _Map | None:
    wide, high = (max(at[axis] for at in where) + 1 for axis in (0, 1))
    table = np.full((4, high, wide), np.nan)
    for (x, y), which in where.items():
        table[:, y, x] = mean_at(swept, which)
    if np.isnan(table[0]).all():
        return None
    scale, unit = for_people(swept.kpi.unit, currency)
    count = np.nan_to_num(table[3]).astype(np.int64)
    return _Map(scale * table[0], scale * table[1], scale * table[2], count, unit)


def _sentence(name: str, heatmap: _Map, factors: Sequence[str], levels: Mapping[str, list[Any]]) -> str:
    ends = []
    for word, which in (("lowest", np.nanargmin), ("highest", np.nanargmax)):
        y, x = np.unravel_index(which(heatmap.mean), heatmap.mean.shape)
        at = ", ".join(
            f"{setting_words(each)} {levels[each][place]}"
            for each, place in zip(factors, (x, y), strict=True)
        )
        ends.append(f"{word} {short(float(heatmap.mean[y, x]))} {heatmap.unit} at {at}")
    return f"{name}: {', '.join(ends)}"


def _sheet(
    maps: Mapping[str, _Map],
    labels: Mapping[str, str],
    factors: Sequence[str],
    levels: Mapping[str, list[Any]],
    stand: Mapping[tuple[int, int], str],
) -> DataSheet:
    rows = []
    for x, left in enumerate(levels[factors[0]]):
        for y, right in enumerate(levels[factors[1]]):
            cells = []
            for heatmap in maps.values():
                mean, low, high = row(
                    *(float(part[y, x]) for part in (heatmap.mean, heatmap.low, heatmap.high))
                )
                interval = span(low, high)
                cells.append(mean if interval == NO_VALUE else f"{mean} ({interval})")
            count = max(int(heatmap.n[y, x]) for heatmap in maps.values())
            rows.append((f"{left}", f"{right}", *cells, count, VERDICTS.get(stand.get((x, y), ""), NO_VALUE)))
    heads = (f"{labels[name]}, {heatmap.unit} (95 % interval)" for name, heatmap in maps.items())
    return DataSheet.of((*map(setting_words, factors), *heads, "n", "verdict"), rows)


def _drawn(
    maps: Mapping[str, _Map],
    labels: Mapping[str, str],
    factors: Sequence[str],
    levels: Mapping[str, list[Any]],
    stand: Mapping[tuple[int, int], str],
) -> Drawing:

    columns = min(2, len(maps))
    lines = -(-len(maps) // columns)
    figure = panels(
        rows=lines,
        cols=columns,
        subplot_titles=[label(f"{labels[name]}, {heatmap.unit}", 24) for name, heatmap in maps.items()],
        vertical_spacing=0.3 / lines,
        horizontal_spacing=0.14,
    )
    ticks = {name: [label(str(level), 14) for level in levels[name]] for name in factors}
    written = len(levels[factors[0]]) <= _MOST_WRITTEN
    for at, (name, heatmap) in enumerate(maps.items()):
        low, high = float(np.nanmin(heatmap.mean)), float(np.nanmax(heatmap.mean))
        shade = (
            (heatmap.mean - low) / (high - low)
            if high > low
            else np.where(np.isnan(heatmap.mean), np.nan, 0.5)
        )
        texts = [
            [f"{short(float(value))}{MARKS[stand.get((x, y), '')]}" for x, value in enumerate(line)]
            for y, line in enumerate(heatmap.mean)
        ]
        figure.add_trace(
            heat_map(
                z=[[None if np.isnan(each) else round(float(each), 3) for each in line] for line in shade],
                x=list(range(len(levels[factors[0]]))),
                y=list(range(len(levels[factors[1]]))),
                text=texts,
                texttemplate="%{text}" if written else None,
                textfont={"size": 11},
                zmin=0,
                zmax=1,
                colorscale=[[0, _LOWEST], [1, _HIGHEST]],
                xgap=2,
                ygap=2,
                showscale=at == 0 and not written,
                colorbar={"tickvals": [0, 1], "ticktext": ["lowest", "highest"], "thickness": 12},
                hovertemplate=f"{label(labels[name])}: %{{text}}<extra></extra>",
            ),
            row=at // columns + 1,
            col=at % columns + 1,
        )
        last, left = at >= len(maps) - columns, at % columns == 0
        place: dict[str, int] = {"row": at // columns + 1, "col": at % columns + 1}
        figure.update_xaxes(
            title_text=label(setting_words(factors[0]), 22) if last else None,
            **_ticks(ticks[factors[0]]),
            **place,
        )
        figure.update_yaxes(
            title_text=label(setting_words(factors[1]), 22) if left else None,
            **_ticks(ticks[factors[1]]),
            **place,
        )
    figure.update_annotations(font_size=12)
    return styled(
        figure, height=80 + 230 * lines, margin={"l": 60, "r": 20, "t": 50, "b": 60}, showlegend=False
    )


def _ticks(texts: list[str]) -> dict[str, Any]:
    """Write levels beside an axis, every second or third where there are many."""
    step = -(-len(texts) // 8)
    return {
        "tickvals": list(range(0, len(texts), step)),
        "ticktext": texts[::step],
        "showgrid": False,
        "zeroline": False,
        "title_font_size": 12,
    }
