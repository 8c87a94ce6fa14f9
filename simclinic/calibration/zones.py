"""Conversion of an export's times to clinic time.

A time that ends in `Z` or `+00:00` is in UTC, where the date of an evening may be the next day's. With the clinic's
zone it is converted to clinic time, including daylight saving time. Offsets that are evidently the clinic's own
(-05:00 in winter, -04:00 in summer, during the day) need no zone: the clinic's clock showed these times.
"""

from __future__ import annotations

import datetime as dt
import math
import zoneinfo
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from simclinic.calibration.dates import Days
from simclinic.calibration.text import ExportError
from simclinic.errors import Problem
from simclinic.scenario.problems import nearest

AS_WRITTEN = "as-written"
"""Value of `--timezone` for times of the clinic's own clock, whatever zone they name."""

_DAYTIME = (6 * 60.0, 22 * 60.0)
_MOST_AWAKE = 0.95
_MIDDAY = (9 * 60.0, 16 * 60.0)
"""Bounds of the median start, in minutes, within which times of a single offset are the clinic's own."""
_ONE_OFFSET = 0.99
_WORKING = (7 * 60.0, 19 * 60.0)
_GAIN = 0.1
"""Hours in which appointments are usual, and the share that conversion must bring into them."""
_FIXED = {
    "est": "America/New_York",
    "edt": "America/New_York",
    "eastern": "America/New_York",
    "est5edt": "America/New_York",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "central": "America/Chicago",
    "mst": "America/Denver",
    "mdt": "America/Denver",
    "mountain": "America/Denver",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "pacific": "America/Los_Angeles",
    "hst": "Pacific/Honolulu",
    "cet": "Europe/Berlin",
    "bst": "Europe/London",
    "aest": "Australia/Sydney",
}
"""Probable zones of abbreviations without daylight saving time, or with several meanings."""


@dataclass(frozen=True)
class Zone:
    """The clinic's zone, as far as it is known.

    Attributes
    ----------
    info
        The zone; None if it was not given, or if times are used as written.
    as_written
        Whether the user says that times are the clinic's own as written.
    """

    info: zoneinfo.ZoneInfo | None = None
    as_written: bool = False


def find_zone(name: str | None) -> Zone:
    """Find the zone that `--timezone` names.

    Raises
    ------
    ExportError
        If no zone has that name.
    """
    if name is None:
        return Zone()
    if name.casefold() in (AS_WRITTEN, "local"):
        return Zone(as_written=True)
    if meant := _FIXED.get(name.casefold().removesuffix(" time").strip()):
        rule = (
            f"--timezone {name}: does not include daylight saving time; name a place, {meant} for example, or use "
            f"{AS_WRITTEN} if the times are the clinic's own as written"
        )
        raise ExportError([Problem(rule)])
    known = {name.casefold(): name for name in zoneinfo.available_timezones()}
    if key := known.get(name.casefold().replace(" ", "_")):
        return Zone(zoneinfo.ZoneInfo(key))
    ends = [
        each for key, each in known.items() if key.rpartition("/")[2] == name.casefold().replace(" ", "_")
    ]
    near = ends[0] if ends else nearest(name, known)
    rule = (
        f"--timezone {name[:60]}: there is no such zone; zones are named by place, such as America/New_York"
    )
    raise ExportError([Problem(rule, suggestion=known.get(near, near) if near else None)])


def to_clinic_time(
    days: Days, zone: Zone, *, heading: str, universal: bool, file: str, lines: Sequence[int]
) -> Days:
    """Convert a column to clinic time.

    Parameters
    ----------
    days
        The column as written.
    zone
        The clinic's zone.
    heading
        The column's heading.
    universal
        Whether the heading says that times are in UTC.
    file, lines
        The file's name and the rows' lines, for errors.

    Raises
    ------
    ExportError
        If the clinic time cannot be determined.
    """
    offset = list(days.offset)
    if universal:
        offset = [
            0 if each is None and not math.isnan(minute) else each
            for each, minute in zip(offset, days.minute, strict=True)
        ]
    timed = [at for at, minute in enumerate(days.minute) if not math.isnan(minute) and days.day[at]]
    if not timed:
        return days
    at_midnight = _midnights(days, timed)
    minute = [math.nan if at in at_midnight else each for at, each in enumerate(days.minute)]
    notes = list(days.notes)
    if at_midnight:
        share = "all times" if len(at_midnight) == len(timed) else "times"
        notes.append(
            (f"{share} of {heading!r} at midnight", len(at_midnight), "read as dates without a time")
        )
    plain = replace(days, minute=minute, notes=notes)
    stamped = [at for at in timed if offset[at] is not None and at not in at_midnight]
    if not stamped or zone.as_written:
        if stamped:
            notes.append(
                (f"times of {heading!r} that name a zone", len(stamped), "read as written, by --timezone")
            )
        return plain
    if zone.info is None:
        notes.append(_judged(plain, offset, stamped, heading, file, lines[stamped[0]]))
        return plain
    day = list(days.day)
    for at in stamped:
        east = offset[at]
        assert east is not None
        day[at], minute[at] = _turned(day[at], minute[at], east, zone.info)
    notes.append(
        (f"times of {heading!r} that name a zone", len(stamped), f"converted to {zone.info.key} time")
    )
    if bare := len(timed) - len(at_midnight) - len(stamped):
        notes.append(
            (f"times of {heading!r} that name no zone, among others that do", bare, "read as clinic time")
        )
    if all(
        minute[at] == 0 for at in stamped
    ):  # a date that was taken for its midnight and turned into universal time
        minute = [math.nan if each == 0 else each for each in minute]
        notes.append(
            (
                f"all times of {heading!r} at the clinic's midnight",
                len(stamped),
                "read as dates without a time",
            )
        )
    return replace(plain, day=day, minute=minute)


