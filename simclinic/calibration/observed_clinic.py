"""The clinic as an export shows it: working days, hours, and patients present at the same time.

It is compared with the base scenario in both directions: a scenario that is open when the clinic is closed offers
starts that do not exist, and one that is closed when the clinic is open offers too few.
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
from simclinic.scenario.hours import DAY, Hours, Span, clock

_FEWEST_WEEKS, _FEWEST = 8, 50
"""Weeks and visits from which days and hours are read off an export."""
_FEWEST_ON_DAY = 30
"""Visits on a weekday from which it has hours of its own."""
_RARE = 0.01
"""Share of visits that may lie outside the hours."""
_NEAR = 60
"""Minutes within which hours count as equal, since the first patients do not arrive at opening time."""
_GRID = 15
ALL_BUT = 0.95
"""Quantile of the daily peaks that is reported."""
_CEILING = 0.1
"""Share of days that reach the largest peak, from which this is a limit and not chance."""


@dataclass(frozen=True)
class ObservedClinic:
    """The clinic as the export shows it.

    Attributes
    ----------
    weekdays
        Weekdays that are worked regularly, 0 for Monday.
    shares
        Share of weeks in which each weekday has a visit, Monday first.
    weeks
        Number of weeks observed.
    hours
        By weekday the usual first start and last end, in minutes after midnight; empty without times.
    peak
        Patients present at the same time: the number not exceeded on 19 of 20 days, and the maximum.
    peak_days
        Number of days from which the peak is known; 0 without times.
    timed
        Whether ends of visits are in the export; else the base scenario's mean length is used.
    ceiling
        Whether the maximum is reached so often that it is a limit.
    """

    weekdays: tuple[int, ...]
    shares: tuple[float, ...]
    weeks: int
    hours: dict[int, tuple[int, int]]
    peak: tuple[int, int] | None
    peak_days: int
    timed: bool
    ceiling: bool


def observe(visits: Visits, open_days: OpenDays, minutes: float) -> ObservedClinic | None:
    """Read days, hours and peaks off an export; None if it is too short.

    Parameters
    ----------
    visits, open_days
        The export, and its open days.
    minutes
        Length of a visit where no ends are known.
    """
    done = visits.status == COMPLETED
    day, due = visits.day[done], visits.due[done]
    length = visits.last - visits.first + 1
    counted = ~visits.left_out.hold(visits.first + np.arange(length))
    if counted.sum() < 7 * _FEWEST_WEEKS or len(day) < _FEWEST:
        return None
    there = np.unique(day)
    weeks = int(counted.sum()) // 7
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
        return ObservedClinic(open_days.weekdays, shares, weeks, {}, None, 0, False, False)
    own = visits.minutes[done]
    timed = bool((~np.isnan(own)).mean() >= 0.5)
    ends = due + np.where(np.isnan(own), float(np.nanmean(own)) if timed else minutes, own)
    weekday = (day - 1) % 7
    overall = _span(due[known], ends[known])
    hours = {}
    for each in open_days.weekdays:
        of_day = known & (weekday == each)
        first, last = _span(due[of_day], ends[of_day]) if of_day.sum() >= _FEWEST_ON_DAY else overall
        hours[each] = (
            overall[0] if abs(first - overall[0]) <= _NEAR else first,
            overall[1] if abs(last - overall[1]) <= _NEAR else last,
        )
    daily = peaks(day[known], due[known], ends[known])
    most = int(daily.max())
    peak = (int(np.quantile(daily, ALL_BUT, method="inverted_cdf")), most)
    reached = bool((daily == most).mean() >= _CEILING)
    return ObservedClinic(open_days.weekdays, shares, weeks, hours, peak, len(daily), timed, reached)


def _of_weekday(first: int, counted: npt.NDArray[np.bool_], weekday: int) -> npt.NDArray[np.bool_]:
    matches: npt.NDArray[np.bool_] = (first + np.flatnonzero(counted) - 1) % 7 == weekday
    return matches


def _span(due: Floats, ends: Floats) -> tuple[int, int]:
    """Return the usual first start and last end, on a grid of a quarter of an hour."""
    first = float(np.quantile(due, _RARE, method="inverted_cdf"))
    last = float(np.quantile(ends, 1.0 - _RARE, method="inverted_cdf"))
    return int(first // _GRID * _GRID), min(int(math.ceil(last / _GRID) * _GRID), DAY)


def peaks(day: npt.NDArray[np.int64], begin: Floats, end: Floats) -> npt.NDArray[np.int64]:
    """Return for each day the largest number of patients present at the same time."""
    most = []
    for each in np.unique(day).tolist():
        here = day == each
        times = np.concatenate([begin[here], end[here]])
        change = np.repeat([1, -1], int(here.sum()))
        # A patient who leaves makes room for the next at the same minute: departures come first.
        order = np.lexsort((change, times))
        most.append(int(np.cumsum(change[order]).max()))
    return np.array(most, dtype=np.int64)


def _names(days: list[int]) -> str:
    names = [WEEKDAYS[day].capitalize() for day in days]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def compare(observed: ObservedClinic | None, base: Scenario, findings: Findings, *, learning: bool) -> None:
    """Compare the clinic that the export shows with the base scenario.

    Parameters
    ----------
    observed
        The clinic as the export shows it; None if it is too short.
    base
        The base scenario.
    findings
        Receives warnings, estimates and, with `learning`, settings.
    learning
        Whether the scenario takes the clinic that the export shows.
    """
    if observed is None:
        if learning:
            findings.base_kept.append("clinic, shifts: the export is too short to show days and hours")
        return
    hours = base.clinic.hours
    remedy = "set clinic.hours and the shifts to the clinic's own, or use --learn-clinic"
    opened = [WEEKDAYS.index(day) for day in hours]
    idle = [day for day in opened if day not in observed.weekdays and not observed.shares[day]]
    rare = [
        day
        for day in opened
        if day not in observed.weekdays and observed.shares[day] and hours[WEEKDAYS[day]].weeks.all
    ]
    more = [day for day in observed.weekdays if day not in opened]
    share = ", ".join(f"{WEEKDAYS[day]} {100 * observed.shares[day]:.0f} %" for day in observed.weekdays)
    findings.estimates.append(
        Estimate(
            "days a week with visits",
            float(len(observed.weekdays)),
            None,
            None,
            observed.weeks,
            "worked in at least a quarter of the weeks",
            share,
        )
    )
    if not learning:
        if idle:
            findings.warnings.append(
                f"the base scenario is open on {_names(idle)}, but the export has no visit on "
                f"{'that day' if len(idle) == 1 else 'these days'}: "
                f"if the clinic is closed then, the base scenario offers too many starts: {remedy}"
            )
        if rare:
            shares = " and ".join(
                f"{_names([day])} ({100 * observed.shares[day]:.0f} % of weeks)" for day in rare
            )
            findings.warnings.append(
                f"the base scenario is open every week on {shares}, but the clinic seldom is: {remedy}"
            )
        if more:
            findings.warnings.append(
                f"the export has visits on {_names(more)}, but the base scenario is closed then: it offers too few "
                f"starts: {remedy}"
            )
        _compare_hours(observed, base, findings, remedy)
    _compare_peak(observed, base, findings, learning=learning)
    if learning:
        _learn(observed, base, findings)


def _compare_hours(observed: ObservedClinic, base: Scenario, findings: Findings, remedy: str) -> None:
    """Warn of weekdays whose hours differ from the base scenario's."""
    differences = []
    for day, (first, last) in observed.hours.items():
        hours = base.clinic.hours.get(WEEKDAYS[day])
        if hours is None:
            continue
        early, late = first - hours.start, hours.end - last
        if abs(early) > _NEAR or late > _NEAR or late < -_NEAR:
            differences.append(f"{_names([day])} {clock(first)}-{_clock(last)} instead of {hours}")
    if differences:
        findings.warnings.append(
            f"the export shows other hours than the base scenario: visits run {'; '.join(differences)}: "
            f"{remedy}"
        )


