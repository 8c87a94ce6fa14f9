"""A figure with the words that belong to it, and the table behind it.

Nobody should have to see a picture to know what it says: each comes with a sentence for those who read, a text for
those who listen, and its numbers as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True, slots=True)
class DataSheet:
    """A table of text: what stands behind a figure.

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
        """Make a sheet of whatever can be written."""
        return cls(tuple(headings), tuple(tuple(str(cell) for cell in row) for row in rows))


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure on a page.

    Attributes
    ----------
    key
        Its anchor: letters, digits and hyphens, unique on a page.
    title
        What is seen, in a few words.
    says
        What to make of it, in a sentence or two.
    alt
        What is drawn, for those who do not see it.
    figure
        The drawing.
    sheet
        Its numbers.
    """

    key: str
    title: str
    says: str
    alt: str
    figure: go.Figure
    sheet: DataSheet
