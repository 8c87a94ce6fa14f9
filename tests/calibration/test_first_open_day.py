"""The as-of day of an export by default: the first day on which the clinic is open after the last visit."""

import datetime as dt

import numpy as np
import pytest

from simclinic.calibration import Options
from simclinic.calibration.calibrate import learn
from simclinic.calibration.codes import BOOKED, COMPLETED
from simclinic.calibration.interpretation import interpret
from simclinic.scenario import baseline, with_overrides

MONDAY = dt.date(2024, 1, 1)
FRIDAY, SATURDAY, SUNDAY = (MONDAY + dt.timedelta(weeks=11, days=days) for days in (4, 5, 6))
"""The end of the twelfth week."""
WEEKDAYS = range(5)


def visits(weekdays=WEEKDAYS, until=FRIDAY, every=1, since=MONDAY):
    """Two visits on each of these weekdays, in each or in one week of several, up to a day."""
    days = [since + dt.timedelta(days=number) for number in range((until - since).days + 1)]
    return [
        (f"p{number % 7 * 2 + second}", day, "completed")
        for number, day in enumerate(days)
        if day.weekday() in weekdays and (day - since).days // 7 % every == 0
        for second in range(2)
    ]


def read(tmp_path, rows, *overrides, **options):
    path = tmp_path / "visits.csv"
    lines = [f"{patient},{day},{status}" for patient, day, status in rows]
    path.write_text("patient,date,status\n" + "\n".join(lines) + "\n")
    return interpret(path, Options(**options), base=with_overrides(baseline(), overrides)).visits


def first(*arguments, **options):
    return dt.date.fromordinal(read(*arguments, **options).as_of)


def test_a_week_that_ends_on_friday_is_followed_by_monday(tmp_path):
    rows = visits()
    seen = read(tmp_path, rows)
    assert dt.date.fromordinal(seen.as_of) == FRIDAY + dt.timedelta(days=3)
    assert dt.date.fromordinal(seen.last) == SUNDAY
    assert len(seen.day) == len(rows)


@pytest.mark.parametrize("days", range(4))
def test_any_other_day_is_followed_by_the_next(tmp_path, days):
    last = MONDAY + dt.timedelta(weeks=11, days=days)
    assert first(tmp_path, visits(until=last)) == last + dt.timedelta(days=1)


def test_a_given_day_stays(tmp_path):
    assert first(tmp_path, visits(), as_of=SATURDAY) == SATURDAY


def test_a_clinic_that_works_every_day_begins_on_the_next(tmp_path):
    rows = visits(range(7))
    assert first(tmp_path, rows) == SATURDAY
    # Even where the scenario, which is not the clinic's own, says that it is closed.
    assert first(tmp_path, rows, "clinic.hours.sat=false") == SATURDAY


def test_saturdays_worked_now_and_then_are_open_days(tmp_path):
    worked = visits([5], until=FRIDAY, every=4)
    assert first(tmp_path, visits() + worked) == SATURDAY
    assert first(tmp_path, visits() + worked[:2]) == SUNDAY + dt.timedelta(days=1)


@pytest.mark.parametrize("status", ["booked", "no-show", "cancelled"])
def test_a_day_with_an_appointment_is_not_passed_over(tmp_path, status):
    seen = read(tmp_path, [*visits(), ("p1", SATURDAY, status)])
    assert dt.date.fromordinal(seen.as_of) == SATURDAY
    booked = seen.day[seen.status == BOOKED].tolist()
    assert booked == ([SATURDAY.toordinal()] if status == "booked" else [])


def test_appointments_after_the_weekend_are_still_to_come(tmp_path):
    monday, later = FRIDAY + dt.timedelta(days=3), FRIDAY + dt.timedelta(days=17)
    seen = read(tmp_path, [*visits(), ("p1", monday, "booked"), ("p2", later, "booked")])
    assert seen.as_of == monday.toordinal()
    assert sorted(seen.day[seen.status == BOOKED].tolist()) == [monday.toordinal(), later.toordinal()]


def test_visits_entered_late_leave_the_days_without_them_to_come(tmp_path):
    """Friday's visits are still bookings, since nobody has closed them: Friday is the first day."""
    thursday = FRIDAY - dt.timedelta(days=1)
    rows = [*visits(until=thursday), ("p1", FRIDAY, "booked"), ("p2", FRIDAY, "booked")]
    seen = read(tmp_path, rows)
    assert dt.date.fromordinal(seen.as_of) == FRIDAY
    assert (seen.status == BOOKED).sum() == 2


