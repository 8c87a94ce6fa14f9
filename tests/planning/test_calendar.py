"""When the desk answers and when walk-in patients come, minute by minute, in the simulation and in the past."""

import math

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from simclinic.past.dates import Dates
from simclinic.planning.calendar import Calendar
from simclinic.records import DAY
from simclinic.scenario.hours import WEEKDAYS, Hours, Span
from tests.model.small import clinic

MINUTES = 21 * DAY


@st.composite
def opened(draw):
    """Opening hours of some weekdays, with up to two pauses, and a closed date."""
    table = {}
    for day in draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=5, unique=True)):
        edges = sorted(draw(st.lists(st.integers(0, 48), min_size=6, max_size=6, unique=True)))
        edges = [30 * edge for edge in edges[: 2 * draw(st.integers(1, 3))]]
        table[day] = Hours(tuple(Span(*pair) for pair in zip(edges[::2], edges[1::2], strict=True)))
    return table


def minutes_open(hours, closed):
    """Whether the clinic is open, for each minute from Monday, 5 January on."""
    there = np.zeros(MINUTES, dtype=bool)
    for day in range(21):
        usual = hours.get(WEEKDAYS[day % 7])
        for span in () if usual is None or day == closed else usual.spans:
            there[day * DAY + span.start : day * DAY + span.end] = True
    return there


def walks_in(there, minute):
    """The moment at which a walk-in patient comes, found by going from minute to minute."""
    day = minute // DAY
    for moment in range(minute, (day + 1) * DAY):
        if there[moment]:
            return moment
    while not there[(day + 1) * DAY : (day + 2) * DAY].any():
        day += 1
    begin, end = (day + 1) * DAY, (day + 2) * DAY
    opened = np.flatnonzero(there[begin:end]) + begin
    same = begin + minute % DAY
    later = opened[opened >= same]
    return int(later[0]) if later.size else int(opened[0])


@settings(max_examples=40, deadline=None, derandomize=True, phases=(Phase.generate,))
@given(
    opened(),
    st.integers(-1, 13),
    st.lists(st.integers(0, 14 * DAY - 1), min_size=5, max_size=20),
    st.sampled_from(["booked", "walk-in"]),
)
def test_answers_and_walk_ins_against_every_minute(hours, closed, minutes, mode):
    dates = f'closed_on = ["01-{5 + closed:02d}"]' if closed >= 0 else ""
    table = "\n".join(f'{day} = "{each}"' for day, each in hours.items())
    shift = f'[shifts.day]\ndays = {list(hours)}\nhours = "24h"\nnurses = 1'.replace("'", '"')
    scenario = clinic(
        f"[clinic]\nchairs = 1\n{dates}\n[clinic.hours]\n{table}",
        shift,
        f'[booking]\nmode = "{mode}"\nwindow_weeks = 2',
        "[run]\nhistory_weeks = 2",
        referrals=[],
    )
    calendar, there = Calendar(scenario), minutes_open(hours, closed)
    past = Dates(scenario, 0)
    opens = np.append(np.flatnonzero(there), math.inf)
    for minute in minutes:
        expected = opens[np.searchsorted(opens, minute)]
        assert calendar.answers(float(minute)) == expected
        assert past.answers(np.array([float(minute)]))[0] == expected
        comes = walks_in(there, minute)
        assert calendar.walk_in(float(minute)) == comes
        assert past.walk_in(np.array([float(minute)]))[0] == comes
