"""The assumptions that matter most, and the limits that a clinic has set itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from simclinic.measures.targets import VERDICT, targets_of
from simclinic.report.assumptions import assumptions
from simclinic.report.page import Assumption
from simclinic.scenario import Scenario
from simclinic.scenario.targets import bound

_MATTER_MOST = (
    "demand.referrals_per_week",
    "response.probability",
    "boosters.uptake",
    "boosters.attrition",
    "intake.accepts",
    "response.drop_out",
    "relapse.days",
    "boosters.days",
    "boosters.lengthening",
    "intake.contraindicated",
    "intake.consult_no_show",
)
"""Referrals, then what docs/background/sensitivity.md found to matter most for boosters and access."""

_LONG_NUMBER = re.compile(r"(?<![\w.])\d+\.\d{4,}(?![\w.])")
_MOST = 6
_LIMITS = ("balked_share", "overtime_day_share", "started_on_time_share")
"""Limits on key figures that every scenario has."""


def matters(scenario: Scenario, varied: Collection[str] = ()) -> list[Assumption]:
    """List the assumptions that matter most, in their order; what a protocol says itself follows the scenario's.

    Parameters
    ----------
    scenario
        Whose.
    varied
        Addresses of settings that the study varies: these are no assumptions.
    """
    listed = {each.address: each for each in assumptions(scenario)}
    wanted = [
        address
        for name in _MATTER_MOST
        for address in (name, *(f"protocols.{protocol}.{name}" for protocol in scenario.protocols))
    ]
    named = [name for name in wanted if name in listed and not _varies(name, varied)]
    return [_briefly(listed[name]) for name in named[:_MOST]]


def _briefly(assumption: Assumption) -> Assumption:
    """Leave of an explanation where the default comes from, and of estimates three digits.

    What the setting is, its name in words says; the appendix has all digits.
    """
    _, found, default = assumption.source.partition("Default: ")
    source = default if found else assumption.source
    return replace(
        assumption,
        value=_LONG_NUMBER.sub(lambda number: f"{float(number[0]):.3g}", assumption.value),
        source=f"set in the scenario; the default: {source}" if assumption.changed else source,
    )


def _varies(name: str, varied: Collection[str]) -> bool:
    return any(each == name or each.startswith(f"{name}.") for each in varied)


Limits = dict[str, tuple[bool, float]]
"""For key figures, whether they should be at most a limit, and the limit in their own unit."""


def limits_of(scenarios: Sequence[Scenario]) -> Limits:
    """Return targets, guards and limits on means of key figures; those that all scenarios have alike.

    Parameters
    ----------
    scenarios
        Whose; at least one.
    """
    first, *others = (_limits(each) for each in scenarios)
    return {name: limit for name, limit in first.items() if all(each.get(name) == limit for each in others)}


def _limits(scenario: Scenario) -> Limits:
    found = {
        target.by: target.bound
        for target in targets_of(scenario)
        if target.figure != VERDICT and target.years is None
    }
    for name in _LIMITS:
        found.setdefault(name, (name != "started_on_time_share", bound(getattr(scenario.targets, name))))
    return found
