"""The screens of `simclinic serve`, asked without a browser: what they show, what they change, what they refuse."""

import datetime as dt
import html
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from simclinic.report.page.page import held
from simclinic.scenario import load
from simclinic.scenario.tables import as_tables
from simclinic.studies.check import check
from simclinic.studies.clinic_files import KEPT, changed_text, clinic_files, copy_clinic
from simclinic.studies.trash import deleted, put_back
from tests.command_line import simclinic  # noqa: F401

pytest.importorskip("fastapi", reason="the extra web is not installed")
from simclinic.web import weeks
from simclinic.web.app import application
from simclinic.web.form import clock_hours, fields, plain
from simclinic.web.jobs import Jobs
from tests.web.asking import Asking, without_process

SCENARIOS = Path(__file__).parents[2] / "scenarios"
HURT = "\"'><script>window.hurt=1</script><img src=x onerror=hurt>{{7*7}}"
ANSWERS = {
    "name": "Our clinic",
    "chairs": "4",
    "nurses": "2",
    "days": ["mon", "sat"],
    "hours": "13:00-21:00",
    "referrals": "8",
}


@pytest.fixture
def page(tmp_path):
    with Jobs(tmp_path) as jobs:
        yield Asking(application(without_process(jobs))).open()


@pytest.fixture
def clinic(page, tmp_path):
    """The address of a new clinic, and its file."""
    made = page.post("/new", ANSWERS)
    assert made.status == 303
    return made.headers["location"], tmp_path / "our-clinic.toml"


def shown(page, address):
    """Return the fields of a form as a browser would send them back."""
    return shown_in(page.get(address).text)


def shown_in(text):
    form = {}
    for tag in re.findall(r"<input[^>]*>", text, re.DOTALL):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if given.get("type") != "checkbox" or re.search(r"\schecked", tag):
            form.setdefault(html.unescape(given["name"]), []).append(html.unescape(given["value"]))
    return form


def test_six_answers_make_a_clinic(clinic):
    made = load(clinic[1])
    assert (made.name, made.clinic.chairs, made.shifts["day"].nurses) == ("Our clinic", 4, 2)
    assert {day: str(span) for day, span in made.clinic.hours.items()} == dict.fromkeys(
        ("mon", "sat"), "13:00-21:00"
    )
    assert str(made.shifts["day"].hours) == "12:30-21:30"
    assert tuple(made.shifts["day"].days) == ("mon", "sat")
    assert made.demand.referrals_per_week == 8


def test_the_file_of_a_new_clinic_says_which_figures_are_answers(clinic):
    """What the typical clinic's file says of its own figures is not true of the answers."""
    lines = clinic[1].read_text().splitlines()
    answers = {line.partition(" ")[0]: line for line in lines if "(your answer)" in line}
    assert answers.keys() == {"chairs", "nurses", "days", "referrals_per_week", "mon", "sat"} | {
        *("tue", "wed", "thu", "fri")
    }
    assert " ".join(answers["referrals_per_week"].split()) == (
        "referrals_per_week = 8 # new patients per week (your answer)"
    )
    assert "assumed" not in "".join(answers.values())
    assert "from six answers" in lines[0]
    assert not any("Typical clinic" in line or "Copy this file" in line for line in lines)
    assert any("probability per nurse and day (assumed" in line for line in lines)


def test_growth_on_a_clinic_says_how_it_was_understood(page, clinic):
    """52 weeks are 0.997 years."""
    assert "as it was understood" not in page.get(clinic[0]).text
    form = shown(page, clinic[0]) | {"demand.growth_per_year": ["10"]}
    assert page.post(clinic[0], form).status == 303
    shown_now = page.get(clinic[0]).text
    assert "11 times as many new patients in a year: from 8.00 a week at first to 87.3 after 52" in shown_now


