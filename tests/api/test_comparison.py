"""Comparisons in a script or a notebook."""

import numpy as np
import pandas as pd
import pytest

import simclinic
from simclinic.errors import SimclinicError
from simclinic.experiment.controls import CONTROLS
from simclinic.measures import KPIS

SMALL = ('run.begin="empty"', "run.warm_up_weeks=2", "run.weeks=3", "run.replications=3")


@pytest.fixture(scope="module")
def clinic():
    return simclinic.baseline().change(*SMALL)


@pytest.fixture(scope="module")
def made(clinic):
    return clinic.compare(clinic.change("clinic.chairs=4", "name=<b>Four</b>"))


def test_tables_are_tidy(made):
    assert made.differences.loc[("<b>Four</b>", "slot_fill"), "n"] == 3
    assert len(made.differences) == len(KPIS)
    assert len(made.kpis) == 2 * len(KPIS)
    assert made.runs.shape == (6, 2 + len(KPIS) + len(CONTROLS))
    one, four = (frame.set_index("replication") for _, frame in made.runs.groupby("scenario", sort=False))
    by_hand = (four["slot_fill"] - one["slot_fill"]).mean()
    assert made.differences.loc[("<b>Four</b>", "slot_fill"), "mean"] == pytest.approx(by_hand)
    assert made.failures.empty
    assert isinstance(made.failures, pd.DataFrame)
    assert made.warnings == made.document["warnings"]
    assert "3 replications" in repr(made)


def test_notebooks_show_a_table_and_no_markup_of_others(made):
    shown = made._repr_html_()
    assert "<table>" in shown
    assert "<b>Four" not in shown
    assert "&lt;b&gt;Four" in shown


def test_files_and_protocols(tmp_path, clinic):
    file = tmp_path / "small.toml"
    file.write_text('name = "Mine"\n[run]\nbegin = "empty"\nwarm_up_weeks = 1\nweeks = 2\nreplications = 2\n')
    result = simclinic.compare([file], protocols=["twice-weekly", "thrice-weekly"], kpis=["series_days_mean"])
    assert [each["name"] for each in result.document["scenarios"]] == ["twice-weekly", "thrice-weekly"]
    assert list(result.document["differences"][0]["kpis"]) == ["series_days_mean"]
    kept = simclinic.compare([file, clinic], replications=1, out=tmp_path / "out")
    assert (tmp_path / "out" / "summary.json").exists()
    assert kept.folder == tmp_path / "out"
    with pytest.raises(SimclinicError):
        simclinic.compare([file])
    with pytest.raises(SimclinicError):
        simclinic.compare([])


def test_results_without_a_folder_go_with_their_object(clinic):
    result = clinic.compare(clinic, replications=1)
    folder = result.folder
    assert folder.exists()
    del result
    assert not folder.exists()


def test_until_takes_what_notebooks_hold(clinic):
    until = {"cost_per_week": np.float64(1e6)}
    result = clinic.compare(clinic.change("clinic.chairs=1"), until=until, kpis=["cost_per_week"])
    assert result.document["until"][0]["reached"]
    with pytest.raises(SimclinicError, match="leave replications out"):
        clinic.compare(clinic, until=until, replications=3)
