"""Logs of a clinic with two types of visit and a room, of tables written by hand: line by line, in each format."""

import pytest

from simclinic.scenario import from_toml
from tests.measures.paper import at
from tests.measures.test_groups import WIDER, tables
from tests.report.events.test_formats import written
from tests.report.events.xes_rules import check


@pytest.fixture(scope="module")
def clinic():
    return from_toml(WIDER)


def of_patient(text, patient, column):
    head, *rows = (line.split(",") for line in text.splitlines())
    return [dict(zip(head, row, strict=True)) for row in rows if row[column] == patient]


def test_the_table_has_the_type_of_visit_and_the_room(clinic):
    text = written("csv", clinic, tables(), begin=at(0), end=at(1))
    lines = [
        (row["event"], row["time"][11:16], row["chair"], row["visit"], row["place"])
        for row in of_patient(text, "1", 1)
    ]
    assert lines == [
        ("arrived", "10:10", "", "spray", ""),
        ("due", "10:15", "", "spray", ""),
        ("at-room:start", "10:25", "", "spray", "room 1"),
        ("spray/talk:start", "10:25", "", "spray", "room 1"),
        ("spray/talk:end", "10:45", "", "spray", "room 1"),
        ("at-room:end", "10:45", "", "spray", "room 1"),
        ("chair", "10:45", "1", "spray", ""),
        ("spray/rest:start", "10:45", "1", "spray", ""),
        ("spray/rest:end", "12:45", "1", "spray", ""),
        ("left", "12:45", "", "spray", ""),
        ("chair_free", "12:45", "1", "spray", ""),
    ]


def test_vidigi_has_rooms_as_resources_and_the_type_of_visit(clinic):
    text = written("vidigi", clinic, tables(), begin=at(0), end=at(1))
    assert [
        (row["event_type"], row["event"], float(row["time"]), row["resource_id"], row["visit"])
        for row in of_patient(text, "1", 0)
    ] == [
        ("arrival_departure", "arrival", 610.0, "", "spray"),
        ("queue", "wait:room", 610.0, "", "spray"),
        ("resource_use", "spray/talk", 625.0, "1", "spray"),
        ("resource_use_end", "spray/talk:end", 645.0, "1", "spray"),
        ("queue", "wait:chair", 645.0, "", "spray"),
        ("resource_use", "spray/rest", 645.0, "1", "spray"),
        ("resource_use_end", "spray/rest:end", 765.0, "1", "spray"),
        ("arrival_departure", "depart", 765.0, "", "spray"),
    ]


def test_a_step_that_a_visit_does_not_have_is_left_out(clinic):
    without = tables()
    for name in ("step_start", "step_end"):
        without.visits[name][1, 1] = float("nan")
    text = written("vidigi", clinic, without, begin=at(0), end=at(1))
    used = [row["event"] for row in of_patient(text, "1", 0) if row["event_type"] == "resource_use"]
    assert used == ["spray/rest"]
    assert text.splitlines()[-1].split(",")[3] == "depart"


def test_xes_has_the_type_of_visit_and_the_room(clinic):
    traces = check(written("xes", clinic, tables()))
    events = [each for own, trace in traces if own["concept:name"][1] == "1" for each in trace]
    assert [each["lifecycle:transition"][1] for each in events if each["concept:name"][1] == "at-room"] == [
        "start",
        "complete",
    ]
    talk = next(each for each in events if each["concept:name"][1] == "spray/talk")
    assert (talk["visit"], talk["place"]) == (("string", "spray"), ("string", "room 1"))