def test_a_long_export_shows_closed_days_better_than_the_scenario(tmp_path):
    """A clinic works from Monday to Thursday; the scenario, which is the typical clinic's, on Fridays too."""
    thursday = FRIDAY - dt.timedelta(days=1)
    assert first(tmp_path, visits(range(4), until=thursday)) == FRIDAY + dt.timedelta(days=3)
    seldom = [("p1", FRIDAY - dt.timedelta(weeks=3), "completed")]
    assert first(tmp_path, visits(range(4), until=thursday) + seldom) == FRIDAY
    short = visits(range(4), until=thursday, since=MONDAY + dt.timedelta(weeks=5))
    assert first(tmp_path, short) == FRIDAY


def test_a_short_export_leaves_it_to_the_hours_of_the_scenario(tmp_path):
    rows = visits(since=MONDAY + dt.timedelta(weeks=10))
    assert first(tmp_path, rows) == FRIDAY + dt.timedelta(days=3)
    assert first(tmp_path, rows, 'clinic.hours.sat="09:00-13:00"') == SATURDAY


def test_days_on_which_patients_are_referred_are_not_passed_over(tmp_path):
    """A new patient of the weekend would be in no simulation that begins on Monday."""
    weights = "demand.weekday_weights={mon=1, tue=1, wed=1, thu=1, fri=1, sun=1}"
    assert first(tmp_path, visits(), weights) == SUNDAY


def test_a_holiday_on_a_working_day_is_not_passed_over(tmp_path):
    monday = FRIDAY + dt.timedelta(days=3)
    assert first(tmp_path, visits(), f"clinic.closed_on=[{monday}]") == monday


def test_the_weeks_left_out_say_nothing_about_weekdays(tmp_path):
    """Two months without Saturdays are left out: of the other Saturdays, most were worked."""
    rows = visits() + visits([5], since=MONDAY + dt.timedelta(weeks=9))
    out = (MONDAY + dt.timedelta(weeks=1), MONDAY + dt.timedelta(weeks=9, days=-1))
    assert first(tmp_path, rows) == FRIDAY + dt.timedelta(days=3)
    assert first(tmp_path, rows, leave_out=(out,)) == SATURDAY


def test_a_clinic_that_never_opens_by_its_scenario_begins_on_the_next_day(tmp_path):
    """No weekday is worked regularly, and the scenario's only day has no visit."""
    rows = [
        (f"p{week % 13}", MONDAY + dt.timedelta(weeks=week, days=week % 5), "completed") for week in range(60)
    ]
    hours = [f"clinic.hours.{day}=false" for day in ("mon", "tue", "wed", "thu", "fri")]
    hours += ['clinic.hours.sun="09:00-13:00"', 'shifts.day.days=["sun"]', 'shifts.day.hours="09:00-13:00"']
    last = rows[-1][1]
    assert first(tmp_path, rows, *hours) == last + dt.timedelta(days=1)


def test_nothing_differs_from_the_same_day_given(tmp_path):
    """Estimates, states and today's patients are those of the export as of that Monday."""
    draws = np.random.default_rng(3)
    rows = []
    for patient in range(60):
        day = MONDAY + dt.timedelta(days=int(draws.integers(150)))
        for number in range(20):
            day += dt.timedelta(days=int(draws.integers(2, 4)) if number < 6 else int(draws.integers(10, 60)))
            while day.weekday() > 4:
                day += dt.timedelta(days=1)
            status = "no-show" if draws.random() < 0.1 else "completed"
            if day <= FRIDAY + dt.timedelta(weeks=20):
                rows.append((f"p{patient}", day, status))
    rows = [*rows, ("p0", FRIDAY + dt.timedelta(weeks=20), "completed")]
    monday = FRIDAY + dt.timedelta(weeks=20, days=3)
    path = tmp_path / "visits.csv"
    lines = [f"{patient},{day},{status}" for patient, day, status in rows]
    path.write_text("patient,date,status\n" + "\n".join(lines) + "\n")
    base = baseline()

    def learnt(**options):
        export = interpret(path, Options(**options), base=base)
        return learn(export, base, Options(**options))

    by_default, given = learnt(), learnt(as_of=monday)
    assert by_default.export.visits.as_of == monday.toordinal()
    assert by_default.panel == given.panel
    assert by_default.findings.estimates == given.findings.estimates
    assert by_default.courses == given.courses
    assert (by_default.export.visits.status == COMPLETED).sum() == sum(row[2] == "completed" for row in rows)
    # Nobody of the list of Saturday morning is missing on Monday, and no appointment lies before that day.
    saturday = learnt(as_of=monday - dt.timedelta(days=2))
    assert {row["patient"] for row in saturday.panel.rows} == {row["patient"] for row in given.panel.rows}
    assert all(
        row["next_appointment"] is None or row["next_appointment"] >= str(monday) for row in given.panel.rows
    )
