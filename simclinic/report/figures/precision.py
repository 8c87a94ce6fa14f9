"""How the main figures settle as replications are added: the running mean and its 95 % interval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from simclinic.measures import KPIS
from simclinic.measures.intervals import CONFIDENCE
from simclinic.report.figures.bands import Columns, Floats
from simclinic.report.figures.shown import Sheet, Shown
from simclinic.report.figures.style import IN_ORDER, faded, styled
from simclinic.report.numbers import for_people, known, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

MAIN = ("access_days_mean", "boosters_per_week", "chair_utilisation", "wait_minutes_mean")
"""What is followed."""

_MOST_POINTS = 150


def precision(runs: Columns, what: str = "replication") -> Shown | None:
    """Show running means of the main figures.

    Parameters
    ----------
    runs
        Key figures by column, a row for each replication (or mirrored pair), in their order.
    what
        What a row is.

    Returns
    -------
    Shown or None
        None with fewer than three rows, of which nothing can be seen.
    """
    from plotly.subplots import make_subplots

    followed = [(name, *running(np.asarray(runs[name], dtype=np.float64))) for name in MAIN if name in runs]
    followed = [each for each in followed if each[1].size > 2]
    if not followed:
        return None
    figure = make_subplots(rows=len(followed), cols=1, vertical_spacing=0.07)
    for row, (name, mean, half) in enumerate(followed, 1):
        scale, unit = for_people(KPIS[name].unit, "")
        for trace in _lines(scale * mean, scale * half, IN_ORDER[row - 1], shown=row == 1):
            figure.add_trace(trace, row=row, col=1)
        figure.update_yaxes(title_text=f"{_SHORT[name]}<br>{unit}", row=row)
    figure.update_xaxes(title_text=f"{what}s", row=len(followed))
    told = "; ".join(_told(*each) for each in followed)
    count = max(mean.size for _, mean, _ in followed)
    return Shown(
        key="precision",
        title="Check: are there enough replications?",
        says=f"Each mean as it stood after so many {what}s, with its 95 % interval. After {count}: {told}. "
        "Half the width needs four times as many.",
        alt=f"{len(followed)} panels of running means with narrowing 95 % bands over {count} {what}s: {told}.",
        figure=styled(figure, height=60 + 150 * len(followed)),
        sheet=_sheet(followed, what),
    )


_SHORT = {
    "access_days_mean": "first infusion,",
    "boosters_per_week": "boosters,",
    "chair_utilisation": "chairs in use,",
    "wait_minutes_mean": "wait on the day,",
}


def running(values: Floats) -> tuple[Floats, Floats]:
    """Give the mean of the first k values, and half its 95 % interval, for every k; NaN values are left out.

    >>> mean, half = running(np.array([1.0, 3.0]))
    >>> mean.tolist(), np.isnan(half[0]), round(float(half[1]), 2)
    ([1.0, 2.0], np.True_, 12.71)
    """
    found = values[~np.isnan(values)]
    count = np.arange(1, found.size + 1)
    if not found.size:
        return found, found
    # Deviations from a value near the mean: squares of large numbers would cancel.
    away = found - found.mean()
    mean = np.cumsum(away) / count
    squares = np.maximum(np.cumsum(away**2) - count * mean**2, 0.0)
    half = np.full(found.size, np.nan)
    half[1:] = special.stdtrit(count[1:] - 1, (1 + CONFIDENCE) / 2) * np.sqrt(
        squares[1:] / (count[1:] - 1) / count[1:]
    )
    return mean + found.mean(), half


def _shown(count: int) -> Floats:
    """Choose places among so many, the last one always among them."""
    return np.unique(np.linspace(0, count - 1, min(count, _MOST_POINTS)).round().astype(np.int64))


def _lines(mean: Floats, half: Floats, colour: str, *, shown: bool) -> Iterator[go.Scatter]:
    import plotly.graph_objects as go

    places = _shown(mean.size)
    sure = places[places >= _SETTLED] if mean.size > 2 * _SETTLED else places[places >= 1]
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "legendgroup": "interval"}
    count = (sure + 1).tolist()
    yield go.Scatter(x=count, y=_rounded((mean + half)[sure]), showlegend=False, **edge)
    yield go.Scatter(
        x=count,
        y=_rounded((mean - half)[sure]),
        fill="tonexty",
        fillcolor=faded(colour, 0.25),
        name="95 % interval",
        showlegend=shown,
        **edge,
    )
    yield go.Scatter(
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


def _told(name: str, mean: Floats, half: Floats) -> str:
    scale, unit = for_people(KPIS[name].unit, "")
    last, wide = scale * float(mean[-1]), scale * float(half[-1])
    share = f" (± {plain(100 * wide / abs(last), 1)} % of it)" if last else ""
    figure = {"mean": last, "ci": (last - wide, last + wide)}
    return f"{_SHORT[name].rstrip(',')} {known(figure)} {unit}{share}"


def _sheet(followed: list[tuple[str, Floats, Floats]], what: str) -> Sheet:
    count = max(mean.size for _, mean, _ in followed)
    marks = sorted({k for k in (2, 3, 5, 10, 20, 30, 50, 100, 200, 500, 1000, 10_000, count) if k <= count})
    rows = []
    for k in marks:
        cells = []
        for name, mean, half in followed:
            scale, _ = for_people(KPIS[name].unit, "")
            cells.append(
                f"{plain(scale * float(mean[k - 1]), 2)} ± {plain(scale * float(half[k - 1]), 2)}"
                if k <= mean.size
                else "—"
            )
        rows.append((f"{k:,}", *cells))
    headings = [f"{KPIS[name].label}, {for_people(KPIS[name].unit, '')[1]}" for name, *_ in followed]
    return Sheet.of((f"{what.capitalize()}s", *headings), rows)
