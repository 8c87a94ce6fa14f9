"""What a scenario uses of other packages and of scripts."""

from __future__ import annotations

from simclinic import plugins
from simclinic.scenario.boosters import BUILT_IN
from simclinic.scenario.scenario import Scenario


def used(scenario: Scenario) -> tuple[tuple[plugins.Group, str], ...]:
    """Return what a scenario uses of other packages and of scripts."""
    found = [(plugins.KPIS, name) for name in scenario.own.kpis]
    policies = (laws.boosters.policy for laws in scenario.laws.values())
    found += [(plugins.POLICIES, policy) for policy in dict.fromkeys(policies) if policy not in BUILT_IN]
    if scenario.booking.rule is not None:
        found.append((plugins.BOOKING, scenario.booking.rule))
    return tuple(found)
