"""Tables and lines for a terminal in which nothing is cut, hidden, or obeyed.

Words from files stand in them as they are: markup means nothing, and a control character is written out before the
width of a column is reckoned, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console as _Console
from rich.console import ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.table import Table as _Table
from rich.text import Text as _Text

from simclinic.visible import one_line, visible


class Table(_Table):
    """A table as rich makes it, but for words that are longer than their column: rich would end them in "…"."""

    whole_words = False
    """Whether columns are kept as wide as their longest word, on a terminal that has room for it."""

    def add_column(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (as rich's own)
        """Add a column; see :meth:`rich.table.Table.add_column`."""
        super().add_column(*args, **({"overflow": "fold"} | kwargs))

    def __rich_console__(self, console: _Console, options: ConsoleOptions) -> RenderResult:
        """Render as rich does, but for `whole_words`: it narrows columns also below their longest word."""
        cells = [[str(cell) for cell in (column.header, *column.cells)] for column in self.columns]
        widths = [max(map(len, words)) for words in cells]
        least = [max(len(word) for each in words for word in ["", *each.split()]) for words in cells]
        room = options.max_width - _BETWEEN * len(cells) + 1
        if self.whole_words and sum(least) <= room:
            while sum(widths) > room:
                spare = [width - words for width, words in zip(widths, least, strict=True)]
                widths[spare.index(max(spare))] -= 1
            for column, width in zip(self.columns, widths, strict=True):
                column.width = width
        yield from super().__rich_console__(console, options)


_BETWEEN = 2
"""Columns of the terminal between two columns of a table."""


class Text(_Text):
    """One line of words, folded where it must be; rich would drop some control characters and obey others."""

    def __init__(self, text: str = "", *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (as rich's own)
        super().__init__(one_line(text), *args, **kwargs)


class Console(_Console):
    """A screen that sends no character of a text to a terminal that would not be seen there."""

    def render_str(self, text: str, **kwargs: Any) -> _Text:  # noqa: ANN401 (as rich's own)
        """Take a cell or a heading as one line of words."""
        return super().render_str(one_line(text), **kwargs)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render as rich does, with any remaining control character written out."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))
