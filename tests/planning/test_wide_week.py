"""A week of a clinic with two types of visit, small enough to be counted by hand."""

from pathlib import Path
from textwrap import dedent

import pytest

from simclinic.planning import Timetable
from simclinic.planning.capacity import capacity_on_paper
from simclinic.planning.demand import demand
from simclinic.planning.known_cost import known_cost
from simclinic.planning.load import (
    load_by_resource,
    load_of_demand,
    load_on_paper,
    roles_there,
    starts_a_week,
    starts_by_weekday,
)
from simclinic.planning.visit_plans import VisitPlans
from simclinic.scenario import from_toml, load, replace
from simclinic.studies.advice import advice
from tests.model.small import clinic
from tests.model.small import simulated as run

SCENARIOS = Path(__file__).parents[2] / "scenarios"

# One chair, Monday and Tuesday from 8 to 12. An infusion takes an hour, a long visit two; the latter needs a
# prescriber on the premises, who is there on Tuesday. Each week two patients ask for one of each.
TWO_DAYS = """
[clinic.hours]
mon = "08:00-12:00"
tue = "08:00-12:00"
[demand]
referrals_per_week = 4
[demand.weekday_weights]
mon = 1
[demand.protocol_mix]
once = 0.5
longer = 0.5
[protocols.once]
infusions = 1
[protocols.longer]
infusions = 1
visit = "long"
[visits.long.steps.treatment]
minutes = 120
claims = { prescriber = "on-site" }
[roles.prescriber]
hour = 150
on_costs = 1.2
[shifts.day]
days = ["mon", "tue"]
hours = "08:00-12:00"
nurses = 1
[shifts.doctor]
days = ["tue"]
hours = "08:00-12:00"
role = "prescriber"
number = 1
"""


def on_paper(*texts):
    return next(capacity_on_paper(clinic(TWO_DAYS, *texts)))


def test_the_week_is_filled_in_the_proportion_asked_for():
    """Monday takes four infusions; on Tuesday both starts go to long visits, of which none has been given."""
    plan = on_paper()
    assert [day["starts"] for day in plan["weekdays"][:2]] == [4, 2]
    assert plan["starts_per_week"] == 6
    assert plan["by_visit"] == {
        "infusion": {"asked": pytest.approx(2.0), "offered": 4},
        "long": {"asked": pytest.approx(2.0), "offered": 2},
    }
    assert [day["staff"] for day in plan["weekdays"][:2]] == [
        {"nurse": 1, "prescriber": 0},
        {"nurse": 1, "prescriber": 1},
    ]
    assert starts_by_weekday(clinic(TWO_DAYS)) == {0: (480.0, 540.0, 600.0, 660.0), 1: (480.0, 600.0)}


def test_a_role_is_there_for_a_part_of_the_opening_hours():
    """The prescriber is there on Tuesday from 9 to 14; the clinic, on both days from 8 to 12."""
    scenario = clinic(TWO_DAYS.replace('hours = "08:00-12:00"\nrole', 'hours = "09:00-14:00"\nrole'))
    assert roles_there(scenario) == {"prescriber": pytest.approx(3 / 8)}
    assert roles_there(clinic()) == {}


def test_a_type_that_is_hardly_asked_for_has_a_start():
    """One in a thousand patients has the long visit: a week would have none in proportion."""
    plan = on_paper("[demand.protocol_mix]\nonce = 0.999\nlonger = 0.001\n")
    assert {name: each["offered"] for name, each in plan["by_visit"].items()} == {"infusion": 6, "long": 1}


def test_one_more_of_each():
    """A second chair doubles the week; another prescriber adds nothing, and nor does a nurse."""
    more = on_paper()["one_more"]
    assert more["chair"] == 6
    assert more["nurses"] == {"day": 0}
    assert more["staff"] == {"prescriber": {"doctor": 0}}


HANDS = """
[clinic]
chairs = 2
[booking]
start_every_minutes = 30
[places.room]
number = 1
[visits.long.steps.check]
minutes = 60
place = "room"
claims = { prescriber = "hands-on" }
[visits.long.steps.treatment]
minutes = 60
[demand.protocol_mix]
longer = 1.0
"""


