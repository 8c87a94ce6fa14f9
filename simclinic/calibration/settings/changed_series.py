"""Series that changed within the export: more or fewer infusions, or another number of days between them.

A scenario has one protocol for all of an export. If the clinic changed it, visits of one half of the patients count
as boosters, or patients as having dropped out, and the days between infusions are those of neither.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simclinic.arrays import Integers
from simclinic.calibration.courses import SERIES_GAP, Course, Courses
from simclinic.calibration.estimates import Findings
from simclinic.calibration.visits import Visits

CHANGED = 0.001
"""Probability, by chance alone, of so different shares among earlier and later new patients, below which a warning
names them."""
_FEWEST = 10
"""Series before and after a change, at least."""
_PARTS = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Shares of the series before the days on which a change is looked for."""
_RATES = (
    (3.0, "three times a week"),
    (5.5, "twice a week"),
    (10.0, "once a week"),
    (SERIES_GAP + 1.0, "every two weeks"),
    (math.inf, "less often than every two weeks"),
)
"""Median days between infusions below which a series is as often."""


@dataclass(frozen=True)
class Change:
    """A change between two values, each the commonest of its time.

    Attributes
    ----------
    day
        Ordinal of the day from which on the second value is the commonest.
    before, after
        The values.
    shares
        Share of the earlier series with the first value, and of the later ones with the second.
    """

    day: int
    before: int
    after: int
    shares: tuple[float, float]


def find_change(series: Sequence[tuple[int, int]]) -> Change | None:
    """Return when the commonest value changed; None if it did not, or by chance.

    Parameters
    ----------
    series
        The day on which each series began, as an ordinal, and a value: infusions, or how often they are.

    Examples
    --------
    >>> find_change([(day, 6 if day < 15 else 4) for day in range(40)])
    Change(day=15, before=6, after=4, shares=(1.0, 1.0))
    """
    days, value = np.array(sorted(series), dtype=np.int64).reshape(-1, 2).T
    found: tuple[float, int, int] | None = None
    for at in sorted({int(part * len(value)) for part in _PARTS}):
        if min(at, len(value) - at) < _FEWEST:
            continue
        a, b = _commonest(value[:at]), _commonest(value[at:])
        if a == b:
            continue
        from scipy.stats import fisher_exact  # takes a second to load, and is seldom needed

        table = np.array([[(part == each).sum() for each in (a, b)] for part in (value[:at], value[at:])])
        chance = float(fisher_exact(table).pvalue)
        if chance < CHANGED and (found is None or chance < found[0]):
            found = chance, a, b
    if found is None:
        return None
    _, a, b = found
    # The day with most series of the first value before it, and of the second from it on.
    begins = np.searchsorted(days, np.unique(days))
    right = [int((value[:at] == a).sum() + (value[at:] == b).sum()) for at in begins.tolist()]
    at = int(begins[int(np.argmax(right))])
    return Change(int(days[at]), a, b, (float((value[:at] == a).mean()), float((value[at:] == b).mean())))


def _commonest(values: Integers) -> int:
    """Return the commonest of numbers from 0 on, the smallest of equally common ones."""
    return int(np.bincount(values).argmax())


def warn_of_change(courses: Courses, visits: Visits, findings: Findings) -> bool:
    """Warn of a number of infusions, or of days between them, that changed; return whether the latter did."""
    # A series that began late has ended only if it was cut short.
    until = visits.last - SERIES_GAP * courses.infusions
    ended = [(day, run) for day, run in courses.ended if day <= until]
    if change := find_change(ended):
        words = [f"had {each} infusion{'' if each == 1 else 's'}" for each in (change.before, change.after)]
        findings.warnings.append(
            f"{_told(change, words)}: the scenario has {courses.infusions} for all, so that further ones count as "
            "boosters, and fewer as drop-out"
            f"{_alone(change, visits)}"
        )
    often = [(course.days[0], rate) for course in courses.cohort if (rate := _rate(course)) is not None]
    change = find_change(often)
    if change is not None:
        words = [f"were {_RATES[each][1]}" for each in (change.before, change.after)]
        findings.warnings.append(
            f"{_told(change, words)}: the scenario has the gaps of its protocols for all. Set demand.protocol_mix "
            f"and the gaps to what holds now{_alone(change, visits)}"
        )
    return change is not None


def _told(change: Change, words: Sequence[str]) -> str:
    before, after = (f"{100 * share:.0f} %" for share in change.shares)
    return (
        f"of the series that began before {_date(change.day)}, {before} {words[0]}, and of those from then on "
        f"{after} {words[1]}"
    )


def _alone(change: Change, visits: Visits) -> str:
    return (
        f". To learn from the later ones alone: --leave-out {_date(visits.first)}/{_date(change.day - 1)}, without "
        "--whole-history"
    )


def _rate(course: Course) -> int | None:
    """Return how often the visits of a series are, as a place in `_RATES`; None for fewer than three."""
    gaps = np.array(course.gaps)
    if len(gaps) < 2:
        return None
    days = float(np.median(gaps[1:] + gaps[:-1])) / 2
    return next(at for at, (most, _) in enumerate(_RATES) if days < most)


def _date(day: int) -> str:
    return dt.date.fromordinal(day).isoformat()
