"""*One more of each* and *How many can we take?*: asked, shown level by level, and equal to the command line's."""

import html
import json
import re
import shlex
import time
from pathlib import Path

import pytest

from simclinic.scenario import from_toml, load
from simclinic.studies.clinic_files import clinic_files
from tests.command_line import simclinic  # noqa: F401

pytest.importorskip("fastapi", reason="the extra web is not installed")
from simclinic.measures.targets import VERDICT, targets_of
from simclinic.planning.levels import carried_on_paper
from simclinic.scenario.copies import with_overrides
from simclinic.scenario.overrides import target_overrides
from simclinic.web.answering import PACKAGE, template
from simclinic.web.answers import Interim
from simclinic.web.app import application
from simclinic.web.jobs import ENDED, Job, Jobs
from simclinic.web.paper import papers_of
from simclinic.web.questions.how_many import targets_of as targets_in
from simclinic.web.screens import asking, how_many, one_more
from simclinic.web.screens.asking import Known
from simclinic.web.screens.how_many import _fields, _read
from tests.report.test_wider_studies import levels as levels_by_type
from tests.web.asking import Asking

SMALL = """name = "{}"
[run]
begin = "empty"
warm_up_weeks = 2
weeks = 4
[clinic]
chairs = 2
"""


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    """The jobs of a folder, whose process is started once."""
    with Jobs(tmp_path_factory.mktemp("clinics")) as made:
        yield made


def opened(jobs, name, text=SMALL):
    """Write a clinic; return the page, and the address of the clinic."""
    (jobs.folder / f"{name}.toml").write_text(text.format(name))
    [clinic] = [each for each in clinic_files(jobs.folder) if each.path.stem == name]
    return Asking(application(jobs)).open(), f"/clinic/{clinic.key}"


def answered(jobs, sent):
    assert sent.status == 303, html.unescape(sent.text)
    job = jobs.get(sent.headers["location"].rpartition("=")[2])
    end = time.monotonic() + 120
    while job.state not in ENDED:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert job.state == "finished", job.lines
    return job, jobs.answer(job)


def same_on_the_command_line(simclinic, monkeypatch, jobs, page, address, answer):  # noqa: F811
    """Type the command that the screen shows."""
    monkeypatch.chdir(jobs.folder)
    [command] = re.findall(r'<pre tabindex="0">simclinic (.*?)</pre>', html.unescape(page.get(address).text))
    said = simclinic(*shlex.split(command), "--json", "--no-report")
    assert said.status == 0, said.err
    assert said.out == answer.json


def test_one_more_is_shown_and_equals_the_command_line(jobs, simclinic, monkeypatch):  # noqa: F811
    page, address = opened(jobs, "more")
    address += "/one-more"
    first = html.unescape(page.get(address).text)
    assert "Nothing has been simulated yet" in first
    listed = re.findall(r"<li>([^<]*)</li>", first[first.index('class="tried"') :].partition("</ol>")[0])
    assert listed[0] == "The plan as it is"
    job, answer = answered(jobs, page.post(address, {"replications": "2"}))
    document = json.loads(answer.json)
    assert job.done == job.planned
    assert document["leave"] is not None
    # what was tried stood there at once, in this order
    tried = {change["name"] for change in document["changes"]} | {document["leave"]["name"]}
    assert {f"{name[:1].lower()}{name[1:]}" for name in listed[1:]} == tried
    # while it runs, the screen shows what the study has shown
    now = load(jobs.folder / "more.toml")
    so_far = one_more._values(now, Known(Interim([], document | {"leave": None})), {})
    whole = one_more._values(now, Known(answer=answer), {})
    assert so_far["groups"] == whole["groups"]
    assert sum(len(listed) for _, listed in whole["groups"]) == len(document["changes"])
    assert so_far["leave"] is None
    assert so_far["simulated"] == set(so_far["tried"]) - {document["leave"]["name"]}
    shown = html.unescape(page.get(address).text)
    for change in document["changes"]:
        assert f"{change['name'][:1].upper()}{change['name'][1:]}</span>" in shown
    for kind in ("nurse", "chair", "hour", "day"):
        assert f'id="tick-{kind}" checked' in shown
        assert f'class="of-{kind}"' in shown
    assert document["leave"]["said"] in shown.replace("\N{NO-BREAK SPACE}", " ")
    same_on_the_command_line(simclinic, monkeypatch, jobs, page, address, answer)


