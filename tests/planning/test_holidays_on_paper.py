"""Capacity and load on paper with days in `closed_on`, counted by hand."""

import datetime as dt

import pytest

from simclinic.planning.capacity import capacity_on_paper
from simclinic.planning.demand import demand
from simclinic.planning.load import load_by_resource, load_on_paper, starts_a_week
from simclinic.report.text.bottleneck import load_sentence
from simclinic.report.text.check import check_table
from simclinic.report.text.run import _limits
from simclinic.report.text.table import Console
from simclinic.scenario import from_toml, replace
from simclinic.studies.advice import advice
from simclinic.studies.bottleneck import leave_of
from simclinic.studies.check import checked
from simclinic.web.paper import papers
from tests.model.small import clinic
from tests.planning.plans import ONE_CHAIR
from tests.planning.test_wide_week import TWO_DAYS

# Four starts on Mondays and three on Wednesdays, for two weeks; Monday the 5th is a holiday.
CLOSED = ONE_CHAIR.replace("chairs = 1", "chairs = 1\nclosed_on = [2026-01-05]")
WALK_IN = '[booking]\nmode = "walk-in"\n'


def plan_of(scenario):
    return next(capacity_on_paper(scenario))


def _advice(scenario):
    return list(advice(scenario, list(capacity_on_paper(scenario)), demand(scenario)))


def shown(*parts):
    console = Console(width=80, no_color=True)
    with console.capture() as screen:
        for part in parts:
            console.print(part)
    return " ".join(screen.get().split())


def test_starts_a_week_are_a_mean_over_the_days_that_are_left():
    scenario = from_toml(CLOSED)
    plan = plan_of(scenario)
    every = plan["with_holidays"]
    assert plan["starts_per_week"] == 7
    assert (every["closed"], every["usual"], every["visits_at_most"]) == (1, 4, None)
    assert every["starts_per_week"] == starts_a_week(scenario) == (4 + 3 + 3) / 2
    assert every["open"] == {day: 0.5 if day == "mon" else 1.0 for day in every["open"]}


def test_a_clinic_without_holidays_in_these_weeks_has_no_such_figures():
    later = ONE_CHAIR.replace("chairs = 1", 'chairs = 1\nclosed_on = ["2026-01-19", "01-06"]')  # a Tuesday
    assert "with_holidays" not in plan_of(from_toml(later))


def test_weeks_that_differ_and_holidays_together():
    # Mondays every second week, from the 5th on: of eight, four; two of these are holidays.
    text = ONE_CHAIR.replace(
        'mon = "08:00-12:00"', 'mon = { hours = "08:00-12:00", every = 2, from = 2026-01-05 }'
    )
    text = text.replace("weeks = 2", "weeks = 8")
    text = text.replace("chairs = 1", 'chairs = 1\nclosed_on = ["2026-01-05/2026-01-06", "2026-02-02"]')
    scenario = from_toml(text)
    every = plan_of(scenario)["with_holidays"]
    assert (every["closed"], every["usual"]) == (2, 4 + 8)
    assert every["starts_per_week"] == pytest.approx((2 * 4 + 8 * 3) / 8)
    assert every["starts_per_week"] == pytest.approx(starts_a_week(scenario))


def test_the_time_that_a_walk_in_clinic_offers():
    # Of 450 minutes a week, 240 are those of Monday. A visit takes an hour of the chair.
    scenario = from_toml(CLOSED + WALK_IN)
    plan = plan_of(scenario)
    assert plan["visits_at_most"] == pytest.approx(7.5)
    assert plan["with_holidays"]["visits_at_most"] == pytest.approx((120 + 210) / 60)
    assert load_by_resource(scenario, plan, 2.0)["chairs"] == pytest.approx(120 / 330)
    usual = from_toml(ONE_CHAIR + WALK_IN)
    assert load_on_paper(scenario) / load_on_paper(usual) == pytest.approx(450 / 330)


def test_the_time_that_a_walk_in_clinic_of_several_types_offers():
    # Visits of an hour and of two in equal parts; of two Mondays and two Tuesdays of four hours one is closed.
    scenario = clinic(TWO_DAYS, f"[clinic]\nclosed_on = [2026-01-06]\n{WALK_IN}")
    plan = plan_of(scenario)
    assert plan["visits_at_most"] == pytest.approx(480 / 90)
    assert plan["with_holidays"]["visits_at_most"] == pytest.approx(360 / 90)
    assert load_by_resource(scenario, plan, 2.0)["chairs"] == pytest.approx(2 * 90 / 360)


def test_a_clinic_that_is_full_because_of_its_holidays_is_told_so():
    scenario = replace(from_toml(CLOSED), demand={"referrals_per_week": 1.3})
    wanted = demand(scenario)
    assert 5 < wanted["starts"] < 7  # it fits into weeks without holidays
    [said] = [each for each in _advice(scenario) if "ask for" in each]
    assert said.endswith("only 5.00 with 1 of 4 days closed (clinic.closed_on): the clinic will be full")
    usual = replace(scenario, clinic={"closed_on": []})
    assert not any("full" in each for each in _advice(usual))