def _clock(minutes: int) -> str:
    return "24:00" if minutes == DAY else clock(minutes)


def _compare_peak(observed: ObservedClinic, base: Scenario, findings: Findings, *, learning: bool) -> None:
    if observed.peak is None:
        return
    usual, most = observed.peak
    how = (
        ""
        if observed.timed
        else "; the export has no ends of visits: the base scenario's mean length was used"
    )
    note = f"not exceeded on 19 of 20 days; maximum {most}{how}"
    findings.estimates.append(
        Estimate(
            "patients there at once", float(usual), None, None, observed.peak_days, "quantile of days", note
        )
    )
    chairs = base.clinic.chairs
    if learning and observed.timed:
        return
    if usual > chairs:
        findings.warnings.append(
            f"the export shows up to {usual} patients there at once (on 19 of 20 days), but the base scenario has "
            f"{chairs} chairs: it serves fewer patients than the clinic did{how}. Set clinic.chairs"
        )
    elif most < chairs:
        findings.warnings.append(
            f"the export never shows more than {most} patients there at once, but the base scenario has {chairs} "
            f"chairs: check that the clinic has as many{how}"
        )


def _learn(observed: ObservedClinic, base: Scenario, findings: Findings) -> None:
    """Write the clinic that the export shows, and a roster that covers its hours."""
    comment = "export: days with visits in at least a quarter of the weeks"
    if observed.hours:
        comment += "; hours as in the base scenario where visits run within an hour of them"
    hours: dict[str, object] = {}
    learnt: dict[int, Hours] = {}
    usual = next(iter(base.clinic.hours.values()), Hours.of(480, 1020))
    for number, day in enumerate(WEEKDAYS):
        if number in observed.weekdays:
            learnt[number] = _hours(observed, base.clinic.hours.get(day, usual), number)
            hours[day] = learnt[number].written()
        elif day in base.clinic.hours:
            hours[day] = False
    findings.settings.append(Setting(("clinic", "hours"), hours, comment))
    usual_at_once, _ = observed.peak or (0, 0)
    if observed.timed and (usual_at_once > base.clinic.chairs or (observed.ceiling and usual_at_once)):
        what = "export: not more patients present on 19 of 20 days; the base scenario has"
        findings.set("clinic.chairs", usual_at_once, f"{what} {base.clinic.chairs}")
    else:
        why = "it reaches no limit" if observed.timed else "it has no ends of visits"
        findings.base_kept.append(f"clinic.chairs: the export does not show how many there are ({why})")
    _roster(learnt, base, findings)
    if base.booking.starts is not None:
        findings.set("booking.starts", False, "the base scenario's start times are for other days and hours")


