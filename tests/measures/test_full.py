"""Being full, worked out with a pencil: who asked, who was not served in time, and which starts were given away."""

from dataclasses import replace

import numpy as np
import pytest

from simclinic import records as r
from simclinic.measures import measure
from simclinic.measures.full import WEEKS_JUDGED, booster_too_late, is_full, weeks_after
from simclinic.scenario import baseline, from_toml, scenario_hash, with_overrides
from tests.measures.paper import CLINIC, at, weekdays, write

SCENARIO = from_toml(CLINIC)


def booster(asked, appointment=None, *, patient=0, outcome=r.COMPLETED, booked=None, **more):
    """A booster asked for on a day; its notice is one day, so the first that could be given is on the next."""
    given = {} if appointment is None else {"appointment": at(*appointment)}
    if appointment is not None and outcome == r.COMPLETED:
        given["steps"] = [(at(*appointment), at(*appointment) + 10)]
    if appointment is not None:
        given["booked"] = at(asked, 720) if booked is None else booked
    return (
        {
            "patient": patient,
            "kind": 1,
            "course": 1,
            "requested": at(asked, 720),
            "outcome": outcome if appointment else r.TO_COME,
        }
        | given
        | more
    )


def records(*visits, patients=({"origin": 0},), weeks=2, **more):
    return write(patients, visits, weekdays(last=7 * weeks), weeks=weeks, **more)


def late(*visits, scenario=SCENARIO, **more):
    return booster_too_late(records(*visits, **more), scenario).tolist()


@pytest.mark.parametrize(("day", "beyond"), [(1, False), (8, False), (9, True)])
def test_a_booster_waits_from_the_first_day_that_its_notice_allows(day, beyond):
    assert late(booster(0, (day, 540))) == [beyond]


def test_more_notice_is_no_longer_wait():
    three = with_overrides(SCENARIO, ["booking.booster_notice_days=3"])
    assert late(booster(0, (10, 540)), scenario=three) == [False]
    assert late(booster(0, (11, 540)), scenario=three) == [True]


def test_the_targets_say_how_long_a_booster_may_wait():
    five = with_overrides(SCENARIO, ['targets.booster_wait_days="<= 5"'])
    assert late(booster(0, (6, 540)), scenario=five) == [False]
    assert late(booster(0, (7, 540)), scenario=five) == [True]
    assert weeks_after(with_overrides(baseline(), ['targets.booster_wait_days="<= 20"'])) == 12 + 4


def test_a_target_that_decides_a_table_is_part_of_what_a_folder_is_known_by():
    hashes = [
        scenario_hash(with_overrides(SCENARIO, [each]))
        for each in (
            'targets.balked_share="<= 0.1"',
            'targets.booster_wait_days="<= 7"',
            'targets.booster_wait_days="<= 5"',
        )
    ]
    assert hashes[0] == hashes[1] == scenario_hash(SCENARIO)
    assert hashes[2] != hashes[0]


def test_a_scheduled_one_waits_from_the_day_it_is_due():
    scheduled = with_overrides(SCENARIO, ['boosters.policy="scheduled"'])
    assert late(booster(0, (7, 540)), scenario=scheduled) == [False]
    assert late(booster(0, (8, 540)), scenario=scheduled) == [True]


def test_who_misses_the_offered_one_was_served_in_time():
    missed = booster(0, (2, 540), outcome=r.NO_SHOW, decided=at(2, 540))
    assert late(missed, booster(0, (12, 540), attempt=1)) == [False]


def test_what_the_clinic_cancels_is_no_offer():
    refused = booster(0, (2, 540), outcome=r.CLINIC_CANCELLED, decided=at(2))
    assert late(refused, booster(0, (8, 540))) == [False]
    assert late(refused, booster(0, (9, 540))) == [True]


def test_who_still_waits_counts_once_the_limit_has_passed():
    # two weeks are simulated: the request of day 5 has waited eight days from day 6 on, that of day 6 seven
    assert late(booster(5)) == [True]
    assert late(booster(6)) == [False]


def test_an_offer_beyond_the_end_is_known():
    assert late(booster(10, (18, 540))) == [False]
    assert late(booster(10, (19, 540), outcome=r.TO_COME)) == [True]


def test_the_time_before_the_first_day_is_no_forecast():
    row = booster(-20, (8, 540), booked=at(0, 480))
    assert late(row, first_day=0) == [False]
    assert late(row | {"appointment": at(9, 540)}, first_day=0) == [True]


def weeks(*visits, patients=({"origin": 0},), scenario=SCENARIO, **more):
    return measure(records(*visits, patients=patients, **more), scenario).weeks


def test_who_had_asked_before_and_has_nothing_booked_is_no_new_request():
    result = weeks(
        booster(-2, (1, 540), booked=at(0, 480)),
        booster(0, (2, 540), patient=1),
        booster(-2, (1, 600), booked=at(-1), patient=2),  # booked before: nothing is asked for any more
        booster(-2, patient=3),  # waits still
        patients=[{"origin": 1}] * 4,
        first_day=0,
    )
    assert result["booster_requests"].tolist() == [1, 0]
    assert result["booster_requests_from_panel"].tolist() == [1, 0]
    assert result["booster_requests_before"].tolist() == [2, 0]
    assert result["asked"].tolist() == [3, 0]