def test_a_type_that_fits_only_without_holidays():
    # One long visit fits on each Tuesday and is asked for every week; one Tuesday of two is closed.
    few = "[demand.protocol_mix]\nonce = 0.8\nlonger = 0.2\n"

    def said(closed):
        base = clinic(TWO_DAYS, f"[clinic]\nclosed_on = [{closed}]\n{few}")
        return [each for each in _advice(replace(base, demand={"referrals_per_week": 3})) if "fit" in each]

    assert said("") == []
    assert [each.partition(" and ")[2] for each in said("2026-01-06")] == [
        "only 0.50 fit with 1 of 4 days closed (clinic.closed_on): those patients will wait"
    ]


TALKS = """
[demand.protocol_mix]
once = 0.5
longer = 0.25
talks = 0.25
[protocols.talks]
infusions = 1
visit = "talk"
[protocols.once]
infusions = 1
[protocols.longer]
infusions = 1
visit = "long"
[places.room]
number = 1
[visits.talk.steps.talk]
minutes = 10
place = "room"
"""


def test_visits_that_take_what_others_leave_do_not_take_it_from_them():
    """Four infusions of an hour and two long visits fill the chair's eight hours exactly; talks need a room alone.

    A week filled in proportion has eight talks, and then too few long visits for their share. But all six fit.
    With a quarter more of each they do not.
    """

    def of(referrals):
        scenario = replace(clinic(TWO_DAYS, TALKS), demand={"referrals_per_week": referrals})
        return plan_of(scenario), [each for each in _advice(scenario) if " fit" in each]

    plan, said = of(8)
    assert plan["by_visit"]["talk"]["offered"] == 8  # a talk at each start of the grid, once an hour
    assert plan["by_visit"]["long"]["offered"] < plan["by_visit"]["long"]["asked"] == pytest.approx(2)
    assert plan["that_fit"] == {"infusion": 4, "long": 2, "talk": 2}
    assert said == []
    plan, said = of(10)
    assert plan["that_fit"]["infusion"] + 2 * plan["that_fit"]["long"] <= 8
    assert len(said) >= 1


def test_other_weeks_make_up_for_a_holiday():
    """One long visit is asked for a week. Both fit on the Tuesday of one week, since the other's is closed."""
    closed = clinic(TWO_DAYS, TALKS, "[clinic]\nclosed_on = [2026-01-06]\n")
    scenario = replace(closed, demand={"referrals_per_week": 4})
    plan = plan_of(scenario)
    assert plan["with_holidays"]["by_visit"]["long"] < 1
    assert plan["that_fit"]["long"] == 1.0
    assert not [each for each in _advice(scenario) if " fit" in each]


def test_the_screens_say_both():
    scenario = from_toml(CLOSED)
    document = checked(scenario, "closed.toml")
    assert "Visits possible 7 starts a week 5.00 on average, with 1 of 4 days closed" in shown(
        check_table(document)
    )
    assert "What the plan can start: 7 visits a week, on average 5.00 with 1 of 4 days closed" in shown(
        *_limits(document["plans"])
    )
    [paper] = papers(document)
    assert "of the 5.00 starts a week, with 1 of 4 days closed, that the plan offers" in paper.answer
    walk_in = checked(from_toml(CLOSED + WALK_IN), "closed.toml")
    assert "by the time on offer 5.50 on average, with 1 of 4 days closed" in shown(check_table(walk_in))
    assert "5.50 visits a week, with 1 of 4 days closed," in papers(walk_in)[0].answer


def test_what_runs_out_counts_them():
    every = plan_of(from_toml(CLOSED))["with_holidays"]
    paper = {"starts": 7, "asked": 6.0, "first": "chairs", "limits": {}, "with_holidays": every}
    assert load_sentence(paper, walk_in=False) == (
        "Patients ask for 6 starts a week, and the plan offers 5, with 1 of 4 days closed: it is full."
    )
    assert load_sentence({**paper, "asked": 4.0}, walk_in=False) == (
        "Patients ask for 4 of the 5 starts a week that the plan offers, with 1 of 4 days closed (80 %)."
    )


@pytest.mark.parametrize(
    ("closed", "since"),
    [
        ("", dt.date(2026, 2, 2)),
        ("2026-02-03", dt.date(2026, 2, 2)),  # no day on which it opens
        ("2026-02-04", dt.date(2026, 2, 9)),  # the nearest without, later rather than sooner
        ("2026-02-04/2026-04-01", dt.date(2026, 1, 19)),
    ],
)
def test_a_leave_is_not_put_into_holidays(closed, since):
    text = ONE_CHAIR.replace("weeks = 2", "weeks = 8").replace("nurses = 1", "nurses = 2")
    scenario = from_toml(text.replace("chairs = 1", f"chairs = 1\nclosed_on = {[closed] if closed else []}"))
    assert leave_of(scenario).since == since
