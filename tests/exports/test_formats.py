"""The same appointments are read from an export in any format, or it is refused with the reason."""

import csv
import io

import numpy as np
import pytest

from simclinic.calibration.interpretation import interpret
from simclinic.calibration.options import Options
from simclinic.calibration.text import ExportError
from simclinic.model import simulate
from simclinic.sampling.draws import draw
from tests.exports.clinics import realistic
from tests.exports.export import clean
from tests.exports.formats import FORMATS, formatted, plain


@pytest.fixture(scope="module")
def export():
    scenario = realistic("run.weeks=40")
    return clean(simulate(scenario, draw(scenario, 3, 0)), scenario, seed=2, booked=True)


@pytest.fixture(scope="module")
def truth(export, tmp_path_factory):
    return interpretation(tmp_path_factory.mktemp("clean"), "v.csv", plain(export))


def interpretation(folder, name, data, **options):
    path = folder / name
    path.write_bytes(data)
    return interpret(path, Options(**options))


def rows(visits, *, timed):
    """List the appointments by patient, regardless of the order in which patients are numbered."""
    _, first = np.unique(visits.patient, return_index=True)
    names = {
        int(visits.patient[at]): (int(visits.day[at]), float(np.nan_to_num(visits.due[at]))) for at in first
    }
    due = visits.due if timed else np.zeros(len(visits.due))
    lines = zip(
        visits.patient.tolist(), visits.day.tolist(), due.tolist(), visits.status.tolist(), strict=True
    )
    own: dict[int, list[tuple[int, float, int]]] = {}
    for patient, day, minute, status in lines:
        own.setdefault(patient, []).append((day, minute, status))
    assert names.keys() == own.keys()
    return sorted(own.values())


DATES_ONLY = {"midnights", "midnights-in-universal-time"}


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_appointments_or_a_reason(export, truth, tmp_path, name):
    file = formatted(export, name)
    if file.refused:
        with pytest.raises(ExportError) as refusal:
            interpretation(tmp_path, file.name, file.data, **file.options)
        message = str(refusal.value)
        assert file.refused in message
        assert not [row.patient for row in export.rows if row.patient in message]
        return
    read = interpretation(tmp_path, file.name, file.data, **file.options)
    assert read.patients == truth.patients
    timed = name not in DATES_ONLY
    assert rows(read.visits, timed=timed) == rows(truth.visits, timed=timed)
    assert (read.visits.first, read.visits.as_of) == (truth.visits.first, truth.visits.as_of)
    message = " ".join(f"{each.what} {each.done}" for each in read.quality.notes)
    assert not [row.patient for row in export.rows if row.patient in message]


def test_the_clean_file_is_the_export(export, truth):
    there = list(csv.DictReader(io.StringIO(plain(export).decode())))
    assert len(there) == len(export.rows) == truth.rows
    assert truth.patients == len({row.patient for row in export.rows})
    assert len(truth.visits.day) == len(export.rows)
