"""Bounds on the size of one replication, so that none runs without end.

The bounds are counts in a clinic's own units, not seconds or bytes, so the same replications fail on every machine.
They lie far above any existing clinic, and keep one replication below about three gigabytes of memory.
"""

from __future__ import annotations

import math

from simclinic.scenario.demand import Demand
from simclinic.scenario.run import Run

MOST_REFERRED = 250_000
"""Most referrals in the simulated time: a thousand a week for five years; the typical clinic has ten a week."""

MOST_NURSE_SHIFTS = 10_000_000
"""Most shifts of single nurses in the simulated time: a thousand nurses, every day, for 27 years."""

MOST_VISITS = 1_000_000
"""Most appointments and requests: a hundred chairs with five visits a day, every day, for five and a half years."""

MOST_WAITING = 20_000
"""Most patients who wait at once, besides the panel: as many as a clinic of three chairs treats in thirty years."""

MOST_A_DAY = 24
"""Most visits of one patient on one day: one an hour, although an infusion with observation takes longer."""

MOST_EVENTS = 20_000_000
"""Most events: twenty for each of `MOST_VISITS`; a visit has about five."""

_DAYS_PER_YEAR = 365.25
_LARGEST_POWER = 700.0  # exp of more overflows


def referred(run: Run, demand: Demand) -> float:
    """Return the expected number of referrals in the simulated time, growth included; infinite if it overflows.

    Parameters
    ----------
    run, demand
        Sections of a scenario; the demand is assumed to hold all the time.
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