def test_what_is_not_ticked_is_not_shown(jobs, browser):
    page, address = opened(jobs, "more")
    answered(jobs, page.post(f"{address}/one-more", {"replications": "2"}))
    text = page.get(f"{address}/one-more").text
    style = f"<style>{page.get('/page.css').text}</style>"
    shown = browser.new_page()
    shown.set_content(text.replace('<link rel="stylesheet" href="/page.css">', style))

    def names():
        return {
            row.locator(".change").inner_text()
            for row in shown.locator("tr[class]").all()
            if row.is_visible()
        }

    every = names()
    assert {"One more nurse", "One nurse fewer", "Half an hour earlier", "Half an hour later"} < every
    for kind, gone in {
        "nurse": {"One more nurse", "One nurse fewer"},
        "chair": {"One more chair", "One chair fewer"},
        "hour": {"Half an hour earlier", "Half an hour later"},
        "day": {name for name in every if name.startswith("Open on ")},
    }.items():
        shown.uncheck(f"#tick-{kind}")
        assert names() == every - gone
        shown.check(f"#tick-{kind}")
    shown.close()


@pytest.mark.parametrize(
    ("typed", "problem"),
    [("many", "whole number"), ("1", "at least 2"), ("1e9", "whole"), ("-3", "at least")],
)
def test_wrong_replications_stand_beside_their_field(jobs, typed, problem):
    page, address = opened(jobs, "wrong")
    answer = page.post(f"{address}/one-more", {"replications": typed})
    assert answer.status == 422
    [said] = re.findall(r'id="problem-replications">([^<]*)<', answer.text)
    assert problem in said
    assert f'value="{typed}"' in answer.text


def test_how_many_is_shown_and_equals_the_command_line(jobs, simclinic, monkeypatch):  # noqa: F811
    page, address = opened(jobs, "many")
    address += "/how-many"
    # the answer on paper, and how much there is to do, stand there before anything is asked
    first = html.unescape(page.get(address).text)
    scenario = load(jobs.folder / "many.toml")
    full = carried_on_paper(scenario)
    assert f"On paper the plan carries {full:.3g} new patients a week" in first
    low, high = float(f"{full / 2:.1f}"), float(f"{2 * full:.1f}")
    assert f"31 levels can be tried, from {low:g} to {high:g} new patients a week, 11 of them up to" in first
    assert "Each takes 20 to 200 replications" in first
    assert papers_of(scenario)[0].answer in first
    assert "How long that takes is said when 10 replications are finished." in first
    form = {"target.balked_share": "60", "target.access_days_p90": "", "target.overtime_minutes_per_day": ""}
    form |= {"from": "50", "step": "100", "at-most": "20", "alpha": "10"}
    job, answer = answered(jobs, page.post(address, form))
    document = json.loads(answer.json)
    assert [each["figure"] for each in document["targets"] if not each["guard"]] == ["balked_share"]
    assert document["alpha"] == 0.1
    assert len(document["levels"]) > 1
    assert job.done == job.planned == sum(level["replications"] for level in document["levels"])
    # while it runs, the screen says that its numbers are those so far
    first = document | {"levels": document["levels"][:1], "confirmed": None, "missed": None}
    so_far = how_many._values(load(jobs.folder / "many.toml"), Known(Interim([], first)), job.options)
    assert len(so_far["levels"]) == 1
    assert [value.endswith("so far") for _, value, _ in so_far["figures"]] == [True, False, True, False]
    whole = how_many._values(load(jobs.folder / "many.toml"), Known(answer=answer), job.options)
    assert "so far" not in str(whole["figures"])
    shown = html.unescape(page.get(address).text)
    assert f"Answered from {job.done} replications." in shown
    assert 'name="target.balked_share" value="60"' in shown
    assert 'name="target.access_days_p90" value=""' in shown
    assert 'name="alpha" value="10"' in shown
    assert f"On paper the plan carries {document['on_paper']:.3g} new patients a week" in shown
    assert "at the pace of the last answer about this clinic" in shown
    same_on_the_command_line(simclinic, monkeypatch, jobs, page, address, answer)


