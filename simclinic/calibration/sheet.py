"""Rows of text from one table of a file, whatever its format."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simclinic.calibration.cells import Rows
from simclinic.calibration.text import ExportError

Refuse = Callable[[str], ExportError]
"""Makes the error that says what is wrong with the file."""


@dataclass(frozen=True)
class Sheet:
    """Rows of text, headings and all.

    Attributes
    ----------
    rows
        Cells as they stand.
    lines
        The line each row begins on; the row of a workbook, the entry of a bundle.
    format
        What the file is, in words.
    encoding, delimiter
        As found, in words; a dash where there is no such thing.
    name
        Of the sheet in a workbook; else empty.
    told
        What was done on the way: what, how often, what was done.
    digest
        SHA-256 of the file, to which more can be added in a copy.
    """

    rows: Rows
    lines: Sequence[int]
    format: str
    encoding: str = "—"
    delimiter: str = "—"
    name: str = ""
    told: list[tuple[str, int, str]] = field(default_factory=list)
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
