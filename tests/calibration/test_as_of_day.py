"""The as-of day of an export: later appointments are booked, and earlier ones have an outcome."""

import datetime as dt

import numpy as np
import pytest

from simclinic.calibration import ExportError, Options, as_of_day
from simclinic.calibration.codes import BOOKED, COMPLETED
from simclinic.calibration.interpretation import interpret

MONDAY = dt.date(2024, 1, 1)


@pytest.fixture(scope="module")
def rows():
    """Make thirty weeks of about 30 visits, one in ten missed, and three weeks of bookings: 12, 4 and 1."""
    draws = np.random.default_rng(5)
    made = []
    for week in range(33):
        count = int(draws.poisson(30)) if week < 30 else (12, 4, 1)[week - 30]
        for _ in range(count):
            day = MONDAY + dt.timedelta(weeks=week, days=int(draws.integers(5)))
            status = "booked" if week >= 30 else "no-show" if draws.random() < 0.1 else "completed"
            made.append((f"p{int(draws.integers(120))}", day, status))
    return sorted(made, key=lambda row: row[1])


AS_OF = MONDAY + dt.timedelta(weeks=30)
WORDS = {"completed": "Completed", "no-show": "No Show", "booked": "Scheduled"}


def interpreted(tmp_path, rows, words=WORDS, times=None, **text):
    """Write an export with these words, and perhaps a time of arrival for some statuses."""
    lines = ["patient,date,status" + (",arrived" if times else "")]
    for patient, day, status in rows:
        arrived = "" if times is None else f",{'09:00' if status in times else ''}"
        lines.append(f"{patient},{day},{words[status]}{arrived}")
    path = tmp_path / "visits.csv"
    path.write_text("\n".join(lines) + "\n")
    return interpret(path, Options(**text))


def counted(result):
    visits = result.visits
    return {
        "as of": dt.date.fromordinal(visits.as_of),
        "completed": int((visits.status == COMPLETED).sum()),
        "booked": int((visits.status == BOOKED).sum()),
    }


SHOW = WORDS | {"booked": "Completed"}
SCHEDULED = WORDS | {"completed": "Scheduled"}


def test_a_default_status_in_the_future_is_a_booking(tmp_path, rows):
    """With the as-of day, the result is the same whatever the system calls a booking."""
    plainly = counted(interpreted(tmp_path, rows, as_of=AS_OF))
    assert plainly["booked"] == len({(row[0], row[1]) for row in rows if row[2] == "booked"})
    assert counted(interpreted(tmp_path, rows, SHOW, as_of=AS_OF)) == plainly
    result = {"Scheduled": "completed"}
    assert counted(interpreted(tmp_path, rows, SCHEDULED, as_of=AS_OF, statuses=result)) == plainly


def test_bookings_that_look_like_visits_are_asked_about(tmp_path, rows):
    with pytest.raises(ExportError, match="look like future appointments") as error:
        interpreted(tmp_path, rows, SHOW)
    last = max(row[1] for row in rows)
    assert f"If all of them took place, use --as-of {last + dt.timedelta(days=1)}" in str(error.value)
    took_place = interpreted(tmp_path, rows, SHOW, as_of=last + dt.timedelta(days=1))
    assert counted(took_place)["booked"] == 0


def test_a_single_booking_behind_them_changes_nothing(tmp_path, rows):
    last = max(row[1] for row in rows)
    more = [*rows, ("p1", last + dt.timedelta(days=9), "later")]
    with pytest.raises(ExportError, match="look like future appointments"):
        interpreted(tmp_path, more, SHOW | {"later": "Scheduled"})


def test_an_export_that_tells_bookings_apart_is_not_asked_about(tmp_path, rows):
    done = [row for row in rows if row[2] == "completed"]
    last = max(row[1] for row in done)
    assert counted(interpreted(tmp_path, rows))["as of"] == last + dt.timedelta(days=1)


def test_a_clinic_that_ends_with_full_weeks_is_not_asked_about(tmp_path, rows):
    seen = [row for row in rows if row[2] != "booked"]
    assert counted(interpreted(tmp_path, seen))["booked"] == 0


def test_rows_without_times_at_the_end_are_bookings(tmp_path, rows):
    result = interpreted(tmp_path, rows, SHOW, times={"completed"})
    plainly = interpreted(tmp_path, rows)
    assert counted(result) == counted(plainly)


def test_days_to_come_on_this_calendar_are_bookings(tmp_path, rows, monkeypatch):
    monkeypatch.setattr(as_of_day, "_now", (AS_OF - dt.timedelta(days=2)).toordinal)
    result = interpreted(tmp_path, rows, SHOW)
    assert counted(result) == counted(interpreted(tmp_path, rows))
    # A clock that is years behind the export is not trusted.
    monkeypatch.setattr(as_of_day, "_now", dt.date(2020, 1, 1).toordinal)
    assert counted(interpreted(tmp_path, rows))["booked"] > 0


def test_what_the_export_shows_of_days_after_as_of_is_no_booking(tmp_path, rows):
    """Ten weeks later there are no-shows: the export was made later than that day."""
    result = interpreted(tmp_path, rows, as_of=MONDAY + dt.timedelta(weeks=20))
    assert counted(result)["booked"] == len({row[:2] for row in rows if row[2] == "booked"})
    notes = {each.what for each in result.quality.notes}
    assert "visits completed, or missed, on a future day" in notes


def never_closed(rows, count):
    """Leave some past appointments as they were booked."""
    done = [at for at, row in enumerate(rows) if row[2] == "completed"][:: max(1, 400 // count)][:count]
    return [(row[0], row[1], "booked") if at in done else row for at, row in enumerate(rows)]


def test_many_that_were_never_closed_are_asked_about(tmp_path, rows):
    made = never_closed(rows, 40)
    with pytest.raises(ExportError, match="never closed") as error:
        interpreted(tmp_path, made)
    assert "'Scheduled' in 40 of" in str(error.value)
    assert '--status "Scheduled=completed" if they took place' in str(error.value)
    answered = interpreted(tmp_path, made, statuses={"Scheduled": "completed"}, as_of=AS_OF)
    assert counted(answered) == counted(interpreted(tmp_path, rows, as_of=AS_OF))
    left_out = interpreted(tmp_path, made, statuses={"Scheduled": "booked"})
    assert counted(left_out)["completed"] < counted(answered)["completed"]
    assert any("still booked" in each.what and each.count == 40 for each in left_out.quality.notes)


def test_a_few_that_were_never_closed_are_a_warning(tmp_path, rows):
    result = interpreted(tmp_path, never_closed(rows, 2))
    (warning,) = result.quality.warnings
    assert "'Scheduled' in 2 of" in warning
    assert "To give their outcome" in warning


def test_an_export_made_at_noon(tmp_path, rows):
    """Bookings for the afternoon of its last day raise no question."""
    last = max(row[1] for row in rows if row[2] == "completed")
    afternoon = [(f"late{number}", last, "booked") for number in range(20)]
    result = interpreted(tmp_path, rows + afternoon)
    assert result.quality.warnings == []
    assert counted(result) == counted(interpreted(tmp_path, rows))


def test_an_export_in_which_nothing_is_completed(tmp_path, rows):
    with pytest.raises(ExportError, match="no row says that a visit took place") as error:
        interpreted(tmp_path, rows, SCHEDULED)
    assert '--status "Scheduled=completed" --as-of DATE' in str(error.value)
