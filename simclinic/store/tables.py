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

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from simclinic.experiment import Replication
from simclinic.experiment.replication import Columns

TABLES = ("profiles", "ramp", "waits", "weeks", "runs")
"""In the order of writing: a replication counts as finished when its row in `runs` is there, so that is last."""

REPLICATION = "replication"
"""The column that says which replication a row belongs to."""

_DAMAGED = (OSError, pa.ArrowException, ValueError, KeyError)


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


def decode(path: Path, columns: list[str] | None = None) -> Columns:
    """Read a Parquet file, its checksums verified; null becomes NaN.

    Raises
    ------
    Damaged
        If the file is not as it was written.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            table = file.read(columns=columns)
        return {name: _numpy(table.column(name)) for name in table.column_names}
    except _DAMAGED as error:
        raise Damaged(f"{path.name} is damaged") from error


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