def test_a_clinic_may_be_open_all_day_and_have_the_name_of_another(page, clinic, tmp_path):
    assert page.post("/new", ANSWERS | {"hours": "24h", "days": ["sun"]}).status == 303
    other = load(tmp_path / "our-clinic-2.toml")
    assert str(other.clinic.hours["sun"]) == "24h"
    assert str(other.shifts["day"].hours) == "24h"
    noon = "08:00-12:00, 13:00-17:00"
    made = page.post("/new", ANSWERS | {"name": "Noon", "hours": noon, "days": ["mon"]})
    assert made.status == 303
    third = load(tmp_path / "noon.toml")
    assert str(third.clinic.hours["mon"]) == noon
    assert str(third.shifts["day"].hours) == "07:30-17:30"
    assert load(clinic[1]).clinic.chairs == 4


def test_wrong_answers_are_marked_and_kept(page, tmp_path):
    answer = page.post("/new", ANSWERS | {"chairs": "none", "hours": "21-13", "referrals": "-1", "days": []})
    assert answer.status == 422
    for name in ("chairs", "days", "referrals"):
        assert f'id="problem-{name}"' in answer.text
    assert 'value="none"' in answer.text
    assert 'value="21-13"' in answer.text
    assert list(tmp_path.glob("*.toml")) == []
    assert 'id="problem-hours"' in page.post("/new", ANSWERS | {"hours": "21-13"}).text


def test_a_form_as_it_is_changes_nothing(page, clinic):
    before = clinic[1].read_text()
    assert page.post(clinic[0], shown(page, clinic[0])).status == 303
    assert clinic[1].read_text() == before
    assert not (clinic[1].parent / KEPT).exists()


def test_a_change_is_saved_and_can_be_undone(page, clinic):
    before = clinic[1].read_text()
    form = shown(page, clinic[0]) | {
        "clinic.chairs": "5",
        "clinic.hours.sat": "",
        "clinic.hours.tue": "08:00-12:00",
        "shifts.day.days": ["", "mon", "tue"],
        "visit.steps.infusion.minutes": "50",
        "attendance.no_show": "0.1",
        "booking.mode": "walk-in",
    }
    assert page.post(clinic[0], form).status == 303
    made = load(clinic[1])
    assert made.clinic.chairs == 5
    assert sorted(made.clinic.hours) == ["mon", "tue"]
    assert tuple(made.shifts["day"].days) == ("mon", "tue")
    assert made.attendance.no_show == 0.1
    assert made.booking.mode == "walk-in"
    # comments stay
    assert clinic[1].read_text().count("#") == before.count("#")
    assert page.post(f"{clinic[0]}/undo").status == 303
    assert clinic[1].read_text() == before
    assert page.post(f"{clinic[0]}/undo").status == 303
    assert clinic[1].read_text() == before


def test_what_keeps_a_change_from_being_saved_is_named_where_it_is_seen(page, clinic):
    """The notice stays in sight, leads to the field, and says that the figures on paper are of before."""
    wrong = shown(page, clinic[0]) | {"clinic.chairs": "none", "attendance.no_show": "0.2"}
    text = page.post(clinic[0], wrong).text
    assert '<a href="#problem-clinic.chairs">Chairs</a>' in text
    assert "As it was saved before" in text
    assert "As it was saved before" not in page.get(clinic[0]).text
    assert load(clinic[1]).attendance.no_show != 0.2


def test_hours_of_some_weeks_are_shown_and_kept(page, clinic):
    table = '{hours = "09:00-13:00", every = 2, from = 2026-01-10}'
    form = shown(page, clinic[0]) | {
        "clinic.hours.sat": table,
        "clinic.hours.mon": '["08:00-09:00", "10:00-12:00"]',
    }
    assert page.post(clinic[0], form).status == 303
    hours = load(clinic[1]).clinic.hours
    assert str(hours["sat"]) == "09:00-13:00 (every 2 weeks from 2026-01-10)"
    assert str(hours["mon"]) == "08:00-09:00, 10:00-12:00"
    form = shown(page, clinic[0])
    assert form["clinic.hours.sat"] == [table]
    assert "09:00-13:00 (every 2 weeks from 2026-01-10), 50 % of weeks" in page.get(clinic[0]).text
    assert page.post(clinic[0], form | {"clinic.chairs": "5"}).status == 303
    assert load(clinic[1]).clinic.hours == hours
    form = shown(page, clinic[0]) | {"clinic.hours.sat": '{hours = "09:00-13:00", every = 2}'}
    assert "needs from, a date in one of the weeks" in page.post(clinic[0], form).text


