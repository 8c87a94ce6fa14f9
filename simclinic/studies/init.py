"""The first step: a commented scenario to edit, and its JSON Schema for the editor.

The scenario is that of `scenarios/baseline.toml`. An installed package has no such folder, so there is a copy
beside this file; a test checks that the two are equal.
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
class InitFiles:
    """The files that were written.

    Attributes
    ----------
    scenario, schema
        Their paths.
    """

    scenario: Path
    schema: Path


def init(folder: Path) -> InitFiles:
    """Write a scenario to edit and its schema into a folder, which is created if needed.

    Raises
    ------
    SimclinicError
        If one of the files already exists, or the folder cannot be written; then no file is written.
    """
    files = InitFiles(folder / SCENARIO, folder / SCHEMA)
    existing = [path for path in (files.scenario, files.schema) if os.path.lexists(path)]
    if existing:
        raise SimclinicError(
            f"{' and '.join(map(str, existing))} already {'exists' if len(existing) == 1 else 'exist'}: nothing "
            "was written. Choose another folder."
        )
    text = resources.files("simclinic.studies").joinpath("scenario.toml").read_text(encoding="utf-8")
    schema = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # "x" refuses a file that was created since.
        with files.schema.open("x", encoding="utf-8", newline="\n") as file:
            file.write(schema)
        with files.scenario.open("x", encoding="utf-8", newline="\n") as file:
            file.write(f"#:schema ./{SCHEMA}\n{text}")
    except OSError as error:
        raise SimclinicError(f"{error.filename or folder}: cannot be written ({error.strerror}).") from error
    return files
