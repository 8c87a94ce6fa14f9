"""What happens at one moment, on a day made by hand."""

import datetime as dt

from simclinic.model import simulate
from simclinic.sampling import draw
from simclinic.scenario import from_toml, replace

TWO_CHAIRS = """
name = "Two chairs, and one nurse from half past eight on"
[run]
begin = "empty"
warm_up_weeks = 0
weeks = 1
start = 2026-01-05
[clinic]
chairs = 2
hours = { mon = "08:00-17:00" }
[shifts.day]
days = ["mon"]
hours = "08:00-17:00"
nurses = 1
absence = 0
[shifts.early]
days = ["mon"]
hours = "08:00-08:30"
nurses = 1
absence = 0
[booking]
mode = "walk-in"
[intake]
contraindicated = 0
consult_no_show = 0
accepts = 1
days_to_consult = 0
days_to_decide = 0
[response]
probability = 0
drop_out = [0]
[protocols.twice-weekly]
infusions = 1
[visit.steps.preparation]
minutes = 10
nurse = "hands-on"
[visit.steps.infusion]
minutes = 40
"""


def test_who_comes_to_a_free_chair_asks_for_hands_before_who_is_given_one_at_that_moment():
    """Two leave at 08:50. One has waited for a chair since 08:20; the nurse begins with one who comes at 08:50."""
    times = [dt.datetime(2026, 1, 5, 8, minute) for minute in (0, 0, 20, 50)]
    scenario = replace(from_toml(TWO_CHAIRS), demand={"referrals": times})
    visits = simulate(scenario, draw(scenario, 1, 0)).visits
    assert visits["arrived"].tolist() == [480, 480, 500, 530]
    assert visits["chair_from"].tolist() == [480, 480, 530, 530]
    assert visits["chair_free"].tolist() == [530, 530, 590, 580]
