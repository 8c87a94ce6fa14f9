"""Shifts that end while patients are inside, worked out on paper: who goes on, who waits, who stays, who is paid.

Everybody walks in on Tuesday at the times told. Overtime is told in nurse-minutes.
"""

import datetime

import pytest

from simclinic.measures import measure
from simclinic.scenario import with_overrides
from tests.model.small import clinic, column, run
from tests.model.test_visit_on_paper import ROUND_THE_CLOCK, times

HANDS = '[visit.steps.treatment]\nminutes = {minutes}\nnurse = "hands-on"\n'
REST_THEN_HANDS = (
    '[visit.steps.rest]\nminutes = 30\n[visit.steps.discharge]\nminutes = 20\nnurse = "hands-on"\n'
)


def shift(name, hours, nurses=1, *more):
    lines = [f"[shifts.{name}]", 'days = ["mon", "tue", "wed", "thu", "fri"]', f'hours = "{hours}"']
    return "\n".join([*lines, f"nurses = {nurses}", *more, ""])


def tuesday(arrivals, *texts, chairs=9):
    """The scenario and the records of a Tuesday on which patients walk in."""
    moments = [(1, 60 * int(time[:2]) + int(time[3:])) for time in arrivals]
    scenario = clinic(
        '[booking]\nmode = "walk-in"', {"clinic": {"chairs": chairs}}, *texts, referrals=moments
    )
    return scenario, run(scenario)


def treated(records):
    return [times(records, row) for row in range(len(records.visits["patient"]))]


def stayed(scenario, records):
    return measure(records, scenario).weeks["overtime_nurse_minutes"].sum()


# -- the model page's day --------------------------------------------------------------------------------------

EARLY = shift("early", "08:00-12:00")
ANN_BEA_CY = ["11:45", "11:50", "11:52"]


def test_a_begun_visit_is_finished_and_none_begins():
    scenario, records = tuesday(
        ANN_BEA_CY, EARLY + shift("late", "13:00-17:00"), HANDS.format(minutes=30), chairs=2
    )
    assert treated(records) == [["11:45-12:15"], ["13:00-13:30"], ["13:30-14:00"]]
    assert column(records, "wait_chair") == [0, 0, 23]  # Cy sits down between the shifts
    assert column(records, "wait_hands") == [0, 70, 75]
    assert stayed(scenario, records) == 15


def test_a_shift_that_begins_at_that_moment_takes_over():
    scenario, records = tuesday(
        ANN_BEA_CY, EARLY + shift("late", "12:00-17:00"), HANDS.format(minutes=30), chairs=2
    )
    assert treated(records) == [["11:45-12:15"], ["12:15-12:45"], ["12:45-13:15"]]
    assert stayed(scenario, records) == 0


def test_after_the_last_shift_all_who_have_arrived_are_served():
    scenario, records = tuesday(ANN_BEA_CY, EARLY, HANDS.format(minutes=30), chairs=2)
    assert treated(records) == [["11:45-12:15"], ["12:15-12:45"], ["12:45-13:15"]]
    assert stayed(scenario, records) == 75


def test_a_shift_to_which_nobody_comes_is_not_waited_for():
    late = shift("late", "13:00-17:00", 1, "absence = 1.0")
    scenario, records = tuesday(ANN_BEA_CY, EARLY + late, HANDS.format(minutes=30), chairs=2)
    assert treated(records) == [["11:45-12:15"], ["12:15-12:45"], ["12:45-13:15"]]
    assert stayed(scenario, records) == 75


def test_nobody_stays_for_those_who_have_only_arrived():
    # Ann leaves at noon sharp; Bea has a chair since 11:40; Cy comes when nobody is there.
    scenario, records = tuesday(
        ["11:30", "11:40", "12:10"], EARLY + shift("late", "13:00-17:00"), HANDS.format(minutes=30)
    )
    assert treated(records) == [["11:30-12:00"], ["13:00-13:30"], ["13:30-14:00"]]
    assert column(records, "wait_hands") == [0, 80, 80]
    assert stayed(scenario, records) == 0


