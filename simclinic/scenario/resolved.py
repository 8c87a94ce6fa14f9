"""Writing of a resolved scenario: every setting, without reference to other files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simclinic.scenario.entries import COLLECTIONS, TABLE_ENTRIES
from simclinic.scenario.problems import Path
from simclinic.scenario.scenario import Scenario
from simclinic.scenario.tables import as_tables

if TYPE_CHECKING:
    from tomlkit.items import InlineTable, Table


def resolved_toml(scenario: Scenario) -> str:
    """Write a scenario as TOML that loads to an equal one, without `extends`, other files or implied defaults.

    Replayed referrals are included, so that a results folder needs no other file.
    """
    import tomlkit

    tables = as_tables(scenario)
    referrals = tables["demand"].get("referrals", [])
    if referrals:
        tables["demand"]["referrals"] = []  # tomlkit needs minutes for a long list
    document = tomlkit.document()
    for key, value in tables.items():
        if isinstance(value, dict):
            document.add(key, _table(value, (key,)))
        else:
            document.add(key, value)
    text = tomlkit.dumps(document)
    listed = ", ".join(moment.isoformat() for moment in referrals)
    return text.replace("\nreferrals = []\n", f"\nreferrals = [{listed}]\n", 1)


def _table(entries: dict[str, Any], path: Path) -> Table:
    import tomlkit

    # A table that contains only tables needs no header of its own, unless it is empty.
    table = tomlkit.table(is_super_table=bool(entries) and all(_has_header((*path, key)) for key in entries))
    for key, value in entries.items():
        if not isinstance(value, dict):
            table.add(key, value)
        elif _has_header((*path, key)):
            table.add(key, _table(value, (*path, key)))
        else:
            table.add(key, _inline(value))
    return table


def _has_header(path: Path) -> bool:
    return path in COLLECTIONS or path[:-1] in TABLE_ENTRIES


def _inline(entries: dict[str, Any]) -> InlineTable:
    import tomlkit

    table = tomlkit.inline_table()
    for key, value in entries.items():
        table.add(key, _inline(value) if isinstance(value, dict) else value)
    return table
