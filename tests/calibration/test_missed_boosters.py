"""Predicted appointments after boosters missed just before the export, by hand."""

import datetime as dt

import pytest

from simclinic.calibration import Options, calibrate
from simclinic.scenario import baseline

AS_OF = dt.date(2026, 3, 2)
SERIES = [dt.date(2025, 9, 1) + dt.timedelta(days=3 * at) for at in range(6)]
MISSED = dt.date(2025, 11, 3)


def patient(name, *, missed, again):
    """Write six infusions, a missed booster, and another appointment some days later; None: no other."""
    rows = [(name, day, "completed") for day in SERIES] + [(name, missed, "no-show")]
    return rows if again is None else [*rows, (name, missed + dt.timedelta(days=again), "completed")]


def again_on(tmp_path, *more, delays=(2, 2, 4, 4, 4, 5, 9, 9, 9, None), as_of=AS_OF):
    """Calibrate on ten patients who missed a booster and came after these delays, and on some more."""
    before = [row for at, days in enumerate(delays) for row in patient(f"p{at}", missed=MISSED, again=days)]
    lines = [f"{name},{day},{status}" for name, day, status in [*before, *more]]
    file = tmp_path / "visits.csv"
    file.write_text("\n".join(["patient,date,status", *lines]) + "\n")
    result = calibrate(file, baseline(), Options(as_of=as_of, infusions=6, whole_history=True))
    return sorted(row["next_appointment"] for row in result.panel.rows if row["next_appointment"])


def waiting(count, days_ago):
    missed = AS_OF - dt.timedelta(days=days_ago)
    return [row for at in range(count) for row in patient(f"w{at}", missed=missed, again=None)]


@pytest.mark.parametrize(
    ("count", "days_ago", "days"),
    [
        # Missed yesterday: nine of ten came again, half of those within 4 days.
        (1, 1, ["2026-03-05"]),
        # Seven days later three of four who still waited came, after 9.
        (1, 8, ["2026-03-03"]),
        (4, 8, ["2026-03-03"] * 3),
        # Ten days later only the one who did not come was still waiting.
        (3, 11, []),
        # More than two weeks ago: no new appointment is expected.
        (3, 20, []),
    ],
)
def test_as_many_as_usual_come_when_it_is_usual(tmp_path, count, days_ago, days):
    assert again_on(tmp_path, *waiting(count, days_ago)) == days


def test_a_patient_who_has_come_since_waits_for_nothing(tmp_path):
    came = patient("w", missed=AS_OF - dt.timedelta(days=5), again=3)
    assert again_on(tmp_path, *came) == []


def test_too_few_say_nothing(tmp_path):
    assert again_on(tmp_path, *waiting(2, 1), delays=(2,) * 7) == []


def test_an_export_that_shows_what_is_booked_shows_it_all(tmp_path):
    booked = [*patient("b", missed=dt.date(2025, 12, 1), again=2), ("b", dt.date(2026, 3, 10), "booked")]
    assert again_on(tmp_path, *waiting(2, 1), *booked) == ["2026-03-10"]