def test_what_no_number_answers_is_said_before_it_is_asked(jobs):
    text = SMALL + "[changes.2026-01-20]\n'demand.referrals_per_week' = 9\n"
    page, address = opened(jobs, "dated", text)
    shown = html.unescape(page.get(f"{address}/how-many").text)
    assert "This question cannot be answered for this clinic." in shown
    assert "there is no single number to find" in shown
    assert "Find the number" not in shown
    wrong = page.post(f"{opened(jobs, 'wrong-step')[1]}/how-many", {"step": "x"})
    assert wrong.status == 422
    assert "On paper the plan carries" in wrong.text


@pytest.mark.parametrize(
    ("question", "said"),
    [("how-many", "That takes at most about 3 minutes,"), ("one-more", "That takes about 3 min")],
)
def test_the_time_before_a_search_follows_from_the_last_answer(tmp_path, question, said):
    with Jobs(tmp_path) as made:
        assert "when 10 replications are finished" in asking.bound(made, question, "a.toml", 60)
        assert asking.bound(made, question, "a.toml", None) == ""
        for file, kind, pace in (
            ("a.toml", "cope", 3.0),
            ("b.toml", "cope", 90.0),
            ("a.toml", "forecast", 90.0),
        ):
            made._jobs[file + kind] = Job(
                file + kind, kind, file, "", "", {}, "finished", asked=float(len(made._jobs)), pace=pace
            )
        assert asking.bound(made, question, "a.toml", 60).startswith(said)


def test_the_pace_is_that_of_what_was_simulated_now(tmp_path):
    """50 replications were stored before: 20 more took 40 seconds."""
    with Jobs(tmp_path) as made:
        job = Job("k", "cope", "a.toml", "", "", {}, "running", done=70, planned=90, before=50)
        job.begun = time.monotonic() - 40
        made._set(job, "stopped")
        assert job.pace == pytest.approx(2.0, rel=0.01)
        few = Job("k", "cope", "a.toml", "", "", {}, "running", done=9)
        made._set(few, "stopped")
        assert few.pace == 0


NONE = 'name = "a"\n'
OWN = 'name = "a"\n[targets]\naccess_days_p90 = "<= 7"\nslot_fill = ">= 60 %"\n'
YEARS = 'name = "a"\n[targets]\novertime_minutes_per_day = { at_most = 10, in = 0.8 }\n'


@pytest.mark.parametrize(
    ("text", "form", "targets"),
    [
        (NONE, {}, []),
        (NONE, {"target.access_days_p90": "10.0"}, []),
        (
            NONE,
            {"target.access_days_p90": "7"},
            ["access_days_p90<=7", "overtime_minutes_per_day<=10 in 80%"],
        ),
        (NONE, {"target.overtime_minutes_per_day": ""}, ["access_days_p90<=10"]),
        (
            NONE,
            {"target.balked_share": "2 in 80"},
            None,  # a limit of verdicts is one on the mean
        ),
        (NONE, {"target.access_days_p90": "", "target.overtime_minutes_per_day": ""}, None),
        (NONE, {"target.balked_share": ""}, None),
        (NONE, {"target.balked_share": "200"}, None),
        (NONE, {"target.access_days_p90": "<b>"}, None),
        (NONE, {"step": "0"}, None),
        (NONE, {"at-most": "19"}, None),
        (OWN, {}, []),
        (OWN, {"target.slot_fill": "50"}, ["slot_fill>=50%"]),
        (OWN, {"target.access_days_p90": ""}, None),
        (OWN, {"target.overtime_minutes_per_day": "10 in 80 %"}, ["overtime_minutes_per_day<=10 in 80%"]),
        (YEARS, {"target.overtime_minutes_per_day": "10 in 80"}, []),
        (YEARS, {"target.overtime_minutes_per_day": "10"}, ["overtime_minutes_per_day<=10"]),
    ],
)
def test_fields_are_the_targets_of_the_study(text, form, targets):
    """What a form asks is what its fields say, whatever the clinic's file says; None: a field is wrong."""
    scenario = from_toml(text)
    before = {field.name: [field.before] for field in _fields(scenario)}
    typed = before | {name: [written] for name, written in form.items()}
    filled = _read(scenario, typed)
    if targets is None:
        assert list(filled.problems) == [next(iter(form))]
        return
    assert filled.problems == {}
    assert targets_in(filled.options) == targets
    asked = with_overrides(scenario, target_overrides(targets))
    now = {each.figure: each for each in targets_of(asked, default=True)}
    for field in _fields(asked):
        written = typed.get(field.name, [""])[-1]
        assert (field.figure in now) == bool(written), field.figure


