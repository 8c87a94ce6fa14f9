"""Queues and distributions of numbers at once, of tables written by hand and of random ones."""

from dataclasses import replace

import numpy as np
import pytest

from simclinic import records as r
from simclinic.measures import measure
from simclinic.measures.at_once import average
from simclinic.measures.intervals import NONE_SEEN
from simclinic.measures.occupancy import Occupancy, Spans
from simclinic.measures.queues import queue_for
from simclinic.scenario import from_toml
from simclinic.store.tables import REPLICATION
from simclinic.studies.at_once import at_once_of
from tests.measures.paper import CLINIC, at, write

TWO_PLACES = f"""{CLINIC}
[places.room]
number = 1
[visit.steps]
talk = {{ minutes = 20, place = "room" }}
walk = {{ minutes = 5, place = "none" }}
drip = {{ minutes = 60, nurse = "hands-on" }}
"""
NO_STEP = (np.nan, np.nan)


def shares(table, what, part):
    rows = (table["what"] == what) & (table["part"] == part)
    assert table["number"][rows].tolist() == list(range(rows.sum()))
    return table["share"][rows].tolist()


def always_open(visits, scenario, places=True, weeks=1):
    """Tables of a clinic that is open round the clock."""
    days = [
        {"day": day, "chairs": 3, "opening": at(day), "closing": at(day + 1)} for day in range(-7, 7 * weeks)
    ]
    rows = [{**visit} for visit in visits]
    held = {
        name: [row.pop(name, np.nan) for row in rows] for name in ("place_from", "place_to", "wait_place")
    }
    written = write([{}], rows, days, weeks=weeks, steps=tuple(scenario.steps))
    if places:
        for name, column in held.items():
            written.visits[name] = np.array(column)[:, np.newaxis]
        written.visits["wait_place"] = np.nan_to_num(written.visits["wait_place"])
        written = replace(written, places=("room",))
    return written


@pytest.fixture(scope="module")
def clinic():
    return from_toml(TWO_PLACES.replace('place = "none"', "chair = false"))


def test_a_patient_waits_for_a_place_until_it_is_taken_or_patience_ends(clinic):
    visits = [
        {"outcome": r.COMPLETED, "arrived": 0.0, "left": 100.0, "steps": [(30, 50), (50, 55), (70, 100)]}
        | {"place_from": 30.0, "place_to": 50.0, "wait_place": 30.0, "chair_from": 70.0, "wait_chair": 15.0},
        {"outcome": r.BALKED, "arrived": 10.0, "decided": 40.0, "left": 40.0, "wait_place": 30.0},
    ]
    records = always_open(visits, clinic)
    begin, end, lobby = queue_for(records, clinic, "room")
    assert (begin.tolist(), end.tolist(), lobby.tolist()) == ([0.0, 10.0], [30.0, 40.0], [True, True])
    begin, end, lobby = queue_for(records, clinic)
    # on the walk to the chair the patient holds nothing
    assert (begin.tolist(), end.tolist(), lobby.tolist()) == ([55.0], [70.0], [True])


def test_a_patient_who_keeps_the_room_is_not_in_the_lobby():
    kept = from_toml(TWO_PLACES.replace('walk = { minutes = 5, place = "none" }\n', ""))
    visits = [
        {"outcome": r.COMPLETED, "arrived": 0.0, "left": 130.0, "steps": [(10, 30), (70, 130)]}
        | {"place_from": 10.0, "place_to": 70.0, "wait_place": 10.0, "chair_from": 70.0, "wait_chair": 40.0}
    ]
    table = measure(always_open(visits, kept), kept).at_once
    week = 7 * 1440
    assert shares(table, "waiting", "chair") == pytest.approx([1 - 40 / week, 40 / week])
    assert shares(table, "waiting", "room") == pytest.approx([1 - 10 / week, 10 / week])
    assert shares(table, "in_lobby", "") == pytest.approx([1 - 10 / week, 10 / week])
    # Another type of visit goes the other way round: now the room is left first.
    circle = from_toml(
        TWO_PLACES.replace('walk = { minutes = 5, place = "none" }\n', "")
        + '[visits.back.steps]\nrest = { minutes = 5 }\ntalk = { minutes = 5, place = "room" }\n'
        + '[protocols.back]\ninfusions = 1\nvisit = "back"\n'
    )
    visits[0] |= {"place_to": 30.0, "steps": [(10, 30), (70, 130), NO_STEP, NO_STEP]}
    records = replace(
        always_open(visits, circle),
        visit_types=("infusion", "back"),
        first_steps=(0, 2),
        protocols=("pair", "back"),
    )
    assert shares(measure(records, circle).at_once, "in_lobby", "") == pytest.approx(
        [1 - 50 / week, 50 / week]
    )


