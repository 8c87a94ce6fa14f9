"""Templates of several types of visit: hand-made weeks, what is chosen from, what is refused."""

import itertools
import json
import tomllib

import pytest

from simclinic.errors import SimclinicError
from simclinic.planning import Timetable
from simclinic.planning.mix import asked
from simclinic.planning.slack import slacks
from simclinic.planning.typed_template import carried, typed_template
from simclinic.report.pages.template import types
from simclinic.report.sheet import sheet_csv, sheet_html
from simclinic.report.text.template import template_table
from simclinic.scenario import replace, with_overrides
from simclinic.studies.mixed_template import OPEN, first_shares, slacked
from simclinic.studies.run_options import RunOptions
from simclinic.studies.template import check_question, template
from simclinic.web.screens import template as screen
from tests.model.small import clinic
from tests.model.test_typed_starts_on_paper import TYPES
from tests.planning.test_open_book import Paper

ONE_DAY = """
[clinic]
chairs = 1
[clinic.hours]
tue = "08:00-13:00"
[shifts.day]
days = ["tue"]
hours = "07:00-18:00"
nurses = 1
[booking]
start_every_minutes = 30
"""


def small(*texts):
    """On Tuesdays from eight to one: visits of two hours and of half an hour, as many asked for of each."""
    return clinic(TYPES, ONE_DAY, *texts, "[demand]\nreferrals_per_week = 4")


def best(scenario, every=30, **options):
    timetable = Timetable(scenario)
    offers = [offer for offer in timetable.offers[:7] if offer is not None]
    wanted = asked(scenario, timetable.plans)
    return typed_template(offers, timetable.plans, timetable.footprints, wanted, every, **options), wanted


def test_one_chair_by_hand():
    # Five hours hold two long visits and two short ones: 2 * 120 + 2 * 30 is 300. As many are asked for of each.
    found, wanted = best(small())
    [day] = found.days
    assert sorted(plan for _, plan in day) == [0, 0, 1, 1]
    assert wanted[0] == wanted[1]
    assert found.carries == found.most_carried == pytest.approx(2 / wanted[0])
    assert (found.most, found.settled) == (4, True)
    assert carried(found.days, wanted) == found.carries


def test_room_that_is_left_goes_to_what_fits_most():
    # Half an hour more holds one short visit more.
    found, _ = best(small('[clinic.hours]\ntue = "08:00-13:30"'))
    assert sorted(plan for _, plan in found.days[0]) == [0, 0, 1, 1, 1]
    assert found.most == 5


def test_it_has_room_for_more_than_the_derived_template():
    # Long visits need the nurse in their first half hour, short ones in their second: a pair fits from each hour
    # on, three of each in all, which fills both chairs. The derived template has no short visit at nine.
    steps = """
    [visits.long.steps.begin]
    minutes = 30
    nurse = "hands-on"
    [visits.long.steps.rest]
    minutes = 30
    [visits.short.steps.treatment]
    minutes = 30
    [visits.short.steps.end]
    minutes = 30
    nurse = "hands-on"
    """
    scenario = small(steps, '[clinic]\nchairs = 2\n[clinic.hours]\ntue = "08:00-11:00"')
    found, wanted = best(scenario)
    assert found.days == (((480, 0), (480, 1), (540, 0), (540, 1), (600, 0), (600, 1)),)
    assert (found.carries * wanted[0], found.settled) == (3, True)
    ways = {
        way["name"]: way for way in template(scenario, every=30, slack="0", on_paper=True).document["ways"]
    }
    assert ways["derived template"]["carries"] * wanted[0] == pytest.approx(2)


ROLE = """
[roles.doctor]
hour = 100
[shifts.day]
days = ["tue"]
hours = "07:00-18:00"
nurses = 1
[shifts.doctor]
days = ["tue"]
hours = "09:00-10:00"
role = "doctor"
number = 1
[visits.long.steps.treatment]
minutes = 60
claims = { doctor = "on-site" }
[visits.short.steps.treatment]
minutes = 60
"""