def test_no_field_contains_another(page, clinic):
    """Otherwise the second change of a page that is still open would take back the first."""
    names = sorted(shown(page, clinic[0]))
    assert [(one, other) for one in names for other in names if other.startswith(f"{one}.")] == []
    form = shown(page, clinic[0])
    for hours in ("08:00-12:00", "08:00-13:00"):
        version = shown(page, clinic[0])["version"]
        assert page.post(clinic[0], form | {"clinic.hours.tue": hours, "version": version}).status == 303
        assert str(load(clinic[1]).clinic.hours["tue"]) == hours


@pytest.mark.parametrize(
    ("step", "typed", "law"),
    [
        ("preparation", {"": "20"}, {"dist": "gamma", "mean": 20, "cv": 0.3}),
        ("preparation", {"": "20", "/cv": "0.5"}, {"dist": "gamma", "mean": 20, "cv": 0.5}),
        ("preparation", {"/cv": ""}, 15),
        ("preparation", {"/cv": "0"}, 15),
        ("infusion", {"": "50"}, 50),
        ("infusion", {"/cv": "0.2"}, {"dist": "gamma", "mean": 40, "cv": 0.2}),
        ("recovery", {"": "35"}, {"dist": "lognormal", "median": 35, "sigma": 0.32, "at_least": 30}),
        ("recovery", {"/at_least": ""}, {"dist": "lognormal", "median": 32, "sigma": 0.32}),
        (
            "recovery",
            {"": '{dist = "uniform", low = 5, high = 9}'},
            {"dist": "uniform", "low": 5, "high": 9},
        ),
        ("discharge", {}, {"dist": "gamma", "mean": 10, "cv": 0.3}),
    ],
)
def test_a_distribution_is_changed_by_its_numbers(page, clinic, step, typed, law):
    form = shown(page, clinic[0])
    at = f"visit.steps.{step}.minutes"
    assert {f"{at}{part}" for part in typed} <= form.keys()
    assert page.post(clinic[0], form | {f"{at}{part}": text for part, text in typed.items()}).status == 303
    assert as_tables(load(clinic[1]))["visit"]["steps"][step]["minutes"] == law
    # and what is shown then changes nothing
    before = clinic[1].read_text()
    assert page.post(clinic[0], shown(page, clinic[0])).status == 303
    assert clinic[1].read_text() == before


def test_numbers_of_a_distribution_are_nothing_else(page, clinic):
    before = clinic[1].read_text()
    wrong = {"": "15, cv = 9", "/cv": '1} #"'}
    at = "visit.steps.preparation.minutes"
    form = shown(page, clinic[0]) | {f"{at}{part}": text for part, text in wrong.items()}
    answer = page.post(clinic[0], form | {"visit.steps.infusion.minutes/cv": "-1"})
    assert answer.status == 422
    for name in (at, f"{at}/cv", "visit.steps.infusion.minutes/cv"):
        assert re.search(rf'id="problem-{re.escape(name)}"[^>]*>[^<]*must be', answer.text), name
    assert clinic[1].read_text() == before


def test_a_shift_is_added_removed_and_taken_back(page, clinic):
    def version():
        return {"version": shown(page, clinic[0])["version"][-1]}

    first = clinic[1].read_text()
    assert page.post(f"{clinic[0]}/shifts", version() | {"new-shift": "Late <b>shift</b>"}).status == 303
    made = load(clinic[1]).shifts
    assert set(made) == {"day", "late-b-shift-b"}
    late = made["late-b-shift-b"]
    assert (late.nurses, late.days, late.hours) == (1, made["day"].days, made["day"].hours)
    second = clinic[1].read_text()
    assert second.count("#") == first.count("#")
    # its fields are those of any other
    form = shown(page, clinic[0]) | {"shifts.late-b-shift-b.nurses": "3"}
    assert page.post(clinic[0], form).status == 303
    assert load(clinic[1]).shifts["late-b-shift-b"].nurses == 3
    assert page.post(f"{clinic[0]}/shifts", version() | {"new-shift": ""}).status == 303
    assert set(load(clinic[1]).shifts) == {"day", "late-b-shift-b", "shift-3"}
    for name in ("shift-3", "late-b-shift-b"):
        assert page.post(f"{clinic[0]}/shifts", version() | {"remove": name}).status == 303
    assert clinic[1].read_text() == first
    for _ in range(4):
        page.post(f"{clinic[0]}/undo")
    assert clinic[1].read_text() == second
    page.post(f"{clinic[0]}/undo")
    assert clinic[1].read_text() == first


