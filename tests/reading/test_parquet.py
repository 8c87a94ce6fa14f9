"""A Parquet file is decoded only after it is known of what size the table will be."""

import io
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simclinic.parquet import BrokenParquetError, bounded_parquet
from simclinic.reading import NotReadError

ENOUGH = {"most_rows": 10_000, "most_bytes": 10_000_000}


def written(columns, **how) -> bytes:
    sink = io.BytesIO()
    pq.write_table(
        columns if isinstance(columns, pa.Table) else pa.table(columns),
        sink,
        **{"compression": "zstd", "write_page_checksum": True} | how,
    )
    return sink.getvalue()


SMALL = pa.table(
    {
        "replication": np.arange(60),
        "figure": np.random.default_rng(1).random(60),
        "none": pa.array([None] * 60, pa.float64()),
        "name": [None, *(f"p{number % 5}" for number in range(59))],
    }
)


def test_a_table_is_read_as_it_was_written(tmp_path):
    file = tmp_path / "a.parquet"
    file.write_bytes(written(SMALL))
    assert bounded_parquet(file, **ENOUGH).equals(SMALL)
    assert bounded_parquet(file.read_bytes(), **ENOUGH).schema == SMALL.schema
    some = bounded_parquet(file, columns=["name", "figure"], **ENOUGH)
    assert some.equals(SMALL.select(some.column_names))
    assert sorted(some.column_names) == ["figure", "name"]


def test_a_table_without_rows_is_one():
    """It has columns and no pages."""
    nothing = SMALL.slice(0, 0)
    assert bounded_parquet(written(nothing), **ENOUGH).equals(nothing)
    assert bounded_parquet(written(nothing), columns=["name"], **ENOUGH).num_rows == 0


@pytest.mark.parametrize(
    ("columns", "bounds", "message"),
    [
        ({"a": np.zeros(10_001)}, {}, "has 10,001 rows; at most 10,000 are read"),
        ({f"c{n}": [1] for n in range(2_001)}, {}, "has 2,001 columns; at most 2,000 are read"),
        ({"a": np.zeros(9_000)}, {"most_bytes": 71_999}, "unpacks to 72,000 bytes; at most 71,999 are read"),
        (
            {
                "a": pa.DictionaryArray.from_arrays(
                    pa.array(np.zeros(9_000, np.int32)), pa.array(["x" * 5_000])
                )
            },
            {"most_bytes": 44_999_999},
            "unpacks to 45,000,000 bytes; at most 44,999,999 are read",
        ),
        ({"a": [[1], [2]]}, {}, "has a column of a type that is not read"),
        ({"a": [b"x"]}, {}, "has a column of a type that is not read (binary)"),
    ],
)
def test_a_table_beyond_a_bound_is_refused_with_what_it_has(columns, bounds, message):
    raw = written(columns, store_schema=False)
    with pytest.raises(NotReadError) as caught:
        bounded_parquet(raw, **ENOUGH | bounds)
    assert str(caught.value).startswith(message)


def test_a_table_at_its_bounds_is_read():
    raw = written({"a": np.zeros(10_000)})
    assert bounded_parquet(raw, most_rows=10_000, most_bytes=80_000, most_columns=1).num_rows == 10_000


def test_the_columns_that_are_not_wanted_do_not_count():
    raw = written({"a": np.zeros(9_000), "b": np.ones(9_000)})
    assert bounded_parquet(raw, most_rows=9_000, most_bytes=72_000, columns=["b"]).num_columns == 1
    with pytest.raises(NotReadError, match="unpacks to 144,000 bytes"):
        bounded_parquet(raw, most_rows=9_000, most_bytes=143_999)


