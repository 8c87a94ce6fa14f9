"""Parquet files, read only after their footers have said that the tables are of a size to read.

Parquet packs equal values so well that some hundred kilobytes decode into gigabytes. So the number of rows and
columns and the types are checked first; text, whose length no footer tells, is kept as numbers of a dictionary
until that is known.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from simclinic.parquet.outline import outline
from simclinic.reading import NotReadError, read_bounded, too_large

if TYPE_CHECKING:
    import pyarrow as pa

MOST_COLUMNS = 2_000
"""The most columns a table may have."""


class BrokenParquetError(Exception):
    """Bytes that are no sound Parquet file; they were read without an error of the system."""


def bounded_parquet(
    source: str | os.PathLike[str] | bytes,
    *,
    most_rows: int,
    most_bytes: int,
    most_columns: int = MOST_COLUMNS,
    columns: Sequence[str] | None = None,
) -> pa.Table:
    """Read a flat table of numbers and text, its page checksums verified.

    Parameters
    ----------
    source
        The file, or what it holds.
    most_rows, most_columns
        The largest table that is decoded.
    most_bytes
        The most bytes of the file, and the most of the decoded table.
    columns
        Those to decode; by default all.

    Raises
    ------
    NotReadError
        If there is more than that; nothing was decoded beyond it.
    BrokenParquetError
        If it is no sound Parquet file.
    OSError
        If the system cannot read the file. This says nothing of what the file holds.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    raw = source if isinstance(source, bytes) else read_bounded(source, most_bytes)
    if len(raw) > most_bytes:
        raise too_large(most_bytes, len(raw))
    try:
        found = outline(raw, columns)
        if found.columns > most_columns:
            raise NotReadError(f"has {found.columns:,} columns; at most {most_columns:,} are read")
        if found.rows > most_rows:
            raise NotReadError(f"has {found.rows:,} rows; at most {most_rows:,} are read")
        with pq.ParquetFile(pa.BufferReader(raw)) as file:
            schema = file.schema_arrow
        unpacked = max(found.pages, found.rows * _width(schema, columns))
        if unpacked > most_bytes:
            raise _unpacks(unpacked, most_bytes)
        texts = [field.name for field in schema if _is_text(field.type)]
        with pq.ParquetFile(
            pa.BufferReader(raw), read_dictionary=texts, page_checksum_verification=True
        ) as file:
            packed = file.read(columns=None if columns is None else list(columns), use_threads=False)
        packed.validate(full=True)
        if lacking := set(columns or ()) - set(packed.column_names):
            raise KeyError(*lacking)
        return _unpacked(packed, schema, most_bytes)
    except (OSError, pa.ArrowException, ValueError, TypeError, LookupError) as error:
        raise BrokenParquetError("is no sound Parquet file") from error


def _unpacks(held: int, most_bytes: int) -> NotReadError:
    return NotReadError(f"unpacks to {held:,} bytes; at most {most_bytes:,} are read")


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _width(schema: pa.Schema, columns: Sequence[str] | None) -> int:
    """Give the bytes that the numbers of a row take, and refuse types that are no plain numbers and no text."""
    import pyarrow as pa

    width = 0
    for field in schema:
        if not (pa.types.is_primitive(field.type) or _is_text(field.type)):
            raise NotReadError(f"has a column of a type that is not read ({str(field.type)[:40]})")
        if not _is_text(field.type) and (columns is None or field.name in columns):
            width += max(field.type.bit_width // 8, 1)
    return width


def _unpacked(packed: pa.Table, schema: pa.Schema, most_bytes: int) -> pa.Table:
    """Write text out, if there is not too much of it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    held = 0
    for column in packed.columns:
        for chunk in column.chunks if pa.types.is_dictionary(column.type) else ():
            lengths = pc.binary_length(chunk.dictionary)
            held += pc.sum(pc.take(lengths, chunk.indices)).as_py() or 0
    if held > most_bytes:
        raise _unpacks(held, most_bytes)
    kept = pa.schema([schema.field(name) for name in packed.column_names])
    return packed.cast(kept)
