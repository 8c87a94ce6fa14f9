"""Attendance: no-shows, late cancellations, and appointments booked again after them."""

from __future__ import annotations

import math

import numpy as np

from simclinic.calibration.codes import BOOKED, CANCELLED, NO_SHOW
from simclinic.calibration.courses import Courses, State
from simclinic.calibration.estimates import Estimate, Findings, JointUncertainty, rounded, source
from simclinic.calibration.rates import design_effect, smoothed_share
from simclinic.calibration.returns import REBOOKED_WITHIN
from simclinic.calibration.visits import Visits
from simclinic.measures.wilson import wilson

_FEWEST_DUE = 20
"""Appointments from which shares of them are written."""
_ALL_MISSED = 0.98
"""Share of missed appointments above which the status column is not trusted."""
_CLUSTERED = 1.5
"""Design effect from which a warning says that the same patients miss appointments."""


def learn(courses: Courses, visits: Visits, findings: Findings) -> None:
    """Estimate the shares of no-shows and late cancellations, and how many of these are booked again."""
    due = visits.status != BOOKED
    status, patient = visits.status[due], visits.patient[due]
    n = len(status)
    total = float(np.isin(status, (NO_SHOW, CANCELLED)).mean()) if n else 0.0
    for address, code, name, what in (
        ("attendance.no_show", NO_SHOW, "no-show", "no-shows"),
        ("attendance.late_cancel", CANCELLED, "late-cancel", "cancellations"),
    ):
        missed = status == code
        count = int(missed.sum())
        low, high = wilson(count, n)
        effect = design_effect(patient, missed)
        note = f"{count:,} of {n:,} due" + ("" if n >= _FEWEST_DUE else "; too few: base kept")
        if effect > _CLUSTERED and count >= _FEWEST_DUE:
            note += f"; the same patients again and again: variance {effect:.1f} times as large"
            findings.warnings.append(
                f"{what} cluster in some patients: the true interval of {address} is about "
                f"{math.sqrt(effect):.1f} times as wide as the one given"
            )
        findings.estimates.append(
            Estimate(address, count / n, low, high, n, "share of appointments due, Wilson", note)
        )
        if n < _FEWEST_DUE or total > _ALL_MISSED:
            findings.base_kept.append(f"{address}: too few appointments to estimate it")
            continue
        if not count:
            findings.warnings.append(f"the export has no {what}: does it leave them out?")
        value, variance = smoothed_share(count, n)
        findings.set(address, rounded(value), source(n, low, high, "share of appointments due"))
        findings.uncertainty.append(JointUncertainty(name, (address,), ("logit",), np.array([[variance]])))
    _rebooking(courses, visits, findings)
    findings.set("attendance.rebooks", 1.0, "neutral: drop_out includes patients who never came again")


def _rebooking(courses: Courses, visits: Visits, findings: Findings) -> None:
    """Record the share of missed appointments that were followed by another within two weeks."""
    series_ends = {
        course.patient: course.days[course.series - 1] if course.series else 0
        for course in courses.all
        if course.state in (State.COMPLETE, State.CAME_BACK) or not course.series
    }
    missed = np.flatnonzero(
        np.isin(visits.status, (NO_SHOW, CANCELLED)) & (visits.day <= visits.last - REBOOKED_WITHIN)
    )
    watched = [
        visits.left_out.next_begin(day, day + REBOOKED_WITHIN) is None for day in visits.day[missed].tolist()
    ]
    missed = missed[watched]
    following = np.minimum(missed + 1, len(visits.day) - 1)
    rebooked = (
        (following > missed)
        & (visits.patient[following] == visits.patient[missed])
        & (visits.day[following] - visits.day[missed] <= REBOOKED_WITHIN)
    )
    booster = np.array(
        [
            patient in series_ends and day > series_ends[patient]
            for patient, day in zip(visits.patient[missed].tolist(), visits.day[missed].tolist(), strict=True)
        ],
        dtype=bool,
    )
    for what, which in (("series", ~booster), ("booster", booster)):
        n, count = int(which.sum()), int(rebooked[which].sum())
        low, high = wilson(count, n)
        note = "not written: simulated patients who do not rebook ask again at the next check-in"
        findings.estimates.append(
            Estimate(
                f"missed {what} appointments with another within {REBOOKED_WITHIN} days",
                count / n if n else None,
                low,
                high,
                n,
                "share, Wilson",
                note if what == "booster" else "not written: see attendance.rebooks",
            )
        )
