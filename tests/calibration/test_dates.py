"""Dates as systems write them, and ambiguous columns."""

import datetime as dt
import math

import pytest

from simclinic.calibration.cells import Cells
from simclinic.calibration.dates import read_days, read_times
from simclinic.calibration.text import ExportError
from simclinic.calibration.timestamps import moments
from simclinic.calibration.visit_lengths import _between

DAY = dt.date(2026, 3, 14).toordinal()


def read(*cells, order=None):
    return read_days(cells, range(2, 2 + len(cells)), heading="When", file="visits.csv", order=order)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-14",
        "2026/3/14",
        "20260314",
        "3/14/2026",
        "14.03.2026",
        "14/03/2026",
        "14-03-2026",
        "3/14/26",
        "14 Mar 2026",
        "14-Mar-26",
        "Mar 14, 2026",
        "March 14 2026",
        "Sat, 14 March 2026",
        "Saturday 14th Mar 2026",
        "2026-Mar-14",
        "14 mars 2026",
        "14. März 2026",
        "Sa., 14.03.2026",
        "14 de marzo de 2026",
        "14MAR2026",
        '="2026-03-14"',
        " 2026-03-14 ",
    ],
)
def test_one_day_in_many_hands(cell):
    # A second date distinguishes years of two digits from days.
    other = {"3/14/26": "3/15/26"}.get(cell, cell)
    result = read(cell, other)
    assert result.day[0] == DAY
    assert math.isnan(result.minute[0])


@pytest.mark.parametrize(
    ("time", "minute"),
    [
        (" 14:30", 870),
        ("T14:30:00", 870),
        (" 2:30 PM", 870),
        (" 2:30pm", 870),
        (" 2:30 p.m.", 870),
        (" 12:05 AM", 5),
        (" 12:05 PM", 725),
        (" at 14:30", 870),
        (" 14.30", 870),
        ("T14:30:00+01:00", 870),
        (", 9 am", 540),
        (":14:30:00", 870),
        ("t14:30:00z", 870),
        (" 14h30", 870),
        (" 2:30 p. m.", 870),
    ],
)
def test_times(time, minute):
    assert read(f"2026-03-14{time}").minute == [minute]


@pytest.mark.parametrize(
    "cell", ["", "n/a", "2026-02-30", "2026-13-01", "31.04.2026", "soon", "14:30", "3/14/2026 25:70"]
)
def test_what_is_no_date_is_none(cell):
    assert read(cell, "2026-03-14" if "." not in cell and "/2" not in cell else cell).day[0] == 0


def test_the_order_is_told_by_the_column():
    assert read("3/4/2026", "3/14/2026").day[0] == dt.date(2026, 3, 4).toordinal()
    assert read("3/4/2026", "14/3/2026").day[0] == dt.date(2026, 4, 3).toordinal()
    assert read("3/4/2026", "14/3/2026").order == "day first"
    # Few years, many days: so the year comes first.
    assert read("26/03/14", "26/03/15", "26/04/01").day[0] == DAY


def test_a_column_without_a_day_above_12_is_refused_and_can_be_settled():
    with pytest.raises(ExportError, match=r"every day is at most 12.*--dates dmy"):
        read("3/4/2026", "5/6/2026")
    assert read("3/4/2026", "5/6/2026", order="dmy").day[0] == dt.date(2026, 4, 3).toordinal()
    assert read("3/4/2026", "5/6/2026", order="mdy").day[0] == dt.date(2026, 3, 4).toordinal()
    # Here it makes no difference.
    assert read("1/1/2026", "2/2/2026").day[0] == dt.date(2026, 1, 1).toordinal()


def test_two_styles_are_refused_with_their_lines():
    with pytest.raises(
        ExportError, match=r"'When' is written in two styles: the day .* line 3, the month in line 4"
    ):
        read("3/4/2026", "14/3/2026", "3/14/2026")
    with pytest.raises(
        ExportError, match=r"several styles: year first \(line 2\) and numbers with / \(line 3\)"
    ):
        read("2026-03-14", "14/3/2026")
    with pytest.raises(ExportError, match="several styles"):
        read("14.3.2026", "14/3/2026")
    assert read("2026-03-14", "14/3/2026", order="dmy").day == [DAY, DAY]
    # No doubt, no refusal.
    assert read("2026-03-14", "14 Mar 2026").mixed_styles


@pytest.mark.parametrize(
    ("cell", "offset"),
    [
        ("2026-03-14T14:30:00Z", 0),
        ("2026-03-14T14:30:00.000Z", 0),
        ("2026-03-14T14:30:00+00:00", 0),
        ("2026-03-14 14:30:00 -0800", -480),
        ("2026-03-14 2:30 PM -05:00", -300),
        ("20260314143000-0500", -300),
        ("2026-03-14 14:30 UTC", 0),
        ("2026-03-14 2:30 PM EDT", -240),
        ("Sat Mar 14 2026 14:30:00 GMT-0400 (Eastern Daylight Time)", -240),
        ("2026-03-14T14:30:00+01:00[Europe/Berlin]", 60),
    ],
)
def test_offsets_are_kept_beside_the_time(cell, offset):
    result = read(cell)
    assert (result.day, result.minute, result.offset) == ([DAY], [870.0], [offset])