def test_a_new_shift_says_what_it_has_taken_over(page, clinic):
    form = {"shifts.day.break": "15:00-15:30", "shifts.day.absence": "0.04"}
    assert page.post(clinic[0], shown(page, clinic[0]) | form).status == 303
    for name, number in (("day-2", 2), ("day-3", 3)):
        version = shown(page, clinic[0])["version"][-1]
        sent = page.post(f"{clinic[0]}/shifts", {"version": version, "new-shift": name})
        assert sent.headers["location"] == f"{clinic[0]}?added={name}#shifts-title"
        text = html.unescape(page.get(f"{clinic[0]}?added={name}").text)
        like = "day" if number == 2 else "day-2"
        assert (
            f"otherwise like the shift {like}: it has taken over the days, the hours 12:30-21:30, the break "
            "15:00-15:30 and an absence of 4 %."
        ) in text
    for other in (clinic[0], f"{clinic[0]}?added=day", f"{clinic[0]}?added=<b>"):
        assert "it has taken over" not in page.get(other).text


def test_a_clinic_is_deleted_and_put_back_with_what_can_be_undone(page, clinic, tmp_path):
    assert page.post(clinic[0], shown(page, clinic[0]) | {"clinic.chairs": "5"}).status == 303
    text = clinic[1].read_text()
    assert page.post(f"{clinic[0]}/delete").status == 303
    assert not clinic[1].exists()
    assert page.get(clinic[0]).status == 404
    assert page.post(f"{clinic[0]}/delete").status == 404
    # a new clinic of its name begins anew
    again = page.post("/new", ANSWERS).headers["location"]
    assert "Undo the last change" not in page.get(again).text
    [key] = re.findall(r'action="/deleted/(\w+)"', page.get("/").text)
    assert page.post("/deleted/x").status == 404
    back = page.post(f"/deleted/{key}")
    assert back.status == 303
    assert (tmp_path / "our-clinic-2.toml").read_text() == text
    page.post(f"{back.headers['location']}/undo")
    assert load(tmp_path / "our-clinic-2.toml").clinic.chairs == 4
    assert "/deleted/" not in page.get("/").text
    # the last one that was deleted comes first; nothing is ever overwritten
    for name in ("our-clinic.toml", "our-clinic-2.toml"):
        [file] = [each for each in clinic_files(tmp_path) if each.path.name == name]
        page.post(f"/clinic/{file.key}/delete")
    assert [each.path.name for each in deleted(tmp_path)] == ["our-clinic-2.toml", "our-clinic.toml"]
    assert put_back(tmp_path, "nothing") is None


def test_a_clinic_on_which_another_rests_is_not_deleted(page, clinic, tmp_path):
    (tmp_path / "b.toml").write_text('extends = "our-clinic.toml"\n')
    refused = page.post(f"{clinic[0]}/delete")
    assert refused.status == 422
    assert "b.toml extends it" in refused.text
    assert clinic[1].exists()


def test_a_folder_that_is_read_only_is_said_at_once(page, clinic, tmp_path, monkeypatch):
    real = os.access
    addresses = ("/", "/plans", clinic[0], f"{clinic[0]}/patients", f"{clinic[0]}/cheapest")
    for address in addresses:
        assert "is read-only" not in page.get(address).text
    for closed in (tmp_path, tmp_path / KEPT):
        closed.mkdir(exist_ok=True)

        def access(path, mode, closed=closed):
            return path != closed and real(path, mode)

        monkeypatch.setattr(os, "access", access)
        for address in addresses:
            assert "is read-only: no change and no answer can be saved" in page.get(address).text


