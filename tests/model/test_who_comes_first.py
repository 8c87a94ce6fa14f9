"""Standby lists and priorities, on weeks made by hand and against the formula of priority queues."""

import datetime
import math

import numpy as np
import pytest
from simpy import Event

from simclinic.errors import ScenarioError
from simclinic.model import simulate
from simclinic.model.clock import Clock
from simclinic.model.people import Appointment
from simclinic.model.waiting import Request, WaitingList
from simclinic.planning.timetable import Timetable
from simclinic.records import BOOSTER, CANCELLED, COMPLETED, DAY, INDUCTION, LEFT_UNSERVED, MOVED
from simclinic.sampling import draw
from simclinic.scenario import baseline, from_toml, replace
from tests.analytic.theory import erlang
from tests.model import small
from tests.model.fast.same import both, differences

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


def clinic(hours, infusions=1, **booking):
    """One start a day, at nine. Patients are ready on Monday at the given hours, and want so many infusions."""
    return replace(
        baseline(),
        run={"begin": "empty", "warm_up_weeks": 0, "weeks": 4, "start": datetime.date(2026, 1, 5)},
        clinic={"chairs": 1},
        shifts={"day": {"absence": 0.0}},
        demand={"referrals": [datetime.datetime(2026, 1, 5, hour) for hour in hours]},
        intake={
            "contraindicated": 0,
            "consult_no_show": 0,
            "accepts": 1,
            "days_to_consult": 0,
            "days_to_decide": 0,
        },
        protocols={
            "twice-weekly": {"infusions": infusions, "gap_days": [1, 7], "permitted_gap_days": [1, 9]},
            "thrice-weekly": False,
        },
        response={"probability": 0, "drop_out": [0]},
        booking={
            "notice_days": 2,
            "starts": {day: ["09:00"] for day in WEEKDAYS},
            "patience_days": 20,
            **booking,
        },
        attendance={"no_show": 0, "late_cancel": 0.3, "arrival_offset_minutes": 0},
    )


def cancels_once(scenario, who):
    """Simulate with the first seed under which one patient cancels the first appointment, and nobody another."""
    count = len(scenario.demand.referrals)
    for seed in range(2000):
        draws = draw(scenario, seed, 0)
        misses = [
            draws.series.misses(draws.series_row(patient, number))
            for patient in range(count)
            for number in range(1, scenario.protocols["twice-weekly"].infusions + 1)
        ]
        first = who * scenario.protocols["twice-weekly"].infusions
        if [len(each or ()) for each in misses] == [int(place == first) for place in range(len(misses))]:
            return simulate(scenario, draw(scenario, seed, 0))
    raise AssertionError("no seed does that")


def days(records, patient):
    """List the days on which a patient has been, counted from Monday, 0."""
    visits = records.visits
    done = (visits["patient"] == patient) & (visits["outcome"] == COMPLETED)
    return sorted(np.floor(visits["appointment"][done] / DAY).astype(int).tolist())


def test_without_a_list_a_late_cancellation_is_lost():
    records = cancels_once(clinic([9, 10, 11]), who=0)
    # A had Wednesday, cancels on Tuesday at nine, and comes on Monday; Wednesday stays empty.
    assert [days(records, patient) for patient in range(3)] == [[7], [3], [4]]


def test_each_start_that_comes_free_is_offered_in_turn():
    records = cancels_once(clinic([9, 10, 11], standby=1.0), who=0)
    # A, who is booked for the next Monday by then, may not come on the day that was cancelled: B takes Wednesday.
    # B's Thursday is offered to A, who asked before C.
    assert [days(records, patient) for patient in range(3)] == [[3], [2], [4]]
    visits = records.visits
    assert (visits["outcome"] == CANCELLED).sum() == 1
    moved = visits["outcome"] == MOVED
    assert sorted(visits["patient"][moved].tolist()) == [0, 1]
    assert (visits["decided"][moved] == DAY + 9 * 60).all()  # on Tuesday at nine, when A cancels


def test_what_comes_free_in_a_pause_is_offered_when_it_ends():
    # A cancels on Tuesday at nine, as above, when the doors are closed until ten.
    starts = {day: [] if day == "tue" else ["09:00"] for day in WEEKDAYS}
    scenario = replace(
        clinic([9, 10, 11], standby=1.0, standby_notice_hours=20, starts=starts),
        clinic={"hours": {"tue": ["08:00-08:30", "10:00-17:00"]}},
    )
    records = cancels_once(scenario, who=0)
    assert [days(records, patient) for patient in range(3)] == [[3], [2], [4]]
    moved = records.visits["outcome"] == MOVED
    assert (records.visits["decided"][moved] == DAY + 10 * 60).all()
    assert moved.any()


