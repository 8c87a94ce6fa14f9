"""A clinic that closes over noon, minute by minute."""

import numpy as np
import pytest

from simclinic import records as r
from simclinic.measures import measure
from simclinic.measures.at_once import at_once
from simclinic.measures.groups import PLACE, by_group
from simclinic.measures.in_use import InUse, of_role
from simclinic.measures.window import Window
from simclinic.planning import Timetable
from simclinic.scenario import with_overrides
from simclinic.scenario.visit import NURSE
from tests.model.small import at, clinic, column, run

NOON = '[clinic.hours]\nmon = ["08:00-12:00", "13:00-17:00"]\ntue = "08:00-17:00"'


def starts(*texts):
    return [clock(start) for start in Timetable(clinic(NOON, *texts)).grids[0].starts]


def clock(minute):
    return f"{int(minute) // 60:02d}:{int(minute) % 60:02d}"


# -- Starts ------------------------------------------------------------------------------------------------


def test_starts_are_derived_from_the_opening_of_each_span():
    hourly = ["08:00", "09:00", "10:00", "11:00", "13:00", "14:00", "15:00", "16:00"]
    assert starts() == hourly
    # 11:30 would end in the pause, 12:40 would begin in it, and 16:30 would end after closing.
    text = "[booking]\nstart_every_minutes = 10\n[visit.steps.treatment]\nminutes = 70"
    assert starts(text) == ["08:00", "09:10", "10:20", "13:00", "14:10", "15:20"]
    assert starts(text.replace("10", "70", 1)) == ["08:00", "09:10", "10:20", "13:00", "14:10", "15:20"]


def test_a_span_shorter_than_a_visit_has_no_start():
    assert starts('[clinic.hours]\nmon = ["08:00-08:50", "10:00-11:00"]') == ["10:00"]


def test_a_chair_under_turnover_is_not_free_after_a_short_pause():
    # The third visit leaves at 11:30; its chair is ready at 11:45, ten minutes after the doors open again.
    text = """
    [clinic.hours]
    mon = ["08:00-11:30", "11:35-14:00"]
    [booking]
    start_every_minutes = 5
    [visit.steps.treatment]
    minutes = 60
    [visit.steps.turnover]
    minutes = 15
    patient = false
    """
    assert starts(text) == ["08:00", "09:15", "10:30", "11:45", "13:00"]


def test_a_nurse_who_is_away_over_noon_limits_only_what_needs_her_then():
    # Half an hour by hand, then half an hour alone: nobody is by hand from 12:00 to 13:00 anyway.
    text = """
    [clinic]
    chairs = 2
    [shifts.morning]
    days = ["mon", "tue"]
    hours = "08:00-12:00"
    nurses = 1
    [shifts.afternoon]
    days = ["mon", "tue"]
    hours = "13:00-17:00"
    nurses = 1
    [booking]
    start_every_minutes = 30
    [visit.steps.treatment]
    minutes = 30
    nurse = "hands-on"
    [visit.steps.rest]
    minutes = 30
    """
    assert starts(text) == [clock(30 * half) for half in (*range(16, 23), *range(26, 33))]


# -- The day -----------------------------------------------------------------------------------------------

LISTED = '[booking.starts]\nmon = ["11:00", "11:40", "11:45"]'
LATE = "[attendance]\narrival_offset_minutes = 20"


def test_the_example_of_the_model_page():
    # Everybody comes 20 minutes late: Ann at 11:20, Bea at 12:00, when the doors are closed, and Cy at 12:05.
    scenario = clinic(NOON, LISTED, LATE, referrals=[(0, 480), (0, 481), (0, 482)])
    records = run(scenario)
    np.testing.assert_array_equal(column(records, "arrived"), [at(0, 11, 20), at(0, 12), at(0, 12, 5)])
    np.testing.assert_array_equal(records.visits["step_start"][:, 0], [at(0, 11, 20), at(0, 13), at(0, 14)])
    np.testing.assert_array_equal(column(records, "left"), [at(0, 12, 20), at(0, 14), at(0, 15)])
    np.testing.assert_array_equal(column(records, "wait_chair"), [0, 0, 60])  # Cy's, from 13:00 on
    weeks = measure(records, scenario).weeks
    assert weeks["overtime_minutes"][0] == 20
    assert weeks["overtime_days"][0] == 1


