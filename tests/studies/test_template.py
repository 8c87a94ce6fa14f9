"""The template study: what is simulated, what is chosen, what is said, what is refused."""

import copy
import json

import pytest

from simclinic.api import Clinic
from simclinic.errors import SimclinicError
from simclinic.measures.targets import targets_of_day
from simclinic.planning.slack import slacks
from simclinic.report.pages.template import is_good
from simclinic.report.text import template as words
from simclinic.scenario import replace
from simclinic.studies import template as study
from simclinic.studies.certify import Found
from simclinic.studies.folders.report import report
from simclinic.studies.run_options import RunOptions
from simclinic.studies.template import Way, first_confirmed, in_order, template
from tests.model.small import clinic

PATIENT = "[demand]\nreferrals = [2026-01-06T09:00:00]"
WEEK = ("mon", "tue", "wed", "thu", "fri")
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
    assert (document["chosen"], found.scenario, found.folder) == (None, None, None)
    # One nurse: each visit needs her for 20 minutes of two hours, and the last must begin by 9:00.
    names = [way["name"] for way in document["ways"]]
    assert names == ["no slack", "derived grid", "50 % slack", "100 % slack"]
    per_day = [len(way["days"][0]["starts"]) for way in document["ways"]]
    assert per_day == sorted(per_day, reverse=True)
    assert all(
        way["starts_per_week"] == 5 * count for way, count in zip(document["ways"], per_day, strict=True)
    )
    assert all(way["most_per_week"] == way["starts_per_week"] for way in document["ways"] if way["slacks"])
    assert all(way["settled"] for way in document["ways"] if way["slacks"])
    assert document["ways"][1]["settled"] is None
    assert document["hours"] == {}
    assert document["sheet"] == []


def test_one_slack_is_the_answer_and_its_starts_are_those_of_the_scenario(small):
    found = template(small, every=10, slack="20", on_paper=True)
    assert found.document["chosen"] == "20 % slack"
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
        ("no slack, 10 % slack", ["0", "10"], 15),
        ("60 % slack", ["60"], 0),
    ]


def test_of_equally_many_starts_more_slack_is_tried_first():
    # An hour each, in three hours: at 8:00, 9:00, 10:00. Of 78 minutes at 8:00 and 9:20, of 84 at 8:00 and 9:30.
    document = template(clinic(PATIENT, hours("11:00")), every=10, slack="0,30,40", on_paper=True).document
    assert [way["name"] for way in document["ways"]] == [
        "derived grid",
        "no slack",
        "40 % slack",
        "30 % slack",
    ]
    assert [way["starts_per_week"] for way in document["ways"]] == [45, 45, 30, 30]


def test_the_derived_grid_as_the_only_template(tmp_path):
    scenario = clinic(PATIENT, hours())
    found = template(scenario, every=60, slack="0", at_most=20, options=RunOptions(out=tmp_path / "out"))
    assert len(found.runs) == 1
    one, other = found.document["ways"]
    assert one["days"][0]["starts"] == other["days"][0]["starts"]
    assert one["kpis"] == other["kpis"]
    assert one["kpis"] is not None