def test_overtime_is_paid_at_its_factor():
    # A quarter of an hour in one of two weeks, at 45 an hour with on-costs of 1.3.
    shifts = EARLY + shift("late", "13:00-17:00")
    scenario, records = tuesday(ANN_BEA_CY, shifts, HANDS.format(minutes=30))
    priced = with_overrides(
        scenario, ["finance.nurse_hour=45", "finance.on_costs=1.3", "finance.overtime_factor=1.5"]
    )
    free = with_overrides(priced, ["finance.overtime_factor=0"])
    one, other = (measure(records, each).kpis for each in (priced, free))
    assert one["overtime_nurse_hours_per_week"] == 0.125
    assert one["cost_per_week"] - other["cost_per_week"] == pytest.approx(45 * 1.3 * 1.5 * 0.125)
    # What the doors do is another matter: closing is at 17:00, and the last patient left long before.
    assert one["overtime_minutes_per_day"] == 0


# -- others are on duty ----------------------------------------------------------------------------------------


def test_those_stay_whose_tasks_nobody_on_duty_can_take_over():
    # A until 09:10, B until 09:15, one nurse from 09:00 on: two tasks for one nurse until 09:10.
    shifts = shift("early", "08:00-09:00") + shift("day", "08:00-17:00")
    scenario, records = tuesday(["08:50", "08:55", "08:58"], shifts, HANDS.format(minutes=20))
    assert treated(records) == [["08:50-09:10"], ["08:55-09:15"], ["09:15-09:35"]]
    assert stayed(scenario, records) == 10


def test_a_colleague_with_free_hands_takes_over():
    shifts = shift("early", "08:00-09:00") + shift("day", "08:00-17:00")
    scenario, records = tuesday(["08:50"], shifts, HANDS.format(minutes=20))
    assert treated(records) == [["08:50-09:10"]]
    assert stayed(scenario, records) == 0


def test_one_after_the_other_goes():
    # Three tasks, until 09:10, 09:20 and 09:29. From 09:00 two are on duty and one stays; from 09:05 one is, and
    # two stay until 09:10, one until 09:20.
    shifts = shift("a", "08:00-09:00") + shift("b", "08:00-09:05") + shift("c", "08:00-17:00")
    scenario, records = tuesday(["08:40", "08:50", "08:59"], shifts, HANDS.format(minutes=30))
    assert treated(records) == [["08:40-09:10"], ["08:50-09:20"], ["08:59-09:29"]]
    assert stayed(scenario, records) == 5 + 2 * 5 + 10


def test_who_comes_just_when_a_shift_ends_finds_it_ended():
    # Two are on duty at 09:00 and two tasks at hand, one from 09:05 on: the third patient waits until 09:20.
    shifts = shift("a", "08:00-09:00") + shift("b", "08:00-09:05") + shift("c", "08:00-17:00")
    scenario, records = tuesday(["08:40", "08:50", "09:00"], shifts, HANDS.format(minutes=30))
    assert treated(records) == [["08:40-09:10"], ["08:50-09:20"], ["09:20-09:50"]]
    assert stayed(scenario, records) == 5


WATCH = '[visit.steps.watch]\nminutes = 60\nnurse = "watch"\npatients_per_nurse = 2\n'


def test_watched_shares_are_rounded_up_to_whole_nurses():
    # Three halves are two nurses; at 10:10 two halves are left.
    shifts = shift("early", "08:00-10:00") + shift("day", "08:00-17:00")
    scenario, records = tuesday(["09:10", "09:20", "09:30"], shifts, WATCH)
    assert stayed(scenario, records) == 10


def test_hands_and_watching_do_not_add_up():
    # At 10:00 one task and three halves: that is two nurses, and one is on duty.
    steps = WATCH + '[visit.steps.discharge]\nminutes = 20\nnurse = "hands-on"\n'
    shifts = shift("early", "08:00-10:00") + shift("day", "08:00-17:00")
    scenario, records = tuesday(["08:50", "09:10", "09:20", "09:30"], shifts, steps)
    # The first is discharged until 10:10; the second asks just then, and is not watched from then on.
    assert [row[1] for row in treated(records)] == [
        "09:50-10:10",
        "10:10-10:30",
        "10:30-10:50",
        "10:50-11:10",
    ]
    # Watched until the discharge begins: three halves until 10:10.
    assert stayed(scenario, records) == 10


