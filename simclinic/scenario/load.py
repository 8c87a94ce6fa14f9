"""Loading of scenario files: reading, merging over the files they extend, validation."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import Any

from simclinic.errors import ScenarioError
from simclinic.scenario.checked import checked, inside, problem_of
from simclinic.scenario.draft import Draft, Layer
from simclinic.scenario.given import refuse_study, refuse_table, scenario_file
from simclinic.scenario.meant import defaults
from simclinic.scenario.overrides import apply_override
from simclinic.scenario.parse import parse, read_text
from simclinic.scenario.problems import Fault
from simclinic.scenario.scenario import Scenario

MOST_EXTENDED = 16
"""The longest chain of files that extend one another."""


def load(path: str | os.PathLike[str], overrides: Sequence[str] = ()) -> Scenario:
    """Load a scenario file.

    Parameters
    ----------
    path
        The file, or a folder with a `scenario.toml`. The file it `extends`, and its `referrals_file`, must lie in
        its folder or below.
    overrides
        Texts `ADDRESS=VALUE`, applied in order after the file.

    Raises
    ------
    ScenarioError
        With every problem found, each with its file and line.
    """
    file = scenario_file(FilePath(path))
    refuse_table(file)
    return from_toml(read_text(file, str(file)), overrides, folder=file.parent, name=str(file))


def from_toml(
    text: str,
    overrides: Sequence[str] = (),
    *,
    folder: str | os.PathLike[str] | None = None,
    name: str = "<text>",
) -> Scenario:
    """Read a scenario from TOML text.

    Parameters
    ----------
    text
        The TOML.
    overrides
        As for :func:`load`.
    folder
        The folder to which `extends` and `referrals_file` are relative; without one, neither is permitted.
    name
        The name of the text in error messages.

    Raises
    ------
    ScenarioError
        With every problem found.
    """
    root = None if folder is None else FilePath(folder)
    draft = Draft(defaults=defaults)
    for tables, layer in _chain(text, name, root):
        draft.lay(tables, layer)
    for override in overrides:
        apply_override(draft, override)
    return checked(draft, root)


def _chain(text: str, name: str, root: FilePath | None) -> list[tuple[dict[str, Any], Layer]]:
    """Read a file and all files that it extends, the bottom layer first."""
    chain: list[tuple[dict[str, Any], Layer]] = []
    seen: list[FilePath] = []
    folder, file = root, None if root is None else FilePath(name)
    while True:
        if file is not None:
            seen.append(file.resolve())
        tables = parse(text, name)
        refuse_study(tables, name)
        layer = Layer(name, text, folder)
        extended = tables.pop("extends", None)
        chain.append((tables, layer))
        if extended is None:
            return chain[::-1]
        try:
            target = inside(extended, folder, root)
            if target.resolve() in seen:
                raise ValueError("must not lead back to a file that extends this one")
            if len(chain) == MOST_EXTENDED:
                raise ValueError(f"must not chain more than {MOST_EXTENDED} files")
        except (ValueError, OSError, RuntimeError) as error:
            raise ScenarioError([problem_of(Fault(("extends",), str(error), extended), layer)]) from None
        name = str(target)
        try:
            text = read_text(target, name)
        except ScenarioError as error:
            rule = f"the file {error.problems[0].rule}".replace("the file there is", "there is")
            raise ScenarioError([problem_of(Fault(("extends",), rule, extended), layer)]) from None
        folder, file = target.parent, target