def test_every_assumption_has_a_plain_label(page, clinic):
    for name in ("baseline", "busy", "iv-and-esketamine", "day-hospital", "consult-days"):
        for field in fields(load(SCENARIOS / f"{name}.toml")):
            if field.group == "assumptions":
                assert field.label != field.address
                assert "_" not in field.label
                assert field.label[0] == field.label[0].upper()
    labels = [
        field.label for field in fields(load(SCENARIOS / "baseline.toml")) if field.group == "assumptions"
    ]
    assert len(set(labels)) == len(labels)


def test_a_break_stands_in_its_shift_and_an_empty_one_is_none(page, clinic):
    assert "Break (empty: none)" in page.get(clinic[0]).text
    for written, known in (
        ("", None),
        ("15:15-15:45", "15:15-15:45"),
        ("15 – 15.30", "15:00-15:30"),
        ("", None),
    ):
        assert page.post(clinic[0], shown(page, clinic[0]) | {"shifts.day.break": written}).status == 303
        rest = load(clinic[1]).shifts["day"].break_
        assert (rest if rest is None else str(rest)) == known
    assert shown(page, clinic[0])["shifts.day.break"] == [""]


@pytest.mark.parametrize(
    ("written", "settings"),
    [
        ("", {}),
        ("[2]", {"weeks": [2]}),
        ("3rd and 1st of the month", {"weeks": [3, 1]}),
        ("1, 3, and 5", {"weeks": [1, 3, 5]}),
        ("every 3 weeks from 2026-01-10", {"every": 3, "from": "2026-01-10"}),
        ("Every other week since 2026-01-10", {"every": 2, "from": "2026-01-10"}),
        ("every 2 weeks", {"weeks": "every 2 weeks"}),
        ("13", {"weeks": "13"}),
    ],
)
def test_weeks_are_read_as_people_write_them(written, settings):
    assert weeks.read(written) == settings


def test_the_weeks_of_a_shift_are_shown_kept_and_changed(page, clinic):
    name = "shifts.day.weeks"
    assert shown(page, clinic[0])[name] == [""]
    for written, seen, kept, chairs in (
        ("1, 3", "1st and 3rd of the month", {"weeks": [1, 3]}, "2"),
        ("every other week from 2026-01-10", "every 2 weeks from 2026-01-10", (2, dt.date(2026, 1, 10)), "3"),
    ):
        assert page.post(clinic[0], shown(page, clinic[0]) | {name: written}).status == 303
        form = shown(page, clinic[0])
        assert form[name] == [seen]
        # No second field is there for the same settings: it would undo the first. Another change keeps them.
        assert not {"shifts.day.every", "shifts.day.from"} & form.keys()
        assert page.post(clinic[0], form | {"clinic.chairs": chairs}).status == 303
        table = as_tables(load(clinic[1]))["shifts"]["day"]
        expected = kept if isinstance(kept, dict) else {"every": kept[0], "from": kept[1]}
        assert {key: table[key] for key in weeks.KEYS if key in table} == expected
    answer = page.post(
        f"{clinic[0]}/shifts", {"version": shown(page, clinic[0])["version"][-1], "new-shift": "b"}
    )
    assert (
        "the weeks (every 2 weeks from 2026-01-10)" in page.get(answer.headers["location"].split("#")[0]).text
    )
    page.post(f"{clinic[0]}/undo")
    assert page.post(clinic[0], shown(page, clinic[0]) | {name: ""}).status == 303
    assert load(clinic[1]).shifts["day"].in_weeks.all


def test_weeks_that_cannot_be_are_refused_beside_their_field(page, clinic):
    name, before = "shifts.day.weeks", clinic[1].read_text()
    for written, says in (
        ("now and then", "must be weeks of the month, such as 1, 3, or a number of weeks and a date"),
        ("1, 7", "must be at most 5"),
        ("every 60 weeks from 2026-01-10", "must be at most 52"),
    ):
        answer = page.post(clinic[0], shown(page, clinic[0]) | {name: written})
        assert answer.status == 422
        beside = re.search(rf'id="problem-{name}" data-live>([^<]*)<', answer.text)
        assert beside is not None
        assert says in html.unescape(beside[1])
        assert f'value="{written}"' in answer.text
    assert clinic[1].read_text() == before


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("8-17", "08:00-17:00"),
        ("8:00 – 17:30", "08:00-17:30"),
        ("8.15 to 17.00", "08:15-17:00"),
        ("8-12, 13-17", "08:00-12:00, 13:00-17:00"),
        ("24h", "24h"),
        ("8am to 5pm", "8am to 5pm"),
        ("8", "8"),
        ("", ""),
    ],
)
def test_hours_are_read_as_people_write_them(written, read):
    assert clock_hours(written) == read