def test_other_places_and_roles_run_out():
    """Each visit begins with an hour with the prescriber in the one room: on Tuesday at 8, 9 and 10."""
    plan = on_paper(HANDS)
    assert [day["starts"] for day in plan["weekdays"][:2]] == [0, 3]
    at_nine = next(hour for hour in plan["hours"] if (hour["weekday"], hour["hour"]) == ("tue", 9))
    assert at_nine["chairs"]["used"] == 1.0
    assert at_nine["others"]["places:room"] == {"used": 1.0, "offered": 1.0, "full": 1.0}
    assert at_nine["others"]["hands:prescriber"] == {"used": 1.0, "offered": 1.0, "full": 1.0}
    more = plan["one_more"]
    assert (more["staff"]["prescriber"]["doctor"], more["places"]["room"]) == (
        0,
        0,
    )  # each is short of the other
    both = on_paper(HANDS, "[places.room]\nnumber = 2\n")["one_more"]
    assert both["staff"]["prescriber"]["doctor"] == 3
    assert plan["bottleneck"] in ("places:room", "hands:prescriber")


def test_a_role_that_is_away_is_short_only_for_visits_that_take_it():
    """On Monday there is no prescriber, whom infusions do not need: the one chair is full. On Tuesday both are."""
    plan = on_paper('[visits.long.steps.treatment]\nminutes = 120\nclaims = { prescriber = "hands-on" }\n')
    monday, tuesday = (
        next(hour for hour in plan["hours"] if (hour["weekday"], hour["hour"]) == (day, 9))
        for day in ("mon", "tue")
    )
    assert monday["others"]["hands:prescriber"] == {"used": 0.0, "offered": 0.0, "full": 0.0}
    assert (monday["tightest"], plan["bottleneck"]) == ("chairs", "chairs")
    assert tuesday["others"]["hands:prescriber"]["full"] == 1.0
    # Where every visit takes the prescriber, nobody can begin without one.
    away = next(hour for hour in on_paper(HANDS)["hours"] if hour["weekday"] == "mon")
    assert away["others"]["hands:prescriber"] == {"used": 0.0, "offered": 0.0, "full": 1.0}


def test_the_load_is_that_of_the_scarcest_type():
    """Four of six starts are asked for, but both long visits that fit."""
    assert load_on_paper(clinic(TWO_DAYS)) == pytest.approx(1.0)
    few = clinic(TWO_DAYS, "[demand.protocol_mix]\nonce = 1.0\nlonger = 0.0\n")
    assert load_on_paper(few) == pytest.approx(4 / 8)


def test_a_holiday_leaves_fewer_starts():
    """One Tuesday of two is closed: half of the long visits fit."""
    closed = clinic(TWO_DAYS, "[clinic]\nclosed_on = [2026-01-06]\n")
    open_ = load_on_paper(clinic(TWO_DAYS))
    assert load_on_paper(closed) > open_


def test_a_walk_in_clinic_is_bounded_by_the_time_of_the_scarcest():
    """Eight hours of the chair hold 480 / 90 visits of an hour and two hours in equal parts."""
    plan = on_paper('[booking]\nmode = "walk-in"\n')
    assert plan["visits_at_most"] == pytest.approx(480 / 90)
    assert plan["one_more"]["chair"] == pytest.approx(480 / 90)
    scenario = clinic(TWO_DAYS, '[booking]\nmode = "walk-in"\n')
    shares = load_by_resource(scenario, plan, 2.0)
    assert shares["chairs"] == pytest.approx(2 * 90 / 480)


def test_another_place_is_another_plan():
    """Plans of a sweep that share their starts are not mixed up with others."""
    doctors = {"doctor": {"nurses": 2}}
    one, two = (
        replace(clinic(TWO_DAYS, HANDS), places={"room": {"number": number}}, shifts=doctors)
        for number in (1, 2)
    )
    assert load_on_paper(one) == pytest.approx(2 * load_on_paper(two))


def test_roles_are_paid_their_own_wage():
    """Four hours a week of a prescriber at 150, and a fifth more."""
    scenario = clinic(TWO_DAYS)
    without = replace(scenario, roles={"prescriber": {"hour": 0}})
    assert known_cost(scenario).nurse_hours == 8.0
    assert known_cost(scenario).per_week - known_cost(without).per_week == pytest.approx(4 * 150 * 1.2)


