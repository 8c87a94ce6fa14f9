"""The same visits are read from an export by any convention."""

import datetime as dt
from collections import Counter

import numpy as np
import pytest

from simclinic.calibration import Options
from simclinic.calibration.export import read_export
from simclinic.calibration.interpretation import interpret
from simclinic.model import simulate
from simclinic.sampling.draws import draw
from tests.exports.clinics import realistic
from tests.exports.conventions import (
    CONVENTIONS,
    TIMES,
    closed_by_the_system,
    lines,
    plain,
    resources,
    written,
)
from tests.exports.export import clean


@pytest.fixture(scope="module")
def export():
    scenario = realistic("run.weeks=40")
    records = simulate(scenario, draw(scenario, 4, 0))
    return clean(records, scenario, seed=1, cut=scenario.run.start + dt.timedelta(weeks=38), booked=True)


def read(tmp_path, text, options):
    path = tmp_path / "visits.csv"
    path.write_text(text)
    return interpret(path, options)


def appointments(tmp_path, text, options):
    """Count appointments by record number, day, time and outcome."""
    visits = read(tmp_path, text, options).visits
    table = read_export(tmp_path / "visits.csv", options)  # visits have no record numbers
    record = dict(zip(table.line, table.columns["patient"], strict=True))
    rows = zip(
        visits.line.tolist(), visits.day.tolist(), visits.due.tolist(), visits.status.tolist(), strict=True
    )
    return Counter((record[line], day, due, status) for line, day, due, status in rows)


@pytest.mark.parametrize("name", CONVENTIONS)
def test_a_convention_changes_nothing(tmp_path, export, name):
    same = appointments(tmp_path, *plain(export, 1))
    assert appointments(tmp_path, *CONVENTIONS[name](export, 3)) == same
    clean_one = read(tmp_path, *plain(export, 1))
    result = read(tmp_path, *CONVENTIONS[name](export, 3))
    assert result.visits.as_of == clean_one.visits.as_of == export.cut.toordinal()
    statuses = [int((clean_one.visits.status == code).sum()) for code in range(4)]
    assert min(statuses) > 10


def test_a_row_for_each_resource(tmp_path, export):
    """Rows of the same patient, day and outcome are one, even two appointments missed on the same day."""
    clean_one = appointments(tmp_path, *plain(export, 1))
    result = appointments(tmp_path, *resources(export, 3))
    assert set(result.values()) == {1}
    assert not result - clean_one
    days = {(record, day, status) for record, day, _, status in clean_one}
    assert {(record, day, status) for record, day, _, status in result} == days
    assert len(days) > 0.98 * len(clean_one)


LONG_AFTER = {
    "at 23:59": lambda draws: "23:59",
    "at 17:30": lambda draws: "17:30",
    "within a quarter of an hour of 18:00": lambda draws: f"18:{int(15 * draws.random()):02d}",
    "at midnight": lambda draws: "00:00",
}


@pytest.mark.parametrize("share", [0.03, 0.12, 0.35])
@pytest.mark.parametrize("end", LONG_AFTER)
def test_automatic_closings_change_no_length(tmp_path, export, end, share):
    options = Options(as_of=export.cut, columns=TIMES)
    rows = lines(export)
    clean_one = read(tmp_path, written(rows, without=()), options).visits.minutes
    text = closed_by_the_system(export, 3, share, LONG_AFTER[end])
    result = read(tmp_path, text, options)
    kept, true = result.visits.minutes, float(np.nanmean(clean_one))
    known = ~np.isnan(kept)
    # All other lengths are known and unchanged; their mean differs only by chance.
    assert np.array_equal(kept[known], clean_one[known])
    assert abs(float(np.nanmean(kept)) - true) < 4 * float(np.nanstd(clean_one)) / np.sqrt(known.sum())
    closed = sum(a["Out"] != b["Out"] for a, b in zip(rows, _out(text), strict=True))
    counts = {each.what: each.count for each in result.quality.notes}
    (count,) = (each for what, each in counts.items() if "closed automatically" in what)
    assert closed <= count <= closed + 0.02 * len(rows)
    heading = [each for each in result.quality.warnings if "are automatic" in each]
    assert len(heading) == (share > 0.05)


def _out(text):
    import csv

    return list(csv.DictReader(text.splitlines()))


def test_lengths_as_they_are_are_left_alone(tmp_path, export):
    result = read(tmp_path, written(lines(export), without=()), Options(as_of=export.cut, columns=TIMES))
    assert not [each for each in result.quality.notes if "automatically" in each.what]
    done = result.visits.status == 0
    assert np.isnan(result.visits.minutes[done]).mean() < 0.01
