"""*Forecast*: from today's patients on, with growth and dated changes; the same as on the command line."""

import datetime as dt
import html
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from simclinic.scenario import WEEKDAYS, from_toml, load
from tests.command_line import called
from tests.web.test_jobs import ended

pytest.importorskip("fastapi", reason="the extra web is not installed")
from simclinic.experiment.executors import SerialExecutor
from simclinic.web import age
from simclinic.web.answers import Working
from simclinic.web.app import application
from simclinic.web.jobs import Job, Jobs
from simclinic.web.questions import command
from simclinic.web.questions.forecast import answer, digest, overrides
from simclinic.web.screens import forecast
from tests.web.asking import Asking, without_process

SCENARIOS = Path(__file__).parents[2] / "scenarios"
PANEL = """patient,stage,referred_on,protocol,infusions_done,last_infusion_on,boosters_done,next_appointment
P0001,series,2026-01-05,twice-weekly,3,2026-01-30,0,
P0002,maintained,2025-06-11,twice-weekly,6,2026-01-11,4,
"""
DAY_AND_NIGHT = (
    "[clinic.hours]\n"
    + "".join(f'{day} = "24h"\n' for day in WEEKDAYS)
    + f'[shifts.day]\nnurses = 2\nhours = "24h"\ndays = {list(WEEKDAYS)}\n'
)
CALIBRATED = "patients = 2\nboosters_per_week = 1\n"
LEARNT = 'name = "Learnt"\n[demand]\nreferrals_per_week = 2\n'


def learnt(folder, below=LEARNT, own=""):
    """Write a clinic that rests on a folder as `calibrate` writes it."""
    place = folder / "results" / "ours"
    place.mkdir(parents=True, exist_ok=True)
    (place / "scenario.toml").write_text(below)
    (place / "panel.csv").write_text(PANEL)
    (folder / "ours.toml").write_text(f'extends = "results/ours/scenario.toml"\n{own}')


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clinics")
    learnt(folder)
    with Jobs(folder) as made:
        yield made


@pytest.fixture
def page(jobs):
    return Asking(application(jobs)).open()


def screen(page, name="Learnt"):
    [address] = re.findall(rf'href="(/clinic/\w+)">{name}', page.get("/").text)
    return f"{address}/forecast"


def form(*rows, weeks="2", percent="0"):
    """Fill the form in; a row is a date, a setting and a value."""
    names = ("date", "what", "value")
    return {"weeks": weeks, "percent": percent} | dict(
        zip(names, map(list, zip(*rows, strict=True)), strict=False)
    )


def asked(jobs, page, given):
    sent = page.post(screen(page), given)
    assert sent.status == 303
    job = jobs.get(sent.headers["location"].rpartition("=")[2])
    jobs.stop(job)
    return job


@pytest.mark.parametrize("name", ["busy", "single-nurse", "walk-in", "open all hours"])
def test_a_clinic_without_patients_says_so(tmp_path, name):
    texts = {
        "walk-in": 'name = "W"\n[booking]\nmode = "walk-in"\n',
        "open all hours": f'name = "H"\n{DAY_AND_NIGHT}',
    }
    for below in ("baseline.toml", f"{name}.toml"):
        if (SCENARIOS / below).is_file():
            shutil.copy(SCENARIOS / below, tmp_path)
    if name in texts:
        (tmp_path / f"{name}.toml").write_text(texts[name])
    with Jobs(tmp_path) as jobs:
        page = Asking(application(without_process(jobs))).open()
        for address, _ in re.findall(r'href="(/clinic/\w+)">([^<]*)', page.get("/").text):
            shown = page.get(f"{address}/forecast")
            assert shown.status == 200
            assert "has no list of today's patients yet" in html.unescape(shown.text)
            assert f"{address}/patients" in shown.text
            assert page.post(f"{address}/forecast", form()).status == 200
            assert jobs.recent() == []


