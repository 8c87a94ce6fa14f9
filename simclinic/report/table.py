"""Tables in which nothing is cut: what is too long for its column goes on in the next line."""

from __future__ import annotations

from typing import Any

from rich.table import Table as _Table


class Table(_Table):
    """A table as rich makes it, but for words that are longer than their column: rich would end them in "…"."""

    def add_column(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (as rich's own)
        """Add a column; see :meth:`rich.table.Table.add_column`."""
        super().add_column(*args, **({"overflow": "fold"} | kwargs))
