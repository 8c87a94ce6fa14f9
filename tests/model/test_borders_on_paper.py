"""The minute at which a shift or a span ends, and steps that take no time: by hand, in both engines.

A shift has its first minute and not its last. There is a nurse from 07:00 to 18:00, and nine chairs.
"""

import pytest

from simclinic.planning.capacity import capacity_on_paper
from tests.model.fast.same import both, differences
from tests.model.small import at, clinic, column, outcomes
from tests.model.test_wider_on_paper import had, minute, roster, step, treatment

TREATED = step(60)
SIGNED = {"claims": {"prescriber": "on-site"}}
SEEN = {"claims": {"prescriber": "hands-on"}}


def on_paper(*texts, moments):
    """The records of patients who are referred at some moments; those of both engines are the same."""
    one, other = both(clinic({"clinic": {"chairs": 9}}, *texts, referrals=moments))
    assert other is not None
    assert differences(one, other) == []
    return other


def walk_in(*texts, at_times):
    """The same of patients who walk in on Tuesday."""
    moments = [(1, minute(time)) for time in at_times]
    return on_paper({"booking": {"mode": "walk-in"}}, *texts, moments=moments)


def booked(number, *texts, chairs=1):
    """The same of so many patients who ask on Monday for an appointment from Tuesday on."""
    rules = {"booking": {"notice_days": 1}, "clinic": {"chairs": chairs}}
    return on_paper(rules, *texts, moments=[(0, minute("10:00"))] * number)


def starts(*texts):
    """The starts of a Monday on paper, with one chair."""
    (plan,) = capacity_on_paper(clinic(*texts, "[demand]\nreferrals_per_week = 5"))
    monday = plan["weekdays"][0]
    return monday["starts"], monday["first_start"], monday["last_start"]


MORNING = roster(prescriber=("08:00-12:00", 1))


@pytest.mark.parametrize("claims", [SIGNED, SEEN, {"claims": {"prescriber": {"watch": 4}}}])
def test_no_step_is_planned_for_the_minute_at_which_its_role_leaves(claims):
    """The treatment is signed off after an hour, at 12:00 if it begins at 11:00: the prescriber has just left."""
    visit = treatment(treatment=TREATED, sign=step(0, **claims))
    assert starts(visit, MORNING) == (3, "08:00", "10:00")
    records = booked(4, visit, MORNING)
    assert column(records, "appointment") == [at(1, 8), at(1, 9), at(1, 10), at(2, 8)]
    assert outcomes(records) == ["completed"] * 4
    # A minute that the prescriber is there is enough.
    longer = roster(prescriber=("08:00-12:01", 1))
    assert starts(visit, longer) == (4, "08:00", "11:00")


def test_no_visit_is_planned_for_the_minute_at_which_the_role_of_its_first_step_leaves():
    visit = treatment(sign=step(0, **SIGNED), treatment=TREATED)
    assert starts(visit, MORNING) == (4, "08:00", "11:00")


def test_listed_starts_keep_the_rule():
    """At 11:00 the clinic itself has listed a start, which nobody can take: the sign-off would be at 12:00."""
    visit = treatment(treatment=TREATED, sign=step(0, **SIGNED))
    listed = {"booking": {"types": "typed", "starts": {"tue": ["11:00", "10:00"], "wed": ["08:00"]}}}
    records = booked(2, visit, MORNING, listed)
    assert column(records, "appointment") == [at(1, 10), at(2, 8)]


def test_a_step_that_takes_no_time_occupies_nobody():
    """Two are signed off at 09:00 by the one prescriber."""
    visit = treatment(treatment=TREATED, sign=step(0, **SEEN))
    records = booked(2, visit, MORNING, chairs=2)
    assert column(records, "appointment") == [at(1, 8)] * 2
    assert [each["sign"] for each in had(records)] == ["09:00-09:00"] * 2