def test_a_shift_that_begins_later_relieves_as_many_as_it_brings():
    # Three tasks until 09:30; one on duty from 09:00 to 09:10, then two: two stay, then one.
    shifts = shift("early", "08:00-09:00", 2) + shift("day", "08:00-17:00") + shift("more", "09:10-17:00")
    scenario, records = tuesday(["08:50"] * 3, shifts, HANDS.format(minutes=40))
    assert treated(records) == [["08:50-09:30"]] * 3
    assert stayed(scenario, records) == 2 * 10 + 20


def test_who_stayed_beside_others_may_stay_on_when_these_go_too():
    # Two tasks, until 10:20 and 10:30. One shift ends at 09:30, the other at 10:00, the next begins at 12:00. The
    # third patient rests until 10:20, and finds the nurse who is free then.
    shifts = shift("a", "08:00-09:30") + shift("b", "08:00-10:00") + shift("late", "12:00-17:00")
    steps = REST_THEN_HANDS.replace("= 20", "= 80")
    scenario, records = tuesday(["08:30", "08:40", "09:50"], shifts, steps)
    assert [row[1] for row in treated(records)] == ["09:00-10:20", "09:10-10:30", "10:20-11:40"]
    assert stayed(scenario, records) == 30 + 2 * 30 + 70


# -- nobody is on duty, but somebody will be -------------------------------------------------------------------

GAP = shift("early", "08:00-10:00", 2) + shift("late", "12:00-17:00")


def test_between_two_shifts_watched_shares_are_rounded_up():
    # Three halves until 10:10, two until 10:20, one until 10:30.
    scenario, records = tuesday(["09:10", "09:20", "09:30"], GAP, WATCH)
    assert stayed(scenario, records) == 2 * 10 + 20


def test_one_stays_while_a_patient_rests():
    scenario, records = tuesday(["09:50", "09:55"], GAP)
    assert treated(records) == [["09:50-10:50"], ["09:55-10:55"]]
    assert stayed(scenario, records) == 55


def test_a_nurse_who_is_free_goes_on_with_who_waits_and_then_goes_home():
    # Discharges from 09:55 and 09:58; the third asks at 10:10, the fourth at 10:13, the fifth at 10:20.
    scenario, records = tuesday(["09:25", "09:28", "09:40", "09:43", "09:50"], GAP, REST_THEN_HANDS)
    assert [row[1] for row in treated(records)] == [
        "09:55-10:15",
        "09:58-10:18",
        "10:15-10:35",
        "10:18-10:38",
        "10:35-10:55",
    ]
    assert stayed(scenario, records) == 2 * 38 + 17


def test_who_has_gone_home_does_not_come_back():
    # One task at 10:00, so one of two goes; at 10:20 and 10:21 two patients want hands.
    scenario, records = tuesday(["09:20", "09:50", "09:51"], GAP, REST_THEN_HANDS)
    assert [row[1] for row in treated(records)] == ["09:50-10:10", "10:20-10:40", "10:40-11:00"]
    assert stayed(scenario, records) == 60


WATCH_ALONE = '[visit.steps.watch]\nminutes = 20\nnurse = "watch"\npatients_per_nurse = 1\n'


def test_watching_too_falls_to_those_who_are_left():
    # Two tasks at 10:00, until 10:05 and 10:10; then each patient is to be watched by a whole nurse. From 10:05 on
    # one is needed, so one is left, who watches them one after the other.
    steps = HANDS.format(minutes=15) + WATCH_ALONE
    scenario, records = tuesday(["09:50", "09:55"], GAP, steps)
    assert treated(records) == [["09:50-10:05", "10:05-10:25"], ["09:55-10:10", "10:25-10:45"]]
    assert column(records, "wait_eyes") == [0, 15]
    assert stayed(scenario, records) == 2 * 5 + 40


def test_what_is_over_at_one_moment_is_counted_together():
    # As above, but both tasks are over at 10:05: both are watched from then on, and both nurses stay.
    steps = HANDS.format(minutes=15) + WATCH_ALONE
    scenario, records = tuesday(["09:50", "09:50"], GAP, steps)
    assert treated(records) == [["09:50-10:05", "10:05-10:25"]] * 2
    assert stayed(scenario, records) == 2 * 25


