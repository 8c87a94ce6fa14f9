"""Hours paid while the doors are closed, added up by hand."""

import pytest

from simclinic.measures import measure
from simclinic.planning.capacity import capacity_on_paper
from simclinic.planning.demand import demand
from simclinic.scenario import baseline, with_overrides
from simclinic.studies.advice import advice
from simclinic.studies.closed_doors import closed_hours_warning
from tests.model.small import clinic
from tests.model.small import simulated as run

MARGIN = ". 30 minutes before opening and after closing are not counted"
SATURDAY = "shifts.sat={days=['sat'], hours='08:00-17:00', nurses=1}"
NOON = 'clinic.hours.sat="08:00-12:00"'
SUNDAY_TOO = "shifts.day.days=['mon', 'tue', 'wed', 'thu', 'fri', 'sun']"


def of(*overrides):
    return closed_hours_warning(with_overrides(baseline(), overrides))


def test_half_an_hour_on_either_side_is_not_counted():
    assert of() is None
    assert of("shifts.day.hours='07:29-17:30'") == (
        "nurses are paid for 0.2 hours a week while the doors are closed, which cost 10 USD a week: "
        f"shift 'day' on mon, tue, wed, thu, fri before 07:30 (0.2 hours){MARGIN}"
    )


def test_a_weekday_left_in_a_shift():
    # Two nurses for ten hours, at 45 an hour with on-costs of 1.3.
    assert of(SUNDAY_TOO) == (
        "nurses are paid for 20 hours a week while the doors are closed, which cost 1,170 USD a week: "
        f"shift 'day' on sun, when the clinic does not open (20 hours){MARGIN}"
    )


def test_a_saturday_until_five_where_the_doors_close_at_noon():
    assert of(SATURDAY, NOON) == (
        "nurses are paid for 4.5 hours a week while the doors are closed, which cost 263 USD a week: "
        f"shift 'sat' on sat after 12:30 (4.5 hours){MARGIN}"
    )


def test_several_places_the_longest_first():
    message = of(SUNDAY_TOO, SATURDAY, NOON, "shifts.day.hours='06:30-17:30'", "finance.currency='EUR'")
    # Sunday 2 x 11 hours, 4.5 on Saturday, 2 x 1 hour on five days before 07:30: 36.5 x 58.5 = 2,135.25
    assert message == (
        "nurses are paid for 36.5 hours a week while the doors are closed, which cost 2,135 EUR a week: "
        "shift 'day' on sun, when the clinic does not open (22 hours); "
        "shift 'day' on mon, tue, wed, thu, fri before 07:30 (10 hours); "
        f"shift 'sat' on sat after 12:30 (4.5 hours){MARGIN}"
    )


def test_a_shift_partly_outside_the_hours_of_one_day_only():
    # On Saturday the doors open from 12:00 to 16:00: a shift that is over by then, and one that begins after.
    hours = 'clinic.hours.sat="12:00-16:00"'
    assert "on sat before 11:30 (2 hours)" in of(
        hours, "shifts.a={days=['fri', 'sat'], hours='08:00-10:00', nurses=1}"
    )
    assert "on sat after 16:30 (1 hour)" in of(
        hours, "shifts.a={days=['fri', 'sat'], hours='16:00-17:30', nurses=1}"
    )
    assert of(hours, "shifts.a={days=['fri', 'sat'], hours='11:30-16:30', nurses=1}") is None


def test_without_wages_there_is_no_price():
    assert of(SUNDAY_TOO, "finance.nurse_hour=0") == (
        "nurses are paid for 20 hours a week while the doors are closed: "
        f"shift 'day' on sun, when the clinic does not open (20 hours){MARGIN}"
    )


def test_many_places_are_added_up():
    shifts = [
        f"shifts.s{k}={{days=['mon', 'sun'], hours='08:00-{10 + k}:00', nurses=1}}" for k in range(6)
    ]  # 2, 3, 4, 5, 6, 7 hours
    message = of(*shifts)
    assert message.startswith("nurses are paid for 27 hours a week")
    assert "(4 hours); and 2 more places (5 hours)" in message
    assert of(*shifts[:5]).count("shift 's") == 5  # one more is as short as its sum


def test_a_holiday_is_not_paid_and_a_change_counts_for_its_weeks():
    scenario = clinic(
        '[clinic]\nclosed_on = [2026-01-06]\n[changes."2026-01-12"]\n"shifts.day.nurses" = 3\n',
        {"shifts": {"day": {"days": ["mon", "tue"], "hours": "06:30-17:00", "nurses": 1}}},
    )
    # An hour on Monday, none on Tuesday, a holiday; in the second week three on both: seven in two weeks.
    message = closed_hours_warning(scenario)
    assert message.startswith("nurses are paid for 3.5 hours a week")
    assert "shift 'day' on mon, tue before 07:30 (3.5 hours)" in message


def test_the_hours_are_those_that_are_paid():
    # Doors that never open on Sunday: what is rostered on it, in the tables.
    texts = "[run]\nwarm_up_weeks = 1", {
        "shifts": {
            "day": {"days": ["mon", "tue", "wed", "thu", "fri"], "hours": "07:30-17:30", "nurses": 2},
            "sun": {"days": ["fri", "sun"], "hours": "08:00-13:00", "nurses": 3, "absence": 0.5},
        }
    }  # fmt: skip
    scenario = clinic(*texts, referrals=[(0, 600)])
    paid = measure(run(scenario), scenario).weeks["nurse_minutes_rostered"]
    assert paid.tolist() == [60 * (2 * 50 + 2 * 15)] * 2
    assert closed_hours_warning(scenario).startswith("nurses are paid for 15 hours a week")


def test_other_roles_are_paid_too_at_their_own_wage():
    # Two technicians for four hours on Sunday at 40 x 1.5: 480; a prescriber half an hour early at 100 x 1.3: 65.
    roles = ("roles.technician={hour=40, on_costs=1.5}", "roles.prescriber={hour=100}")
    shifts = (
        "shifts.lab={days=['mon', 'sun'], hours='08:00-12:00', role='technician', number=2}",
        "shifts.doctor={days=['tue'], hours='07:00-12:00', role='prescriber', number=1}",
    )
    message = of(*roles, *shifts)
    assert message.startswith(
        "prescribers and technicians are paid for 8.5 hours a week while the doors are closed"
    )
    assert message.endswith(
        "which cost 545 USD a week: shift 'lab' on sun, when the clinic does not open (8 hours); shift 'doctor' on "
        f"tue before 07:30 (0.5 hours){MARGIN}"
    )
    both = of(*roles, *shifts, SUNDAY_TOO)
    assert both.startswith(
        "nurses, prescribers and technicians are paid for 28.5 hours a week while the doors"
    )
    assert "which cost 1,715 USD a week" in both


@pytest.mark.parametrize("mode", ["booked", "walk-in"])
def test_check_says_it(mode):
    scenario = with_overrides(baseline(), [SUNDAY_TOO, f"booking.mode='{mode}'"])
    results = list(advice(scenario, list(capacity_on_paper(scenario)), demand(scenario)))
    assert closed_hours_warning(scenario) in results
