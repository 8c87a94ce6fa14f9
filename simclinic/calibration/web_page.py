"""Tables of web pages, which many systems save as `.xls`."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from html.parser import HTMLParser

from simclinic.calibration.cells import MOST_COLUMNS, Rows
from simclinic.calibration.sheet import Refuse, Sheet
from simclinic.reading import NotReadError

_MOST_SPAN = 1000
_MOST_TABLES, _MOST_NESTED, _MOST_ROWS, _MOST_CELLS = 10_000, 100, 1_000_000, 10_000_000
"""Largest numbers of tables in a page, of nested tables, of rows, and of cells, spanned ones included."""
_PIECE, _MOST_TAG, _MOST_SCRIPT, _MOST_UNCLOSED = 16_000, 500_000, 5_000_000, 1_000
"""Characters that are parsed at a time, of a tag or comment, and of a script; tags that may begin within a tag."""


class _Tables(HTMLParser):
    """Collects the rows of every table; a cell over several rows is repeated in each."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[list[list[str]], array[int]]] = []
        self.repeated = self._rows = self._cells = self._line = 0
        self._open: list[int] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._below: dict[int, tuple[int, str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._end_row()
            self.tables.append(([], array("q")))
            self._open.append(len(self.tables) - 1)
            self._below = {}
            _check(len(self.tables), _MOST_TABLES, "tables")
            _check(len(self._open), _MOST_NESTED, "tables within each other")
        elif tag == "tr" and self._open:
            self._end_row()
            self._row = []
            self._rows += 1
            _check(self._rows, _MOST_ROWS, "rows")
            self._line = self.getpos()[0]
        elif tag in ("td", "th") and self._row is not None:
            self._end_cell()
            self._cell = []
            attributes = dict(attrs)
            self._span = (_count(attributes.get("rowspan")), _count(attributes.get("colspan")))
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table" and self._open:
            self._end_row()
            self._open.pop()

    def close(self) -> None:
        """End the page, which may break off in the middle of a row."""
        super().close()
        self._end_row()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        self._from_above()
        text = " ".join("".join(self._cell).split())
        down, across = self._span
        self._count(across)
        for number in range(across):
            if down > 1:
                self._below[len(self._row)] = (down - 1, text)
            self._row.append(text if number == 0 else "")
        self._cell = None

    def _from_above(self) -> None:
        assert self._row is not None
        while len(self._row) in self._below:
            left, text = self._below[len(self._row)]
            if left == 1:
                del self._below[len(self._row)]
            else:
                self._below[len(self._row)] = (left - 1, text)
            self.repeated += bool(text)
            self._count(1)
            self._row.append(text)

    def _count(self, more: int) -> None:
        assert self._row is not None
        self._cells += more
        _check(self._cells, _MOST_CELLS, "cells")
        _check(len(self._row) + more, MOST_COLUMNS, "columns")

    def _end_row(self) -> None:
        if self._row is None:
            return
        self._end_cell()
        self._from_above()
        if self._open:
            rows, lines = self.tables[self._open[-1]]
            rows.append(self._row)
            lines.append(self._line)
        self._row = None


def _check(held: int, most: int, what: str) -> None:
    if held > most:
        raise NotReadError(f"is a web page (HTML) of more than {most:,} {what}, the most that are read")


def _count(span: str | None) -> int:
    digits = (span or "").strip()
    if not (digits.isascii() and digits.isdigit()):
        return 1
    return min(int(digits[:6]), _MOST_SPAN) or 1


def read_web_page(parts: Iterable[str], encoding: str, refuse: Refuse) -> list[Sheet]:
    """Read the tables of a page, given in parts of its text.

    Raises
    ------
    ExportError
        If the page has no table.
    NotReadError
        If the page is too large.
    """
    page = _Tables()
    for part in parts:
        for at in range(0, len(part), _PIECE):  # each piece parses an incomplete end again, so they are small
            page.feed(part[at : at + _PIECE])
            if page.cdata_elem:
                _check(len(page.rawdata), _MOST_SCRIPT, "characters in a script")
            else:
                _check(len(page.rawdata), _MOST_TAG, "characters in a tag")
                _check(page.rawdata.count("<"), _MOST_UNCLOSED, "tags that do not end")
    page.close()
    what = "is a web page (HTML), whatever its name ends in"
    filled = [(rows, lines) for rows, lines in page.tables if any(any(row) for row in rows)]
    if not filled:
        raise refuse(f"{what}, and holds no table: export the appointments as CSV")
    notes = [("table of a web page (HTML), whatever the file's name ends in", 1, "read as it stands")]
    if page.repeated:
        notes.append(("cells over several rows", page.repeated, "read in each of these rows"))
    return [
        Sheet(Rows(rows), lines, "HTML table", encoding, name=f"table {number}", notes=notes)
        for number, (rows, lines) in enumerate(filled, 1)
    ]
