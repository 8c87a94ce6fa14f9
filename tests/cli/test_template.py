"""`simclinic template`: the answer, the files, what is refused."""

import csv
import io
import json

import pytest

from simclinic.report.sheet import sheet_csv, sheet_html
from simclinic.scenario import load

SMALL = """
name = "Small <b>clinic</b>"
[run]
begin = "empty"
warm_up_weeks = 1
weeks = 2
replications = 2
[demand]
referrals_per_week = 12
"""


@pytest.fixture
def scenario(tmp_path):
    file = tmp_path / "small.toml"
    file.write_text(SMALL)
    return file


def test_few_replications_answer_nothing(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    options = ["--grid", 15, "--slack", "0,20", "--workers", 1, "--out", out, "--at-most", 20]
    said = simclinic("template", scenario, *options, "--write", tmp_path / "new.toml")
    assert said.status == 0, said.err
    first, *_ = said.out.splitlines()
    assert first == "Open: no way to book is shown to keep the limits of the day."
    text = " ".join(said.out.split())
    assert "There is no answer, so no file was written; --slack with one value chooses a template." in text
    assert not (tmp_path / "new.toml").exists()
    for words in ("derived grid", "20 % slack", "no slack", "Days that run late: at most 10 %"):
        assert words in said.out
    document = json.loads(simclinic("template", scenario, *options, "--no-report", "--json").out)
    assert (document["study"], document["state"], document["chosen"]) == ("template", "open", None)
    assert {way["name"] for way in document["ways"]} == {"derived grid", "20 % slack", "no slack"}
    assert all(way["kpis"]["overtime_day_share"]["n"] == 20 for way in document["ways"])
    shown = simclinic("results", out)
    assert shown.status == 0
    assert first in shown.out


def test_the_chosen_slack_is_written(simclinic, scenario, tmp_path):
    new, page, table = tmp_path / "new.toml", tmp_path / "sheet.html", tmp_path / "sheet.csv"
    changes = ["--set", "clinic.chairs=4", "--set", 'clinic.hours.sat="09:00-13:00"', "--set", "name='Other'"]
    changes += ["--set", "shifts.sat={days=['sat'], hours='08:30-13:30', nurses=1}"]
    options = ["--on-paper", "--slack", "10", "--grid", 15, "--write", new, "--sheet", page, "--sheet", table]
    said = simclinic("template", scenario, *changes, *options)
    assert said.status == 0, said.err
    assert said.out.startswith("On paper, ")
    assert f"The scenario with these starts is {new}" in " ".join(said.out.split())
    written = load(new)
    assert written.name == "Other, 10 % slack"
    assert written.clinic.chairs == 4
    document = json.loads(simclinic("template", scenario, *changes, *options[:5], "--json").out)
    [answer] = [way for way in document["ways"] if way["name"] == document["chosen"]]
    listed = json.loads(written.model_dump_json())["booking"]["starts"]
    assert listed == {day["weekday"]: day["starts"] for day in answer["days"]}
    assert listed["mon"] == listed["fri"] != listed["sat"]
    rows = list(csv.DictReader(io.StringIO(table.read_text())))
    assert [row["time"] for row in rows if row["weekday"] == "sat"] == listed["sat"]
    assert {row["nurse"] for row in rows if row["weekday"] == "sat"} == {"sat 1"}
    assert {int(row["chair"]) for row in rows} <= {1, 2, 3, 4}
    assert "Mon–Fri" in page.read_text()
    # A second time nothing is overwritten; all files are named, and nothing is planned.
    before = new.read_bytes()
    said = simclinic("template", scenario, *options)
    assert said.status == 2
    assert said.err.count("already exists") == 3
    assert new.read_bytes() == before


def test_times_are_listed_once_with_their_number(simclinic, scenario):
    said = simclinic("template", scenario, "--on-paper", "--slack", "0", "--grid", 30)
    assert "2×08:00" in said.out
    assert "The starts with the template with no slack" in said.out


def test_hours_are_worth_what_the_grid_says(simclinic, scenario):
    document = json.loads(
        simclinic("template", scenario, "--on-paper", "--slack", "0", "--grid", 10, "--json").out
    )
    [answer] = [way for way in document["ways"] if way["name"] == "no slack"]
    assert document["hours"]["open_earlier"] >= answer["starts_per_week"]
    shown = simclinic("template", scenario, "--on-paper", "--slack", "0", "--grid", 10).out
    words = " ".join(shown.split())
    more = max(document["hours"].values()) > answer["starts_per_week"]
    assert ("would make room for" in words) == more
    assert ("add no start" in words) != more


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--grid", "7"], "--grid must divide an hour"),
        (["--alpha", "0"], "alpha must lie between 0 and 0.5"),
        (["--at-most", "5"], "at least 20 are needed"),
        (["--target", "nonsense<=3"], "nonsense"),
        (["--slack", "x,p10"], "'p10' is no slack"),
        (["--set", 'booking.mode="walk-in"'], "is a walk-in clinic"),
        (["--set", "shifts.day.nurses=0"], "no shift has a nurse"),
        (["--set", 'changes."2026-03-02"={"clinic.chairs"=4}'], "changes clinic"),
        (["--set", 'clinic.hours.mon="08:00-08:30"'], ""),
        (["--sheet", "sheet.txt"], "ends in .csv or .html"),
        (["--sheet", "nowhere/sheet.csv"], "there is no folder nowhere"),
        (["--write", "other/new.toml"], "must lie in its folder or below"),
    ],
)
def test_what_is_refused(simclinic, scenario, monkeypatch, tmp_path, arguments, why):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").mkdir()
    said = simclinic("template", scenario, "--on-paper", "--slack", "0", "--grid", 30, *arguments)
    assert "Traceback" not in said.err
    if why:
        assert said.status == 2
        assert why in " ".join(said.err.split())
    else:
        assert said.status == 0


def test_words_of_a_scenario_are_inert_on_the_sheet(simclinic, scenario):
    document = json.loads(
        simclinic("template", scenario, "--on-paper", "--slack", "0", "--grid", 30, "--json").out
    )
    for line in document["sheet"]:
        line["nurse"] = "=<i>\x1b[31m"
    page = sheet_html(document)
    assert "<b>" not in page
    assert "<i>" not in page
    assert "\x1b" not in page
    assert "&lt;b&gt;clinic" in page
    assert ",'=<i>" in sheet_csv(document)


def test_a_relieved_nurse_is_marked(simclinic, scenario):
    document = json.loads(
        simclinic("template", scenario, "--on-paper", "--slack", "0", "--grid", 30, "--json").out
    )
    for line in document["sheet"]:
        line["relieved"] = False
    assert "takes over" not in sheet_html(document)
    document["sheet"][0]["relieved"] = True
    page = sheet_html(document)
    assert page.count("day 1*") == 1
    assert "* another nurse takes over" in page
