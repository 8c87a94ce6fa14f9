"""`simclinic forecast --backtest`: how good it would have been."""

import csv
import json
import re
import shutil
import tomllib

import pandas as pd
import pytest

import simclinic as program
from simclinic.errors import SimclinicError
from tests.calibration.clinic import export, rows
from tests.command_line import called
from tests.exports.sample import FOLDER

SAMPLE = FOLDER / "visits.csv"
NAME = "Qz{:05d}-Wxyvut"
FEW = ("--weeks", 3, "--replications", 4, "--workers", 1)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """A backtest of the sample, as JSON, and its folder, which the tests leave as it is."""
    folder = tmp_path_factory.mktemp("sample") / "out"
    result = called("forecast", "--backtest", SAMPLE, "--cut", "2025-07-07", *FEW, "--out", folder, "--json")
    return result, folder


@pytest.fixture
def backtest(simclinic, tmp_path):
    def call(*more, visits=SAMPLE, cut="2025-07-07", out="out"):
        return simclinic("forecast", *more, "--backtest", visits, "--cut", cut, *FEW, "--out", tmp_path / out)

    return call


def test_the_sample(sample):
    result, folder = sample
    assert result.status == 0, result.err
    actual = json.loads(result.out)
    assert result.out == (folder / "backtest.json").read_text()
    assert (actual["schema_version"], actual["study"], actual["cut"]) == (1, "backtest", "2025-07-07")
    assert [week["start"] for week in actual["weeks"]] == ["2025-07-07", "2025-07-14", "2025-07-21"]
    assert actual["coverage"]["n"] == 3
    assert json.loads((folder / "summary.json").read_text())["study"] == "forecast"
    with (folder / "backtest.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["came"]) for row in rows] == [week["came"] for week in actual["weeks"]]
    # What came stands in the sample itself, which names the kind of every visit.
    visits = pd.read_csv(SAMPLE, sep=None, engine="python")
    assert actual["total"]["came"] == sum(week["came"] for week in actual["weeks"])
    assert 0 < actual["total"]["came"] < len(visits)
    arguments = json.loads((folder / "manifest.json").read_text())["arguments"]
    assert (arguments["backtest"], arguments["cut"]) == ("visits.csv", "2025-07-07")
    assert str(FOLDER) not in (folder / "manifest.json").read_text()


def test_for_people(backtest, simclinic, tmp_path):
    result = backtest()
    assert result.status == 0, result.err
    for message in ("forecast from what was known before", "Given", "the simplest guess", "all weeks:"):
        assert message in " ".join(result.out.split())
    assert "of 3 weeks lie inside the 80 % band" in " ".join(result.out.split())
    assert max(map(len, result.out.partition("Results are in")[0].splitlines())) <= 80
    shown = simclinic("results", tmp_path / "out")
    assert shown.status == 0
    assert result.out.partition("\nResults are in")[0].rstrip() in shown.out


def test_no_patient_is_named(backtest, tmp_path):
    file = tmp_path / "ours.csv"
    file.write_text(export(rows(90, 5.0, seed=4, name=NAME)))
    result = backtest(visits=file)
    assert result.status == 0, result.err
    pattern = re.compile(rb"Qz\d{5}|Wxyvut", re.IGNORECASE)
    assert not pattern.search((result.out + result.err).encode())
    kept = [each for each in (tmp_path / "out").rglob("*") if each.is_file()]
    assert len(kept) > 5
    for each in kept:
        assert not pattern.search(each.read_bytes()), each


def test_again_is_the_same_and_costs_nothing(backtest, sample, tmp_path):
    result, folder = sample
    shutil.copytree(folder, tmp_path / "out")
    assert backtest("--json").out == result.out
    assert backtest("--json", out="fresh").out == result.out


def test_a_folder_of_something_else_is_left_alone(backtest, sample, tmp_path):
    shutil.copytree(sample[1], tmp_path / "out")
    other = backtest(cut="2025-07-14")
    assert other.status == 2
    assert "was begun with another panel" in other.err
    # The same past and another future: the forecast is the same, what it is held against is not.
    text = SAMPLE.read_bytes().decode()
    assert "2025-07-09" in text
    changed = tmp_path / "changed.csv"
    changed.write_text("".join(line for line in text.splitlines(keepends=True) if "2025-07-09" not in line))
    assert backtest(visits=changed).status == 2
    assert backtest("--weeks", 1, "--replications", 1, visits=changed, out="other").status == 0


def test_a_base_and_changes(backtest, scenario, tmp_path):
    scenario.write_text('name = "Ours"\n[clinic]\nchairs = 5\n')
    result = backtest(scenario, "--set", "shifts.day.nurses=4", "--fixed-parameters")
    assert result.status == 0, result.err
    [room] = [each for each in (tmp_path / "out").iterdir() if each.is_dir()]
    [file] = room.glob("scenario*.toml")
    kept = tomllib.loads(file.read_text())
    assert (kept["clinic"]["chairs"], kept["shifts"]["day"]["nurses"]) == (5, 4)
    assert kept["name"].startswith("Ours, calibrated as of 2025-07-07")


def test_what_an_export_means_can_be_said(backtest, tmp_path):
    file = tmp_path / "odd.csv"
    file.write_text(export(rows(90, 4.0, seed=4)).replace("Completed", "Attnd"))
    assert backtest(visits=file).status == 2
    assert backtest("--status", "Attnd=completed", visits=file).status == 0
    result = backtest("--status", "Attnd=away", visits=file, out="b")
    assert result.status == 2
    assert "must mean completed" in result.err


@pytest.mark.parametrize("cut", ["2024-02-05", "2026-01-04", "2030-01-01"])
def test_a_cut_that_leaves_too_little(backtest, cut):
    result = backtest(cut=cut)
    assert result.status == 2
    assert "must leave at least 8 weeks before it and one after it: the export covers 2024-01-" in result.err


def test_more_weeks_than_came(backtest):
    result = backtest(cut="2025-12-22")
    assert result.status == 2
    assert "--weeks 3: the export has 2 whole weeks from 2025-12-22 on" in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--backtest", SAMPLE), "--backtest needs --cut DATE"),
        (("--backtest", SAMPLE, "--cut", "7.7.2025"), "'7.7.2025' does not match the format"),
        (("--backtest", SAMPLE, "--cut", "2025-07-07", "--panel", "p.csv"), "--panel: not with --backtest"),
        (("--backtest", SAMPLE, "--cut", "2025-07-07", "--own-law"), "--own-law: not with --backtest"),
        (
            ("--backtest", SAMPLE, "--cut", "2025-07-07", "--as-of", "2025-07-07"),
            "--as-of: not with --backtest",
        ),
        (("s.toml", "--cut", "2025-07-07", "--panel", "p.csv"), "--cut needs an export to cut"),
        (("s.toml", "--panel", "p.csv", "--column", "patient=MRN"), "--column: only with --backtest"),
        (
            ("s.toml", "--panel", "p.csv", "--whole-history", "--dates", "dmy"),
            "--dates, --whole-history: only",
        ),
        (("s.toml",), "Missing option '--panel'"),
        (("--panel", "p.csv"), "Missing argument 'SCENARIO'"),
        (("--backtest", "none.csv", "--cut", "2025-07-07"), "none.csv"),
    ],
)
def test_what_does_not_fit_together(simclinic, arguments, message):
    result = simclinic("forecast", *arguments)
    assert result.status == 2
    assert message in " ".join(result.err.split())
    assert "Traceback" not in result.err


