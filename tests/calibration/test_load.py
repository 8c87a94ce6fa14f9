"""A large export takes memory and time in proportion to its rows, within those of a small machine."""

import subprocess
import sys

import numpy as np
import pytest

from simclinic.calibration import return_fits
from simclinic.calibration.cells import Cells, Rows
from simclinic.calibration.timestamps import Timestamps, moments
from tests.exports.large import large

PEAK = 500
"""Megabytes that an export of a million rows may take."""
RATIO = 11.0
"""Largest ratio of its processor time to that of a tenth of the rows."""


@pytest.mark.long
def test_a_million_rows_take_half_a_gigabyte_and_time_in_proportion(tmp_path):
    program = (
        "import os, subprocess, sys\n"
        "done = subprocess.Popen([sys.executable, '-m', 'simclinic', *sys.argv[1:]], stdout=subprocess.DEVNULL)\n"
        "_, status, used = os.wait4(done.pid, 0)\n"
        "print(status, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime)"
    )
    actual = {}
    for rows in (100_000, 1_000_000):
        (tmp_path / f"{rows}.csv").write_text(large(rows))
        command = [sys.executable, "-c", program, "calibrate", f"{rows}.csv", "--out", str(rows)]
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        status, peak, seconds = result.stdout.split()
        assert status == "0", result.stderr
        actual[rows] = float(peak), float(seconds)
    assert actual[1_000_000][0] < PEAK, actual
    assert actual[1_000_000][1] < RATIO * actual[100_000][1], actual


CELLS = ["b", "", "a", "b", "", "c", "a", "b"]


def test_a_column_is_what_its_cells_are():
    column = Cells.of(CELLS)
    assert list(column) == CELLS
    assert column == CELLS
    assert column != CELLS[:-1]
    assert column != [*CELLS[:-1], "x"]
    assert column.words == ["b", "", "a", "c"]
    assert column[-1] == "b"
    assert column[2:5] == CELLS[2:5]
    assert sorted(column[2:5].words) == ["", "a", "b"]
    assert column.counts() == {"b": 3, "": 2, "a": 2, "c": 1}
    assert list(column[1:].counts()) == ["", "a", "b", "c"]
    assert column.firsts().tolist() == [0, 1, 2, 5]
    assert column.filled().tolist() == [bool(cell) for cell in CELLS]
    assert column.map(str.upper) == [cell.upper() for cell in CELLS]
    assert column.map(lambda cell: "b" if cell == "a" else cell).words == ["b", "", "c"]
    changed = column.written({0: "c", 2: "new"})
    assert changed == ["c", "", "new", *CELLS[3:]]
    assert len(set(changed.words)) == len(changed.words)
    assert column == CELLS


def test_rows_are_what_they_were():
    rows = [["a", "b"], [], ["", "a", "c"], ["a"]]
    kept = Rows(rows)
    assert list(kept) == rows
    assert kept[-1] == ["a"]
    assert kept[1:3] == rows[1:3]
    assert len(Rows()) == 0
    assert list(Rows([[], []])) == [[], []]


@pytest.mark.parametrize(
    ("day", "minute", "cell", "written", "read"),
    [
        (735_000, 465.5, "x", "2013-05-12 07:45:30", (465.5, 735_000)),
        (735_000, np.nan, "x", "2013-05-12", (np.nan, 735_000)),
        (0, 465.0, "x", "07:45:00", (465.0, 0)),
        (0, np.nan, "2013-05-12 08:00", "2013-05-12 08:00", (480.0, 735_000)),
        (0, np.nan, "soon", "soon", (np.nan, 0)),
        (0, np.nan, "", "", (np.nan, 0)),
    ],
)
def test_a_stamp_is_read_as_it_is_written(day, minute, cell, written, read):
    stamps = Timestamps(np.array([day]), np.array([minute]), Cells.of([cell]))
    assert list(stamps) == [written] == [stamps[0]]
    assert stamps.filled().tolist() == [bool(written)]
    for column in (stamps, Cells.of([written])):
        (result,), (date,) = moments(column)
        assert date == read[1]
        np.testing.assert_equal(result, read[0])


def test_a_fit_does_not_depend_on_the_number_of_processors(monkeypatch):
    """Libraries spread long sums of products over processors, and another order of summation rounds differently."""
    draws = np.random.default_rng(4)
    after = draws.uniform(1, 400, 30_000)
    laid = after, after + draws.uniform(0.1, 3, 30_000), draws.integers(1, 5, 30_000).astype(float)
    longest = []

    class Watched(np.ndarray):
        def __matmul__(self, other):
            longest.append(len(other))
            return np.asarray(self) @ np.asarray(other)

    value = return_fits.log_likelihood("lognormal", (3.0, 0.0), laid[0], laid[1], laid[2].view(Watched))
    assert max(longest) <= 10_000
    assert sum(longest) == 30_000
    monkeypatch.setattr(return_fits, "_TOGETHER", 10**9)
    assert value == pytest.approx(return_fits.log_likelihood("lognormal", (3.0, 0.0), *laid), rel=1e-12)
