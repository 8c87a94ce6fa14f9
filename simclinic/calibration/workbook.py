"""Excel workbooks (`.xlsx`), read with openpyxl, which the extra `excel` installs."""

from __future__ import annotations

import datetime as dt
import io
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

from simclinic.calibration.bounded_archive import Archive
from simclinic.calibration.cells import MOST_COLUMNS, Rows, check_held
from simclinic.calibration.sheet import Refuse, Sheet
from simclinic.reading import NotReadError

_EMPTY_AFTER = 10_000
_DAY_ZERO = dt.date(1900, 1, 1)
_MOST_ROWS = 1_048_576
_MOST_MERGED = 5_000_000
"""Merged cells, each counted in every row that it reaches."""


class _Span(NamedTuple):
    first_row: int
    last_row: int
    first_column: int
    last_column: int


def read_workbook(raw: bytes, refuse: Refuse) -> list[Sheet]:
    """Read the visible sheets of a workbook.

    Raises
    ------
    ExportError
        If openpyxl is not installed, or cannot read it.
    """
    try:
        import openpyxl  # noqa: F401
    except ImportError:
        raise refuse(
            "is an Excel workbook (.xlsx): reading it needs the extra `excel` (pip install 'simclinic[excel]'); "
            "or save it as CSV and read that"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which contain no cells
            sheets = _read(raw)
    except (NotReadError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001  (openpyxl fails in many ways on a damaged file)
        what = f"is an Excel workbook that cannot be read ({type(error).__name__})"
        raise refuse(f"{what}: open it in Excel, save it again (CSV or .xlsx), and read that") from None
    if not sheets:
        raise refuse("is an Excel workbook whose cells are all empty: is it the right file?")
    return sheets


def _read(raw: bytes) -> list[Sheet]:
    """Read the sheets row by row, since openpyxl would store every cell of a workbook as an object."""
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.styles.stylesheet import Stylesheet
    from openpyxl.xml.constants import ARC_STYLE
    from openpyxl.xml.functions import fromstring

    book = ExcelReader(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    book.archive = archive = Archive(raw)
    book.read_manifest()
    texts = _texts(book)
    book.read_workbook()
    styles = (
        Stylesheet.from_tree(fromstring(archive.read(ARC_STYLE))) if ARC_STYLE in book.valid_files else None
    )
    sheets: list[Sheet] = []
    read = set()
    for page, place in book.parser.find_sheets():
        if place.target in read:
            raise ValueError("two sheets are one part")
        read.add(place.target)
        if page.state != "visible" or "chartsheet" in place.Type or place.target not in book.valid_files:
            continue
        merged: list[_Span] = []
        others = [sheet.rows for sheet in sheets]
        rows = Rows(_rows(book, place.target, texts, styles, merged), beside=others)
        notes = []
        if merged:
            repeated = [0]
            rows = Rows(_filled(rows, merged, repeated), beside=others)
            if repeated[0]:
                notes.append(("cells merged over several rows", repeated[0], "read in each of these rows"))
        if any(rows.words):
            sheets.append(
                Sheet(rows, range(1, len(rows) + 1), "Excel workbook", name=str(page.name), notes=notes)
            )
    return sheets


def _texts(book: Any) -> list[str]:  # noqa: ANN401  (openpyxl has no types)
    """Read the shared strings, to which cells refer by number."""
    from openpyxl.cell.text import Text
    from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
    from openpyxl.xml.functions import iterparse

    texts: list[str] = []
    part = book.package.find(SHARED_STRINGS)
    if part is None:
        return texts
    with book.archive.open(part.PartName[1:]) as source:
        for _, element in iterparse(source):
            if element.tag == f"{{{SHEET_MAIN_NS}}}si":
                texts.append(Text.from_tree(element).content.replace("x005F_", ""))
                element.clear()
                source.let_go()
                check_held(texts=len(texts))
    return texts


def _rows(
    book: Any,  # noqa: ANN401  (openpyxl has no types)
    name: str,
    texts: list[str],
    styles: Any,  # noqa: ANN401
    merged: list[_Span],
) -> Iterator[list[str]]:
    """Yield the rows of a sheet, including empty ones between them, and collect its merged cells."""
    from openpyxl.worksheet._reader import WorkSheetParser

    with book.archive.open(name) as source:
        parser = WorkSheetParser(
            source,
            texts,
            data_only=True,
            epoch=book.wb.epoch,
            date_formats=styles.date_formats if styles else set(),
            timedelta_formats=styles.timedelta_formats if styles else set(),
        )
        number = last = parsed = 0
        ended = False
        for at, cells in parser.parse():
            source.let_go()
            parser.row_dimensions.clear()
            parsed += len(cells)
            check_held(cells=parsed)
            if not last < at <= _MOST_ROWS:
                raise ValueError("rows are out of order, or more than a sheet can have")
            last = at
            row: list[str] = []
            for cell in cells:
                column, text = cell["column"], _text(cell["value"])
                if text:
                    if column > MOST_COLUMNS:
                        raise NotReadError(f"has more than {MOST_COLUMNS:,} columns, the most that are read")
                    row += [""] * (column - len(row))
                    row[column - 1] = text
            if row and not ended:
                if ended := at - number > _EMPTY_AFTER:
                    continue
                yield from ([] for _ in range(at - number - 1))
                yield row
                number = at
        spans = parser.merged_cells.mergeCell if parser.merged_cells else ()
        merged += [_Span(each.min_row, each.max_row, each.min_col, each.max_col) for each in spans]


def _filled(rows: Rows, merged: list[_Span], repeated: list[int]) -> Iterator[list[str]]:
    """Yield the rows of a sheet, with the text of a cell merged over several rows in each of them.

    Parameters
    ----------
    rows, merged
        Rows and merged cells as written.
    repeated
        A list of one number, to which the number of filled cells is added.
    """
    waiting = sorted(merged, reverse=True)
    reach: list[tuple[_Span, str]] = []
    looked = 0
    for number, row in enumerate(rows, 1):
        while waiting and waiting[-1].first_row <= number:
            span = waiting.pop()
            reach.append((span, row[span.first_column - 1] if len(row) >= span.first_column else ""))
        looked += len(reach)
        if looked > _MOST_MERGED:
            raise NotReadError("has too many merged cells to be a list of appointments")
        for span, text in reach:
            begin, end = span.first_column - 1, min(span.last_column, len(row))
            row[begin:end] = [""] * (end - begin)
            if text:
                row += [""] * (begin + 1 - len(row))
                row[begin] = text
                repeated[0] += number > span.first_row
        yield row
        reach = [(span, text) for span, text in reach if span.last_row > number]


def _text(cell: object) -> str:
    """Write a cell as a clean text file would."""
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        cell = (cell + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
        if cell.date() < _DAY_ZERO:  # a time alone, which a spreadsheet stores on its first day
            return cell.time().isoformat()
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    if isinstance(cell, dt.timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if isinstance(cell, (dt.date, dt.time)):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e22:
        return str(int(cell))
    return str(cell)