def test_going_over_to_lighter_watching_sends_a_nurse_home():
    # Two patients need a nurse each until 10:10, a quarter each after. Both are to be discharged at 10:40.
    steps = """
    [visit.steps.heavy]
    minutes = 30
    nurse = "watch"
    patients_per_nurse = 1
    [visit.steps.light]
    minutes = 30
    nurse = "watch"
    patients_per_nurse = 4
    [visit.steps.discharge]
    minutes = 20
    nurse = "hands-on"
    """
    scenario, records = tuesday(["09:40", "09:40"], GAP, steps)
    assert treated(records) == [
        ["09:40-10:10", "10:10-10:40", "10:40-11:00"],
        ["09:40-10:10", "10:10-10:40", "11:00-11:20"],
    ]
    assert stayed(scenario, records) == 2 * 10 + 70


def test_in_order_of_asking_passing_over_those_who_have_not_begun():
    # A and B are prepared by 10:00; C has asked for hands since 09:45, D comes at 10:15. B asks at 10:30, when A is
    # being discharged, and comes before C.
    steps = HANDS.format(minutes=20) + REST_THEN_HANDS.replace("= 20", "= 30")
    shifts = shift("early", "08:00-10:00") + shift("late", "12:00-17:00")
    scenario, records = tuesday(["09:20", "09:30", "09:45", "10:15"], shifts, steps)
    assert treated(records) == [
        ["09:20-09:40", "09:40-10:10", "10:10-10:40"],
        ["09:40-10:00", "10:00-10:30", "10:40-11:10"],
        ["12:00-12:20", "12:20-12:50", "12:50-13:20"],
        ["12:20-12:40", "12:40-13:10", "13:20-13:50"],
    ]
    assert column(records, "wait_hands") == [0, 20, 135, 135]
    assert stayed(scenario, records) == 70


def test_who_waits_to_be_watched_is_passed_over_too():
    # B wants a whole nurse since 09:30; A's second step wants one again at 10:10, and comes first.
    steps = """
    [visit.steps.heavy]
    minutes = 70
    nurse = "watch"
    patients_per_nurse = 1
    [visit.steps.rest]
    minutes = 10
    [visit.steps.again]
    minutes = 20
    nurse = "watch"
    patients_per_nurse = 1
    """
    shifts = shift("early", "08:00-10:00") + shift("late", "11:00-17:00")
    scenario, records = tuesday(["09:00", "09:30"], shifts, steps)
    assert treated(records)[0] == ["09:00-10:10", "10:10-10:20", "10:20-10:40"]
    assert treated(records)[1][0] == "11:00-12:10"
    assert stayed(scenario, records) == 40


def test_the_next_shift_takes_over_and_nobody_is_paid_twice():
    # A is treated until 11:10. The late nurse, who may be the early one, is paid by the roster from 11:00 on.
    shifts = shift("early", "08:00-10:00") + shift("late", "11:00-17:00")
    scenario, records = tuesday(["09:50", "10:30"], shifts, HANDS.format(minutes=80))
    assert treated(records) == [["09:50-11:10"], ["11:10-12:30"]]
    assert stayed(scenario, records) == 60


def test_tidying_under_way_is_finished_and_none_begins():
    steps = (
        HANDS.format(minutes=20)
        + HANDS.format(minutes=20).replace("treatment", "cleaning")
        + "patient = false"
    )
    # A's chair is cleaned until 10:15, B is treated until 10:10: two stay until B has left. B's chair waits.
    scenario, records = tuesday(["09:35", "09:50"], GAP, steps)
    assert treated(records) == [["09:35-09:55", "09:55-10:15"], ["09:50-10:10", "12:00-12:20"]]
    assert stayed(scenario, records) == 2 * 10


def test_no_tidying_begins_although_a_nurse_is_free():
    # Cleaning A's chair is over at 10:05. B leaves at 10:10, when one nurse is still needed for C until 10:15.
    steps = (
        HANDS.format(minutes=20)
        + HANDS.format(minutes=20).replace("treatment", "cleaning")
        + "patient = false"
    )
    scenario, records = tuesday(["09:25", "09:50", "09:55"], GAP.replace("= 2", "= 3"), steps)
    assert treated(records) == [
        ["09:25-09:45", "09:45-10:05"],
        ["09:50-10:10", "12:00-12:20"],
        ["09:55-10:15", "12:20-12:40"],
    ]
    assert stayed(scenario, records) == 3 * 5 + 2 * 5 + 5


