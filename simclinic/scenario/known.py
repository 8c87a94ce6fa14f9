"""Names of settings, and the likely meaning of a misspelt one."""

from __future__ import annotations

import types
import typing
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel

from simclinic.scenario.addresses import address
from simclinic.scenario.distributions import FAMILIES
from simclinic.scenario.hours import Hours, InSomeWeeks
from simclinic.scenario.laws import PartOf
from simclinic.scenario.problems import Path, by_nearness, nearest
from simclinic.scenario.section import Raw
from simclinic.scenario.shifts import Shift
from simclinic.scenario.starts import TypedStart


def names_at(model: Raw, path: Path, tables: Raw = None) -> list[str]:
    """List the settings that the table at a place may have; empty if it is not a section."""
    kind: Any = _bare(model)
    for part in path:
        tables = tables.get(part) if isinstance(tables, dict) else None  # what lists hold has no `dist`
        kind = _step_into(kind, part)
    if kind is Hours:
        kind = InSomeWeeks
    if at_start := [each for each in map(_bare, typing.get_args(kind)) if each is TypedStart]:
        [kind] = at_start
    if kind is not None and not isinstance(kind, type):
        named = tables.get("dist") if isinstance(tables, dict) else None
        kind = FAMILIES.get(named) if isinstance(named, str) else None
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        also = ["number"] if kind is Shift else []
        return [*(field.alias or name for name, field in kind.model_fields.items()), *also]
    return []


def settings(model: Raw, tables: Raw, above: Path = ()) -> Iterator[Path]:
    """List the places of all settings: those of each section, and those of existing entries.

    Parameters
    ----------
    model
        The type of the value at the place.
    tables
        The value there; its named entries are listed, too.
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
    """Return the settings that share the most last parts with an invalid address, the likeliest first."""
    alike = {place: _shared(written, place) for place in known}
    most = max(alike.values(), default=0)
    if not most:
        return []
    candidates = {address(place): place for place, shared in alike.items() if shared == most}
    return [candidates[name] for name in by_nearness(address(written), candidates)]


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
                given = [each.section for each in field.metadata if isinstance(each, PartOf)]
                return given[0] if given else _bare(field.annotation)
        return None
    origin: Any = typing.get_origin(kind)
    if origin is tuple and isinstance(part, int):
        return _bare(typing.get_args(kind)[0])
    return _bare(typing.get_args(kind)[1]) if origin is dict else None


def _bare(kind: Raw) -> Raw:
    """Strip `Annotated` and `| None` from a type."""
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
    """Return the Unicode name of the first character that keys never have; it may look like a plain one."""
    strange = next((letter for letter in written if ord(letter) > 126), None)
    return None if strange is None else unicodedata.name(strange, f"the character {ord(strange):#x}")


def misspelt(key: str, rule: str, names: list[str]) -> tuple[str, str | None]:
    """Return the rule for an unknown key, and the setting that was probably meant.

    The rule names a letter of another alphabet that looks like a Latin one, since readers cannot see it.
    """
    strange = strange_letter(key)
    if strange is None:
        return rule, nearest(key, names)
    plain = unicodedata.normalize("NFKC", key).translate(_CYRILLIC).translate(_GREEK).translate(_DASHES)
    return f"{rule}: it contains {strange}", nearest(plain, names)
