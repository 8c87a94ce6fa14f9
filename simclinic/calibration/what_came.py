"""What came, by weeks from a given day: new patients who began, boosters given, and days from referral.

A forecast is compared with these counts. A week counts only if the export covers all its days, and no period that
is left out touches it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from simclinic.arrays import Bools, Floats, Integers
from simclinic.calibration.codes import COMPLETED
from simclinic.calibration.consults import find_consults
from simclinic.calibration.interpretation import InterpretedExport
from simclinic.calibration.open_days import find_open_days, first_day_not_covered
from simclinic.calibration.options import Options
from simclinic.calibration.panel import LATE
from simclinic.calibration.quality import Quality
from simclinic.calibration.types import Group, find_groups, together
from simclinic.calibration.visits import Visits
from simclinic.scenario import Scenario

SEEN_WITHIN = 180
"""Days before a forecast in which a patient was seen, to count as one of the clinic's."""


@dataclass(frozen=True)
class WhatCame:
    """Counts of an export by week; the arrays have shape (weeks,).

    Attributes
    ----------
    begun
        New patients whose first infusion was in the week.
    boosters
        Boosters given.
    referral_days, referred
        Of the new patients who were referred on the first day or later, and began in the week: days from referral
        to first infusion, summed, and their number.
    before, after, left_out
        Whether the week begins before the export, ends after it, or is touched by a period that is left out.
    since
        The first day from which on first visits certainly are new patients', as an ordinal.
    first, until
        First day of the export, and the first day that it does not cover, as ordinals.
    has_referrals
        Whether the export has days of referral.
    begun_of
        `begun` by the type of visit of the series.
    given_of
        Completed visits of each type.
    consults
        New patients who came to their first consult; None: the export has no consults.
    """

    begun: Integers
    boosters: Integers
    referral_days: Floats
    referred: Integers
    before: Bools
    after: Bools
    left_out: Bools
    since: int
    first: int
    until: int
    has_referrals: bool
    begun_of: Mapping[str, Integers] = field(default_factory=dict)
    given_of: Mapping[str, Integers] = field(default_factory=dict)
    consults: Integers | None = None


@dataclass(frozen=True)
class Clinic:
    """What an export shows of a clinic before a day, to recognise it.

    Attributes
    ----------
    patients
        Patients with a completed visit in the `SEEN_WITHIN` days before; of scheduled boosters, those still on the
        schedule.
    boosters
        Boosters given in the weeks before.
    """

    patients: int
    boosters: int


def what_came(
    export: InterpretedExport, options: Options, base: Scenario, begin: int, weeks: int
) -> WhatCame:
    """Count what came in each week.

    Parameters
    ----------
    export
        The export.
    options
        The user's statements about it.
    base
        The scenario with the protocols, by which series and boosters are told apart.
    begin
        The first day of the first week, as an ordinal.
    weeks
        Number of weeks.
    """
    visits = export.visits
    groups = _groups(visits, options, base)
    courses = together([group.courses for group in groups])
    until = first_day_not_covered(visits)
    starts = begin + 7 * np.arange(weeks)
    new = [(course.patient, course.days[0]) for course in courses.cohort]
    day = np.array([first for _, first in new], dtype=np.int64)
    asked = np.array([_asked(visits, patient, first) for patient, first in new], dtype=np.float64)
    week = (day - begin) // 7
    inside = (week >= 0) & (week < weeks)
    timed = inside & (asked >= begin)

    def by_week(days: Sequence[int] | Integers) -> Integers:
        week = (np.asarray(days, dtype=np.int64) - begin) // 7
        return np.bincount(week[(week >= 0) & (week < weeks)], minlength=weeks)

    consults = None
    if len(export.consults.day):
        found = find_consults(export.consults, visits, courses, find_open_days(visits))
        consults = by_week([one.came for one in found.new if one.came is not None])
    done = visits.status == COMPLETED
    return WhatCame(
        begun=np.bincount(week[inside], minlength=weeks),
        boosters=courses.boosters_by_week(begin, weeks),
        referral_days=np.bincount(week[timed], weights=day[timed] - asked[timed], minlength=weeks).astype(
            np.float64
        ),
        referred=np.bincount(week[timed], minlength=weeks),
        before=starts < visits.first,
        after=starts + 7 > until,
        left_out=visits.left_out.touched(begin, weeks),
        since=courses.certain_since,
        first=visits.first,
        until=until,
        has_referrals=bool(visits.referred),
        begun_of={
            group.type: by_week([course.days[0] for course in group.courses.cohort]) for group in groups
        },
        given_of={
            name: by_week(visits.day[done & (visits.type == at)]) for at, name in enumerate(visits.types)
        },
        consults=consults,
    )


def clinic_before(
    export: InterpretedExport, options: Options, base: Scenario, day: int, weeks: int
) -> Clinic | None:
    """Return what the export shows of the clinic before a day; None if it begins too late to show it.

    Parameters
    ----------
    export, options, base
        As for :func:`what_came`.
    day
        The first day that does not count, as an ordinal.
    weeks
        Weeks before it in which boosters are counted.
    """
    visits = export.visits
    if visits.first > day - SEEN_WITHIN:
        return None
    early = replace(
        visits.only(visits.day < day), last=day - 1, as_of=day, left_out=visits.left_out.before(day)
    )
    if not (early.status == COMPLETED).any():
        return Clinic(0, 0)
    groups = _groups(early, options, base)
    boosters = together([group.courses for group in groups]).boosters_by_week(day - 7 * weeks, weeks)
    return Clinic(sum(_patients(group, day) for group in groups), int(boosters.sum()))


def _patients(group: Group, day: int) -> int:
    """Count the patients of a type before a day; of a schedule those who are still on it, as on the panel."""
    within = SEEN_WITHIN
    if group.scheduled and group.schedule is not None:
        within = 7 * max(group.schedule.weeks) + LATE
    visits = group.visits
    return len(np.unique(visits.patient[(visits.status == COMPLETED) & (visits.day >= day - within)]))


def _groups(visits: Visits, options: Options, base: Scenario) -> list[Group]:
    return find_groups(visits, base, options, Quality())


def _asked(visits: Visits, patient: int, first: int) -> float:
    """Return the day of the last referral up to the first infusion; NaN if there is none."""
    days = [day for day in visits.referred.get(patient, ()) if day <= first]
    return float(days[-1]) if days else float("nan")
