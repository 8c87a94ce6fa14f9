"""*A day* on the page: asked first, chosen, drawn as the report draws it, and moved with the keyboard."""

import datetime as dt
import html
import json
import re
import signal
import subprocess
import sys
from dataclasses import asdict

import pytest

from simclinic.results.document import as_json
from simclinic.scenario import load
from simclinic.studies.clinic_files import KEPT, clinic_files
from simclinic.studies.folders.report import page_of
from simclinic.studies.run import run, with_run_settings
from tests.command_line import edit, simclinic  # noqa: F401

pytest.importorskip("fastapi", reason="the extra web is not installed")
from simclinic.web.answers import Finished, front, scenario_key
from simclinic.web.app import application
from simclinic.web.jobs import Job, Jobs, key_of
from simclinic.web.screens import day as screen
from tests.web.asking import Asking, without_process
from tests.web.test_serve import NARROW, WIDE, opened, violations

TEXT = """name = "Small <b>clinic</b>"
[run]
begin = "empty"
warm_up_weeks = 4
weeks = 4
"""
FIRST, LAST = "2025-12-08", "2026-02-01"


def answered(folder, file="small.toml", text=TEXT, replications=2):
    """Make a folder in which *Does it cope?* of a clinic was answered, without the process of jobs."""
    (folder / file).write_text(text)
    scenario = load(folder / file)
    finished = run(with_run_settings(scenario, replications=replications), out=folder / "results" / "small")
    folder_name = finished.folder.relative_to(folder)
    [clinic] = [each for each in clinic_files(folder) if each.path.name == file]
    answer = front(
        page_of(finished.folder), as_json(finished.document), Finished(finished.document, folder_name)
    )
    key = key_of("cope", clinic, scenario, {})
    job = Job(key, "cope", file, text, scenario_key(scenario), {}, "finished", 1.0)
    kept = {each: getattr(job, each) for each in ("key", "question", "file", "text", "scenario", "options")}
    (folder / KEPT / "jobs" / "answers").mkdir(parents=True)
    (folder / KEPT / "jobs" / f"{key}.json").write_text(
        json.dumps(kept | {"state": "finished", "asked": 1.0})
    )
    (folder / KEPT / "jobs" / "answers" / f"{key}.json").write_text(json.dumps(asdict(answer)))
    return f"/clinic/{clinic.key}/day"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clinics")
    return folder, answered(folder)


@pytest.fixture
def page(place):
    with Jobs(place[0]) as jobs:
        screen._replications.clear()
        yield Asking(application(without_process(jobs))).open()


def drawings(text):
    return [
        json.loads(html.unescape(each))
        for each in re.findall(r"<template[^>]*>(.*?)</template>", text, re.DOTALL)
    ]


def test_a_clinic_that_was_not_simulated_is_simulated_first(page, place, monkeypatch):
    # The hash of the program takes longer than a page may.
    monkeypatch.setattr(screen, "key_of", lambda *_: pytest.fail("the program is hashed"))
    (place[0] / "other.toml").write_text(TEXT.replace("Small", "Other").replace("\nweeks = 4", "\nweeks = 3"))
    other = next(each for each in clinic_files(place[0]) if each.path.stem == "other")
    address = f"/clinic/{other.key}/day"
    text = page.get(address).text
    assert f'action="{address}" data-asks' in text
    assert "<template" not in text
    (place[0] / "other.toml").unlink()


def test_the_day_is_that_of_the_report(page, place, simclinic, monkeypatch):  # noqa: F811
    folder, address = place
    first = page.get(address).text
    # nothing is simulated before the page is there
    [now] = map(html.unescape, re.findall(r'data-fetches="([^"]*)"', first))
    assert "<template" not in first
    text = page.get(now).text
    assert "The busiest day of the measured weeks" in text
    busiest = drawings(text)
    shown = re.search(r'name="date" type="date" value="([\d-]+)"', text)[1]
    monkeypatch.chdir(folder)
    command = html.unescape(re.search(r"<pre[^>]*>(.*?)</pre>", text, re.DOTALL)[1]).split()
    assert command == ["simclinic", "report", "results/small", "--replication", "0", "--day", shown]
    assert simclinic(*command[1:]).status == 0
    report = (folder / "results/small/report.html").read_text()
    keys = ("day", "animation")
    assert busiest == [json.loads(re.search(rf'id="{key}-data">(.*?)</script>', report)[1]) for key in keys]
    # another day of the same simulation is drawn at once
    after = html.unescape(re.search(r'href="([^"]*)">The day after', text)[1])
    other = page.get(after).text
    assert str(dt.date.fromisoformat(shown) + dt.timedelta(days=1)) in after
    assert drawings(other)[0] != busiest[0]
    again = page.get(f"{address}?date={shown}&replication=1&now=").text
    assert drawings(again)[0] != busiest[0]


