"""The tables of a results folder: their columns, and their encoding as Parquet.

- `runs`: one row per replication, every key figure.
- `weeks`: one row per replication and measured week.
- `profiles`: one row per replication, weekday and hour.
- `ramp`: one row per replication and simulated week, warm-up (negative weeks) included: boosters given.
- `waits`: one row per replication and number of days waited: how new patients' waits for a first infusion ended in
  the last measured weeks. Older folders lack it.
- `at_once`: one row per replication, what is counted, place or role, and number: the share of time with so many in
  use or waiting. Older folders lack it.

Every file has an explicit schema: without one, a column of missing values only would have no type, and the folder
could not be read as one table. A figure that could not be computed is null.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simclinic.experiment import Replication
from simclinic.experiment.controls import CONTROLS
from simclinic.experiment.replication import Columns
from simclinic.measures import KPIS
from simclinic.measures.at_once import COLUMNS as AT_ONCE
from simclinic.measures.groups import weekly_columns
from simclinic.measures.kpis import figures_of
from simclinic.measures.profile import PROFILE, columns_of_parts
from simclinic.measures.weeks import WEEKS
from simclinic.parquet import BrokenParquetError, bounded_parquet
from simclinic.reading import NotReadError, read_bounded
from simclinic.scenario import Scenario

if TYPE_CHECKING:
    import pyarrow as pa  # 25 MB, which the page's server does without

TABLES = ("at_once", "profiles", "ramp", "waits", "weeks", "runs")
"""Tables in the order of writing. A replication is finished when `runs` has its row, so `runs` comes last."""

REPLICATION = "replication"
"""Column with the number of the replication."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "at_once": (REPLICATION, *AT_ONCE),
    "profiles": (REPLICATION, *PROFILE),
    "ramp": (REPLICATION, "week", "boosters"),
    "waits": (REPLICATION, "since", "waited", "at_risk", "begun", "turned_away", "gave_up", "held"),
    "weeks": (REPLICATION, *WEEKS),
    "runs": (REPLICATION, *KPIS, *CONTROLS),
}
"""Columns of each table, in order."""


Own = Mapping[str, Sequence[str]]
"""Columns that a scenario's tables have beside those of all, by table."""


def own_columns(scenario: Scenario) -> Own:
    """Return the columns of a scenario's parts and of its own key figures."""
    return {
        "runs": figures_of(scenario)[len(KPIS) :],
        "profiles": columns_of_parts(scenario),
        "weeks": tuple(weekly_columns(scenario)),
    }


def columns_of(table: str, own: Own | None = None) -> tuple[str, ...]:
    """Return the columns of a table, in order, with a scenario's own."""
    more = (own or {}).get(table, ())
    return (REPLICATION, *KPIS, *more, *CONTROLS) if table == "runs" else (*COLUMNS[table], *more)


Digests = Mapping[str, str]
"""SHA-256 of files, by their names relative to the folder."""

MOST_BYTES = 256 << 20
"""Size limit of a file, and of a decoded table: a hundred times the size of a part."""
MOST_ROWS = 5_000_000
"""Most rows of a table that is read."""


def rows_of(outcome: Replication) -> dict[str, Columns]:
    """Return a replication's rows of each table, without the column of its number."""
    first_week = len(outcome.weeks["week"]) - len(outcome.ramp)
    return {
        "at_once": outcome.at_once,
        "profiles": outcome.profile,
        "ramp": {"week": np.arange(len(outcome.ramp)) + first_week, "boosters": outcome.ramp},
        "waits": outcome.waits,
        "weeks": outcome.weeks,
        "runs": {name: np.array([value]) for name, value in {**outcome.kpis, **outcome.controls}.items()},
    }


def encode(entries: dict[int, Columns]) -> memoryview:
    """Encode the rows of replications as a Parquet file, in order of their numbers.

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
    """Encode columns as a Parquet file; NaN becomes null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, _type(values)) for name, values in columns.items()])
    batch = pa.RecordBatch.from_arrays([_arrow(values) for values in columns.values()], schema=schema)
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_batches([batch]), sink, compression="zstd", write_page_checksum=True)
    return sink.getbuffer()


def _type(values: npt.NDArray[Any]) -> pa.DataType:
    import pyarrow as pa

    if values.dtype.kind == "U":
        return pa.string()
    return pa.int64() if values.dtype.kind in "iu" else pa.float64()


