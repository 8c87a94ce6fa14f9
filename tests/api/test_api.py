"""simclinic in a script or a notebook."""

import subprocess
import sys

import pandas as pd
import pytest

import simclinic
from simclinic.errors import ScenarioError, SimclinicError
from simclinic.measures import KPIS

SMALL = ('run.begin="empty"', "run.warm_up_weeks=2", "run.weeks=3", "run.replications=2")


@pytest.fixture(scope="module")
def clinic():
    return simclinic.baseline().change(*SMALL)


@pytest.fixture(scope="module")
def result(clinic):
    return clinic.run(replications=3, seed=4)


def test_the_documented_example(tmp_path):
    file = tmp_path / "baseline.toml"
    file.write_text('name = "Mine"\n[run]\nbegin = "empty"\nwarm_up_weeks = 0\nweeks = 2\n')
    clinic = simclinic.load(file)
    result = clinic.run(replications=2)
    assert result.kpis.loc["infusions_per_week", "n"] == 2


def test_tables_are_tidy(result):
    assert list(result.kpis.index) == list(KPIS)
    assert list(result.kpis) == [
        *("label", "group", "unit", "mean", "sd", "ci_low", "ci_high", "p10", "p90", "n"),
        *("method", "coverage"),
    ]
    assert result.runs["replication"].tolist() == [0, 1, 2]
    assert result.weeks.shape[0] == 9
    assert result.profile.shape[0] == 168
    assert result.ramp["week"].tolist() == [-2, -1, 0, 1, 2] * 3
    assert result.failures.empty
    for frame in (result.kpis, result.runs, result.weeks, result.profile, result.ramp):
        assert isinstance(frame, pd.DataFrame)
        assert pd.api.types.is_numeric_dtype(frame.iloc[:, -1])
    assert result.kpis["mean"]["infusions_per_week"] == pytest.approx(
        result.runs["infusions_per_week"].mean()
    )
    assert result.weeks.groupby("replication")["infusions"].mean().tolist() == pytest.approx(
        result.runs["infusions_per_week"].tolist()
    )


def test_the_filling_of_a_clinic_is_smoothed(clinic):
    filling = clinic.change('run.begin="empty"', "run.warm_up_weeks=50", "run.weeks=10").run(2).filling
    assert filling["week"].tolist() == list(range(-50, 10))
    assert filling["smoothed"].notna().tolist() == [True] * 34 + [False] * 26
    assert filling["smoothed"][30] == pytest.approx(filling["boosters"][4:57].mean())


def test_it_says_what_the_command_says(result, clinic, tmp_path):
    kept = clinic.run(replications=3, seed=4, out=tmp_path / "out")
    assert kept.document == result.document
    assert kept.folder == tmp_path / "out"
    assert (tmp_path / "out" / "summary.json").exists()
    again = clinic.run(replications=2, seed=4, out=tmp_path / "out")
    assert len(again.runs) == 2
    assert len(again.weeks) == 6
    pd.testing.assert_frame_equal(again.runs, kept.runs[:2])


def test_results_without_a_folder_go_with_their_object(clinic):
    result = clinic.run(replications=1)
    folder = result.folder
    assert folder.exists()
    assert len(result.runs) == 1
    del result
    assert not folder.exists()


def test_notebooks_show_tables_and_no_markup_of_others(clinic):
    named = simclinic.Clinic(clinic.scenario).change("name=<b>Bad & bold</b>", "run.replications=1")
    shown = named.run()._repr_html_()
    assert "<table>" in shown
    assert "<b>Bad" not in shown
    assert "&lt;b&gt;Bad &amp; bold" in shown
    assert "Bad &amp; bold" in named._repr_html_()
    assert "1 replications" in repr(named.run())
    assert "Bad & bold" in repr(named)


def test_changes_are_checked(clinic):
    assert clinic.change("clinic.chairs=7").scenario.clinic.chairs == 7
    assert clinic.scenario.clinic.chairs == 3
    with pytest.raises(ScenarioError, match="chairs"):
        clinic.change("clinic.chairs=0")
    with pytest.raises(SimclinicError):
        clinic.run(replications=0)
    with pytest.raises(SimclinicError):
        simclinic.load("nowhere.toml")


def test_check_says_what_the_plan_carries(clinic):
    assert clinic.check()["plans"][0]["starts_per_week"] == 60


def test_importing_loads_nothing_heavy():
    program = (
        "import sys, simclinic\n"
        "assert 'load' in dir(simclinic)\n"
        "print([name for name in ('numpy', 'pandas', 'pydantic', 'scipy') if name in sys.modules])\n"
        "simclinic.load\n"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["[]", "True"]
    with pytest.raises(AttributeError, match="nothing_such"):
        simclinic.nothing_such  # noqa: B018


def test_a_result_has_a_report_to_hand_on(tmp_path):
    clinic = simclinic.baseline().change('run.begin="empty"', "run.warm_up_weeks=2", "run.weeks=2")
    result = clinic.run(replications=2)
    written = result.report(tmp_path / "run.html")
    assert written == tmp_path / "run.html"
    assert "Typical clinic" in written.read_text(encoding="utf-8")
    assert result.report() == result.folder / "report.html"
