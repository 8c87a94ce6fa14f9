"""A rough estimate of the time of a replication, before the first one is run.

It is only accurate enough to tell whether starting workers is worthwhile.
"""

from __future__ import annotations

from simclinic.scenario import Scenario

_PER_REPLICATION = 0.01
_PER_WEEK = 0.0002
_PER_REFERRAL = 0.00012


def seconds(scenario: Scenario) -> float:
    """Estimate the seconds of one replication."""
    run, demand = scenario.run, scenario.demand
    weeks = run.warm_up_weeks + run.weeks
    referrals = demand.referrals_per_week * weeks if demand.referrals is None else len(demand.referrals)
    return _PER_REPLICATION + _PER_WEEK * weeks + _PER_REFERRAL * referrals