def test_patients_who_still_wait_when_the_weeks_end_count_until_then(clinic):
    week = 7 * 1440.0
    inside = {"outcome": r.TO_COME, "wait_chair": 0.0, "wait_place": 0.0}
    talked = [(week - 90, week - 70), (week - 70, week - 65)]
    visits = [
        inside | {"arrived": week - 30.0},  # for the room
        inside | {"arrived": week - 90.0, "place_from": week - 90, "place_to": week - 70, "steps": talked},
        # walks, is treated, or waits for a nurse in the chair: none of them waits for a place
        inside
        | {
            "arrived": week - 60,
            "place_from": week - 60,
            "steps": [(week - 60, week - 40), (week - 2, np.nan)],
        },
        inside
        | {"arrived": week - 99.0, "place_from": week - 99, "place_to": week - 79, "chair_from": week - 60.0}
        | {"steps": [(week - 99, week - 79), (week - 65, week - 60)]},
        {"outcome": r.TO_COME, "appointment": week + 600.0},  # is not there yet
    ]
    records = always_open(visits, clinic)
    for place, since in (("room", 30.0), ("chair", 65.0)):
        begin, end, _ = queue_for(records, clinic, place)
        assert (week - begin).tolist() == [since], place
        assert np.isnan(end).all()
        assert average(measure(records, clinic).at_once, "waiting", place) == pytest.approx(since / week)


def test_a_clinic_that_is_never_open_has_no_shares():
    kpis = measure(write([{}]), from_toml(CLINIC))
    assert kpis.at_once["share"].size == 1
    assert np.isnan(kpis.at_once["share"]).all()
    assert np.isnan(kpis.kpis["queue_length_mean"])


@pytest.mark.parametrize("seed", range(4))
def test_the_minutes_of_each_number_are_those_counted_one_by_one(seed):
    rng = np.random.default_rng(seed)
    begin = rng.integers(0, 80, 30)
    end = begin + rng.integers(1, 40, 30)
    weight = rng.integers(1, 4, 30)
    edges = np.sort(rng.choice(110, 8, replace=False)).reshape(4, 2)
    counted = np.zeros(int(weight.sum()) + 1)
    for minute in range(130):
        if any(first <= minute < last for first, last in edges):
            counted[weight[(begin <= minute) & (minute < end)].sum()] += 1
    held = Occupancy(begin.astype(float), end.astype(float), weight)
    spans = Spans(edges[:, 0].astype(float), edges[:, 1].astype(float))
    assert held.by_number(spans) == pytest.approx(np.trim_zeros(counted, "b"))


# -- over replications -----------------------------------------------------------------------------------------


def table_of(rows):
    """Rows of (what, part, shares by replication)."""
    found = [
        (replication, what, part, number, share)
        for what, part, of_each in rows
        for replication, shares in enumerate(of_each)
        for number, share in enumerate(shares)
    ]
    names = (REPLICATION, "what", "part", "number", "share")
    return {name: np.array(column) for name, column in zip(names, zip(*found, strict=True), strict=True)}


def test_shares_of_replications_have_means_and_rare_numbers_are_joined():
    clinic = from_toml(CLINIC)
    table = table_of(
        [
            ("in_use", "chair", [[0.5, 0.3, 0.1, 0.1], [0.4, 0.4, 0.2]]),
            ("waiting", "chair", [[0.99, 0.006, 0.004], [0.998, 0.002]]),
        ]
    )
    chairs, waiting = at_once_of(table, clinic, 1, 2)
    assert [one["mean"] for one in chairs["shares"]] == pytest.approx([0.45, 0.35, 0.15, 0.05])
    assert not any(one["or_more"] for one in chairs["shares"])  # there are three
    assert [one["n"] for one in chairs["shares"]] == [2] * 4
    assert chairs["shares"][1]["ci"][0] < 0.35 < chairs["shares"][1]["ci"][1]
    # one or more are there in 0.6 % of the time, two or more in 0.2 %
    assert [one["mean"] for one in waiting["shares"]] == pytest.approx([0.994, 0.006])
    assert [one["or_more"] for one in waiting["shares"]] == [False, True]


def test_replications_that_belong_together_are_one_observation():
    clinic = from_toml(CLINIC)
    table = table_of([("in_use", "chair", [[0.2, 0.8], [0.4, 0.6], [0.3, 0.7], [0.3, 0.7], [0.9, 0.1]])])
    idle, _ = at_once_of(table, clinic, 2, 5)[0]["shares"]
    assert idle["mean"] == pytest.approx(0.3)  # of two whole pairs
    assert idle["ci"] == pytest.approx([0.3, 0.3])
    assert idle["n"] == 5


def test_what_no_replication_has_seen_is_bounded_by_the_days():
    table = table_of([("in_use", "chair", [[1.0]] * 10)])
    (none,) = at_once_of(table, from_toml(CLINIC), 1, 10)[0]["shares"]
    assert none["method"] == NONE_SEEN
    assert none["ci"][0] == pytest.approx(1 - 3 / (10 * 10))  # ten open days in two weeks, ten replications
