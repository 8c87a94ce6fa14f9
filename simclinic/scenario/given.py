"""Paths given for a scenario that are folders, or files of another kind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from simclinic.errors import Problem, ScenarioError
from simclinic.scenario.scenario import Scenario

FILE = "scenario.toml"
"""The name of the scenario in a folder that `init` or `calibrate` writes."""

STUDY_KEYS = frozenset({"scenario", "design", "samples", "factors"})
"""Keys of a study file that a scenario does not have."""

_OF_ANY_FILE = frozenset({"name", "description"})
_TABLES = (".csv", ".tsv", ".xlsx", ".xls")


def scenario_file(path: FilePath) -> FilePath:
    """Return the scenario file in a folder, or the path itself if it is no folder.

    Raises
    ------
    ScenarioError
        If a folder has no scenario.
    """
    if not path.is_dir():
        return path
    if (path / FILE).is_file():
        return path / FILE
    if (path / "manifest.json").is_file():
        scenarios = sorted(path.glob("*.resolved.toml")) or sorted(path.glob("*/*.resolved.toml"))
        where = f"its scenario is {scenarios[0]}" if scenarios else "it contains no scenario"
        rule = f"is a results folder, which `simclinic results {path}` shows; {where}"
    else:
        files = sorted(file.name for file in path.glob("*.toml"))
        others = f"give one of its files: {', '.join(files[:8])}" if files else "`simclinic init` writes one"
        rule = f"is a folder without {FILE}; {others}"
    raise ScenarioError([Problem(rule, file=str(path))])


def refuse_table(path: FilePath) -> None:
    """Refuse a file whose name ends like that of a table (of appointments or patients).

    Raises
    ------
    ScenarioError
        If the file is a table.
    """
    if path.suffix.lower() in _TABLES and path.is_file():
        rule = (
            "is a table, not a scenario (TOML); `simclinic calibrate` makes a scenario from an export of "
            "appointments, and --panel takes a table of today's patients"
        )
        raise ScenarioError([Problem(rule, file=str(path))])


def refuse_study(tables: Mapping[str, Any], name: str) -> None:
    """Refuse a study file where a scenario is needed.

    Raises
    ------
    ScenarioError
        If the tables are those of a study file.
    """
    if STUDY_KEYS & tables.keys() and not _sections() & tables.keys():
        within = tables.get("scenario")
        its = f"; its scenario is {within}" if isinstance(within, str) and within.isprintable() else ""
        raise ScenarioError(
            [Problem(f"is a study file, not a scenario: `simclinic sweep` takes it{its[:200]}", file=name)]
        )


def refuse_scenario(tables: Mapping[str, Any], name: str) -> None:
    """Refuse a scenario where a study file is needed.

    Raises
    ------
    ScenarioError
        If the tables are those of a scenario, or of neither.
    """
    if STUDY_KEYS & tables.keys():
        return
    if (_sections() | {"extends"}) & tables.keys() or tables.keys() <= _OF_ANY_FILE:
        rule = (
            "is a scenario, not a study file: `simclinic run` takes it. A study file names a scenario, a design "
            "and the factors to vary"
        )
        raise ScenarioError([Problem(rule, file=name)])


def _sections() -> set[str]:
    return set(Scenario.model_fields) - _OF_ANY_FILE
