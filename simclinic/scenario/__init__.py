"""Scenarios: TOML files turned into one frozen, checked description of a clinic.

>>> from simclinic.scenario import baseline, with_overrides
>>> with_overrides(baseline(), ["shifts.day.nurses=3"]).shifts["day"].nurses
3
"""

from __future__ import annotations

from simclinic.scenario.canonical import scenario_hash
from simclinic.scenario.changes import Situation
from simclinic.scenario.hours import WEEKDAYS, Span
from simclinic.scenario.load import from_toml, load, with_overrides
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
    "resolved_toml",
    "scenario_hash",
    "with_overrides",
]
