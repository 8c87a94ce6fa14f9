"""Days in the clinic worked out on paper, minute by minute: chairs, hands, eyes, breaks, overtime.

Every patient here comes on Tuesday, on the minute, at the starts that are listed for it; times are told as
minutes after midnight. Orders of asking are written out where somebody waits.
"""

import math

import numpy as np

from simclinic import records as r
from tests.model.small import at, clinic, column, run, steps

TUESDAY = 1


def tuesday(starts, *texts, offsets=0):
    """Records of patients with appointments on Tuesday at these times, in order of booking."""
    listed = ", ".join(f'"{start}"' for start in starts)
    scenario = clinic(
        f"[booking.starts]\nmon = []\ntue = [{listed}]\n[attendance]\narrival_offset_minutes = {offsets}",
        *texts,
        referrals=[(0, 600 + place) for place in range(len(starts))],
    )
    records = run(scenario)
    visits = records.visits
    assert [time - at(1, 0) for time in visits["appointment"]] == sorted(
        int(start[:2]) * 60 + int(start[3:]) for start in starts
    )
    return records


def waits(records):
    visits = records.visits
    return list(zip(*(visits[f"wait_{what}"].tolist() for what in ("chair", "hands", "eyes")), strict=True))


def times(records, row):
    """Begin and end of each step in hours and minutes, as "08:00-08:15"."""
    flat = steps(records, row)
    return [f"{clock(begin)}-{clock(end)}" for begin, end in zip(flat[::2], flat[1::2], strict=True)]


def clock(minute):
    return "never" if math.isnan(minute) else f"{int(minute) // 60:02d}:{int(minute) % 60:02d}"


def on_clock(records, name):
    return [clock(time - at(TUESDAY, 0)) for time in records.visits[name]]


FIVE_STEPS = """
[visit.steps.preparation]
minutes = 15
nurse = "hands-on"
[visit.steps.infusion]
minutes = 40
nurse = "watch"
patients_per_nurse = 2
[visit.steps.recovery]
minutes = 30
nurse = "watch"
patients_per_nurse = 4
[visit.steps.discharge]
minutes = 10
nurse = "hands-on"
[visit.steps.turnover]
minutes = 10
patient = false
"""


def test_three_patients_on_two_chairs_with_one_nurse():
    records = tuesday(["08:00", "08:00", "08:15"], "[clinic]\nchairs = 2", FIVE_STEPS)
    # A sits on chair 1 and is prepared at once. B sits on chair 2 and waits for the nurse's hands until A is done
    # with them at 08:15. C comes at 08:15 and finds no chair.
    assert times(records, 0) == ["08:00-08:15", "08:15-08:55", "08:55-09:25", "09:25-09:35", "09:35-09:45"]
    assert times(records, 1) == ["08:15-08:30", "08:30-09:10", "09:10-09:40", "09:40-09:50", "09:50-10:00"]
    # Chair 1 is clean at 09:45: C sits down, but the nurse is discharging B until 09:50.
    assert times(records, 2) == ["09:50-10:05", "10:05-10:45", "10:45-11:15", "11:15-11:25", "11:25-11:35"]
    assert waits(records) == [(0, 0, 0), (0, 15, 0), (90, 5, 0)]
    assert records.visits["chair"].tolist() == [1, 2, 1]
    assert on_clock(records, "chair_from") == ["08:00", "08:00", "09:45"]
    assert on_clock(records, "chair_free") == ["09:45", "10:00", "11:35"]
    assert on_clock(records, "left") == ["09:35", "09:50", "11:25"]
    assert records.days["last_out"][TUESDAY] == at(TUESDAY, 11, 25)
    assert np.isnan(records.days["last_out"][0])
    assert records.visits["dose"].tolist() == [40.0] * 3


WATCH_ONE = """
[visit.steps.start]
minutes = 30
nurse = "hands-on"
[visit.steps.watch]
minutes = 20
nurse = "watch"
patients_per_nurse = 1
[visit.steps.discharge]
minutes = 10
nurse = "hands-on"
"""


def test_watched_until_the_next_step_begins():
    records = tuesday(["08:00"] * 3, "[clinic]\nchairs = 3", WATCH_ONE)
    # Hands are asked for by A, B, C at 08:00 and by A again at 08:50, so C is started before A is discharged at
    # 09:30; until then A stays watched, and B, started by 09:00, waits for the nurse's eyes until 09:30. C asks for
    # them at 09:30, when B is before, and gets them when B is discharged at 09:50.
    assert times(records, 0) == ["08:00-08:30", "08:30-08:50", "09:30-09:40"]
    assert times(records, 1) == ["08:30-09:00", "09:30-09:50", "09:50-10:00"]
    assert times(records, 2) == ["09:00-09:30", "09:50-10:10", "10:10-10:20"]
    assert waits(records) == [(0, 40, 0), (0, 30, 30), (0, 60, 20)]


