"""Sweeps in a script or a notebook."""

import numpy as np
import pytest

import simclinic
from simclinic.errors import ScenarioError
from simclinic.measures import KPIS

SMALL = ('run.begin="empty"', "run.warm_up_weeks=1", "run.weeks=2", "run.replications=2")
FACTORS = {"clinic.chairs": [1, 2], "demand.protocol_mix": [{"twice-weekly": 1.0}, {"thrice-weekly": 1.0}]}


@pytest.fixture(scope="module")
def clinic():
    return simclinic.baseline().change(*SMALL)


@pytest.fixture(scope="module")
def found(clinic):
    return simclinic.sweep({"name": "<b>Chairs</b>", "factors": FACTORS}, clinic=clinic, on=["slot_fill"])


def test_tables_are_tidy(found):
    assert list(found.runs.columns) == ["point", *FACTORS, "replication", *KPIS]
    assert len(found.runs) == 8
    assert found.points.loc[3, "demand.protocol_mix"] == "thrice-weekly"
    assert found.points["slot_fill"].to_numpy() == pytest.approx(
        found.runs.groupby("point")["slot_fill"].mean()
    )
    assert len(found.effects) == 2 * len(KPIS)
    assert found.effects.loc[("slot_fill", "clinic.chairs"), "share"] >= 0
    assert found.failures.empty


def test_it_shows_in_a_notebook(found):
    shown = found._repr_html_()
    assert "&lt;b&gt;Chairs&lt;/b&gt;" in shown
    assert "clinic.chairs, 1 → 2" in shown
    assert shown.count("<table>") == 1
    assert repr(found) == "<Sweep '<b>Chairs</b>': 4 points, 2 replications of each>"


def test_results_live_as_long_as_the_object(clinic):
    found = simclinic.sweep({"factors": {"clinic.chairs": [1, 2]}}, clinic=clinic, replications=1)
    folder = found.folder
    assert folder.exists()
    del found
    assert not folder.exists()


def test_a_folder_can_be_kept_and_gone_on_with(clinic, tmp_path):
    wanted = {"factors": {"clinic.chairs": [1, 2]}}
    one = simclinic.sweep(wanted, clinic=clinic, replications=1, out=tmp_path / "out")
    two = simclinic.sweep(wanted, clinic=clinic, replications=2, out=tmp_path / "out")
    assert (len(one.runs), len(two.runs)) == (2, 4)


def test_what_is_wrong_with_a_study_comes_as_one_exception(clinic):
    with pytest.raises(ScenarioError) as error:
        simclinic.sweep({"factors": {"clinic.charis": [1]}, "desing": "lhs"}, clinic=clinic)
    assert "desing" in str(error.value)


def test_what_notebooks_hold_is_understood(clinic):
    plain = simclinic.sweep(
        {"design": "lhs", "samples": 3, "factors": {"clinic.chairs": [1, 2]}},
        clinic=clinic,
        replications=1,
        seed=5,
    )
    for levels in (np.arange(1, 3), (1, 2), range(1, 3), [np.int64(1), np.int64(2)]):
        found = simclinic.sweep(
            {"design": "lhs", "samples": np.int64(3), "factors": {"clinic.chairs": levels}},
            clinic=clinic,
            replications=np.int64(1),
            seed=np.int64(5),
        )
        assert found.document == plain.document
