"""The reporting checklist of a results folder; see :mod:`simclinic.report.stress_des`."""

from __future__ import annotations

from pathlib import Path

from simclinic.report.stress_des import Study, stress_des
from simclinic.results.kinds import kind_of
from simclinic.scenario import load
from simclinic.store import FolderError
from simclinic.studies.folders.stored import manifest_of, summary_of

_RESOLVED = "scenario.resolved.toml"


def stress(folder: Path) -> str:
    """Return the completed checklist as Markdown.

    Raises
    ------
    FolderError
        If there is no such folder, or it contains no finished study.
    ScenarioError
        If its scenario cannot be read.
    """
    manifest = manifest_of(folder)
    kind = kind_of(manifest)
    if kind is not None and not kind.simulates:
        raise FolderError(
            f"{folder}: a calibration is not a simulation, so it has no checklist; a run or forecast of its "
            "scenario.toml has one."
        )
    scenarios = manifest.get("scenarios")
    names = list(scenarios.values()) if isinstance(scenarios, dict) else []
    files = [folder / name / _RESOLVED for name in names] or [folder / _RESOLVED]
    return stress_des(Study([load(file) for file in files], manifest, summary_of(folder)))
