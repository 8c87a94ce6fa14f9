"""What silence says: a patient of whom nothing has been heard since the last infusion.

Nobody knows of today's patients who has relapsed without telling, and who will never come again. What is known is
that no relapse has been noticed so far: it was not reported, and at the last check-in there was none. The longer a
patient has been silent, the likelier is one who has left the programme, or who never relapses.

With S(t) the probability that no relapse has come within t days, e the days from the last infusion to the last
closing (who has called since has not been heard yet), c ≤ e those to the last check-in, and s the share who report
a relapse at once, silence has the probability

    s S(e) + (1 - s) S(c)    of a patient who stays in the programme, and 1 of one who has left it,

and Bayes' rule gives the rest.

So it is with a series, too. Whoever goes on with it has the next infusion at the protocol's gap, or misses it and
has another appointment a gap later; whoever has dropped out is merely not seen any more. Of a patient without an
appointment who should have come k times since the last infusion, silence has the probability m to the power k,
where m is the share of appointments missed, and 1 if the patient has dropped out.
"""

from __future__ import annotations

import numpy as np

from simclinic.arrays import Bools, Floats
from simclinic.sampling import distributions
from simclinic.sampling.streams import AnyIntegers
from simclinic.scenario import Scenario


def relapse_within(scenario: Scenario, course: AnyIntegers, days: Floats) -> Floats:
    """Give the probability of a relapse within so many days after a booster course (0: the series)."""
    after_series = distributions.cdf(scenario.relapse.days, days)
    if not course.any():
        return after_series
    factor = _factor(scenario, course)
    return np.where(course == 0, after_series, distributions.cdf(scenario.boosters.days, days / factor))


def _factor(scenario: Scenario, course: AnyIntegers) -> Floats:
    """Give the factor on the days to the relapse after a booster course, of which the panel may have had many."""
    with np.errstate(over="ignore", under="ignore"):
        longer = scenario.boosters.lengthening ** (course - 1.0)
    return np.clip(longer, 1e-9, 1e9)


def days_to_relapse(scenario: Scenario, course: AnyIntegers, u: Floats) -> Floats:
    """Give the days to the relapse after a booster course (0: the series), by inversion; infinite: never."""
    first = course == 0
    if first.all():
        return distributions.quantile(scenario.relapse.days, u)
    later = distributions.quantile(scenario.boosters.days, u) * _factor(scenario, course)
    if not first.any():
        return later
    return np.where(first, distributions.quantile(scenario.relapse.days, u), later)


def after_last_contact(
    scenario: Scenario,
    course: AnyIntegers,
    elapsed: Floats,
    u_relapse: Floats,
    u_report: Floats,
    u_leave: Floats,
) -> tuple[Floats, Bools, Bools]:
    """Draw what becomes of patients who have been silent.

    Parameters
    ----------
    course
        Booster courses each has had (0: only the series), shape (n,).
    elapsed
        Days from each one's last infusion to the last moment at which they would have been heard.
    u_relapse, u_report, u_leave
        A uniform number each.

    Returns
    -------
    days, reports, leaves
        Days from the last infusion to the relapse (infinite: never), whether it is reported at once, and whether
        the patient has left the programme. A relapse that has come already is noticed at the next check-in.
    """
    rules = scenario.boosters
    checked = np.floor(elapsed / rules.check_in_days) * rules.check_in_days
    by_now = relapse_within(scenario, course, elapsed)
    by_check = relapse_within(scenario, course, checked)
    telling = rules.self_report * (1.0 - by_now)
    unheard = telling + (1.0 - rules.self_report) * (1.0 - by_check)
    leaving = np.where(course > 0, rules.attrition, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        reports = u_report < np.where(unheard > 0.0, telling / unheard, 1.0)
        # Who could not have been silent so long, but must stay, asks today.
        leaves = u_leave < np.where(leaving > 0.0, leaving / (leaving + (1.0 - leaving) * unheard), 0.0)
    past = np.where(reports, elapsed, checked)
    gone = np.where(reports, by_now, by_check)
    u = np.minimum(gone + (1.0 - gone) * u_relapse, distributions.BELOW_ONE)
    days = np.where(unheard > 0.0, np.maximum(days_to_relapse(scenario, course, u), past), elapsed)
    return days, reports, leaves


def dropped_out(
    scenario: Scenario, drop_out: Floats, gap: tuple[AnyIntegers, AnyIntegers], unheard: AnyIntegers
) -> Floats:
    """Give the probability that patients within a series have dropped out after their last infusion.

    Parameters
    ----------
    drop_out
        Share who drop out after that infusion, shape (n,).
    gap
        The least and the most days of each one's protocol between infusions.
    silent
        Days from the last infusion to the last open day, holidays not counted.
    """
    least, most = gap
    expected = np.where(unheard < most, 0, 1 + (unheard - most) // np.maximum(least, 1))
    missed = 0.0
    if scenario.booking.mode != "walk-in":
        missed = scenario.attendance.no_show + scenario.attendance.late_cancel
    among = drop_out + (1.0 - drop_out) * missed**expected
    return np.where(among > 0.0, drop_out / np.where(among > 0.0, among, 1.0), 0.0)