def test_a_rule_beside_a_field_speaks_of_no_file(page, clinic):
    form = shown(page, clinic[0]) | {"shifts.day.hours": "8am to 5pm", "finance.price_per_infusion": "-600"}
    text = page.post(clinic[0], form).text
    assert "must be hours such as &#34;08:00-17:00&#34;, or &#34;24h&#34;" in text
    assert "must be at least 0<" in text
    assert "in quotes" not in text
    assert plain("must have at least 1 entry") == "choose at least one"
    assert plain("must be above -1.0, not 1.05") == "must be above -1, not 1.05"


def test_nurses_that_a_step_needs_are_missed_beside_their_question(page):
    form = {"name": "X", "chairs": "3", "nurses": "0", "days": ["mon"], "hours": "8-17", "referrals": "10"}
    text = page.post("/new", form).text
    assert "no shift has a nurse" in text.split('id="problem-nurses"')[1][:200]
    assert 'value="0"' in text.split(" autofocus")[0][-200:]


def test_a_shift_that_cannot_be_added_or_removed_is_said(page, clinic):
    before = clinic[1].read_text()
    version = {"version": shown(page, clinic[0])["version"][-1]}
    twice = page.post(f"{clinic[0]}/shifts", version | {"new-shift": "Day"})
    assert twice.status == 422
    assert 'id="problem-new-shift">there is a shift day already' in twice.text
    assert 'value="Day"' in twice.text
    last = page.post(f"{clinic[0]}/shifts", version | {"remove": "day"})
    assert last.status == 422
    assert "no shift has a nurse" in last.text
    assert page.post(f"{clinic[0]}/shifts", version | {"remove": "night"}).status == 404
    assert page.post(f"{clinic[0]}/shifts", {"version": "", "new-shift": "late"}).status == 409
    assert clinic[1].read_text() == before


def test_hours_nobody_works_and_pay_behind_closed_doors_are_said(page, clinic):
    """Nurses from 07:00 to 11:00, doors open from 08:00 to 17:00 on Saturdays, and closed on Tuesdays."""
    form = shown(page, clinic[0]) | {
        "clinic.hours.mon": "08:00-17:00",
        "clinic.hours.sat": "08:00-17:00",
        "shifts.day.hours": "07:00-11:00",
        "shifts.day.break": "09:00-09:30",
        "shifts.day.days": ["", "mon", "tue"],
    }
    assert page.post(clinic[0], form).status == 303
    [document] = check([str(clinic[1])])["scenarios"]
    text = html.unescape(page.get(clinic[0]).text)
    assert len(document["warnings"]) >= 2
    assert all(
        f"<li>{held(warning[:1].upper() + warning[1:])}.</li>" in text for warning in document["warnings"]
    )
    assert "nobody is on duty" in text
    assert "while the doors are closed" in text


def test_all_problems_of_a_change_stand_beside_their_fields(page, clinic):
    before = clinic[1].read_text()
    wrong = {
        "clinic.chairs": "0",
        "shifts.day.nurses": "two",
        "attendance.no_show": "7",
        "clinic.hours.mon": "9-",
    }
    answer = page.post(clinic[0], shown(page, clinic[0]) | wrong)
    assert answer.status == 422
    for address, written in wrong.items():
        assert re.search(rf'id="problem-{re.escape(address)}"[^>]*>must be', answer.text), address
        assert f'name="{address}" value="{written}"' in answer.text
    assert clinic[1].read_text() == before


def test_a_change_of_the_file_by_others_is_not_lost(page, clinic):
    form = shown(page, clinic[0]) | {"clinic.chairs": "5"}
    text = clinic[1].read_text().replace("nurses = 2 ", "nurses = 3 ")
    clinic[1].write_text(text)
    refused = page.post(clinic[0], form)
    assert refused.status == 409
    assert f'<a href="{clinic[0]}">Open the clinic as it is now</a>' in refused.text
    assert "Open the clinic as it is now" not in page.get(clinic[0]).text
    assert clinic[1].read_text() == text