def test_a_step_without_a_nurse_ends_the_watching():
    rest = WATCH_ONE.replace(
        '[visit.steps.discharge]\nminutes = 10\nnurse = "hands-on"', "[visit.steps.rest]\nminutes = 10"
    )
    records = tuesday(["08:00"] * 2, "[clinic]\nchairs = 2", rest)
    assert times(records, 0) == ["08:00-08:30", "08:30-08:50", "08:50-09:00"]
    assert times(records, 1) == ["08:30-09:00", "09:00-09:20", "09:20-09:30"]
    assert waits(records) == [(0, 0, 0), (0, 30, 0)]


HEAVIER = """
[visit.steps.light]
minutes = 20
nurse = "watch"
patients_per_nurse = 4
[visit.steps.heavy]
minutes = 20
nurse = "watch"
patients_per_nurse = 1
"""


def test_heavier_watching_is_released_then_asked_for():
    # A holds a quarter from 08:00, B from 08:10. At 08:20 A gives it back and wants a whole nurse: B's quarter is
    # in the way until 08:30. (Did B keep it while asking, neither would ever be served.)
    records = tuesday(["08:00", "08:10"], "[clinic]\nchairs = 2", HEAVIER)
    assert times(records, 0) == ["08:00-08:20", "08:30-08:50"]
    assert times(records, 1) == ["08:10-08:30", "08:50-09:10"]
    assert waits(records) == [(0, 0, 10), (0, 0, 20)]


def test_a_heavy_request_is_not_overtaken_by_a_light_one():
    # As above, and C wants a quarter at 08:25, when A waits for a whole nurse: C waits behind A until 08:50, comes
    # before B then (who asked at 08:30), and at 09:10 behind B.
    records = tuesday(["08:00", "08:10", "08:25"], "[clinic]\nchairs = 3", HEAVIER)
    assert times(records, 0) == ["08:00-08:20", "08:30-08:50"]
    assert times(records, 2) == ["08:50-09:10", "09:30-09:50"]
    assert times(records, 1) == ["08:10-08:30", "09:10-09:30"]
    assert waits(records) == [(0, 0, 10), (0, 0, 40), (0, 0, 45)]


LIGHTER = """
[visit.steps.heavy]
minutes = 20
nurse = "watch"
patients_per_nurse = 2
[visit.steps.light]
minutes = 20
nurse = "watch"
patients_per_nurse = 4
"""


def test_lighter_watching_never_waits():
    # A and B take the whole nurse; C waits. At 08:20 both go over to a quarter each, before C, who takes a half.
    records = tuesday(["08:00"] * 3, "[clinic]\nchairs = 3", LIGHTER)
    assert times(records, 0) == times(records, 1) == ["08:00-08:20", "08:20-08:40"]
    assert times(records, 2) == ["08:20-08:40", "08:40-09:00"]
    assert waits(records) == [(0, 0, 0), (0, 0, 0), (0, 0, 20)]


def test_three_halves_and_a_quarter_left_over():
    # D comes at 08:30: two quarters and a half are held until 08:40.
    records = tuesday(["08:00", "08:00", "08:00", "08:30"], "[clinic]\nchairs = 4", LIGHTER)
    assert times(records, 3) == ["08:40-09:00", "09:00-09:20"]
    assert waits(records)[3] == (0, 0, 10)


def test_equal_watching_goes_on_without_asking():
    # Two steps at two patients per nurse, with C waiting since 08:00: A and B keep the nurse until 08:40.
    same = LIGHTER.replace("patients_per_nurse = 4", "patients_per_nurse = 2")
    records = tuesday(["08:00"] * 3, "[clinic]\nchairs = 3", same)
    assert times(records, 0) == times(records, 1) == ["08:00-08:20", "08:20-08:40"]
    assert times(records, 2) == ["08:40-09:00", "09:00-09:20"]