@pytest.mark.parametrize(
    ("cell", "minute"),
    [
        ("03/14/2026 01:30 PM - 03:00 PM", 810),
        ("03/14/2026 09:00 - 10:40", 540),
        ("03/14/2026 09:00–10:40", 540),
        ("03/14/2026 9:00 to 10:40 AM", 540),
        ("03/14/2026 1:30 - 3:00 PM", 810),
        ("03/14/2026 11:30 - 1:00 PM", 690),
        ("03/14/2026 01:30 PM - 03/14/2026 03:00 PM", 810),
        ("2026-03-14T09:00/2026-03-14T10:30", 540),
        ("2026-03-14T09:00/PT90M", 540),
    ],
)
def test_of_a_range_the_beginning_counts(cell, minute):
    result = read(cell)
    assert (result.day, result.minute) == ([DAY], [minute])


def test_a_range_without_blanks_is_told_from_an_offset_by_the_column():
    ranges = [f"2026-03-14 {hour:02d}:00-{hour + 1:02d}:30" for hour in range(8, 14)]
    result = read(*ranges)
    assert result.minute == [60.0 * hour for hour in range(8, 14)]
    assert set(result.offset) == {None}
    offsets = [f"2026-03-14 {hour:02d}:00-05:00" for hour in range(8, 14)]
    assert set(read(*offsets).offset) == {-300}


def test_days_counted_by_spreadsheets():
    result = read("46095.604166667", "46095", "46095,395833")
    assert result.day == [DAY] * 3
    assert result.minute[0] == 870
    assert math.isnan(result.minute[1])
    assert result.minute[2] == 570
    assert result.notes[0][0] == "'When' counts days, as spreadsheets do (0 is 1899-12-30)"


def test_seconds_since_1970_are_in_universal_time():
    seconds = int(dt.datetime(2026, 3, 14, 14, 30, tzinfo=dt.UTC).timestamp())
    for cell in (str(seconds), f"{seconds}000"):
        result = read(cell)
        assert (result.day, result.minute, result.offset) == ([DAY], [870.0], [0])


def test_the_form_of_vista():
    result = read("3260314.143", "3260314.09", "3260314")
    assert result.day == [DAY] * 3
    assert result.minute[:2] == [870, 540]


def test_hours_of_which_am_and_pm_are_lost():
    """No time is after 12:59, and visits are at one to four, which cannot be at night."""
    hours = [8, 9, 10, 11, 12, 1, 2, 3] * 4
    result = read(*(f"2026-03-14 {hour:02d}:30" for hour in hours))
    assert sorted({minute // 60 for minute in result.minute}) == [8, 9, 10, 11, 12, 13, 14, 15]
    assert result.notes
    # A clinic may open early: times stay as they are if there is an afternoon, or too few of them.
    assert min(read(*(f"2026-03-14 {hour}:30" for hour in [*hours, 14])).minute) == 90
    assert read("2026-03-14 01:30", "2026-03-14 08:30").minute == [90, 510]


@pytest.mark.parametrize(
    ("cells", "minutes"),
    [
        (("0.5625", "0.375"), [810, 540]),
        (("1330", "0900", "900"), [810, 540, 540]),
        (("01:30 PM", "9am"), [810, 540]),
        (("12/30/1899 1:30:00 PM",), [810]),
        (("09:00-10:40", "10:10-11:50", "13:00-14:40"), [540, 610, 780]),
    ],
)
def test_times_without_a_day(cells, minutes):
    assert read_times(cells, "Time")[0] == minutes


@pytest.mark.parametrize(
    ("came", "left", "minutes"),
    [
        ("09:00", "10:50", 110),
        ("9:00 AM", "1:05 PM", 245),
        ("2026-03-14 09:00", "2026-03-14 10:50", 110),
        ("2026-03-14 23:00", "2026-03-15 00:50", 110),
        ("10:50", "09:00", -110),
        ("9:00", "", None),
        ("here", "gone", None),
    ],
)
def test_minutes_between(came, left, minutes):
    (result,) = _between(*moments(Cells.of([came])), *moments(Cells.of([left])))
    assert (None if result != result else result) == minutes


@pytest.mark.parametrize(
    "cell", ["9999-12-31", "0001-01-02", "1899-12-30", "2200-01-01", "31.12.9999", "01.01.0001", "00010101"]
)
def test_a_date_that_stands_for_none_is_none(cell):
    assert read("2026-03-14", cell, order="dmy").day == [DAY, 0]