def test_a_role_that_is_away_is_respected():
    # The long visits need the doctor throughout, who is there for an hour: one of them, however many chairs.
    found, _ = best(small(ROLE, "[clinic]\nchairs = 2"))
    [day] = found.days
    assert {minute for minute, plan in day if plan == 0} == {540}
    assert sum(plan == 0 for _, plan in day) == 2
    assert sum(plan == 1 for _, plan in day) == 8


def legal(scenario, day, every):
    """Book the starts of a day one by one, in a count minute by minute: type of visit and minute of each."""
    paper, closing = Paper(scenario), scenario.clinic.hours["tue"].end
    for kind, minute in day:
        if minute + paper.needs(kind, 1)[2] > closing or minute not in paper.fits(kind, 1, every):
            return False
        paper.book(kind, 1, minute)
    return True


def typed(scenario, day):
    timetable = Timetable(scenario)
    return [(timetable.plans.types[timetable.plans.plans[plan].kind], minute) for minute, plan in day]


@pytest.mark.parametrize("nurses", [1, 2])
def test_it_is_the_best_of_all_weeks(nurses):
    # Two chairs, an hour and a half: long visits are begun by a nurse for half an hour, short ones are hers alone.
    steps = """
    [visits.long.steps.begin]
    minutes = 30
    nurse = "hands-on"
    [visits.long.steps.rest]
    minutes = 30
    [visits.short.steps.treatment]
    minutes = 30
    nurse = "hands-on"
    """
    shift = f'[shifts.day]\ndays = ["tue"]\nhours = "07:00-18:00"\nnurses = {nurses}'
    scenario = small(steps, shift, '[clinic]\nchairs = 2\n[clinic.hours]\ntue = "08:00-09:30"')
    found, wanted = best(scenario)
    each = [("long", 480), ("long", 510), ("short", 480), ("short", 510), ("short", 540)]
    most = (0, 0)
    for counts in itertools.product(range(3), repeat=len(each)):
        day = [start for start, count in zip(each, counts, strict=True) for _ in range(count)]
        longs = sum(kind == "long" for kind, _ in day)
        if legal(scenario, day, 30):
            most = max(most, (min(longs, len(day) - longs), len(day)))
    assert (found.carries * wanted[0], found.most) == most
    assert legal(scenario, typed(scenario, found.days[0]), 30)


def test_on_paper_it_has_room_for_more_than_the_derived_template_and_every_start_fits():
    scenario = small("[clinic]\nchairs = 2", '[clinic.hours]\ntue = "08:00-14:10"')
    assert legal(scenario, typed(scenario, best(scenario, 10)[0].days[0]), 10)
    document = template(scenario, every=10, slack="0,30", on_paper=True).document
    ways = {way["name"]: way for way in document["ways"]}
    assert next(iter(ways)) == max(ways, key=lambda name: ways[name]["carries"])
    assert {"open book", "derived template", "no slack", "30 % slack"} == set(ways)
    assert ways["no slack"]["carries"] >= ways["derived template"]["carries"]
    assert ways["no slack"]["carries"] >= ways["30 % slack"]["carries"]
    assert ways["no slack"]["settled"]
    assert document["now"] == OPEN
    assert document["chosen"] is None
    assert document["answer"][0].startswith("On paper, the template with no slack has")


def test_without_time_the_derived_template_is_taken():
    found, wanted = best(small(), seconds=0.0)
    assert not found.settled
    assert found.carries > 0
    assert found.most >= sum(map(len, found.days))
    assert found.most_carried >= found.carries == carried(found.days, wanted)


def test_one_slack_is_the_answer_and_its_toml_is_the_scenario():
    scenario = small()
    found = template(scenario, every=30, slack="0", on_paper=True)
    document = found.document
    assert document["chosen"] == "no slack"
    said = tomllib.loads(document["toml"])["booking"]
    assert said["types"] == "typed"
    assert replace(scenario, booking=said) == found.scenario
    [way] = [way for way in document["ways"] if way["name"] == "no slack"]
    [day] = way["days"]
    assert [(each["at"], each["visit"]) for each in said["starts"]["tue"]] == list(
        zip(day["starts"], day["visits"], strict=True)
    )
    assert way["by_type"] == {"long": 2, "short": 2}
    assert [line["place"] for line in document["sheet"]] == ["chair 1"] * 4
    assert "visit" in sheet_csv(document).splitlines()[0]
    assert '<th scope="col">visit</th>' in sheet_html(document)
    assert all(len(line) <= 78 for line in document["toml"].splitlines())
    json.dumps(document)
    template_table(document)


