"""Conditioning on the time since last contact: left-truncated relapse and drop-out of today's patients.

Whether a patient of today's panel has relapsed without reporting it, or has left for good, is not known. It is
known that no relapse has been noticed so far: none was reported, and there was none at the last check-in. The
longer a patient has been without contact, the more probable it is that the patient has left the programme or
never relapses.

Let S(t) be the probability of no relapse within t days, e the days from the last infusion to the last closing (a
later call has not been answered yet), c ≤ e the days to the last check-in, and s the share of patients who report a
relapse at once. The time without contact then has the likelihood

    s S(e) + (1 - s) S(c)    for a patient who stays in the programme, and 1 for one who has left it,

and Bayes' rule gives the posterior probabilities.

The same holds within a series. A patient who continues has the next infusion at the protocol's gap, or misses it
and has another appointment a gap later; a patient who has dropped out does not come again. For a patient without
an appointment who should have come k times since the last infusion, the likelihood is m to the power k, where m
is the share of appointments missed, and 1 if the patient has dropped out.
"""

from __future__ import annotations

import numpy as np

from simclinic.arrays import Bools, Floats
from simclinic.sampling import distributions
from simclinic.sampling.streams import AnyIntegers
from simclinic.scenario import Scenario
from simclinic.scenario.laws import Laws


def relapse_within(laws: Laws, course: AnyIntegers, days: Floats) -> Floats:
    """Return the probability of a relapse within `days` after a booster course (0: the series)."""
    after_series = distributions.cdf(laws.relapse.days, days)
    if not course.any():
        return after_series
    factor = _factor(laws, course)
    return np.where(course == 0, after_series, distributions.cdf(laws.boosters.days, days / factor))


def _factor(laws: Laws, course: AnyIntegers) -> Floats:
    """Return the factor on the days to relapse after a booster course; clipped, as a panel may have had many."""
    if laws.boosters.lengthening == 1.0:
        return np.ones(course.shape)
    with np.errstate(over="ignore", under="ignore"):
        longer = laws.boosters.lengthening ** (course - 1.0)
    return np.clip(longer, 1e-9, 1e9)


def days_to_relapse(laws: Laws, course: AnyIntegers, u: Floats) -> Floats:
    """Draw the days to relapse after a booster course (0: the series), by inversion; infinite: never."""
    first = course == 0
    if first.all():
        return distributions.quantile(laws.relapse.days, u)
    later = distributions.quantile(laws.boosters.days, u) * _factor(laws, course)
    if not first.any():
        return later
    return np.where(first, distributions.quantile(laws.relapse.days, u), later)


def after_last_contact(
    laws: Laws,
    course: AnyIntegers,
    elapsed: Floats,
    u_relapse: Floats,
    u_report: Floats,
    u_leave: Floats,
) -> tuple[Floats, Bools, Bools]:
    """Draw what follows the last infusion of patients without contact since.

    Parameters
    ----------
    laws
        Those of all these patients.
    course
        Booster courses of each patient (0: only the series), shape (n,).
    elapsed
        Days from each patient's last infusion to the last moment at which a call would have been answered.
    u_relapse, u_report, u_leave
        Uniform numbers, shape (n,).

    Returns
    -------
    days, reports, leaves
        Days from the last infusion to the relapse (infinite: never), whether it is reported at once, and whether
        the patient has left the programme. A relapse in the past is noticed at the next check-in.
    """
    rules = laws.boosters
    checked = np.floor(elapsed / rules.check_in_days) * rules.check_in_days
    by_now = relapse_within(laws, course, elapsed)
    by_check = relapse_within(laws, course, checked)
    telling = rules.self_report * (1.0 - by_now)
    likelihood = telling + (1.0 - rules.self_report) * (1.0 - by_check)
    leaving = np.where(course > 0, rules.attrition, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        reports = u_report < np.where(likelihood > 0.0, telling / likelihood, 1.0)
        # With likelihood 0 and no attrition, the patient stays and requests a booster today.
        leaves = u_leave < np.where(leaving > 0.0, leaving / (leaving + (1.0 - leaving) * likelihood), 0.0)
    past = np.where(reports, elapsed, checked)
    gone = np.where(reports, by_now, by_check)
    u = np.minimum(gone + (1.0 - gone) * u_relapse, distributions.BELOW_ONE)
    days = np.where(likelihood > 0.0, np.maximum(days_to_relapse(laws, course, u), past), elapsed)
    return days, reports, leaves


def dropped_out(
    scenario: Scenario, drop_out: Floats, gap: tuple[AnyIntegers, AnyIntegers], elapsed: AnyIntegers
) -> Floats:
    """Return the probability that patients within a series have dropped out after their last infusion.

    Parameters
    ----------
    drop_out
        Share of patients who drop out after that infusion, shape (n,).
    gap
        Least and most days between infusions in each patient's protocol.
    elapsed
        Days from the last infusion to the last open day, holidays not counted.
    """
    least, most = gap
    expected = np.where(elapsed < most, 0, 1 + (elapsed - most) // np.maximum(least, 1))
    missed = 0.0
    if scenario.booking.mode != "walk-in":
        missed = scenario.attendance.no_show + scenario.attendance.late_cancel
    among = drop_out + (1.0 - drop_out) * missed**expected
    return np.where(among > 0.0, drop_out / np.where(among > 0.0, among, 1.0), 0.0)
