"""The tables of a results folder: which there are, and what one replication puts into each.

- `runs`: one row per replication, every key figure.
- `weeks`: one row per replication and measured week.
- `profiles`: one row per replication, weekday and hour.
- `ramp`: one row per replication and simulated week, warm-up (negative weeks) included: boosters given.
- `waits`: one row per replication and number of days waited: how new patients' waits for a first infusion ended in
  the last measured weeks. Folders of before have none.

Every file says its types itself: a column of nothing but missing values would otherwise have none, and the
folder could not be read as one table. A figure that could not be computed is null.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from simclinic.experiment import Replication
from simclinic.experiment.replication import Columns
from simclinic.measures import KPIS
from simclinic.measures.profile import PROFILE
from simclinic.measures.weeks import WEEKS
from simclinic.parquet import BrokenParquetError, bounded_parquet
from simclinic.reading import NotReadError, read_bounded

TABLES = ("profiles", "ramp", "waits", "weeks", "runs")
"""In the order of writing: a replication counts as finished when its row in `runs` is there, so that is last."""

REPLICATION = "replication"
"""The column that says which replication a row belongs to."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "profiles": (REPLICATION, *PROFILE),
    "ramp": (REPLICATION, "week", "boosters"),
    "waits": (REPLICATION, "since", "waited", "at_risk", "begun", "turned_away", "gave_up", "held"),
    "weeks": (REPLICATION, *WEEKS),
    "runs": (REPLICATION, *KPIS),
}
"""The columns of each table, in their order."""

Digests = Mapping[str, str]
"""The SHA-256 of files of a folder, by their names in it."""

MOST_BYTES = 256 << 20
"""The largest file of results that is read, and the largest table: a hundred times what a part holds."""
MOST_ROWS = 5_000_000
"""Rows of the largest table that is read."""


def rows_of(outcome: Replication) -> dict[str, Columns]:
    """Lay out what a replication puts into each table, without the replication's number."""
    first_week = len(outcome.weeks["week"]) - len(outcome.ramp)
    return {
        "profiles": outcome.profile,
        "ramp": {"week": np.arange(len(outcome.ramp)) + first_week, "boosters": outcome.ramp},
        "waits": outcome.waits,
        "weeks": outcome.weeks,
        "runs": {name: np.array([value]) for name, value in outcome.kpis.items()},
    }


def encode(entries: dict[int, Columns]) -> memoryview:
    """Write the rows of some replications as a Parquet file, in order of their numbers.

    Equal rows give equal bytes.
    """
    numbers = sorted(entries)
    first = entries[numbers[0]]
    lengths = [len(next(iter(entries[number].values()))) for number in numbers]
    columns: Columns = {REPLICATION: np.repeat(np.array(numbers, dtype=np.int64), lengths)}
    for name in first:
        columns[name] = np.concatenate([entries[number][name] for number in numbers])
    return encode_columns(columns)


def encode_columns(columns: Columns) -> memoryview:
    """Write columns as a Parquet file; NaN becomes null."""
    schema = pa.schema([(name, _type(values)) for name, values in columns.items()])
    batch = pa.RecordBatch.from_arrays([_arrow(values) for values in columns.values()], schema=schema)
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_batches([batch]), sink, compression="zstd", write_page_checksum=True)
    return sink.getbuffer()


def _type(values: npt.NDArray[Any]) -> pa.DataType:
    if values.dtype.kind == "U":
        return pa.string()
    return pa.int64() if values.dtype.kind in "iu" else pa.float64()


def _arrow(values: npt.NDArray[Any]) -> pa.Array:
    """Make an Arrow array of an array; by its buffers, since `pa.array` would load pandas, half a second."""
    kind = _type(values)
    if kind == pa.string():
        texts = [text.encode() for text in values.tolist()]
        ends = np.cumsum([0, *map(len, texts)], dtype=np.int32)
        return pa.Array.from_buffers(
            kind, len(texts), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(texts))]
        )
    values = np.ascontiguousarray(values, dtype=np.int64 if kind == pa.int64() else np.float64)
    missing = np.isnan(values)
    known = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
    return pa.Array.from_buffers(kind, len(values), [known, pa.py_buffer(values)])