def _arrow(values: npt.NDArray[Any]) -> pa.Array:
    """Convert to an Arrow array, from buffers: `pa.array` would load pandas, which takes half a second."""
    import pyarrow as pa

    kind = _type(values)
    if kind == pa.string():
        texts = [text.encode() for text in values.tolist()]
        ends = np.cumsum([0, *map(len, texts)], dtype=np.int32)
        return pa.Array.from_buffers(
            kind, len(texts), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(texts))]
        )
    values = np.ascontiguousarray(values, dtype=np.int64 if kind == pa.int64() else np.float64)
    missing = np.isnan(values)
    validity = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
    return pa.Array.from_buffers(kind, len(values), [validity, pa.py_buffer(values)])


def _numpy(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    """Convert an Arrow column to an array, from its buffers."""
    import pyarrow as pa

    array = column.combine_chunks()
    if pa.types.is_string(array.type):
        return np.array(array.to_pylist(), dtype=np.str_)
    rows = slice(array.offset, array.offset + len(array))
    validity, content = array.buffers()
    values = np.frombuffer(content, dtype=np.int64 if array.type == pa.int64() else np.float64)[rows]
    if validity is None or not array.null_count:
        return values
    bits = np.unpackbits(np.frombuffer(validity, dtype=np.uint8), bitorder="little")[rows]
    return np.where(bits == 1, values, np.nan)


def read(path: Path, columns: list[str] | None = None) -> Columns:
    """Read a Parquet file; see :func:`decode`.

    Raises
    ------
    DamagedError
        If it is damaged or missing.
    OSError
        If it cannot be read. This is not damage: the file itself may be intact.
    """
    return decode(read_content(path), path.name, columns)


def read_content(path: Path) -> bytes:
    """Read the content of a file; raises as :func:`read` does."""
    try:
        return read_bounded(path, MOST_BYTES)
    except FileNotFoundError as error:
        raise DamagedError(f"{path.name} is missing") from error
    except NotReadError as error:
        raise DamagedError(f"{path.name} {error}") from error


def decode(content: bytes, name: str, columns: list[str] | None = None) -> Columns:
    """Decode a Parquet file and verify its checksums; null becomes NaN.

    Parameters
    ----------
    content
        The file's content.
    name
        Name of the file, for messages.
    columns
        Columns to decode; by default all.

    Raises
    ------
    DamagedError
        If it is damaged, or larger than anything the program writes.
    """
    import pyarrow as pa

    try:
        table = bounded_parquet(content, most_rows=MOST_ROWS, most_bytes=MOST_BYTES, columns=columns)
    except NotReadError as error:
        raise DamagedError(f"{name} {error}") from error
    except BrokenParquetError as error:
        raise DamagedError(f"{name} is damaged") from error
    if not {field.type for field in table.schema} <= {pa.int64(), pa.float64(), pa.string()}:
        raise DamagedError(f"{name} has a column of a type that is not written")
    return {each: _numpy(table.column(each)) for each in table.column_names}


def read_verified(
    folder: Path, name: str, digests: Digests | None, columns: list[str] | None = None
) -> Columns:
    """Read a part file that is undamaged.

    A file that does not match its digest is undamaged if it is byte for byte what the program would write: the
    writer may have been interrupted before it wrote the manifest.

    Parameters
    ----------
    folder
        The results folder.
    name
        Name of the part file, relative to the folder.
    digests
        Digests in the manifest; None for an older folder without digests.
    columns
        Columns to decode; by default all.

    Raises
    ------
    DamagedError
        If it is damaged or missing.
    OSError
        If it cannot be read.
    """
    content = read_content(folder / name)
    matches = digests is None or digests.get(name) == sha256(content)
    # Encoding is deterministic: a table read from a file with a flipped bit encodes to other bytes.
    if not matches and encode_columns(decode(content, name)) != content:
        raise DamagedError(f"{name} is damaged")
    return decode(content, name, columns)


def digest_of(path: Path) -> str | None:
    """Return the digest of a file; None if it is missing or too large. Raises OSError as :func:`read` does."""
    try:
        return sha256(read_content(path))
    except DamagedError:
        return None


def sha256(content: bytes | memoryview) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def split(columns: Columns) -> dict[int, Columns]:
    """Split the columns of a part into the rows of each replication.

    Raises
    ------
    DamagedError
        If the column of replications is missing.
    """
    if REPLICATION not in columns:
        raise DamagedError("a table has no column of replications")
    numbers, starts = np.unique(columns[REPLICATION], return_index=True)
    bounds = [*starts.tolist(), len(columns[REPLICATION])]
    return {
        number: {name: values[begin:end] for name, values in columns.items() if name != REPLICATION}
        for number, begin, end in zip(numbers.tolist(), bounds, bounds[1:], strict=False)
    }


class DamagedError(Exception):
    """A damaged file of a results folder; handled inside this package."""
