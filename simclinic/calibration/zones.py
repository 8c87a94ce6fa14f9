"""Clinic time: what exports say about time zones, and what is made of it.

A time that ends in `Z` or `+00:00` is universal time, and an evening's date may be the next day's. With the
clinic's zone it is turned into clinic time, whichever summer time held on that day. Offsets that plainly are the
clinic's own (-05:00 in winter, -04:00 in summer, by day) need no zone: the times stand as the clinic's clock
showed them.
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
"""What `--timezone` says if the times are the clinic's own, whatever zone they name."""

_DAYTIME = (6 * 60.0, 22 * 60.0)
_MOST_AWAKE = 0.95
_MIDDAY = (9 * 60.0, 16 * 60.0)
"""Where half the visits of a clinic have begun, if times of one offset all year are its own."""
_ONE_OFFSET = 0.99
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
"""What somebody probably means by letters that know no summer time, or mean several zones."""


@dataclass(frozen=True)
class Zone:
    """The clinic's zone, as far as it is known.

    Attributes
    ----------
    info
        None if it was not said, or if times stand as written.
    as_written
        Whether it was said that they do.
    """

    info: zoneinfo.ZoneInfo | None = None
    as_written: bool = False


def find_zone(said: str | None) -> Zone:
    """Find the zone that `--timezone` names.

    Raises
    ------
    ExportError
        If there is none of that name.
    """
    if said is None:
        return Zone()
    if said.casefold() in (AS_WRITTEN, "local"):
        return Zone(as_written=True)
    if meant := _FIXED.get(said.casefold().removesuffix(" time").strip()):
        rule = (
            f"--timezone {said}: is no zone with its summer time; name the place, {meant} for example, or "
            f"{AS_WRITTEN} if the times are the clinic's own as they stand"
        )
        raise ExportError([Problem(rule)])
    known = {each.casefold(): each for each in zoneinfo.available_timezones()}
    if found := known.get(said.casefold().replace(" ", "_")):
        return Zone(zoneinfo.ZoneInfo(found))
    ends = [
        each for key, each in known.items() if key.rpartition("/")[2] == said.casefold().replace(" ", "_")
    ]
    near = ends[0] if ends else nearest(said, known)
    rule = (
        f"--timezone {said[:60]}: there is no such zone; zones are named by place, such as America/New_York"
    )
    raise ExportError([Problem(rule, suggestion=known.get(near, near) if near else None)])


def to_clinic_time(
    days: Days, zone: Zone, *, heading: str, universal: bool, file: str, lines: Sequence[int]
) -> Days:
    """Turn a column into clinic time.

    Parameters
    ----------
    days
        The column, as it stands.
    zone
        The clinic's.
    heading
        Of the column.
    universal
        Whether its heading says that it is in universal time.
    file, lines
        For errors.

    Raises
    ------
    ExportError
        If it cannot be told what time it was at the clinic.
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
    told = list(days.notes)
    if at_midnight:
        share = "all times" if len(at_midnight) == len(timed) else "times"
        told.append((f"{share} of {heading!r} at midnight", len(at_midnight), "read as dates without a time"))
    plain = replace(days, minute=minute, notes=told)
    stamped = [at for at in timed if offset[at] is not None and at not in at_midnight]
    if not stamped or zone.as_written:
        if stamped:
            told.append(
                (f"times of {heading!r} that name a zone", len(stamped), "read as written, as was said")
            )
        return plain
    if zone.info is None:
        told.append(_judged(plain, offset, stamped, heading, file, lines[stamped[0]]))
        return plain
    day = list(days.day)
    for at in stamped:
        east = offset[at]
        assert east is not None
        day[at], minute[at] = _turned(day[at], minute[at], east, zone.info)
    told.append((f"times of {heading!r} that name a zone", len(stamped), f"turned into {zone.info.key} time"))
    if bare := len(timed) - len(at_midnight) - len(stamped):
        told.append(
            (f"times of {heading!r} that name no zone, among others that do", bare, "read as clinic time")
        )
    if all(
        minute[at] == 0 for at in stamped
    ):  # a date that was taken for its midnight and turned into universal time
        minute = [math.nan if each == 0 else each for each in minute]
        told.append(
            (
                f"all times of {heading!r} at the clinic's midnight",
                len(stamped),
                "read as dates without a time",
            )
        )
    return replace(plain, day=day, minute=minute)


def _midnights(days: Days, timed: list[int]) -> set[int]:
    """Find the times that say midnight and mean none: all of them, or those with no other near midnight."""
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
    """Tell whether offsets are the clinic's own.

    Raises
    ------
    ExportError
        If they are not, or nothing shows it.
    """
    named_offsets = sorted({east for at in stamped if (east := offset[at]) is not None})
    shown = " and ".join(map(_written, named_offsets[:3])) + (" and more" if len(named_offsets) > 3 else "")
    begin, end = (_clock(sorted(days.minute[at] for at in stamped)[at]) for at in (0, -1))
    ask = (
        "name the clinic's zone with --timezone (America/New_York, for example), or say --timezone "
        f"{AS_WRITTEN} if the clock of the clinic showed them as they stand"
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
