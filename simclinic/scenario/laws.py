"""The laws of a protocol's patients: their response, their relapse and their boosters.

A protocol may say in part what holds for its own patients; what it does not say it takes from the scenario:

```toml
[protocols.spravato.boosters]
policy = "scheduled"
every_weeks = [1, 1, 1, 1, 2]
```

A part is kept as it was given, so that a later change of `boosters.attrition` reaches all protocols that do not
give an attrition of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from simclinic.scenario.boosters import Boosters
from simclinic.scenario.problems import Path
from simclinic.scenario.relapse import Relapse
from simclinic.scenario.response import Response
from simclinic.scenario.section import Raw, Section, TomlTable, frozen
from simclinic.scenario.tables import as_tables

Part = TomlTable[str, Any]
"""The settings of a section that a protocol gives: plain values, `False` for a setting that it drops."""

AnySection = TypeVar("AnySection", bound=Section)


class PartOf:
    """Makes a setting hold some settings of a section, each of them valid.

    Parameters
    ----------
    section
        The section; all its settings have defaults.
    """

    def __init__(self, section: type[Section]) -> None:
        self.section = section

    def __get_pydantic_core_schema__(self, _source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        part = core_schema.no_info_after_validator_function(_given, handler.generate_schema(self.section))
        written = core_schema.plain_serializer_function_ser_schema(_thawed)
        return core_schema.nullable_schema(part, serialization=written)


class Laws(NamedTuple):
    """What holds for the patients of a protocol: whole sections."""

    response: Response
    relapse: Relapse
    boosters: Boosters


NAMES = Laws._fields
"""The sections that a protocol may give in part."""


def in_part(path: Path) -> Path | None:
    """Return the place in the scenario of a setting that a protocol may give; None for any other setting."""
    if len(path) > 2 and path[0] == "protocols" and path[2] in NAMES:
        return path[2:]
    return None


def with_part(section: AnySection, part: Mapping[str, Any] | None) -> AnySection:
    """Return a section with the settings that a part gives; the section itself if it gives none."""
    if not part:
        return section
    given = type(section).model_validate(dict(part))
    return section.model_copy(update={name: getattr(given, name) for name in given.model_fields_set})


def _given(section: Section) -> Part:
    """Return the settings that were given, as plain values."""
    table = {}
    for name in type(section).model_fields:
        if name in section.model_fields_set:
            value = getattr(section, name)
            table[name] = False if value is None else frozen(as_tables(value))
    return TomlTable(table)


def _thawed(part: Part | None) -> Raw:
    return as_tables(part)