def test_growth_and_dated_changes_become_overrides(jobs, page):
    rows = [
        ("2026-03-01", "clinic.chairs", "4"),
        ("2026-02-10", "shifts.day.nurses", "3"),
        ("2026-03-01", "shifts.day.hours", "07:00-18:00"),
        ("", "clinic.chairs", ""),
    ]
    job = asked(jobs, page, form(*rows, weeks="30", percent="12.5"))
    shown = page.get(f"{screen(page)}?job={job.key}").text
    shown_command = html.unescape(re.search(r"<pre[^>]*>([^<]*)", shown)[1]) if "<pre" in shown else ""
    assert shown_command in ("", command("forecast", "ours.toml", job.options))
    assert command("forecast", "ours.toml", job.options).startswith(
        "simclinic forecast ours.toml --panel results/ours/panel.csv --weeks 30 --set demand.growth_per_year=0.125"
    )
    made = load(jobs.folder / "ours.toml", overrides(job.options))
    assert made.demand.growth_per_year == 0.125
    assert made.changes == {
        dt.date(2026, 2, 10): {"shifts.day.nurses": 3},
        dt.date(2026, 3, 1): {"clinic.chairs": 4, "shifts.day.hours": "07:00-18:00"},
    }
    # what was asked stands in the form
    for value in ("2026-03-01", "12.5", "07:00-18:00", "30"):
        assert f'value="{value}"' in shown


def test_changes_in_the_clinics_file_are_said_in_words(jobs, page):
    own = '[changes."2026-03-01"]\n"clinic.chairs" = 4\n"shifts.day.hours" = "07:00-18:00"\n'
    own += '"demand.growth_per_year" = 0.1\n'
    learnt(jobs.folder, own=own)
    try:
        shown = html.unescape(page.get(screen(page)).text)
    finally:
        learnt(jobs.folder)
    assert (
        "already: 2026-03-01: Chairs: 4, Hours, shift day: 07:00-18:00, growth of referrals in a year: 0.1."
        in shown
    )


def test_the_clinics_own_growth_is_no_override(jobs, page):
    job = asked(jobs, page, form(weeks="3", percent="0"))
    assert job.options["growth"] == job.options["changes"] == ""


def test_other_patients_are_another_question(jobs, page):
    first = asked(jobs, page, form(weeks="3"))
    panel = jobs.folder / "results" / "ours" / "panel.csv"
    panel.write_text(PANEL.replace("P0002", "P0003"))
    try:
        assert asked(jobs, page, form(weeks="3")).key != first.key
    finally:
        panel.write_text(PANEL)


def test_each_problem_stands_beside_its_field(jobs, page):
    before = len(jobs.recent())
    rows = [
        ("soon", "clinic.chairs", "4"),
        ("2026-03-01", "run.seed", "4"),
        ("2026-03-01", "clinic.chairs", ""),
        ("2026-03-01", "clinic.chairs", '4, "clinic.hours.sat" = "24h"'),
        ("2026-03-01", "shifts.day.hours", "25:00-26:00"),
        ("2026-03-01", "clinic.chairs", "0"),
    ]
    said = page.post(screen(page), form(*rows, weeks="many", percent="lots"))
    assert said.status == 422
    problems = dict(re.findall(r'id="problem-([\w-]+)"[^>]*>([^<]+)<', html.unescape(said.text)))
    assert problems.keys() == {"weeks", "percent", *(f"row-{number}" for number in range(6))}
    assert problems["row-0"] == "The date must be written as 2026-06-01."
    assert problems["row-1"] == "Choose what changes."
    assert problems["row-3"] == "Chairs: must be a number."
    assert 'value="many"' in said.text
    assert 'value="lots"' in said.text
    assert len(jobs.recent()) == before


@pytest.mark.parametrize(
    ("percent", "said"),
    [
        ("10", "10 % more new patients in a year: from 2.00 a week at first to 2.20 after 52 weeks."),
        ("-50", "50 % fewer new patients in a year: from 2.00 a week at first to 1.00 after 52 weeks."),
        (
            "1000",
            "11 times as many new patients in a year: from 2.00 a week at first to 21.8 after 52 weeks.",
        ),
        ("0", ""),
        ("lots", ""),
        ("-100", ""),
    ],
)
def test_it_is_said_how_growth_was_understood(percent, said):
    """(1 + growth) to the power of 52 weeks, which are 0.997 years."""
    scenario = from_toml(LEARNT)
    options = {"weeks": "52", "percent": percent}
    assert forecast.understood(scenario, options) == said
    # patients who are counted from another day on have grown until the list was made
    later = from_toml(LEARNT + f"growth_per_year = 0.1\n[calibrated]\n{CALIBRATED}as_of = 2027-01-05\n")
    assert "from 2.20 a week at first to 2.42 after" in forecast.understood(later, {"weeks": "52"})


