"""Changes by one of a clinic with a prescriber and rooms: what they are called, and which cannot be made."""

import pytest

from simclinic.planning.what_if import on_leave, one_of_each
from simclinic.report.text.bottleneck import _word
from simclinic.scenario import from_toml
from simclinic.studies.bottleneck import _runs_out
from tests.measures.test_groups import WIDER


@pytest.fixture(scope="module")
def clinic():
    return from_toml(WIDER)


def test_there_is_one_more_and_one_fewer_of_each_role_and_place(clinic):
    changes = {each.key: each for each in one_of_each(clinic)}
    more, fewer = changes["prescriber-prescriber-more"], changes["prescriber-prescriber-fewer"]
    assert (more.name, more.kind) == ("one more prescriber", "role")
    assert more.scenario.shifts["prescriber"].nurses == 2
    assert (fewer.scenario, fewer.reason) == (None, "it is the only prescriber")
    room = changes["place-room-more"]
    assert (room.name, room.kind, room.scenario.places["room"].number) == ("one more room", "place", 3)
    assert changes["place-room-fewer"].scenario.places["room"].number == 1
    assert changes["nurse-day-more"].name == "one more nurse"


def test_a_nurse_goes_on_leave_though_others_cost_more_starts(clinic):
    leave = on_leave(clinic, clinic.run.start)
    assert leave.shift == "day"
    assert leave.name == "a nurse on leave for 2 weeks"


def test_a_role_or_a_place_runs_out_by_its_own_name():
    assert _word(_runs_out("role", "one more prescriber in the shift late")) == "prescribers"
    assert _word(_runs_out("place", "one more room")) == "rooms"
    assert _word(_runs_out("chair", "one more chair")) == "chairs"
