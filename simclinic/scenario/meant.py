"""Suggestions for addresses of no setting: `chairs` probably means `clinic.chairs`."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from simclinic.scenario.addresses import address, address_parts
from simclinic.scenario.changes import CHANGEABLE
from simclinic.scenario.entries import COLLECTIONS, TABLE_ENTRIES, joined
from simclinic.scenario.known import elsewhere, settings
from simclinic.scenario.problems import Fault, Path
from simclinic.scenario.scenario import Scenario, baseline
from simclinic.scenario.section import Raw
from simclinic.scenario.tables import as_tables
from simclinic.scenario.wishes import wish

_MOST = 5  # settings that a message lists


@cache
def defaults() -> dict[str, Any]:
    """Return the typical clinic as tables."""
    tables: dict[str, Any] = as_tables(baseline())
    return tables


def places(tables: dict[str, Any]) -> list[Path]:
    """List every setting of a scenario with these tables over the defaults."""
    return list(settings(Scenario, _over(defaults(), tables, ())))


def _over(below: Raw, above: Raw, path: Path) -> Raw:
    """Merge tables over the defaults, names only; a collection replaces the default one as a whole."""
    if not isinstance(below, dict) or not isinstance(above, dict) or path in COLLECTIONS:
        return above
    return below | {key: _over(below.get(key), value, (*path, key)) for key, value in above.items()}


def meant(fault: Fault, tables: dict[str, Any]) -> Fault:
    """Add a suggestion to a fault whose address is not a setting.

    Parameters
    ----------
    fault
        The fault.
    tables
        The tables that were checked.
    """
    changed = fault.at[:1] == ("changes",)
    nowhere = "is not a setting of this table" in fault.rule or "only clinic, shifts and demand" in fault.rule
    no_entry = fault.rule == "must be a table" and fault.at[:-1] in TABLE_ENTRIES
    if not nowhere and not no_entry:
        return fault
    misspelt = fault.suggestion is not None
    if misspelt and (changed or len(fault.at) > 1 or isinstance(_at(fault.at, tables), dict)):
        return fault  # a similar name in the same table, or a section's, below which the rest may be right
    written = _written(fault.at, tables)
    known = [
        place for place in places(tables) if place[0] in CHANGEABLE or (not changed and place[0] != "changes")
    ]
    matches = [address(place) for place in elsewhere(written, known) if place != written]
    if not matches:
        how = wish(str(written[-1]))
        return fault if how is None else replace(fault, rule=f"{fault.rule}; perhaps meant: {how}")
    rule = fault.rule
    if len(matches) > 1:
        others = matches[1 : _MOST + 1]
        more = [f"{len(matches) - _MOST - 1} more"] if len(matches) > _MOST + 1 else []
        rule += f"; settings with that name are {joined([matches[0], *others, *more])}"
    return replace(fault, rule=rule, suggestion=matches[0])


def _written(at: Path, tables: Raw) -> Path:
    """Return the address that was written, down to the single setting it names."""
    value = _at(at, tables)
    if at[:1] == ("changes",) and len(at) > 2:
        at = address_parts(str(at[2])) + at[3:]
    while isinstance(value, dict) and len(value) == 1:
        [(part, value)] = value.items()
        at = (*at, part)
    return at


def _at(place: Path, tables: Raw) -> Raw:
    for part in place:
        tables = tables.get(part) if isinstance(tables, dict) else None
    return tables
