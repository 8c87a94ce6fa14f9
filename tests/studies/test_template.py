"""The template study: what is simulated, what is chosen, what is said, what is refused."""

import pytest

from simclinic.errors import SimclinicError
from simclinic.planning.slack import slacks
from simclinic.scenario import replace
from simclinic.studies import template as study
from simclinic.studies.template import Way, template
from tests.model.small import clinic

PATIENT = "[demand]\nreferrals = [2026-01-06T09:00:00]"
STEPS = """
[visit.steps.start]
minutes = 10
nurse = "hands-on"
[visit.steps.drip]
minutes = 40
[visit.steps.end]
minutes = 10
nurse = "hands-on"
"""


CHANGED = '[changes."2026-01-12"]\n"clinic.chairs" = 2'


def hours(closing="10:00"):
    days = "\n".join(f'{day} = "08:00-{closing}"' for day in ("mon", "tue", "wed", "thu", "fri"))
    return f"[clinic]\nchairs = 3\n[clinic.hours]\n{days}"


def shift(nurses=1, days='"mon", "tue", "wed", "thu", "fri"', span="07:00-18:00"):
    return f'[shifts.day]\ndays = [{days}]\nhours = "{span}"\nnurses = {nurses}'


@pytest.fixture
def small():
    return clinic(PATIENT, STEPS, hours(), "[run]\nreplications = 6")


def test_on_paper(small):
    found = template(small, every=10, slack="0,50,100", on_paper=True)
    document = found.document
    assert document["state"] == "on-paper"
    assert (document["answer"], found.scenario, found.comparison) == (None, None, None)
    # One nurse: each visit needs her for 20 minutes of two hours, and the last must begin by 9:00.
    names = [way["name"] for way in document["ways"]]
    assert names == ["derived grid", "100 % slack", "50 % slack", "no slack"]
    per_day = [len(way["days"][0]["starts"]) for way in document["ways"]]
    assert per_day == sorted(per_day[:1]) + sorted(per_day[1:])
    assert all(
        way["starts_per_week"] == 5 * count for way, count in zip(document["ways"], per_day, strict=True)
    )
    assert all(way["most_per_week"] == way["starts_per_week"] for way in document["ways"][1:])
    assert all(way["settled"] for way in document["ways"][1:])
    assert document["ways"][0]["settled"] is None
    assert document["hours"] == {}
    assert document["sheet"] == []


def test_one_slack_is_the_answer_and_its_starts_are_those_of_the_scenario(small):
    found = template(small, every=10, slack="20", on_paper=True)
    assert found.document["answer"] == "20 % slack"
    assert found.scenario is not None
    starts = found.scenario.booking.starts
    assert starts is not None
    [way] = [way for way in found.document["ways"] if way["name"] == "20 % slack"]
    assert [len(day["starts"]) for day in way["days"]] == [len(each) for each in starts.values()]
    assert replace(found.scenario, booking={"starts": {}}) == small
    assert len(found.document["sheet"]) == sum(map(len, starts.values()))
    assert {line["nurse"] for line in found.document["sheet"]} == {"day 1"}


def test_equal_templates_are_one():
    # A visit of an hour, in a day of an hour and a half: three at once, with ten percent more, too.
    scenario = clinic(PATIENT, hours("09:30"))
    document = template(scenario, every=30, slack="0,10,60", on_paper=True).document
    assert [(way["name"], way["slacks"], way["starts_per_week"]) for way in document["ways"]] == [
        ("derived grid", [], 15),
        ("60 % slack", ["60"], 0),
        ("no slack, 10 % slack", ["0", "10"], 15),
    ]


def test_of_equally_many_starts_more_slack_is_judged_first():
    # An hour each, in three hours: at 8:00, 9:00, 10:00. Of 78 minutes at 8:00 and 9:20, of 84 at 8:00 and 9:30.
    document = template(clinic(PATIENT, hours("11:00")), every=10, slack="0,30,40", on_paper=True).document
    assert [way["name"] for way in document["ways"][1:]] == ["40 % slack", "30 % slack", "no slack"]
    assert [way["starts_per_week"] for way in document["ways"][1:]] == [30, 30, 45]


def test_the_derived_grid_as_the_only_template(tmp_path):
    scenario = clinic(PATIENT, hours(), "[run]\nreplications = 6")
    found = template(scenario, every=60, slack="0", out=tmp_path / "out")
    assert found.comparison is not None
    assert len(found.comparison.sides) == 1
    one, other = found.document["ways"]
    assert one["days"][0]["starts"] == other["days"][0]["starts"]
    assert one["kpis"] == other["kpis"]
    assert one["kpis"] is not None


def test_listed_starts_are_the_present_ones(small):
    listed = replace(small, booking={"starts": {"mon": ["08:00"]}})
    document = template(listed, every=10, slack="0", on_paper=True).document
    assert document["now"] == "listed starts"
    assert [way["name"] for way in document["ways"]] == ["listed starts", "derived grid", "no slack"]
    first = document["ways"][0]
    assert first["days"][0]["starts"] == ["08:00"]
    assert first["days"][1]["starts"] == document["ways"][1]["days"][1]["starts"]


