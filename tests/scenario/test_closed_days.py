"""Closed days, and ranges of them."""

import datetime as dt

import pytest

from simclinic.experiment.replication import Prepared, replicate
from simclinic.measures.series import closed_days
from simclinic.scenario import baseline, with_overrides
from simclinic.scenario.closed_days import closed_in

SUMMER = [f"2026-07-{day:02d}" for day in range(6, 18)]


def on(scenario, first, days):
    return [
        str(date) for each in range(days) if scenario.clinic.closed(date := first + dt.timedelta(days=each))
    ]


def closed(*entries):
    return with_overrides(baseline(), [f"clinic.closed_on={list(entries)!r}"])


@pytest.mark.parametrize(
    ("entry", "first", "expected"),
    [
        ("2026-07-06/2026-07-08", "2026-07-03", ["2026-07-06", "2026-07-07", "2026-07-08"]),
        ("12-31/01-01", "2026-12-30", ["2026-12-31", "2027-01-01"]),
        ("2026-12-31/2027-01-04", "2026-12-29", ["2026-12-31", "2027-01-01", "2027-01-04"]),
        ("02-27/02-29", "2028-02-25", ["2028-02-28", "2028-02-29"]),
        ("02-26/02-29", "2027-02-24", ["2027-02-26"]),
        ("02-29/03-02", "2027-02-26", ["2027-03-01", "2027-03-02"]),
        ("02-29", "2027-02-26", []),
        ("02-29", "2028-02-28", ["2028-02-29"]),
    ],
)
def test_a_range_holds_both_ends_and_all_days_between(entry, first, expected):
    """The weekends are closed, too, and not listed here."""
    day = dt.date.fromisoformat(first)
    open_weekdays = [text for text in on(closed(entry), day, 8) if dt.date.fromisoformat(text).weekday() < 5]
    assert open_weekdays == expected


def test_a_range_is_the_list_of_its_days():
    settings = ['run.begin="empty"', "run.start=2026-06-01", "run.warm_up_weeks=4", "run.weeks=8"]
    listed, ranged = (
        with_overrides(closed(*entries), settings) for entries in (SUMMER, ["2026-07-06/2026-07-17"])
    )
    tables = [replicate(Prepared(each), 1, 0).kpis for each in (listed, ranged)]
    assert tables[0] == pytest.approx(tables[1], nan_ok=True, rel=0, abs=0)
    assert closed_days(dt.date(2026, 6, 1), ranged, 0, 60).tolist() == [
        day for day in range(35, 47) if (day % 7) < 5
    ]


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_a_year_has_every_day_of_an_entry_once(year):
    """Against a plain walk over all days of three years."""
    entries = ("12-20/01-05", "02-29", "2026-11-30/2027-02-02", "07-04", "02-28/03-01")
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=each) for each in range(3 * 366)]

    def holds(day):
        text = day.strftime("%m-%d")
        return (
            text >= "12-20"
            or text <= "01-05"
            or text in ("02-29", "07-04", "02-28", "03-01")
            or dt.date(2026, 11, 30) <= day <= dt.date(2027, 2, 2)
        )

    expected = {day for day in days if day.year == year and holds(day)}
    assert closed_in(entries, year) == expected