def series(patient, day, *, booked, outcome=r.COMPLETED):
    return {
        "patient": patient,
        "number": 1,
        "booked": booked,
        "appointment": at(day, 540),
        "outcome": outcome,
    } | ({"steps": [(at(day, 540), at(day, 550))]} if outcome == r.COMPLETED else {})


def test_new_patients_are_those_who_ask_and_those_turned_away_of_them():
    unserved = {"reason": r.LEFT_UNSERVED}
    result = weeks(
        series(0, 2, booked=at(0, 500)),
        series(2, 3, booked=at(0, 480)),
        series(3, 3, booked=0.0),
        patients=[
            {"ready": at(0, 490)},
            {"ready": at(8), "left": at(30)} | unserved,
            {"origin": 1, "ready": 0.0},  # waits from before today, and is booked today
            {"origin": 1, "ready": 0.0},  # had an appointment: asks for nothing
            {"origin": 1, "ready": 0.0, "left": at(3)} | unserved,
            {"ready": np.nan},  # never asked
        ],
        first_day=0,
    )
    assert result["asked"].tolist() == [3, 1]
    assert result["not_served"].tolist() == [1, 1]


def test_a_walk_in_who_leaves_the_queue_was_not_served():
    gone = booster(1, (1, 600), outcome=r.BALKED, decided=at(1, 630))
    had = series(0, -5, booked=at(-5, 540))
    result = weeks(had, gone, patients=[{"ready": at(-5), "reason": r.LEFT_UNSERVED, "left": at(1, 630)}])
    assert result["asked"].tolist() == [1, 0]  # the booster; the series was asked for, and had, before
    assert result["not_served"].tolist() == [1, 0]


def start(minute, outcome, booked=0.0, decided=np.nan, day=2):
    return {
        "patient": 0,
        "appointment": at(day, minute),
        "outcome": outcome,
        "booked": booked,
        "decided": decided,
        "steps": [(at(day, minute), at(day, minute + 5))] if outcome == r.COMPLETED else [],
    }


@pytest.mark.parametrize(
    ("visits", "used"),
    [
        ([start(540, r.COMPLETED), start(540, r.COMPLETED), start(600, r.NO_SHOW)], 3),
        ([start(540, r.CANCELLED, decided=at(1, 540))], 1),  # nobody took it
        ([start(540, r.CANCELLED, decided=at(1, 540)), start(540, r.COMPLETED, booked=at(1, 600))], 1),
        ([start(540, r.CANCELLED, decided=at(1, 540)), start(600, r.COMPLETED, booked=at(1, 600))], 2),
        ([start(540, r.CANCELLED, decided=at(1, 540)), start(540, r.COMPLETED, booked=at(1, 500))], 2),
        ([start(540, r.CLINIC_CANCELLED, decided=at(2))], 1),
        ([start(540, r.RELEASED, decided=at(1)), start(600, r.MOVED, decided=at(1))], 0),
        ([start(540, r.TO_COME, day=9)], 0),
        ([start(540, r.COMPLETED, day=6)], 0),  # there is no grid on a Sunday
    ],
)
def test_starts_given_away(visits, used):
    assert weeks(*visits)["starts_used"].tolist() == [used, 0]


def test_a_week_is_judged_with_the_twelve_after_it():
    long = WEEKS_JUDGED + 3
    asks = [booster(7 * week, (7 * week + 1, 540), patient=0) for week in range(long)]
    result = weeks(*asks, weeks=long)
    assert result["asked"].tolist() == [1] * long
    assert result["asked_ahead"].tolist() == [13, 13, 13, 13, *range(12, 0, -1)]
    assert result["starts_ahead"][0] == 13 * 20


def test_weeks_beyond_the_measured_ones_count_ahead():
    asks = [booster(7 * week, (7 * week + 1, 540)) for week in range(3)]
    lived = records(*asks, weeks=3)
    short = measure(replace(lived, days_measured=7), SCENARIO)
    assert short.weeks["asked"].tolist() == [1]
    assert short.weeks["asked_ahead"].tolist() == [3]


@pytest.mark.parametrize(
    ("asked", "unserved", "starts", "used", "expected"),
    [
        (100, 5, 130, 100, False),
        (100, 6, 130, 100, True),
        (0, 0, 130, 0, False),
        (0, 0, 0, 0, False),
        (100, 0, 130, 129, False),
        (100, 0, 130, 130, True),
        (5, 5, 0, 0, True),
        (20, 1, 130, 20, False),
    ],
)
def test_full(asked, unserved, starts, used, expected):
    numbers = (np.array([float(each)]) for each in (asked, unserved, starts, used))
    assert is_full(*numbers, 0.05).tolist() == [expected]


def test_weeks_go_on_until_it_is_known_who_is_served():
    # twelve weeks of those who ask, and nine days until a booster is late that was asked for on the last of them
    assert weeks_after(baseline()) == 12 + 2
    capped = with_overrides(baseline(), ["booking.max_patients_in_series=5", "booking.patience_days=43"])
    assert weeks_after(capped) == 12 + 7
    assert weeks_after(with_overrides(capped, ["booking.patience_days=1"])) == 12 + 2