@pytest.mark.parametrize("name", ["baseline", "busy", "single-nurse"])
def test_paper_says_what_check_says(page, tmp_path, name):
    scenario = tmp_path / "baseline.toml"
    scenario.write_text((SCENARIOS / "baseline.toml").read_text())
    file = tmp_path / f"{name}.toml"
    file.write_text((SCENARIOS / f"{name}.toml").read_text())
    [document] = check([str(file)])["scenarios"]
    links = re.findall(r'href="(/clinic/\w+)">([^<]*)', page.get("/").text)
    address = next(link for link, text in links if html.unescape(text) == document["scenario"])
    text = html.unescape(page.get(address).text)
    plan = document["plans"][0]
    assert f"{plan['starts_per_week']:,} starts a week that the plan offers" in text
    for warning in document["warnings"]:
        assert held(warning[1:]) in text
    for hour in plan["hours"]:
        most = max(
            use["used"] / use["offered"]
            for use in (hour["chairs"], hour["hands"], hour["eyes"])
            if use["offered"]
        )
        assert f">{100 * most:.0f} %</td>" in text or ">over</td>" in text


@pytest.mark.parametrize(("referrals", "mark"), [(10, " good"), (12.7, ""), (20, " bad")])
def test_the_answer_is_good_only_without_a_warning(page, tmp_path, referrals, mark):
    """At 12.7 referrals a week starts suffice on paper, but `check` warns that waits will be long."""
    file = tmp_path / "a.toml"
    file.write_text(f'name = "A"\n[demand]\nreferrals_per_week = {referrals}\n')
    [document] = check([str(file)])["scenarios"]
    assert bool(document["warnings"]) == (mark != " good")
    assert (document["demand"]["starts"] > document["plans"][0]["starts_per_week"]) == (mark == " bad")
    [address] = re.findall(r'href="(/clinic/\w+)"', page.get("/").text)
    assert f'<p class="answer{mark}">' in page.get(address).text


def test_a_walk_in_clinic_has_visits_instead_of_starts(page, tmp_path):
    (tmp_path / "walk.toml").write_text('name = "Walk"\n[booking]\nmode = "walk-in"\n')
    [address] = re.findall(r'href="(/clinic/\w+)"', page.get("/").text)
    shown = page.get(address).text
    assert re.search(r"of the at most [\d.]+ visits a week that the plan offers", shown)
    for none in ("Starts a day", "Full days", "0 %"):
        assert none not in re.sub(r"\d0 %", "", shown)
    assert "Fullest" not in page.get(f"{address}/cope").text


def test_a_broken_file_is_shown_with_its_problems(page, tmp_path):
    (tmp_path / "a.toml").write_text("clinic = 5\nname = ")
    (tmp_path / "study.toml").write_text('study = "sweep"\n')
    links = re.findall(r'href="(/clinic/\w+)"', page.get("/").text)
    assert len(links) == 1
    assert "not valid" in page.get("/").text
    assert page.get(links[0]).status == 422


def test_text_is_inert_in_every_field(page, clinic):
    """Each field shows what was typed as text, whether it is saved or refused."""
    form = shown(page, clinic[0])
    answer = page.post(clinic[0], dict.fromkeys(form, HURT) | {"version": form["version"]})
    assert answer.status == 422
    assert answer.text.count(html.escape("window.hurt=1")) > 60
    assert "<script>window" not in answer.text
    assert "<img" not in answer.text
    answer = page.post("/new", dict.fromkeys(ANSWERS, HURT))
    assert "<script>window" not in answer.text
    assert "<img" not in answer.text


def test_names_are_inert(page, tmp_path):
    (tmp_path / "<img src=x>.toml").write_text(
        f"name = '''{HURT}'''\n[shifts.'<b>']\nnurses=1\nhours='24h'\ndays=['mon']\n"
    )
    text = page.get("/").text
    [address] = re.findall(r'href="(/clinic/\w+)"', text)
    for each in (text, page.get(address).text):
        assert "<script>window" not in each
        assert "<img" not in each
        assert "<b>" not in each


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "our-clinic.toml",
        "/etc/passwd",
        "..",
        "%00",
        "our-clinic",
        "C:\\a",
    ],
)
def test_a_path_in_an_address_leads_nowhere(page, clinic, path):
    assert page.get(f"/clinic/{path}").status == 404
    assert page.get(f"/{path}").status in (404, 200 if path == ".." else 404)
    assert page.post(f"/clinic/{path}/undo").status in (404, 405)


