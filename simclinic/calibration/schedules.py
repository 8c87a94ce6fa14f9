"""Fixed schedules in place of relapses: visits every week or two, the same for all patients.

Esketamine is given twice a week, then weekly, then every two weeks. The calendar brings such patients back, not a
relapse; a distribution fitted to their gaps mixes the steps of the schedule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simclinic.calibration.courses import Courses

_SERIES = 5.0
"""Median gap in days up to which visits are those of a series."""
_PERIODS = (7, 14, 21, 28)
_WITHIN = 1
_FEWEST, _FEWEST_ALL = 10, 30
"""Gaps after one visit, and all together, from which a schedule is recognised."""
_KEPT = 0.6
"""Share of gaps within a day of a schedule from which it is one, of all and of those after its first step; of
relapses about one in five is so by chance."""


@dataclass(frozen=True)
class Schedule:
    """Steps of a schedule.

    Attributes
    ----------
    first
        Number of visits before it, as in a series.
    steps
        Days between visits, and the number of successive gaps of that length.
    kept, of
        Number of gaps that keep to it within a day, and of all gaps.
    """

    first: int
    steps: tuple[tuple[int, int], ...]
    kept: int
    of: int

    @property
    def weeks(self) -> list[int]:
        """Weeks from one visit to the next after the series; the last number repeats."""
        *before, (last, _) = self.steps
        return [*(period // 7 for period, count in before for _ in range(count)), last // 7]

    def message(self, *, kept: bool = False) -> str:
        """Describe the schedule, and its consequence for a forecast; `kept`: the scenario gives visits by it."""
        steps = [
            f"{count} gap{'s' if count > 1 else ''} of {period} days" for period, count in self.steps[:-1]
        ]
        steps.append(f"every {self.steps[-1][0]} days")
        begin = f"{self.first} visits a few days apart, then " if self.first > 1 else ""
        return (
            f"the visits follow a schedule: {begin}{', then '.join(steps)}; {self.kept:,} of {self.of:,} gaps "
            f"({100 * self.kept / self.of:.0f} %) keep to it within a day. The calendar brings these patients "
            "back, not a relapse. "
            + (
                "The scenario schedules their boosters so; visits off the schedule are not in it"
                if kept
                else "The distribution of the time to return mixes the steps of the schedule: "
                "boosters a week are right only while the mix of new and old patients stays as it is, and times to "
                "return describe no single patient"
            )
        )


def find_schedule(courses: Courses) -> Schedule | None:
    """Find a schedule in the gaps between the visits of new patients; None if there is none.

    A weekly series keeps to the calendar as well. What follows it shows whether relapses bring patients back.
    """
    gaps: list[list[int]] = []
    for course in courses.cohort:
        for at, (before, day) in enumerate(zip(course.days, course.days[1:], strict=False)):
            if at == len(gaps):
                gaps.append([])
            gaps[at].append(day - before)
    first, kept, of = 1, 0, 0
    kept_first = of_first = 0
    steps: list[tuple[int, int]] = []
    for place in gaps:
        each = np.array(place, dtype=np.int64)
        if len(each) < _FEWEST:
            break
        if not steps and np.median(each) <= _SERIES:
            first += 1
            continue
        near = [int((np.abs(each - period) <= _WITHIN).sum()) for period in _PERIODS]
        period = _PERIODS[int(np.argmax(near))]
        kept, of = kept + max(near), of + len(each)
        if steps and steps[-1][0] == period:
            steps[-1] = period, steps[-1][1] + 1
        else:
            steps.append((period, 1))
        if len(steps) == 1:
            kept_first, of_first = kept, of
    if of < _FEWEST_ALL or kept < _KEPT * of or kept - kept_first < _KEPT * (of - of_first):
        return None
    return Schedule(first, tuple(steps), kept, of)
