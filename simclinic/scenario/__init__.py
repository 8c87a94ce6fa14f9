"""Scenarios: TOML files turned into a frozen, validated description of a clinic.

>>> from simclinic.scenario import baseline, replace
>>> replace(baseline(), shifts={"day": {"nurses": 3}}).shifts["day"].nurses
3
"""

from __future__ import annotations

from simclinic.scenario.canonical import scenario_hash
from simclinic.scenario.changes import Situation
from simclinic.scenario.copies import replace, with_overrides, with_settings
from simclinic.scenario.hours import WEEKDAYS, Span
from simclinic.scenario.load import from_toml, load
from simclinic.scenario.resolved import resolved_toml
from simclinic.scenario.scenario import Scenario, baseline
from simclinic.scenario.schema import json_schema

__all__ = [
    "WEEKDAYS",
    "Scenario",
    "Situation",
    "Span",
    "baseline",
    "from_toml",
    "json_schema",
    "load",
    "replace",
    "resolved_toml",
    "scenario_hash",
    "with_overrides",
    "with_settings",
]