def test_the_answer_of_a_clinic_whose_days_hold(tmp_path):
    scenario = clinic(
        STEPS,
        hours(),
        "[run]\nreplications = 6\nweeks = 13",
        referrals=[(1 + 7 * week, 540) for week in range(13)],
    )
    found = template(scenario, every=10, slack="0,10", out=tmp_path / "out")
    # A patient a week, who comes on time and is treated as planned: the day holds with every template.
    assert [way["day_verdict"] for way in found.document["ways"]] == ["holds"] * len(found.document["ways"])
    assert found.document["state"] == "met"
    assert found.document["answer"] == found.document["ways"][-1]["name"]
    assert any("of its starts are used" in sentence for sentence in found.document["told"])


# -- The choice --------------------------------------------------------------------------------------------


def ways(*counts):
    return [
        Way(f"template {count}", {"mon": tuple(range(count))}, 100.0, None, slacks("0")) for count in counts
    ]


def found(*verdicts, counts=(5, 6, 7)):
    figures = {
        "balked_share": {"mean": 0.01},
        "slot_fill": {"mean": 0.95},
        "access_days_mean": {"mean": 3.0},
    }
    return {
        f"template {count}": {
            "day_verdict": verdict,
            "day_verdict_reasons": [f"reason {count}"],
            "kpis": figures,
        }
        for count, verdict in zip(counts, verdicts, strict=True)
    }


@pytest.mark.parametrize(
    ("verdicts", "chosen"),
    [
        (("holds", "holds", "holds"), "template 7"),
        (("holds", "holds", "open"), "template 6"),
        (("holds", "does-not-hold", "holds"), "template 5"),  # nothing is judged after the first failure
        (("open", "holds", "holds"), None),
        (("does-not-hold", "open", "open"), None),
    ],
)
def test_the_search_ends_at_the_first_that_is_not_shown_to_hold(verdicts, chosen):
    way = study._chosen(ways(5, 6, 7), found(*verdicts))
    assert (None if way is None else way.name) == chosen


NOW = Way("derived grid", {"mon": tuple(range(6))}, 90.0)


def told(chosen, now_verdict, *verdicts):
    known = found(*verdicts) | {"derived grid": found(now_verdict, counts=(6,))["template 6"]}
    listed = ways(5, 6, 7)
    way = next((way for way in listed if way.name == chosen), None)
    return list(study._told(NOW, listed, way, known))


def test_what_is_said():
    said = told("template 7", "open", "holds", "holds", "holds")
    assert said[0] == "Book by the template with template 7: 7 starts a week instead of 6."
    assert said[1] == "With template 7, reason 7."
    assert said[-1] == (
        "New patients wait 3.0 days for the first infusion, with the derived grid 3.0; 1.0 % of them are turned "
        "away, with the derived grid 1.0 %."
    )
    said = told("template 5", "does-not-hold", "holds", "open", "open")
    assert said[0] == (
        "Book by the template with template 5. It has 5 starts a week, fewer than the 6 of the derived grid, which "
        "is not shown to keep the limits of the day."
    )
    said = told("template 5", "holds", "holds", "open", "open")
    assert said[0].startswith("Keep the derived grid: it has 6 starts a week and keeps")
    said = told(None, "holds", "open", "open", "open")
    assert said[0] == "Open: no template is shown to keep the limits of the day."
    assert said[2] == "The derived grid, with 6 starts a week, is shown to keep them."
    said = told(None, "open", "open", "open", "open")
    assert said[2].startswith("Nor is the derived grid")
    said = told("template 6", "open", "open", "open", "open")
    assert said[0] == "Open: the template with template 6 is not shown to keep the limits of the day."


# -- What is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "grid", "why"),
    [
        ("", 7, "--grid must divide an hour"),
        ("", 0, "--grid must divide an hour"),
        ("", -5, "--grid must divide an hour"),
        ("", 120, "--grid must divide an hour"),
        ('[booking]\nmode = "walk-in"', 5, "is a walk-in clinic"),
        (CHANGED, 5, "changes.2026-01-12 changes clinic"),
        ("[visit.steps.drip]\nminutes = 200", 5, "no visit can start on any day"),
        (shift(span="09:50-13:00"), 5, "no visit can start on any day"),
    ],
)
def test_what_has_no_template(text, grid, why):
    with pytest.raises(SimclinicError, match=why):
        template(clinic(PATIENT, STEPS, hours(), text), every=grid, on_paper=True)


def test_every_reason_at_once():
    scenario = clinic(PATIENT, STEPS, hours(), '[booking]\nmode = "walk-in"', CHANGED)
    with pytest.raises(SimclinicError) as error:
        template(scenario, every=7, on_paper=True)
    assert len(error.value.lines) == 3


def test_a_change_of_demand_is_no_other_plan(small):
    changed = replace(small, changes={"2026-01-12": {"demand.referrals_per_week": 3}})
    assert template(changed, every=10, slack="0", on_paper=True).document["answer"] == "no slack"
