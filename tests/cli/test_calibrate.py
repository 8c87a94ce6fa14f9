"""`simclinic calibrate` as clinics use it: an export in, a scenario folder out, and no patient's name in it."""

import csv
import datetime as dt
import html
import io
import json
import re
import time
import tomllib

import numpy as np
import pytest

import simclinic as program
from simclinic.scenario import load
from tests.calibration.clinic import THREE, export, rows
from tests.command_line import called

NAME = "Qz{:05d}-Wxyvut"
"""A patient's name that stands nowhere by chance."""
FILES = {
    "baseline.toml",
    "estimates.csv",
    "manifest.json",
    "panel.csv",
    "quality.csv",
    "returns.csv",
    "report.html",
    "scenario.toml",
    "summary.json",
}


@pytest.fixture(scope="module")
def visits(tmp_path_factory):
    file = tmp_path_factory.mktemp("export") / "visits.csv"
    file.write_text(export(rows(90, 5.0, seed=4, name=NAME)))
    return file


@pytest.fixture(scope="module")
def calibrated(visits, tmp_path_factory):
    """One calibration, which the tests leave as it is."""
    folder = tmp_path_factory.mktemp("calibrated") / "out"
    result = called("calibrate", visits, "--out", folder)
    assert result.status == 0, result.err
    return result, folder


def test_the_folder(calibrated):
    result, folder = calibrated
    assert {path.name for path in folder.iterdir() if not path.name.startswith(".")} == FILES
    assert result.err == ""
    assert "After a series" in result.out
    assert "lognormal + never" in result.out
    assert "What the export cannot tell" in result.out
    assert f"simclinic forecast {folder}/scenario.toml --panel {folder}/panel.csv" in result.out
    tables = [line for line in result.out.splitlines() if str(folder) not in line]
    assert max(map(len, tables)) <= 80


def test_it_says_which_column_was_read_as_what(simclinic, visits, tmp_path):
    """`ID` is the appointment's here: its values never repeat, so another column is the patient's."""
    first, *lines = visits.read_text().splitlines()
    file = tmp_path / "visits.csv"
    file.write_text("\n".join([f"ID,{first}", *(f"{at},{line}" for at, line in enumerate(lines))]) + "\n")
    run = simclinic("calibrate", file, "--out", tmp_path / "out")
    assert run.status == 0, run.err
    columns = json.loads((tmp_path / "out" / "summary.json").read_text())["export"]["columns"]
    assert columns["patient"] == first.split(",")[0]
    line = ", ".join(f"{role} is '{heading}'" for role, heading in columns.items())
    shown = " ".join(run.out.split())
    assert f"Columns: {line}" in shown
    assert f"patient is '{columns['patient']}'" in shown
    assert f"Columns: {line}." in html.unescape((tmp_path / "out" / "report.html").read_text())


def test_no_patient_is_named(calibrated):
    result, folder = calibrated
    pattern = re.compile(rb"Qz\d{5}|Wxyvut", re.IGNORECASE)
    for path in folder.rglob("*"):
        if path.is_file():
            assert not pattern.search(path.read_bytes()), path.name
    assert not pattern.search((result.out + result.err).encode())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.partition("\n")[2],  # no heading
        lambda text: text.replace("Completed", "Gone", 5),
        lambda text: text.replace("MRN", "Who"),
        lambda text: text.replace("/", "?"),
        lambda text: text.replace(",Completed", ""),
        lambda text: text.replace("\n", "\r", 7).replace(",", ";", 4),
    ],
)
def test_no_error_names_a_patient(simclinic, visits, tmp_path, spoil):
    file = tmp_path / "spoilt.csv"
    file.write_text(spoil(visits.read_text()))
    result = simclinic("calibrate", file, "--out", tmp_path / "out")
    assert result.status == 2
    assert result.err.startswith("Error")
    assert "Qz" not in result.err
    assert not (tmp_path / "out").exists()


def test_the_scenario_is_valid_and_commented(calibrated):
    _, folder = calibrated
    scenario = load(folder / "scenario.toml")
    assert "warm_up_weeks" not in scenario.run.model_fields_set  # without a panel it begins steady
    assert scenario.run.begin == "steady"
    assert scenario.run.weeks == 26
    assert scenario.response.probability == 1.0
    assert scenario.relapse.days.never > 0.1
    text = (folder / "scenario.toml").read_text()
    written = tomllib.loads(text)
    assert written["extends"] == "baseline.toml"
    for line in text.partition("[uncertainty")[0].splitlines():
        if " = " in line and not line.startswith(("name", "description", "extends")):
            assert "  #" in line or " # " in line, line
    assert str(scenario.run.start) == json.loads((folder / "summary.json").read_text())["export"]["as_of"]