def test_a_link_out_of_the_folder_is_replaced_and_not_followed(page, tmp_path_factory, tmp_path):
    outside = tmp_path_factory.mktemp("outside") / "other.toml"
    outside.write_text('name = "Other"\n')
    (tmp_path / "link.toml").symlink_to(outside)
    [address] = re.findall(r'href="(/clinic/\w+)"', page.get("/").text)
    form = shown(page, address) | {"clinic.chairs": "5"}
    assert page.post(address, form).status == 303
    assert outside.read_text() == 'name = "Other"\n'
    assert load(tmp_path / "link.toml").clinic.chairs == 5


def test_a_form_that_is_none_is_refused(page, clinic):
    own = [("origin", "http://127.0.0.1:8000")]
    assert page.ask("POST", clinic[0], [b"\xff\xfe"], own).status == 422
    assert page.ask("POST", clinic[0], [b"a=%ff&" * 10], own).status == 422
    assert page.ask("POST", clinic[0], [b"a=1&" * 5000], own).status == 422
    assert page.ask("POST", clinic[0], [b"\x00\x01"], own).status == 409


def test_a_file_that_extends_another_is_changed_by_itself(tmp_path):
    (tmp_path / "base.toml").write_text((SCENARIOS / "baseline.toml").read_text())
    text = 'name = "Small"\nextends = "base.toml"\n'
    after = changed_text(
        text,
        ["shifts.day.nurses=3", "clinic.hours.fri=false"],
        folder=tmp_path,
        name=str(tmp_path / "small.toml"),
    )
    (tmp_path / "small.toml").write_text(after)
    made = load(tmp_path / "small.toml")
    assert made.shifts["day"].nurses == 3
    assert "fri" not in made.clinic.hours
    assert len(after.splitlines()) < 12


@pytest.mark.parametrize(
    "change", ["shifts.day.nurses=3", "clinic.hours.fri=false", "visit.steps.infusion.minutes=51"]
)
def test_a_file_with_a_name_alone_can_be_changed(change):
    assert changed_text('name = "x"\n', [change], name="x.toml").startswith('name = "x"\n')


def test_what_is_not_installed_is_named(simclinic, monkeypatch, tmp_path):  # noqa: F811
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "fastapi" else found(name))
    said = simclinic("serve", tmp_path)
    assert said.status == 2
    assert "pip install 'simclinic[web]'" in said.err


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])
def test_other_machines_are_let_in_knowingly(simclinic, tmp_path, host):  # noqa: F811
    said = simclinic("serve", "--no-browser", "--host", host, tmp_path)
    assert said.status == 2
    assert "--i-know" in said.err


def test_a_folder_or_port_that_cannot_be_used_is_named(simclinic, tmp_path):  # noqa: F811
    said = simclinic("serve", "--no-browser", tmp_path / "none")
    assert said.status == 2
    assert "there is no such folder. Make it first, or leave it out" in said.err
    assert simclinic("serve", "--port", "70000", tmp_path).status == 2


def test_a_copy_has_a_name_and_a_file_of_its_own(clinic, tmp_path):
    [original] = clinic_files(tmp_path)
    copy = load(copy_clinic(original))
    assert copy.name == "Our clinic, copy"
    other = copy_clinic(original, ["clinic.chairs=7", 'name="Larger"'])
    assert (load(other).name, load(other).clinic.chairs, other.name) == ("Larger", 7, "larger.toml")
    assert load(clinic[1]).clinic.chairs == 4
    assert len(clinic_files(tmp_path)) == 3


def test_the_server_does_without_what_only_jobs_need():
    """It stays in memory as long as the page is open."""
    heavy = ("pandas", "plotly", "pyarrow", "scipy.stats")
    program = f"import sys, simclinic.web.server; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
