"""The clinic as an export shows it, compared with the base scenario and written to the scenario."""

import datetime as dt

import numpy as np
import pytest

from simclinic.calibration import Options
from simclinic.calibration.calibrate import learn
from simclinic.calibration.interpretation import interpret
from simclinic.calibration.schedules import find_schedule
from simclinic.scenario import from_toml
from simclinic.studies.calibrate import base_scenario, calibrated_scenario, scenario_text

MONDAY = dt.date(2024, 1, 1)
LATER = MONDAY + dt.timedelta(days=350)


def export(weekdays, first, last, *, weeks=40, at_once=3, minutes=100, timed=True, every=1):
    """Write some visits at each full hour on some weekdays."""
    lines = ["patient,start,status" + (",Check In,Check Out" if timed else "")]
    number = 0
    for week in range(0, weeks, every):
        for weekday in weekdays:
            day = MONDAY + dt.timedelta(weeks=week, days=weekday)
            for minute in range(first, last + 1, minutes):
                for _ in range(at_once):
                    number += 1
                    times = f",{clock(minute)},{clock(minute + minutes)}" if timed else ""
                    lines.append(f"p{number % 97},{day} {clock(minute)},completed{times}")
    return lines


def clock(minute):
    return f"{minute // 60:02d}:{minute % 60:02d}"


def calibrated(tmp_path, lines, *overrides, learning=True, as_of=None):
    path = tmp_path / "visits.csv"
    path.write_text("\n".join(lines) + "\n")
    base, text = base_scenario(None, overrides)
    options = Options(whole_history=True, learn_clinic=learning, as_of=as_of)
    result = learn(interpret(path, options), base, options)
    return result, calibrated_scenario(scenario_text(result, base), text)


def test_days_without_visits_are_closed(tmp_path):
    """Monday, Wednesday and Friday from 8 to 5: the same hours, two days fewer, for the doors and the nurses."""
    lines = export((0, 2, 4), 480, 900)
    learnt, scenario = calibrated(tmp_path, lines)
    told = [each for each in learnt.findings.cannot_tell if "An export does not contain nurses" in each]
    assert [each.rpartition(": ")[2].partition(". ")[2] for each in told] == [
        "Days, hours and chairs are taken from the export as far as visits show them."
    ]
    assert {day: str(span) for day, span in scenario.clinic.hours.items()} == dict.fromkeys(
        ("mon", "wed", "fri"), "08:00-17:00"
    )
    assert scenario.shifts["day"].days == ("mon", "wed", "fri")
    assert str(scenario.shifts["day"].hours) == "07:30-17:30"
    result, unchanged = calibrated(tmp_path, lines, learning=False)
    assert len(unchanged.clinic.hours) == 5
    assert sum("--learn-clinic takes days, hours and" in each for each in result.findings.cannot_tell) == 1
    (warning,) = (each for each in result.findings.warnings if "is open on" in each)
    assert "open on Tue and Thu" in warning
    # An export shows visits, not doors: a day without any may have been open.
    assert "these days: if the clinic is closed then, the base scenario offers too many starts" in warning
    assert "--learn-clinic" in warning


def test_days_that_the_base_scenario_lacks_are_opened(tmp_path):
    lines = export((0, 1, 2, 3, 4, 5), 480, 900)
    _, scenario = calibrated(tmp_path, lines)
    assert list(scenario.clinic.hours) == ["mon", "tue", "wed", "thu", "fri", "sat"]
    assert scenario.shifts["day"].days[-1] == "sat"
    result, _ = calibrated(tmp_path, lines, learning=False)
    assert any(
        "visits on Sat, but the base scenario is closed then" in each for each in result.findings.warnings
    )


def test_hours_are_those_of_the_visits_where_they_differ(tmp_path):
    """From noon to eight in the evening, and on Fridays in the morning only."""
    lines = export((0, 1, 2, 3), 720, 1080) + export((4,), 480, 600)[1:]
    _, scenario = calibrated(tmp_path, lines)
    hours = {day: str(span) for day, span in scenario.clinic.hours.items()}
    assert hours["mon"] == hours["thu"] == "12:00-19:30" or hours["mon"].startswith("12:00-")
    assert hours["fri"].startswith("08:00-1")
    shift = scenario.shifts["day"].hours
    assert shift.start <= 450
    assert shift.end > 1140
    result, _ = calibrated(tmp_path, lines, learning=False)
    (warning,) = (each for each in result.findings.warnings if "other hours" in each)
    assert "Mon 12:00-" in warning
    assert "instead of 08:00-17:00" in warning


def test_a_pause_of_the_base_scenario_is_kept(tmp_path):
    noon = "clinic.hours.mon=08:00-12:00, 13:00-17:00"
    _, made = calibrated(tmp_path, export((0, 1), 480, 1200), noon)
    assert str(made.clinic.hours["mon"]) == "08:00-12:00, 13:00-21:30"
    assert str(made.clinic.hours["tue"]) == "08:00-21:30"


def test_weeks_of_the_base_scenario_are_kept(tmp_path):
    saturday = "clinic.hours.sat={hours='08:00-12:00', every=2, from=2026-01-10}"
    _, made = calibrated(tmp_path, export((0, 1, 5), 480, 1200, every=1), saturday)
    assert str(made.clinic.hours["sat"]) == "08:00-21:30 (every 2 weeks from 2026-01-10)"


