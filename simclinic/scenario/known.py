"""The names a scenario knows, and which of them a misspelt one means."""

from __future__ import annotations

import types
import typing
import unicodedata
from typing import Any

from pydantic import BaseModel

from simclinic.scenario.distributions import LAWS
from simclinic.scenario.problems import Path, nearest


def names_at(model: Any, path: Path, tables: Any = None) -> list[str]:
    """List the settings that the table at a place may have; empty if it is no section."""
    kind: Any = model
    for part in path:
        tables = tables.get(part) if isinstance(tables, dict) else None
        kind = _step_into(kind, part)
    if kind is not None and not isinstance(kind, type):
        named = tables.get("dist") if isinstance(tables, dict) else None
        kind = LAWS.get(named) if isinstance(named, str) else None
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [field.alias or name for name, field in kind.model_fields.items()]
    return []


def _step_into(kind: Any, part: str | int) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if part == (field.alias or name):
                return _bare(field.annotation)
        return None
    arguments = typing.get_args(kind)
    return _bare(arguments[1]) if typing.get_origin(kind) is dict else None


def _bare(kind: Any) -> Any:
    """Take off `Annotated` and `| None`."""
    while True:
        if typing.get_origin(kind) is typing.Annotated:
            kind = typing.get_args(kind)[0]
            continue
        if typing.get_origin(kind) in (typing.Union, types.UnionType):
            rest = [part for part in typing.get_args(kind) if part is not type(None)]
            if len(rest) == 1:
                kind = rest[0]
                continue
        return kind


_LOOKALIKES = str.maketrans(
    "авеіјкмнорсѕтухԁοαρενικτυ‐‑‒–—−", "abeijkmhopcstyxdoapevikty------".ljust(31, "-")
)


def misspelt(key: str, rule: str, names: list[str]) -> tuple[str, str | None]:
    """Word the rule for an unknown key, and find the setting it probably means.

    A letter of another alphabet that only looks like a Latin one is called by its name: nobody sees it.
    """
    strange = next((letter for letter in key if ord(letter) > 126), None)
    if strange is not None:
        told = unicodedata.name(strange, "a character without a name")
        plain = unicodedata.normalize("NFKC", key).translate(_LOOKALIKES)
        return f"is no setting of this table: it is written with {told}", nearest(plain, names)
    return rule, nearest(key, names)
