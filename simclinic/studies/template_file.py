"""A scenario file with a template: it extends the file that the template was made for, and lists the starts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simclinic.errors import SimclinicError
from simclinic.report.sheet import FORMATS
from simclinic.scenario import Scenario, from_toml, replace
from simclinic.scenario.given import scenario_file
from simclinic.scenario.overrides import parsed
from simclinic.scenario.run import RunSettings

if TYPE_CHECKING:
    from tomlkit.items import Item


def check_files(scenario: Path, write: Path | None, sheets: Sequence[Path]) -> str | None:
    """Check that the files can be written; return how the new scenario names the one that it extends.

    Parameters
    ----------
    scenario
        The scenario's file, or its folder.
    write
        The new scenario; None: none.
    sheets
        Files for the sheet.

    Raises
    ------
    SimclinicError
        With everything that is wrong.
    """
    files = [*([] if write is None else [write]), *sheets]
    problems = [
        f"{path}: already exists, and nothing is overwritten" for path in files if os.path.lexists(path)
    ]
    problems += [
        f"{path}: a sheet is written to a file that ends in {' or '.join(FORMATS)}"
        for path in sheets
        if path.suffix.lower() not in FORMATS
    ]
    problems += [f"{path}: there is no folder {path.parent}" for path in files if not path.parent.is_dir()]
    problems += [f"{path}: is given twice" for path in dict.fromkeys(files) if files.count(path) > 1]
    base = None
    try:
        base = None if write is None else base_of(scenario, write)
    except SimclinicError as error:
        problems += error.lines
    if problems:
        raise SimclinicError(*problems)
    return base


def base_of(scenario: Path, path: Path) -> str:
    """Return how a new file names the scenario that it extends.

    Parameters
    ----------
    scenario
        The file, or its folder.
    path
        The new file.

    Raises
    ------
    SimclinicError
        If the scenario does not lie in the folder of the new file or below.
    """
    file = scenario_file(scenario)
    try:
        return file.resolve().relative_to(path.parent.resolve()).as_posix()
    except ValueError:
        raise SimclinicError(
            f"{path}: the new scenario extends {file}, which must lie in its folder or below; write it to "
            f"{file.parent / path.name}"
        ) from None


def check_overrides(scenario: Scenario, base: str, path: Path, overrides: Sequence[str]) -> None:
    """Check that a file can express the overrides; called before the simulation, when its starts are not known.

    Raises
    ------
    SimclinicError
        If it cannot.
    """
    types = {} if scenario.simple else {"types": "typed"}
    template_toml(base, path, overrides, replace(scenario, booking={"starts": {}} | types), scenario.name)


def template_toml(
    base: str,
    path: Path,
    overrides: Sequence[str],
    booked: Scenario,
    name: str,
    heading: Sequence[str] = (),
) -> str:
    """Write a scenario that extends a file and lists its starts, with their types of visit if there are several.

    Parameters
    ----------
    base
        The file that it extends, relative to the folder.
    path
        The new file.
    overrides
        Texts `ADDRESS=VALUE` with which the template was made.
    booked
        The scenario with its starts.
    name
        The name of the new scenario.
    heading
        Lines of the comment at the top.

    Raises
    ------
    SimclinicError
        If the overrides mean something else in a file than on the command line.
    """
    import tomlkit

    tables: dict[str, Any] = {}
    for place, value in parsed(overrides):
        _put(tables, place, value)
    booking = booked.model_dump(mode="json")["booking"]
    tables.setdefault("booking", {})["starts"] = {
        day: list(times) for day, times in (booking["starts"] or {}).items()
    }
    if not booked.simple:
        tables["booking"]["types"] = booking["types"]
        if booking["types"] == "open":
            tables["booking"]["convert_days"] = False
    document = tomlkit.document()
    for line in heading:
        document.add(tomlkit.comment(line))
    tables.pop("name", None)
    document.add("name", tomlkit.item(name))
    document.add("extends", tomlkit.item(base))
    for key, value in tables.items():
        document.add(key, _item(value))
    text = tomlkit.dumps(document)
    again = from_toml(text, folder=path.parent, name=str(path))
    # Seed and number of replications are options of the command.
    run = RunSettings(seed=booked.run.seed, replications=booked.run.replications)
    if replace(again, run=run) != replace(booked, name=name):
        raise SimclinicError(
            "--write cannot write all that --set changed; put these settings into the scenario's file first"
        )
    return text


def _put(tables: dict[str, Any], path: Sequence[str | int], value: object) -> None:
    *tables_to, last = map(str, path)
    for part in tables_to:
        inner = tables.setdefault(part, {})
        tables = inner if isinstance(inner, dict) else {}
    tables[last] = value


def _item(value: object) -> Item:
    import tomlkit

    if isinstance(value, Mapping):
        table = tomlkit.table()
        for key, inner in value.items():
            table.add(key, _item(inner))
        return table
    if isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        starts = tomlkit.array()
        for each in value:
            start = tomlkit.inline_table()
            start.update(each)
            starts.append(start)
        return starts.multiline(multiline=True)
    plain: Any = value
    item: Item = tomlkit.item(plain)
    return item


def write_new(path: Path, text: str) -> None:
    """Write a file that does not exist yet.

    Raises
    ------
    SimclinicError
        If it exists, or cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError as error:
        raise SimclinicError(f"{path}: already exists, and nothing is overwritten") from error
    except OSError as error:
        raise SimclinicError(f"{path}: cannot be written ({error.strerror})") from error
