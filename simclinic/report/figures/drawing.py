"""Drawings as plotly.js reads them: traces, a layout and frames, in plain dictionaries.

A page needs no more than that. Plotly's own classes check every property, which takes longer than the simulation of
a short run; instead, the tests have them check every drawing. Names and meanings are plotly's: a key such as
`title_text` stands for `{"title": {"text": ...}}`, and axes are addressed by row and column of their panel, from 1.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

Properties: TypeAlias = dict[str, Any]

_Panel: TypeAlias = tuple[int, int]

_WHOLE = {"error_x", "error_y", "paper_bgcolor", "plot_bgcolor"}
"""Names with an underscore that are one name."""


def scatter(**properties: Any) -> Properties:  # noqa: ANN401 (as plotly takes it)
    """Make a trace of points or lines."""
    return _trace("scatter", properties)


def bar(**properties: Any) -> Properties:  # noqa: ANN401
    """Make a trace of bars."""
    return _trace("bar", properties)


def heat_map(**properties: Any) -> Properties:  # noqa: ANN401
    """Make a heat map."""
    return _trace("heatmap", properties)


class Drawing:
    """A drawing.

    Parameters
    ----------
    traces
        From :func:`scatter` and its like.

    Attributes
    ----------
    data, layout, frames
        As plotly.js takes them.
    """

    def __init__(self, *traces: Properties) -> None:
        self.data: list[Properties] = list(traces)
        self.layout: Properties = {}
        self.frames: list[Properties] = []
        self._panels: dict[
            _Panel, str
        ] = {}  # by row and column, what follows x and y in the names of its axes

    @property
    def as_plotly(self) -> Properties:
        """The whole drawing, of lists, texts, numbers and arrays of floats."""
        drawn: Properties = {"data": self.data, "layout": self.layout}
        return drawn | {"frames": self.frames} if self.frames else drawn

    def to_json(self) -> str:
        """Write the drawing as JSON; arrays as the base64 of their bytes, as plotly.js takes them."""
        return json.dumps(self.as_plotly, separators=(",", ":"), allow_nan=False, default=_bytes_of)

    def add_trace(self, trace: Properties, row: int | None = None, col: int | None = None) -> None:
        """Add a trace, to a panel if there are several."""
        if row is not None and col is not None:
            number = self._panels[row, col]
            trace |= {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        self.data.append(trace)

    def update_layout(self, **properties: Any) -> None:  # noqa: ANN401
        """Merge properties into the layout."""
        _merge(self.layout, properties)

    def update_xaxes(
        self,
        more: Mapping[str, Any] | None = None,
        /,
        *,
        row: int | None = None,
        col: int | None = None,
        **properties: Any,  # noqa: ANN401
    ) -> None:
        """Merge properties into all horizontal axes, or those of a row or column of panels."""
        self._update_axes("xaxis", {**(more or {}), **properties}, row, col)

    def update_yaxes(
        self,
        more: Mapping[str, Any] | None = None,
        /,
        *,
        row: int | None = None,
        col: int | None = None,
        **properties: Any,  # noqa: ANN401
    ) -> None:
        """Merge properties into all vertical axes, or those of a row or column of panels."""
        self._update_axes("yaxis", {**(more or {}), **properties}, row, col)

    def _update_axes(self, kind: str, properties: Properties, row: int | None, col: int | None) -> None:
        for (at_row, at_col), number in (self._panels or {(1, 1): ""}).items():
            if row in (None, at_row) and col in (None, at_col):
                _merge(self.layout.setdefault(f"{kind}{number}", {}), properties)

    def add_shape(self, **properties: Any) -> None:  # noqa: ANN401
        """Add a shape."""
        self.layout.setdefault("shapes", []).append(_plain(properties))

    def add_hline(self, y: float, **properties: Any) -> None:  # noqa: ANN401
        """Add a horizontal line across the drawing."""
        self.add_shape(type="line", x0=0, x1=1, xref="x domain", y0=y, y1=y, yref="y", **properties)

    def add_annotation(
        self,
        *,
        row: int | None = None,
        col: int | None = None,
        **properties: Any,  # noqa: ANN401
    ) -> None:
        """Add a text; with a panel its references are to the axes of that."""
        note = _plain(properties)
        if row is not None and col is not None:
            for axis in ("x", "y"):
                domain = " domain" if str(note.get(f"{axis}ref", "")).endswith("domain") else ""
                note[f"{axis}ref"] = f"{axis}{self._panels[row, col]}{domain}"
        self.layout.setdefault("annotations", []).append(note)

    def update_annotations(self, **properties: Any) -> None:  # noqa: ANN401
        """Merge properties into all texts."""
        for note in self.layout.get("annotations", ()):
            _merge(note, properties)


def panels(
    rows: int,
    cols: int,
    *,
    shared_xaxes: bool | str = False,
    shared_yaxes: bool | str = False,
    row_heights: Sequence[float] | None = None,
    vertical_spacing: float = 0.0,
    horizontal_spacing: float = 0.0,
    subplot_titles: Sequence[str] = (),
) -> Drawing:
    """Make a drawing of panels in rows and columns, the first row on top.

    Parameters
    ----------
    rows, cols
        How many.
    shared_xaxes, shared_yaxes
        Which axes have one range: True: the horizontal ones of a column, or the vertical ones of a row; "all": all
        of them. Ticks are labelled once.
    row_heights
        Relative heights from top to bottom; None: equal.
    vertical_spacing, horizontal_spacing
        Between panels, as shares of the drawing.
    subplot_titles
        Titles of the panels, row by row.
    """
    drawing = Drawing()
    width = (1.0 - horizontal_spacing * (cols - 1)) / cols
    free = 1.0 - vertical_spacing * (rows - 1)
    heights = [free / rows] * rows
    if row_heights is not None:
        heights = [free * (height / float(sum(row_heights))) for height in reversed(row_heights)]
    for row in range(1, rows + 1):
        below = rows - row
        bottom = sum(heights[:below]) + below * vertical_spacing
        for col in range(1, cols + 1):
            left = sum([width] * (col - 1)) + (col - 1) * horizontal_spacing
            place = (row - 1) * cols + col
            number = str(place) if place > 1 else ""
            drawing._panels[row, col] = number  # noqa: SLF001 (made here)
            x, y = [left, left + width], [bottom, bottom + heights[below]]
            drawing.layout[f"xaxis{number}"] = {"anchor": f"y{number}", "domain": x}
            drawing.layout[f"yaxis{number}"] = {"anchor": f"x{number}", "domain": y}
            if place <= len(subplot_titles) and subplot_titles[place - 1]:
                drawing.add_annotation(
                    font={"size": 16},
                    showarrow=False,
                    text=subplot_titles[place - 1],
                    x=sum(x) / 2.0,
                    xanchor="center",
                    xref="paper",
                    y=y[1],
                    yanchor="bottom",
                    yref="paper",
                )
    for axis, shared in (("x", shared_xaxes), ("y", shared_yaxes)):
        for first, others in _sharing(rows, cols, axis, shared):
            for row, col in others:
                properties: Properties = {"matches": f"{axis}{drawing._panels[first]}"}  # noqa: SLF001
                if (row != rows) if axis == "x" else (col != 1):
                    properties["showticklabels"] = False
                _merge(drawing.layout[f"{axis}axis{drawing._panels[row, col]}"], properties)  # noqa: SLF001
    return drawing


def _sharing(
    rows: int, cols: int, axis: str, shared: bool | str
) -> Iterator[tuple[_Panel, Sequence[_Panel]]]:
    """Yield the panels whose axes have one range: the first from below and from the left, and the others."""
    if shared == "all":
        groups = [[(row, col) for row in range(rows, 0, -1) for col in range(1, cols + 1)]]
    elif not shared:
        groups = []
    elif axis == "x":
        groups = [[(row, col) for row in range(rows, 0, -1)] for col in range(1, cols + 1)]
    else:
        groups = [[(row, col) for col in range(1, cols + 1)] for row in range(rows, 0, -1)]
    for first, *others in groups:
        yield first, others


def _trace(kind: str, properties: Properties) -> Properties:
    return {"type": kind, **_plain(properties)}


def _plain(properties: Mapping[str, Any]) -> Properties:
    """Return properties with nested names spread out and values as JSON has them, without what is None or empty."""
    spread: Properties = {}
    _merge(spread, properties)
    return spread


def _merge(into: Properties, properties: Mapping[str, Any]) -> None:
    """Merge properties into others, table by table; None leaves things as they are."""
    for name, value in properties.items():
        head, _, rest = (name, "", "") if name in _WHOLE else name.partition("_")
        table = {rest: value} if rest else value
        if isinstance(table, Mapping):
            _merge(into.setdefault(head, {}), table)
            if not into[head]:
                del into[head]
        elif value is not None:
            into[name] = _value(value)


def _value(value: Any) -> Any:  # noqa: ANN401
    """Return a value of lists, texts, numbers and arrays of floats."""
    if isinstance(value, np.ndarray):
        return value if value.ndim == 1 and value.dtype == np.float64 else _value(value.tolist())
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return _plain(value)
    if isinstance(value, (list, tuple)):
        return [_value(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _bytes_of(array: np.ndarray[Any, Any]) -> dict[str, str]:
    return {"dtype": "f8", "bdata": base64.b64encode(array.tobytes()).decode("ascii")}
