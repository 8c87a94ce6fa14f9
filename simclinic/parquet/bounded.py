"""Reads Parquet files whose footers show that the decoded table is within bounds.

Parquet compresses equal values so well that some hundred kilobytes decode to gigabytes. So the numbers of rows and
columns and the types are checked first. The footer has no lengths of texts, so text columns are read as dictionary
indices, and written out only when their size is known.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simclinic.parquet.outline import outline
from simclinic.reading import NotReadError, read_bounded, too_large

if TYPE_CHECKING:
    import pyarrow as pa

MOST_COLUMNS = 2_000
"""Limit on the columns of a table."""


class BrokenParquetError(Exception):
    """The bytes, read without a system error, are not a valid Parquet file."""


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
        The file, or its content.
    most_rows, most_columns
        Limits of the table that is decoded.
    most_bytes
        Limit in bytes of the file, and of the decoded table.
    columns
        Columns to decode; by default all.

    Raises
    ------
    NotReadError
        If a limit is exceeded; nothing is decoded beyond it.
    BrokenParquetError
        If it is not a valid Parquet file.
    OSError
        If the system cannot read the file; the content may be valid.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    raw = source if isinstance(source, bytes) else read_bounded(source, most_bytes)
    if len(raw) > most_bytes:
        raise too_large(most_bytes, len(raw))
    try:
        size = outline(raw, columns)
        if size.columns > most_columns:
            raise NotReadError(f"has {size.columns:,} columns; at most {most_columns:,} are read")
        if size.rows > most_rows:
            raise NotReadError(f"has {size.rows:,} rows; at most {most_rows:,} are read")
        with pq.ParquetFile(pa.BufferReader(raw)) as file:
            schema = file.schema_arrow
        unpacked = max(size.pages, size.rows * _width(schema, columns))
        if unpacked > most_bytes:
            raise _unpacks(unpacked, most_bytes)
        texts = [field.name for field in schema if _is_text(field.type)]
        packed = _decoded(raw, columns, texts)
        packed.validate(full=True)
        if lacking := set(columns or ()) - set(packed.column_names):
            raise KeyError(*lacking)
        coded = [column for column in packed.columns if pa.types.is_dictionary(column.type)]
        held = sum(_bytes_of(chunk) for column in coded for chunk in column.chunks)
        if held > most_bytes:
            raise _unpacks(held, most_bytes)
        return _decoded(raw, columns, ()) if coded else packed
    except (OSError, pa.ArrowException, ValueError, TypeError, LookupError) as error:
        raise BrokenParquetError("is no sound Parquet file") from error


def _unpacks(held: int, most_bytes: int) -> NotReadError:
    return NotReadError(f"unpacks to {held:,} bytes; at most {most_bytes:,} are read")


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _width(schema: pa.Schema, columns: Sequence[str] | None) -> int:
    """Return the bytes of the numbers of a row; raise NotReadError for types other than numbers and text."""
    import pyarrow as pa

    width = 0
    for field in schema:
        if not (pa.types.is_primitive(field.type) or _is_text(field.type)):
            raise NotReadError(f"has a column of a type that is not read ({str(field.type)[:40]})")
        if not _is_text(field.type) and (columns is None or field.name in columns):
            width += max(field.type.bit_width // 8, 1)
    return width


def _decoded(raw: bytes, columns: Sequence[str] | None, coded: Sequence[str]) -> pa.Table:
    """Decode columns, some of them as numbers of texts."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(pa.BufferReader(raw), read_dictionary=coded, page_checksum_verification=True) as file:
        return file.read(columns=None if columns is None else list(columns), use_threads=False)


def _bytes_of(chunk: pa.DictionaryArray) -> int:
    """Return the bytes of all texts of a column, from its buffers: `pyarrow.compute` takes long to load."""
    import pyarrow as pa

    texts, codes = chunk.dictionary, chunk.indices
    if not len(texts) or not len(codes):
        return 0
    kind = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    ends = np.frombuffer(texts.buffers()[1], dtype=kind)[texts.offset :][: len(texts) + 1].astype(np.int64)
    validity, numbers = codes.buffers()
    rows = slice(codes.offset, codes.offset + len(codes))
    known = np.frombuffer(numbers, dtype=np.int32)[rows]
    if validity is not None:  # a text that is missing has no number
        known = known[np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")[rows] == 1]
    return int((ends[1:] - ends[:-1]) @ np.bincount(known, minlength=len(texts)))
