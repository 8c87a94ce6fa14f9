"""What a clinic of the page has learnt from its export: the results folder of `calibrate` on which its file rests.

The file of such a clinic extends the `scenario.toml` of the folder; beside it lies `panel.csv`, the list of today's
patients. So the list changes, and is taken back, together with the clinic's file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simclinic.errors import ScenarioError, SimclinicError
from simclinic.reading import NotReadError, read_json
from simclinic.results.kinds import CALIBRATE
from simclinic.scenario import from_toml
from simclinic.scenario.parse import parse, read_text
from simclinic.studies.clinic_files import ClinicFile, read_clinic, save, write_clinic

PANEL = "panel.csv"
_SCENARIO = "scenario.toml"
_MOST_EXTENDED = 16


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a clinic has learnt.

    Attributes
    ----------
    file
        Name of the clinic's file.
    folder
        The results folder.
    panel
        The list of today's patients, relative to the folder of the clinics.
    document
        What `calibrate --json` printed; None if the folder does not have it any more.
    """

    file: str
    folder: Path
    panel: Path
    document: Mapping[str, Any] | None


def learnt_of(clinic: ClinicFile, text: str) -> Learnt | None:
    """Find what a clinic has learnt; None if it rests on no calibration with a panel.

    Parameters
    ----------
    clinic, text
        The clinic's file, and its text, which is valid.

    Raises
    ------
    ScenarioError
        If a file that it extends cannot be read.
    """
    root = clinic.path.parent
    file = clinic.path
    for _ in range(_MOST_EXTENDED):
        extended = parse(text, str(file)).get("extends")
        if not isinstance(extended, str):
            return None
        file = file.parent / extended
        if file.name == _SCENARIO and (file.parent / PANEL).is_file():
            panel = Path(os.path.relpath(file.parent / PANEL, root))
            return Learnt(clinic.path.name, file.parent, panel, _document(file.parent))
        text = read_text(file, str(file))
    return None


def _document(folder: Path) -> Mapping[str, Any] | None:
    try:
        found = read_json(folder / "summary.json")
    except (NotReadError, OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("study") == CALIBRATE.name else None


def keep_in(clinic: ClinicFile, folder: Path) -> None:
    """Let a clinic rest on a calibration; its file of before is kept, so that this can be undone.

    Parameters
    ----------
    clinic
        The clinic.
    folder
        The results folder, below that of the clinics.

    Raises
    ------
    ScenarioError
        If that is not valid.
    SimclinicError
        If the file cannot be written.
    """
    text = _resting_on(clinic.path.parent, folder)
    read_clinic(clinic, text)
    save(clinic, text)


def keep_new(place: Path, name: str, folder: Path) -> Path:
    """Write a new clinic that rests on a calibration.

    Parameters
    ----------
    place
        The folder of the clinics.
    name
        The clinic's name; empty: that of the calibrated scenario.
    folder
        The results folder, below that of the clinics.

    Raises
    ------
    ScenarioError
        If that is not valid.
    SimclinicError
        If the file cannot be written.
    """
    text = _resting_on(place, folder, name)
    made = from_toml(text, folder=place, name=name or "the new clinic")
    return write_clinic(place, made.name, text)


def _resting_on(place: Path, folder: Path, name: str = "") -> str:
    import tomlkit

    scenario = Path(os.path.relpath(folder / _SCENARIO, place)).as_posix()
    document = tomlkit.document()
    document.add(tomlkit.comment("What the clinic's own appointments show is in the file below."))
    document.add(tomlkit.comment("Settings that are given here replace those of that file."))
    document.add("extends", tomlkit.item(scenario))
    if name:
        document.add("name", tomlkit.item(name))
    return tomlkit.dumps(document)


def dropped_clinic(place: Path, name: str, content: bytes) -> Path:
    """Write a scenario file that was dropped as a new clinic, if it is valid.

    Parameters
    ----------
    place
        The folder of the clinics.
    name
        The file's name.
    content
        Its bytes. It may rest on no other file.

    Raises
    ------
    ScenarioError
        With every problem of the scenario.
    SimclinicError
        If the file cannot be written.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SimclinicError(f"{name}: is not in UTF-8; save it as UTF-8.") from None
    try:
        made = from_toml(text, name=name)
    except ScenarioError as error:
        raise SimclinicError(*error.lines) from None
    return write_clinic(place, made.name, text)
