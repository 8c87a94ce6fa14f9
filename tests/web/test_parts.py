"""*My clinic* of a clinic with types of visit, roles and places: nothing in its file is lost or broken."""

import re

import pytest

from simclinic.scenario import from_toml, load, with_overrides
from simclinic.scenario.tables import as_tables

pytest.importorskip("fastapi", reason="the extra web is not installed")
from simclinic.studies.check import checked
from simclinic.web.app import application
from simclinic.web.form import fields
from simclinic.web.jobs import Jobs
from simclinic.web.paper import _cell, papers
from simclinic.web.screens.cope import _parts
from tests.measures.test_groups import WIDER
from tests.web.asking import Asking, without_process
from tests.web.test_screens import SCENARIOS, shown_in


@pytest.fixture
def page(tmp_path):
    with Jobs(tmp_path) as jobs:
        yield Asking(application(without_process(jobs))).open()


@pytest.fixture
def clinic(tmp_path):
    path = tmp_path / "wider.toml"
    path.write_text(WIDER, encoding="utf-8")
    return path


@pytest.fixture
def at(page, clinic):
    """The address of the clinic."""
    return re.search(r'href="(/clinic/\w+)"', page.get("/").text)[1]


def change(page, at, **fields):
    form = shown_in(page.get(at).text)
    answer = page.post(at, form | {name.replace("__", "."): value for name, value in fields.items()})
    assert answer.status == 303, answer.text
    return answer


def test_a_change_of_chairs_keeps_all_and_is_undone(page, clinic, at):
    before = clinic.read_text(encoding="utf-8")
    change(page, at, clinic__chairs="4")
    assert as_tables(load(clinic)) == as_tables(
        with_overrides(load_text(before, clinic), ["clinic.chairs=4"])
    )
    for table in ("[visits.spray.steps.talk]", "[roles.prescriber]", "[places.room]", 'role = "prescriber"'):
        assert table in clinic.read_text(encoding="utf-8")
    page.post(f"{at}/undo")
    assert clinic.read_text(encoding="utf-8") == before


def load_text(text, path):
    other = path.with_name("before.txt")
    other.write_text(text, encoding="utf-8")
    return load(other)


def test_a_shift_of_another_role_and_a_step_of_another_type_are_changed_in_place(page, clinic, at):
    text = page.get(at).text
    assert "The visit spray, step by step" in text
    assert "Prescribers</label>" in text
    assert "Prescribers in the shift" in page.get(f"{at}/cheapest").text
    assert "a nurse, prescriber" in page.get(f"{at}/one-more").text
    assert "prescribers: 1" in page.get("/").text
    change(page, at, shifts__prescriber__nurses="2")
    assert load(clinic).shifts["prescriber"].nurses == 2
    assert 'role = "prescriber"\nnumber = 2\n' in clinic.read_text(encoding="utf-8")  # the file's own word
    form = shown_in(page.get(at).text)
    assert form["visits.spray.steps.rest.minutes"] == ["120"]
    change(page, at, visits__spray__steps__rest__minutes="90")
    after = load(clinic)
    assert after.visits["spray"].steps["rest"].minutes.value == 90
    assert after.visits["spray"].steps["rest"].claims["prescriber"].watch == 2
    change(page, at, places__room__number="3", roles__prescriber__hour="160")
    assert load(clinic).places["room"].number == 3
    assert load(clinic).roles["prescriber"].hour == 160


def test_a_shift_added_on_the_page_leaves_other_roles_alone(page, clinic, at):
    form = {"version": shown_in(page.get(at).text)["version"], "new-shift": "late"}
    assert page.post(f"{at}/shifts", form).status == 303
    after = load(clinic)
    assert after.shifts["late"].role == "nurse"
    assert after.shifts["prescriber"].role == "prescriber"


def test_does_it_cope_has_the_figures_by_part():
    figure = {
        "mean": 0.05,
        "ci": [0.04, 0.06],
        "unit": "share",
        "n": 5,
        "method": "student",
        "coverage": None,
    }
    document = {
        "kpis": {},
        "by_place": {"chair": {"chair_utilisation": figure}, "room": {"chair_utilisation": figure}},
    }
    [by_place] = _parts(from_toml(WIDER), document)
    assert (by_place.title, by_place.of) == ("By place", "place")
    assert by_place.rows == [
        ("In use, %", "chair", "5.00 (4.00–6.00)"),
        ("In use, %", "room", "5.00 (4.00–6.00)"),
    ]
    assert _parts(from_toml(WIDER), {"kpis": {}}) == []


