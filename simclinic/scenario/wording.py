"""Plain wording of pydantic's validation errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ValidationError

from simclinic.scenario.addresses import address
from simclinic.scenario.entries import TABLE_ENTRIES, needed
from simclinic.scenario.known import misspelt, names_at
from simclinic.scenario.problems import Broken, Fault, Path, nearest
from simclinic.scenario.section import Raw
from simclinic.scenario.visit import NURSE

_TABLE = "must be a table"

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
    "dict_type": lambda _: _TABLE,
    "model_type": lambda _: _TABLE,
    "model_attributes_type": lambda _: _TABLE,
    "tuple_type": lambda _: "must be a list in brackets",
    "literal_error": lambda ctx: f"must be {_either(ctx['expected'])}",
    "extra_forbidden": lambda _: "is not a setting of this table",
}


def _either(expected: str) -> str:
    return expected.replace("'", '"')


def _length_rule(kind: str, ctx: dict[str, Any]) -> str:
    fewest, most = ctx.get("min_length"), ctx.get("max_length")
    few = kind == "too_short"
    number = fewest if few else most
    return f"must have at {'least' if few else 'most'} {number} {'entry' if number == 1 else 'entries'}"


def faults_of(error: ValidationError, tables: Raw, model: Raw = None, above: Path = ()) -> list[Fault]:
    """Turn pydantic's errors into faults: the place without pydantic's own markers, the rule in plain words.

    Parameters
    ----------
    error
        The error that pydantic raised.
    tables
        The tables that were checked; parts of a place that are not in them are pydantic's markers.
    model
        The section that was checked, for names to suggest.
    above
        The place of the tables in the scenario; places of faults are relative to it.
    """
    faults: list[Fault] = []
    for entry in error.errors(include_url=False):
        kind, ctx, value = entry["type"], entry.get("ctx", {}), entry["input"]
        at = _place(entry["loc"], tables, missing=kind == "missing")
        cause = ctx.get("error")
        if isinstance(cause, Broken):
            faults.extend(fault.below(at) for fault in cause.faults)
            continue
        suggestion = None
        if kind in ("too_short", "too_long"):
            rule = _length_rule(kind, ctx)
        elif kind == "value_error":
            rule = str(cause)
        elif kind in _RULES:
            rule = _RULES[kind](ctx) + _as_written(kind, ctx, value, at)
            if rule == _TABLE and isinstance(value, list) and any(isinstance(each, dict) for each in value):
                rule = f"must be tables with names, not a list: write [{address(at)}.NAME] above each"
        else:
            rule = entry["msg"]
        if kind == "missing":
            value = None
            rule, suggestion = _needed(at, tables, (*above, *at))
        # A number is no misspelt word, and Python refuses to write one with thousands of digits.
        if kind == "literal_error" and isinstance(value, str):
            suggestion = nearest(
                value, [part.strip("' ") for part in ctx["expected"].replace(" or ", ",").split(",")]
            )
        if kind == "extra_forbidden":
            names = names_at(model, at[:-1], tables)
            rule, suggestion = misspelt(str(at[-1]), rule, names)
        if isinstance(value, dict | list | tuple | BaseModel):
            value = None if kind in ("value_error", "extra_forbidden") else value
        faults.append(Fault(at, rule, value, suggestion))
    return faults


def _as_written(kind: str, ctx: dict[str, Any], value: Raw, at: Path) -> str:
    """Say how a per cent, a text with a unit, every week, or a word for watching is written here."""
    if kind == "less_than_equal" and ctx["le"] == 1 and 1 < value <= _PER_CENT:
        return f": {value} % is {value / _PER_CENT:g}"
    if kind == "greater_than_equal" and at[-1:] == ("every",):
        return ": without it, it is every week"
    if kind in ("int_type", "float_type") and isinstance(value, str):
        if share := _SHARE.fullmatch(value):
            return f": {share[1]} % is {float(share[1]) / _PER_CENT:g}, without quotes"
        unit = next((part for part in str(at[-1]).split("_") if part in _UNITS), None) if at else None
        if unit is not None:
            return f" of {unit}, without quotes"
        return ", without quotes" if _NUMBER.fullmatch(value) else ""
    if kind == "literal_error" and value == "watch" and at[-2:-1] == ("claims",):
        return ", or { watch = 4 }, the patients whom one of them watches"
    return ""


_PER_CENT = 100
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_SHARE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?) ?%", re.ASCII)
_UNITS = ("minutes", "hours", "days", "weeks")


def _needed(at: Path, tables: Raw, full: Path) -> tuple[str, str | None]:
    """Return the rule for a missing setting; for a new entry such as `[shifts.dya]`, with the existing entries."""
    if full[:-2] not in TABLE_ENTRIES:
        return _RULES["missing"]({}), None
    for part in at[:-2]:
        tables = tables[part]
    return needed(full[:-1], tables)


def _place(loc: tuple[int | str, ...], tables: Raw, *, missing: bool) -> Path:
    place: list[int | str] = []
    current = tables
    for number, part in enumerate(loc):
        if part == "nurses" and not _has(current, part) and _says_number(current):
            part = "number"
        if _has(current, part):
            current = current[part]
        elif not (missing and number == len(loc) - 1):
            continue  # a marker of pydantic's, such as "[key]"
        place.append(part)
    return tuple(place)


def _says_number(shift: Raw) -> bool:
    """Tell whether a shift gives, or should give, its `nurses` as `number`."""
    return isinstance(shift, dict) and ("number" in shift or shift.get("role", NURSE) != NURSE)


def _has(table: Raw, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(table, list | tuple) and part < len(table)
    return isinstance(table, dict) and part in table
