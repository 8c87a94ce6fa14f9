"""How something is distributed over visits or patients: bars of counts, the last one for all that is longer.

Bins are closed on the right, so that "within 15 minutes" is a sum of whole bars.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simclinic.arrays import Floats
from simclinic.report.figures.chart import DataSheet
from simclinic.report.figures.drawing import Drawing, bar
from simclinic.report.figures.style import styled
from simclinic.report.text.numbers import plain

_MOST = 14
_NEARLY_ALL = 0.99


@dataclass(frozen=True, slots=True)
class Bins:
    """Counts by bin.

    Attributes
    ----------
    labels
        What to call each bin.
    upper
        Its upper end, which belongs to it; the last one has none (infinity).
    counts
        How many lie in it.
    """

    labels: tuple[str, ...]
    upper: tuple[float, ...]
    counts: tuple[int, ...]

    @classmethod
    def of(cls, values: Floats, widths: Sequence[float], *, none: str | None = None) -> Bins:
        """Count values of 0 and above.

        Parameters
        ----------
        values
            At least one.
        widths
            Widths a bin may have, in order: the first that needs few bins for nearly all values is taken.
        none
            What to call a bin of their own for values of 0; without it they are in the first.
        """
        reach = float(np.quantile(values, _NEARLY_ALL))
        width = next((each for each in widths if each * _MOST >= reach), widths[-1])
        count = max(1, min(math.ceil(reach / width), 4 * _MOST))
        edges = [k * width for k in range(count + 1)]
        labels = [f"{low:g}–{high:g}" for low, high in itertools.pairwise(edges)]
        place = np.clip(np.ceil(values / width).astype(np.int64), 0 if none else 1, count + 1)
        counts = np.bincount(place, minlength=count + 2)
        labels = [none or "", *labels, f"> {edges[-1]:g}"]
        first = 0 if none else 1
        last = len(labels) if counts[-1] else len(labels) - 1
        return cls(
            tuple(labels[first:last]),
            (*edges, math.inf)[first:last],
            tuple(counts[first:last].tolist()),
        )

    def sheet(self, heading: str, what: str) -> DataSheet:
        """Return the numbers: counts, shares, and shares up to there."""
        total = sum(self.counts)
        so_far = np.cumsum(self.counts).tolist()
        return DataSheet.of(
            (heading, what, "share, %", "so far, %"),
            [
                (label, f"{count:,}", plain(100 * count / total, 1), plain(100 * upto / total, 1))
                for label, count, upto in zip(self.labels, self.counts, so_far, strict=True)
            ],
        )

    def drawn(self, x: str, y: str, colours: Sequence[str]) -> Drawing:
        """Draw bars.

        Parameters
        ----------
        x, y
            Titles of the axes.
        colours
            Of each bar.
        """
        total = sum(self.counts)
        so_far = (100 * np.cumsum(self.counts) / total).round(1).tolist()
        figure = Drawing(
            bar(
                x=list(self.labels),
                y=[round(100 * count / total, 2) for count in self.counts],
                customdata=list(zip(self.counts, so_far, strict=True)),
                marker={"color": list(colours)},
                hovertemplate="%{x}: %{customdata[0]} (%{y:.1f} %), %{customdata[1]:.1f} % so far<extra></extra>",
            )
        )
        figure.update_xaxes(title_text=x, type="category", showgrid=False)
        figure.update_yaxes(title_text=y, rangemode="tozero")
        return styled(figure, height=380, bargap=0.06)