def test_a_small_file_of_many_gigabytes_costs_nothing(tmp_path):
    """One of 655 kB took 2.4 GB to read."""
    number, text = tmp_path / "number.parquet", tmp_path / "text.parquet"
    number.write_bytes(written({"a": np.zeros(20_000_000)}))
    texts = pa.DictionaryArray.from_arrays(pa.array(np.zeros(1_000_000, np.int32)), pa.array(["x" * 100_000]))
    text.write_bytes(written({"a": texts}, store_schema=False))
    assert number.stat().st_size < 200_000
    assert text.stat().st_size < 10_000
    program = (
        "import sys; from simclinic.parquet import *; from simclinic.reading import *\n"
        "import pyarrow.parquet\n"
        "peak = lambda: int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
        "before = peak()\n"
        "for most_rows in 10_000, 10**9:\n"
        "  for file in sys.argv[1:]:\n"
        "    try: bounded_parquet(file, most_rows=most_rows, most_bytes=50_000_000)\n"
        "    except NotReadError: print('refused')\n"
        "print(len({'pandas', 'pyarrow.compute'} & set(sys.modules)), peak() - before)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, number, text], capture_output=True, text=True, check=True
    )
    *refused, loaded, grown = result.stdout.split()
    assert refused == ["refused"] * 4
    assert loaded == "0"  # both take long, and every run reads what it has written
    assert int(grown) < 40_000  # kilobytes


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_the_limit_counts_each_text_as_often_as_it_is_there(kind):
    texts = ["é" * 500, None, "", "b" * 3000] * 75
    raw = written({"a": pa.array(texts, kind)}, row_group_size=130)
    held = 75 * (1000 + 3000)
    assert len(raw) < held - 1
    table = bounded_parquet(raw, most_rows=300, most_bytes=held)
    assert table.column("a").to_pylist() == texts
    assert table.schema.field("a").type == kind
    with pytest.raises(NotReadError, match=f"{held:,} bytes"):
        bounded_parquet(raw, most_rows=300, most_bytes=held - 1)


def test_a_page_that_holds_more_than_the_footer_says_is_not_decompressed():
    """A footer of 20,000 numbers before a page of 20,000,000."""
    how = {"use_dictionary": False, "write_statistics": False, "write_page_checksum": False}
    how |= {"data_page_size": 2**31 - 1, "write_batch_size": 10**9}
    if int(pa.__version__.split(".")[0]) >= 23:  # before, pages had no most rows
        how["max_rows_per_page"] = 10**9
    honest = written({"a": np.random.default_rng(1).random(20_000)}, **how)
    large = written({"a": np.zeros(20_000_000)}, row_group_size=10**9, **how)
    footer = 8 + int.from_bytes(honest[-8:-4], "little")
    page = large[4 : -8 - int.from_bytes(large[-8:-4], "little")]
    lie = b"PAR1" + page.ljust(len(honest) - footer - 4, b"\0") + honest[-footer:]
    bounds = {"most_rows": 20_000, "most_bytes": 1_000_000}
    assert bounded_parquet(honest, **bounds).num_rows == 20_000
    assert pq.read_table(pa.BufferReader(lie), use_threads=False).num_rows == 20_000  # pyarrow believes it
    with pytest.raises(BrokenParquetError) as caught:
        bounded_parquet(lie, **bounds)
    assert "contradicts the footer" in str(caught.value.__cause__)


def test_bytes_that_are_no_sound_table_are_told_from_a_system_that_fails(tmp_path):
    raw = written(SMALL)
    for broken in (b"", b"PAR1", b"x" * 100, raw[:-1], raw[:200], raw[1:], b"PAR1" + b"\xff" * 200 + b"PAR1"):
        with pytest.raises(BrokenParquetError):
            bounded_parquet(broken, **ENOUGH)
    two_rows = raw.replace(b"\x16\x78", b"\x16\x04")  # 60 and 2, as the footer writes them
    assert two_rows != raw
    with pytest.raises(BrokenParquetError):
        bounded_parquet(two_rows, **ENOUGH)
    with pytest.raises(BrokenParquetError):
        bounded_parquet(raw, columns=["no such column", "figure"], **ENOUGH)
    with pytest.raises(FileNotFoundError):
        bounded_parquet(tmp_path / "none", **ENOUGH)
    with pytest.raises(NotReadError, match="folder"):
        bounded_parquet(tmp_path, **ENOUGH)
    with pytest.raises(NotReadError, match="larger"):
        bounded_parquet(raw, most_rows=10_000, most_bytes=len(raw) - 1)


def test_every_flipped_bit_is_found_or_harms_nothing_but_names_and_numbers_of_the_footer():
    """What a flip makes of a footer is told by the digest of the file; here nothing else may be raised."""
    raw = written(SMALL)
    kept = 0
    for bit in range(0, len(raw) * 8, 7):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            kept += bounded_parquet(bytes(flipped), **ENOUGH).num_rows == 60
        except (BrokenParquetError, NotReadError):
            continue
    assert kept < len(raw) * 8 // 7 // 2


def test_it_reads_from_bytes_what_it_reads_from_a_file(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(NotReadError, match="named pipe"):
        bounded_parquet(tmp_path / "fifo", **ENOUGH)
