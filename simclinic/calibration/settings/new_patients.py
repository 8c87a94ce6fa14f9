"""New patients a week: starts of series, or first consults where the export has them; trend, and weekdays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from simclinic.arrays import Bools, Integers
from simclinic.calibration.consults import Consults
from simclinic.calibration.courses import Courses
from simclinic.calibration.estimates import Estimate, Findings, JointUncertainty, rounded, source
from simclinic.calibration.rates import Growth, evenness_p_value, fit_growth
from simclinic.calibration.visits import Visits
from simclinic.measures.wilson import wilson
from simclinic.scenario import WEEKDAYS, Scenario

_RATE, _GROWTH = "demand.referrals_per_week", "demand.growth_per_year"
_FEWEST_STARTS = 20
"""Starts from which a warning says that they vary more than a Poisson distribution does."""
_UNEVEN = 0.01
"""Significance level below which weights for weekdays are written."""
_NEUTRAL = "neutral: the export's starts already include it"


def learn(
    courses: Courses, visits: Visits, base: Scenario, findings: Findings, consults: Consults | None = None
) -> None:
    """Estimate new patients a week, whether they grow, and how they spread over the weekdays.

    Parameters
    ----------
    courses, visits, base
        The patients, their appointments, and the base scenario.
    findings
        Collects settings, estimates and warnings.
    consults
        Consults, if new patients are counted by them; otherwise they are counted by their first infusions.
    """
    what = "new starts" if consults is None else "new patients by first consult"
    first = consults.days if consults else [course.days[0] for course in courses.cohort]
    starts, weeks, counted = _starts(first, courses.since, visits)
    counts = np.bincount(starts // 7, minlength=weeks) if weeks else np.zeros(0, dtype=np.int64)
    rate = fit_growth(counts, counted)
    if rate.weeks < 2:
        findings.base_kept.append(f"{_RATE}: fewer than two whole weeks remain to count starts in")
        findings.estimates.append(
            Estimate(_RATE, None, None, None, rate.count, "Poisson", "too short: base kept")
        )
        return
    _rate(rate, what, base, visits, findings)
    if consults is not None:
        findings.base_kept.append(
            "demand.weekday_weights: consults are on the days on which the clinic holds them, whatever the weekday "
            "of the referral"
        )
        return
    _weekdays(visits.last + 1 - 7 * weeks + starts, base, findings)
    for address, value in (
        ("intake.contraindicated", 0.0),
        ("intake.consult_no_show", 0.0),
        ("intake.accepts", 1.0),
        ("intake.days_to_consult", 0),
        ("intake.days_to_decide", 0),
        ("booking.notice_days", 0),
    ):
        findings.set(address, value, _NEUTRAL)


def _starts(first: Sequence[int], since: int, visits: Visits) -> tuple[Integers, int, Bools]:
    """Collect the starts in whole weeks that end with the export's last day.

    Parameters
    ----------
    first
        Days on which new patients appear.
    since
        The first day on which they are certainly new.
    visits
        The export.

    Returns
    -------
    starts
        These days, counted from the first day of the first of these weeks.
    weeks
        Number of weeks.
    counted
        Whether each week counts, shape (weeks,): no period that is left out touches it.
    """
    days = np.array([day for day in first if day >= since], dtype=np.int64)
    weeks = max(0, (visits.last - since + 1) // 7)  # a short export may leave no week for certain starts
    begin = visits.last + 1 - 7 * weeks
    starts = days[days >= begin] - begin
    counted = ~visits.left_out.touched(begin, weeks)
    return starts[counted[starts // 7]], weeks, counted


def _rate(rate: Growth, what: str, base: Scenario, visits: Visits, findings: Findings) -> None:
    """Record new patients a week and, if it differs from 0, their growth."""
    when = "on the last day" if rate.trend else "mean"
    note = f"{what}, {rate.weeks} whole weeks, {when}; index of dispersion {rate.dispersion:.2f}"
    method = "Poisson regression with trend" if rate.growth is not None else "Poisson"
    findings.estimates.append(Estimate(_RATE, rate.per_week, rate.low, rate.high, rate.count, method, note))
    findings.set(
        _RATE,
        rounded(rate.per_week),
        source(
            rate.count,
            rate.low,
            rate.high,
            f"{what}, a week, {when}" if what != "new starts" else f"new starts a week, {when}",
        ),
    )
    names: tuple[str, ...] = (_RATE,)
    scales: tuple[str, ...] = ("log",)
    if rate.growth is not None:
        note = "written" if rate.trend else "its interval includes 0: not written, the base scenario's holds"
        findings.estimates.append(
            Estimate(_GROWTH, rate.growth, rate.growth_low, rate.growth_high, rate.count, method, note)
        )
    if rate.trend and rate.growth is not None:
        value = min(max(rounded(rate.growth), -0.99), 100.0)
        comment = source(rate.count, rate.growth_low, rate.growth_high, "share per year")
        findings.set(_GROWTH, value, comment)
        names, scales = (_RATE, _GROWTH), ("log", "identity")
        findings.warnings.append(
            f"new patients change by {100 * rate.growth:+.0f} % a year, and the scenario continues that trend: set "
            f"{_GROWTH} = 0 if you do not expect it to last"
        )
    if base.demand.growth_from is not None:
        comment = "the first future day: the rate above is the current one, and grows from here"
        findings.set("demand.growth_from", dt.date.fromordinal(visits.as_of), comment)
    if rate.covariance is not None:
        findings.uncertainty.append(JointUncertainty("referrals", names, scales, rate.covariance))
    if rate.overdispersed and rate.count >= _FEWEST_STARTS:
        findings.warnings.append(
            f"{what} vary more from week to week than chance explains (index of dispersion "
            f"{rate.dispersion:.1f}; a Poisson distribution has 1): the interval allows for it, but the simulated "
            "weeks do not"
        )
    if base.demand.referrals is not None:
        for name in ("referrals_file", "referrals"):
            findings.set(f"demand.{name}", False, "the base scenario's replayed referrals are dropped")


def _weekdays(starts: Integers, base: Scenario, findings: Findings) -> None:
    """Record how starts spread over the weekdays; write weights if they differ by more than chance."""
    counts = np.bincount((starts - 1) % 7, minlength=7)
    total = int(counts.sum())
    for number, day in enumerate(WEEKDAYS):
        if counts[number] or day in base.clinic.hours:
            low, high = wilson(int(counts[number]), total)
            share = counts[number] / total if total else None
            findings.estimates.append(
                Estimate(f"starts on {day}", share, low, high, total, "share of starts, Wilson", "")
            )
    worked = [number for number, day in enumerate(WEEKDAYS) if day in base.clinic.hours]
    if evenness_p_value(counts[worked]) < _UNEVEN:
        weights = {WEEKDAYS[number]: int(counts[number]) for number in worked if counts[number]}
        comment = f"export, n = {total:,}; starts by weekday, which differ by more than chance (1 %)"
        findings.set("demand.weekday_weights", weights, comment)
