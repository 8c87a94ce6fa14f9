"""The parts of a workbook, unpacked within the bounds of a workbook of appointments.

The sizes that an archive's directory states are added up before anything is unpacked, but they may be wrong:
every part is therefore read piece by piece, and reading stops at the first piece beyond a bound. XML elements
take up far more memory than their text until a reader frees them, so they are counted from one such moment to
the next.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

from simclinic.calibration.cells import MOST_CELLS, MOST_TEXTS
from simclinic.reading import NotReadError

MOST_UNPACKED = 500_000_000
"""Bytes of all parts together."""
MOST_STRINGS, MOST_SMALL = 150_000_000, 10_000_000
"""Bytes of the table of texts, and of a part that is read at once: styles, the list of sheets."""
MOST_MARKS, MOST_BETWEEN = 200_000, 8_000_000
"""Tags, and bytes, of a part that is read at once, or between one row or text and the next."""
_PIECE = 1 << 16
_WORTH_COUNTING = 100_000_000
"""Bytes from which a part is first unpacked to count its cells: that takes seconds, and reading takes minutes."""


class ZipPart(io.RawIOBase):
    """A part that is being read; its reader calls :meth:`let_go` when it has freed its elements."""

    def __init__(self, archive: Archive, part: Any) -> None:  # noqa: ANN401  (zipfile names no type for it)
        super().__init__()
        self._archive, self._part = archive, part
        self._marks = self._between = 0

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read a piece; everything without a size."""
        if size < 0:
            return b"".join(iter(lambda: self.read(_PIECE), b""))
        piece: bytes = self._part.read(min(size, _PIECE))
        self._archive.count(len(piece))
        self._between += len(piece)
        self._marks += piece.count(b"<")
        if self._between > MOST_BETWEEN or self._marks > MOST_MARKS:
            raise NotReadError("has a part, a row or a cell that is too large for a workbook of appointments")
        return piece

    def let_go(self) -> None:
        """Reset the counts."""
        self._marks = self._between = 0

    def close(self) -> None:
        """Close it."""
        self._part.close()
        super().close()


class Archive(zipfile.ZipFile):
    """A workbook as an archive, whose `read` and `open` stay within the bounds."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(io.BytesIO(raw))
        self._unpacked = 0
        held = sum(max(info.file_size, info.compress_size) for info in self.infolist())
        if held > MOST_UNPACKED:
            raise _unpacks(held)
        for info in self.infolist():
            self._check(info)

    def open(self, name: Any, mode: str = "r", *more: Any, **named: Any) -> Any:  # noqa: ANN401
        """Open a part."""
        return ZipPart(self, super().open(name, mode, *more, **named))  # type: ignore[arg-type]

    def read(self, name: Any, pwd: bytes | None = None) -> bytes:  # noqa: ANN401
        """Read a small part at once."""
        if self.getinfo(name).file_size > MOST_SMALL:
            raise NotReadError(
                f"has a part that unpacks to more than {MOST_SMALL:,} bytes, the most that is read"
            )
        with self.open(name, pwd=pwd) as part:
            return bytes(part.read())

    def count(self, unpacked: int) -> None:
        """Count unpacked bytes: a part that is named twice is unpacked twice."""
        self._unpacked += unpacked
        if self._unpacked > MOST_UNPACKED:
            raise _unpacks(self._unpacked)

    def _check(self, info: zipfile.ZipInfo) -> None:
        """Refuse a part whose stated size, or number of cells, is beyond the bounds."""
        strings = info.filename.rpartition("/")[2].casefold() == "sharedstrings.xml"
        if strings and info.file_size > MOST_STRINGS:
            raise NotReadError(
                f"has texts that unpack to {info.file_size:,} bytes; at most {MOST_STRINGS:,} are read"
            )
        if info.file_size < _WORTH_COUNTING or not info.filename.startswith("xl/"):
            return
        cells = texts = 0
        with super().open(info) as part:
            while piece := part.read(16 * _PIECE):
                cells += sum(piece.count(mark) for mark in (b"<c ", b"<c>", b"<c/", b":c ", b":c>", b":c/"))
                texts += sum(piece.count(mark) for mark in (b"<si>", b"<si/", b":si>", b":si/"))
                if cells > MOST_CELLS:
                    raise NotReadError(f"has more than {MOST_CELLS:,} cells, the most that are read")
                if texts > MOST_TEXTS:
                    raise NotReadError(
                        f"has more than {MOST_TEXTS:,} different cells, the most that are read"
                    )


def _unpacks(held: int) -> NotReadError:
    return NotReadError(f"unpacks to {held:,} bytes or more; at most {MOST_UNPACKED:,} are read")
