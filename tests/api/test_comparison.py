"""Comparisons in a script or a notebook."""

import numpy as np
import pandas as pd
import pytest

import simclinic
from simclinic.errors import SimclinicError
from simclinic.measures import KPIS

SMALL = ('run.begin="empty"', "run.warm_up_weeks=2", "run.weeks=3", "run.replications=3")


@pytest.fixture(scope="module")
def clinic():
    return simclinic.baseline().change(*SMALL)


@pytest.fixture(scope="module")
def found(clinic):
    return clinic.compare(clinic.change("clinic.chairs=4", "name=<b>Four</b>"))


def test_tables_are_tidy(found):
    assert found.differences.loc[("<b>Four</b>", "slot_fill"), "n"] == 3
    assert len(found.differences) == len(KPIS)
    assert len(found.kpis) == 2 * len(KPIS)
    assert found.runs.shape == (6, 2 + len(KPIS))
    one, four = (frame.set_index("replication") for _, frame in found.runs.groupby("scenario", sort=False))
    by_hand = (four["slot_fill"] - one["slot_fill"]).mean()
    assert found.differences.loc[("<b>Four</b>", "slot_fill"), "mean"] == pytest.approx(by_hand)
    assert found.failures.empty
    assert isinstance(found.failures, pd.DataFrame)
    assert found.warnings == found.document["warnings"]
    assert "3 replications" in repr(found)


def test_notebooks_show_a_table_and_no_markup_of_others(found):
    shown = found._repr_html_()
    assert "<table>" in shown
    assert "<b>Four" not in shown
    assert "&lt;b&gt;Four" in shown


def test_files_and_protocols(tmp_path, clinic):
    file = tmp_path / "small.toml"
    file.write_text('name = "Mine"\n[run]\nwarm_up_weeks = 1\nweeks = 2\nreplications = 2\n')
    found = simclinic.compare([file], protocols=["twice-weekly", "thrice-weekly"], kpis=["series_days_mean"])
    assert [each["name"] for each in found.document["scenarios"]] == ["twice-weekly", "thrice-weekly"]
    assert list(found.document["differences"][0]["kpis"]) == ["series_days_mean"]
    kept = simclinic.compare([file, clinic], replications=1, out=tmp_path / "out")
    assert (tmp_path / "out" / "summary.json").exists()
    assert kept.folder == tmp_path / "out"
    with pytest.raises(SimclinicError):
        simclinic.compare([file])
    with pytest.raises(SimclinicError):
        simclinic.compare([])


def test_results_without_a_folder_go_with_their_object(clinic):
    found = clinic.compare(clinic, replications=1)
    folder = found.folder
    assert folder.exists()
    del found
    assert not folder.exists()


def test_until_takes_what_notebooks_hold(clinic):
    until = {"cost_per_week": np.float64(1e6)}
    found = clinic.compare(clinic.change("clinic.chairs=1"), until=until, kpis=["cost_per_week"])
    assert found.document["until"][0]["reached"]
    with pytest.raises(SimclinicError, match="leave replications out"):
        clinic.compare(clinic, until=until, replications=3)
