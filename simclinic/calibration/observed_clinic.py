"""What an export shows of the clinic itself: the days it works, its hours, and how many are there at once.

It is held against the base scenario, both ways: a scenario that is open where the clinic is not offers starts that
do not exist, and one that is closed where the clinic works has too few.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.calibration.codes import COMPLETED
from simclinic.calibration.estimates import Estimate, Findings, Setting
from simclinic.calibration.open_days import OpenDays
from simclinic.calibration.visits import Visits
from simclinic.scenario import WEEKDAYS, Scenario
from simclinic.scenario.hours import DAY, Span, clock

_FEWEST_WEEKS, _FEWEST = 8, 50
"""Weeks and visits from which a day without any is no chance."""
_FEWEST_ON_DAY = 30
"""Visits on a weekday from which its own hours are told."""
_RARE = 0.01
"""Share of visits that may lie outside the hours."""
_NEAR = 60
"""Minutes within which hours count as the same: the first patients are not there when the doors open."""
_GRID = 15
_ALL_BUT = 0.95
"""Share of days on which not more are there at once than is told."""
_CEILING = 0.1
"""Share of days that reach the largest number at once, from which it is a limit and not chance."""


@dataclass(frozen=True)
class ObservedClinic:
    """The clinic as the export shows it.

    Attributes
    ----------
    weekdays
        That are worked regularly, 0 for Monday.
    shares
        Of the weeks in which each weekday has a visit.
    hours
        By weekday the first start, and when the last visits end, in minutes after midnight; empty without times.
    at_once
        How many are there at once: not exceeded on 19 of 20 days, and at most.
    timed
        Whether ends were written down, or the base scenario's length was taken.
    ceiling
        Whether the largest number is reached so often that it is a limit.
    """

    weekdays: tuple[int, ...]
    shares: tuple[float, ...]
    hours: dict[int, tuple[int, int]]
    at_once: tuple[int, int] | None
    timed: bool
    ceiling: bool


def observe(visits: Visits, opening: OpenDays, minutes: float) -> ObservedClinic | None:
    """Tell what the export shows; None if it is too short.

    Parameters
    ----------
    visits, opening
        The export, understood.
    minutes
        Of a visit whose end is not known.
    """
    done = visits.status == COMPLETED
    day, due = visits.day[done], visits.due[done]
    length = visits.last - visits.first + 1
    counted = ~visits.left_out.hold(visits.first + np.arange(length))
    if counted.sum() < 7 * _FEWEST_WEEKS or len(day) < _FEWEST:
        return None
    there = np.unique(day)
    shares = tuple(
        float(
            np.isin(visits.first + np.flatnonzero(counted), there)[
                _of_weekday(visits.first, counted, each)
            ].mean()
        )
        for each in range(7)
    )
    known = ~np.isnan(due)
    if known.sum() < _FEWEST:
        return ObservedClinic(opening.weekdays, shares, {}, None, False, False)
    own = visits.minutes[done]
    timed = bool((~np.isnan(own)).mean() >= 0.5)
    ends = due + np.where(np.isnan(own), float(np.nanmean(own)) if timed else minutes, own)
    weekday = (day - 1) % 7
    overall = _span(due[known], ends[known])
    hours = {}
    for each in opening.weekdays:
        of_day = known & (weekday == each)
        first, last = _span(due[of_day], ends[of_day]) if of_day.sum() >= _FEWEST_ON_DAY else overall
        hours[each] = (
            overall[0] if abs(first - overall[0]) <= _NEAR else first,
            overall[1] if abs(last - overall[1]) <= _NEAR else last,
        )
    peaks = _peaks(day[known], due[known], ends[known])
    most = int(peaks.max())
    at_once = (int(np.quantile(peaks, _ALL_BUT, method="inverted_cdf")), most)
    return ObservedClinic(
        opening.weekdays, shares, hours, at_once, timed, bool((peaks == most).mean() >= _CEILING)
    )


def _of_weekday(first: int, counted: npt.NDArray[np.bool_], weekday: int) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = (first + np.flatnonzero(counted) - 1) % 7 == weekday
    return found


def _span(due: Floats, ends: Floats) -> tuple[int, int]:
    """Give the first usual start and the last usual end, on a grid of a quarter of an hour."""
    first = float(np.quantile(due, _RARE, method="inverted_cdf"))
    last = float(np.quantile(ends, 1.0 - _RARE, method="inverted_cdf"))
    return int(first // _GRID * _GRID), min(int(math.ceil(last / _GRID) * _GRID), DAY)


def _peaks(day: npt.NDArray[np.int64], begin: Floats, end: Floats) -> npt.NDArray[np.int64]:
    """Count for each day how many were there at once."""
    found = []
    for each in np.unique(day).tolist():
        here = day == each
        times = np.concatenate([begin[here], end[here]])
        change = np.repeat([1, -1], int(here.sum()))
        # Who leaves makes room for the next at the same minute.
        order = np.lexsort((change, times))
        found.append(int(np.cumsum(change[order]).max()))
    return np.array(found, dtype=np.int64)


def _named(days: list[int]) -> str:
    names = [WEEKDAYS[day].capitalize() for day in days]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def compare(found: ObservedClinic | None, base: Scenario, findings: Findings, *, learning: bool) -> None:
    """Hold what the export shows against the base scenario.

    Parameters
    ----------
    found
        What it shows.
    base
        The scenario.
    learnt
        Takes warnings, estimates, and, if they are to be findings, settings.
    learning
        Whether the clinic of the scenario is to be the one that the export shows.
    """
    if found is None:
        if learning:
            findings.base_kept.append("clinic, shifts: the export is too short to tell days and hours")
        return
    hours, remedy = (
        base.clinic.hours,
        "set clinic.hours and the shifts to the clinic's own, or say --learn-clinic",
    )
    opened = [WEEKDAYS.index(day) for day in hours]
    idle = [day for day in opened if day not in found.weekdays and not found.shares[day]]
    rare = [day for day in opened if day not in found.weekdays and found.shares[day]]
    more = [day for day in found.weekdays if day not in opened]
    share = ", ".join(f"{WEEKDAYS[day]} {100 * found.shares[day]:.0f} %" for day in found.weekdays)
    findings.estimates.append(
        Estimate(
            "days a week with visits",
            float(len(found.weekdays)),
            None,
            None,
            len(found.weekdays),
            "regular",
            share,
        )
    )
    if not learning:
        if idle:
            findings.warnings.append(
                f"the base scenario is open on {_named(idle)}, and the export has no visit on "
                f"{'that day' if len(idle) == 1 else 'these days'}: it offers starts on {len(opened)} days a week, "
                f"the clinic on {len(found.weekdays)}, so that it seems to have more room than it has: {remedy}"
            )
        if rare:
            shares = " and ".join(
                f"{_named([day])} ({100 * found.shares[day]:.0f} % of weeks)" for day in rare
            )
            findings.warnings.append(
                f"the base scenario is open every week on {shares}, the clinic seldom: {remedy}"
            )
        if more:
            findings.warnings.append(
                f"the export has visits on {_named(more)}, and the base scenario is closed then: it offers too few "
                f"starts: {remedy}"
            )
        _hours_told(found, base, findings, remedy)
    _at_once_told(found, base, findings, learning=learning)
    if learning:
        _learn(found, base, findings)


def _hours_told(found: ObservedClinic, base: Scenario, findings: Findings, remedy: str) -> None:
    told = []
    for day, (first, last) in found.hours.items():
        span = base.clinic.hours.get(WEEKDAYS[day])
        if span is None:
            continue
        early, late = first - span.start, span.end - last
        if abs(early) > _NEAR or late > _NEAR or late < -_NEAR:
            told.append(f"{_named([day])} {clock(first)}-{_clock(last)} instead of {span}")
    if told:
        findings.warnings.append(
            f"the export shows other hours than the base scenario: visits run {'; '.join(told)}: {remedy}"
        )


def _clock(minutes: int) -> str:
    return "24:00" if minutes == DAY else clock(minutes)


def _at_once_told(found: ObservedClinic, base: Scenario, findings: Findings, *, learning: bool) -> None:
    if found.at_once is None:
        return
    usual, most = found.at_once
    how = (
        "" if found.timed else "; the ends are not in the export: the scenario's length of a visit was taken"
    )
    note = f"not exceeded on 19 of 20 days; at most {most}{how}"
    findings.estimates.append(
        Estimate("patients there at once", float(usual), None, None, most, "quantile of days", note)
    )
    chairs = base.clinic.chairs
    if learning and found.timed:
        return
    if usual > chairs:
        findings.warnings.append(
            f"the export shows up to {usual} patients there at once (on 19 of 20 days), the base scenario has "
            f"{chairs} chairs: it serves fewer than the clinic did{how}. Set clinic.chairs"
        )
    elif most < chairs:
        findings.warnings.append(
            f"the export never shows more than {most} patients there at once, the base scenario has {chairs} "
            f"chairs: make sure that the clinic has as many{how}"
        )


def _learn(found: ObservedClinic, base: Scenario, findings: Findings) -> None:
    """Write the clinic that the export shows, and a roster that lets it run."""
    told = "export: days with visits in at least a quarter of the weeks"
    if found.hours:
        told += "; hours as in the base scenario where visits run within an hour of them"
    hours: dict[str, object] = {}
    spans: dict[int, Span] = {}
    usual = next(iter(base.clinic.hours.values()), Span(480, 1020))
    for number, day in enumerate(WEEKDAYS):
        if number in found.weekdays:
            spans[number] = _hours(found, base.clinic.hours.get(day, usual), number)
            hours[day] = str(spans[number])
        elif day in base.clinic.hours:
            hours[day] = False
    findings.settings.append(Setting(("clinic", "hours"), hours, told))
    usual_at_once, _ = found.at_once or (0, 0)
    if found.timed and (usual_at_once > base.clinic.chairs or (found.ceiling and usual_at_once)):
        what = "export: not more patients there at once on 19 of 20 days; the base scenario has"
        findings.set("clinic.chairs", usual_at_once, f"{what} {base.clinic.chairs}")
    else:
        why = "no limit shows in it" if found.timed else "it has no ends of visits"
        findings.base_kept.append(f"clinic.chairs: the export does not tell how many there are ({why})")
    _roster(spans, base, findings)
    if base.booking.starts is not None:
        findings.set("booking.starts", False, "the base scenario's start times are of other days and hours")


def _hours(found: ObservedClinic, base: Span, day: int) -> Span:
    if day not in found.hours:
        return base
    first, last = found.hours[day]
    begin = base.start if abs(first - base.start) <= _NEAR else first
    end = base.end if abs(last - base.end) <= _NEAR else last
    return Span(begin, end) if begin < end else base


def _roster(spans: dict[int, Span], base: Scenario, findings: Findings) -> None:
    """Let the shifts work on the days that are open, and from before the doors open until after they close."""
    if not spans or not base.shifts:
        return
    begin, end = min(span.start for span in spans.values()), max(span.end for span in spans.values())
    before = [span for day, span in base.clinic.hours.items()]
    was_begin, was_end = min(span.start for span in before), max(span.end for span in before)
    days = [WEEKDAYS[day] for day in spans]
    new = [day for day in days if all(day not in shift.days for shift in base.shifts.values())]
    largest = max(base.shifts, key=lambda name: (len(base.shifts[name].days), base.shifts[name].nurses))
    earliest = min(base.shifts, key=lambda name: base.shifts[name].hours.start)
    latest = max(base.shifts, key=lambda name: base.shifts[name].hours.end)
    for name, shift in base.shifts.items():
        works = [day for day in days if day in shift.days or (name == largest and day in new)]
        if not works:
            findings.settings.append(
                Setting(("shifts", name), False, "none of its days is worked in the export")
            )
            continue
        if tuple(works) != shift.days:
            findings.settings.append(
                Setting(("shifts", name, "days"), works, "the days that the export shows")
            )
        start, stop = shift.hours.start, shift.hours.end
        if name == earliest and begin != was_begin:
            start = max(0, begin + (start - was_begin))
        if name == latest and end != was_end:
            stop = min(DAY, end + (stop - was_end))
        if (start, stop) == (shift.hours.start, shift.hours.end) or start >= stop:
            continue
        told = "as long before opening and after closing as in the base scenario"
        findings.settings.append(Setting(("shifts", name, "hours"), str(Span(start, stop)), told))
        if shift.break_ is not None and (shift.break_.start < start or (shift.break_end or 0) > stop):
            findings.settings.append(
                Setting(("shifts", name, "break"), False, "the base scenario's lies outside")
            )