def test_steps_without_a_chair_stand_before_and_after():
    records = tuesday(
        ["08:00", "08:00"],
        """
        [visit.steps.door]
        minutes = 10
        nurse = "hands-on"
        chair = false
        [visit.steps.treatment]
        minutes = 30
        [visit.steps.lounge]
        minutes = 20
        chair = false
        """,
    )
    assert times(records, 0) == ["08:00-08:10", "08:10-08:40", "08:40-09:00"]
    assert times(records, 1) == ["08:10-08:20", "08:40-09:10", "09:10-09:30"]
    assert waits(records) == [(0, 0, 0), (20, 10, 0)]
    assert on_clock(records, "chair_from") == ["08:10", "08:40"]
    assert on_clock(records, "chair_free") == ["08:40", "09:10"]
    assert on_clock(records, "left") == ["09:00", "09:30"]
    assert records.visits["chair"].tolist() == [1, 1]


def test_turnover_by_a_nurse_waits_for_hands_and_holds_the_chair():
    # One chair, one nurse, started for 20 minutes, 20 on their own, cleaned for 10 by the nurse. B (08:30, no nurse
    # until seated) sits when A's chair is clean. The second chair makes the nurse busy: C is started 08:30-08:50.
    records = tuesday(
        ["08:00", "08:30", "08:30"],
        """
        [clinic]
        chairs = 2
        [visit.steps.start]
        minutes = 20
        nurse = "hands-on"
        [visit.steps.rest]
        minutes = 20
        [visit.steps.cleaning]
        minutes = 10
        nurse = "hands-on"
        patient = false
        """,
    )
    # A leaves at 08:40; the nurse starts B until 08:50; then cleans chair 1 until 09:00, when C sits down on it.
    assert times(records, 0) == ["08:00-08:20", "08:20-08:40", "08:50-09:00"]
    assert times(records, 1) == ["08:30-08:50", "08:50-09:10", "09:20-09:30"]
    assert times(records, 2) == ["09:00-09:20", "09:20-09:40", "09:40-09:50"]
    assert on_clock(records, "left") == ["08:40", "09:10", "09:40"]
    assert on_clock(records, "chair_free") == ["09:00", "09:30", "09:50"]
    # B's waits end with B: the chair that waits to be cleaned is nobody's wait but C's.
    assert waits(records) == [(0, 0, 0), (0, 0, 0), (30, 0, 0)]
    assert records.visits["chair"].tolist() == [1, 2, 1]


def test_the_lowest_free_number():
    # Chairs 1, 2, 3 from 08:00 for 60 minutes each, at 08:00, 08:10, 08:20; at 09:15 chairs 1 and 2 are free.
    records = tuesday(["08:00", "08:10", "08:20", "09:15", "09:30"], "[clinic]\nchairs = 3")
    assert records.visits["chair"].tolist() == [1, 2, 3, 1, 2]


# -- Opening and closing -----------------------------------------------------------------------------------


def test_nobody_is_served_before_opening_but_perhaps_before_the_appointment():
    records = tuesday(["08:00", "09:30"], offsets=-20)
    assert on_clock(records, "arrived") == ["07:40", "09:10"]
    assert times(records, 0) == ["08:00-09:00"]
    assert times(records, 1) == ["09:10-10:10"]
    assert waits(records) == [(0, 0, 0), (0, 0, 0)]


SHORT_SHIFT = """
[shifts.day]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "08:00-10:00"
nurses = 1
"""


def test_the_nurse_stays_until_the_last_patient_leaves():
    # The shift ends at 10:00, when A has just been seated at 09:50; B comes at 10:05 and is served, too.
    steps_of = """
    [visit.steps.watch]
    minutes = 60
    nurse = "watch"
    patients_per_nurse = 1
    [visit.steps.discharge]
    minutes = 10
    nurse = "hands-on"
    """
    records = tuesday(["09:50", "09:55"], "[clinic]\nchairs = 2", SHORT_SHIFT, steps_of, offsets=0)
    assert times(records, 0) == ["09:50-10:50", "10:50-11:00"]
    assert times(records, 1) == ["10:50-11:50", "11:50-12:00"]


def test_after_the_last_patient_has_left_there_is_nobody():
    # A leaves at 10:30 and the nurse with A; B, expected at 09:30, comes at 10:35, is served on Wednesday at 08:00.
    listed = '[booking.starts]\nmon = []\ntue = ["09:30", "09:30"]\nwed = []'
    hour = '[visit.steps.treatment]\nminutes = 60\nnurse = "hands-on"'
    scenario = clinic(
        listed,
        SHORT_SHIFT,
        hour,
        '[attendance]\narrival_offset_minutes = { dist = "empirical", values = [0, 65] }',
        "[clinic]\nchairs = 2",
        referrals=[(0, 600), (0, 601)],
    )
    result = 0
    for seed in range(20):
        records = run(scenario, seed)
        late = [time == at(1, 10, 35) for time in column(records, "arrived")]
        if late == [False, True]:
            result += 1
            assert times(records, 0) == ["09:30-10:30"]
            assert column(records, "step_start")[1] == [at(2, 8)]
            assert column(records, "wait_hands")[1] == at(2, 8) - at(1, 10, 35)
    assert result


