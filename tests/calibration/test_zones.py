"""Times that name a zone: converted to clinic time, used as written where that is certain, or asked about."""

import datetime as dt
import math

import pytest

from simclinic.calibration.dates import read_days
from simclinic.calibration.text import ExportError
from simclinic.calibration.zones import find_zone, to_clinic_time

WINTER, SUMMER = dt.date(2026, 1, 14).toordinal(), dt.date(2026, 7, 14).toordinal()


def read(*cells, zone=None, universal=False):
    days = read_days(cells, range(len(cells)), heading="start", file="visits.csv")
    lines = list(range(2, 2 + len(cells)))
    return to_clinic_time(
        days, find_zone(zone), heading="start", universal=universal, file="visits.csv", lines=lines
    )


@pytest.mark.parametrize("suffix", ["Z", "+00:00", "+0000", " UTC", ".000Z"])
def test_universal_time_is_turned_into_clinic_time_in_winter_and_summer(suffix):
    cells = (f"2026-01-14T14:30:00{suffix}", f"2026-07-14T14:30:00{suffix}", f"2026-07-15T01:30:00{suffix}")
    result = read(*cells, zone="America/New_York")
    assert result.day == [WINTER, SUMMER, SUMMER]
    assert result.minute == [570, 630, 1290]


@pytest.mark.parametrize("suffix", ["Z", "+00:00"])
def test_universal_time_without_a_zone_is_refused_with_the_option(suffix):
    with pytest.raises(ExportError, match=r"visits.csv:3: .*universal time.*--timezone"):
        read("2026-01-14", f"2026-07-14T14:30:00{suffix}")
    assert read(f"2026-01-14T14:30:00{suffix}", zone="as-written").minute == [870]


@pytest.mark.parametrize("suffix", ["Z", "+00:00", "-03:00", "+05:30"])
def test_midnights_are_dates_whatever_follows(suffix):
    result = read(f"2026-01-14T00:00:00{suffix}", f"2026-07-14T00:00:00{suffix}")
    assert result.day == [WINTER, SUMMER]
    assert all(map(math.isnan, result.minute))


def test_midnights_turned_into_universal_time_are_dates():
    result = read("2026-01-14T05:00:00Z", "2026-07-14T04:00:00Z", zone="America/New_York")
    assert result.day == [WINTER, SUMMER]
    assert all(map(math.isnan, result.minute))


def test_the_clinics_own_offsets_stand():
    winter = [f"2026-01-14T{hour:02d}:00:00-05:00" for hour in range(8, 17)]
    summer = [f"2026-07-14T{hour:02d}:00:00-04:00" for hour in range(8, 17)]
    result = read(*winter, *summer)
    assert result.minute == [60.0 * hour for hour in range(8, 17)] * 2
    assert any("-05:00 and -04:00" in what for what, _, _ in result.notes)
    # With the zone the same comes out.
    assert read(*winter, *summer, zone="America/New_York").minute == result.minute


def test_a_whole_year_of_one_offset_stands_and_can_be_turned():
    cells = [f"{day}T{hour:02d}:00:00-05:00" for day in ("2026-01-14", "2026-07-14") for hour in range(8, 17)]
    assert read(*cells).minute == [60.0 * hour for hour in range(8, 17)] * 2
    assert read(*cells, zone="America/New_York").minute[9:] == [60.0 * hour for hour in range(9, 18)]


def test_offsets_that_are_not_plainly_the_clinics_are_refused():
    night = [f"2026-01-14T{hour:02d}:00:00+02:00" for hour in (0, 1, 2, 3, 20, 21, 22, 23)]
    with pytest.raises(ExportError, match="not plainly the clinic's own, from 00:00 to 23:00"):
        read(*night)
    mixed = [f"2026-01-14T{hour:02d}:00:00{zone}" for hour in range(8, 17) for zone in ("-05:00", "-06:00")]
    with pytest.raises(ExportError, match="of several zones"):
        read(*mixed)
    assert read(*mixed, zone="America/New_York").minute[:2] == [480, 540]


def test_a_heading_may_name_universal_time():
    with pytest.raises(ExportError, match="universal time"):
        read("2026-01-14 14:30", universal=True)
    assert read("2026-01-14 14:30", universal=True, zone="America/New_York").minute == [570]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("EST", "America/New_York"),
        ("Pacific Time", "America/Los_Angeles"),
        ("Amerika/New_York", "Did you mean 'America/New_York'"),
        ("New York", "Did you mean 'America/New_York'"),
        ("Middle-earth", "there is no such zone"),
    ],
)
def test_zones_that_are_none_are_refused_with_what_is_meant(words, message):
    with pytest.raises(ExportError, match=message):
        find_zone(words)


def test_zones_are_found_in_any_capitals():
    assert find_zone("america/new_york").info.key == "America/New_York"
