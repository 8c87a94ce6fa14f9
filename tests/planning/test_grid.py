"""The derived grid: small days by hand, and any day against a count minute by minute."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simclinic.planning import Timetable
from simclinic.planning import grid as grids
from simclinic.planning.grid import Claim, PlannedVisit, derive, fill, planned_visit
from simclinic.planning.roster import Staffing
from simclinic.records import LIMITS
from simclinic.scenario.hours import Hours, Span
from tests.model.small import clinic


def grid(*texts, day=0):
    """Starts of a day, in minutes after midnight, and what limits them."""
    made = Timetable(clinic(*texts)).grids[day]
    return None if made is None else (list(made.starts), LIMITS[made.limit])


def hours(span, chairs=1):
    return f'[clinic]\nchairs = {chairs}\n[clinic.hours]\nmon = "{span}"'


def every(minutes):
    return f"[booking]\nstart_every_minutes = {minutes}"


# -- By hand -----------------------------------------------------------------------------------------------


def test_chairs_limit():
    # Nine hours, three chairs, an hour each, no nurse.
    starts, limit = grid(hours("08:00-17:00", 3), every(30))
    assert starts == [start for start in range(480, 1020, 60) for _ in range(3)]
    assert limit == "chairs"


def test_hands_limit():
    starts, limit = grid(
        hours("08:00-11:00", 3), every(15), '[visit.steps.treatment]\nminutes = 30\nnurse = "hands-on"'
    )
    assert starts == [480, 510, 540, 570, 600, 630]
    assert limit == "hands"


def test_eyes_limit():
    step = '[visit.steps.treatment]\nminutes = 60\nnurse = "watch"\npatients_per_nurse = 2'
    starts, limit = grid(hours("08:00-10:00", 5), every(60), step)
    assert starts == [480, 480, 540, 540]
    assert limit == "eyes"


def test_a_visit_begins_only_when_a_nurse_is_there():
    # Forms need nobody until 8:30, when the nurse comes; the clinic would cancel who is to come at 8.
    shift = '[shifts.nurse]\ndays = ["mon"]\nhours = "08:30-12:00"\nnurses = 1'
    steps = (
        "[visit.steps.treatment]\nminutes = 30\n"
        '[visit.steps.after]\nminutes = 60\nnurse = "watch"\npatients_per_nurse = 1'
    )
    assert grid(hours("08:00-13:00", 5), every(60), steps, shift)[0] == [540, 600]
    assert grid(hours("08:00-13:00", 1), every(30), shift)[0] == [510, 570, 630, 690]  # needs nobody at all


def test_hours_limit():
    assert grid(hours("08:00-10:00", 2), every(15), "[visit.steps.treatment]\nminutes = 121") == ([], "hours")


def test_one_chair_with_one_nurse_each_need_the_other():
    step = '[visit.steps.treatment]\nminutes = 60\nnurse = "hands-on"'
    assert grid(hours("08:00-10:00", 1), every(60), step) == ([480, 540], "chairs and nurses")


def test_a_nurse_limits_where_neither_hands_nor_eyes_help_alone():
    # An hour of hands, an hour of eyes: one begins each hour, 8 to 10. More hands find nobody to watch, more eyes
    # nothing to watch; a nurse has both, and doubles it.
    steps = (
        '[visit.steps.treatment]\nminutes = 60\nnurse = "hands-on"\n'
        '[visit.steps.after]\nminutes = 60\nnurse = "watch"\npatients_per_nurse = 1'
    )
    assert grid(hours("08:00-12:00", 10), every(60), steps) == ([480, 540, 600], "nurses")


START_THEN_WATCH = """
[visit.steps.start]
minutes = 15
nurse = "hands-on"
[visit.steps.watch]
minutes = 45
nurse = "watch"
patients_per_nurse = 2
"""


def test_three_chairs_with_one_nurse_who_starts_and_watches():
    # Started at 08:00 and 08:15, watched from 08:15 to 09:00 and from 08:30 to 09:15: the third watch can begin at
    # 09:00, so the third start is 08:45, and the fourth 09:00.
    starts, limit = grid(hours("08:00-10:00", 3), every(15), START_THEN_WATCH)
    assert starts == [480, 495, 525, 540]  # leaving at 09:00, 09:15, 09:45, 10:00
    # More eyes alone would start the third at 08:30 and the fourth, for want of a chair, at 09:00: no more.
    # A whole nurse would start two at 08:00, one at 08:15, two at 09:00: one more.
    assert limit == "nurses"


def test_a_break_takes_hands_not_eyes():
    shift = '[shifts.day]\ndays = ["mon"]\nhours = "08:00-17:00"\nnurses = 1\nbreak = "09:00-09:30"'
    hands = '[visit.steps.treatment]\nminutes = 30\nnurse = "hands-on"'
    assert grid(hours("08:00-11:00", 4), every(30), shift, hands)[0] == [480, 510, 570, 600, 630]
    # A planned task does not run into the break, either.
    assert grid(hours("08:00-11:00", 4), every(20), shift, hands)[0] == [480, 580, 620]
    watch = '[visit.steps.treatment]\nminutes = 30\nnurse = "watch"\npatients_per_nurse = 1'
    assert grid(hours("08:00-11:00", 4), every(30), shift, watch)[0] == [480, 510, 540, 570, 600, 630]


def test_two_waves_leave_half_the_hands():
    shift = '[shifts.day]\ndays = ["mon"]\nhours = "08:00-17:00"\nnurses = 2\nbreak = "08:30-09:00"'
    hands = '[visit.steps.treatment]\nminutes = 30\nnurse = "hands-on"'
    assert grid(hours("08:00-10:00", 4), every(30), shift, hands)[0] == [480, 480, 510, 540, 570, 570]
    together = shift + "\nbreak_together = true"
    assert grid(hours("08:00-10:00", 4), every(30), together, hands)[0] == [480, 480, 540, 540, 570, 570]


def test_absence_leaves_the_book_alone():
    hands = '[visit.steps.treatment]\nminutes = 30\nnurse = "hands-on"'
    shift = '[shifts.day]\ndays = ["mon"]\nhours = "08:00-17:00"\nnurses = 2\nabsence = 0.9'
    assert grid(hours("08:00-09:00", 4), every(30), shift, hands)[0] == [480, 480, 510, 510]


def test_a_shift_that_comes_later_begins_later():
    hands = '[visit.steps.treatment]\nminutes = 30\nnurse = "hands-on"'
    shift = '[shifts.day]\ndays = ["mon"]\nhours = "08:45-10:00"\nnurses = 1'
    # Grid steps at 08:00, 08:30, 09:00, 09:30; the nurse goes at 10:00, the clinic closes at 11:00.
    assert grid(hours("08:00-11:00", 4), every(30), shift, hands)[0] == [540, 570]


TURNOVER = """
[visit.steps.treatment]
minutes = 60
[visit.steps.turnover]
minutes = 30
patient = false
"""


@pytest.mark.parametrize(
    ("closing", "starts"),
    [("10:00", [480]), ("10:29", [480]), ("10:30", [480, 570]), ("12:00", [480, 570, 660])],
)
def test_discharge_by_closing_and_turnover_after_it(closing, starts):
    assert grid(hours(f"08:00-{closing}"), every(30), TURNOVER)[0] == starts


def test_a_step_without_a_chair_lets_the_next_one_sit_down():
    # Ten minutes at the door, twenty in the chair, thirty in the lounge: the chair turns over every 20 minutes.
    steps = """
    [visit.steps.door]
    minutes = 10
    chair = false
    [visit.steps.treatment]
    minutes = 20
    [visit.steps.lounge]
    minutes = 30
    chair = false
    """
    assert grid(hours("08:00-10:00"), every(10), steps)[0] == [480, 500, 520, 540]


def test_planned_lengths_are_means_after_clipping_without_extras():
    steps = """
    [visit.steps.treatment]
    minutes = { dist = "exponential", mean = 60, at_most = 60 }
    first_visit_extra_minutes = 100
    [visit.complications.long]
    step = "treatment"
    probability = 0.9
    extra_minutes = 100
    """
    visit = planned_visit(clinic(steps).visit)
    assert visit.patient_minutes == pytest.approx(60 * (1 - math.exp(-1)), rel=1e-12)
    assert grid(hours("08:00-10:00"), every(1), steps)[0] == [
        480,
        518,
        556,
    ]  # every 38 minutes; 9:54 at the end


def test_listed_starts_take_the_place_of_derived_ones_on_their_weekday():
    text = '[booking.starts]\nmon = ["09:00", "08:00", "08:00"]\n[booking]\nstart_every_minutes = 240'
    assert grid(text) == ([480, 480, 540], "listed")
    assert grid(text, day=1) == ([480, 720, 960], "chairs")
    assert grid(text, day=5) is None


def test_a_change_of_chairs_changes_the_grid_from_its_date_on():
    timetable = Timetable(
        clinic('[changes."2026-01-07"]\n"clinic.chairs" = 2\n[booking]\nstart_every_minutes = 60')
    )
    assert [len(timetable.grids[day].starts) for day in (0, 1, 2, 3, 7)] == [9, 9, 18, 18, 18]


# -- Minute by minute --------------------------------------------------------------------------------------


def by_minutes(visit, hours, chairs, hands, nurses, grid_step):
    """Fill a day greedily by counting every minute; `hands` and `nurses` are given for each."""
    used = {"chair": [0] * 3000, "hands": [0] * 3000, "eyes": [0] * 3000}
    there = {
        "chair": [chairs] * 3000,
        "hands": [*hands, *[0] * 3000],
        "eyes": [*(visit.eyes_per_nurse * count for count in nurses), *[0] * 3000],
    }

    def claims(start):
        for name, wanted in (("chair", visit.chair), ("hands", visit.hands), ("eyes", visit.eyes)):
            for claim in wanted:
                for minute in range(int(start + claim.start), int(start + claim.end)):
                    yield name, minute, claim.amount

    starts = []
    for span in hours.spans:
        start = span.start
        while start + visit.patient_minutes <= span.end:
            for _ in range(chairs if nurses[start] else 0):
                if any(used[name][at] + amount > there[name][at] for name, at, amount in claims(start)):
                    break
                for name, at, amount in claims(start):
                    used[name][at] += amount
                starts.append(start)
            start += grid_step
    return tuple(starts)


@st.composite
def planned(draw):
    ratios = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    shares = math.lcm(*ratios)
    now, hands, eyes, spans = 0, [], [], []
    for ratio in ratios:
        end = now + draw(st.integers(1, 25))
        spans.append((now, end))
        kind = draw(st.sampled_from(["hands", "eyes", "none"]))
        if kind == "hands":
            hands.append(Claim(now, end, 1))
        elif kind == "eyes":
            eyes.append(Claim(now, end, shares // ratio))
        now = end
    first = draw(st.integers(0, len(spans) - 1))
    last = draw(st.integers(first, len(spans) - 1))
    patient = draw(st.integers(1, now))
    return PlannedVisit(
        (Claim(spans[first][0], spans[last][1], 1),), tuple(hands), tuple(eyes), patient, shares
    )


@st.composite
def staircases(draw):
    moments = sorted(draw(st.lists(st.integers(0, 150), min_size=1, max_size=5, unique=True)))
    counts = [draw(st.integers(0, 3)) for _ in moments]
    return tuple(
        Staffing(float(moment), draw(st.integers(0, count)), count)
        for moment, count in zip(moments, counts, strict=True)
    )


@st.composite
def opened(draw):
    """Opening hours with up to two pauses, some shorter than a visit."""
    edges = sorted(draw(st.lists(st.integers(0, 160), min_size=6, max_size=6, unique=True)))
    edges = edges[: 2 * draw(st.integers(1, 3))]
    return Hours(tuple(Span(*pair) for pair in zip(edges[::2], edges[1::2], strict=True)))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(planned(), opened(), st.integers(1, 3), staircases(), st.integers(3, 20))
def test_against_a_count_of_every_minute(visit, hours, chairs, roster, grid_step):
    hands, nurses = [0] * 3000, [0] * 3000
    for step in roster:
        hands[int(step.minute) :] = [step.hands] * (3000 - int(step.minute))
        nurses[int(step.minute) :] = [step.nurses] * (3000 - int(step.minute))

    def filled(more_chairs=0, more_hands=0, more_nurses=0):
        return by_minutes(
            visit,
            hours,
            chairs + more_chairs,
            [count + more_hands * (there > 0) for count, there in zip(hands, nurses, strict=True)],
            [count + more_nurses * (count > 0) for count in nurses],
            grid_step,
        )

    expected = filled()
    assert fill(visit, hours, chairs, roster, grid_step) == expected
    gains = {
        "chairs": len(filled(1)) - len(expected),
        "hands": len(filled(0, 1)) - len(expected),
        "eyes": len(filled(0, 0, 1)) - len(expected),
        "nurses": len(filled(0, 1, 1)) - len(expected),
    }
    limit = LIMITS[derive(visit, hours, chairs, roster, grid_step).limit]
    if max(gains.values()) > 0:
        assert gains[limit] == max(gains.values())
    elif len(filled(1, 1, 1)) > len(expected):
        assert limit == "chairs and nurses"
    else:
        assert limit == "hours"


def test_steps_at_which_nothing_has_changed_are_not_tried(monkeypatch):
    tried = 0
    room = grids._Resource.room

    def counted(resource, step):
        nonlocal tried
        tried += 1
        return room(resource, step)

    monkeypatch.setattr(grids._Resource, "room", counted)
    visit = PlannedVisit(
        (Claim(0, 100, 1),), (Claim(0, 10, 1), Claim(80, 90, 1)), (Claim(10, 80, 3),), 100, 6
    )
    roster = (Staffing(0, 2, 2), Staffing(720, 1, 1))
    starts = fill(visit, Hours.of(0, 1440), 3, roster, 1)
    assert 30 < len(starts) < 50
    assert tried < 8 * len(starts)  # of 1,340 steps, each with three resources