def test_less_notice_than_patients_need_moves_nobody():
    records = cancels_once(clinic([9, 10, 11], standby=1.0, standby_notice_hours=25), who=0)
    assert [days(records, patient) for patient in range(3)] == [[7], [3], [4]]


def test_only_those_on_the_list_are_moved():
    scenario = clinic([9, 10, 11], standby=0.5)
    for seed in range(5000):
        draws = draw(scenario, seed, 0)
        misses = [len(draws.series.misses(draws.series_row(one, 1)) or ()) for one in range(3)]
        if draws.standby[:3] == [False, False, True] and misses == [1, 0, 0]:
            break
    records = simulate(scenario, draw(scenario, seed, 0))
    assert [days(records, patient) for patient in range(3)] == [[7], [3], [2]]


def test_a_move_keeps_the_gaps_that_are_permitted():
    """B's second infusion is as late as permitted after the first, so the first may not be given sooner."""
    narrow = {"gap_days": [1, 1], "permitted_gap_days": [1, 1], "infusions": 2}
    scenario = replace(clinic([9, 10], infusions=2, standby=1.0), protocols={"twice-weekly": narrow})
    records = cancels_once(scenario, who=0)
    visits = records.visits
    # A had Wednesday and Thursday, B Friday and, over the weekend, Monday.
    assert days(records, 1) == [4, 7] or days(records, 1)[1] - days(records, 1)[0] == 1
    assert not ((visits["patient"] == 1) & (visits["outcome"] == MOVED)).any()


def test_a_patient_who_finds_no_series_waits_on_the_list_until_patience_ends():
    """A has the only start within patience. B is turned away without a list; with one, B gets A's start."""
    alone = {"patience_days": 2, "window_weeks": 1}
    without = cancels_once(clinic([9, 10], **alone), who=0)
    assert without.patients["reason"][1] == LEFT_UNSERVED
    assert without.patients["left"][1] == 10 * 60
    with_list = cancels_once(clinic([9, 10], standby=1.0, **alone), who=0)
    assert days(with_list, 1) == [2]
    never = replace(clinic([9, 10], standby=1.0, **alone), attendance={"late_cancel": 0})
    gone = simulate(never, draw(never, 1, 0))
    assert gone.patients["reason"][1] == LEFT_UNSERVED
    # Patience ends with Wednesday; on Thursday, when the desk opens, the patient goes elsewhere.
    assert gone.patients["left"][1] == 3 * DAY + 8 * 60


def test_a_list_is_for_appointments():
    with pytest.raises(ScenarioError, match="standby is for mode"):
        replace(baseline(), booking={"mode": "walk-in", "standby": 0.3})


def test_those_who_come_first_are_tried_first():
    """Three requests wait; the rule puts boosters before series, and keeps the order of asking within each."""
    order = []

    def request(name, kind):
        row = Appointment(0, kind, 1, 0, 0.0, math.nan)
        row.turn = Event(Clock(0.0))

        def attempt():
            order.append(name)
            return True

        return Request((row,), attempt, name, lambda: 0)

    waiting = WaitingList(9, lambda: True, lambda row: 1 - row.kind)
    for name, kind in (("series", INDUCTION), ("booster", BOOSTER), ("later booster", BOOSTER)):
        waiting.add(request(name, kind))
    waiting.try_again(1)
    assert order == ["booster", "later booster", "series"]


@pytest.mark.parametrize(
    ("first", "expected"),
    [([], [0, 0]), (["booster"], [1, 0]), (["booster", "series"], [1, 0]), (["infusion", "booster"], [0, 0])],
)
def test_the_first_entry_that_fits_is_the_rank(first, expected):
    timetable = Timetable(replace(baseline(), booking={"first": first}))
    assert [timetable.rank(kind, 0) for kind in (INDUCTION, BOOSTER)] == expected


def test_those_who_come_first_must_exist():
    with pytest.raises(ScenarioError, match='must be "booster", "series" or a type of visit'):
        replace(baseline(), booking={"first": ["boster"]})


RATES, LENGTH, CHAIRS = (1.0 / 20, 1.2 / 20), 30.0, 4