def in_universal_time(days: Days, zone: Zone) -> bool:
    """Return whether times that name no zone are plainly in UTC, since few would be by day in clinic time else."""
    if zone.info is None or any(east is not None for east in days.offset):
        return False
    timed = [at for at, minute in enumerate(days.minute) if minute == minute and days.day[at]]
    if not timed or not any(days.minute[at] for at in timed):
        return False
    here = [_turned(days.day[at], days.minute[at], 0, zone.info)[1] for at in timed]
    gain = sum(map(_by_day, here)) - sum(_by_day(days.minute[at]) for at in timed)
    return gain >= _GAIN * len(timed)


def share_at_night(days: Days) -> float:
    """Return the share of the times of day that are at night, of times that name no zone; 0 without any."""
    timed = [
        m
        for m, d, east in zip(days.minute, days.day, days.offset, strict=True)
        if m == m and d and east is None
    ]
    return sum(not _DAYTIME[0] <= each <= _DAYTIME[1] for each in timed) / len(timed) if any(timed) else 0.0


def _by_day(minute: float) -> bool:
    return _WORKING[0] <= minute <= _WORKING[1]


def _midnights(days: Days, timed: list[int]) -> set[int]:
    """Find midnights that mean no time: all of them, or those in a column with no other time near midnight."""
    zero = {at for at in timed if days.minute[at] == 0}
    if len(zero) == len(timed):
        return zero
    near = sum(days.minute[at] <= 120 or days.minute[at] >= 1320 for at in timed if at not in zero)
    return zero if near == 0 else set()


def _turned(day: int, minute: float, east: int, zone: zoneinfo.ZoneInfo) -> tuple[int, float]:
    seconds = round((minute - east) * 60)
    then = dt.datetime.combine(dt.date.fromordinal(day), dt.time(), dt.UTC) + dt.timedelta(seconds=seconds)
    here = then.astimezone(zone)
    return here.toordinal(), here.hour * 60 + here.minute + here.second / 60


def _judged(
    days: Days, offset: list[int | None], stamped: list[int], heading: str, file: str, line: int
) -> tuple[str, int, str]:
    """Check that offsets are the clinic's own, and return the note that says so.

    Raises
    ------
    ExportError
        If they are not, or if it is unclear.
    """
    named_offsets = sorted({east for at in stamped if (east := offset[at]) is not None})
    shown = " and ".join(map(_written, named_offsets[:3])) + (" and more" if len(named_offsets) > 3 else "")
    begin, end = (_clock(sorted(days.minute[at] for at in stamped)[at]) for at in (0, -1))
    ask = (
        "name the clinic's zone with --timezone (America/New_York, for example), or use --timezone "
        f"{AS_WRITTEN} if the clinic's clock showed them as written"
    )
    if named_offsets == [0]:
        rule = (
            f"the times in {heading!r} are in universal time (Z, +00:00; {begin} to {end}), so that an "
            f"evening's date may be the next day's: {ask}"
        )
        raise ExportError([Problem(rule, file=file, line=line)])
    by_day: dict[int, set[int | None]] = defaultdict(set)
    for at in stamped:
        by_day[days.day[at]].add(offset[at])
    awake = sum(_DAYTIME[0] <= days.minute[at] <= _DAYTIME[1] for at in stamped)
    one_a_day = sum(len(each) == 1 for each in by_day.values())
    middle = sorted(days.minute[at] for at in stamped)[len(stamped) // 2]
    own = (len(named_offsets) == 1 and _MIDDAY[0] <= middle <= _MIDDAY[1]) or (
        len(named_offsets) == 2 and named_offsets[1] - named_offsets[0] in (30, 60)
    )
    if own and one_a_day >= _ONE_OFFSET * len(by_day) and awake >= _MOST_AWAKE * len(stamped):
        return (
            f"times of {heading!r} that name their zone ({shown})",
            len(stamped),
            "read as the clinic's own time",
        )
    of_several = one_a_day < _ONE_OFFSET * len(by_day) or len(named_offsets) > 1
    why = (
        "of several zones" if of_several and awake >= _MOST_AWAKE * len(stamped) else f"from {begin} to {end}"
    )
    rule = (
        f"the times in {heading!r} name zones ({shown}) that are not plainly the clinic's own, {why}: {ask}"
    )
    raise ExportError([Problem(rule, file=file, line=line)])


def _written(east: int) -> str:
    return f"{'-' if east < 0 else '+'}{abs(east) // 60:02d}:{abs(east) % 60:02d}"


def _clock(minute: float) -> str:
    return f"{int(minute) // 60:02d}:{int(minute) % 60:02d}"
