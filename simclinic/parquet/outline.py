"""The size of the table in a Parquet file, from its footer and the headers of its pages."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from simclinic.parquet.thrift import Reader
from simclinic.reading import NotReadError

MOST_FOOTER = 2_000_000
"""Limit on the size of a footer, in bytes."""

_MAGIC = b"PAR1"
_DICTIONARY = 2
_HEADERS = {0: 5, _DICTIONARY: 7, 3: 8}
"""Field of a page's header with the number of values, by type of page."""


@dataclass(frozen=True)
class Outline:
    """The size of a table that is not decoded yet.

    Attributes
    ----------
    rows, columns
        Numbers of rows and columns.
    pages
        Decompressed bytes of the pages of the wanted columns.
    """

    rows: int
    columns: int
    pages: int


_LARGE, _MOST_KNOWN = 1_000_000, 1000
_known: dict[tuple[bytes, frozenset[str] | None], Outline] = {}
"""Sizes of small tables, by the digest of their files, and the columns wanted."""


def outline(raw: bytes, wanted: Collection[str] | None) -> Outline:
    """Compute the size of a table; a page that contradicts the footer is an error.

    Parameters
    ----------
    raw
        The file.
    wanted
        Names of columns; None for all.

    Raises
    ------
    NotReadError
        If the footer is too long to read.
    ValueError, TypeError, LookupError
        If it is not a Parquet file, or contradicts itself.
    """
    if len(raw) > _LARGE:
        return _outline(raw, wanted)
    # The footer of a small file takes longer to read than its contents, and a study reads its files several times.
    key = hashlib.sha256(raw).digest(), None if wanted is None else frozenset(wanted)
    if key not in _known:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[key] = _outline(raw, wanted)
    return _known[key]


def _outline(raw: bytes, wanted: Collection[str] | None) -> Outline:
    length = int.from_bytes(raw[-8:-4], "little")
    if len(raw) < 12 or raw[:4] != _MAGIC or raw[-4:] != _MAGIC or length > len(raw) - 12:
        raise ValueError("is no Parquet file")
    if length > MOST_FOOTER:
        raise NotReadError(f"has a footer of {length:,} bytes; at most {MOST_FOOTER:,} are read")
    footer = Reader(raw[-8 - length : -8]).struct()
    groups = footer[4]
    rows = [group[3] for group in groups]
    if footer[3] != sum(rows) or min(rows, default=0) < 0:
        raise ValueError("contradicts itself on its number of rows")
    pages = 0
    for group in groups:
        for chunk in group[1]:
            metadata = chunk[3]
            if wanted is None or metadata[3][0].decode() in wanted:
                pages += _pages(raw[: len(raw) - 8 - length], metadata, group[3])
    return Outline(footer[3], sum(5 not in element for element in footer[2]), pages)


def _pages(raw: bytes, chunk: dict[int, Any], rows: int) -> int:
    """Return the decompressed bytes of a column's pages; more than in the footer are an error."""
    held = values = 0
    for kind, size, count in _headers(raw, chunk):
        held += size
        if kind != _DICTIONARY:
            values += count
        elif not 0 <= count <= size:
            raise ValueError("a dictionary of more entries than bytes")
        if not 0 <= size <= held <= chunk[6] or values > rows:
            raise ValueError("a page contradicts the footer")
    return held


def _headers(raw: bytes, chunk: dict[int, Any]) -> Iterator[tuple[int, int, int]]:
    """Yield each page's type, decompressed bytes and number of values."""
    # A table without rows has no page of data, which is then said to be at 0.
    at = min(filter(None, (chunk[9], chunk.get(11))), default=len(_MAGIC))
    end = at + chunk[7]
    if not 4 <= at <= end <= len(raw):
        raise ValueError("pages outside the file")
    while at < end:
        reader = Reader(raw, at)
        header = reader.struct()
        if header[3] < 0:
            raise ValueError("a page of less than no bytes")
        at = reader.at + header[3]
        yield header[1], header[2], header[_HEADERS[header[1]]][1]