ALL_DAY = """
name = "One of each"
[clinic]
chairs = 9
[clinic.hours]
mon = "08:00-12:00"
[demand]
referrals_per_week = 4
[protocols.once]
infusions = 1
[shifts.day]
days = ["mon"]
hours = "08:00-12:00"
nurses = 9
[demand.protocol_mix]
"""
MIX = {"places": "once = 0.5\ntalk = 0.5\n"}
PRESCRIBER = """
            [roles.prescriber]
            hour = 150
            [shifts.prescriber]
            days = ["mon"]
            hours = "08:00-12:00"
            role = "prescriber"
            number = 1
"""


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (
            "places:room",
            """
            [places.bath]
            number = 9
            [places.room]
            number = 1
            [visit.steps]
            wash = { minutes = 15, place = "bath" }
            talk = { minutes = 60, place = "room" }
            """,
        ),
        (
            "staff:prescriber",
            """
            [visit.steps]
            talk = { minutes = 60, claims = { technician = "hands-on", prescriber = "hands-on" } }
            [roles.technician]
            hour = 50
            [roles.prescriber]
            hour = 150
            [shifts.technician]
            days = ["mon"]
            hours = "08:00-12:00"
            role = "technician"
            number = 9
            [shifts.prescriber]
            days = ["mon"]
            hours = "08:00-12:00"
            role = "prescriber"
            number = 1
            """,
        ),
        (
            # one more of either adds the same start: it is not said which runs out
            "places",
            """
            [places.bath]
            number = 1
            [places.room]
            number = 1
            [visit.steps]
            wash = { minutes = 60, place = "bath" }
            [visits.talk.steps]
            talk = { minutes = 60, place = "room" }
            [protocols.talk]
            infusions = 1
            visit = "talk"
            """,
        ),
        (
            # four visits of an hour fill the room and the prescriber: one more of one has nobody, or nowhere to be
            "several:room and prescriber",
            f"""
            [places.bath]
            number = 9
            [places.room]
            number = 1
            [visit.steps]
            talk = {{ minutes = 60, place = "room", claims = {{ prescriber = "hands-on" }} }}
            wash = {{ minutes = 0, place = "bath" }}
            {PRESCRIBER}
            """,
        ),
        (
            "several:room and nurses",
            """
            [places.room]
            number = 1
            [visit.steps]
            talk = { minutes = 60, place = "room", claims = { nurse = "hands-on" } }
            """,
        ),
        (
            "several:bath and room",
            """
            [places.bath]
            number = 1
            [places.room]
            number = 1
            [visit.steps]
            wash = { minutes = 60, place = "bath" }
            talk = { minutes = 60, place = "room" }
            """,
        ),
        (
            # three places have to be added: no two help
            "several",
            """
            [places.bath]
            number = 1
            [places.hall]
            number = 1
            [places.room]
            number = 1
            [visit.steps]
            wash = { minutes = 60, place = "bath" }
            talk = { minutes = 60, place = "room" }
            rest = { minutes = 60, place = "hall" }
            """,
        ),
        (
            # a visit is longer than the day: nothing but longer hours adds one
            "hours",
            """
            [places.bath]
            number = 1
            [visit.steps]
            wash = { minutes = 300, place = "bath" }
            """,
        ),
    ],
)
def test_what_limits_a_day_has_its_own_name(limit, text):
    shares = MIX.get(limit, "once = 1.0\n")
    clinic_of_it = ALL_DAY.replace("nurses = 9", "nurses = 1") if "nurses" in limit else ALL_DAY
    plan = next(capacity_on_paper(from_toml(f"{clinic_of_it}{shares}{dedent(text)}")))
    assert plan["weekdays"][0]["limit"] == limit


def test_the_starts_of_a_day_are_those_of_its_week():
    # Four short visits are asked for with one that takes the whole day. Monday takes four short ones, Tuesday the
    # long one: five starts a week, although a Tuesday by itself would have four, too.
    rare = {"once": 0.8, "longer": 0.2}
    scenario = replace(
        clinic(TWO_DAYS.replace("minutes = 120", "minutes = 240")), demand={"protocol_mix": rare}
    )
    timetable = Timetable(scenario)
    planned = {
        timetable.calendar.weekday[day]: len(grid.starts)
        for day, grid in enumerate(timetable.grids)
        if grid is not None
    }
    assert planned == {0: 4, 1: 1}
    assert starts_a_week(scenario) == next(capacity_on_paper(scenario))["starts_per_week"] == 5
    # The load is that of the chair: 4 × 60 and 240 minutes of 480, for each long visit that is asked for.
    [long] = [
        each["asked"]
        for name, each in next(capacity_on_paper(scenario))["by_visit"].items()
        if name == "long"
    ]
    assert load_on_paper(scenario) == pytest.approx(long)