def test_who_comes_just_before_the_pause_is_served_in_it():
    # At 11:59 and not at 12:00; two chairs, of which the second is taken until 12:30.
    listed = '[booking.starts]\nmon = ["11:29", "11:30", "11:39"]'
    scenario = clinic(NOON, listed, LATE, "[clinic]\nchairs = 2", referrals=[(0, 480), (0, 481), (0, 482)])
    records = run(scenario)
    np.testing.assert_array_equal(column(records, "arrived"), [at(0, 11, 49), at(0, 11, 50), at(0, 11, 59)])
    np.testing.assert_array_equal(column(records, "left"), [at(0, 12, 49), at(0, 12, 50), at(0, 13, 49)])
    # Into the pause until it ends: 60 minutes, not the 109 until the last of these patients has left.
    assert measure(records, scenario).weeks["overtime_minutes"][0] == 60


def test_who_comes_before_opening_waits_for_it_as_ever():
    early = "[attendance]\narrival_offset_minutes = -10"
    listed = '[booking.starts]\nmon = ["11:00", "13:00"]'
    records = run(clinic(NOON, listed, early, referrals=[(0, 480), (0, 481)]))
    np.testing.assert_array_equal(column(records, "arrived"), [at(0, 10, 50), at(0, 12, 50)])
    np.testing.assert_array_equal(records.visits["step_start"][:, 0], [at(0, 10, 50), at(0, 13)])


def test_the_desk_answers_after_the_pause():
    referrals = [(0, 719), (0, 720), (0, 750), (0, 779), (0, 780), (0, 1020)]
    records = run(clinic(NOON, "[clinic]\nchairs = 9", referrals=referrals))
    expected = [at(0, 11, 59), *[at(0, 13)] * 4, at(1, 8)]
    np.testing.assert_array_equal(column(records, "booked"), expected)
    # On a day without a pause nothing has changed.
    records = run(clinic(NOON, "[clinic]\nchairs = 9", referrals=[(1, 750)]))
    np.testing.assert_array_equal(column(records, "booked"), [at(1, 12, 30)])


def test_the_nurse_of_the_morning_stays_for_a_visit_that_has_begun():
    shifts = """
    [shifts.morning]
    days = ["mon"]
    hours = "08:00-12:00"
    nurses = 1
    [shifts.afternoon]
    days = ["mon"]
    hours = "13:00-17:00"
    nurses = 1
    [visit.steps.treatment]
    minutes = 60
    nurse = "hands-on"
    """
    listed = '[booking.starts]\nmon = ["11:00", "11:20"]'
    scenario = clinic(NOON, listed, LATE, shifts, "[clinic]\nchairs = 2", referrals=[(0, 480), (0, 481)])
    records = run(scenario)
    # The second is seated at 11:40 and waits for hands: between two shifts no visit begins.
    np.testing.assert_array_equal(records.visits["step_start"][:, 0], [at(0, 11, 20), at(0, 13)])
    np.testing.assert_array_equal(column(records, "wait_hands"), [0, 80])
    assert measure(records, scenario).weeks["overtime_nurse_minutes"][0] == 20


# -- Several types of visit, roles or places ---------------------------------------------------------------

ROOM = """
[places.room]
number = 2
[visit.steps.talk]
minutes = 30
place = "room"
[visit.steps.treatment]
minutes = 60
"""


def test_places_are_planned_and_on_offer_within_the_spans():
    expected = ["08:00", "09:00", "10:00", "13:00", "14:00", "15:00"]
    assert starts(ROOM, "[booking]\nstart_every_minutes = 30") == expected
    scenario = clinic(NOON, ROOM, LATE, referrals=[(0, 470)])
    records = run(scenario)
    window = Window.of(records)
    in_use = InUse.of(of_role(records, scenario, NURSE), scenario, window)
    numbers = at_once(records, scenario, window, in_use, {})
    found = by_group(records, scenario, window, {}, numbers)[PLACE, "room"]
    assert found["chair_minutes"][0] == 2 * (480 + 540)
    assert found["chair_minutes_held"][0] == 30


# -- Walking in --------------------------------------------------------------------------------------------

WALK = '[booking]\nmode = "walk-in"\n[clinic]\nchairs = 9'


def test_walk_in_patients_come_when_the_pause_ends():
    referrals = [(0, 719), (0, 720), (0, 779), (0, 780), (0, 1030)]
    records = run(clinic(NOON, WALK, referrals=referrals))
    expected = [at(0, 11, 59), at(0, 13), at(0, 13), at(0, 13), at(1, 8)]
    np.testing.assert_array_equal(column(records, "arrived"), expected)


