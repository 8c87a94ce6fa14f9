"""Today's patients on the clock: until when they could be heard of, and when their last infusion ended."""

import datetime as dt

import numpy as np
import pytest

from simclinic.model import simulate
from simclinic.planning import Timetable
from simclinic.records import DROPPED_OUT
from simclinic.sampling.draws import Sampler
from simclinic.sampling.today import Today
from simclinic.scenario import baseline, with_overrides
from simclinic.scenario.panel import Panel, PanelPatient

HOUR, DAY = 60.0, 1440.0


def today(*overrides, last=None):
    scenario = with_overrides(baseline(), overrides)
    patient = PanelPatient(1, "maintained", "twice-weekly", 6, 0, None, last, None)
    return Today(scenario, Panel((patient,)))


@pytest.mark.parametrize(
    ("overrides", "heard"),
    [
        (("run.start=2026-03-02",), 17 * HOUR - 3 * DAY),  # a Monday: last heard on Friday at five
        (("run.start=2026-03-04",), 17 * HOUR - 1 * DAY),  # a Wednesday: yesterday at five
        (("run.start=2026-03-02", "clinic.closed_on=[2026-02-27]"), 17 * HOUR - 4 * DAY),
        (("run.start=2026-03-02", "clinic.hours.sun=24h"), 0.0),
        (
            ("run.start=2026-03-02", 'changes={"2026-02-26" = {"clinic.hours.fri" = "08:00-13:00"}}'),
            13 * HOUR - 3 * DAY,
        ),
    ],
)
def test_patients_are_heard_until_the_last_closing(overrides, heard):
    assert today(*overrides).last_closing == heard


def test_an_infusion_of_which_only_the_date_is_known_ends_in_the_middle_of_the_day():
    there = today("run.start=2026-03-02", last=dt.date(2026, 2, 27))
    assert there.last.tolist() == [12.5 * HOUR - 3 * DAY]
    exact = today("run.start=2026-03-02", last=dt.datetime(2026, 2, 27, 15, 20))
    assert exact.last.tolist() == [15 * HOUR + 20 - 3 * DAY]


@pytest.mark.parametrize(
    ("start", "last", "closed", "silent"),
    [
        ("2026-03-03", "2026-02-20", "[]", 10),  # a Tuesday; a Friday before last, heard until Monday
        ("2026-03-02", "2026-02-20", "[]", 7),  # a Monday: nobody could have come at the weekend
        ("2026-03-03", "2026-02-20", "[2026-02-23, 2026-02-24, 2026-03-03, 2026-02-20]", 8),
        ("2026-03-02", "2026-02-20", '["02-27"]', 6),  # heard until Thursday
        ("2026-03-02", "2026-02-27", "[]", 0),
        ("2026-03-02", "2026-03-01", "[]", 0),
        ("2026-03-02", None, "[]", 0),
        ("2026-06-02", "2026-02-20", "[]", 101),
    ],
)
def test_days_on_which_somebody_could_have_come(start, last, closed, silent):
    date = last and dt.date.fromisoformat(last)
    there = today(f"run.start={start}", f"clinic.closed_on={closed}", last=date)
    assert there.elapsed.tolist() == [silent]


def test_a_clinic_open_at_night_could_have_seen_somebody_until_midnight():
    there = today("run.start=2026-03-02", "clinic.hours.sun=24h", last=dt.date(2026, 2, 20))
    assert there.elapsed.tolist() == [9]


@pytest.mark.parametrize(
    ("last", "appointment", "share"),
    [
        (dt.date(2026, 2, 27), None, 0.2),  # due today, or tomorrow: the usual share
        (dt.date(2026, 2, 20), None, 0.2 / (0.2 + 0.8 * 0.1**2)),  # silent until Friday: due on day 4 and 7
        (dt.date(2026, 2, 20), dt.date(2026, 3, 3), 0.0),
    ],
)
def test_who_is_in_a_series_and_has_no_appointment_may_have_dropped_out(last, appointment, share):
    """As many as have not told: they leave at once, and never come."""
    count = 2000
    scenario = with_overrides(
        baseline(),
        [
            *(
                "run.start=2026-03-02",
                'run.begin="empty"',
                "run.warm_up_weeks=0",
                "run.weeks=1",
                "demand.referrals_per_week=0",
            ),
            *("response.drop_out=[0.9, 0.9, 0.2, 0.0, 0.0]", "attendance.no_show=0.04"),
            "attendance.late_cancel=0.06",
        ],
    )
    patients = tuple(
        PanelPatient(key, "series", "twice-weekly", 3, 0, None, last, appointment) for key in range(count)
    )
    draws = Sampler(scenario, Panel(patients)).sample(seed=3, replication=0)
    result = simulate(scenario, draws, Timetable(scenario)).patients
    left = result["reason"] == DROPPED_OUT
    assert (result["left"][left] == 0.0).all()
    assert (result["infusions"][left] == 3).all()
    assert left.mean() == pytest.approx(share, abs=5 * np.sqrt(share * (1 - share) / count))
