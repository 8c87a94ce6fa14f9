"""The names a scenario knows, and which of them a misspelt one means."""

from __future__ import annotations

import types
import typing
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel

from simclinic.scenario.addresses import address
from simclinic.scenario.distributions import LAWS
from simclinic.scenario.problems import Path, by_nearness, nearest
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


def settings(model: Raw, tables: Raw, above: Path = ()) -> Iterator[Path]:
    """List the places of all settings: those that a section may have, and those of the entries there are.

    Parameters
    ----------
    model
        The type of the value at the place.
    tables
        The value there; its named entries are searched, too.
    above
        The place.
    """
    kind: Any = _bare(model)
    inner = tables if isinstance(tables, dict) else {}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            part = field.alias or name
            yield from settings(field.annotation, inner.get(part), (*above, part))
        return
    yield above
    origin: Any = typing.get_origin(kind)
    within = typing.get_args(kind)[1] if origin is dict else None
    entries = isinstance(within, type) and issubclass(within, BaseModel)
    for part, value in inner.items():
        if isinstance(value, dict) or not entries:
            yield from settings(within, value, (*above, part))


def elsewhere(written: Path, known: Iterable[Path]) -> list[Path]:
    """Find the settings whose last parts are those of an address that leads nowhere, the likeliest first."""
    alike = {place: _shared(written, place) for place in known}
    most = max(alike.values(), default=0)
    if not most:
        return []
    found = {address(place): place for place, shared in alike.items() if shared == most}
    return [found[name] for name in by_nearness(address(written), found)]


def _shared(written: Path, place: Path) -> int:
    """Count the last parts that two places share."""
    pairs = zip(reversed(written), reversed(place), strict=False)
    return next(
        (count for count, (one, other) in enumerate(pairs) if one != other), min(len(written), len(place))
    )


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