def test_listed_starts_are_the_present_ones(small):
    listed = replace(small, booking={"starts": {"mon": ["08:00"]}})
    document = template(listed, every=10, slack="0", on_paper=True).document
    assert document["now"] == "listed starts"
    by_name = {way["name"]: way for way in document["ways"]}
    assert set(by_name) == {"listed starts", "derived grid", "no slack"}
    listed, grid = by_name["listed starts"], by_name["derived grid"]
    assert listed["days"][0]["starts"] == ["08:00"]
    assert listed["days"][1]["starts"] == grid["days"][1]["starts"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A patient a week, who comes on time and is treated as planned: every day holds with every template."""
    scenario = clinic(
        STEPS, hours(), "[run]\nweeks = 13", referrals=[(1 + 7 * week, 540) for week in range(13)]
    )
    options = RunOptions(out=tmp_path_factory.mktemp("template") / "out")
    return scenario, template(scenario, every=10, slack="0,10", options=options)


def test_the_fullest_of_a_clinic_whose_days_hold(whole):
    document = whole[1].document
    fullest, *others = document["ways"]
    assert (document["state"], document["chosen"]) == ("met", fullest["name"])
    # 1 of 3 candidates, at 2.5 % and with no late day in any replication: the gambler who stakes nearly all she has
    # multiplies her capital by nearly 1 / 0.9 in each, half of it hers; it takes 46 replications, and 60 is a look.
    [late, _] = fullest["targets"]
    assert (late["state"], late["mean"], fullest["replications"]) == ("met", 0.0, 60)
    assert 0 < late["upper"] <= 0.1
    tried = [way["name"] for way in others if way["state"] != "not tried"]
    assert tried == ([] if document["now"] == fullest["name"] else [document["now"]])
    assert any("of its starts are used" in sentence for sentence in document["answer"])


def test_the_error_is_divided_by_candidates_and_limits(whole):
    scenario, finished = whole
    ways = [Way(str(count), {"mon": tuple(range(count))}, 100.0) for count in (3, 2, 2, 1)]
    one = study._Study(scenario, None, ways[0], ways, None, 0.06, 200, 1.0)
    # Two of the four are the same; there are two limits.
    assert one.rule.confirm == pytest.approx(0.03 / 3)
    assert one.rule.exclude == pytest.approx(0.03 / 3 / 2)
    assert finished.document["alpha"] == 0.05


def test_what_is_stored_is_what_is_shown(whole):
    _, finished = whole
    assert json.loads((finished.folder / "summary.json").read_text()) == finished.document
    rows = (finished.folder / "summary.csv").read_text().splitlines()
    assert rows[0] == ",".join(words.COLUMNS)
    tried = [way for way in finished.document["ways"] if way["state"] != "not tried"]
    assert len(rows) == 1 + 2 * len(tried) + len(finished.document["ways"]) - len(tried)


def test_its_report(whole):
    html = report(whole[1].folder).read_text(encoding="utf-8")
    for said_there in (
        "Which start times let most visits begin",
        "Ways to book and limits of the day",
        "08:00",
    ):
        assert said_there in html
    tried = sum(way["state"] != "not tried" for way in whole[1].document["ways"])
    many = "1 way," if tried == 1 else f"{tried} ways,"
    assert f"Points of Days that run late for {many}" in html


def test_an_answer_with_which_a_queue_grows_is_no_good_news(whole):
    document = copy.deepcopy(whole[1].document)
    assert is_good(document)
    for way in document["ways"]:
        way["verdict"] = "not-stable"
    assert not is_good(document)


def test_it_is_the_same_in_python(whole, tmp_path):
    scenario, finished = whole
    found = Clinic(scenario).template(grid=10, slack="0,10", out=tmp_path / "out")
    assert found.document == finished.document
    assert found.starts == {day["weekday"]: day["starts"] for day in finished.document["ways"][0]["days"]}
    assert list(found.sheet["time"]) == [line["time"] for line in finished.document["sheet"]]
    late = found.ways.loc[(finished.document["chosen"], "overtime_day_share")]
    assert (late["state"], late["mean"]) == ("meets", 0.0)


def test_resumed_it_is_the_same(whole):
    scenario, finished = whole
    again = template(scenario, every=10, slack="0,10", options=RunOptions(out=finished.folder))
    assert again.document == finished.document


def test_days_that_run_late_exclude_a_way(tmp_path):
    # Listed starts give two patients the same hour of the only chair, the hour before closing: one in two waits
    # for an hour, and one day in five runs late.
    scenario = clinic(
        hours("09:00"),
        "[run]\nweeks = 4\n[booking.starts]\n" + "".join(f"{day} = ['08:00', '08:00']\n" for day in WEEK),
        referrals=[(7 * week, 540) for week in range(4) for _ in range(2)],
    )
    scenario = replace(scenario, clinic={"chairs": 1})
    steps = []
    options = RunOptions(out=tmp_path / "out", watch=steps.append)
    found = template(scenario, every=60, slack="0", options=options).document
    by_name = {way["name"]: way for way in found["ways"]}
    assert by_name["no slack"]["state"] == "meets"
    late = {each["figure"]: each for each in by_name["listed starts"]["targets"]}["started_on_time_share"]
    assert (late["state"], by_name["listed starts"]["state"]) == ("missed", "misses")
    assert late["mean"] == pytest.approx(0.5)
    assert steps[0].says == "The fullest days are computed: no slack, 1 of 1."
    assert [step.most for step in steps[1:]] == [400, 200][: len(steps) - 1]
    assert steps[-1].says == "A way to book is being simulated: listed starts, 10 starts a week."
    assert steps[-1].settled == (("derived grid", "meets", ()),)


# -- The limits of the day -----------------------------------------------------------------------------------


def test_the_limits_are_those_of_the_day():
    scenario = clinic(
        PATIENT,
        '[targets]\naccess_days_p90 = "<= 10"\nwait_minutes_mean = "<= 5"\novertime_day_share = "<= 0.02"\n'
        "overtime_minutes_per_day = { at_most = 7, in = 0.8 }",
    )
    found = {target.figure: target for target in targets_of_day(scenario)}
    assert list(found)[:2] == ["overtime_day_share", "started_on_time_share"]
    assert set(found) == {
        *("overtime_day_share", "started_on_time_share", "wait_minutes_mean", "overtime_minutes_per_day")
    }
    assert (found["overtime_day_share"].at_most, found["overtime_day_share"].limit) == (True, 0.02)
    assert (found["started_on_time_share"].at_most, found["started_on_time_share"].limit) == (False, 0.85)
    assert found["overtime_minutes_per_day"].years == 0.8
    # Without targets, the two usual limits.
    assert [target.limit for target in targets_of_day(clinic(PATIENT))] == [0.1, 0.85]


# -- The choice --------------------------------------------------------------------------------------------


def way(count, slack="0", minutes=100.0):
    present = not slack
    return Way(
        f"way {count}{slack}",
        {"mon": tuple(range(count))},
        minutes,
        None if present else object(),
        slacks(slack) if slack else (),
    )


def test_the_fullest_first_then_the_present_then_most_slack():
    ways = [way(5), way(6, "10", 110.0), way(6, "20", 120.0), way(6, ""), way(7)]
    assert [each.name for each in in_order(ways)] == ["way 70", "way 6", "way 620", "way 610", "way 50"]


@pytest.mark.parametrize(
    ("states", "chosen", "tried"),
    [
        (("confirmed", "confirmed", "confirmed"), 7, 1),
        (("missed", "confirmed", "confirmed"), 6, 2),
        (("missed", "open", "confirmed"), 5, 3),
        (("missed", "open", "missed"), None, 3),
    ],
)
def test_the_search_ends_at_the_first_that_is_confirmed(states, chosen, tried):
    ways, seen = [way(7), way(6), way(5)], []

    def found(each):
        seen.append(each)
        return Found(states[len(seen) - 1], True, ())

    answer = first_confirmed(ways, found)
    assert (None if answer is None else answer.count) == chosen
    assert len(seen) == tried


@pytest.mark.parametrize(
    ("states", "said"), [(("missed", "missed"), "missed"), (("missed", "open"), "open"), ((), "on-paper")]
)
def test_without_an_answer_all_are_excluded_or_it_is_open(states, said):
    found = {((place,),): Found(state, True, ()) for place, state in enumerate(states)}
    assert study._state(None, study.Trial(found, dict.fromkeys(found))) == said


# -- What is said ------------------------------------------------------------------------------------------


def limit(state, mean, lower, upper):
    return {"figure": "overtime_day_share", "state": state, "mean": mean, "lower": lower, "upper": upper}


FOUND = {
    "meets": limit("met", 0.04, 0.02, 0.08),
    "misses": limit("missed", 0.3, 0.2, 0.4),
    "open": limit("open", 0.1, 0.05, 0.15),
    "borderline": limit("borderline", 0.1, 0.096, 0.104),
}


def said(states, chosen, now="derived grid", asked=False, state=None, away=0.01, **more):
    figures = {"balked_share": {"mean": away}, "slot_fill": {"mean": 0.95}, "access_days_mean": {"mean": 3.0}}
    ways = [
        {
            "name": name,
            "slacks": ["0"] if "slack" in name else [],
            "starts_per_week": count,
            "state": found,
            "misses": ["overtime_day_share"] if found == "misses" else [],
            "targets": [] if found == "not tried" else [FOUND[found]],
            "verdict": "stable",
            "kpis": None if found == "not tried" else figures,
        }
        for (name, count), found in zip(WAYS, states, strict=True)
    ]
    document = {
        "state": state or ("met" if chosen else "open"),
        "alpha": 0.05,
        "at_most": 200,
        "first_visit_share": 0.2,
        "now": now,
        "chosen": chosen,
        "asked": asked,
        "others": [],
        "targets": [
            {
                "figure": "overtime_day_share",
                "by": "overtime_day_share",
                "at_most": True,
                "limit": 0.1,
                "in_years": False,
                "guard": True,
                "told": "Days that run late: at most 10 %",
            }
        ],
        "ways": ways,
    }
    return words.answer(document | more)


WAYS = (("no slack", 70), ("derived grid", 60), ("10 % slack", 50))


def test_what_is_said_of_the_fullest():
    first, kept, sure, patients = said(("meets", "misses", "not tried"), "no slack")
    assert (
        first == "Book by the template with no slack: 70 starts a week, instead of 60 with the derived grid."
    )
    assert kept == "With it, 4.00 % of days run late (surely below 8.00 %)."
    assert sure == (
        "With 95 % confidence it keeps the limits of the day, and no other way to book listed is fuller; this "
        "covers the 3 ways to book listed, if the inputs are right."
    )
    assert patients == (
        "New patients wait 3.0 days for the first infusion, with the derived grid 3.0; 1.0 % of them are turned "
        "away, with the derived grid 1.0 %."
    )


def test_that_nobody_is_turned_away_is_said_so():
    *_, patients = said(("meets", "misses", "not tried"), "no slack", away=0.0)
    assert patients.endswith("with the derived grid 3.0; in the simulation nobody is turned away.")


def test_what_is_said_of_a_limit_in_most_years():
    asked = {
        "at_most": False,
        "limit": 0.8,
        "in_years": True,
        "told": "Late days: at most 10 %, in 80 % of years",
    }
    found = {"state": "met", "mean": 0.95, "lower": 0.9, "upper": 0.97}
    document = {"targets": [{"figure": "overtime_day_share", "by": "overtime_day_share"} | asked]}
    said = words._kept(document, {"targets": [found]})
    assert (
        said
        == "95.0 % of replications keep “Late days: at most 10 %, in 80 % of years” (surely above 90.0 %)"
    )
    said = words.missed(document, {"targets": [found | {"state": "missed"}]})
    assert said == "“Late days: at most 10 %, in 80 % of years” (95.0 % of replications)"


def test_what_is_said_of_the_present_starts():
    answer = said(("misses", "meets", "not tried"), "derived grid")
    assert answer[0] == "Keep the derived grid: it has 60 starts a week, and its days keep their limits."
    assert answer[2].startswith(
        "With 95 % confidence it keeps the limits of the day and the fuller one does not;"
    )
    assert answer[3] == (
        "The template with no slack, with 70 starts a week, misses “Days that run late: at most 10 %” (30.0 %)."
    )


def test_what_is_said_of_fuller_ones():
    answer = said(("misses", "misses", "meets"), "10 % slack")
    assert (
        answer[0]
        == "Book by the template with 10 % slack: 50 starts a week, instead of 60 with the derived grid."
    )
    assert "and none of the 2 fuller ones does" in answer[2]
    assert answer[3].startswith("The derived grid, with 60 starts a week, misses")
    answer = said(("open", "borderline", "meets"), "10 % slack")
    assert (
        "No fuller way is shown to do, but not all are excluded (the template with no slack and the derived grid; "
        "--at-most allows more replications)" in answer[2]
    )


def test_ways_that_are_as_full_as_the_answer_are_not_fuller():
    ways = [{"name": name, "starts_per_week": count} for name, count in (("a", 70), ("b", 60), ("c", 60))]
    assert words.before({"ways": ways}, ways[2]) == ways[:1]


def test_what_is_said_where_none_is_shown():
    answer = said(("misses", "open", "open"), None)
    assert answer[0] == "Open: no way to book is shown to keep the limits of the day."
    assert answer[1].startswith("Not excluded: the derived grid and the template with 10 % slack. After 200")
    answer = said(("misses", "misses", "misses"), None, state="missed")
    assert answer[0] == (
        "None of the 3 ways to book listed keeps the limits of the day, with 95 % confidence, if the inputs are "
        "right."
    )
    assert "More slack may do" in answer[1]


def test_what_is_said_of_one_that_was_asked_for():
    answer = said(("misses", "meets", "not tried"), "no slack", asked=True, state="missed")
    assert answer[0].startswith("Do not book by the template with no slack")
    assert answer[1].startswith("It misses “Days that run late: at most 10 %” (30.0 %), with 95 % confidence")
    answer = said(("open", "meets", "not tried"), "no slack", asked=True, state="open")
    assert answer[0].startswith("Open: the template with no slack is not shown to keep")
    answer = said(("meets", "meets", "not tried"), "no slack", asked=True, state="met")
    assert answer[0].startswith("Book by the template with no slack: 70 starts")


def test_other_targets_are_named():
    others = [
        {"told": "At least 90 % begin", "state": "missed", "guard": False},
        {"told": "Turned away", "state": "missed", "guard": True},
    ]
    answer = said(("meets", "misses", "not tried"), "no slack", others=others)
    assert answer[-1] == (
        "Of the other targets, which are judged one by one at 95 %, it is shown to miss “At least 90 % begin”."
    )


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
        template(scenario, every=7, slack="x,10", on_paper=True, alpha=0.0, at_most=3)
    assert len(error.value.lines) == 6


def test_a_change_of_demand_is_no_other_plan(small):
    changed = replace(small, changes={"2026-01-12": {"demand.referrals_per_week": 3}})
    assert template(changed, every=10, slack="0", on_paper=True).document["chosen"] == "no slack"