def test_the_last_shift_that_has_anybody_stays_as_it_is():
    # Two nurses until 09:30, one more until 10:00: the one stays. Both patients want hands at 10:20, and one waits.
    shifts = """
    [shifts.early]
    days = ["tue"]
    hours = "08:00-09:30"
    nurses = 2
    [shifts.late]
    days = ["tue"]
    hours = "08:00-10:00"
    nurses = 1
    """
    steps_of = '[visit.steps.rest]\nminutes = 60\n[visit.steps.discharge]\nminutes = 10\nnurse = "hands-on"'
    records = tuesday(["09:20", "09:20"], "[clinic]\nchairs = 2", shifts, steps_of)
    assert times(records, 0) == ["09:20-10:20", "10:20-10:30"]
    assert times(records, 1) == ["09:20-10:20", "10:30-10:40"]


def test_a_shift_that_has_gone_home_does_not_stay():
    # As above, but the two nurses who go home at 09:30 have the name that comes last in the alphabet.
    shifts = """
    [shifts.day]
    days = ["tue"]
    hours = "08:00-10:00"
    nurses = 1
    [shifts.morning]
    days = ["tue"]
    hours = "08:00-09:30"
    nurses = 2
    """
    steps_of = '[visit.steps.rest]\nminutes = 60\n[visit.steps.discharge]\nminutes = 10\nnurse = "hands-on"'
    records = tuesday(["09:20", "09:20"], "[clinic]\nchairs = 2", shifts, steps_of)
    assert times(records, 0) == ["09:20-10:20", "10:20-10:30"]
    assert times(records, 1) == ["09:20-10:20", "10:30-10:40"]


def test_of_two_shifts_that_end_together_the_last_by_name_stays():
    shifts = """
    [shifts.second]
    days = ["tue"]
    hours = "08:00-10:00"
    nurses = 1
    [shifts.first]
    days = ["tue"]
    hours = "08:00-10:00"
    nurses = 2
    """
    steps_of = '[visit.steps.rest]\nminutes = 60\n[visit.steps.discharge]\nminutes = 10\nnurse = "hands-on"'
    records = tuesday(["09:20", "09:20"], "[clinic]\nchairs = 2", shifts, steps_of)
    assert times(records, 0) == ["09:20-10:20", "10:20-10:30"]
    assert times(records, 1) == ["09:20-10:20", "10:30-10:40"]


def test_overtime_ends_when_the_next_shift_comes():
    # One nurse until 10:00, two from 11:00. A is inside from 09:50 to 11:30; at 10:30 B and C want hands: one pair
    # until 11:00, two from then on.
    shifts = """
    [shifts.early]
    days = ["tue"]
    hours = "08:00-10:00"
    nurses = 1
    [shifts.late]
    days = ["tue"]
    hours = "11:00-17:00"
    nurses = 2
    """
    steps_of = '[visit.steps.rest]\nminutes = 70\n[visit.steps.discharge]\nminutes = 50\nnurse = "hands-on"'
    records = tuesday(["09:00", "09:20", "09:30"], "[clinic]\nchairs = 3", shifts, steps_of)
    # A is discharged from 10:10 to 11:00; B, who asks at 10:30, and C, at 10:40, both get a nurse at 11:00.
    assert times(records, 0) == ["09:00-10:10", "10:10-11:00"]
    assert times(records, 1) == ["09:20-10:30", "11:00-11:50"]
    assert times(records, 2) == ["09:30-10:40", "11:00-11:50"]


# -- Breaks ------------------------------------------------------------------------------------------------

BREAK = """
[shifts.day]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "08:00-17:00"
nurses = {nurses}
break = "09:00-09:30"
"""

HANDS_THEN_EYES = """
[visit.steps.start]
minutes = 20
nurse = "hands-on"
[visit.steps.watch]
minutes = 10
nurse = "watch"
patients_per_nurse = 1
"""


