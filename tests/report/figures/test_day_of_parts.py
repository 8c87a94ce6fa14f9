"""A day of a clinic with two types of visit, a prescriber and a room, of tables written by hand."""

from datetime import date

import numpy as np
import pytest

from simclinic.report.figures.animation import animation
from simclinic.report.figures.day import day
from simclinic.report.figures.one_day import OneDay, step_colours
from simclinic.scenario import from_toml
from tests.measures.test_groups import WIDER, tables

MONDAY = date(2026, 1, 5)
TALK = "spray/talk"


@pytest.fixture(scope="module")
def clinic():
    return from_toml(WIDER)


def bars(chart, name):
    """Bars of a step as (begin, end, row of the drawing), the panel by the axis."""
    found = []
    for trace in chart.drawing.data:
        if trace.get("type") == "bar" and trace.get("legendgroup") == name:
            for base, long, row in zip(trace["base"], trace["x"], trace["y"], strict=True):
                found.append((trace.get("yaxis", "y"), base, base + long, row))
    return sorted(found)


def test_a_step_in_a_room_is_in_its_row_below_the_chairs_and_hands_in_those_of_their_role(clinic):
    chart = day(tables(), clinic, MONDAY)
    # chairs are rows 1 to 3, rooms 4 and 5; nurses' hands lanes 1 and 2, the prescriber's 3
    assert bars(chart, TALK) == [
        ("y", 625.0, 645.0, 4.1),
        ("y", 780.0, 800.0, 5.1),
        ("y2", 625.0, 645.0, 3),  # of a patient's first spray alone
    ]
    assert bars(chart, "infusion/infusion") == [("y", 540.0, 580.0, 1.1), ("y2", 540.0, 580.0, 1)]
    axis = chart.drawing.layout["yaxis"]
    assert list(axis["ticktext"])[:5] == ["1", "2", "3", "room 1", "room 2"]
    assert list(chart.drawing.layout["yaxis2"]["ticktext"]) == ["nurse 1", "nurse 2", "prescriber 1"]


def test_waits_for_other_places_are_waits(clinic):
    """Five and ten minutes were waited for the room, and none for a chair or for anybody."""
    chart = day(tables(), clinic, MONDAY)
    assert "the longest wait for places and staff together was 10 minutes" in chart.says
    waited = chart.sheet.headings.index("Waited for places, min")
    assert sorted(row[waited] for row in chart.sheet.rows) == ["0.0", "10.0", "5.0"]
    hovers = [text for trace in chart.drawing.data for row in trace.get("customdata", ()) for text in row]
    assert "waited 10 min for places, 0 for hands, 0 for watching" in hovers


def test_each_role_has_its_own_people_and_patients(clinic):
    nurses, prescriber = OneDay.of(tables(), clinic, MONDAY).staff
    moments = np.array([470.0, 500.0, 650.0, 719.0])
    assert nurses.on_duty.at(moments).tolist() == [2, 2, 2, 2]
    assert prescriber.on_duty.at(moments).tolist() == [0, 1, 1, 1]
    assert nurses.watched.at(moments).tolist() == [0, 0, 0, 0]
    assert prescriber.watched.at(moments).tolist() == [0, 0, 1, 1]
    assert prescriber.watching.at(moments).tolist() == [0, 0, 0.5, 0.5]


def test_types_of_visit_have_colours_of_their_own_in_both_figures(clinic):
    infusion, talk, rest = step_colours(tables())
    assert len({infusion, talk, rest}) == 3
    chart = day(tables(), clinic, MONDAY)
    drawn = {trace["name"]: trace["marker"]["color"] for trace in chart.drawing.data if "marker" in trace}
    assert drawn["infusion/infusion"] == infusion
    assert drawn["spray/rest"] == rest


def test_the_animation_has_the_rooms_and_the_hands_of_each_role(clinic):
    chart = animation(tables(), clinic, MONDAY, every=5)
    frames = {
        frame["name"]: [data["marker"]["color"] for data in frame["data"]] for frame in chart.drawing.frames
    }
    waiting, chairs, nurses, rooms, prescriber = frames["10:30"]
    assert (rooms, prescriber) == ([2 + 1, 0], [3])  # the first step of a spray, and busy hands
    assert chairs == [0, 0, 0]
    assert set(waiting) == {0}
    assert nurses == [2, 2]
    assert frames["11:00"][1] == [2 + 2, 0, 0]
    assert frames["11:00"][3:] == [[0, 0], [2]]
    assert "room held" in chart.sheet.headings
