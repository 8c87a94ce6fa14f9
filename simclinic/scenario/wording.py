"""The checker's findings in the clinic's words."""

from __future__ import annotations

import datetime as dt
import json
import re
import types
import typing
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from simclinic.scenario.distributions import LAWS
from simclinic.scenario.problems import Broken, Fault, Path, nearest

_RULES: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda _: "is needed",
    "greater_than_equal": lambda ctx: f"must be at least {ctx['ge']}",
    "greater_than": lambda ctx: f"must be above {ctx['gt']}",
    "less_than_equal": lambda ctx: f"must be at most {ctx['le']}",
    "less_than": lambda ctx: f"must be below {ctx['lt']}",
    "int_type": lambda _: "must be a whole number",
    "int_from_float": lambda _: "must be a whole number",
    "float_type": lambda _: "must be a number",
    "finite_number": lambda _: "must be a finite number",
    "string_type": lambda _: "must be text in quotes",
    "string_too_short": lambda _: "must not be empty",
    "string_too_long": lambda ctx: f"must have at most {ctx['max_length']} characters",
    "string_pattern_mismatch": lambda _: "must be one line of printable characters",
    "bool_type": lambda _: "must be true or false",
    "date_type": lambda _: "must be a date such as 2026-01-05, without quotes or time",
    "dict_type": lambda _: "must be a table",
    "model_type": lambda _: "must be a table",
    "model_attributes_type": lambda _: "must be a table",
    "tuple_type": lambda _: "must be a list in brackets",
    "literal_error": lambda ctx: f"must be {_either(ctx['expected'])}",
    "union_tag_not_found": lambda _: f"must be a number, or a table with dist = {_names(LAWS)}",
    "union_tag_invalid": lambda _: f"dist must be {_names(LAWS)}",
    "extra_forbidden": lambda _: "is no setting of this table",
}


def _names(names: Iterable[str]) -> str:
    *most, last = [f'"{name}"' for name in names]
    return f"{', '.join(most)} or {last}"


def _either(expected: str) -> str:
    return expected.replace("'", '"')


def _length_rule(kind: str, ctx: dict[str, Any]) -> str:
    fewest, most = ctx.get("min_length"), ctx.get("max_length")
    few = kind == "too_short"
    number = fewest if few else most
    return f"must have at {'least' if few else 'most'} {number} {'entry' if number == 1 else 'entries'}"


def faults_of(error: ValidationError, tables: Any, model: Any = None) -> list[Fault]:
    """Turn pydantic's errors into faults: the place without pydantic's own marks, the rule in plain words.

    Parameters
    ----------
    error
        What pydantic raised.
    tables
        What was checked: a part of the place that is not in it is a mark of pydantic's.
    model
        The section that was checked, for the names a misspelt one may have meant.
    """
    found: list[Fault] = []
    for entry in error.errors(include_url=False):
        kind, ctx, value = entry["type"], entry.get("ctx", {}), entry["input"]
        at = _place(entry["loc"], tables, missing=kind == "missing")
        cause = ctx.get("error")
        if isinstance(cause, Broken):
            found.extend(fault.below(at) for fault in cause.faults)
            continue
        suggestion = None
        if kind in ("too_short", "too_long"):
            rule = _length_rule(kind, ctx)
        elif kind == "value_error":
            rule = str(cause)
        elif kind in _RULES:
            rule = _RULES[kind](ctx)
        else:
            rule = entry["msg"]
        if kind == "missing":
            value = None
        if kind == "union_tag_invalid":
            at, value = (*at, "dist"), value.get("dist")
            suggestion = nearest(value, LAWS)
        if kind == "literal_error":
            suggestion = nearest(
                value, [part.strip("' ") for part in ctx["expected"].replace(" or ", ",").split(",")]
            )
        if kind == "extra_forbidden":
            names = names_at(model, at[:-1], tables)
            rule, suggestion = _misspelt(str(at[-1]), rule, names)
        if isinstance(value, dict | list | tuple) or isinstance(value, BaseModel):
            value = None if kind in ("value_error", "extra_forbidden") else value
        found.append(Fault(at, rule, value, suggestion))
    return found


def _place(loc: tuple[int | str, ...], tables: Any, *, missing: bool) -> Path:
    place: list[int | str] = []
    current = tables
    for number, part in enumerate(loc):
        last = number == len(loc) - 1
        if isinstance(current, dict) and part in current:
            current = current[part]
        elif isinstance(current, list | tuple) and isinstance(part, int) and part < len(current):
            current = current[part]
        elif not (last and missing):
            continue  # a tag of a union, or "[key]"
        place.append(part)
    return tuple(place)


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


def address(path: Path) -> str:
    """Write a place as `--set` would name it: `shifts.day.days[0]`, `changes."2026-06-01"."clinic.chairs"`."""
    written = ""
    for part in path:
        if isinstance(part, int):
            written += f"[{part}]"
            continue
        part = str(part)
        plain = re.fullmatch(r"[A-Za-z0-9_-]{1,80}", part) is not None
        cut = part if len(part) <= 80 else f"{part[:77]}..."
        written += ("." if written else "") + (part if plain else json.dumps(cut))
    return written


def shown(value: object) -> str:
    """Write a value as it stands in a file, cut to a readable length."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        # Python refuses to print a number of many thousand digits.
        return str(value) if value.bit_length() <= 256 else f"a number of {value.bit_length()} bits"
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 60 else f"{value[:57]}...", ensure_ascii=False)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(shown(entry) for entry in value[:8])}{', ...' if len(value) > 8 else ''}]"
    if isinstance(value, dict):
        return "a table"
    return str(value)[:60]


_LOOKALIKES = str.maketrans(
    "авеіјкмнорсѕтухԁοαρενικτυ‐‑‒–—−", "abeijkmhopcstyxdoapevikty------".ljust(31, "-")
)


def _misspelt(key: str, rule: str, names: list[str]) -> tuple[str, str | None]:
    strange = next((letter for letter in key if ord(letter) > 126), None)
    if strange is not None:
        told = unicodedata.name(strange, "a character without a name")
        plain = unicodedata.normalize("NFKC", key).translate(_LOOKALIKES)
        return f"is no setting of this table: it is written with {told}", nearest(plain, names)
    return rule, nearest(key, names)