def test_a_break_takes_hands_not_eyes_and_what_is_under_way_is_finished():
    # A is started from 08:50 to 09:10, ten minutes into the break, and watched during it. B asks at 08:55.
    records = tuesday(["08:50", "08:55"], "[clinic]\nchairs = 2", BREAK.format(nurses=1), HANDS_THEN_EYES)
    assert times(records, 0) == ["08:50-09:10", "09:10-09:20"]
    assert times(records, 1) == ["09:30-09:50", "09:50-10:00"]
    assert waits(records) == [(0, 0, 0), (0, 35, 0)]


def test_two_nurses_break_in_two_waves():
    # From 09:00 to 10:00 one pair of hands. All three ask at 09:00.
    records = tuesday(["09:00"] * 3, "[clinic]\nchairs = 3", BREAK.format(nurses=2), HANDS_THEN_EYES)
    assert [times(records, row)[0] for row in range(3)] == ["09:00-09:20", "09:20-09:40", "09:40-10:00"]
    # Two pairs of eyes all the time: watching never waits.
    assert [times(records, row)[1] for row in range(3)] == ["09:20-09:30", "09:40-09:50", "10:00-10:10"]


def test_three_nurses_break_two_first():
    # One pair of hands from 09:00 to 09:30, two to 10:00, three after.
    records = tuesday(["09:00"] * 5, "[clinic]\nchairs = 5", BREAK.format(nurses=3), HANDS_THEN_EYES)
    begins = [times(records, row)[0][:5] for row in range(5)]
    assert begins == ["09:00", "09:20", "09:30", "09:40", "09:50"]


def test_a_break_together_leaves_no_hands():
    together = BREAK.format(nurses=2) + "break_together = true"
    records = tuesday(["09:00"] * 2, "[clinic]\nchairs = 2", together, HANDS_THEN_EYES)
    assert [times(records, row)[0] for row in range(2)] == ["09:30-09:50", "09:30-09:50"]


# -- Capacity that falls -----------------------------------------------------------------------------------


def test_when_nurses_go_home_work_goes_on_and_nothing_starts_until_there_are_fewer_tasks_than_nurses():
    shifts = """
    [shifts.early]
    days = ["tue"]
    hours = "08:00-09:00"
    nurses = 1
    [shifts.day]
    days = ["tue"]
    hours = "08:00-17:00"
    nurses = 1
    """
    hands = '[visit.steps.treatment]\nminutes = 20\nnurse = "hands-on"'
    records = tuesday(["08:50", "08:55", "08:58"], "[clinic]\nchairs = 3", shifts, hands)
    # A until 09:10, B until 09:15, one nurse from 09:00: at 09:10 there is still one task for one nurse.
    assert [times(records, row) for row in range(3)] == [["08:50-09:10"], ["08:55-09:15"], ["09:15-09:35"]]


ROUND_THE_CLOCK = "\n".join(
    ["[clinic.hours]"] + [f'{day} = "24h"' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]
)


def test_a_chair_taken_away_by_date_is_used_up_first():
    # Three chairs until Monday's midnight, then one. A, B, C sit from 22:00, 22:10 and 22:20, for four hours. D
    # comes at 23:00 and waits: until C leaves at 02:20 the one chair is in use.
    scenario = clinic(
        ROUND_THE_CLOCK,
        '[booking]\nmode = "walk-in"\n[clinic]\nchairs = 3\n[visit.steps.treatment]\nminutes = 240\n'
        '[changes."2026-01-06"]\n"clinic.chairs" = 1',
        referrals=[(0, 22 * 60), (0, 22 * 60 + 10), (0, 22 * 60 + 20), (0, 23 * 60)],
    )
    records = run(scenario)
    assert column(records, "chair_from") == [at(0, 22), at(0, 22, 10), at(0, 22, 20), at(1, 2, 20)]
    assert column(records, "chair") == [1, 2, 3, 1]
    assert records.days["chairs"][:3].tolist() == [3, 1, 1]


def test_a_chair_added_by_date_is_taken_at_midnight():
    scenario = clinic(
        ROUND_THE_CLOCK,
        '[booking]\nmode = "walk-in"\n[visit.steps.treatment]\nminutes = 240\n'
        '[changes."2026-01-06"]\n"clinic.chairs" = 2',
        referrals=[(0, 22 * 60), (0, 23 * 60)],
    )
    assert column(run(scenario), "chair_from") == [at(0, 22), at(1, 0)]


# -- Walking in --------------------------------------------------------------------------------------------


def walk_in(referrals, *texts):
    return run(clinic('[booking]\nmode = "walk-in"', *texts, referrals=referrals))


