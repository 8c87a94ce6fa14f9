"""Excel workbooks (`.xlsx`), read with openpyxl, which the extra `excel` brings along."""

from __future__ import annotations

import datetime as dt
import io
import warnings
from typing import TYPE_CHECKING

from simclinic.calibration.cells import Rows

if TYPE_CHECKING:
    from simclinic.calibration.sheets import Refuse, Sheet

_EMPTY_AFTER = 10_000
_DAY_ZERO = dt.date(1900, 1, 1)


def sheets(raw: bytes, refuse: Refuse) -> list[Sheet]:
    """Read the sheets of a workbook that somebody can see.

    Raises
    ------
    ExportError
        If openpyxl is not installed, or cannot read it.
    """
    from simclinic.calibration.sheets import Sheet

    try:
        import openpyxl
    except ImportError:
        raise refuse(
            "is an Excel workbook (.xlsx): reading it needs the extra `excel` (pip install 'simclinic[excel]'); "
            "or save it as CSV and read that"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which hold no cells
            book = openpyxl.load_workbook(io.BytesIO(raw), data_only=True)
    except Exception as error:  # noqa: BLE001  (whatever openpyxl stumbles over, the file is damaged)
        told = f"is an Excel workbook that cannot be read ({type(error).__name__}): open it in Excel, save it again"
        raise refuse(told) from None
    found = []
    for page in book.worksheets:
        if page.sheet_state != "visible":
            continue
        repeated = _fill_merged(page)
        rows, lines, empty = [], [], 0
        for number, cells in enumerate(page.iter_rows(values_only=True), 1):
            row = [_text(cell) for cell in cells]
            empty = 0 if any(row) else empty + 1
            if empty > _EMPTY_AFTER:
                break
            rows.append(row)
            lines.append(number)
        merged = (
            [("cells merged over several rows", repeated, "read in each of these rows")] if repeated else []
        )
        if any(any(row) for row in rows):
            found.append(Sheet(Rows(rows), lines, "Excel workbook", name=page.title, told=merged))
    if not found:
        raise refuse("is an Excel workbook without a cell that holds anything")
    return found


def _fill_merged(page: object) -> int:
    """Write what a cell merged over several rows says into each of them; give how many were filled."""
    filled = 0
    for span in list(page.merged_cells.ranges):  # type: ignore[attr-defined]
        if span.max_row == span.min_row:
            continue
        value = page.cell(span.min_row, span.min_col).value  # type: ignore[attr-defined]
        page.unmerge_cells(str(span))  # type: ignore[attr-defined]
        for row in range(span.min_row + 1, span.max_row + 1):
            page.cell(row, span.min_col).value = value  # type: ignore[attr-defined]
            filled += value is not None
    return filled


def _text(cell: object) -> str:
    """Write a cell as a clean file would hold it."""
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        cell = (cell + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
        if cell.date() < _DAY_ZERO:  # a time alone, which a spreadsheet counts from its first day
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
