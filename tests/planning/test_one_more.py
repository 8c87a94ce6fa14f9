"""What one more chair or nurse adds on paper, against days laid out by hand and plans that really have one more."""

import pytest

from simclinic.planning.capacity import capacity_on_paper
from simclinic.report.text.one_more import one_more_sentence, weekdays_text
from simclinic.scenario import baseline, from_toml, with_overrides
from tests.planning.plans import ONE_CHAIR

TWO_SHIFTS = """
name = "Two shifts"
[run]
begin = "empty"
warm_up_weeks = 0
weeks = 2
[clinic]
chairs = 5
[clinic.hours]
mon = "08:00-12:00"
tue = "08:00-10:00"
[shifts.early]
days = ["mon", "tue"]
hours = "08:00-10:00"
nurses = 1
[shifts.late]
days = ["mon"]
hours = "10:00-12:00"
nurses = 1
[booking]
start_every_minutes = 60
[visit.steps.treatment]
minutes = 60
nurse = "hands-on"
"""


def one(text):
    (plan,) = capacity_on_paper(from_toml(text))
    return plan


def by_day(plan):
    return {day["weekday"]: day["one_more"] for day in plan["weekdays"]}


def test_a_second_chair_is_used_a_quarter_of_an_hour_later():
    # One chair: 8, 9, 10, 11. The second: 8:15, 9:15, 10:15, for one nurse starts one at a time. With a second
    # nurse too: four times two. On Wednesday 8:30, 9:30, 10:30, and a quarter of an hour later once more.
    plan = one(ONE_CHAIR)
    days = by_day(plan)
    assert days["mon"] == {"chair": 3, "nurses": {"day": 0}, "hands": 0, "eyes": 0, "chair_and_nurses": 4}
    assert days["wed"]["chair"] == 3
    assert days["wed"]["chair_and_nurses"] == 3
    assert days["tue"] is None
    assert plan["one_more"] == {
        "chair": 6, "nurses": {"day": 0}, "hands": 0, "eyes": 0, "chair_and_nurses": 7,
    }  # fmt: skip
    message = "One more chair adds 6 starts a week, one more nurse none, a chair and a nurse together 7."
    assert one_more_sentence(plan) == message


def test_each_shift_has_a_nurse_of_its_own():
    plan = one(TWO_SHIFTS)
    assert by_day(plan)["mon"]["nurses"] == {"early": 2, "late": 2}
    assert by_day(plan)["tue"]["nurses"] == {"early": 2}
    assert plan["one_more"]["nurses"] == {"early": 4, "late": 2}
    assert plan["one_more"]["hands"] == 6  # whenever anybody is on duty
    assert plan["one_more"]["eyes"] == 0
    result = (
        "One more nurse in the shift early adds 4 starts a week, one more nurse in the shift late 2, one more "
        "chair none."
    )
    assert one_more_sentence(plan) == result


def test_one_more_nurse_has_the_break_of_her_shift():
    # 8, 10 and 11, since the break is at 9. A second nurse does the same; hands alone have no break.
    text = ONE_CHAIR.replace('wed = "08:30-12:00"\n', "").replace("chairs = 1", "chairs = 5")
    text = text.replace("nurses = 1\n", 'nurses = 1\nbreak = "09:00-10:00"\nbreak_together = true\n')
    text = text.partition("[visit")[0] + TWO_SHIFTS[TWO_SHIFTS.index("[booking]") :]
    plan = one(text)
    assert plan["starts_per_week"] == 3
    assert plan["one_more"]["nurses"] == {"day": 3}
    assert plan["one_more"]["hands"] == 4


def test_a_break_at_the_end_of_a_shift_has_no_room_for_a_second_wave():
    # Hands from 8 to 11 and a break until 12, which a second nurse takes at the same time: she begins three visits.
    # In a second wave, past the end of the shift, she would seem to begin a fourth at 11, beside the late nurse.
    early = 'hours = "08:00-12:00"\nnurses = 1\nbreak = "11:00-12:00"'
    text = TWO_SHIFTS.replace('hours = "08:00-10:00"\nnurses = 1', early).replace('tue = "08:00-10:00"\n', "")
    plan = one(text.replace('"10:00-12:00"', '"11:00-14:00"'))
    assert plan["starts_per_week"] == 4
    assert plan["one_more"]["nurses"] == {"early": 3, "late": 1}


def test_neither_alone_but_both_together():
    text = TWO_SHIFTS.replace("chairs = 5", "chairs = 1")
    plan = one(text)
    assert (plan["one_more"]["chair"], plan["one_more"]["chair_and_nurses"]) == (0, 6)
    assert one_more_sentence(plan) == (
        "Neither one more chair nor one more nurse adds a start; a chair and a nurse in each shift together add 6 "
        "starts a week."
    )