@pytest.mark.parametrize(
    ("late", "verdict", "why"),
    [
        ("missed", "met", "At least one target is shown to be missed."),
        ("missed", "missed", "At least one target is shown to be missed."),
        ("open", "missed", "The clinic cannot keep up with so many: it is not stable."),
    ],
)
def test_it_is_said_why_a_number_is_too_many(late, verdict, why):
    targets = [{"figure": "overtime_day_share", "state": late}, {"figure": VERDICT, "state": verdict}]
    level = {"referrals": 12.0, "targets": targets}
    document = {"levels": [level], "confirmed": None, "missed": 0, "alpha": 0.05, "now": 10, "on_paper": 16.5}
    [found] = [says for name, _, says in how_many._figures(document, whole=True) if name == "Too many"]
    assert found == why


def test_text_in_the_fields_is_inert(jobs):
    page, address = opened(jobs, "inert")
    hurt = '"><script>window.hurt=1</script>'
    names = re.findall(r'<input id="[^"]*" name="([^"]+)"', page.get(f"{address}/how-many").text)
    assert len(names) > 7
    for end, form in (("how-many", dict.fromkeys(names, hurt)), ("one-more", {"replications": hurt})):
        answer = page.post(f"{address}/{end}", form)
        assert answer.status == 422
        assert "<script>window" not in answer.text
        assert html.unescape(answer.text).count(f'value="{hurt}"') == len(form)


@pytest.mark.parametrize("mode", ["walk-in", "24 hours"])
def test_the_screens_open_for_other_clinics(jobs, mode):
    text = SMALL + ('[booking]\nmode = "walk-in"\n' if mode == "walk-in" else "")
    if mode == "24 hours":
        text += "[clinic.hours]\nmon = '24h'\nsun = '24h'\n[shifts.day]\nnurses = 2\nhours = '24h'\n"
        text += "days = ['mon', 'sun']\n"
    page, address = opened(jobs, mode.replace(" ", "-"), text)
    assert load(jobs.folder / f"{mode.replace(' ', '-')}.toml").name
    many = page.get(f"{address}/how-many")
    assert many.status == 200
    assert ("Nine in ten wait on the day" in many.text) == (mode == "walk-in")
    assert page.get(f"{address}/one-more").status == 200


def test_the_most_referrals_are_shown_by_type_of_visit():
    known = Known(Interim(["Up to 9."], levels_by_type()))
    values = how_many._values(
        load(Path(__file__).parents[2] / "scenarios" / "iv-and-esketamine.toml"), known, {}
    )
    assert values["by_type"] == [
        (
            "By type of visit: Turned away, %",
            ["infusion", "spray"],
            [("9", ["1.50 (1.00–2.00)", "10.0 (9.0–11.0)"])],
        )
    ]
    shown = template(PACKAGE, "how_many.html.j2")
    context = {**values, "known": known, "held": str, "words": {}, "state": None}
    page = "".join(shown.blocks["answer"](shown.new_context(context)))
    assert "<h3>By type of visit: Turned away, %</h3>" in page
    assert '<th scope="col">spray</th>' in page
    assert "<td>10.0 (9.0–11.0)</td>" in page
