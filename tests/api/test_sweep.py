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
def made(clinic):
    return simclinic.sweep({"name": "<b>Chairs</b>", "factors": FACTORS}, clinic=clinic, on=["slot_fill"])


def test_tables_are_tidy(made):
    assert list(made.runs.columns) == ["point", *FACTORS, "replication", *KPIS]
    assert len(made.runs) == 8
    assert made.points.loc[3, "demand.protocol_mix"] == "thrice-weekly"
    assert made.points["slot_fill"].to_numpy() == pytest.approx(
        made.runs.groupby("point")["slot_fill"].mean()
    )
    assert len(made.effects) == 2 * len(KPIS)
    assert made.effects.loc[("slot_fill", "clinic.chairs"), "share"] >= 0
    assert made.failures.empty


def test_it_shows_in_a_notebook(made):
    shown = made._repr_html_()
    assert "&lt;b&gt;Chairs&lt;/b&gt;" in shown
    assert "clinic.chairs, 1 → 2" in shown
    assert shown.count("<table>") == 1
    assert repr(made) == "<Sweep '<b>Chairs</b>': 4 points, 2 replications of each>"


def test_results_live_as_long_as_the_object(clinic):
    result = simclinic.sweep({"factors": {"clinic.chairs": [1, 2]}}, clinic=clinic, replications=1)
    folder = result.folder
    assert folder.exists()
    del result
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
        result = simclinic.sweep(
            {"design": "lhs", "samples": np.int64(3), "factors": {"clinic.chairs": levels}},
            clinic=clinic,
            replications=np.int64(1),
            seed=np.int64(5),
        )
        assert result.document == plain.document
