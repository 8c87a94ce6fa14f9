"""`simclinic track`: the answer, the files, what is refused."""

import csv
import json
import re
import shlex
import shutil

import pytest

import simclinic as package
from tests.command_line import edit
from tests.docs.pages import ROOT

VISITS = ROOT / "scenarios" / "data" / "visits.csv"
CUT = "2025-07-07"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve futures from what the sample export shows until July."""
    place = tmp_path_factory.mktemp("track")
    learnt = package.calibrate(VISITS, as_of=CUT, whole_history=True, out=place / "july")
    clinic, panel = learnt.clinic, place / "july" / "panel.csv"
    clinic.forecast(panel, as_of=CUT, replications=12, weeks=26, out=place / "forecast")
    return place / "forecast"


def flat(text):
    return " ".join(text.split())


def thinned(path, every, since="2025-07-07", shift=0):
    """The sample export with only some of the patients who first came on a day or later."""
    rows = list(csv.DictReader(VISITS.read_text().splitlines()))
    first = {}
    for row in rows:
        first[row["patient"]] = min(row["date"], first.get(row["patient"], row["date"]))
    new = sorted(patient for patient, day in first.items() if day >= since)
    gone = set(new) - set(new[::every]) if every else set(new)
    with path.open("w", newline="") as file:
        sheet = csv.DictWriter(file, rows[0])
        sheet.writeheader()
        sheet.writerows(row for row in rows if row["patient"] not in gone)
    return path, {row["patient"] for row in rows}


def test_what_came_as_forecast(simclinic, folder, tmp_path):
    page, sheet = tmp_path / "track.html", tmp_path / "track.csv"
    said = simclinic("track", folder, VISITS, "--whole-history", "--write", page, "--write", sheet)
    assert said.status == 0, said.err
    assert flat(said.out).startswith(
        "As forecast: new patients who began and boosters given lie in no two months in a row"
    )
    assert "by chance" in flat(said.out)
    assert "Days from referral to first infusion - missing: the export has no column" in flat(said.out)
    document = json.loads(simclinic("track", folder, VISITS, "--whole-history", "--json").out)
    assert [each["month"] for each in document["months"]] == [f"2025-{month:02}" for month in range(7, 13)]
    new, boosters, access = document["figures"]
    # The export is one of a clinic with 3.2 new series a week and eight boosters: what is counted is of that size.
    weeks = sum(month["weeks"] for month in document["months"])
    assert weeks == 26
    assert 2.2 * weeks < new["total"]["came"] < 4.2 * weeks
    assert 6 * weeks < boosters["total"]["came"] < 10 * weeks
    for figure in (new, boosters):
        assert figure["total"]["came"] == sum(each["came"] for each in figure["months"])
    assert (access["missing"] is None, access["months"], document["command"]) == (False, [], None)
    assert any("rough" in warning for warning in document["warnings"])
    lines = list(csv.DictReader(sheet.read_text().splitlines()))
    assert len(lines) == 12
    assert lines[0]["came"] == str(new["months"][0]["came"])
    html = page.read_text()
    patients = {row["patient"] for row in csv.DictReader(VISITS.read_text().splitlines())}
    for text in (
        "New patients who began: forecast and came",
        "Boosters given: forecast and came",
        "July 2025",
    ):
        assert text in html
    for output in (said.out, html, sheet.read_text()):
        assert not patients & set(re.findall(r"\w+", output))


def test_fewer_new_patients_are_to_be_learnt_anew_by_a_command_that_works(simclinic, folder, tmp_path):
    fewer, _ = thinned(tmp_path / "fewer visits.csv", 6)
    said = simclinic("track", folder, fewer, "--whole-history", "--band", 90)
    assert said.status == 0, said.err
    assert flat(said.out).startswith("New patients who began: 6 months in a row below the band (July 2025,")
    assert "Learn anew, by calibrating on this export: demand.referrals_per_week" in flat(said.out)
    command = said.out.partition("Next:\n")[2].strip()
    words = shlex.split(command)
    assert words[:4] == ["simclinic", "calibrate", str(fewer), "--whole-history"]
    again = simclinic(*words[1:], "--out", tmp_path / "anew")
    assert again.status == 0, again.err
    before, after = (
        package.load(str(file)).scenario.demand.referrals_per_week
        for file in (words[-1], tmp_path / "anew" / "scenario.toml")
    )
    assert after < before


def test_an_export_that_ends_early_is_judged_as_far_as_it_goes(simclinic, folder):
    said = simclinic("track", folder, VISITS, "--whole-history", "--as-of", "2025-09-10")
    assert "- not judged: September 2025, October 2025, November 2025, December 2025: the" in flat(said.out)
    said = simclinic("track", folder, VISITS, "--whole-history", "--as-of", "2025-07-20")
    assert said.status == 0
    assert flat(said.out).startswith(
        "Nothing can be judged yet. The first month is July 2025 (2025-07-07 to 2025-08-03)"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--as-of", CUT],
            "before the forecast begins (2025-07-07): nothing of what was forecast has come yet",
        ),
        (["--law", "none"], "the forecast has no such relapse law"),
        (["--write", "track.xlsx"], "must end in .csv or .html"),
        (["--column", "date=Nothing"], "names no column"),
        (["--band", "95"], "'95' is not one of"),
        (["--only", "kind=consult"], "consult"),
    ],
)
def test_what_cannot_be_compared_is_refused(simclinic, folder, arguments, message):
    said = simclinic("track", folder, VISITS, "--whole-history", *arguments)
    assert said.status == 2
    assert message in said.err
    assert "Traceback" not in said.err


def test_another_clinic_is_refused_unless_it_is_said_to_be_the_same(simclinic, folder, tmp_path):
    few, _ = thinned(tmp_path / "few.csv", 6, since="2000")
    said = simclinic("track", folder, few, "--whole-history")
    assert (said.status, "another clinic" in said.err) == (2, True)
    said = simclinic("track", folder, few, "--whole-history", "--same-clinic")
    assert said.status == 0
    assert "is it the same clinic" in flat(said.out)


def test_a_folder_that_is_no_forecast_is_refused(simclinic, folder, tmp_path, scenario):
    (tmp_path / "empty").mkdir()
    simclinic("run", scenario, "--out", tmp_path / "run", "--no-report", "--workers", 1)
    [law] = folder.glob("01-*")
    for path, message in (
        (tmp_path / "none", "there is no such folder"),
        (tmp_path / "empty", "contains no results of simclinic"),
        (VISITS, "is a file"),
        (tmp_path / "run", "a study of another kind (run)"),
        (law, "give the folder above it"),
    ):
        said = simclinic("track", path, VISITS)
        assert (said.status, message in said.err) == (2, True), said.err


def test_rows_that_are_lost_are_said_first(simclinic, folder, tmp_path):
    lines = VISITS.read_text().splitlines()
    words = lines[0].split(",")
    date, after = words.index("date"), 0
    for number, line in enumerate(lines[1:], 1):
        cells = line.split(",")
        if cells[date] >= "2025-08" and number % 2 == 0:
            cells[date] = "sometime"
            after += 1
            lines[number] = ",".join(cells)
    assert after > 100
    (tmp_path / "lost.csv").write_text("\n".join(lines))
    said = simclinic("track", folder, tmp_path / "lost.csv", "--whole-history", "--json")
    assert said.status == 0, said.err
    [lost] = [each for each in json.loads(said.out)["warnings"] if "without a valid date" in each]
    assert f"{after:,}" in lost


def test_several_laws_are_named_and_chosen(simclinic, folder, tmp_path):
    panel = folder.parent / "july" / "panel.csv"
    package.baseline().forecast(panel, as_of=CUT, weeks=8, replications=4, out=tmp_path / "forecast")
    options = ("track", tmp_path / "forecast", VISITS, "--whole-history")
    said = simclinic(*options)
    assert said.status == 0, said.err
    assert "Other relapse laws of the forecast (--law): relapse as in the community" in flat(said.out)
    other = json.loads(simclinic(*options, "--law", "relapse as in the community", "--json").out)
    assert other["forecast"]["law"] == "relapse as in the community"
    assert "used its settings as given" in flat(said.out)


def test_in_python(folder, tmp_path):
    tracked = package.track(folder, VISITS, whole_history=True, band=0.9)
    assert tracked.months.loc["boosters", "came"].sum() == tracked.document["figures"][1]["total"]["came"]
    assert tracked.document["band"] == 0.9
    assert "months judged" in repr(tracked)
    assert "Boosters given" in tracked._repr_html_() or "boosters given" in tracked._repr_html_()
    assert tracked.report(tmp_path / "page.html").read_text().lower().startswith("<!doctype html>")
    with pytest.raises(package.SimclinicError, match="already exists"):
        tracked.report(tmp_path / "page.html")


def test_a_made_up_folder_ends_in_words(simclinic, folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    edit(copy, "summary.json", "[]")
    said = simclinic("track", copy, VISITS)
    assert said.status in (1, 2)
    assert "Traceback" not in said.err
