"""What is given as a scenario, when it is a folder, or a file of another kind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from simclinic.errors import Problem, ScenarioError
from simclinic.scenario.scenario import Scenario

FILE = "scenario.toml"
"""What `init` and `calibrate` call the scenario in the folder they write."""

STUDY_KEYS = frozenset({"scenario", "design", "samples", "factors"})
"""Keys that a study file has and no scenario."""

_OF_ANY_FILE = frozenset({"name", "description"})
_TABLES = (".csv", ".tsv", ".xlsx", ".xls")


def scenario_file(path: FilePath) -> FilePath:
    """Give the scenario in a folder, or the file itself.

    Raises
    ------
    ScenarioError
        If a folder holds none.
    """
    if not path.is_dir():
        return path
    if (path / FILE).is_file():
        return path / FILE
    if (path / "manifest.json").is_file():
        there = sorted(path.glob("*.resolved.toml")) or sorted(path.glob("*/*.resolved.toml"))
        told = f" its scenario is {there[0]}" if there else " there is no scenario in it"
        rule = f"is a results folder, which `simclinic results {path}` shows;{told}"
    else:
        files = sorted(file.name for file in path.glob("*.toml"))
        others = f"give one of its files: {', '.join(files[:8])}" if files else "`simclinic init` writes one"
        rule = f"is a folder without {FILE}; {others}"
    raise ScenarioError([Problem(rule, file=str(path))])


def refuse_table(path: FilePath) -> None:
    """Refuse a file that by its name holds a table of appointments or patients.

    Raises
    ------
    ScenarioError
        If it is one.
    """
    if path.suffix.lower() in _TABLES and path.is_file():
        rule = (
            "is a table, no scenario (TOML); `simclinic calibrate` makes one from an export of appointments, "
            "and --panel takes today's patients"
        )
        raise ScenarioError([Problem(rule, file=str(path))])


def refuse_study(tables: Mapping[str, Any], name: str) -> None:
    """Refuse a study file, if a scenario is wanted.

    Raises
    ------
    ScenarioError
        If it is one.
    """
    if STUDY_KEYS & tables.keys() and not _sections() & tables.keys():
        within = tables.get("scenario")
        its = f"; its scenario is {within}" if isinstance(within, str) and within.isprintable() else ""
        raise ScenarioError(
            [Problem(f"is a study file, no scenario: `simclinic sweep` takes it{its[:200]}", file=name)]
        )


def refuse_scenario(tables: Mapping[str, Any], name: str) -> None:
    """Refuse a scenario, if a study file is wanted.

    Raises
    ------
    ScenarioError
        If it is one, or neither.
    """
    if STUDY_KEYS & tables.keys():
        return
    if (_sections() | {"extends"}) & tables.keys() or tables.keys() <= _OF_ANY_FILE:
        rule = (
            "is a scenario, no study file: `simclinic run` takes it. A study file names a scenario, a design and "
            "the factors to vary"
        )
        raise ScenarioError([Problem(rule, file=name)])


def _sections() -> set[str]:
    return set(Scenario.model_fields) - _OF_ANY_FILE