def test_the_uncertainty_is_written_as_agreed(calibrated):
    _, folder = calibrated
    written = tomllib.loads((folder / "scenario.toml").read_text())
    entries = written["uncertainty"]
    expected = {"referrals", "no-show", "late-cancel", "return-after-series", "return-after-booster"}
    assert set(entries) == expected | {f"drop-out-{k}" for k in range(1, 6)}
    for name, entry in entries.items():
        assert set(entry) == {"settings", "scale", "covariance"}, name
        matrix = np.array(entry["covariance"])
        assert matrix.shape == (len(entry["settings"]), len(entry["scale"])), name
        assert (matrix == matrix.T).all(), name
        assert (np.linalg.eigvalsh(matrix) > 0).all(), name
        assert set(entry["scale"]) <= {"identity", "log", "logit"}
    law = entries["return-after-series"]
    assert law["settings"][-1] == "relapse.days.never"
    assert law["scale"][-1] == "logit"
    assert entries["drop-out-1"]["settings"] == ["response.drop_out.1"]
    for entry in entries.values():
        for address, scale in zip(entry["settings"], entry["scale"], strict=True):
            value = written
            for part in address.split("."):
                value = value[int(part) - 1] if isinstance(value, list) else value[part]
            # On its scale the written value is finite.
            assert {"identity": True, "log": value > 0, "logit": 0 < value < 1}[scale], address


def test_the_panel_is_todays_patients(calibrated):
    _, folder = calibrated
    panel = list(csv.DictReader(io.StringIO((folder / "panel.csv").read_text())))
    assert list(panel[0]) == [
        *(
            "patient",
            "stage",
            "referred_on",
            "protocol",
            "infusions_done",
            "last_infusion_on",
            "boosters_done",
        ),
        "next_appointment",
    ]
    summary = json.loads((folder / "summary.json").read_text())
    stages = [row["stage"] for row in panel]
    assert stages.count("series") == summary["panel"]["series"]
    assert stages.count("maintained") == summary["panel"]["maintained"]
    assert all(re.fullmatch(r"P\d{4}", row["patient"]) for row in panel)
    first = [row["referred_on"] for row in panel]
    assert first == sorted(first)
    assert max(row["last_infusion_on"] for row in panel) < summary["export"]["as_of"]
    assert all(row["boosters_done"] == "0" for row in panel if row["stage"] == "series")


def test_json_is_the_summary_of_the_folder(simclinic, visits, tmp_path):
    result = simclinic("calibrate", visits, "--out", tmp_path / "out", "--json")
    assert result.status == 0
    assert result.out == (tmp_path / "out" / "summary.json").read_text()
    document = json.loads(result.out)
    assert (document["schema_version"], document["study"]) == (1, "calibrate")
    assert "NaN" not in result.out
    assert [law["chosen"] for law in document["returns"]["series"]["laws"]] == [True] + [False] * 5


def test_the_same_again_is_the_same_bytes(simclinic, visits, calibrated):
    _, folder = calibrated
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert simclinic("calibrate", visits, "--out", folder).status == 0
    for path in folder.iterdir():
        if path.name != "manifest.json":
            assert path.read_bytes() == before[path.name], path.name


def test_other_peoples_folders_are_left_alone(simclinic, visits, calibrated, tmp_path):
    _, folder = calibrated
    other = tmp_path / "three.csv"
    other.write_text(THREE)
    result = simclinic("calibrate", other, "--out", folder)
    assert result.status == 2
    assert "holds a calibration on another export" in result.err
    result = simclinic("calibrate", visits, "--out", folder, "--infusions", 5)
    assert result.status == 2
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    result = simclinic("calibrate", visits, "--out", mine)
    assert result.status == 2
    assert "is not empty" in result.err
    assert {path.name for path in mine.iterdir()} <= {"letter.txt", ".lock"}


