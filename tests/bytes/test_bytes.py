"""The check of bytes sees what it is there to see."""

import shutil

import numpy as np
import pytest

from simclinic.model import simulate
from simclinic.sampling import draw
from simclinic.scenario import load
from tests.bytes.collect import SHORT, SMALL, array_digest, leaves, table_digests
from tests.bytes.held import ROOT, differences, digests


def test_the_last_bit_of_a_number_is_seen():
    values = np.array([1.0, 2.0, np.nan])
    moved = values.copy()
    moved[1] = np.nextafter(2.0, 3.0)
    assert array_digest(values) == array_digest(values.astype(">f8"))
    assert (
        len({array_digest(each) for each in (values, moved, values.astype("f4"), values.reshape(3, 1))}) == 4
    )
    assert dict(leaves({"mean": 0.1}, "kpi")) != dict(leaves({"mean": 0.1 + 2**-56}, "kpi"))
    assert dict(table_digests("a,b\n1,2\n", "t")) != dict(table_digests("a,b\n1,3\n", "t"))


def test_sentences_times_and_versions_are_not_held():
    one = {"n": 1, "ended": "2026-01-01", "warnings": ["it is so"], "title": "a day", "verdict": "open"}
    other = {
        "n": 1,
        "ended": "2026-01-02",
        "warnings": ["so it is", "and so"],
        "title": "the day",
        "verdict": "open",
    }
    assert dict(leaves(one, "d")) == dict(leaves(other, "d"))
    assert dict(leaves(one, "d")) != dict(leaves({**one, "verdict": "stable"}, "d"))


def test_what_is_new_is_allowed_and_what_is_missing_is_not():
    before = dict(leaves({"a": 1, "b": 2}, "d"))
    assert differences(before, dict(leaves({"a": 1, "b": 2, "c": 3}, "d"))) == ([], ["d.c"])
    wrong, _ = differences(before, dict(leaves({"a": 1}, "d")))
    assert [each.split(":")[0] for each in wrong] == ["d{}", "d.b"]
    wrong, _ = differences(before, dict(leaves({"a": 1, "b": 3}, "d")))
    assert wrong == ["d.b: 2 then 3"]


@pytest.mark.parametrize("name", SMALL)
def test_the_rule_of_a_small_clinic_shows_in_its_tables(name):
    base, around, rule = SMALL[name]
    clinics = [
        load(ROOT / "scenarios" / f"{base}.toml", [*SHORT, *settings]) for settings in (around, around + rule)
    ]
    plain, ruled = (simulate(clinic, draw(clinic, 1, 0)).visits["step_start"] for clinic in clinics)
    assert array_digest(plain) != array_digest(ruled)


@pytest.fixture
def planted(tmp_path):
    shutil.copytree(ROOT / "simclinic", tmp_path / "simclinic", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_a_bit_that_is_planted_in_the_model_is_seen(planted):
    """The minute at which a visit ends, one bit later."""
    file = planted / "simclinic" / "model" / "tables.py"
    text = file.read_text()
    assert text.count("    return Records(") == 1
    end, later = "    return Records(", '    visits["left"] = np.nextafter(visits["left"], np.inf)\n'
    file.write_text(text.replace(end, later + end))
    only = "run nurse-visit"
    before, after = digests(ROOT, ROOT / "scenarios", only), digests(planted, ROOT / "scenarios", only)
    wrong, new = differences(before, after)
    assert not new
    assert any(each.startswith("run nurse-visit/tables 0/visits/left:") for each in wrong)
    assert all("wait_chair" not in each and "patients" not in each for each in wrong)
    assert differences(before, before) == ([], [])