def test_the_price_of_a_consult_is_asked_once():
    """That of the type of visit, if it has one; else that of all consults."""
    usual = load(SCENARIOS / "consult-days.toml")
    own = with_overrides(usual, ["visits.consult.price=300"])
    for scenario, asked in ((usual, "finance.price_consult"), (own, "visits.consult.price")):
        found = fields(scenario)
        prices = [field.address for field in found if field.group == "prices"]
        assert [name for name in prices if "consult" in name] == [asked]
        assert "Intake: type of visit that the consult is" in [field.label for field in found]


def test_the_page_compares_all_visits_of_a_walk_in_clinic_with_what_it_can_take():
    """Eight referrals a week: consults of seven, and a bit more than three series."""
    walk_in = with_overrides(
        load(SCENARIOS / "consult-days.toml"), ["booking.mode=walk-in", "boosters.uptake=0"]
    )
    document = checked(walk_in, "clinic.toml")
    demand = document["demand"]
    asked = demand["induction"] + demand["consults"]
    assert papers(document)[0].answer.startswith(f"Patients ask for {asked:.1f}")


TYPED = '\n[booking]\ntypes = "typed"\nstarts.mon = ["08:30", { at = "08:00", visit = "spray" }]\nstarts.fri = []\n'


def test_starts_by_type_of_visit_are_fields_by_day_and_type(page, clinic, at):
    """Times stand with commas between, as people write them; Tuesday's are derived until some are listed."""
    clinic.write_text(WIDER + TYPED, encoding="utf-8")
    form = shown_in(page.get(at).text)
    monday = {name: value for name, value in form.items() if name.startswith("booking.starts.mon")}
    assert monday == {"booking.starts.mon": ["08:30"], "booking.starts.mon/spray": ["08:00"]}
    change(page, at, **{"booking.starts.tue": "9, 8.30"})
    change(page, at, **{"booking.starts.mon": "", "booking.starts.mon/spray": ""})
    assert as_tables(load(clinic))["booking"]["starts"] == {
        "tue": [{"at": "08:30", "visit": "infusion"}, {"at": "09:00", "visit": "infusion"}],
        "fri": [],
    }
    assert "booking.starts" not in [each.address for each in fields(load(clinic))]


def test_a_start_that_is_no_time_is_told_beside_its_day(page, clinic, at):
    clinic.write_text(WIDER + TYPED, encoding="utf-8")
    answer = page.post(at, shown_in(page.get(at).text) | {"booking.starts.tue": "8, noon"})
    assert answer.status == 422
    assert "must be a time" in re.search(r'id="problem-booking.starts.tue"[^>]*>([^<]*)<', answer.text)[1]
    assert "8, noon" in answer.text


def test_starts_of_days_that_differ_from_week_to_week_are_told_apart(page, clinic, at):
    """The prescriber comes on the first Monday of a month alone: Mondays have two templates, with their weeks."""
    clinic.write_text(WIDER + '\n[booking]\ntypes = "typed"\n', encoding="utf-8")
    some = with_overrides(load(clinic), ["shifts.prescriber.weeks=[1]"])
    (paper,) = papers(checked(some, "weeks.toml"))
    assert {day for day, _, _ in paper.template if day.startswith("Mon")} == {"Mon, 50 % of weeks"}
    assert paper.differs


def test_on_paper_the_page_has_types_templates_and_all_that_is_scarce(page, clinic, at):
    """Monday has the listed spray and infusion; the room and the prescriber may be scarcest, too."""
    clinic.write_text(WIDER + TYPED, encoding="utf-8")
    (paper,) = papers(checked(load(clinic), "wider.toml"))
    assert [row[0] for row in paper.types] == ["infusion", "spray"]
    assert paper.template[:2] == [("Mon", "spray", "08:00"), ("Mon", "infusion", "08:30")]
    assert "room" in paper.scarce
    assert not paper.differs
    assert "Starts by day and type of visit" in page.get(at).text
    rooms = {"used": 1.0, "offered": 1.0, "full": 1.0}
    idle = {"used": 0.0, "offered": 1.0, "full": 0.0}
    cell = _cell({"chairs": idle, "hands": idle, "eyes": idle, "others": {"places:room": rooms}})
    assert (cell.text, cell.title) == ("100 %", "room")