def test_a_first_step_without_a_nurse_waits_for_the_next_shift():
    # A rests from 09:50 to 10:20. B comes at 10:05 and C at 10:40, when nobody is there any more.
    shifts = shift("early", "08:00-10:00") + shift("late", "11:00-17:00")
    scenario, records = tuesday(["09:50", "10:05", "10:40", "17:00"], shifts, REST_THEN_HANDS)
    assert treated(records)[:3] == [
        ["09:50-10:20", "10:20-10:40"],
        ["11:00-11:30", "11:30-11:50"],
        ["11:00-11:30", "11:50-12:10"],
    ]
    assert column(records, "wait_hands")[:3] == [0, 55, 20 + 20]
    assert stayed(scenario, records) == 40


def test_before_the_first_shift_a_step_without_a_nurse_begins():
    scenario, records = tuesday(["08:00"], shift("day", "09:00-17:00"), REST_THEN_HANDS)
    assert treated(records) == [["08:00-08:30", "09:00-09:20"]]
    assert stayed(scenario, records) == 0


def test_two_gaps_in_a_day():
    shifts = shift("a", "08:00-10:00") + shift("b", "11:00-13:00") + shift("c", "14:00-17:00")
    scenario, records = tuesday(["09:50", "09:55", "12:55", "16:50"], shifts, HANDS.format(minutes=30))
    assert treated(records) == [["09:50-10:20"], ["11:00-11:30"], ["12:55-13:25"], ["16:50-17:20"]]
    assert stayed(scenario, records) == 20 + 25 + 20


# -- breaks and midnight ---------------------------------------------------------------------------------------


def test_a_break_is_no_shift_end():
    # A's task goes on into the break, B waits for its end: nobody has stayed.
    shifts = shift("day", "08:00-17:00", 1, 'break = "09:00-09:30"')
    scenario, records = tuesday(["08:50", "09:00"], shifts, HANDS.format(minutes=20))
    assert treated(records) == [["08:50-09:10"], ["09:30-09:50"]]
    assert stayed(scenario, records) == 0


def test_a_break_that_ends_with_the_shift():
    # A has asked for hands since 09:45, in the break; at 10:00 the nurse stays and gives them. B has not begun.
    shifts = shift("early", "08:00-10:00", 1, 'break = "09:30-10:00"') + shift("late", "11:00-17:00")
    steps = '[visit.steps.door]\nminutes = 5\nnurse = "watch"\npatients_per_nurse = 1\n' + REST_THEN_HANDS
    scenario, records = tuesday(["09:10", "10:05"], shifts, steps)
    assert treated(records) == [
        ["09:10-09:15", "09:15-09:45", "10:00-10:20"],
        ["11:00-11:05", "11:05-11:35", "11:35-11:55"],
    ]
    assert stayed(scenario, records) == 20


def test_who_is_on_a_break_is_on_duty():
    # At 10:00 one shift ends, and the other's nurse has a break: the two tasks are one more than she can take over.
    shifts = shift("early", "08:00-10:00") + shift("day", "08:00-17:00", 1, 'break = "10:00-10:30"')
    scenario, records = tuesday(["09:50", "09:55", "10:00"], shifts, HANDS.format(minutes=20))
    assert treated(records) == [["09:50-10:10"], ["09:55-10:15"], ["10:30-10:50"]]
    assert stayed(scenario, records) == 10


NIGHT = [ROUND_THE_CLOCK, shift("late", "14:00-24:00", 2) + shift("night", "00:00-14:00")]


def clock_times(records):
    """Begin and end of the only step in minutes since Tuesday's midnight."""
    visits = records.visits
    begin, end = (visits[name][:, 0] - 1440 for name in ("step_start", "step_end"))
    return list(zip(begin.tolist(), end.tolist(), strict=True))


def test_shifts_that_meet_at_midnight():
    # Two nurses until midnight, one after. A and B are treated until 00:10 and 00:20; C waits until 00:20.
    scenario, records = tuesday(["23:40", "23:50", "23:55"], *NIGHT, HANDS.format(minutes=30))
    assert clock_times(records) == [(1420, 1450), (1430, 1460), (1460, 1490)]
    assert stayed(scenario, records) == 10