def test_by_default_it_lies_below_results(simclinic, visits, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert simclinic("calibrate", visits).status == 0
    [folder] = (tmp_path / "results").iterdir()
    assert re.fullmatch(r"visits-calibrate-[0-9a-f]{8}", folder.name)


def test_a_base_of_ones_own(simclinic, visits, scenario, tmp_path):
    scenario.write_text('name = "Ours"\n[clinic]\nchairs = 5\n[boosters]\npolicy = "scheduled"\n')
    result = simclinic("calibrate", visits, "--scenario", scenario, "--out", tmp_path / "out")
    assert result.status == 0, result.err
    actual = load(tmp_path / "out" / "scenario.toml")
    assert actual.clinic.chairs == 5
    assert actual.boosters.policy == "as-needed"
    assert actual.name.startswith("Ours, calibrated as of ")
    scenario.write_text('name = "Ours"\n[clinic]\nchars = 5\n')
    result = simclinic("calibrate", visits, "--scenario", scenario, "--out", tmp_path / "other")
    assert result.status == 2
    assert "small.toml:3: clinic.chars" in result.err


def test_formulas_do_not_get_through(simclinic, tmp_path):
    file = tmp_path / "visits.csv"
    file.write_text(THREE.replace("ann", "=HYPERLINK(1)").replace("patient,", "=patient,"))
    result = simclinic(
        "calibrate", file, "--column", "patient==patient", "--out", tmp_path / "out", "--whole-history"
    )
    assert result.status == 0, result.err
    for name in ("panel.csv", "quality.csv", "estimates.csv", "returns.csv"):
        text = (tmp_path / "out" / name).read_text()
        assert "HYPERLINK" not in text
        for row in csv.reader(io.StringIO(text)):
            for cell in row:
                assert not cell.startswith(("=", "@", "\t")), (name, cell)
                assert not cell.startswith(("+", "-")) or float(cell) is not None


def test_options_that_cannot_be(simclinic, visits):
    for arguments, message in (
        (("--column", "patient"), "is not of the form NAME=HEADING"),
        (("--status", "gone"), "is not of the form WORD=MEANING"),
        (("--status", "gone=away"), "must mean completed, no-show"),
        (("--as-of", "14.3.2026"), "is not a date such as 2026-03-14"),
        (("--dates", "xyz"), "'xyz' is not one of 'dmy', 'mdy', 'ymd'"),
        (("--kind", "x=booster"), "needs a column for the kind"),
    ):
        result = simclinic("calibrate", visits, *arguments)
        assert result.status == 2, arguments
        assert message in result.err


def test_a_hundred_thousand_rows_take_seconds(simclinic, tmp_path):
    """Ten seconds are promised on an idle core; the bound is wide, since a busy one is slower."""
    made = rows(260, 37.0, seed=5)
    assert len(made) > 90_000
    file = tmp_path / "visits.csv"
    file.write_text(export(made))
    begun = time.process_time()
    result = simclinic("calibrate", file, "--out", tmp_path / "out")
    assert result.status == 0
    assert time.process_time() - begun < 20


def test_in_python(visits, tmp_path):
    result = program.calibrate(visits, out=tmp_path / "out")
    assert result.estimates.loc["relapse.days.never", "n"] > 100
    assert set(result.laws["after"]) == {"series", "booster"}
    assert result.laws["chosen"].sum() == 2
    assert len(result.panel) == result.document["panel"]["series"] + result.document["panel"]["maintained"]
    assert str(result.panel["last_infusion_on"].dtype).startswith("datetime64")
    assert {"after", "day", "away", "lognormal_never"} <= set(result.returns.columns)
    assert list(result.quality.columns) == ["what", "count", "lines", "done"]
    assert result.clinic.scenario.run.weeks == 26
    assert result._repr_html_().count("<table>") == 1
    assert "patients, as of" in repr(result)


def test_in_python_results_live_as_long_as_the_object(visits):
    result = program.calibrate(visits)
    folder = result.folder
    assert (folder / "scenario.toml").exists()
    del result
    assert not folder.exists()
    with pytest.raises(Exception, match="--column date=When names no column"):
        program.calibrate(visits, columns={"date": "When"})


def test_results_shows_it_again(simclinic, calibrated):
    result, folder = calibrated
    again = simclinic("results", folder)
    assert again.status == 0
    assert result.out.partition("\nResults are in")[0].rstrip() in again.out


def test_the_report_shows_who_comes_back(calibrated):
    _, folder = calibrated
    page = (folder / "report.html").read_text()
    assert not re.search(r"<script[^>]+src=|<link[^>]+href=", page)
    for message in ("After a series: share still away", "After a booster: share still away", "Kaplan-Meier"):
        assert message in page
    assert not (folder / "returns.html").exists()


def test_the_next_step_it_names_warns_of_no_warm_up(simclinic, calibrated):
    _, folder = calibrated
    result = simclinic("check", folder / "scenario.toml")
    assert result.status == 0
    assert "warm-up" not in result.out + result.err


def test_the_clinic_of_that_day_is_written_down(simclinic, tmp_path):
    made = rows(90, 5.0, seed=4)
    file = tmp_path / "visits.csv"
    file.write_text(export(made, kinds=True))
    result = simclinic("calibrate", file, "--whole-history", "--out", tmp_path / "out")
    assert result.status == 0, result.err
    known = load(tmp_path / "out" / "scenario.toml").calibrated
    last = max(day for _, day, _ in made)
    assert dt.date.fromordinal(last).weekday() == 4
    as_of = last + 3  # the Monday after
    of_late = sum(kind == "booster" and day >= as_of - 91 for _, day, kind in made)
    assert known.as_of.toordinal() == as_of
    assert known.boosters_per_week == pytest.approx(of_late / 13, rel=0.005)
    assert of_late > 50
    with (tmp_path / "out" / "panel.csv").open() as panel:
        assert known.patients == sum(1 for _ in csv.DictReader(panel))


def test_a_short_export_counts_the_weeks_it_has(simclinic, tmp_path):
    """Ann's booster of 9 February is the only one; the day after, the export has five whole weeks."""
    file = tmp_path / "visits.csv"
    file.write_text(THREE)
    result = simclinic("calibrate", file, "--whole-history", "--out", tmp_path / "out")
    assert result.status == 0, result.err
    known = load(tmp_path / "out" / "scenario.toml").calibrated
    assert known.boosters_per_week == pytest.approx(1 / 5)
    assert "# export, 1 in the last 5 weeks" in (tmp_path / "out" / "scenario.toml").read_text()


def test_rows_periods_and_the_clinic_can_be_chosen(simclinic, tmp_path):
    """Half the rows are another place's; the clinic works on three days, and was closed for a month."""
    made = [row for row in rows(60, 3.0, seed=5) if (row[1] - 1) % 7 in (0, 2, 4)]
    lines = export(made).splitlines()
    text = [f"{lines[0]},Location", *(f"{line},{'NS'[at % 2]}" for at, line in enumerate(lines[1:]))]
    file = tmp_path / "visits.csv"
    file.write_text("\n".join([text[0], *(line for line in text[1:] if line.endswith("N"))]) + "\n")
    alone = simclinic(
        "calibrate", file, "--whole-history", "--learn-clinic", "--json", "--out", tmp_path / "alone"
    )
    file.write_text("\n".join(text) + "\n")
    options = ("--whole-history", "--learn-clinic", "--only", "Location=N", "--json")
    result = simclinic("calibrate", file, *options, "--out", tmp_path / "out")
    assert (result.status, alone.status) == (0, 0), result.err + alone.err
    chosen, plain = json.loads(result.out), json.loads(alone.out)
    assert chosen["estimates"] == plain["estimates"]
    assert chosen["losses"] == plain["losses"] == []
    assert chosen["warnings"][0].startswith("only ")
    assert list(load(tmp_path / "out" / "scenario.toml").clinic.hours) == ["mon", "wed", "fri"]
    closed = simclinic(
        "calibrate", file, *options, "--leave-out", "2024-06-01/2024-06-30", "--out", tmp_path / "gap"
    )
    assert json.loads(closed.out)["export"]["completed"] < chosen["export"]["completed"]
    for wrong in ("June", "2024-06-30/2024-06-01"):
        refused = simclinic("calibrate", file, "--leave-out", wrong)
        assert refused.status == 2
        assert "Traceback" not in refused.err
    refused = simclinic("calibrate", file, "--only", "Location=East")
    assert refused.status == 2
    assert "there are 'N'" in refused.err


def test_a_word_cannot_mean_two_things(simclinic, tmp_path):
    file = tmp_path / "visits.csv"
    file.write_text(THREE)
    refused = simclinic("calibrate", file, "--status", "x=completed", "--status", "x=no-show")
    assert refused.status == 2
    assert "'x' is said to mean both completed and no-show" in refused.err


@pytest.mark.parametrize("kind", ["", ",induction", ",booster"])
@pytest.mark.parametrize("more", [(), ("--learn-clinic",), ("--whole-history", "--infusions", 1)])
def test_an_export_of_one_visit(simclinic, tmp_path, kind, more):
    """Nothing can be learnt from it, which is said; its scenario is the base's, and can be used."""
    file = tmp_path / "one.csv"
    file.write_text(f"patient,date,status{',kind' if kind else ''}\nann,2026-01-05,completed{kind}\n")
    result = simclinic("calibrate", file, "--out", tmp_path / "out", *more)
    assert (result.status, result.err) == (0, "")
    assert "1 visit completed" in result.out
    assert "covers 1 day:" in " ".join(result.out.split())
    assert simclinic("check", tmp_path / "out" / "scenario.toml").status == 0