def test_a_break_outside_the_new_hours_is_dropped(tmp_path):
    _, scenario = calibrated(tmp_path, export((0, 1, 2, 3, 4), 840, 1100))
    assert str(scenario.clinic.hours["mon"]).startswith("14:00-")
    assert scenario.shifts["day"].break_ is None


@pytest.mark.parametrize("at_once", [5, 2])
def test_chairs_are_the_patients_there_at_once(tmp_path, at_once):
    """A peak of five, or of two, on every day is a limit, whether the base scenario has more chairs or fewer."""
    lines = export((0, 1, 2, 3, 4), 480, 900, at_once=at_once)
    _, scenario = calibrated(tmp_path, lines)
    assert scenario.clinic.chairs == at_once
    result, unchanged = calibrated(tmp_path, lines, learning=False)
    assert unchanged.clinic.chairs == 3
    result = [each for each in result.findings.warnings if "there at once" in each]
    assert ("up to 5" in result[0]) if at_once == 5 else ("never shows more than 2" in result[0])


def test_the_clinic_is_read_off_days_and_weeks(tmp_path):
    """Of 40 weeks of three days: n is the number of days behind the peak, and of weeks behind the weekdays."""
    result, _ = calibrated(tmp_path, export((0, 2, 4), 480, 900, at_once=2), learning=False)
    n = {each.parameter: each.n for each in result.findings.estimates}
    assert n["patients there at once"] == 40 * 3
    assert n["days a week with visits"] == 39  # from the first visit to the last: 39 weeks and five days


def test_without_ends_chairs_stay(tmp_path):
    result, scenario = calibrated(tmp_path, export((0, 2), 480, 900, at_once=5, timed=False))
    assert scenario.clinic.chairs == 3
    assert any("clinic.chairs" in each for each in result.findings.base_kept)


def test_a_short_export_shows_no_clinic(tmp_path):
    result, scenario = calibrated(tmp_path, export((0, 2), 480, 900, weeks=5))
    assert len(scenario.clinic.hours) == 5
    assert any("too short to show days and hours" in each for each in result.findings.base_kept)


def test_agreement_raises_no_warning(tmp_path):
    result, _ = calibrated(tmp_path, export((0, 1, 2, 3, 4), 480, 900), learning=False)
    assert not [each for each in result.findings.warnings if "base scenario" in each]


def test_two_shifts_keep_their_places(tmp_path):
    """The early one ends at one, the late one begins then; the clinic opens on Saturdays too, until eight."""
    lines = export((0, 1, 2, 3, 4, 5), 480, 1080)
    two = (
        'shifts.day={days=["mon","tue","wed","thu","fri"], hours="07:30-13:00", nurses=2}',
        'shifts.late={days=["mon","tue","wed"], hours="13:00-17:30", nurses=2}',
    )
    _, scenario = calibrated(tmp_path, lines, *two)
    assert str(scenario.shifts["day"].hours) == "07:30-13:00"
    assert scenario.shifts["day"].days[-1] == "sat"
    assert scenario.shifts["late"].hours.start == 780
    assert scenario.shifts["late"].hours.end > 1140
    assert scenario.shifts["late"].days == ("mon", "tue", "wed")


# -- a schedule ----------------------------------------------------------------------------------------------


def scheduled(gaps, seed=2, patients=60, *, strays=0.05):
    """Write visits that keep these gaps, with a few exceptions; the last gap repeats."""
    draws = np.random.default_rng(seed)
    lines = ["patient,date,status"]
    for patient in range(patients):
        day = MONDAY + dt.timedelta(days=int(draws.integers(300)))
        for place in range(int(draws.integers(6, 25))):
            if day > MONDAY + dt.timedelta(days=400):
                break
            lines.append(f"p{patient},{day},completed")
            stray = 4 if draws.random() < strays else 0
            day += dt.timedelta(days=gaps[min(place, len(gaps) - 1)] + stray)
    return lines


def test_a_schedule_is_recognised(tmp_path):
    """Eight visits twice a week, four weekly gaps, then every two weeks."""
    result, _ = calibrated(
        tmp_path, scheduled([3, 4, 3, 4, 3, 4, 3, 7, 7, 7, 7, 14]), learning=False, as_of=LATER
    )
    (warning,) = (each for each in result.findings.warnings if "follow a schedule" in each)
    assert "8 visits a few days apart, then 4 gaps of 7 days, then every 14 days" in warning
    assert find_schedule(result.courses).kept > 0.85 * find_schedule(result.courses).of


def test_relapses_are_no_schedule(tmp_path):
    draws = np.random.default_rng(3)
    lines = ["patient,date,status"]
    for patient in range(80):
        day = MONDAY + dt.timedelta(days=int(draws.integers(300)))
        for place in range(15):
            lines.append(f"p{patient},{day},completed")
            day += dt.timedelta(days=3 if place < 5 else round(float(draws.lognormal(3.2, 0.5))))
    result, _ = calibrated(tmp_path, lines, learning=False, as_of=LATER)
    assert find_schedule(result.courses) is None
    assert not [each for each in result.findings.warnings if "follow a schedule" in each]


def test_the_base_scenario_may_have_its_own_starts(tmp_path):
    """Start times on days that are now closed would be an error in the scenario."""
    starts = 'booking.starts={mon=["08:00"],tue=["08:00"]}'
    _, scenario = calibrated(tmp_path, export((0, 2, 4), 480, 900), starts)
    assert scenario.booking.starts is None
    assert from_toml('name="x"').booking.starts is None
