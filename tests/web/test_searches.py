"""*Cheapest plan* and *Best template*: asked by a form, as on the command line, and written into the clinic."""

import base64
import hashlib
import json
import re
import shlex
import time
from pathlib import Path

import pytest

from simclinic.measures.targets import targets_of
from simclinic.report import sheet
from simclinic.scenario import from_toml, load, with_overrides
from simclinic.scenario.overrides import target_overrides
from simclinic.studies.clinic_files import clinic_files, undo
from tests.command_line import simclinic  # noqa: F401

pytest.importorskip("fastapi", reason="the extra web is not installed")
from simclinic.studies.run_options import Settled, Step
from simclinic.web.answers import Interim
from simclinic.web.app import application
from simclinic.web.guard import HEADERS
from simclinic.web.jobs import Job, Jobs
from simclinic.web.questions import command
from simclinic.web.screens import cheapest
from simclinic.web.screens.asking import Known, standing
from simclinic.web.searching import Searching
from simclinic.web.targets import target_arguments, target_fields, typed
from tests.web.asking import Asking
from tests.web.test_jobs import SLOW, ended
from tests.web.test_serve import WIDE, opened, served, violations  # noqa: F401

TINY = """name = "Tiny"  # a remark
[run]
begin = "empty"
warm_up_weeks = 4
weeks = 5
[clinic]
chairs = 3
[demand]
referrals_per_week = 8
[boosters]
uptake = 0
"""
FILES = {
    "tiny": TINY,
    "walk-in": 'name = "Walk-in"\n[booking]\nmode = "walk-in"\n',
    "listed": 'name = "Listed"\n[booking.starts]\nmon = ["08:00", "10:00"]\n',
    "dated": 'name = "Dated"\n[changes.2026-06-01]\n"clinic.chairs" = 4\n',
    "own": 'name = "Own"\n[targets]\nwait_minutes_mean = "<= 5"\naccess_days_p90 = { at_most = 10, in = 0.8 }\n',
}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    with Jobs(tmp_path_factory.mktemp("searches")) as made:
        for name, text in FILES.items():
            (made.folder / f"{name}.toml").write_text(text)
        yield made


@pytest.fixture
def page(jobs):
    return Asking(application(jobs)).open()


def at(jobs, name, screen):
    [key] = [each.key for each in clinic_files(jobs.folder) if each.path.stem == name]
    return f"/clinic/{key}/{screen}"


def fields(html):
    """What stands in the fields of the first form."""
    form = html[html.index("data-saves") : html.index("</form>")]
    return dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))


def asked(jobs, page, address, **changed):
    sent = page.post(address, fields(page.get(address).text) | changed)
    assert sent.status == 303, sent.text
    return jobs.get(sent.headers["location"].rpartition("=")[2])


def same_as_on_the_command_line(job, answer, simclinic):  # noqa: F811
    results = Path(answer.folder).parent
    before = {each.name for each in results.iterdir()}
    words = shlex.split(command(job.question, job.file, job.options))
    said = simclinic(*words[1:], "--json", "--no-report")
    assert (said.status, said.out) == (0, answer.json)
    # it found the folder of the job, and had nothing to simulate
    assert {each.name for each in results.iterdir()} == before


