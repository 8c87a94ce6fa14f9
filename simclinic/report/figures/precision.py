"""How the main figures settle as replications are added: the running mean and its 95 % interval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simclinic.arrays import Floats
from simclinic.measures import KPIS, Kpi
from simclinic.measures.intervals import Watched, estimate
from simclinic.report.figures.bands import Columns
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Properties, panels, scatter
from simclinic.report.figures.style import IN_ORDER, faded, styled
from simclinic.report.text.numbers import NO_VALUE, for_people, plain, span, with_interval
from simclinic.report.text.parts import label_of, words_of

MAIN = ("access_days_mean", "boosters_per_week", "chair_utilisation", "wait_minutes_mean")
"""Key figures whose running means are drawn."""

_MOST_POINTS = 150
_FEW = 10
"""Values up to which each has a mark on the axis."""

_MARKS = (2, 3, 5, 10, 20, 30, 50, 100, 200, 500, 1000, 10_000)
"""Numbers of values that stand in the table."""


def precision(runs: Columns, what: str = "replication", watched: Watched | None = None) -> Chart | None:
    """Show running means of the main figures.

    Parameters
    ----------
    runs
        Key figures by column, a row for each replication (or mirrored pair), in their order.
    what
        What a row is.
    watched
        What a row watches, which bounds what none has seen.

    Returns
    -------
    Shown or None
        None with fewer than three rows, of which nothing can be seen.
    """
    followed = [
        (name, running(KPIS[name], np.asarray(runs[name], dtype=np.float64), watched))
        for name in MAIN
        if name in runs
    ]
    followed = [each for each in followed if each[1].mean.size > 2]
    if not followed:
        return None
    figure = panels(rows=len(followed), cols=1, vertical_spacing=0.07)
    for row, (name, estimates) in enumerate(followed, 1):
        scale, unit = for_people(KPIS[name].unit, "")
        for trace in _lines(estimates.times(scale), IN_ORDER[row - 1], shown=row == 1):
            figure.add_trace(trace, row=row, col=1)
        figure.update_yaxes(title_text=f"{words_of(name, _SHORT[name], runs)}<br>{unit}", row=row)
    figure.update_xaxes(title_text=f"{what}s", row=len(followed))
    if max(estimates.mean.size for _, estimates in followed) <= _FEW:
        figure.update_xaxes(dtick=1)
    sentences = "; ".join(_sentence(*each, runs) for each in followed)
    count = max(estimates.mean.size for _, estimates in followed)
    return Chart(
        key="precision",
        title="Check: are there enough replications?",
        says=f"Each plain mean, not adjusted, by the number of {what}s, with its 95 % interval. After {count}: "
        f"{sentences}. Half the width needs four times as many.",
        alt=f"{len(followed)} panels of running means with narrowing 95 % bands over {count} {what}s: {sentences}.",
        drawing=styled(figure, height=60 + 150 * len(followed)),
        sheet=_sheet(followed, what, runs),
    )


class Running(NamedTuple):
    """A mean and the ends of its interval, by the number of values; NaN where it is not shown."""

    mean: Floats
    low: Floats
    high: Floats

    def times(self, scale: float) -> Running:
        """In another unit."""
        return Running(*(scale * each for each in self))


_SHORT = {
    "access_days_mean": "first infusion,",
    "boosters_per_week": "boosters,",
    "chair_utilisation": "chairs in use,",
    "wait_minutes_mean": "wait on the day,",
}


def running(kpi: Kpi, values: Floats, watched: Watched | None = None) -> Running:
    """Follow the mean of the first k values with its interval, for every k; NaN values are left out.

    >>> estimates = running(KPIS["margin_per_week"], np.array([1.0, 3.0]))
    >>> estimates.mean.tolist(), np.isnan(estimates.high[0]), round(float(estimates.high[1]), 2)
    ([1.0, 2.0], np.True_, 14.71)
    """
    known = values[~np.isnan(values)]
    mean, low, high = (np.full(known.size, np.nan) for _ in range(3))
    for place in {*_shown(known.size).tolist(), *(k - 1 for k in _MARKS if k <= known.size)}:
        estimated = estimate(kpi, {kpi.name: known[: place + 1]}, watched)
        mean[place], low[place], high[place] = estimated.mean, estimated.low, estimated.high
    return Running(mean, low, high)


def _shown(count: int) -> Floats:
    """Choose places among so many, the last one always among them."""
    return np.unique(np.linspace(0, count - 1, min(count, _MOST_POINTS)).round().astype(np.int64))


def _lines(estimates: Running, colour: str, *, shown: bool) -> Iterator[Properties]:

    mean, low, high = estimates
    places = _shown(mean.size)
    settled = places[places >= _SETTLED] if mean.size > 2 * _SETTLED else places[places >= 1]
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "legendgroup": "interval"}
    count = (settled + 1).tolist()
    yield scatter(x=count, y=_rounded(high[settled]), showlegend=False, **edge)
    yield scatter(
        x=count,
        y=_rounded(low[settled]),
        fill="tonexty",
        fillcolor=faded(colour, 0.25),
        name="95 % interval",
        showlegend=shown,
        **edge,
    )
    yield scatter(
        x=(places + 1).tolist(),
        y=_rounded(mean[places]),
        mode="lines",
        line={"color": colour, "width": 2},
        name="running mean",
        legendgroup="mean",
        showlegend=shown,
    )


_SETTLED = 3
"""Places at the front whose intervals are so wide that they would flatten all others."""


def _rounded(values: Floats) -> list[float]:
    return [float(f"{value:.5g}") for value in values.tolist()]


def _sentence(name: str, estimates: Running, runs: Columns) -> str:
    scale, unit = for_people(KPIS[name].unit, "")
    last, low, high = (scale * float(each[-1]) for each in estimates)
    wide = max(high - last, last - low)
    share = f" (± {plain(100 * wide / abs(last), 1)} % of it)" if last else ""
    short = words_of(name, _SHORT[name], runs).rstrip(",")
    return f"{short} {with_interval({'mean': last, 'ci': (low, high)})} {unit}{share}"


def _sheet(followed: list[tuple[str, Running]], what: str, runs: Columns) -> DataSheet:
    count = max(estimates.mean.size for _, estimates in followed)
    rows = []
    for k in sorted({k for k in (*_MARKS, count) if k <= count}):
        cells = []
        for name, estimates in followed:
            scale, _ = for_people(KPIS[name].unit, "")
            if k > estimates.mean.size:
                cells.append(NO_VALUE)
                continue
            mean, low, high = (plain(scale * float(each[k - 1]), 2) for each in estimates)
            cells.append(f"{mean} ({span(low, high)})")
        rows.append((f"{k:,}", *cells))
    headings = [f"{label_of(name, runs)}, {for_people(KPIS[name].unit, '')[1]}" for name, *_ in followed]
    return DataSheet.of((f"{what.capitalize()}s", *headings), rows)