@pytest.mark.parametrize("date", [FIRST, LAST, "2026-01-17"])
def test_the_first_the_last_and_a_closed_day_are_shown(page, place, date):
    text = page.get(f"{place[1]}?date={date}&now=").text
    assert len(drawings(text)) == 2
    assert ("The day before" in text) == (date != FIRST)
    assert ("The day after" in text) == (date != LAST)
    if date == "2026-01-17":
        assert "the clinic was closed" in text


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("date", "2025-12-07"),
        ("date", "2026-02-02"),
        ("date", "<b>"),
        ("date", "2026-13-01"),
        ("replication", "2"),
        ("replication", "-1"),
        ("replication", "1e9"),
        ("replication", "9" * 5000),
        ("replication", "²"),
    ],
)
def test_a_day_that_is_not_there_is_said_beside_its_field(page, place, name, written):
    answer = page.ask("GET", f"{place[1]}?{name}={written}&now=")
    assert answer.status == 422
    assert f'id="problem-{name}"' in answer.text
    assert "<b>" not in answer.text
    assert "<template" not in answer.text


def test_a_folder_that_was_not_made_here_or_has_gone_is_said(place, page, tmp_path):
    address = answered(tmp_path)
    results = tmp_path / "results" / "small"
    name = "scenario.resolved.toml"
    edit(results, name, (results / name).read_text() + "# changed\n")
    with Jobs(tmp_path) as jobs:
        other = Asking(application(without_process(jobs))).open()
        assert "cannot be drawn" in other.get(f"{address}?now=").text
        (tmp_path / "results").rename(tmp_path / "elsewhere")
        screen._replications.clear()
        answer = other.get(f"{address}?now=")
        assert answer.status == 200
        assert "cannot be drawn" in answer.text


def test_a_changed_clinic_has_no_day_yet(page, place):
    file = place[0] / "small.toml"
    file.write_text(TEXT.replace("\nweeks = 4", "\nweeks = 5"))
    assert "data-asks" in page.get(place[1]).text
    file.write_text(TEXT)
    assert "data-asks" not in page.get(place[1]).text


ALL_DAY = """[clinic.hours]
mon = "24h"
tue = "24h"
[shifts.day]
days = ["mon", "tue"]
hours = "24h"
nurses = 2
"""


@pytest.mark.long
@pytest.mark.parametrize("more", ['[booking]\nmode = "walk-in"\n', ALL_DAY, "[clinic]\nchairs = 30\n"])
def test_every_kind_of_clinic_has_a_day(tmp_path, more):
    address = answered(tmp_path, text=TEXT + more)
    with Jobs(tmp_path) as jobs:
        assert (
            len(drawings(Asking(application(without_process(jobs))).open().get(f"{address}?now=").text)) == 2
        )


@pytest.mark.long
@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")], ids=["desktop", "phone"])
def test_a_day_in_a_browser(browser, place, size, scheme):
    command = [sys.executable, "-m", "simclinic", "serve", "--no-browser", str(place[0])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            page = opened(browser, process.stdout.readline().split()[-1:], viewport=size, color_scheme=scheme)
            page.goto(page.url.rstrip("/") + place[1])
            page.wait_for_selector(".moments", timeout=60_000)
            clock = page.locator(".moments output")
            opens = clock.inner_text()
            page.get_by_role("button", name="Play").press("Enter")
            page.wait_for_function(
                "opens => document.querySelector('.moments output').innerText > opens", arg=opens
            )
            page.get_by_role("button", name="Pause").press("Space")
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
            # plotly's code brings a style of its maps with it, which is refused
            assert [each for each in page.complaints if "style-src" not in each] == []
            page.context.close()
        finally:
            process.send_signal(signal.SIGINT)
