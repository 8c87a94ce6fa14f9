"""How much one replication may hold, so that none runs without end.

The bounds are counts in a clinic's own units, never seconds or bytes: every machine fails the same replications.
They lie far above any clinic that exists, and keep one replication below about three gigabytes of memory.
"""

from __future__ import annotations

import math

from simclinic.scenario.demand import Demand
from simclinic.scenario.run import Run

MOST_REFERRED = 250_000
"""Patients referred in the simulated time: a thousand a week for five years; the typical clinic has ten a week."""

MOST_NURSE_SHIFTS = 10_000_000
"""Shifts of single nurses in the simulated time: a thousand nurses, every day, for 27 years."""

MOST_VISITS = 1_000_000
"""Appointments and requests: a hundred chairs with five visits a day, every day, for five and a half years."""

MOST_WAITING = 20_000
"""Patients who wait at once, beside those of the panel: what a clinic of three chairs treats in thirty years."""

MOST_A_DAY = 24
"""Visits of one patient on one day, one in each hour: an infusion and its watching alone take longer."""

MOST_EVENTS = 20_000_000
"""Moments at which something happens: twenty for each of the most visits; a visit has about five."""

_DAYS_PER_YEAR = 365.25
_LARGEST_POWER = 700.0  # of e that is still a number


def referred(run: Run, demand: Demand) -> float:
    """Count the patients expected to be referred in the simulated time, growth included; infinite: no number.

    Parameters
    ----------
    run, demand
        The sections of a scenario; the demand is taken to hold all the time.
    """
    first, last = -7 * run.warm_up_weeks, 7 * run.weeks
    origin = 0 if demand.growth_from is None else (demand.growth_from - run.start).days
    begins = min(max(origin, first), last)  # before it the rate is constant
    rate = math.log1p(demand.growth_per_year) / _DAYS_PER_YEAR
    if rate * (last - origin) > _LARGEST_POWER:
        return math.inf if demand.referrals_per_week else 0.0
    grown = float(last - begins)
    if rate:
        grown = (math.exp(rate * (last - origin)) - math.exp(rate * (begins - origin))) / rate
    return demand.referrals_per_week * (begins - first + grown) / 7