def test_the_cheapest_plan_is_that_of_the_command_line_and_becomes_the_clinic(
    jobs,
    page,
    simclinic,  # noqa: F811
    monkeypatch,
):
    address = at(jobs, "tiny", "cheapest")
    first = fields(page.get(address).text)
    assert (first["range0-from"], first["range0-to"], first["range1-from"]) == ("2", "5", "1")
    assert first["target.balked_share"] == "5"
    job = asked(jobs, page, address, **{"range0-from": "1", "range0-to": "2", "range1-to": "1"})
    assert command(job.question, job.file, job.options) == (
        "simclinic plan tiny.toml --over clinic.chairs=1:2 --over shifts.day.nurses=1:1 "
        "--target 'access_days_p90<=10' --target 'overtime_minutes_per_day<=10 in 80%'"
    )
    answer = ended(jobs, job)
    assert job.state == "finished", job.lines
    document = json.loads(answer.json)
    assert [each["state"] for each in document["plans"]] == ["misses", "meets"]
    assert job.done == job.planned > 150
    monkeypatch.chdir(jobs.folder)
    same_as_on_the_command_line(job, answer, simclinic)

    shown = page.get(address).text
    assert "The cheapest plan that meets all targets: 2 chairs, 1 nurse" in shown
    assert re.search(
        r"1 chair, 1 nurse</th><td>[\d,]+</td><td>misses</td><td class=\"prose\">It is not stable on paper.",
        shown,
    )
    assert "It also holds if" in shown
    assert fields(shown)["range1-to"] == "1"
    path = jobs.folder / "tiny.toml"
    assert page.post(f"{address}/write", {"job": job.key, "into": "copy"}).status == 303
    copy = load(jobs.folder / "tiny-2-chairs-1-nurse.toml")
    assert (copy.name, copy.clinic.chairs, copy.shifts["day"].nurses) == ("Tiny, 2 chairs, 1 nurse", 2, 1)
    assert path.read_text() == TINY
    assert page.post(f"{address}/write", {"job": job.key, "into": "mine"}).status == 303
    written = path.read_text()
    assert "# a remark" in written
    assert from_toml(written) == from_toml(TINY, ["clinic.chairs=2", "shifts.day.nurses=1"])
    # the answer is about another clinic now
    again = page.post(f"{address}/write", {"job": job.key, "into": "mine"})
    assert again.status == 409
    assert "Make this my clinic" not in page.get(address).text
    [clinic] = [each for each in clinic_files(jobs.folder) if each.path == path]
    undo(clinic)
    assert path.read_text() == TINY
    (jobs.folder / "tiny-2-chairs-1-nurse.toml").unlink()


def test_the_best_template_is_that_of_the_command_line_and_is_written(
    jobs,
    page,
    simclinic,  # noqa: F811
    monkeypatch,
):
    address = at(jobs, "tiny", "template")
    job = asked(jobs, page, address, **{"grid": "30", "slack": "20", "target.overtime_day_share": "12.5"})
    assert command(job.question, job.file, job.options) == (
        "simclinic template tiny.toml --grid 30 --slack 20 --target 'overtime_day_share<=12.5%'"
    )
    answer = ended(jobs, job)
    assert job.state == "finished", job.lines
    document = json.loads(answer.json)
    assert document["chosen"] not in (None, document["now"])
    monkeypatch.chdir(jobs.folder)
    same_as_on_the_command_line(job, answer, simclinic)

    shown = page.get(address).text
    starts = {
        day["weekday"]: day["starts"]
        for way in document["ways"]
        if way["name"] == document["chosen"]
        for day in way["days"]
    }
    assert ", ".join(starts["mon"]) in shown
    words = ["--slack", "20", "--grid", "30", "--on-paper"]
    said = simclinic(
        "template", "tiny.toml", *words, "--sheet", "wall.html", "--sheet", "wall.csv", "--write", "w.toml"
    )
    assert said.status == 0
    wall = page.get(f"/job/{job.key}/sheet")
    assert wall.text == page.get(f"/job/{job.key}/sheet.html").text
    assert wall.text == (jobs.folder / "wall.html").read_text()
    kept = page.get(f"/job/{job.key}/sheet.csv")
    assert kept.text == (jobs.folder / "wall.csv").read_text()
    assert kept.headers["content-disposition"] == 'attachment; filename="tiny-starts.csv"'

    assert page.post(f"{address}/write", {"job": job.key, "into": "mine"}).status == 303
    path = jobs.folder / "tiny.toml"
    assert load(path).booking.starts == load(jobs.folder / "w.toml").booking.starts
    [clinic] = [each for each in clinic_files(jobs.folder) if each.path == path]
    undo(clinic)
    assert path.read_text() == TINY
    for name in ("w.toml", "wall.html", "wall.csv"):
        (jobs.folder / name).unlink()


