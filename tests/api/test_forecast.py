"""Forecasts in a script or a notebook."""

import datetime as dt

import pandas as pd
import pytest

import simclinic
from simclinic.errors import SimclinicError

PANEL = """\
patient,stage,infusions_done,last_infusion_on,boosters_done
1,waiting,,,
2,series,3,2026-01-02,
3,maintained,6,2025-12-11,4
"""
HOW = {"weeks": 4, "replications": 3}


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    file = tmp_path_factory.mktemp("panel") / "panel.csv"
    file.write_text(PANEL)
    return file


@pytest.fixture(scope="module")
def clinic():
    return simclinic.baseline().change("name=<b>Mine</b>")


@pytest.fixture(scope="module")
def made(clinic, panel):
    return clinic.forecast(panel, **HOW)


def test_tables_are_tidy(made):
    laws = [law["name"] for law in made.document["laws"]]
    assert list(made.weeks.index.names) == ["law", "week", "figure"]
    assert list(made.weeks.columns) == ["start", "p10", "p50", "p90", "mean", "ci_low", "ci_high"]
    for law, week in ((0, 0), (1, 3)):
        stored = made.document["laws"][law]["weeks"][week]
        row = made.weeks.loc[(laws[law], week, "booster_requests")]
        assert [row["p10"], row["p90"], row["ci_low"]] == [
            stored["booster_requests"]["p10"],
            stored["booster_requests"]["p90"],
            stored["booster_requests"]["ci"][0],
        ]
        assert row["start"] == pd.Timestamp(stored["start"])
    assert made.total.loc[(laws[0], "capacity"), "p50"] == 240
    assert made.full.loc[(laws[1], 2), "full_probability"] == 0.0
    assert len(made.futures) == 2 * 3 * 4
    by_hand = made.futures[(made.futures["law"] == laws[1]) & (made.futures["week"] == 2)]["boosters"].mean()
    assert made.weeks.loc[(laws[1], 2, "boosters_given"), "mean"] == pytest.approx(by_hand)
    assert made.full_in_week == dict.fromkeys(laws)
    assert made.full_from.loc[laws[0], "futures"] == 3
    assert made.full_from.loc[laws[0], "full"] == 0
    assert made.full_from["middle"].isna().all()
    assert made.failures.empty
    assert made.warnings == made.document["warnings"]
    assert "4 weeks, 3 patients today, 3 futures" in repr(made)


def test_notebooks_show_tables_and_no_markup_of_others(made):
    shown = made._repr_html_()
    assert shown.count("<table>") == 2
    assert "<b>Mine" not in shown
    assert "&lt;b&gt;Mine" in shown
    assert "full within 4 weeks (until 2026-02-01) in none of the 3 futures" in shown


def test_it_is_what_the_command_says(clinic, panel, tmp_path):
    how = HOW | {"as_of": "2026-01-05", "own_law": True}
    kept = clinic.forecast(panel, out=tmp_path / "out", **how)
    assert kept.folder == tmp_path / "out"
    assert (tmp_path / "out" / "summary.json").exists()
    assert kept.document["horizon"]["start"] == "2026-01-05"
    assert len(kept.document["laws"]) == 1
    again = clinic.forecast(panel, out=tmp_path / "out", **how | {"as_of": dt.date(2026, 1, 5)})
    assert again.document == kept.document
    moment = dt.datetime(2026, 1, 5, 12)
    assert clinic.forecast(panel, out=tmp_path / "out", **how | {"as_of": moment}).document == kept.document


def test_results_without_a_folder_go_with_their_object(clinic, panel):
    result = clinic.forecast(panel, weeks=1, replications=1, own_law=True)
    folder = result.folder
    assert folder.exists()
    assert result.weeks["ci_low"].isna().all()
    del result
    assert not folder.exists()


@pytest.mark.parametrize(
    "wrong", [{"as_of": "soon"}, {"as_of": "2025-12-01"}, {"weeks": 0}, {"replications": 0}]
)
def test_what_cannot_be_is_told(clinic, panel, wrong):
    with pytest.raises(SimclinicError):
        clinic.forecast(panel, **HOW | wrong)


def test_a_wrong_panel_is_told(clinic, tmp_path):
    with pytest.raises(SimclinicError, match="no such file"):
        clinic.forecast(tmp_path / "none.csv")