@pytest.mark.parametrize("name", ["iv-and-esketamine", "consult-days", "day-hospital"])
def test_the_days_of_a_simulation_have_the_starts_of_the_week_on_paper(name):
    scenario = load(SCENARIOS / f"{name}.toml")
    starts = sum(len(grid.starts) for grid in Timetable(scenario).grids[:7] if grid is not None)
    assert starts == next(capacity_on_paper(scenario))["starts_per_week"] == starts_a_week(scenario)


def test_a_step_of_years_is_planned_at_once():
    claim = 'minutes = 120\nclaims = { prescriber = "on-site" }'
    assert claim in TWO_DAYS
    years = clinic(TWO_DAYS.replace(claim, "minutes = 1e6"))
    [kind] = [plan for plan in VisitPlans(years).plans if plan.patient_minutes > 1e5]
    assert {(use.start, use.end, use.amount) for use in kind.uses} == {(0, 1_000_000, 1)}


# Monday and Tuesday as above, and Wednesday, which is like Tuesday. Monday has hours in every second week.
MONDAYS = TWO_DAYS.replace(
    'mon = "08:00-12:00"',
    'mon = { hours = "08:00-12:00", every = 2, from = 2026-01-10 }\nwed = "08:00-12:00"',
).replace('"tue"]', '"tue", "wed"]')
EIGHT = "[run]\nweeks = 8"


def starts_of(plan, weekday):
    return [
        (day["starts"], day["of_weeks"])
        for day in plan["weekdays"]
        if day["weekday"] == weekday and day["starts"]
    ]


@pytest.mark.parametrize("types", ["open", "typed"])
def test_the_starts_of_a_day_depend_on_its_week(types):
    """With Monday's four infusions, Tuesday and Wednesday have two long visits each; without it, this.

    An open book fills Tuesday with an infusion, a long visit, an infusion, and Wednesday with a long visit and two
    infusions: six starts. Divided beforehand, these are three of each. Tuesday gets a long visit and an infusion
    at 10:00, Wednesday both other long visits, which leaves one hour on Tuesday: five starts.
    """
    scenario = clinic(MONDAYS, EIGHT, f'[booking]\ntypes = "{types}"')
    (plan,) = capacity_on_paper(scenario)
    table = run(scenario).days["starts"].reshape(8, 7)
    without = 3 if types == "open" else 2
    assert table.tolist() == [[4, 2, 2, 0, 0, 0, 0], [0, 3, without, 0, 0, 0, 0]] * 4
    assert starts_of(plan, "mon") == [(4, 0.5)]
    assert starts_of(plan, "tue") == [(3, 0.5), (2, 0.5)]
    assert starts_of(plan, "wed") == ([(3, 0.5), (2, 0.5)] if types == "open" else [(2, 1)])
    assert plan["starts_per_week"] == table.sum() / 8
    assert plan["by_visit"]["long"]["offered"] == (3 if types == "open" else 3.5)
    assert "with_holidays" not in plan


def test_one_more_is_a_mean_over_the_kinds_of_weeks():
    """One more chair in every week is the second chair of another clinic."""
    (plan,) = capacity_on_paper(clinic(MONDAYS, EIGHT))
    (larger,) = capacity_on_paper(clinic(MONDAYS, EIGHT, "[clinic]\nchairs = 2"))
    assert plan["one_more"]["chair"] == larger["starts_per_week"] - plan["starts_per_week"]


def test_holidays_are_left_out_and_counted_beside():
    """Two weeks of eight are closed, but for the Monday of one, which is off."""
    scenario = clinic(MONDAYS, EIGHT, '[clinic]\nclosed_on = ["2026-01-12/2026-01-21"]')
    (plan,) = capacity_on_paper(scenario)
    table = run(scenario).days["starts"].reshape(8, 7)
    assert table.sum() == 3 * 8 + 3 * 6
    assert starts_of(plan, "mon") == [(4, 3 / 7)]
    assert (plan["with_holidays"]["closed"], plan["with_holidays"]["usual"]) == (2 + 3, 4 + 8 + 8)
    assert plan["with_holidays"]["starts_per_week"] == table.sum() / 8
    simple = clinic(EIGHT, '[clinic]\nchairs = 1\nclosed_on = ["2026-01-12/2026-01-18"]')
    (plan,) = capacity_on_paper(simple)
    assert (plan["with_holidays"]["closed"], plan["with_holidays"]["usual"]) == (5, 5 * 8)
    assert (plan["starts_per_week"], plan["with_holidays"]["starts_per_week"]) == (45, 45 * 7 / 8)