def test_those_who_go_at_midnight_take_nothing_up():
    # Both have a break until midnight; from then on there is one nurse.
    shifts = NIGHT[1].replace("nurses = 2", 'nurses = 2\nbreak = "23:30-24:00"\nbreak_together = true')
    scenario, records = tuesday(["23:40", "23:50"], ROUND_THE_CLOCK, shifts, HANDS.format(minutes=30))
    assert clock_times(records) == [(1440, 1470), (1470, 1500)]
    assert stayed(scenario, records) == 0


def test_the_last_shift_of_a_day_may_end_at_midnight():
    # The next shift is another day's: all who have arrived are served, by both who were there.
    shifts = shift("late", "14:00-24:00", 2) + shift("night", "06:00-14:00")
    scenario, records = tuesday(
        ["23:40", "23:50", "23:55"], ROUND_THE_CLOCK, shifts, HANDS.format(minutes=30)
    )
    assert clock_times(records) == [(1420, 1450), (1430, 1460), (1450, 1480)]
    assert stayed(scenario, records) == 40  # nobody is watched: one is paid until the last has left


def test_after_the_last_shift_the_next_day_takes_over():
    # One nurse until 22:00, two from 06:00 on. A is treated until 07:50, B from 06:00 on.
    shifts = shift("late", "14:00-22:00") + shift("day", "06:00-14:00", 2)
    scenario, records = tuesday(["21:50", "21:55"], ROUND_THE_CLOCK, shifts, HANDS.format(minutes=600))
    assert clock_times(records) == [(1310, 1910), (1800, 2400)]
    # At 14:00 the late nurse takes over.
    assert stayed(scenario, records) == 8 * 60


def test_a_night_shift_that_ends_in_the_morning_is_not_the_last():
    shifts = shift("night", "00:00-06:00") + shift("day", "08:00-24:00")
    scenario, records = tuesday(["05:50", "05:55"], ROUND_THE_CLOCK, shifts, HANDS.format(minutes=30))
    assert treated(records) == [["05:50-06:20"], ["08:00-08:30"]]
    assert stayed(scenario, records) == 20


# -- what else hangs on it -------------------------------------------------------------------------------------


def test_who_loses_patience_while_being_watched_is_watched_no_more():
    # One chair. B is watched at the door by the whole nurse, and goes at 08:20; C finds her free at 08:25.
    steps = """
    [visit.steps.door]
    minutes = 5
    nurse = "watch"
    patients_per_nurse = 1
    chair = false
    [visit.steps.treatment]
    minutes = 60
    """
    _, records = tuesday(
        ["08:00", "08:10", "08:25"],
        shift("day", "08:00-17:00"),
        steps,
        "[booking]\npatience_minutes = 5",
        chairs=1,
    )
    assert column(records, "decided")[1] == 1440 + 8 * 60 + 20
    assert column(records, "wait_eyes") == [0, 0, 0]
    assert records.visits["step_start"][2, 0] == 1440 + 8 * 60 + 25


def test_who_waits_for_a_chair_is_not_watched_meanwhile():
    # One chair, taken until 10:20 by A, whom a whole nurse watches. B is watched at the door by a quarter of one.
    steps = """
    [visit.steps.door]
    minutes = 5
    nurse = "watch"
    patients_per_nurse = 4
    chair = false
    [visit.steps.watch]
    minutes = 60
    nurse = "watch"
    patients_per_nurse = 1
    """
    scenario, records = tuesday(["09:15", "09:50"], GAP, steps, chairs=1)
    assert treated(records) == [["09:15-09:20", "09:20-10:20"], ["09:50-09:55", "10:20-11:20"]]
    # A whole nurse until 10:20, then one for B, whom nobody watched in the meantime.
    assert stayed(scenario, records) == 20 + 60


def test_overtime_counts_in_its_week_and_not_in_the_warm_up():
    shifts = EARLY + shift("late", "13:00-17:00")
    scenario = clinic(
        '[booking]\nmode = "walk-in"\n[run]\nwarm_up_weeks = 1\n[clinic]\nchairs = 9',
        shifts,
        HANDS.format(minutes=30),
        referrals=[datetime.datetime(2026, 1, day, 11, 45).isoformat() for day in (2, 5, 16)],
    )
    records = run(scenario)
    assert measure(records, scenario).weeks["overtime_nurse_minutes"].tolist() == [15, 15]
