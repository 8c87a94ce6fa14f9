"""The laws of a clinic whose protocols have none of their own."""

from simclinic.scenario import Scenario
from simclinic.scenario.laws import Laws


def only(scenario: Scenario) -> Laws:
    """Return the laws that hold for all patients."""
    [laws] = dict.fromkeys(scenario.laws.values())
    return laws
