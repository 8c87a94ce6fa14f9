"""Runs, comparisons and sweeps that begin with today's patients, in a script or a notebook."""

import datetime as dt
import json

import pytest

import simclinic
from simclinic.errors import SimclinicError

PANEL = """\
patient,stage,infusions_done,last_infusion_on,boosters_done
MRN-1,waiting,,,
MRN-2,series,3,2026-01-02,
MRN-3,maintained,6,2025-12-11,4
MRN-4,maintained,6,2025-12-20,7
"""
DAY = "2026-01-05"


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    file = tmp_path_factory.mktemp("panel") / "panel.csv"
    file.write_text(PANEL)
    return file


@pytest.fixture(scope="module")
def clinic():
    return simclinic.baseline().change("run.weeks=4")


@pytest.fixture(scope="module")
def result(clinic, panel):
    return clinic.run(3, panel=panel, as_of=DAY)


def test_a_run_is_that_of_a_forecast(result, clinic, panel):
    held = clinic.forecast(panel, as_of=DAY, weeks=4, replications=3, own_law=True, fixed_parameters=True)
    assert (held.futures["boosters"].to_numpy() == result.weeks["boosters"].to_numpy()).all()
    assert result.document["panel"]["as_of"] == DAY
    assert result.document["horizon"]["warm_up_weeks"] == 0
    assert "are of new patients only" in result._repr_html_()
    arguments = json.loads((result.folder / "manifest.json").read_text())["arguments"]
    assert arguments == {
        "replications": 3,
        "seed": 1,
        "panel": "panel.csv",
        "as_of": DAY,
        "uncertain": False,
        "mix_versions": False,
    }


def test_its_report_has_the_patients_too(result, tmp_path):
    text = result.report(tmp_path / "report.html").read_text()
    assert "beginning with 4 patients" in text
    assert "Waits on the day" in text


def test_clinics_are_compared_on_todays_patients(clinic, panel, result):
    wider = clinic.change("name=Wider", "clinic.chairs=4")
    actual = clinic.compare(wider, replications=3, panel=panel, as_of=dt.date(2026, 1, 5))
    first = actual.runs[actual.runs["scenario"] == clinic.scenario.name]
    assert (first["margin_per_week"].to_numpy() == result.runs["margin_per_week"].to_numpy()).all()
    assert actual.document["panel"]["patients"] == 4
    assert "are of new patients only" in actual._repr_html_()


def test_every_point_begins_with_them(clinic, panel, result):
    study = {"factors": {"clinic.chairs": [3, 4]}}
    actual = simclinic.sweep(study, clinic=clinic, replications=3, panel=panel, as_of=DAY)
    own = actual.runs[actual.runs["clinic.chairs"] == 3]
    assert (own["margin_per_week"].to_numpy() == result.runs["margin_per_week"].to_numpy()).all()
    assert actual.document["panel"]["patients"] == 4
    assert "are of new patients only" in actual._repr_html_()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"as_of": DAY}, "as_of: only with panel"),
        ({"uncertain": True, "as_of": DAY}, "as_of and uncertain: only with panel"),
    ],
)
def test_what_is_said_of_a_panel_needs_one(clinic, given, message):
    for call in (
        lambda: clinic.run(1, **given),
        lambda: clinic.compare(clinic, **given),
        lambda: simclinic.sweep({"factors": {"clinic.chairs": [3]}}, clinic=clinic, **given),
    ):
        with pytest.raises(SimclinicError, match=message):
            call()


def test_a_date_that_is_none_is_refused(clinic, panel):
    with pytest.raises(SimclinicError, match="as_of must be a date such as 2026-03-04, not 'Monday'"):
        clinic.run(1, panel=panel, as_of="Monday")