def test_when_to_hire_can_be_asked_before_a_forecast(page):
    address = screen(page).replace("/forecast", "/hire")
    assert f'<a href="{address}">When must we hire' in page.get(screen(page)).text


@pytest.mark.parametrize("percent", ["-100", "10001", "ten", "1e3000"])
def test_a_growth_that_cannot_be_says_what_can(jobs, page, percent):
    said = page.post(screen(page), form(percent=percent))
    assert said.status == 422
    [problem] = re.findall(r'id="problem-percent"[^>]*>([^<]+)<', said.text)
    assert "10 is 10 % more in a year" in problem or "10 for 10 % more in a year" in problem


AGED = f"[calibrated]\n{CALIBRATED}as_of = 2026-01-05\n"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-01-19", []),
        (
            "2026-01-20",
            [
                (
                    "The list of patients is of 2026-01-05, 15 days ago, and the simulation begins on that day: "
                    "who has come or left since then is not in it. 2 weeks of 26 lie in the past."
                ),
                (
                    "Days to act in this answer count from that day, not from today. Drop an export of today on "
                    "“My patients”, and ask again."
                ),
            ],
        ),
        ("2026-07-05", ["26 weeks ", "Days to act"]),
        ("2026-07-06", ["All 26 weeks lie in the past.", "Days to act"]),
    ],
)
def test_an_old_list_of_patients_is_said_with_what_it_means(jobs, page, monkeypatch, now, said):
    day = dt.date.fromisoformat(now)
    lines = list(age.age_lines(dt.date(2026, 1, 5), 26, day, dates=True))
    assert len(lines) == len(said)
    for line, part in zip(lines, said, strict=True):
        assert part in line or (part == "26 weeks " and "25 weeks of 26" in line)
    monkeypatch.setattr(forecast, "today", lambda: day)
    learnt(jobs.folder, LEARNT + AGED)
    for name in ("forecast", "hire"):
        shown = html.unescape(page.get(screen(page).replace("forecast", name)).text)
        assert ("The list of patients is of 2026-01-05" in shown) == bool(said)
        assert ("Days to act" in shown) == (bool(said) and name == "hire")
        assert ("From today's patients on" in shown) == (not said and name == "forecast")
    learnt(jobs.folder)


def test_a_day_to_advertise_that_has_passed_is_no_advice():
    assert age.passed_line("2026-03-02", "by which to advertise", dt.date(2026, 3, 2)) == ""
    assert age.passed_line(None, "by which to advertise", dt.date(2026, 3, 2)) == ""
    assert age.passed_line("2026-03-02", "by which to advertise", dt.date(2026, 3, 9)) == (
        "The day by which to advertise, 2026-03-02, passed 7 days ago."
    )


def test_what_may_be_hired_becomes_a_search(jobs, page):
    address = screen(page).replace("forecast", "hire")
    shown = page.get(address)
    assert shown.status == 200
    assert 'name="most-1" value="3"' in shown.text  # one nurse more than the two of the typical clinic
    said = page.post(address, {"most-0": "99", "most-1": "no", "lead": "x", "weeks": "0", "percent": "-101"})
    assert said.status == 422
    problems = dict(re.findall(r'id="problem-([\w-]+)"[^>]*>([^<]+)<', said.text))
    assert problems.keys() == {"most-0", "most-1", "lead", "weeks", "percent"}
    said = page.post(address, {"most-0": "3", "most-1": "2"})
    assert "Say of what there may be more than now" in said.text
    sent = page.post(address, {"most-0": "5", "most-1": "2", "lead": "8", "weeks": "13", "percent": "20"})
    job = jobs.get(sent.headers["location"].rpartition("=")[2])
    jobs.stop(job)
    assert command("hire", "ours.toml", job.options) == (
        "simclinic plan ours.toml --panel results/ours/panel.csv --by --lead-weeks 8 --over clinic.chairs=3:5 "
        "--set run.weeks=13 --set demand.growth_per_year=0.2"
    )


