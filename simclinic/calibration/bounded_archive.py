"""The parts of a workbook, unpacked no further than a workbook of appointments needs.

What the directory of an archive says of sizes is added up before anything is unpacked, and may be a lie: every part
is therefore read piece by piece, and a piece that is too much ends it. Elements of XML take up far more memory than
their text until a reader lets go of them, so they are counted from one such moment to the next.
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
"""Bytes of the table of texts, and of a part that is read as a whole: styles, the list of sheets."""
MOST_MARKS, MOST_BETWEEN = 200_000, 8_000_000
"""Tags, and bytes, of a part that is read as a whole, or between one row or text and the next."""
_PIECE = 1 << 16
_WORTH_COUNTING = 100_000_000
"""Bytes from which a part is unpacked once more beforehand, to refuse in seconds what would take minutes."""


class ZipPart(io.RawIOBase):
    """A part that is being read.

    The reader of it calls :meth:`let_go` when elements are freed.
    """

    def __init__(self, archive: Archive, part: Any) -> None:  # noqa: ANN401  (zipfile names no type for it)
        super().__init__()
        self._archive, self._part = archive, part
        self._marks = self._between = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read a piece; all of it without a size."""
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
        """Begin to count anew."""
        self._marks = self._between = 0

    def close(self) -> None:
        """Close it."""
        self._part.close()
        super().close()


class Archive(zipfile.ZipFile):
    """A workbook as an archive; `read` and `open` give no more than the bounds."""

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
        """Read a part that is small."""
        if self.getinfo(name).file_size > MOST_SMALL:
            raise NotReadError(
                f"has a part that unpacks to more than {MOST_SMALL:,} bytes, the most that is read"
            )
        with self.open(name, pwd=pwd) as part:
            return bytes(part.read())

    def count(self, unpacked: int) -> None:
        """Count what has been unpacked: parts that are named twice are unpacked twice."""
        self._unpacked += unpacked
        if self._unpacked > MOST_UNPACKED:
            raise _unpacks(self._unpacked)

    def _check(self, info: zipfile.ZipInfo) -> None:
        """Refuse a part that says itself that it holds too much."""
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
