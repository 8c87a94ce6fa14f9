"""Lengths with slack, the template of a week, and who sits where, by hand."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simclinic.errors import SimclinicError
from simclinic.planning import Timetable
from simclinic.planning.assignment import places
from simclinic.planning.grid import Claim, PlannedVisit
from simclinic.planning.roster import Duty, steps
from simclinic.planning.slack import USUAL, first_visit_share, slacks, visit_with
from simclinic.planning.template import best_template
from simclinic.planning.weekly_template import derived, open_days, starts_with_hours, weekly_template
from simclinic.scenario import baseline, replace
from simclinic.scenario.hours import Hours
from tests.model.small import clinic

EXPONENTIAL = """
[visit.steps.start]
minutes = 10
nurse = "hands-on"
first_visit_extra_minutes = 20
[visit.steps.drip]
minutes = { dist = "exponential", mean = 40 }
first_visit_extra_minutes = 100
"""


def test_percentages_and_percentiles_of_each_step():
    scenario = clinic(EXPONENTIAL, "[demand]\nreferrals = [2026-01-06T09:00:00]")
    # Every patient has one infusion and no booster, so every visit is a first one: 20 minutes more by hand.
    assert first_visit_share(scenario) == 1.0
    plain, more, median, high = (visit_with(scenario, slack) for slack in slacks("0, 25 ,p50,p80"))
    assert plain.patient_minutes == pytest.approx(10 + 20 + 40)
    assert more.patient_minutes == pytest.approx(12.5 + 20 + 50)
    assert median.patient_minutes == pytest.approx(10 + 20 + 40 * math.log(2))
    assert high.patient_minutes == pytest.approx(10 + 20 + 40 * math.log(5))
    assert more.hands[0].end == pytest.approx(32.5)


def test_first_visits_count_at_their_share():
    # A series of six: of six infusions one is the first; boosters make the share smaller.
    scenario = replace(
        baseline(),
        response={"probability": 0.0, "drop_out": [0.0]},
        attendance={"no_show": 0.0, "late_cancel": 0.0},
    )
    assert first_visit_share(scenario) == pytest.approx(1 / 6)
    assert 0 < first_visit_share(baseline()) < 1 / 6
    visit = visit_with(scenario, slacks("0")[0])
    assert visit.hands[0].end == pytest.approx(15 + 20 / 6)


def test_names():
    named = [slack.name for slack in slacks("0,2.5,p51,p52,p65,p73,p80,p97.5")]
    assert named == [
        *("no slack", "2.5 % slack", "51st percentile", "52nd percentile", "65th percentile"),
        *("73rd percentile", "80th percentile", "97.5th percentile"),
    ]
    assert len(slacks(USUAL)) == 7
    assert [slack.key for slack in slacks("5, 5.0, 5%")] == ["5"]


@pytest.mark.parametrize("written", ["", "x", "-1", "201", "p49", "p100", "p80%", "5;6", "1e2", "٥"])
def test_what_is_no_slack(written):
    with pytest.raises(SimclinicError, match="is no slack"):
        slacks(written)


def test_every_wrong_slack_is_named():
    with pytest.raises(SimclinicError) as error:
        slacks("5,x,p20")
    assert len(error.value.lines) == 2
    with pytest.raises(SimclinicError, match="at most 20"):
        slacks(",".join(map(str, range(21))))


# -- The week ----------------------------------------------------------------------------------------------

WEEK = """
[clinic]
chairs = 1
closed_on = [2026-01-05]
[clinic.hours]
mon = "08:00-11:00"
tue = "08:00-11:00"
wed = "08:00-10:00"
thu = false
fri = false
"""


def test_equal_weekdays_have_equal_templates():
    days = open_days(Timetable(clinic(WEEK)))
    assert list(days) == ["mon", "tue", "wed"]  # the first Monday is closed, the second is not
    found = weekly_template(days, visit_with(clinic(WEEK), slacks("0")[0]), 30)
    assert found.days["mon"] is found.days["tue"]
    assert found.listed == {"mon": (480, 540, 600), "tue": (480, 540, 600), "wed": (480, 540)}
    assert (found.starts, found.most, found.settled) == (8, 8, True)
    assert derived(days, found.visit, 30)["wed"] == (480.0, 540.0)


def test_what_ten_minutes_are_worth():
    text = WEEK.replace("11:00", "10:50").replace("10:00", "09:50")
    days = open_days(Timetable(clinic(text)))
    visit = visit_with(clinic(text), slacks("0")[0])
    assert starts_with_hours(days, visit, 10) == 2 + 2 + 1
    assert starts_with_hours(days, visit, 10, earlier=10) == 3 + 3 + 2
    assert starts_with_hours(days, visit, 10, later=10) == 3 + 3 + 2
    assert starts_with_hours(days, visit, 10, later=9) == 2 + 2 + 1
    assert starts_with_hours(days, visit, 10, earlier=481) is None
    assert starts_with_hours(days, visit, 10, later=800) is None


# -- Chairs and nurses -------------------------------------------------------------------------------------


def duty(start, end, nurses, pause=None, minutes=0.0, *, together=False, shift=0):
    return Duty(shift, start, end, nurses, pause, minutes, together)


def test_chairs_are_taken_lowest_first_and_nurses_share():
    visit = PlannedVisit((Claim(0, 40, 1),), (Claim(0, 10, 1), Claim(30, 40, 1)), (), 40, 1)
    found = places(visit, [0.0, 0.0, 10.0, 40.0], (duty(0, 200, 2),))
    assert [place.chair for place in found] == [1, 2, 3, 1]
    assert [place.nurse for place in found] == [(0, 1), (0, 2), (0, 1), (0, 1)]
    assert not any(place.relieved for place in found)


def test_a_nurse_on_her_break_begins_nothing():
    visit = PlannedVisit((Claim(0, 10, 1),), (Claim(0, 10, 1),), (), 10, 1)
    shift = duty(0, 100, 2, 20, 10)
    found = places(visit, [20.0, 30.0, 50.0, 50.0], (shift,))
    assert [place.nurse for place in found] == [(0, 2), (0, 1), (0, 1), (0, 2)]


def test_the_nurse_who_can_finish_begins():
    visit = PlannedVisit((Claim(0, 20, 1),), (Claim(0, 20, 1),), (), 20, 1)
    # The first wave is away from 20 to 30, the second from 30 to 40: only the second can finish what begins at 5.
    [place] = places(visit, [5.0], (duty(0, 100, 2, 20, 10),))
    assert (place.nurse, place.relieved) == ((0, 2), False)
    # What begins at 15 ends in one break or the other: somebody takes over.
    [place] = places(visit, [15.0], (duty(0, 100, 2, 20, 10),))
    assert place.relieved


def test_no_nurse_by_hand():
    visit = PlannedVisit((Claim(0, 20, 1),), (), (), 20, 1)
    [place] = places(visit, [5.0], ())
    assert (place.chair, place.nurse, place.relieved) == (1, None, False)


@st.composite
def shifts(draw):
    duties = []
    for shift in range(draw(st.integers(1, 2))):
        start = draw(st.integers(0, 6)) * 10
        nurses = draw(st.integers(1, 3))
        pause = draw(st.sampled_from([None, 60, 70]))
        duties.append(duty(start, start + 150, nurses, pause, 0.0 if pause is None else 20.0, shift=shift))
    return tuple(duties)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(shifts(), st.integers(1, 3), st.integers(0, 4), st.integers(1, 2), st.integers(1, 5))
def test_no_chair_and_no_nurse_twice(working, first, between, second, chairs):
    now = 10 * (first + between + second)
    visit = PlannedVisit(
        (Claim(0, now, 1),), (Claim(0, 10 * first, 1), Claim(now - 10 * second, now, 1)), (), now, 1
    )
    roster = steps(working, tuple(each.nurses for each in working))
    starts = best_template(visit, Hours.of(0, 200), chairs, roster, 10).starts
    found = places(visit, starts, working)
    assert [place.start for place in found] == list(starts)
    for one in found:
        assert 1 <= one.chair <= chairs
        assert one.nurse is not None
        there = next(each for each in working if each.shift == one.nurse[0])
        assert there.start <= one.start < there.end
        assert 1 <= one.nurse[1] <= there.nurses
        for other in found:
            if other is not one and one.start <= other.start < one.start + now:
                assert other.chair != one.chair
            if other is not one and one.start <= other.start < one.start + 10 * first and not one.relieved:
                assert other.nurse != one.nurse
