"""Returns: distributions of the time until a patient comes back, after a series and after a booster."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from simclinic.calibration.estimates import Estimate, Findings, JointUncertainty, rounded
from simclinic.calibration.kaplan_meier import Curve
from simclinic.calibration.rates import mean_interval
from simclinic.calibration.return_fits import FEWEST, Fit, ReturnFits, naive_moments
from simclinic.calibration.schedules import Schedule
from simclinic.calibration.visits import Visits
from simclinic.scenario import Scenario

_WRITTEN_AS = {
    "series": ("relapse.days", "return-after-series"),
    "booster": ("boosters.days", "return-after-booster"),
}
"""Address of each distribution in a scenario, and the name of its uncertainty."""

_ONE_PRODUCT = (
    (
        "A relapse is not observed, only a return. Response, relapse and uptake of boosters appear as one product, "
        "the share that returns after a series; the scenario keeps that product (response and uptake are 1)."
    ),
    "The time until a relapse is noticed and booked is part of the time to return: the scenario adds none.",
    (
        "A patient who leaves the programme after a booster shows only as not coming back: attrition is 0, and the "
        "share that never returns includes it."
    ),
)
"""Quantities that an export shows only together, and that stay together in the scenario."""

CANCELLED_LATE = (
    "Every cancellation in the export counts as late. If it lists early ones too, mark them "
    'with --status "word=ignore".'
)
WITH_PRICES = ("nurses, steps of a visit or prices", "nurses or steps of a visit")
"""What an export does not contain, and the same where it has prices."""
CLINIC_KEPT = (
    f"An export does not contain {WITH_PRICES[0]}, and shows days, hours and chairs only as far "
    "as visits do: these are the base scenario's. Set them to your clinic's own; --learn-clinic takes days, hours "
    "and chairs from the export."
)
CLINIC_LEARNT = (
    f"An export does not contain {WITH_PRICES[0]}: these are the base scenario's. Days, hours and "
    "chairs are taken from the export as far as visits show them."
)

_OUTSIDE = 0.2
"""Share of days outside the Kaplan-Meier interval from which a fit is questioned."""


def learn(
    after_series: ReturnFits, after_booster: ReturnFits, visits: Visits, base: Scenario, findings: Findings
) -> int:
    """Write the distributions of the time to return, and neutralise the settings that they already include.

    Returns
    -------
    int
        `relapse.follow_up_days` of the scenario: days without a return after which a patient counts as gone.
    """
    first = _distribution("series", "a series", after_series, findings)
    again = _distribution("booster", "a booster", after_booster, findings)
    follow_up = base.relapse.follow_up_days
    if first is not None:
        findings.set("response.probability", 1.0, "neutral: one share with never, below")
        findings.set("boosters.uptake", 1.0, "neutral: one share with relapse.days.never")
    if again is not None:
        findings.set("boosters.attrition", 0.0, "neutral: one share with boosters.days.never")
        findings.set("boosters.lengthening", 1.0, "neutral: the distribution is of all boosters together")
    if first is not None or again is not None:
        longest = max(
            fits.durations.longest_return for fits in (after_series, after_booster) if fits.durations.n
        )
        follow_up = max(365, 7 * math.ceil(longest / 7))
        findings.set(
            "boosters.policy", "as-needed", "the distributions include every return, however it was arranged"
        )
        findings.set("boosters.infusions", 1, "each visit counts by itself")
        findings.set(
            "boosters.self_report",
            1.0,
            "neutral: the time until a relapse is noticed is part of the distribution",
        )
        findings.set(
            "booking.booster_notice_days",
            0,
            "neutral: the time until the appointment is part of the distribution",
        )
        findings.set(
            "relapse.follow_up_days",
            follow_up,
            f"days; at least a year, and the longest return observed ({longest:.0f} days)",
        )
        lapsed = min(36500, max(follow_up, visits.last - visits.first + 1) + 365)
        findings.set(
            "boosters.lapsed_after_days", lapsed, "days; never already is the share that does not come back"
        )
    findings.cannot_tell += (*(_ONE_PRODUCT if first or again else ()), CANCELLED_LATE, CLINIC_KEPT)
    return follow_up


def keep_schedule(
    schedule: Schedule, after_series: ReturnFits, after_booster: ReturnFits, findings: Findings
) -> None:
    """Schedule the boosters of patients whom the calendar brings back, instead of fitting their gaps.

    The share that does not come back after the series does not take boosters up; the share that does not after a
    booster has left the programme. What was to be said of the distributions is dropped with them.
    """
    times = {("relapse", "days"), ("boosters", "days"), ("boosters", "uptake"), ("boosters", "attrition")}
    findings.settings = [
        each for each in findings.settings if each.address not in times | {("boosters", "policy")}
    ]
    findings.settings = [
        replace(each, comment="neutral: one share with boosters.uptake")
        if each.address == ("response", "probability")
        else each
        for each in findings.settings
    ]
    findings.estimates = [
        each for each in findings.estimates if tuple(each.parameter.split(".")[:2]) not in times
    ]
    findings.warnings = []
    findings.uncertainty = [
        each for each in findings.uncertainty if tuple(each.settings[0].split(".")[:2]) not in times
    ]
    kept = f"export, {schedule.kept:,} of {schedule.of:,} gaps keep to it within a day"
    findings.set("boosters.policy", "scheduled", "the calendar brings these patients back, not a relapse")
    findings.set("boosters.every_weeks", schedule.weeks, kept)
    for address, name, fits, gone in (
        ("boosters.uptake", "uptake", after_series, False),
        ("boosters.attrition", "attrition", after_booster, True),
    ):
        chosen, n = fits.chosen, fits.durations.n
        if chosen is None:
            findings.base_kept.append(f"{address}: too few visits follow to estimate it")
            continue
        share = chosen.never if gone else 1.0 - chosen.never
        findings.set(
            address,
            rounded(share),
            f"export, n = {n:,}; share that {'does not come' if gone else 'comes'} again",
        )
        if chosen.cure and chosen.covariance is not None:
            variance = chosen.covariance[-1:, -1:]
            findings.uncertainty.append(JointUncertainty(name, (address,), ("logit",), variance))


def leaving(
    after_series: ReturnFits, after_booster: ReturnFits, base: Scenario, protocols: Iterable[str]
) -> tuple[float, float]:
    """Return the share of patients on a schedule who do not come again after the series, and after a booster.

    Where too few visits follow, it is that of the base scenario.
    """
    rules = base.laws[next(iter(protocols))].boosters
    shares = (
        usual if fits.chosen is None else fits.chosen.never
        for fits, usual in ((after_series, 1.0 - rules.uptake), (after_booster, rules.attrition))
    )
    first, again = shares
    return first, again


def _distribution(what: str, event: str, fits: ReturnFits, findings: Findings) -> Fit | None:
    """Write the chosen distribution of the time to return; None if there are too few returns to fit one.

    Parameters
    ----------
    what
        "series" or "booster".
    event
        The same with its article, for messages.
    fits
        Distributions fitted to the times to return.
    findings
        Collects settings, estimates and warnings.
    """
    address, entry = _WRITTEN_AS[what]
    durations, chosen = fits.durations, fits.chosen
    if chosen is None:
        observed = f"{durations.returns} of {durations.n} came back" if durations.n else "there is none yet"
        findings.warnings.append(
            f"the time to return after {event} cannot be estimated ({observed}, at least {FEWEST} are needed): the "
            "base scenario's distribution is kept"
        )
        findings.base_kept.append(f"{address}: fewer than {FEWEST} returns")
        findings.estimates.append(
            Estimate(
                address, None, None, None, durations.n, "none", f"{durations.returns} returns: base kept"
            )
        )
        return None
    method = f"{chosen.family}{' with never' if chosen.cure else ''}, censored maximum likelihood"
    written: dict[str, object] = {"dist": chosen.family}
    for name, value in chosen.settings.items():
        low, high = chosen.interval(name)
        written[name] = rounded(value)
        findings.estimates.append(
            Estimate(
                f"{address}.{name}", value, low, high, durations.n, method, f"{durations.returns} returns"
            )
        )
    low_never, high_never = chosen.interval("never") if chosen.cure else (None, None)
    _summary(event, fits, chosen, method, (low_never, high_never), findings)
    share = f"{durations.returns:,} returns; share that returns {1 - chosen.never:.3f}"
    if low_never is not None and high_never is not None:
        share += f" ({1 - high_never:.3f} to {1 - low_never:.3f})"
    findings.set(address, written, f"export, n = {durations.n:,}, {share}; {method}")
    if chosen.covariance is None:
        findings.warnings.append(
            f"these data do not determine the uncertainty of the time to return after {event}: forecasts leave it "
            "out"
        )
    else:
        settings = tuple(f"{address}.{name}" for name in chosen.names)
        findings.uncertainty.append(JointUncertainty(entry, settings, chosen.scales, chosen.covariance))
    others = [fit for fit in fits.fits[1:] if fit.aic < chosen.aic + 2.0 and fit.covariance is not None]
    if others:
        names = ", ".join(f"{fit.family}{' with never' if fit.cure else ''}" for fit in others)
        findings.warnings.append(
            f"after {event} other distributions fit about as well as the {chosen.family} ({names}): they differ "
            "beyond the times observed, and the intervals do not include that difference"
        )
    return chosen


def _summary(
    event: str,
    fits: ReturnFits,
    chosen: Fit,
    method: str,
    never: tuple[float | None, float | None],
    findings: Findings,
) -> None:
    """Record the share that returns, the median time, and the naive mean that it replaces."""
    durations = fits.durations
    low_never, high_never = never
    findings.estimates.append(
        Estimate(
            f"return_share after {event}",
            1.0 - chosen.never,
            None if high_never is None else 1.0 - high_never,
            None if low_never is None else 1.0 - low_never,
            durations.n,
            method,
            "1 less never" if chosen.cure else "the distribution has no share that never returns",
        )
    )
    findings.estimates.append(
        Estimate(
            f"median days to return after {event}",
            chosen.quantile(0.5),
            *chosen.quantile_interval(0.5),
            durations.returns,
            method,
            "of patients who return",
        )
    )
    findings.estimates.append(
        Estimate(
            f"naive mean days to return after {event}",
            naive_moments(durations)["mean"],
            *mean_interval(durations.by[durations.returned]),
            durations.returns,
            "mean of the returns observed",
            "leaves out absences that have not ended: not used",
        )
    )


def check_against_curve(curve: Curve, chosen: Fit | None, event: str, findings: Findings) -> None:
    """Warn if the fitted distribution leaves the Kaplan-Meier interval on many days."""
    if chosen is None:
        return
    fitted = chosen.away(curve.day)
    known = ~np.isnan(curve.low) & (curve.returned.cumsum() > 0) & (curve.at_risk >= 10)
    outside = known & ((fitted < curve.low) | (fitted > curve.high))
    if known.any() and outside.sum() > _OUTSIDE * known.sum():
        findings.warnings.append(
            f"after {event} the fitted distribution leaves the Kaplan-Meier interval on {outside.sum()} of "
            f"{known.sum()} days: look at report.html before you use it"
        )