def test_wrong_fields_are_marked_and_nothing_is_asked(jobs, page):
    address = at(jobs, "tiny", "cheapest")
    good = fields(page.get(address).text)
    wrong = {
        "range0": ({"range0-from": "two"}, "two whole numbers"),
        "range1": ({"range1-from": "4", "range1-to": "3"}, "must not be larger"),
        "plans": ({"range0-to": "900", "range1-to": "900"}, "at most 2,000 can be compared"),
        "target.balked_share": ({"target.balked_share": "101"}, "from 0 to 100 %"),
        "target.access_days_p90": ({"target.access_days_p90": "2,5"}, "must be a number"),
        "target.overtime_day_share": ({"target.overtime_day_share": " "}, "must have a limit"),
        "at_most": ({"at_most": "5"}, "at least 20 are needed"),
        "reserve": ({"reserve": "0, x"}, "per cents with commas"),
    }
    before = len(jobs.recent())
    for name, (changed, said) in wrong.items():
        answer = page.post(address, good | changed)
        assert answer.status == 422
        beside = re.search(rf'id="problem-{name}"[^>]*>([^<]*)<', answer.text)
        assert said in beside[1], name
        assert set(changed.values()) - {" "} <= set(fields(answer.text).values())
    valid = page.post(address, good | {"range0-from": "0"})
    assert "must be at least 1" in valid.text
    none = good | {"target.access_days_p90": "", "target.overtime_minutes_per_day": ""}
    assert "at least one target is needed" in page.post(address, none).text
    other = at(jobs, "tiny", "template")
    good = fields(page.get(other).text)
    for changed, said in (({"grid": "7"}, "must divide an hour"), ({"slack": "much"}, "much")):
        answer = page.post(other, good | changed)
        assert answer.status == 422
        assert said in answer.text
    assert len(jobs.recent()) == before


def test_the_number_of_plans_follows_the_fields(jobs, page):
    address = at(jobs, "own", "cheapest")
    good = fields(page.get(address).text)
    assert "That makes 16 plans." in page.get(address).text
    assert cheapest._values(from_toml(FILES["own"]), Known(), {})["most"] == 16 * 200
    look = page.post(f"{address}/look", good | {"range0-to": "3", "reserve": "0, 10"})
    assert look.status == 200
    assert "That makes 16 plans." in look.text
    look = page.post(f"{address}/look", good | {"range0-to": "99"})
    assert "That makes 392 plans. The 200 cheapest" in look.text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, []),
        ({"target.wait_minutes_mean": "5.0"}, []),
        ({"target.wait_minutes_mean": "7"}, ["--target", "wait_minutes_mean<=7"]),
        ({"target.access_days_p90": "12"}, ["--target", "access_days_p90<=12 in 80%"]),
        (
            {"target.wait_minutes_mean": "", "target.balked_share": "2"},
            ["--set", "targets.wait_minutes_mean=false", "--target", "balked_share<=2%"],
        ),
    ],
)
def test_a_clinics_own_targets_are_the_fields(changed, words):
    scenario = from_toml(FILES["own"])
    form = {f"target.{name}": [value] for name, value in (("wait_minutes_mean", "5"), ("balked_share", "5"))}
    form |= {name: [value] for name, value in changed.items()}
    filled = cheapest._read(scenario, form)
    assert not filled.problems
    assert target_arguments(filled.options) == words
    listed, others = target_fields(scenario)
    assert {each.figure for each in listed if each.kind == "own"} == {"wait_minutes_mean", "access_days_p90"}
    assert others == ["The clinic is not shown to be unstable"]
    here = {field.name: typed(filled.options, field) for field in listed}
    assert here["target.wait_minutes_mean"] == changed.get("target.wait_minutes_mean", "5").removesuffix(".0")
    assert here["target.access_days_p90"] == changed.get("target.access_days_p90", "10")


def test_a_usual_target_that_is_left_out_stays_out():
    scenario = from_toml(TINY)
    filled = cheapest._read(scenario, {"target.overtime_minutes_per_day": [""]})
    assert target_arguments(filled.options) == ["--target", "access_days_p90<=10"]
    listed, _ = target_fields(scenario)
    assert [typed(filled.options, field) for field in listed[:3]] == ["10", "", "5"]
    whole = target_arguments(cheapest._read(scenario, {}).options)
    assert targets_of(with_overrides(scenario, target_overrides(whole[1::2]))) == targets_of(
        scenario, default=True
    )


