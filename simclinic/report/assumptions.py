"""Every setting that a study uses: its value, whether it is changed, and the source of its default."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from simclinic.report.page import Assumption
from simclinic.scenario import Scenario, baseline
from simclinic.scenario.distributions import BaseDistribution
from simclinic.scenario.laws import PartOf
from simclinic.scenario.schema import explanations
from simclinic.scenario.section import Section
from simclinic.scenario.tables import as_tables

_LEFT_OUT = frozenset({"name", "description", "uncertainty", "referrals", "calibrated"})
_LONGEST = 160


def assumptions(scenario: Scenario) -> list[Assumption]:
    """List all settings, those that differ from the defaults first."""
    usual = as_tables(baseline())
    listed = [
        Assumption(address, _shown(value), changed=_at(usual, path) != value, source=_plain_text(text))
        for address, path, value, text in _settings(scenario, (), as_tables(scenario))
    ]
    return [each for each in listed if each.changed] + [each for each in listed if not each.changed]


def differing_settings(scenarios: Sequence[Scenario]) -> list[tuple[str, ...]]:
    """List the settings that are not the same in all scenarios: the address, then the value in each."""
    listed = [
        {address: value for address, _, value, _ in _settings(each, (), as_tables(each))}
        for each in scenarios
    ]
    addresses = dict.fromkeys(address for settings in listed for address in settings)
    return [
        (address, *(_shown(settings[address]) if address in settings else "none" for settings in listed))
        for address in addresses
        if any(settings.get(address) != listed[0].get(address) for settings in listed)
    ]


def _settings(
    section: BaseModel,
    above: tuple[str, ...],
    tables: Any,  # noqa: ANN401 (tables hold anything)
) -> Iterator[tuple[str, tuple[str, ...], Any, str]]:
    """Go through a section's settings: address, path, value as a file has it, explanation."""
    texts = explanations(type(section))
    for name, field in type(section).model_fields.items():
        key = field.alias or name
        value = getattr(section, name)
        if value is None or (not above and key in _LEFT_OUT):
            continue
        path = (*above, key)
        if isinstance(value, Section) and not isinstance(value, BaseDistribution):
            yield from _settings(value, path, tables[key])
        elif given := [each for each in field.metadata if isinstance(each, PartOf)]:
            meaning = explanations(given[0].section)
            for inner in value:
                yield ".".join((*path, inner)), (*path, inner), tables[key][inner], meaning[inner]
        elif isinstance(value, dict) and value and all(isinstance(each, Section) for each in value.values()):
            for entry, inner in value.items():
                yield from _settings(inner, (*path, entry), tables[key][entry])
        else:
            yield ".".join(path), path, tables[key], texts[name]


def _at(tables: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 (tables hold anything)
    for part in path:
        tables = tables.get(part) if isinstance(tables, dict) else None
    return tables


def _shown(value: Any) -> str:  # noqa: ANN401 (tables hold anything)
    if isinstance(value, dict):
        text = ", ".join(f"{key} {_shown(inner)}" for key, inner in value.items()) or "none"
    elif isinstance(value, list):
        text = ", ".join(_shown(inner) for inner in value) or "none"
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    else:
        text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _plain_text(text: str) -> str:
    """Write an explanation as one line without the marks of code."""
    return re.sub(r"\s+", " ", text.replace("`", "")).strip()
