"""Hands and eyes over the day, worked out on paper and minute by minute."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simclinic.planning import Timetable
from simclinic.planning.roster import Duty, covered, steps
from tests.model.small import clinic


def duty(start, end, nurses, pause=None, minutes=0, *, together=False):
    return Duty(
        0, float(start), float(end), nurses, None if pause is None else float(pause), float(minutes), together
    )


def as_rows(*duties, present=None):
    present = tuple(one.nurses for one in duties) if present is None else present
    return [(step.minute, step.hands, step.nurses) for step in steps(duties, present)]


def test_two_nurses_break_one_after_the_other():
    # 07:30 two; from 12:00 to 13:00 one pair of hands (two waves of half an hour), but two pairs of eyes.
    assert as_rows(duty(450, 1050, 2, 720, 30)) == [(450, 2, 2), (720, 1, 2), (780, 2, 2), (1050, 0, 0)]


def test_the_larger_half_breaks_first():
    assert as_rows(duty(450, 1050, 5, 720, 30)) == [
        (450, 5, 5),
        (720, 2, 5),
        (750, 3, 5),
        (780, 5, 5),
        (1050, 0, 0),
    ]


def test_one_nurse_breaks_once():
    assert as_rows(duty(450, 1050, 1, 720, 30)) == [(450, 1, 1), (720, 0, 1), (750, 1, 1), (1050, 0, 0)]


def test_all_at_once():
    assert as_rows(duty(450, 1050, 4, 720, 45, together=True)) == [
        (450, 4, 4),
        (720, 0, 4),
        (765, 4, 4),
        (1050, 0, 0),
    ]


def test_who_is_absent_takes_no_break():
    assert as_rows(duty(450, 1050, 4, 720, 30), present=(3,)) == [
        (450, 3, 3),
        (720, 1, 3),
        (750, 2, 3),
        (780, 3, 3),
        (1050, 0, 0),
    ]


def test_shifts_overlap_and_hand_over():
    assert as_rows(duty(420, 930, 2), duty(660, 1170, 3)) == [
        (420, 2, 2),
        (660, 5, 5),
        (930, 3, 3),
        (1170, 0, 0),
    ]
    assert as_rows(duty(480, 720, 2), duty(720, 960, 2)) == [(480, 2, 2), (960, 0, 0)]


@st.composite
def duties(draw):
    start = draw(st.integers(0, 100))
    end = draw(st.integers(start + 1, 160))
    nurses = draw(st.integers(0, 5))
    if not draw(st.booleans()) or end - start < 3:
        return duty(start, end, nurses)
    together = draw(st.booleans())
    minutes = draw(st.integers(1, (end - start) // (1 if together else 2)))
    pause = draw(st.integers(start, end - minutes * (1 if together else 2)))
    return duty(start, end, nurses, pause, minutes, together=together)


@settings(deadline=None, derandomize=True)
@given(st.lists(duties(), max_size=4), st.data())
def test_against_a_count_minute_by_minute(working, data):
    present = tuple(data.draw(st.integers(0, one.nurses)) for one in working)
    staircase = steps(tuple(working), present)
    assert [step.minute for step in staircase] == sorted({step.minute for step in staircase})
    hands = eyes = 0
    jumps = {step.minute: step for step in staircase}
    for minute in range(170):
        if minute in jumps:
            hands, eyes = jumps[minute].hands, jumps[minute].nurses
        there = resting = 0
        for one, count in zip(working, present, strict=True):
            if not one.start <= minute < one.end:
                continue
            there += count
            if one.break_start is None:
                continue
            first = count if one.together else math.ceil(count / 2)
            wave = (minute - one.break_start) // one.break_minutes
            resting += {0: first, 1: count - first}.get(wave, 0)
        assert (hands, eyes) == (there - resting, there)
        assert covered(tuple(working), present, minute) == (there > 0)


SHIFTS = """
[clinic]
closed_on = [2026-01-07]
[clinic.hours]
mon = "08:00-12:00"
wed = "08:00-12:00"
fri = "08:00-12:00"
[shifts.early]
days = ["mon", "wed", "fri"]
hours = "07:00-12:30"
nurses = 2
[shifts.friday]
days = ["fri"]
hours = "09:00-13:00"
nurses = 1
[changes."2026-01-16"]
"shifts.early.nurses" = 3
"shifts.friday.hours" = "10:00-13:00"
"""


def test_who_is_rostered_on_which_date():
    timetable = Timetable(clinic(SHIFTS))
    assert timetable.roster.names == ("early", "friday")
    # Monday, Wednesday (a holiday), Friday; then the same, and from the second Friday on one more.
    assert timetable.rostered[[0, 2, 4, 7, 9, 11]].tolist() == [
        [2, 0],
        [0, 0],
        [2, 1],
        [2, 0],
        [2, 0],
        [3, 1],
    ]
    begin, end = timetable.shift_times
    assert begin[4].tolist() == [4 * 1440 + 420, 4 * 1440 + 540]
    assert begin[11].tolist() == [11 * 1440 + 420, 11 * 1440 + 600]
    assert end[11].tolist() == [11 * 1440 + 750, 11 * 1440 + 780]
    assert all(math.isnan(time) for day in (1, 2, 3, 5, 6) for time in begin[day])


@pytest.mark.parametrize(
    ("minute", "there"), [(419, False), (420, True), (749, True), (750, True), (779, True), (780, False)]
)
def test_on_friday_somebody_is_there_from_seven_to_one(minute, there):
    timetable = Timetable(clinic(SHIFTS))
    working = timetable.roster.working[4]
    assert covered(working, (2, 1), minute) == there
