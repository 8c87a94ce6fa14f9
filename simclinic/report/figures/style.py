"""The style of figures: one palette that colour-blind readers and prints keep distinct, and one layout.

Paper and plot are transparent and text has no colour of its own: the page gives both, light or dark. Source of the
colours: Okabe and Ito, "Color universal design", 2008.
"""

from __future__ import annotations

import math
from typing import Any

from simclinic.report.figures.drawing import Drawing

BLUE, ORANGE, GREEN, RED, PINK, SKY, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#7F7F7F",
)
IN_ORDER = (BLUE, ORANGE, GREEN, RED, PINK, SKY, GREY)
"""For series that have no colour of their own."""

INDUCTION, BOOSTER, CAPACITY = BLUE, ORANGE, GREY
"""Colours with a fixed meaning: infusions of series, boosters, starts on offer."""

CHAIRS, HANDS, WATCHED = BLUE, RED, GREEN
"""And: chairs, nurses' hands, patients watched."""

LEGEND = {
    "orientation": "h",
    "yanchor": "bottom",
    "x": 0,
    "font": {"size": 11},
    "entrywidth": 86,
    "itemclick": False,
    "itemdoubleclick": False,
}
"""For figures with many entries: columns that fit a narrow screen three by three."""

_FADED = 0.22


def faded(colour: str, opacity: float = _FADED) -> str:
    """Give a colour as seen through glass, for bands."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def lighter(colour: str, share: float) -> str:
    """Mix a colour with white.

    >>> lighter("#0072B2", 0.0), lighter("#0072B2", 0.5)
    ('#0072b2', '#80b8d8')
    """
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{int(part + share * (255 - part) + 0.5):02x}" for part in parts)


def error_bars(mean: Any, low: Any, high: Any, colour: str) -> dict[str, Any]:  # noqa: ANN401 (arrays)
    """Return error bars as plotly takes them, from the ends of intervals; none where an end is NaN."""

    def lengths(values: Any) -> list[float]:  # noqa: ANN401
        return [0.0 if math.isnan(value) else float(f"{max(value, 0.0):.4g}") for value in values.tolist()]

    return {
        "type": "data",
        "symmetric": False,
        "array": lengths(high - mean),
        "arrayminus": lengths(mean - low),
        "color": colour,
    }


def within(least: float, most: float) -> dict[str, Any]:
    """Keep an axis where its figure can be, so that it has no negative days and no 105 %."""
    ends = {"clipmin": least, "clipmax": most}
    return {"autorangeoptions": {name: end for name, end in ends.items() if math.isfinite(end)}}


def styled(figure: Drawing, *, height: int = 420, **layout: Any) -> Drawing:  # noqa: ANN401 (as plotly takes it)
    """Give a figure the common layout.

    Parameters
    ----------
    height
        In pixels; the width is the page's.
    layout
        More of plotly's layout, which wins.
    """
    common: dict[str, Any] = {
        "height": height,
        "margin": {"l": 60, "r": 20, "t": 30, "b": 50},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 13},
        "colorway": list(IN_ORDER),
        "hoverlabel": {"namelength": -1},
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
    }
    figure.update_layout(**common)
    figure.update_layout(**layout)
    figure.update_xaxes(automargin=True, gridcolor=faded(GREY), zerolinecolor=faded(GREY, 0.5))
    figure.update_yaxes(automargin=True, gridcolor=faded(GREY), zerolinecolor=faded(GREY, 0.5))
    return figure
