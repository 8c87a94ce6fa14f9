"""Consults that are visits, on paper: counted by hand, and held against the simulation."""

import numpy as np
import pytest

from simclinic.planning.capacity import capacity_on_paper
from simclinic.planning.demand import demand
from simclinic.planning.load import load_by_resource, load_on_paper, starts_a_week
from simclinic.planning.mix import asked
from simclinic.planning.visit_plans import VisitPlans
from simclinic.records import CONSULT
from tests.model.small import clinic
from tests.model.small import simulated as run

# Ten patients a week, of whom eight may be treated. Six of these come to the consult, and three accept.
ASKING = """
[demand]
referrals_per_week = 10
[intake]
visit = "consult"
contraindicated = 0.2
consult_no_show = 0.25
accepts = 0.5
[places.room]
number = 1
[roles.prescriber]
hour = 150
[shifts.day]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "07:00-18:00"
nurses = 1
[shifts.doctor]
days = ["tue"]
hours = "08:00-12:00"
role = "prescriber"
number = 1
[visits.consult.steps.talk]
minutes = 30
place = "room"
claims = { prescriber = "hands-on" }
"""


def on_paper(*texts):
    return next(capacity_on_paper(clinic(ASKING, *texts)))


def test_every_patient_who_may_be_treated_asks_for_a_start():
    plan = on_paper()
    assert plan["by_visit"]["consult"] == {"asked": pytest.approx(8.0), "offered": 4}
    assert plan["by_visit"]["infusion"]["asked"] == pytest.approx(3.0)
    assert demand(clinic(ASKING))["starts"] == pytest.approx(11.0)
    # Half an hour each, of four hours of the prescriber and of 45 hours of the room.
    load = load_by_resource(clinic(ASKING), plan, 11.0)
    assert load["hands:prescriber"] == pytest.approx(1.0)
    assert load["places:room"] == pytest.approx(4 / 45)
    # A start every hour: four consults fit, and eight are asked for.
    assert load_on_paper(clinic(ASKING)) == pytest.approx(2.0)
    assert load_on_paper(clinic(ASKING, "[booking]\nstart_every_minutes = 30")) == pytest.approx(1.0)


def test_in_a_walk_in_clinic_those_who_miss_the_consult_ask_for_nothing():
    walk_in = clinic(ASKING, '[booking]\nmode = "walk-in"')
    assert asked(walk_in, VisitPlans(walk_in)) == [pytest.approx(3.0), pytest.approx(6.0)]
    assert demand(walk_in)["starts"] == pytest.approx(9.0)


def test_a_clinic_that_accepts_nobody_has_consults_alone():
    plan = on_paper("[intake]\naccepts = 0.0")
    assert plan["by_visit"]["consult"]["asked"] == pytest.approx(8.0)
    assert plan["by_visit"]["infusion"]["asked"] == 0.0


def test_other_shares_at_the_intake_are_another_mix():
    """A consult has the only chair for two hours: the fewer accept, the fewer starts fit into a week."""
    long = """
    [visits.consult.steps.talk]
    minutes = 120
    [visits.consult.steps.note]
    minutes = 10
    place = "room"
    """
    most, fewest = (
        starts_a_week(clinic(ASKING, long, f"[intake]\naccepts = {share}")) for share in (1.0, 0.1)
    )
    assert most > fewest


def test_the_simulation_uses_what_paper_asks_for():
    """Enough of everything: starts used for consults a week, and those who are ready, within 4 standard errors."""
    enough = """
    [run]
    weeks = 200
    [booking]
    start_every_minutes = 10
    [shifts.day]
    days = ["mon", "tue", "wed", "thu", "fri"]
    hours = "07:00-18:00"
    nurses = 1
    [shifts.doctor]
    days = ["mon", "tue", "wed", "thu", "fri"]
    hours = "07:00-18:00"
    role = "prescriber"
    number = 9
    [places.room]
    number = 9
    [clinic]
    chairs = 9
    """
    scenario = clinic(ASKING, enough)
    records = run(scenario)
    paper = next(capacity_on_paper(scenario))["by_visit"]
    used = (records.visits["kind"] == CONSULT) & (records.visits["appointment"] < records.end)
    ready = np.isfinite(records.patients["ready"])
    for count, of in ((used.sum(), "consult"), (ready.sum(), "infusion")):
        weekly, error = count / 200, np.sqrt(count) / 200
        assert abs(weekly - paper[of]["asked"]) < 4 * error
    assert (records.visits["kind"] == CONSULT).sum() == np.isfinite(records.patients["consult_asked"]).sum()