def _numpy(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    """Make an array of an Arrow column; by its buffers too."""
    array = column.combine_chunks()
    if pa.types.is_string(array.type):
        return np.array(array.to_pylist(), dtype=np.str_)
    rows = slice(array.offset, array.offset + len(array))
    known, content = array.buffers()
    values = np.frombuffer(content, dtype=np.int64 if array.type == pa.int64() else np.float64)[rows]
    if known is None or not array.null_count:
        return values
    bits = np.unpackbits(np.frombuffer(known, dtype=np.uint8), bitorder="little")[rows]
    return np.where(bits == 1, values, np.nan)


def read(path: Path, columns: list[str] | None = None) -> Columns:
    """Read a Parquet file; see :func:`decode`.

    Raises
    ------
    Damaged
        If it is not as it was written, or missing.
    OSError
        If it cannot be read. That is no damage: the file may be as sound as ever.
    """
    return decode(content_of(path), path.name, columns)


def content_of(path: Path) -> bytes:
    """Read a file that ought to be there; raises as :func:`read` does."""
    try:
        return read_bounded(path, MOST_BYTES)
    except FileNotFoundError as error:
        raise Damaged(f"{path.name} is missing") from error
    except NotReadError as error:
        raise Damaged(f"{path.name} {error}") from error


def decode(content: bytes, name: str, columns: list[str] | None = None) -> Columns:
    """Read the content of a Parquet file, its checksums verified; null becomes NaN.

    Parameters
    ----------
    content
        All of it.
    name
        What the file is called.
    columns
        Only these; by default all.

    Raises
    ------
    Damaged
        If it is not as it was written, or is larger than anything the program writes.
    """
    try:
        table = bounded_parquet(content, most_rows=MOST_ROWS, most_bytes=MOST_BYTES, columns=columns)
    except NotReadError as error:
        raise Damaged(f"{name} {error}") from error
    except BrokenParquetError as error:
        raise Damaged(f"{name} is damaged") from error
    if not {field.type for field in table.schema} <= {pa.int64(), pa.float64(), pa.string()}:
        raise Damaged(f"{name} has a column of a type that is not written")
    return {each: _numpy(table.column(each)) for each in table.column_names}


def sound(folder: Path, name: str, known: Digests | None, columns: list[str] | None = None) -> Columns:
    """Read a part that is as the folder's manifest says, or was written whole just before the plug was pulled.

    Parameters
    ----------
    folder
        The results folder.
    name
        Of the part, in the folder.
    known
        The digests that the manifest holds; None of a folder of before there were any.
    columns
        Only these; by default all.

    Raises
    ------
    Damaged
        If it is neither, or missing.
    OSError
        If it cannot be read.
    """
    content = content_of(folder / name)
    as_told = known is None or known.get(name) == sha256(content)
    # What the program writes is one text for one table: a flipped bit that reads well is another.
    if not as_told and encode_columns(decode(content, name)) != content:
        raise Damaged(f"{name} is damaged")
    return decode(content, name, columns)


def digest_of(path: Path) -> str | None:
    """Give the digest of a file; None if it is missing, or none that could be written. OSError as :func:`read`."""
    try:
        return sha256(content_of(path))
    except Damaged:
        return None


def sha256(content: bytes | memoryview) -> str:
    """Give the digest of a file's content, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def split(columns: Columns) -> dict[int, Columns]:
    """Take a part apart again into the rows of each replication.

    Raises
    ------
    Damaged
        If there is no column of replications.
    """
    if REPLICATION not in columns:
        raise Damaged("a table has no column of replications")
    numbers, starts = np.unique(columns[REPLICATION], return_index=True)
    bounds = [*starts.tolist(), len(columns[REPLICATION])]
    return {
        number: {name: values[begin:end] for name, values in columns.items() if name != REPLICATION}
        for number, begin, end in zip(numbers.tolist(), bounds, bounds[1:], strict=False)
    }


class Damaged(Exception):  # noqa: N818 (a state of a file, met and mended inside this package)
    """A file of a results folder that cannot be trusted."""
