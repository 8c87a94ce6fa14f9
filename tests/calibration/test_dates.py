"""Dates as systems write them; and the columns of which nobody could tell what they mean."""

import datetime as dt
import math

import pytest

from simclinic.calibration.dates import minutes_between, read_days
from simclinic.calibration.text import ExportError

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
        '="2026-03-14"',
        " 2026-03-14 ",
    ],
)
def test_one_day_in_many_hands(cell):
    # A second date keeps years of two digits apart from days.
    other = {"3/14/26": "3/15/26"}.get(cell, cell)
    found = read(cell, other)
    assert found.day[0] == DAY
    assert math.isnan(found.minute[0])


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
    assert read("2026-03-14", "14 Mar 2026").several


def test_universal_time_is_refused():
    with pytest.raises(ExportError, match="universal time"):
        read("2026-03-14T23:30:00Z")


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
    assert minutes_between(came, left) == minutes


@pytest.mark.parametrize(
    "cell", ["9999-12-31", "0001-01-02", "1899-12-30", "2200-01-01", "31.12.9999", "01.01.0001", "00010101"]
)
def test_a_date_that_stands_for_none_is_none(cell):
    assert read("2026-03-14", cell, order="dmy").day == [DAY, 0]
