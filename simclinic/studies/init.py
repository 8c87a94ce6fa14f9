"""Begin: a scenario to edit, every line commented, and its JSON Schema for the editor.

The scenario is the typical clinic as `scenarios/baseline.toml` spells it out; an installed package has no such
folder, so a copy travels beside this file (a test holds the two equal).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from simclinic.errors import SimclinicError
from simclinic.scenario import json_schema
from simclinic.scenario.given import FILE as SCENARIO

SCHEMA = "simclinic.schema.json"


@dataclass(frozen=True, slots=True)
class Begun:
    """What was written.

    Attributes
    ----------
    scenario, schema
        The two files.
    """

    scenario: Path
    schema: Path


def init(folder: Path) -> Begun:
    """Write a scenario to edit and its schema into a folder, made if need be.

    Raises
    ------
    SimclinicError
        If one of them is already there, or the folder cannot be written; nothing is then written.
    """
    begun = Begun(folder / SCENARIO, folder / SCHEMA)
    there = [path for path in (begun.scenario, begun.schema) if os.path.lexists(path)]
    if there:
        raise SimclinicError(
            f"{' and '.join(map(str, there))} already there: nothing was written. Choose another folder."
        )
    text = resources.files("simclinic.studies").joinpath("scenario.toml").read_text(encoding="utf-8")
    schema = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # "x" refuses a file that came into being since.
        with begun.schema.open("x", encoding="utf-8", newline="\n") as file:
            file.write(schema)
        with begun.scenario.open("x", encoding="utf-8", newline="\n") as file:
            file.write(f"#:schema ./{SCHEMA}\n{text}")
    except OSError as error:
        raise SimclinicError(f"{error.filename or folder}: cannot be written ({error.strerror}).") from error
    return begun
