"""A chart with its title, its explanation, its alternative text, and its numbers as a table.

No reader has to see the drawing to know what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simclinic.report.figures.drawing import Drawing

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True, slots=True)
class DataSheet:
    """The numbers of a figure, as a table of text.

    Attributes
    ----------
    headings
        Of the columns; the first names the rows.
    rows
        Cells, as people read them.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> DataSheet:
        """Make a sheet from cells that are converted to text.

        Raises
        ------
        ValueError
            If a column has no heading: a reader who hears the page would not learn what its cells are.
        """
        if not all(headings):
            raise ValueError(f"a column without a heading, among {', '.join(headings)}")
        return cls(tuple(headings), tuple(tuple(str(cell) for cell in row) for row in rows))


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure on a page.

    Attributes
    ----------
    key
        Its anchor: letters, digits and hyphens, unique on a page.
    title
        A few words.
    says
        How to read it, in a sentence or two.
    alt
        Alternative text for readers who do not see the drawing.
    drawing
        The drawing.
    sheet
        Its numbers.
    """

    key: str
    title: str
    says: str
    alt: str
    drawing: Drawing
    sheet: DataSheet

    @property
    def figure(self) -> go.Figure:
        """The drawing as a figure of plotly, which checks every property."""
        import plotly.graph_objects as go

        return go.Figure(self.drawing.as_plotly).update_layout(template="none")