# -- in Python -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tested():
    return program.backtest(SAMPLE, cut="2025-07-07", weeks=3, replications=4, workers=1)


def test_in_python(tested):
    assert list(tested.weeks.columns) == ["start", "p10", "p50", "p90", "mean", "came", "naive", "pit"]
    assert tested.weeks["came"].sum() == tested.document["total"]["came"]
    assert tested.weeks.loc[1, "start"] == pd.Timestamp("2025-07-14")
    assert len(tested.forecast.futures) == 3 * 4
    assert tested.weeks.loc[2, "mean"] == tested.forecast.futures.query("week == 2")["boosters"].mean()
    assert "of 3 weeks inside the 80 % band" in repr(tested)
    shown = tested._repr_html_()
    assert shown.count("<tr>") == 4
    assert tested.warnings == tested.document["warnings"]


def test_in_python_results_live_as_long_as_the_object():
    one = program.backtest(SAMPLE, cut="2025-07-07", weeks=1, replications=1, workers=1)
    folder = one.folder
    assert (folder / "backtest.json").exists()
    del one
    assert not folder.exists()


def test_in_python_what_cannot_be_is_told():
    for cut in ("soon", "2024-01-09", None):
        with pytest.raises(SimclinicError):
            program.backtest(SAMPLE, cut=cut)


def test_the_report_shows_what_came(sample, simclinic, tmp_path):
    result, folder = sample
    shutil.copytree(folder, tmp_path / "out")
    actual = json.loads(result.out)
    assert simclinic("report", tmp_path / "out").status == 0
    page = (tmp_path / "out" / "report.html").read_text()
    drawn = json.loads(re.search(r'id="came-data">(.*?)</script>', page)[1])
    points = next(trace for trace in drawn["data"] if trace["name"] == "given")
    assert points["y"] == [week["came"] for week in actual["weeks"]]
    answer = " ".join(re.sub("<[^>]*>", "", page[page.index("The answer") :])[:900].split())
    coverage = actual["coverage"]
    assert f"{coverage['inside']} of {coverage['n']} weeks lie inside the 80 % band" in answer
