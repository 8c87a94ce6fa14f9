"""A table of text as a reader of one format returns it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simclinic.calibration.cells import Rows
from simclinic.calibration.held import Source
from simclinic.calibration.text import ExportError
from simclinic.errors import Problem


@dataclass(frozen=True)
class Sheet:
    """A table of text, its headings included.

    Attributes
    ----------
    rows
        Cells as written.
    lines
        The line on which each row begins; the row of a workbook, the entry of a bundle.
    format
        Format of the file, in words.
    encoding, delimiter
        Their names; a dash where there are none.
    name
        Name of the sheet in a workbook; else empty.
    notes
        Notes from reading: what, how often, how handled.
    digest
        SHA-256 of the file; a copy can be updated further.
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


def refuser(path: Source) -> Refuse:
    """Return a function that makes errors about one file."""

    def refuse(rule: str) -> ExportError:
        return ExportError([Problem(rule, file=path.name or str(path))])

    return refuse
