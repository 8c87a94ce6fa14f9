"""One more and one fewer of other roles and places, and a day more of a role."""

import datetime as dt

import pytest

from simclinic.planning.known_cost import known_cost
from simclinic.planning.what_if import on_leave, one_of_each, starts_on_paper
from simclinic.studies.plan_space import plan_name
from tests.model.small import clinic
from tests.planning.test_wide_week import HANDS, TWO_DAYS


def changes(*texts):
    return {change.key: change for change in one_of_each(clinic(TWO_DAYS, *texts))}


def test_every_role_and_place_has_its_changes():
    found = changes(HANDS)
    assert [(key, each.name, each.kind) for key, each in found.items() if each.more][:6] == [
        ("nurse-day-more", "one more nurse", "nurse"),
        ("prescriber-doctor-more", "one more prescriber", "role"),
        ("prescriber-doctor-day-mon", "one more day of the prescriber, on Mondays", "role-day"),
        ("chair-more", "one more chair", "chair"),
        ("place-room-more", "one more room", "place"),
        ("earlier", "half an hour earlier", "earlier"),
    ]
    assert found["prescriber-doctor-more"].scenario.shifts["doctor"].nurses == 2
    assert found["place-room-more"].scenario.places["room"].number == 2
    assert found["place-room-fewer"].reason == "it is the only room"
    assert found["prescriber-doctor-fewer"].reason == "it is the only prescriber"
    assert found["nurse-day-fewer"].reason == "it is the only nurse"


def test_a_day_more_of_the_prescriber_is_worth_three_starts():
    """With one on Monday, too, the room and the prescriber take three visits then, as they do on Tuesday."""
    scenario = clinic(TWO_DAYS, HANDS)
    more = changes(HANDS)["prescriber-doctor-day-mon"]
    assert more.settings == {"shifts.doctor.days": ["mon", "tue"]}
    assert starts_on_paper(more.scenario) - starts_on_paper(scenario) == 3


def test_a_day_more_is_tried_on_each_open_weekday_without_the_role():
    """What a day buys depends on which it is: a series that begins on a Monday goes on on Thursdays."""
    found = changes(HANDS, {"clinic": {"hours": dict.fromkeys(["mon", "tue", "thu"], "08:00-11:00")}})
    days = [each for each in found.values() if each.kind == "role-day"]
    assert [each.name.rpartition(", ")[2] for each in days] == ["on Mondays", "on Thursdays"]
    assert [each.settings["shifts.doctor.days"] for each in days] == [["mon", "tue"], ["tue", "thu"]]


def test_no_day_more_where_another_shift_of_the_role_works():
    """The doctor works on Tuesdays, the second one on every other Monday, in hours that the first one's contain.

    The second needs no Tuesday, since somebody is there; the first would gain the Mondays between. If the first
    comes in some weeks, or leaves sooner, the second would fill what is left.
    """
    hours = {"clinic": {"hours": dict.fromkeys(["mon", "tue"], "08:00-11:00")}}

    def tried(**first):
        rest = {"hours": "08:00-11:00", "role": "prescriber", "number": 1}
        second = rest | {"days": ["mon"], "every": 2, "from": dt.date(2026, 1, 5)}
        shifts = {"shifts": {"doctor": rest | {"days": ["tue"]} | first, "second": second}}
        return {
            key
            for key, each in changes(HANDS, hours, shifts).items()
            if each.kind == "role-day" and each.scenario
        }

    mondays, tuesdays = "prescriber-doctor-day-mon", "prescriber-second-day-tue"
    assert tried() == {mondays}
    assert tried(weeks=[1, 3]) == {mondays, tuesdays}
    assert tried(hours="08:00-10:00") == {mondays, tuesdays}


def test_a_day_more_is_paid_in_the_weeks_in_which_the_clinic_opens_then():
    """Of the eight Saturdays from 5 January on, 17 January, 7 and 21 February are the first or third of a month."""
    saturdays = {
        "clinic": {"hours": {"tue": "08:00-12:00", "sat": {"hours": "08:00-12:00", "weeks": [1, 3]}}}
    }
    texts = (TWO_DAYS, saturdays, {"run": {"weeks": 8}})
    found = {change.key: change for change in one_of_each(clinic(*texts))}
    more = found["prescriber-doctor-day-sat"].scenario
    assert more.shifts["doctor"].days == ("tue",)
    paid = known_cost(more).per_week - known_cost(clinic(*texts)).per_week
    assert paid == pytest.approx(3 * 4 * 150 * 1.2 / 8)
    later = {"changes": {dt.date(2026, 1, 12): {"clinic.chairs": 3}}}
    changed = next(
        each for each in one_of_each(clinic(*texts, later)) if each.key == "prescriber-doctor-day-sat"
    )
    assert known_cost(changed.scenario).per_week - known_cost(
        clinic(*texts, later)
    ).per_week == pytest.approx(paid)


def test_a_role_that_is_always_there_has_no_further_day():
    always = TWO_DAYS.replace('days = ["tue"]', 'days = ["mon", "tue"]')
    [more] = [each for each in one_of_each(clinic(always)) if each.key == "prescriber-doctor-day"]
    assert more.scenario is None
    assert more.reason == "doctor works on every day on which the clinic is open"


def test_another_room_stays_after_a_dated_change():
    """No dated change can change the number of rooms, so it is set once."""
    more = changes(HANDS, {"changes": {dt.date(2026, 1, 12): {"clinic.chairs": 3}}})["place-room-more"]
    assert more.scenario.places["room"].number == 2


def test_only_nurses_go_on_leave():
    """The one nurse's leave closes the clinic, although a prescriber works."""
    leave = on_leave(clinic(TWO_DAYS), dt.date(2026, 1, 5))
    assert leave.name == "the only nurse on leave for 2 weeks"


def test_plans_are_named_by_role():
    settings = {"shifts.day.nurses": 2, "shifts.doctor.number": 2}
    assert (
        plan_name(settings, 2, {"doctor": "prescriber"})
        == "2 nurses in the shift day, 2 prescribers in the shift doctor"
    )