def test_a_holiday_changes_no_other_day_of_its_week():
    """The prescriber is there on every second Monday; the third Monday, a holiday, is one of these."""
    shift = '[shifts.doctor]\ndays = ["tue"]'
    assert shift in TWO_DAYS
    monday = '[shifts.early]\ndays = ["mon"]\nhours = "08:00-12:00"\nrole = "prescriber"\nnumber = 1\n'
    text = TWO_DAYS + monday + "every = 2\nfrom = 2026-01-05\n"
    table = run(clinic(text, "[run]\nweeks = 4")).days["starts"].reshape(4, 7)
    # Monday: infusion, long, infusion; Tuesday: long, infusion, infusion. In other weeks four, and two long ones.
    assert table[:, :2].tolist() == [[3, 3], [4, 2]] * 2
    third = Timetable(clinic(text, "[run]\nweeks = 4", "[clinic]\nclosed_on = [2026-01-19]")).grids[14:16]
    # By itself Tuesday would have the long visit second, as the first Monday has.
    assert [None if grid is None else grid.starts for grid in third] == [None, (480.0, 600.0, 660.0)]


def test_a_plan_is_shown_by_its_whole_weeks():
    """A second chair comes on the second Tuesday; Wednesday is like Tuesday.

    With two chairs on Monday, too, eight infusions come first, and all other starts are long visits. In the week of
    the change Tuesday's four long visits make up for Monday's four infusions, so that Wednesday has both.
    """
    text = TWO_DAYS.replace("[demand]", 'wed = "08:00-12:00"\n[demand]', 1).replace('"tue"]', '"tue", "wed"]')
    scenario = clinic(text, EIGHT, "[changes.2026-01-13.clinic]\nchairs = 2\n")
    table = run(scenario).days["starts"].reshape(8, 7)
    assert table[:3, :3].tolist() == [[4, 2, 2], [4, 4, 6], [8, 4, 4]]
    assert [plan["starts_per_week"] for plan in capacity_on_paper(scenario)] == [4 + 2 + 2, 8 + 4 + 4]


def test_a_plan_of_the_last_days_is_shown_by_the_days_that_follow():
    """A second chair from the last Friday on: its week is one with two chairs on all days."""
    scenario = clinic("[changes.2026-01-16.clinic]\nchairs = 2\n")
    first, second = capacity_on_paper(scenario)
    assert (first["starts_per_week"], second["starts_per_week"]) == (45, 90)


@pytest.mark.parametrize("mode", ["booked", "walk-in"])
def test_a_clinic_without_new_patients_carries_what_it_carries(mode):
    """Nobody is referred, as in a forecast of today's patients alone: the week has the same mix of visits."""
    rule = f'[booking]\nmode = "{mode}"\n'
    nobody = clinic(TWO_DAYS, rule, "[demand]\nreferrals_per_week = 0\n")
    some, none = (next(capacity_on_paper(each)) for each in (clinic(TWO_DAYS, rule), nobody))
    for name in ("starts_per_week", "visits_at_most", "one_more", "hours"):
        assert none[name] == some[name]
    assert load_on_paper(nobody) == 0
    # Its own demand is none; four starts a week of others are as much of the week as where they are the clinic's.
    four = {"referrals": 0.0, "series": 0.0, "induction": 0.0, "boosters": 4.0, "starts": 4.0}
    assert load_of_demand(nobody, four) == pytest.approx(load_on_paper(clinic(TWO_DAYS, rule)))
    if mode == "booked":
        assert none["by_visit"]["long"] == {"asked": 0.0, "offered": some["by_visit"]["long"]["offered"]}
        said = advice(nobody, [none], demand(nobody))
        assert not any("no visit can start" in each for each in said)


def test_a_clinic_that_accepts_nobody_is_no_error():
    refused = clinic(TWO_DAYS, '[booking]\nmode = "walk-in"\n[intake]\naccepts = 0\n')
    assert next(capacity_on_paper(refused))["visits_at_most"] >= 0
