"""Stand-ins for what is wrong within a section, so that the rules between sections are checked on the rest of it.

A room that is counted as 0 is still a room that a step may be in. So a value that is wrong is left out, or replaced
by one that no rule objects to, and the names around it stay. Nothing here becomes part of a scenario.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy

from pydantic import TypeAdapter, ValidationError

from simclinic.scenario.hours import WEEKDAYS
from simclinic.scenario.problems import Fault, Path
from simclinic.scenario.section import Raw
from simclinic.scenario.wording import faults_of

SECTIONS = ("clinic", "shifts", "roles", "places", "visit", "visits", "protocols", "intake", "booking")
"""The sections whose faults may have stand-ins: those that name parts of each other."""

_ROUNDS = (
    20  # a value that is left out may be needed, and a table that lacks it is replaced in the next round
)

_INSTEAD: Mapping[str, Raw] = {
    "number": 1,
    "nurses": 1,
    "hour": 0,
    "days": list(WEEKDAYS),
    "hours": "24h",
    "minutes": 30,
    "infusions": 1,
    "types": "typed",
    **dict.fromkeys(WEEKDAYS, "24h"),
}
"""Values to which no rule between sections objects, by the setting's name."""

_NAMES = ("place", "claims", "role", "visit", "booster_visit", *_INSTEAD)
"""What is kept of a table whose settings do not fit together."""


def stand_in(kind: Raw, tables: Raw, hidden: list[Fault] | None = None) -> Raw | None:
    """Return the section that the valid parts of its tables make, or None if too much is wrong.

    Parameters
    ----------
    kind
        The type of the section.
    tables
        The section as a file has it; it is not changed.
    hidden
        Faults between settings of a table are added to it that the first ones hide, if they are none of these.
    """
    tables, adapter = deepcopy(tables), TypeAdapter(kind)
    wrong: list[Path] = []
    for _ in range(_ROUNDS):
        try:
            return adapter.validate_python(tables, strict=True)
        except ValidationError as error:
            found = faults_of(error, tables)
        faults = dict.fromkeys(fault.at for fault in found)
        if hidden is not None and wrong:
            hidden += [fault for fault in found if not _depends(fault, wrong)]
        wrong += faults
        done = True
        for at in reversed(faults):  # from the last on, so that entries of lists keep their numbers
            done &= _replace(tables, at)
        if not done:
            return None
    return None


def _depends(fault: Fault, wrong: Iterable[Path]) -> bool:
    """Tell whether a fault may come from a replaced setting: it is there, around it, within it, or names it."""
    words = set(re.findall(r"\w+", fault.rule))
    return any(
        fault.at[: len(at)] == at[: len(fault.at)] or not words.isdisjoint(map(str, at[-1:])) for at in wrong
    )


def _replace(tables: Raw, at: Path) -> bool:
    """Replace or leave out what is wrong at a place; tell whether anything could be done."""
    if "complications" in at[:-1]:
        at = at[: at.index("complications") + 1]
    table = _at(tables, at[:-1])
    if not at or not isinstance(table, dict):
        return bool(at) and (_left_out(table, at[-1]) or _replace(tables, at[:-1]))
    key = str(at[-1])
    written = table.get(key)
    if len(at) > 1 and at[-2] == "claims":
        table[key] = "hands-on"
    elif key in _INSTEAD and written != _INSTEAD[key]:
        table[key] = deepcopy(_INSTEAD[key])
    elif key == "steps":
        steps = written.items() if isinstance(written, dict) else ()
        table[key] = {name: _names(step) for name, step in steps} or {"step": {"minutes": 30}}
    elif isinstance(written, dict):
        kept = {} if key == "starts" else _names(written)
        if kept == written:
            kept = {name: _INSTEAD.get(name, value) for name, value in written.items()}
        table[key] = kept
        if kept == written:
            del table[key]
        return True
    elif key in table:
        for shared in (key, "one_of") if key == "probability" else (key,):
            table.pop(shared, None)
    else:
        return _replace(tables, at[:-1])
    return bool(table.get(key) != written)


def _at(tables: Raw, path: Path) -> Raw:
    """Return what is at a place; None where an earlier replacement has left it out."""
    for part in path:
        inside = isinstance(tables, dict) and part in tables
        among = isinstance(tables, list) and isinstance(part, int) and part < len(tables)
        tables = tables[part] if inside or among else None
    return tables


def _left_out(listed: Raw, place: str | int) -> bool:
    """Leave an entry of a list out."""
    if isinstance(listed, list) and isinstance(place, int) and place < len(listed):
        del listed[place]
        return True
    return False


def _names(table: Raw) -> Raw:
    """Return the settings of a table that others refer to, or that it must have."""
    return _kept(table, _NAMES) if isinstance(table, dict) else {"minutes": 30}


def _kept(table: dict[str, Raw], names: Iterable[str]) -> dict[str, Raw]:
    return {name: value for name, value in table.items() if name in names}