def test_a_form_begins_with_few_plans_around_the_present_numbers():
    for name, count in (("baseline", 16), ("busy", 81), ("single-nurse", 12)):
        scenario = load(f"scenarios/{name}.toml")
        listed = cheapest.ranges(scenario, {})
        filled = cheapest._read(scenario, {})
        assert not filled.problems
        assert cheapest.plans_asked(filled.options) == count
        assert all(int(each.first) <= each.now <= int(each.last) for each in listed)


def test_a_clinic_without_a_template_says_why(jobs, page):
    shown = page.get(at(jobs, "walk-in", "template")).text
    assert "without a book there are no starts to plan" in shown
    assert "Find the best template" not in shown
    assert "From 2026-06-01 on the plan is another one" in page.get(at(jobs, "dated", "template")).text
    assert "Find the cheapest plan" in page.get(at(jobs, "walk-in", "cheapest")).text


def test_a_search_that_was_stopped_does_not_say_that_it_simulates(jobs, page):
    job = Job("abc", "cheapest", "tiny.toml", "", "", {}, "stopped", done=20)
    job.interim = Interim(
        ["Plan 2 of 3 is being simulated."],
        {"settled": [{"name": "1 chair", "state": "misses", "misses": ["Turned away"]}]},
    )
    jobs._jobs[job.key] = job
    shown = page.get(f"{at(jobs, 'tiny', 'cheapest')}?job=abc").text
    del jobs._jobs[job.key]
    assert "Stopped: 20 replications" in shown
    assert "Turned away</td>" in shown
    assert "is being simulated" not in shown


USUAL_SLACKS = {"slack": "0,5,10,15,20,p65,p80", "at_most": "200"}


@pytest.mark.parametrize(
    ("clinic", "typed", "ways", "most"),
    [
        ("tiny", USUAL_SLACKS, 8, 1600),  # seven slacks, and the grid
        ("tiny", {"slack": "0,p80", "at_most": "30"}, 3, 90),
        ("listed", USUAL_SLACKS, 9, 1800),  # the grid and the listed starts
        ("listed", {"slack": "5", "at_most": "200"}, 2, 400),  # its answer against the present one
    ],
)
def test_the_most_that_a_template_takes_is_said_before_it_is_asked(
    jobs, page, monkeypatch, clinic, typed, ways, most
):
    monkeypatch.setattr(jobs, "pace", lambda _: 60.0)
    address = at(jobs, clinic, "template")
    shown = page.post(f"{address}/look", fields(page.get(address).text) | typed).text
    assert f"then at most {ways} ways to book are simulated" in shown
    assert f"at most about {most / 60:.0f} hours" in shown or f"at most about {most} minutes" in shown


def test_replications_of_all_candidates_are_added_up():
    class Said:
        def __init__(self):
            self.counts, self.lines, self.settled, self.now = [], [], [], []

        def progress(self, done, planned):
            self.counts.append((done, planned))

        def show(self, interim):
            self.lines.append(interim.lines)
            self.settled.append(interim.document["settled"])

        def say(self, lines):
            self.now.append(lines)

    said = Said()
    searching = Searching(said, "EUR")
    searching.watch(Step("on paper", (), 0))
    assert said.counts == []
    searching.watch(Step("one", (), 400))
    for done in (20, 20, 21, 22):  # 20 were stored before, and are read twice
        searching.progress(done, 40)
    assert said.counts[-1] == (2, 400)
    searching.watch(Step("two", (Settled("one", "misses", ("a",)),), 200))
    for done in (0, 1):
        searching.progress(done, 20)
    assert said.counts[-1] == (3, 202)
    assert said.settled[-1] == [{"name": "one", "state": "misses", "misses": ["a"]}]
    searching.end(43)
    assert said.counts[-1] == (43, 43)
    figure = {"mean": 0.5, "ci": [0.4, 0.6], "n": 3, "p10": 0.4, "p90": 0.6, "method": "student"}
    searching.look({"replications": 3, "kpis": {"chair_utilisation": figure}})
    [line] = said.now[-1]
    assert line.startswith("Its first 3 replications: chairs in use 50.0 (40.0–60.0) %.")
    searching.watch(Step("three", (), 200))
    assert said.now[-1] == []  # they were of another plan