QUEUE = f"""
name = "Two classes"
[run]
begin = "empty"
start = 2026-01-05
warm_up_weeks = 1
weeks = 16
[clinic]
chairs = {CHAIRS}
hours = {{ mon = "24h", tue = "24h", wed = "24h", thu = "24h", fri = "24h", sat = "24h", sun = "24h" }}
[shifts]
[demand]
referrals_per_week = {sum(RATES) * 7 * DAY}
protocol_mix = {{ urgent = {RATES[0] / sum(RATES)}, other = {RATES[1] / sum(RATES)} }}
[intake]
contraindicated = 0
consult_no_show = 0
accepts = 1
[protocols.urgent]
infusions = 1
visit = "urgent"
[protocols.other]
infusions = 1
[response]
probability = 0
drop_out = [0]
felt_by = [1]
[booking]
mode = "walk-in"
first = ["urgent"]
[visit.steps.visit]
minutes = {{ dist = "exponential", mean = {LENGTH} }}
[visits.urgent.steps.visit]
minutes = {{ dist = "exponential", mean = {LENGTH} }}
"""


def priority_waits():
    """Mean waits of two classes in a queue M/M/c with priorities, without preemption.

    Source: Cobham, Operations Research 2, 1954; Kella and Yechiali, Naval Research Logistics 32, 1985.
    """
    busy = LENGTH / CHAIRS
    anybody = erlang.erlang_c(CHAIRS, sum(RATES) * LENGTH) * busy
    high = 1 - RATES[0] * busy
    return anybody / high, anybody / (high * (high - RATES[1] * busy))


def test_the_formula_of_priorities_by_hand():
    """Both classes together wait as long as in a queue without priorities: conservation."""
    first, second = priority_waits()
    mean = (RATES[0] * first + RATES[1] * second) / sum(RATES)
    assert mean == pytest.approx(erlang.mean_wait(sum(RATES), LENGTH, CHAIRS), rel=1e-12)
    assert first < mean < second


@pytest.mark.parametrize("column", ["wait_chair", "wait_place"])
def test_priorities_in_a_walk_in_clinic_are_those_of_the_formula(column):
    """The queue is for the chairs, or for as many rooms, which the patient comes to from a lobby.

    The stay in the lobby has one length, so patients come to the rooms as they come to the clinic, at random.
    """
    scenario = from_toml(QUEUE)
    if column == "wait_place":
        steps = {
            "hello": {"before": "visit", "minutes": 7, "chair": False},
            "visit": {"minutes": {"dist": "exponential", "mean": LENGTH}, "place": "room"},
        }
        scenario = replace(
            scenario,
            clinic={"chairs": 1},
            places={"room": {"number": CHAIRS}},
            visit={"steps": steps},
            visits={"urgent": {"steps": steps}},
        )
    means = []
    for replication in range(5):
        visits = simulate(scenario, draw(scenario, 1, replication)).visits
        waits = visits[column].reshape(len(visits["arrived"]), -1)[:, 0]
        here = visits["arrived"] >= 0
        means.append([waits[here & (visits["visit"] == kind)].mean() for kind in (1, 0)])
    spread = np.std(means, axis=0, ddof=1) / math.sqrt(len(means))
    for found, error, exact in zip(np.mean(means, axis=0), spread, priority_waits(), strict=True):
        assert abs(found - exact) < 4 * error
        assert error < 0.1 * exact


def test_who_comes_first_takes_the_next_room_before_those_who_wait_in_a_chair_for_longer():
    """Three chairs, one room: ten minutes in a chair, then an hour in the room.

    Ann comes at 8:00, Bea at 8:05, Cy, who is urgent, at 8:10. Ann leaves the room at 9:10; by then Bea has waited
    for it since 8:15, and Cy since 8:20.
    """
    steps = "steps = { dose = { minutes = 10 }, rest = { minutes = 60, place = 'room' } }"
    scenario = small.clinic(
        f"""
        [clinic]
        chairs = 3
        [places.room]
        number = 1
        [demand]
        protocol_mix = {{ once = 0.6, soon = 0.4 }}
        [protocols.once]
        infusions = 1
        [protocols.soon]
        infusions = 1
        visit = "urgent"
        [booking]
        mode = "walk-in"
        first = ["urgent"]
        [visit]
        {steps}
        [visits.urgent]
        {steps}
        """,
        referrals=[(0, 480), (0, 485), (0, 490)],
    )
    seed = next(seed for seed in range(99) if draw(scenario, seed, 0).protocol.tolist() == [0, 0, 1])
    one, other = both(replace(scenario, run={"seed": seed}))
    assert differences(one, other) == []
    ann, bea, cy = (np.nanmax(one.visits["step_start"], axis=1) - 480).tolist()
    assert (ann, cy, bea) == (10, 70, 130)
    assert one.visits["wait_place"][:, 0].tolist() == [0, 115, 50]
    assert small.column(one, "chair_free") == [490, 480 + 130, 480 + 70]
