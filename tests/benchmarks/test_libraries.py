"""Other libraries on the same walk-in clinics: equal patient by patient."""

import importlib.util
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import libraries, textbook
from benchmarks.libraries import CLINICS, Clinic, difference, measure
from simclinic.model.fast import compiled

ROUNDING = 1e-6  # minutes
COMPILED = libraries.FAST
SIMULATING = {
    "chairs_only.toml": ["textbook SimPy", "Ciw", "salabim", "simmer", "simclinic", *COMPILED],
    "walk_in.toml": ["textbook SimPy", "salabim", "simmer", "simclinic", *COMPILED],
}
HERE = {
    "textbook SimPy": True,
    "Ciw": importlib.util.find_spec("ciw") is not None,
    "salabim": importlib.util.find_spec("salabim") is not None,
    "simmer": libraries.has_simmer(),
    "simclinic": True,
    **dict.fromkeys(COMPILED, compiled.is_warm()),
}


@pytest.mark.parametrize("file", CLINICS)
def test_every_library_finds_the_same_moments(file):
    clinic = Clinic.prepare(file, weeks=1)
    result, missing = clinic.libraries()
    assert list(result) == [name for name in SIMULATING[file] if HERE[name]]
    assert sorted(result) + sorted(each.partition(":")[0] for each in missing) == [
        *sorted(result),
        *sorted(HERE.keys() - result.keys()),
    ]
    measured = measure(result, turns=1)
    assert {name: each.difference for name, each in measured.items() if each.difference > ROUNDING} == {}
    assert all(each.seconds > 0 for each in measured.values())
    rows = result["textbook SimPy"]()[1]
    assert len(rows) > 700
    assert (rows[:, 1] > rows[:, 0]).mean() > 0.1, "patients wait, or equality says little"


@pytest.mark.parametrize("file", CLINICS)
def test_one_chair_less_is_seen(file, monkeypatch):
    clinic = Clinic.prepare(file, weeks=1)
    result, _ = clinic.libraries()
    right = result["textbook SimPy"]()[1]
    monkeypatch.setattr(textbook, "CHAIRS", textbook.CHAIRS - 2)
    assert difference(right, result["textbook SimPy"]()[1]) > 1.0


def test_lengths_have_no_atoms():
    for file in CLINICS:
        minutes = np.array(Clinic.prepare(file, weeks=1).lengths)
        for column in minutes.T:
            assert len(np.unique(column)) == len(column)


def test_a_table_without_moments_differs():
    rows = np.array([[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]])
    assert difference(rows, rows) == 0.0
    assert difference(rows, rows[:1]) == np.inf
    assert difference(rows, np.full_like(rows, np.nan)) == np.inf
    still_there = rows.copy()
    still_there[1, 2] = np.nan
    assert difference(rows, still_there) == 0.0


def test_the_table_names_what_is_missing(monkeypatch, capsys):
    known = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in {"ciw", "salabim"} else known(name)
    )
    prepare = Clinic.prepare
    monkeypatch.setattr(Clinic, "prepare", lambda file: replace(prepare(file, weeks=1)))
    libraries.libraries(turns=1)
    shown = capsys.readouterr().out
    assert shown.count("salabim: not installed (pip install 'simclinic[bench]')") == 2
    assert shown.count("simclinic   ") == 2
    assert shown.count("÷ textbook") == 2
