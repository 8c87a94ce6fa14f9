"""The length of a visit: one step takes the minutes that the base scenario's other steps leave.

It is the recovery, or the longest step with the patient where there is none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from simclinic.arrays import Floats
from simclinic.calibration.codes import COMPLETED
from simclinic.calibration.courses import Courses
from simclinic.calibration.estimates import Estimate, Findings, rounded, source
from simclinic.calibration.rates import mean_interval
from simclinic.calibration.types import Group
from simclinic.calibration.visits import Visits
from simclinic.sampling.distributions import mean as mean_of
from simclinic.sampling.distributions import quantile
from simclinic.scenario import Scenario
from simclinic.scenario.distributions import Distribution
from simclinic.scenario.protocols import INFUSION
from simclinic.scenario.visit import Complication, Step, Visit

_FEWEST_VISITS = 10
_RECOVERY = "recovery"


def learn(groups: Sequence[Group], visits: Visits, base: Scenario, findings: Findings) -> None:
    """Estimate the minutes of each type of visit, and set one step to what the other steps leave of them."""
    timed = (visits.status == COMPLETED) & ~np.isnan(visits.minutes)
    if not timed.any():
        findings.base_kept.append("visit.steps: the export has no check-in and check-out")
        return
    of = {group.type: group.courses for group in groups}
    for at, (name, series) in enumerate(visits.types.items()):
        if series in of:
            label = f" ({name})" if len(visits.types) > 1 else ""
            own = visits.minutes[timed & (visits.type == at)]
            _learn_type(own, of[series], base.visit_types[name], _address(name), label, findings)


def _address(name: str) -> str:
    return "visit" if name == INFUSION else f"visits.{name}"


def _learn_type(
    minutes: Floats, courses: Courses, visit: Visit, address: str, label: str, findings: Findings
) -> None:
    if not len(minutes):
        findings.base_kept.append(f"{address}.steps: no visit of this type has a check-in and a check-out")
        return
    learnt = _step(visit)
    others, variance = _other_steps(courses, visit)
    _write(minutes, f"{address}.steps.{learnt}.minutes", others, variance, label, findings)


def learn_consult(minutes: Floats, visit: Visit | None, name: str, findings: Findings) -> None:
    """Estimate the minutes of a consult, and set one step to what the other steps leave of them.

    Parameters
    ----------
    minutes
        Of each consult.
    visit
        The consult in the base scenario; None: it has one step, and that is new.
    name
        Name of its type.
    findings
        Collects the setting.
    """
    if not len(minutes):
        findings.base_kept.append(f"visits.{name}.steps: no consult has a check-in and a check-out")
        return
    others = variance = 0.0
    step = "talk"
    if visit is not None:
        step = _step(visit)
        others, variance = _rest(visit, 1.0, lambda part: part.probability)
    _write(minutes, f"visits.{name}.steps.{step}.minutes", others, variance, f" ({name})", findings)


def _write(
    minutes: Floats, setting: str, others: float, variance: float, label: str, findings: Findings
) -> None:
    """Write the step that takes what the others, of these mean minutes and variance, leave of a visit."""
    n = len(minutes)
    average, spread = float(minutes.mean()), float(minutes.std(ddof=1)) if n > 1 else 0.0
    low, high = mean_interval(minutes)
    parts = ", ".join(f"{100 * share:.0f} %: {np.quantile(minutes, share):.0f}" for share in (0.1, 0.5, 0.9))
    findings.estimates.append(
        Estimate(
            f"minutes of a visit{label}",
            average,
            low if math.isfinite(low) else None,
            high if math.isfinite(low) else None,
            n,
            "mean, Student",
            f"sd {spread:.1f}; quantiles {parts}",
        )
    )
    left = average - others
    if n < _FEWEST_VISITS or left < 1.0:
        why = "too few visits"
        if n >= _FEWEST_VISITS:
            why = f"the other steps already take {others:.0f} of {average:.0f} minutes: shorten them"
            findings.warnings.append(f"visits{label} are shorter than the base scenario's steps: {why}")
        findings.base_kept.append(f"{setting}: {why}")
        return
    deviation = math.sqrt(max(spread**2 - variance, (0.05 * left) ** 2))
    gamma = {"dist": "gamma", "mean": rounded(left, 4), "cv": rounded(min(deviation / left, 10.0), 3)}
    comment = (
        f"makes a visit take {average:.1f} minutes on average (sd {spread:.1f}) as in the export, from the "
        f"appointment or a later arrival to departure; the other steps take {others:.1f}; waiting is included"
    )
    findings.set(setting, gamma, source(n, low - others, high - others, comment))
    findings.estimates.append(
        Estimate(
            setting,
            left,
            low - others,
            high - others,
            n,
            "mean of the visit less the other steps",
            "written as a gamma distribution",
        )
    )


def mean_visit_minutes(groups: Sequence[Group], base: Scenario) -> float:
    """Return the mean minutes of a visit in the base scenario, for the export's mix of visits."""
    total, count = 0.0, 0
    for group in groups:
        visit = base.visit_types[group.type]
        others, _ = _other_steps(group.courses, visit)
        visits = sum(len(course.days) for course in group.courses.all)
        total += visits * (others + mean_of(visit.steps[_step(visit)].minutes))
        count += visits
    return total / count


def _step(visit: Visit) -> str:
    """Return the step that takes what the others leave: every visit has it, if any step is in every visit."""
    if _RECOVERY in visit.steps:
        return _RECOVERY
    present = {name: step for name, step in visit.steps.items() if step.patient}
    return max(present, key=lambda name: (present[name].always, mean_of(present[name].minutes)))


def _other_steps(courses: Courses, visit: Visit) -> tuple[float, float]:
    """Return mean and variance of a visit's minutes without that step; complications and first visits count."""
    visits = sum(len(course.days) for course in courses.all)
    first = sum(course.cohort for course in courses.all) / visits

    def share(part: Step | Complication) -> float:
        upto = part.to_infusion or 10**6
        exposed = sum(max(min(len(course.days), upto) - part.from_infusion + 1, 0) for course in courses.all)
        return part.probability * exposed / visits

    return _rest(visit, first, share)


def _rest(visit: Visit, first: float, share: Callable[[Step | Complication], float]) -> tuple[float, float]:
    """Return mean and variance of a visit's other steps and complications.

    Parameters
    ----------
    visit
        The visit.
    first
        Share of visits that are a patient's first.
    share
        Returns the share of visits that have a step or complication.
    """
    total = variance = 0.0
    learnt = _step(visit)
    for name, step in visit.steps.items():
        if not step.patient:
            continue
        extra = step.first_visit_extra_minutes
        total += first * extra
        variance += first * (1 - first) * extra**2
        if name != learnt:
            there = 1.0 if step.always else share(step)
            average, square = _moments(step.minutes)
            total += there * average
            variance += there * square + there * (1 - there) * average**2
    for complication in visit.complications.values():
        probability = share(complication)
        average, square = _moments(complication.extra_minutes)
        total += probability * average
        variance += probability * (square + average**2) - (probability * average) ** 2
    return total, variance


def _moments(distribution: Distribution) -> tuple[float, float]:
    """Return mean and variance, the variance from 4,000 quantiles."""
    values = quantile(distribution, (np.arange(4000) + 0.5) / 4000)
    return float(mean_of(distribution)), float(values.var())
