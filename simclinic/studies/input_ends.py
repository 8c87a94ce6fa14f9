"""The inputs that matter most to a staffing plan, and the ends of their ranges.

Most boosters follow from few inputs that no clinic knows well: how many patients leave after each booster, how many
take boosters at all, and how many are referred (docs/background/sensitivity.md). An input that was estimated from
the clinic's own data lies within its 90 % interval; otherwise attrition and uptake have the ranges of the evidence
(docs/background/evidence.md), and referrals 10 % less and more (assumed). A protocol that has an attrition or an
uptake of its own has ends of its own, too.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import NamedTuple

from simclinic.planning.load import load_on_paper
from simclinic.scenario import Scenario, with_settings
from simclinic.scenario.addresses import address_parts
from simclinic.scenario.laws import in_part
from simclinic.studies.plan_space import Plan

_NORMAL_95 = 1.6449
_EVIDENCE = {"attrition": (0.03, 0.12), "uptake": (0.40, 0.95)}
_REFERRALS = "demand.referrals_per_week"
_REFERRALS_BY = (0.9, 1.1)


class InputEnd(NamedTuple):
    """An input at one end of its range.

    Attributes
    ----------
    address
        The setting.
    name
        What it means, for people: "3 % leave after each booster".
    usual, value
        Its value in the scenario, and at this end.
    """

    address: str
    name: str
    usual: float
    value: float

    def plan(self, plan: Plan) -> Plan:
        """Return a plan with the input at this end."""
        changed = self.changed(plan.scenario)
        return dataclasses.replace(plan, scenario=changed, load=load_on_paper(changed))

    def changed(self, scenario: Scenario) -> Scenario:
        """Return a scenario with the input at this end."""
        return with_settings(scenario, {self.address: self.value})


def ends_of(scenario: Scenario) -> Iterator[InputEnd]:
    """Yield both ends of the inputs that matter; none of an input without effect, or of replayed referrals.

    Parameters
    ----------
    scenario
        The clinic.
    """
    usual = {f"boosters.{setting}": getattr(scenario.boosters, setting) for setting in _EVIDENCE}
    for name, protocol in scenario.protocols.items():
        own = {key: value for key, value in (protocol.boosters or {}).items() if key in _EVIDENCE}
        usual |= {f"protocols.{name}.boosters.{setting}": value for setting, value in own.items()}
    if scenario.demand.referrals is None:
        usual[_REFERRALS] = scenario.demand.referrals_per_week
    load = load_on_paper(scenario)
    for address, here in usual.items():
        for value in _range(scenario, address, here):
            end = InputEnd(address, _named(address, value), here, value)
            if not math.isclose(load_on_paper(end.changed(scenario)), load, rel_tol=1e-9):
                yield end


def _range(scenario: Scenario, address: str, here: float) -> tuple[float, ...]:
    """Return the ends of an input: of its estimate, or of the evidence."""
    for entry in scenario.uncertainty.values():
        if address in entry.settings:
            place = entry.settings.index(address)
            half = _NORMAL_95 * math.sqrt(entry.covariance[place][place])
            return tuple(round(_moved(entry.scale[place], here, by), 4) for by in (-half, half))
    if address == _REFERRALS:
        return tuple(round(here * factor, 2) for factor in _REFERRALS_BY) if here else ()
    low, high = _EVIDENCE[address.rpartition(".")[2]]
    return (low if here > low else round(here / 2, 4), high if here < high else round((1 + here) / 2, 4))


def _moved(scale: str, value: float, by: float) -> float:
    """Move a value on the scale on which its error is normal."""
    if scale == "log":
        return value * math.exp(by)
    if scale == "logit":
        return 1.0 / (1.0 + (1.0 / value - 1.0) * math.exp(-by))
    return value + by


def _named(address: str, value: float) -> str:
    of_scenario = in_part(address_parts(address))
    who = f" of protocol {address_parts(address)[1]}" if of_scenario else ""
    if address.endswith("boosters.attrition"):
        return f"{100 * value:.3g} %{who} leave after each booster"
    if address.endswith("boosters.uptake"):
        return f"{100 * value:.3g} %{who} take boosters"
    return f"{value:g} referrals come a week"