def test_the_page_writes_the_same_starts_and_shows_them_by_type():
    scenario = small('[booking]\ntypes = "typed"\n[booking.starts]\ntue = [{ at = "08:00", visit = "long" }]')
    found = template(scenario, every=30, slack="0", on_paper=True)
    assert with_overrides(scenario, screen._changes(found.document)) == found.scenario
    rows = screen._days(found.document).rows
    assert [row[:3] for row in rows] == [("Tue", "1", "4")]
    assert rows[0][3].startswith(("long ", "short "))
    assert ";" in rows[0][3]
    [asked_row, *ways] = types(found.document).sheet.rows
    assert asked_row[0] == "asked for"
    assert len(ways) == len(found.document["ways"])


def test_slack_lengthens_every_type_and_first_visits_count_at_their_share():
    scenario = small(
        '[visits.long.steps.treatment]\nminutes = 120\nfirst_visit_extra_minutes = 10\nnurse = "hands-on"',
        '[protocols.slow]\ninfusions = 4\ngap_days = [7, 7]\nvisit = "long"\n'
        '[protocols.quick]\ninfusions = 1\nvisit = "short"',
    )
    [slack] = slacks("10")
    planned = slacked(scenario, slack)
    assert first_shares(scenario) == {"long": pytest.approx(0.25), "short": 1.0}
    long, short = (planned.visits[name].steps["treatment"].minutes for name in ("long", "short"))
    assert long.value == pytest.approx(132 + 2.5)
    assert short.value == pytest.approx(33)


def test_the_ways_are_simulated_on_the_same_patients(tmp_path):
    scenario = small("[run]\nreplications = 5\nweeks = 4")
    found = template(scenario, every=30, slack="0", at_most=20, options=RunOptions(out=tmp_path / "out"))
    document = found.document
    assert document["chosen"] == "no slack"
    assert {"open book", "derived template"} <= set(found.names) | {way["name"] for way in document["ways"]}
    assert document["state"] in ("met", "missed", "open")
    names = {way["name"]: way for way in document["ways"]}
    assert names["open book"]["kpis"] is not None
    assert "separate_starts_patients_per_week" not in names["open book"]["kpis"]
    assert "separate_starts_patients_per_week" in names["no slack"]["kpis"]
    assert any("open book" in sentence for sentence in document["answer"])


def test_the_present_way_is_that_of_the_scenario():
    listed = small('[booking]\ntypes = "typed"\n[booking.starts]\ntue = [{ at = "08:00", visit = "long" }]')
    document = template(listed, every=30, slack="0,20", on_paper=True).document
    assert document["now"] == "listed starts"
    assert {"open book", "derived template"} < {way["name"] for way in document["ways"]}
    typed = template(small('[booking]\ntypes = "typed"'), every=30, slack="0,20", on_paper=True).document
    assert typed["now"] == "derived template"


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (
            ["[demand]\nreferrals_per_week = 0"],
            "demand.referrals_per_week and boosters.attrition above 0 would help",
        ),
        (
            ['[shifts.day]\ndays = ["tue"]\nhours = "07:00-18:00"\nnurses = 1\nweeks = [1, 3]'],
            "make a scenario without `weeks` and `every` for the usual week",
        ),
    ],
)
def test_what_has_no_template(texts, why):
    made = clinic(TYPES, ONE_DAY, "[demand]\nreferrals_per_week = 4", *texts)
    with pytest.raises(SimclinicError) as error:
        check_question(made, every=30, slack="0", alpha=0.05, at_most=10)
    assert why in str(error.value)


def test_a_type_that_fits_nowhere_is_named():
    with pytest.raises(SimclinicError) as error:
        template(small('[clinic.hours]\ntue = "08:00-09:30"'), every=30, slack="0", on_paper=True)
    assert "a visit 'long' fits on no day with no slack: it takes 120 minutes" in str(error.value)
    assert "Longer hours or shifts" in str(error.value)