def test_a_search_that_goes_on_beyond_what_was_planned_says_no_time():
    """The first week in which a plan must be in force takes more replications than the plans before it may need."""

    counts = []

    class Said:
        def progress(self, done, planned):
            counts.append((done, planned))

        def show(self, interim):
            pass

        def say(self, lines):
            pass

    searching = Searching(Said(), "EUR")
    searching.watch(Step("one", (), 2))
    for done in (0, 1, 2, 3, 4):
        searching.progress(done, 2)
    assert counts[-3:] == [(2, 0), (3, 0), (4, 0)]


@pytest.mark.parametrize(
    ("question", "done", "planned", "said"),
    [
        ("template", 1, 100, "1 replication is finished."),
        ("template", 20, 1220, "at most about 100 minutes left, less if an answer comes before."),
        ("cheapest", 20, 4020, "at most about 6 hours left, less"),
        ("one-more", 20, 60, "20 of 60 replications are finished; about 3 minutes left."),
        ("cope", 20, 60, "20 of at least 60 replications are finished; at least about 3 minutes left."),
    ],
)
def test_the_time_that_is_left_follows_from_the_replications_so_far(jobs, question, done, planned, said):
    job = Job("k", question, "tiny.toml", "", "", {}, "running", done=done, planned=planned)
    job.begun = time.monotonic() - 100  # 5 seconds for each of 20
    assert said in standing(jobs, job, "").said


def test_only_jobs_of_the_clinic_are_written(jobs, page):
    [clinic] = [each for each in clinic_files(jobs.folder) if each.path.stem == "own"]
    other = jobs.ask("cheapest", clinic, FILES["own"], load(clinic.path), {"clinic.chairs:from": "x"})
    ended(jobs, other)
    for key in (other.key, "x", ""):
        address = at(jobs, "walk-in", "cheapest")
        assert page.post(f"{address}/write", {"job": key, "into": "mine"}).status == 404
        assert page.get(f"/job/{key or 'x'}/sheet").status == 404
        assert page.get(f"/job/{key or 'x'}/sheet.csv").status == 404
    own = at(jobs, "own", "cheapest")
    assert page.post(f"{own}/write", {"job": other.key, "into": "mine"}).status == 409
    assert (jobs.folder / "walk-in.toml").read_text() == FILES["walk-in"]


def test_the_style_of_the_sheet_is_allowed():
    digest = base64.b64encode(hashlib.sha256(sheet._STYLE.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in HEADERS["content-security-policy"]


@pytest.mark.long
def test_forms_stay_as_they_are_filled_in_while_a_search_runs(browser, served):  # noqa: F811
    (served[1] / "slow.toml").write_text(SLOW)
    page = opened(browser, served, viewport=WIDE)
    page.locator(".cards a", has_text="Slow").click()
    page.get_by_role("link", name="Best template").click()
    assert violations(page) == []
    page.get_by_role("link", name="Cheapest plan").click()
    assert page.locator("#plans").inner_text() == "That makes 16 plans."
    chairs = page.locator("#range0-to")
    chairs.fill("many")
    page.keyboard.press("Tab")
    page.wait_for_selector("#problem-range0:not(:empty)")
    assert violations(page) == []
    chairs.fill("4")
    page.keyboard.press("Tab")
    page.wait_for_selector("text=That makes 12 plans.")
    page.get_by_role("button", name="Find the cheapest plan").click()
    page.wait_for_selector("[data-job]")
    chairs.fill("5")
    page.keyboard.press("Tab")
    page.wait_for_selector("text=That makes 16 plans.")
    # Of the 12 plans that were asked for, four are ruled out on paper.
    page.wait_for_selector("text=Plan 1 of 8 is being simulated", timeout=120_000)
    page.wait_for_selector("text=replications are finished", timeout=120_000)
    assert chairs.input_value() == "5"
    assert page.locator("#plans").inner_text() == "That makes 16 plans."
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector("text=Go on", timeout=60_000)
    assert page.complaints == []
    page.context.close()
