"""A table of text as a reader of one format returns it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from simclinic.calibration.cells import Rows
from simclinic.calibration.text import ExportError
from simclinic.errors import Problem


@dataclass(frozen=True)
class Sheet:
    """A table of text, its headings included.

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
    notes
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
    notes: list[tuple[str, int, str]] = field(default_factory=list)
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)


Refuse = Callable[[str], ExportError]
"""Makes the error that a reader raises, from what is wrong with the file."""


def refuser(path: Path) -> Refuse:
    """Return a function that makes errors about one file."""

    def refuse(rule: str) -> ExportError:
        return ExportError([Problem(rule, file=path.name or str(path))])

    return refuse
