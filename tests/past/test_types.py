"""The past of a clinic with several types of visit, on paper: a visit keeps to the days on which it can begin."""

import numpy as np
import pytest

from simclinic.past.dates import Dates
from simclinic.past.reach import reach
from simclinic.planning.visit_plans import VisitPlans
from simclinic.records import BOOSTER, DAY, INDUCTION
from tests.model.small import clinic
from tests.past.test_as_simulated import TYPES, WITHOUT_STARTS
from tests.past.test_on_paper import day_hour, of_day, started

# A prescriber is needed for the first visit only, and is there on Tuesdays and Thursdays.
FIRST = """
[run]
begin = "steady"
history_weeks = 10
history_delay_days = 0
[protocols.thrice]
infusions = 3
gap_days = [3, 4]
permitted_gap_days = [2, 7]
visit = "long"
[visits.long.steps.treatment]
minutes = 120
claims = { prescriber = { need = "on-site", to_infusion = 1 } }
[roles.prescriber]
hour = 150
[shifts.day]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "07:00-18:00"
nurses = 1
[shifts.prescriber]
days = ["tue", "thu"]
hours = "08:00-12:00"
role = "prescriber"
number = 1
"""


BOTH = (
    FIRST
    + """
[protocols.once]
infusions = 1
[demand.protocol_mix]
thrice = 0.5
once = 0.5
"""
)
MONDAYS = """
[demand]
referrals_per_week = 2
[demand.weekday_weights]
mon = 1
[demand.protocol_mix]
thrice = 1.0
[booking]
notice_days = 2
"""


def test_each_type_has_its_own_starts_and_lengths():
    """Steps are at 8, 9, ...: the first visit begins until 10, later ones until 15, and an infusion until 16."""
    scenario = clinic(BOTH)
    dates, plans = Dates(scenario, reach(scenario)), VisitPlans(scenario)
    protocols = np.array([list(scenario.protocols).index(name) for name in ("thrice", "once")])
    first = dates.plan(INDUCTION, protocols, 1)
    later = dates.plan(INDUCTION, protocols, 2)
    assert (
        dates.plan(BOOSTER, protocols, 1).tolist()
        == later.tolist()
        == dates.plan(INDUCTION, protocols, 9).tolist()
    )
    assert [plans.types[plans.plans[plan].kind] for plan in first.tolist()] == ["long", "infusion"]
    tuesday, wednesday = np.array([1 + 7]), np.array([2 + 7])
    assert dates.minutes[first].tolist() == [120, 60]
    hours = dates.start(tuesday, np.array([-np.inf]), np.array([first[0], later[0], first[1]])) % DAY / 60
    assert hours.tolist() == [9, 11.5, 12]
    assert np.isnan(dates.start(wednesday, np.array([-np.inf]), first[:1])).all()
    assert dates.first(wednesday, np.array([-np.inf]), first[:1]) == [3 + 7]  # Thursday


def test_a_series_begins_while_the_prescriber_is_there():
    """Referred on Monday, with two days of notice: Thursday, when a prescriber is there, at the mean of 8 to 10."""
    drawn = next(
        each for each in (started(FIRST, MONDAYS, number=number) for number in range(40)) if of_day(each, -14)
    )
    [one, *_] = of_day(drawn, -14)
    assert day_hour(one.first_infusion) == (-11, 9)
    assert day_hour(one.last_infusion) == (
        -4,
        13.5,
    )  # Thursday, Monday, Thursday; the mean of 8 to 15, and two hours


@pytest.mark.filterwarnings("error")
def test_a_first_visit_never_takes_the_date_of_a_second_one():
    """Of patients who miss and rebook, too: every first visit is on a Tuesday or a Thursday."""
    text = TYPES.replace("to_infusion = 9", "to_infusion = 1")
    steady = '[run]\nbegin = "steady"\nhistory_weeks = 40\nhistory_delay_days = 0\n'
    missed = "[attendance]\nno_show = 0.4\n"
    days = []
    for number in range(2):
        drawn = started(WITHOUT_STARTS, text, missed, steady, number=number)
        days += [
            one.first_infusion // DAY % 7
            for one in drawn.initial
            if drawn.protocol[one.row] == 1 and np.isfinite(one.first_infusion)
        ]
    assert len(days) > 30
    assert set(days) == {1, 3}