@pytest.mark.parametrize(("date", "late"), [("2026-02-08", False), ("2026-02-09", True)])
def test_a_forecast_is_shown_while_it_runs(jobs, page, monkeypatch, date, late):
    learnt(jobs.folder)
    monkeypatch.chdir(jobs.folder)
    monkeypatch.setattr("simclinic.studies.forecast.REPLICATIONS", 4)
    monkeypatch.setattr("simclinic.web.questions.forecast._FIRST", (1, 3))
    monkeypatch.setattr("simclinic.web.questions.forecast.PAIRS", 2)
    options = {"panel": "results/ours/panel.csv", "patients": digest(Path("results/ours/panel.csv"))}
    options |= {"weeks": "1", "growth": "", "changes": f'[["{date}", "clinic.chairs", "4"]]'}
    counts, shown = [], []
    working = Working(
        progress=lambda *count: counts.append(count),
        show=shown.append,
        say=lambda _lines: None,
        executor=SerialExecutor(),
        file="ours.toml",
    )
    finished = answer(load(jobs.folder / "ours.toml"), options, working)
    assert [each.document["replications"] for each in shown] == [1, 3]
    assert finished.document["replications"] == 4
    laws = len(finished.document["laws"])
    done = [each for each, _ in counts]
    assert done == sorted(done)
    assert set(counts) <= {(each, 4 * laws + (0 if late else 4)) for each in done}
    assert done[-1] == counts[-1][1]
    # the last day of the week is 2026-02-08: what changes after it is named, and not compared with doing nothing
    named = [
        each for each in finished.document["warnings"] if f"the change on {date} of clinic.chairs" in each
    ]
    assert bool(named) == late
    assert bool(finished.extra["against"]) != late
    jobs._jobs["k"] = Job("k", "forecast", "ours.toml", "", "", options, "running", interim=shown[1])
    try:
        text = html.unescape(page.get(f"{screen(page)}?job=k").text)
    finally:
        del jobs._jobs["k"]
    assert "From 3 futures so far" in text
    assert ("of chairs: the last one ends on 2026-02-08" in text) == late
    assert "Boosters asked for in 1 week" in text
    assert re.search(r"\d % on average in the first week, \d+ % in the last week\.", text)


@pytest.mark.long
def test_when_to_hire_is_that_of_the_command_line(jobs, page):
    learnt(jobs.folder)
    address = screen(page).replace("forecast", "hire")
    sent = page.post(address, {"most-0": "3", "most-1": "3", "lead": "2", "weeks": "4"})
    job = jobs.get(sent.headers["location"].rpartition("=")[2])
    answer = ended(jobs, job)
    assert job.state == "finished", job.lines
    here = Path.cwd()
    try:
        os.chdir(jobs.folder)
        words = shlex.split(command("hire", "ours.toml", job.options))[1:]
        said = called(*words, "--json", "--no-report")
    finally:
        os.chdir(here)
    assert said.out == answer.json
    assert page.get(sent.headers["location"]).status == 200


@pytest.mark.long
@pytest.mark.parametrize(
    "below",
    ["", '[booking]\nmode = "walk-in"\n', DAY_AND_NIGHT],
    ids=["booked", "walk-in", "day-and-night"],
)
def test_a_forecast_is_that_of_the_command_line(jobs, page, below):
    learnt(jobs.folder, LEARNT + below)
    row = ("2026-02-03", "clinic.chairs", "4")
    sent = page.post(screen(page), form(row, weeks="1", percent="10"))
    job = jobs.get(sent.headers["location"].rpartition("=")[2])
    answer = ended(jobs, job)
    assert job.state == "finished", job.lines
    here = Path.cwd()
    try:
        os.chdir(jobs.folder)
        words = ["forecast", "ours.toml", "--panel", "results/ours/panel.csv", "--weeks", "1"]
        words += [
            "--set",
            "demand.growth_per_year=0.1",
            "--set",
            'changes."2026-02-03"={"clinic.chairs" = 4}',
        ]
        said = called(*words, "--json", "--no-report")
    finally:
        os.chdir(here)
    assert said.out == answer.json
    shown = html.unescape(page.get(sent.headers["location"]).text)
    assert "Against doing nothing" in shown
    assert "Boosters, week by week" in shown
    assert re.search(r"Starts used of those on offer|walk-in", shown) or "walk-in" in below
