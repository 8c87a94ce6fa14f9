"""The length of a visit: the recovery step takes the minutes that the base scenario's other steps leave."""

from __future__ import annotations

import math

import numpy as np

from simclinic.calibration.codes import COMPLETED
from simclinic.calibration.courses import Courses
from simclinic.calibration.estimates import Estimate, Findings, rounded, source
from simclinic.calibration.rates import mean_interval
from simclinic.calibration.visits import Visits
from simclinic.sampling.distributions import mean as mean_of
from simclinic.sampling.distributions import quantile
from simclinic.scenario import Scenario
from simclinic.scenario.distributions import Distribution

_FEWEST_VISITS = 10
_RECOVERY = "visit.steps.recovery.minutes"


def learn(courses: Courses, visits: Visits, base: Scenario, findings: Findings) -> None:
    """Estimate the minutes of a visit, and set the recovery to what the other steps leave of them."""
    minutes = visits.minutes[(visits.status == COMPLETED) & ~np.isnan(visits.minutes)]
    n = len(minutes)
    if not n:
        findings.base_kept.append("visit.steps: the export has no check-in and check-out")
        return
    average, spread = float(minutes.mean()), float(minutes.std(ddof=1)) if n > 1 else 0.0
    low, high = mean_interval(minutes)
    parts = ", ".join(f"{100 * share:.0f} %: {np.quantile(minutes, share):.0f}" for share in (0.1, 0.5, 0.9))
    findings.estimates.append(
        Estimate(
            "minutes of a visit",
            average,
            low if math.isfinite(low) else None,
            high if math.isfinite(low) else None,
            n,
            "mean, Student",
            f"sd {spread:.1f}; quantiles {parts}",
        )
    )
    others, variance = _other_steps(courses, base)
    left = average - others
    if n < _FEWEST_VISITS or "recovery" not in base.visit.steps or left < 1.0:
        why = "too few visits" if n < _FEWEST_VISITS else "the base scenario has no step of that name"
        if n >= _FEWEST_VISITS and "recovery" in base.visit.steps:
            why = f"the other steps already take {others:.0f} of {average:.0f} minutes: shorten them"
            findings.warnings.append(f"visits are shorter than the base scenario's steps: {why}")
        findings.base_kept.append(f"{_RECOVERY}: {why}")
        return
    deviation = math.sqrt(max(spread**2 - variance, (0.05 * left) ** 2))
    gamma = {"dist": "gamma", "mean": rounded(left, 4), "cv": rounded(min(deviation / left, 10.0), 3)}
    comment = (
        f"makes a visit take {average:.1f} minutes on average (sd {spread:.1f}) as in the export, from the "
        f"appointment or a later arrival to departure; the other steps take {others:.1f}; waiting is included"
    )
    findings.set(_RECOVERY, gamma, source(n, low - others, high - others, comment))
    findings.estimates.append(
        Estimate(
            _RECOVERY,
            left,
            low - others,
            high - others,
            n,
            "mean of the visit less the other steps",
            "written as a gamma distribution",
        )
    )


def mean_visit_minutes(courses: Courses, base: Scenario) -> float:
    """Return the mean minutes of a visit in the base scenario, for the export's mix of first and later visits."""
    others, _ = _other_steps(courses, base)
    recovery = base.visit.steps.get("recovery")
    return others + (mean_of(recovery.minutes) if recovery is not None else 0.0)


def _other_steps(courses: Courses, base: Scenario) -> tuple[float, float]:
    """Return mean and variance of a visit's minutes without the recovery; complications and first visits count."""
    total = variance = 0.0
    visits = sum(len(course.days) for course in courses.all)
    first = sum(course.cohort for course in courses.all) / visits
    for name, step in base.visit.steps.items():
        if not step.patient:
            continue
        extra = step.first_visit_extra_minutes
        total += first * extra
        variance += first * (1 - first) * extra**2
        if name != "recovery":
            average, square = _moments(step.minutes)
            total += average
            variance += square
    for complication in base.visit.complications.values():
        upto = complication.to_infusion or 10**6
        exposed = sum(
            max(min(len(course.days), upto) - complication.from_infusion + 1, 0) for course in courses.all
        )
        probability = complication.probability * exposed / visits
        average, square = _moments(complication.extra_minutes)
        total += probability * average
        variance += probability * (square + average**2) - (probability * average) ** 2
    return total, variance


def _moments(distribution: Distribution) -> tuple[float, float]:
    """Return mean and variance, the variance from 4,000 quantiles."""
    values = quantile(distribution, (np.arange(4000) + 0.5) / 4000)
    return float(mean_of(distribution)), float(values.var())