def test_the_minute_of_another_day_may_lie_in_its_pause():
    # On Tuesday at 17:40 or at 12:30; a week later the same minutes of Monday, if the clinic is open then.
    hours = '[clinic.hours]\nmon = ["08:00-12:00", "13:00-17:00"]\ntue = ["08:00-12:00", "14:00-18:00"]'
    two = "[protocols.two]\ninfusions = 2\ngap_days = [6, 6]\n[demand.protocol_mix]\ntwo = 1.0"
    records = run(clinic(hours, WALK, two, referrals=[(1, 719), (1, 1060)]))
    first = records.visits["number"] == 1
    np.testing.assert_array_equal(records.visits["arrived"][first], [at(1, 11, 59), at(1, 17, 40)])
    np.testing.assert_array_equal(records.visits["arrived"][~first], [at(7, 11, 59), at(8, 17, 40)])
    wednesday = '[clinic.hours]\nmon = ["08:00-12:00", "13:00-17:00"]\nwed = "08:00-17:00"'
    records = run(clinic(wednesday, WALK, two, referrals=[(2, 740)]))
    np.testing.assert_array_equal(records.visits["arrived"], [at(2, 12, 20), at(9, 12, 20)])
    five = "[protocols.two]\ninfusions = 2\ngap_days = [4, 4]\n[demand.protocol_mix]\ntwo = 1.0"
    records = run(clinic(wednesday, WALK, five, referrals=[(2, 740)]))
    np.testing.assert_array_equal(records.visits["arrived"], [at(2, 12, 20), at(7, 13)])


# -- Figures -----------------------------------------------------------------------------------------------


def test_chairs_are_on_offer_within_the_spans_only():
    scenario = clinic(NOON, LISTED, LATE, referrals=[(0, 480), (0, 481), (0, 482)])
    records = run(scenario)
    found = measure(records, scenario)
    assert found.weeks["chair_minutes"][0] == 480 + 540  # Monday and Tuesday
    # Ann until noon, Bea and Cy from 13:00 to 15:00
    assert found.weeks["chair_minutes_held"][0] == 40 + 120
    monday = found.profile["chairs_mean"][:24]
    np.testing.assert_array_equal(np.flatnonzero(monday), [8, 9, 10, 11, 13, 14, 15, 16])
    assert found.profile["chairs_held_mean"][12] == pytest.approx(20 / 60 / 2)  # in one of two weeks


def test_the_days_table_keeps_first_opening_and_last_closing():
    days = run(clinic(NOON, referrals=[(0, 480)])).days
    assert (days["opening"][0], days["closing"][0]) == (at(0, 8), at(0, 17))
    np.testing.assert_array_equal(days["pause_from"][:2], [[at(0, 12)], [np.nan]])
    np.testing.assert_array_equal(days["pause_to"][:2], [[at(0, 13)], [np.nan]])
    assert "pause_from" not in run(clinic(referrals=[(0, 480)])).days


def test_a_part_of_the_weeks_moves_pauses_too():
    scenario = clinic(NOON, referrals=[(0, 480)])
    days = run(scenario).part(1, 1).days
    assert days["pause_from"][7, 0] == at(0, 12)
    begin, end, row = r.open_spans(days, np.array([7, 8]))
    assert begin.tolist() == [at(0, 8), at(0, 13), at(1, 8)]
    assert end.tolist() == [at(0, 12), at(0, 17), at(1, 17)]
    assert row.tolist() == [7, 7, 8]


def test_a_patient_who_is_turned_away_after_the_pause_had_not_waited():
    # Ready at 12:30, answered and turned away at 13:00: balked, and did not renege.
    scenario = clinic(
        NOON,
        "[booking.starts]\nmon = []\ntue = []",
        "[booking]\npatience_days = 1\nwindow_weeks = 1",
        referrals=[(0, 750), (0, 760)],
    )
    records = run(scenario)
    np.testing.assert_array_equal(records.patients["left"], [at(0, 13)] * 2)
    kpis = measure(records, scenario).kpis
    assert kpis["balked_share"] == 1
    assert kpis["reneged_share"] == 0


def test_referrals_come_at_open_minutes():
    scenario = clinic(NOON, WALK, "[demand]\nreferrals_per_week = 300")
    referred = run(scenario).patients["referred"]
    monday = referred[(referred >= 0) & (referred < r.DAY)]
    assert len(monday) > 100
    assert not ((monday >= 720) & (monday < 780)).any()
    morning = np.mean(monday < 720)
    assert abs(morning - 0.5) < 4 * 0.5 / np.sqrt(len(monday))
    tuesday = referred[(referred >= r.DAY) & (referred < 2 * r.DAY)] - r.DAY
    assert ((tuesday >= 720) & (tuesday < 780)).any()


def test_several_pauses():
    hours = 'clinic.hours.mon=["08:00-09:00", "10:00-11:00", "12:00-13:00"]'
    scenario = with_overrides(clinic(NOON, referrals=[(0, 545), (0, 665)]), [hours])
    records = run(scenario)
    np.testing.assert_array_equal(column(records, "booked"), [at(0, 10), at(0, 12)])
    assert records.days["pause_from"][0].tolist() == [at(0, 9), at(0, 11)]
    assert measure(records, scenario).weeks["chair_minutes"][0] == 180 + 540
