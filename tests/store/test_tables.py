"""Parquet tables: typed, checked, equal for equal rows."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from simclinic.store.tables import DamagedError, encode, encode_columns, read, split


def entry(number: int, rows: int = 2) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(number)
    return {"count": rng.integers(0, 9, rows), "share": rng.random(rows), "never": np.full(rows, np.nan)}


def test_what_is_written_is_read(tmp_path):
    entries = {number: entry(number) for number in (3, 1, 2)}
    file = tmp_path / "part.parquet"
    file.write_bytes(encode(entries))
    result = split(read(file))
    assert list(result) == [1, 2, 3]
    for number, columns in entries.items():
        for name, values in columns.items():
            np.testing.assert_array_equal(result[number][name], values)
            assert result[number][name].dtype == values.dtype


def test_the_order_of_coming_changes_no_byte():
    one, two = entry(1), entry(2)
    assert bytes(encode({1: one, 2: two})) == bytes(encode({2: two, 1: one}))


def test_pandas_reads_the_folder_even_where_a_column_is_all_missing(tmp_path):
    known = entry(2) | {"never": np.array([1.0, 2.0])}
    (tmp_path / "part-00000.parquet").write_bytes(encode({1: entry(1)}))
    (tmp_path / "part-00001.parquet").write_bytes(encode({2: known}))
    frame = pd.read_parquet(tmp_path)
    assert frame["replication"].tolist() == [1, 1, 2, 2]
    assert frame["never"].isna().tolist() == [True, True, False, False]
    assert frame.dtypes.astype(str).to_dict() == {
        "replication": "int64", "count": "int64", "share": "float64", "never": "float64",
    }  # fmt: skip


def test_missing_figures_are_null_and_not_nan(tmp_path):
    file = tmp_path / "part.parquet"
    file.write_bytes(encode_columns({"figure": np.array([1.0, np.nan])}))
    assert pq.read_table(file).column("figure").null_count == 1


@given(
    arrays.arrays(
        np.float64, st.integers(1, 40), elements=st.floats(allow_infinity=True, allow_nan=True, width=64)
    )
)
def test_every_float_comes_back_to_the_last_bit(tmp_path_factory, values):
    file = tmp_path_factory.mktemp("floats") / "part.parquet"
    file.write_bytes(encode_columns({"figure": values}))
    np.testing.assert_array_equal(read(file)["figure"], values)


def test_a_flipped_bit_is_found_or_harmless(tmp_path):
    """In 300 places: the file is either refused or reads as it was written."""
    file = tmp_path / "part.parquet"
    columns = entry(1, rows=500)
    content = bytes(encode_columns(columns))
    refused = 0
    for place in np.random.default_rng(1).integers(0, len(content) * 8, 300).tolist():
        harmed = bytearray(content)
        harmed[place // 8] ^= 1 << place % 8
        file.write_bytes(harmed)
        try:
            result = read(file)
        except DamagedError:
            refused += 1
            continue
        if list(result) != list(columns):  # a name in the footer: the digest finds that
            refused += 1
            continue
        for name, values in columns.items():
            np.testing.assert_array_equal(result[name], values)
    assert refused > 250


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all"])
def test_what_is_no_table_is_damaged(tmp_path, content):
    file = tmp_path / "part.parquet"
    file.write_bytes(content)
    with pytest.raises(DamagedError):
        read(file)