def test_who_finds_the_clinic_closed_comes_at_the_same_minute_of_the_next_open_day():
    hours = """
    [clinic]
    closed_on = [2026-01-07]
    chairs = 9
    [clinic.hours]
    mon = "08:00-12:00"
    wed = "10:00-17:00"
    """
    referrals = [
        (0, 420),  # Monday 07:00: at opening of the same day
        (0, 480),  # just at opening
        (0, 719),  # the last minute
        (0, 720),  # just closed; Wednesday is a holiday: Monday at 12:00 is outside hours, so at opening
        (1, 660),  # Tuesday 11:00: next Monday at 11:00
        (8, 660),  # Tuesday 11:00: Wednesday at 11:00
        (8, 540),  # Tuesday 09:00: Wednesday at opening, 10:00
        (9, 1020),  # Wednesday at closing: beyond the two weeks
    ]
    records = walk_in(referrals, hours)
    assert sorted(column(records, "arrived")) == [
        at(0, 8),
        at(0, 8),
        at(0, 11, 59),
        at(7, 8),
        at(7, 11),
        at(9, 10),
        at(9, 11),
    ]
    assert column(records, "appointment") == column(records, "arrived")


def test_who_waits_for_watching_is_watched_when_the_shift_begins():
    late = '[shifts.day]\ndays = ["mon"]\nhours = "09:30-17:00"\nnurses = 1'
    watch = '[visit.steps.watch]\nminutes = 60\nnurse = "watch"\npatients_per_nurse = 1'
    records = walk_in([(0, 540)], late, watch)
    assert column(records, "chair_from") == [at(0, 9)]
    assert times(records, 0) == ["09:30-10:30"]


def test_the_waiting_room():
    # One chair, an hour each, one place to wait: the third finds it taken, the fourth comes when it is free again.
    records = walk_in([(0, 480), (0, 490), (0, 500), (0, 545)], "[booking]\nwaiting_room = 1")
    assert [r.OUTCOMES[code] for code in column(records, "outcome")] == [
        "completed",
        "completed",
        "balked",
        "completed",
    ]
    assert column(records, "wait_chair") == [0, 50, 0, 55]
    assert [r.REASONS[code] for code in records.patients["reason"]] == [
        "no response",
        "no response",
        "balked",
        "no response",
    ]
    assert records.patients["left"][2] == at(0, 8, 20)
    assert column(records, "left")[2] == at(0, 8, 20)


def test_patience_ends():
    # One chair; B waits 30 minutes and goes at 08:40, so C, who came at 08:35, is next at 09:00.
    records = walk_in([(0, 480), (0, 490), (0, 515)], "[booking]\npatience_minutes = 30")
    assert column(records, "outcome") == [r.COMPLETED, r.BALKED, r.COMPLETED]
    assert column(records, "decided") == [at(0, 9), at(0, 8, 40), at(0, 10)]
    assert column(records, "wait_chair") == [0, 30, 25]
    assert math.isnan(column(records, "chair")[1])
    assert math.isnan(column(records, "chair_from")[1])


def test_patience_that_ends_just_when_a_chair_is_free_is_rewarded():
    records = walk_in([(0, 480), (0, 490)], "[booking]\npatience_minutes = 50")
    assert column(records, "outcome") == [r.COMPLETED, r.COMPLETED]
    assert column(records, "wait_chair") == [0, 50]


def test_the_next_infusion_is_gap_days_after_the_arrival():
    # Thursday 09:30; gaps of 2 to 5: Saturday is closed, so Monday at 09:30; then Wednesday. Each waits its turn.
    records = walk_in(
        [(3, 570), (3, 570)],
        "[protocols.three]\ninfusions = 3\ngap_days = [2, 5]\n[demand.protocol_mix]\nthree = 1.0",
    )
    first = records.visits["patient"] == 0
    assert records.visits["arrived"][first].tolist() == [at(3, 9, 30), at(7, 9, 30), at(9, 9, 30)]
    assert records.visits["arrived"][~first].tolist() == [at(3, 9, 30), at(7, 9, 30), at(9, 9, 30)]
    assert records.visits["wait_chair"][~first].tolist() == [60, 60, 60]


def test_who_is_inside_at_closing_is_served():
    records = walk_in([(0, 1000), (0, 1010), (0, 1019)], "[clinic]\nchairs = 1")
    assert column(records, "left") == [at(0, 17, 40), at(0, 18, 40), at(0, 19, 40)]
    assert records.days["last_out"][0] == at(0, 19, 40)