def test_half_a_start_a_week_is_not_rounded():
    # Four starts on Mondays, one every other Tuesday.
    tuesday = 'tue = { hours = "08:00-09:00", every = 2, from = 2026-01-06 }'
    plan = one(TWO_SHIFTS.replace("chairs = 5", "chairs = 1").replace('tue = "08:00-10:00"', tuesday))
    assert plan["starts_per_week"] == plan["one_more"]["chair_and_nurses"] == 4.5
    assert one_more_sentence(plan).endswith(
        "a chair and a nurse in each shift together add 4.5 starts a week."
    )


def test_nothing_helps_where_a_visit_is_longer_than_the_day():
    plan = one(TWO_SHIFTS.replace("minutes = 60\nnurse", "minutes = 500\nnurse"))
    assert one_more_sentence(plan).endswith("together add none either.")


SETTINGS = [
    [],
    ["shifts.day.nurses=1"],
    ["clinic.chairs=9"],
    ["clinic.hours.sat=09:00-13:00", "shifts.day.days=['mon','tue','wed','thu','fri','sat']"],
    ["shifts.late={days=['mon','wed','fri'], hours='11:00-17:30', nurses=1}", "clinic.chairs=6"],
    ["visit.steps.recovery.patients_per_nurse=1", "clinic.chairs=6"],
]  # fmt: skip


@pytest.mark.parametrize("settings", SETTINGS)
def test_it_is_what_a_plan_with_one_more_can_start(settings):
    scenario = with_overrides(baseline(), settings)

    def starts(*changes):
        return [
            day["starts"] for day in next(capacity_on_paper(with_overrides(scenario, changes)))["weekdays"]
        ]

    plan = next(capacity_on_paper(scenario))
    there = starts()
    more = [day["one_more"] or {"chair": 0, "nurses": {}} for day in plan["weekdays"]]
    with_chair = starts(f"clinic.chairs={scenario.clinic.chairs + 1}")
    assert [after - before for before, after in zip(there, with_chair, strict=True)] == [
        m["chair"] for m in more
    ]
    assert plan["one_more"]["chair"] == sum(with_chair) - sum(there)
    for name, shift in scenario.shifts.items():
        with_nurse = starts(f"shifts.{name}.nurses={shift.nurses + 1}")
        gained = [after - before for before, after in zip(there, with_nurse, strict=True)]
        assert gained == [m["nurses"].get(name, 0) for m in more]
    both = starts(
        f"clinic.chairs={scenario.clinic.chairs + 1}",
        *(f"shifts.{name}.nurses={shift.nurses + 1}" for name, shift in scenario.shifts.items()),
    )
    assert plan["one_more"]["chair_and_nurses"] == sum(both) - sum(there)


def test_in_a_walk_in_clinic_time_on_offer_decides():
    # Open for 450 minutes a week; a visit takes 60 of a chair, 15 of hands, 22.5 of eyes.
    plan = one(f'{ONE_CHAIR}[booking]\nmode = "walk-in"\n')
    assert plan["visits_at_most"] == pytest.approx(7.5)
    assert plan["one_more"]["chair"] == pytest.approx(7.5)
    assert plan["one_more"]["nurses"] == {"day": 0.0}
    assert {day["one_more"] is None for day in plan["weekdays"]} == {True}
    assert one_more_sentence(plan).startswith(
        "One more chair adds at most 7.5 visits a week, one more nurse none"
    )
    crowded = one(f'{ONE_CHAIR.replace("chairs = 1", "chairs = 3")}[booking]\nmode = "walk-in"\n')
    assert crowded["visits_at_most"] == pytest.approx(20.0)  # by eyes; three chairs would do for 22.5
    assert crowded["one_more"]["nurses"] == {"day": pytest.approx(2.5)}
    assert crowded["one_more"]["eyes"] == pytest.approx(2.5)
    assert (crowded["one_more"]["chair"], crowded["one_more"]["hands"]) == (0.0, 0.0)
    assert crowded["one_more"]["chair_and_nurses"] == pytest.approx(10.0)  # 30 by chairs, above that hands do


def test_a_list_of_starts_is_as_long_as_it_is():
    listed = one(f'{ONE_CHAIR}[booking.starts]\nmon = ["08:00"]\nwed = ["09:00"]\n')
    assert listed["one_more"] is None
    assert one_more_sentence(listed).startswith("The starts are a list")
    half = one(f'{ONE_CHAIR}[booking.starts]\nmon = ["08:00"]\n')
    assert by_day(half)["mon"] is None
    assert half["one_more"]["chair"] == 3
    assert one_more_sentence(half).endswith("Mon left out, where the starts are a list.")


def test_days_are_told_as_they_are():
    assert weekdays_text(["mon", "tue", "wed", "thu", "fri"]) == "Mon–Fri"
    assert weekdays_text(["mon", "tue", "thu", "fri"]) == "Mon, Tue, Thu, Fri"
    assert weekdays_text(["mon", "tue", "wed", "fri"]) == "Mon–Wed, Fri"
    assert weekdays_text(["sat"]) == "Sat"