def _hours(observed: ObservedClinic, base: Hours, day: int) -> Hours:
    if day not in observed.hours:
        return base
    first, last = observed.hours[day]
    begin = base.start if abs(first - base.start) <= _NEAR else first
    end = base.end if abs(last - base.end) <= _NEAR else last
    return base.reaching(begin, end) if begin < end else base


def _roster(hours: dict[int, Hours], base: Scenario, findings: Findings) -> None:
    """Let the shifts cover the open days, with the base scenario's margins before opening and after closing."""
    if not hours or not base.shifts:
        return
    begin, end = min(each.start for each in hours.values()), max(each.end for each in hours.values())
    before = base.clinic.hours.values()
    base_begin, base_end = min(each.start for each in before), max(each.end for each in before)
    days = [WEEKDAYS[day] for day in hours]
    new = [day for day in days if all(day not in shift.days for shift in base.shifts.values())]
    largest = max(base.shifts, key=lambda name: (len(base.shifts[name].days), base.shifts[name].nurses))
    earliest = min(base.shifts, key=lambda name: base.shifts[name].hours.start)
    latest = max(base.shifts, key=lambda name: base.shifts[name].hours.end)
    for name, shift in base.shifts.items():
        works = [day for day in days if day in shift.days or (name == largest and day in new)]
        if not works:
            findings.settings.append(
                Setting(("shifts", name), False, "the export has no work on any of its days")
            )
            continue
        if tuple(works) != shift.days:
            findings.settings.append(
                Setting(("shifts", name, "days"), works, "the days that the export shows")
            )
        start, stop = shift.hours.start, shift.hours.end
        if name == earliest and begin != base_begin:
            start = max(0, begin + (start - base_begin))
        if name == latest and end != base_end:
            stop = min(DAY, end + (stop - base_end))
        if (start, stop) == (shift.hours.start, shift.hours.end) or start >= stop:
            continue
        comment = "as long before opening and after closing as in the base scenario"
        findings.settings.append(Setting(("shifts", name, "hours"), str(Span(start, stop)), comment))
        if shift.break_ is not None and (shift.break_.start < start or (shift.break_end or 0) > stop):
            findings.settings.append(
                Setting(("shifts", name, "break"), False, "the base scenario's lies outside the shift")
            )