def test_a_step_may_end_as_its_role_leaves():
    """An hour with the prescriber from 11:00 on, or on site: until 12:00."""
    for claims in (SIGNED, SEEN):
        assert starts(treatment(treatment=step(60, **claims)), MORNING) == (4, "08:00", "11:00")


def test_a_patient_may_leave_as_the_clinic_closes():
    """The last step takes no time: at 12:00 and 17:00, when a span ends, the prescriber is there for it."""
    visit = treatment(treatment=TREATED, sign=step(0, **SIGNED))
    spans = {"clinic": {"hours": {"mon": "08:00-12:00, 13:00-17:00"}}}
    assert starts(visit, spans, roster(prescriber=("08:00-18:00", 1))) == (8, "08:00", "16:00")


def test_who_comes_before_a_role_leaves_keeps_it():
    """The prescriber's shift ends at 12:00. Ann comes a minute before, and is signed off after an hour."""
    visit = treatment(treatment=TREATED, sign=step(0, **SIGNED))
    records = walk_in(visit, MORNING, at_times=["11:00", "11:59"])
    assert [each["sign"] for each in had(records)] == ["12:00-12:00", "12:59-12:59"]


def test_who_comes_at_the_minute_at_which_a_role_leaves_waits_for_it_to_come_again():
    visit = treatment(sign=step(0, **SIGNED), treatment=TREATED)
    records = walk_in(visit, MORNING, at_times=["11:59", "12:00"])
    assert [each["treatment"] for each in had(records)] == [
        "11:59-12:59",
        "08:00 on day 2-09:00 on day 2",
    ]
    # Somebody of the role comes as another one leaves: nobody notices.
    two = roster(prescriber_a=("08:00-12:00", 1), prescriber_b=("12:00-13:00", 1))
    records = walk_in(visit, two, at_times=["11:59", "12:00"])
    assert [each["treatment"] for each in had(records)] == ["11:59-12:59", "12:00-13:00"]


@pytest.mark.parametrize("claims", [SIGNED, {"claims": {"prescriber": {"watch": 4}}}])
def test_a_role_stays_until_the_step_has_ended_though_the_next_follows_at_once(claims):
    """The prescriber works until 12:00, and is needed for Ann until 12:15; Bea comes before that."""
    records = walk_in(treatment(seen=step(30, **claims), rest=step(10)), MORNING, at_times=["11:45", "12:05"])
    assert had(records) == [
        {"seen": "11:45-12:15", "rest": "12:15-12:25"},
        {"seen": "12:05-12:35", "rest": "12:35-12:45"},
    ]


def test_between_two_shifts_a_role_is_on_site_for_begun_visits_alone():
    """The prescriber is away from 12:00 to 13:00, and stays for Ann, whose visit has begun.

    Bea's first step needs the prescriber on site: it waits until 13:00. Cy's first step needs nobody.
    """
    two = roster(prescriber_a=("08:00-12:00", 1), prescriber_b=("13:00-17:00", 1))
    first = treatment(seen=step(30, **SIGNED), rest=step(10))
    records = walk_in(first, two, at_times=["11:45", "12:05"])
    assert [each["seen"] for each in had(records)] == ["11:45-12:15", "13:00-13:30"]
    second = treatment(rest=step(10), seen=step(30, **SIGNED))
    records = walk_in(second, two, at_times=["11:45", "11:55"])
    assert [each["seen"] for each in had(records)] == ["11:55-12:25", "12:05-12:35"]


def test_a_role_that_is_there_for_no_minute_of_a_step_is_refused():
    """The prescriber leaves at 09:00; the sign-off is at 09:00 at the earliest, after half of two hours."""
    visit = treatment(treatment=step(120), sign=step(0, **SIGNED))
    with pytest.raises(ValueError, match="prescriber is never on duty for as long as this step takes"):
        clinic(visit, roster(prescriber=("08:00-09:00", 1)))
    clinic(visit, roster(prescriber=("08:00-09:01", 1)))
