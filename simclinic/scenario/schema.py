"""The JSON Schema of scenario files, for editors: completion, explanations, and checks while typing.

It has every section, setting, bound and explanation; rules between settings are checked by the program only. It is
written in draft 7, which TOML editors understand. A file that extends another may leave out inherited settings, so
only a name or an `extends` is required.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel

from simclinic.scenario.distributions import FAMILIES
from simclinic.scenario.scenario import Scenario
from simclinic.scenario.section import Raw, Section

_REFERENCE = "#/definitions/{model}"

_ENTRIES = (
    "Shift",
    "Protocol",
    "Step",
    "Complication",
    "Uncertainty",
    "Calibrated",
    "VisitType",
    "Role",
    "Place",
)


@cache
def explanations(section: type[BaseModel]) -> dict[str, str]:
    """Read the docstrings under a section's settings: unit, meaning, source.

    Pydantic could read them at import; that would double the time a worker needs to start.
    """
    texts: dict[str, str] = {}
    for kind in reversed(section.__mro__):
        if not issubclass(kind, Section) or kind is Section:
            continue
        tree = ast.parse(inspect.getsource(sys.modules[kind.__module__]))
        body = next(
            node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == kind.__name__
        )
        for field, text in pairwise(body):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(text, ast.Expr)
                and isinstance(text.value, ast.Constant)
                and isinstance(text.value.value, str)
            ):
                texts[field.target.id] = inspect.cleandoc(text.value.value)
    return texts


def json_schema() -> dict[str, Any]:
    """Make the JSON Schema (draft 7) of a scenario file."""
    schema = Scenario.model_json_schema(ref_template=_REFERENCE)
    definitions: dict[str, Any] = schema.pop("$defs")
    for name, allow_never in (("Distribution", False), ("TimeToRelapse", True)):
        families = []
        for family in FAMILIES.values():
            table = family.model_json_schema(ref_template=_REFERENCE)
            _explain(table, family)
            table["required"] = [*table.get("required", []), "dist"]
            if not allow_never:
                del table["properties"]["never"]
            families.append(table)
        definitions[name] = {
            "description": "A number, or a table whose dist names the family.",
            "anyOf": [{"type": "number"}, *families],
        }
    _explain(schema, Scenario)
    for section in _sections(Section):
        if section.__name__ in definitions:
            _explain(definitions[section.__name__], section)
    for name in _ENTRIES:
        # With `extends`, an entry names only what differs.
        definitions[name].pop("required", None)
    for word in ("after", "before"):
        definitions["Step"]["properties"][word] = {
            "description": f"The step that this one comes {word}, in a file that extends another.",
            "type": "string",
        }
    definitions["StopRule"].pop("required", None)
    definitions["Shift"]["properties"]["number"] = {
        **definitions["Shift"]["properties"]["nurses"],
        "description": "The same as `nurses`, for another role.",
    }
    # The bare words are read as tables with `need`.
    definitions["ClaimTable"] = definitions["Claim"]
    definitions["Claim"] = {
        "description": definitions["ClaimTable"]["description"],
        "anyOf": [
            {"enum": ["hands-on", "on-site"]},
            {"$ref": _REFERENCE.format(model="ClaimTable")},
        ],
    }
    schema["properties"]["extends"] = {
        "description": "The scenario file that this one varies, in the same folder or below.",
        "type": "string",
    }
    schema.pop("required", None)
    schema["anyOf"] = [{"required": ["name"]}, {"required": ["extends"]}]
    schema["definitions"] = definitions
    plain: dict[str, Any] = _plain(schema)
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "simclinic scenario", **plain}


def _sections(kind: type[Section]) -> Iterator[type[Section]]:
    for section in kind.__subclasses__():
        yield section
        yield from _sections(section)


def _explain(schema: dict[str, Any], section: type[BaseModel]) -> None:
    texts = explanations(section)
    for name, field in section.model_fields.items():
        schema["properties"][field.alias or name]["description"] = texts[name]


def _plain(schema: Raw, *, entries: bool = False) -> Raw:
    """Turn pydantic's schema into draft 7 for TOML, where `false` drops an inherited value and null is unknown."""
    if isinstance(schema, list):
        return [_plain(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if entries:  # a table of settings by name, in which "title" and "default" would be names
        return {name: _plain(inner) for name, inner in schema.items()}
    if schema == {"type": "null"}:
        return {"const": False}
    plain: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "title" or (key == "default" and value is None):
            continue
        if key in ("maximum", "exclusiveMaximum") and value >= 2**63:
            continue  # beyond the integers of editors
        if key == "distribution":
            plain["$ref"] = _REFERENCE.format(model=value)
        elif key == "prefixItems":
            plain["items"] = _plain(value[0])
        elif key == "propertyNames" and "enum" in value:
            # Spelt out, so that editors complete the days of the week.
            entry = {"anyOf": [_plain(schema["additionalProperties"]), {"const": False}]}
            plain["properties"] = dict.fromkeys(value["enum"], entry)
            plain["additionalProperties"] = False
        elif key == "additionalProperties" and isinstance(value, dict) and value:
            plain.setdefault(key, {"anyOf": [_plain(value), {"const": False}]})
        else:
            plain[key] = _plain(value, entries=key in ("properties", "definitions"))
    if "$ref" in plain and len(plain) > 1:
        plain["allOf"] = [{"$ref": plain.pop("$ref")}]  # draft 7 ignores keys beside a reference
    return plain
