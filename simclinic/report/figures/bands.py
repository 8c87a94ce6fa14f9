"""A weekly column over replications: its mean, the mean's interval, and the range of eight in ten replications.

Pictures of decades need no point for each week: from some length on several weeks are averaged into one point.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simclinic.arrays import Floats
from simclinic.measures.intervals import half_width
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.style import faded

Columns = Mapping[str, Any]

MOST_POINTS = 260
"""Points of a line: five years of weeks."""


@dataclass(frozen=True, slots=True)
class Weeks:
    """The weeks of a study as points on an axis.

    Attributes
    ----------
    count
        How many weeks.
    each
        Weeks that one point averages; 1 but for long studies.
    dates
        The first day of each point, as ISO dates.
    """

    count: int
    each: int
    dates: tuple[str, ...]

    @classmethod
    def of(cls, weeks: Columns, start: dt.date) -> Weeks:
        """Lay out the weeks of a weekly table whose first one begins on a date."""
        number = np.asarray(weeks["week"])
        count = int(number.max()) + 1 if number.size else 0
        each = max(1, math.ceil(count / MOST_POINTS))
        dates = tuple((start + dt.timedelta(weeks=week)).isoformat() for week in range(0, count, each))
        return cls(count, each, dates)

    @property
    def note(self) -> str:
        """A sentence that says what a point averages; empty if it is one week."""
        return "" if self.each == 1 else f" Each point is the mean of {self.each} weeks."

    @property
    def heading(self) -> str:
        """Head the dates: "week of", or "week from Thursday" where weeks do not begin on Mondays."""
        day = dt.date.fromisoformat(self.dates[0]) if self.dates else None
        return f"week from {day:%A}" if day and day.weekday() else "week of"

    def band(self, values: Any) -> BandOfLines:  # noqa: ANN401 (a column of the table, or a sum of some)
        """Summarise a weekly column, all replications one after another."""
        table = np.asarray(values, dtype=np.float64).reshape(-1, self.count)
        begins = np.arange(0, self.count, self.each)
        lengths = np.diff(np.append(begins, self.count))
        return BandOfLines.over(np.add.reduceat(table, begins, axis=1) / lengths)


@dataclass(frozen=True, slots=True)
class BandOfLines:
    """Something over replications, at several places.

    Attributes
    ----------
    n
        Replications.
    mean
        Over them, at each place.
    low, high
        Their 10 % and 90 % quantiles.
    half
        Half the 95 % interval of the mean; NaN with one replication.
    """

    n: int
    mean: Floats
    low: Floats
    high: Floats
    half: Floats

    @classmethod
    def over(cls, table: Floats) -> BandOfLines:
        """Summarise values of shape (replications, places)."""
        n = len(table)
        low, high = np.quantile(table, (0.1, 0.9), axis=0)
        half = np.full(table.shape[1], np.nan)
        if n > 1:
            half = table.std(axis=0, ddof=1) * half_width(1.0, n)
        return cls(n, table.mean(axis=0), low, high, half)


def draw_band(
    figure: Drawing,
    x: Sequence[str],
    band: BandOfLines,
    name: str,
    colour: str,
    *,
    row: int | None = None,
    line: bool = True,
) -> None:
    """Draw where eight in ten replications lie, and the mean as a line; of one replication the line alone.

    A band has a name in the legend if it has no line.

    Parameters
    ----------
    figure
        Where.
    x
        Places.
    band
        What.
    name, colour
        Of the line; the band is named after it.
    row
        Of a figure with several.
    line
        Whether the mean is drawn.
    """
    place = {} if row is None else {"row": row, "col": 1}
    if band.n > 1:
        edge = {"x": x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "legendgroup": name}
        figure.add_trace(scatter(y=band.high.round(2), showlegend=False, **edge), **place)
        figure.add_trace(
            scatter(
                y=band.low.round(2),
                fill="tonexty",
                fillcolor=faded(colour, 0.25),
                name=f"{name}, 8 in 10",
                showlegend=not line,
                **edge,
            ),
            **place,
        )
    if line:
        figure.add_trace(
            scatter(
                x=x,
                y=band.mean.round(2),
                mode="lines",
                line={"color": colour, "width": 2},
                name=name,
                legendgroup=name,
            ),
            **place,
        )
