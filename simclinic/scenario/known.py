"""The names a scenario knows, and which of them a misspelt one means."""

from __future__ import annotations

import types
import typing
import unicodedata
from typing import Any

from pydantic import BaseModel

from simclinic.scenario.distributions import LAWS
from simclinic.scenario.problems import Path, nearest
from simclinic.scenario.section import Raw


def names_at(model: Raw, path: Path, tables: Raw = None) -> list[str]:
    """List the settings that the table at a place may have; empty if it is no section."""
    kind: Any = _bare(model)
    for part in path:
        tables = tables.get(part) if isinstance(tables, dict) else None
        kind = _step_into(kind, part)
    if kind is not None and not isinstance(kind, type):
        named = tables.get("dist") if isinstance(tables, dict) else None
        kind = LAWS.get(named) if isinstance(named, str) else None
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [field.alias or name for name, field in kind.model_fields.items()]
    return []


def _step_into(kind: Raw, part: str | int) -> Raw:
    """Go from a section to the type of one of its settings, or from a collection to that of its entries."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if part == (field.alias or name):
                return _bare(field.annotation)
        return None
    origin: Any = typing.get_origin(kind)
    return _bare(typing.get_args(kind)[1]) if origin is dict else None


def _bare(kind: Raw) -> Raw:
    """Take off `Annotated` and `| None`."""
    while True:
        origin: Any = typing.get_origin(kind)
        parts = [part for part in typing.get_args(kind) if part is not type(None)]
        united = origin in (typing.Union, types.UnionType)
        if origin is not typing.Annotated and not (united and len(parts) == 1):
            return kind
        kind = parts[0]


_CYRILLIC = str.maketrans("авеһіјкмнорсѕтухԁ", "abehijkmhopcstyxd")
_GREEK = str.maketrans("αεικνορτυχ", "aeiknoptyx")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")


def strange_letter(written: str) -> str | None:
    """Name the first character that no key is written with, though it may look like one that is."""
    strange = next((letter for letter in written if ord(letter) > 126), None)
    return None if strange is None else unicodedata.name(strange, f"the character {ord(strange):#x}")


def misspelt(key: str, rule: str, names: list[str]) -> tuple[str, str | None]:
    """Word the rule for an unknown key, and find the setting it probably means.

    A letter of another alphabet that only looks like a Latin one is called by its name: nobody sees it.
    """
    strange = strange_letter(key)
    if strange is None:
        return rule, nearest(key, names)
    plain = unicodedata.normalize("NFKC", key).translate(_CYRILLIC).translate(_GREEK).translate(_DASHES)
    return f"{rule}: it is written with {strange}", nearest(plain, names)
