"""Validation of a draft: a scenario, or the list of all problems."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path as FilePath
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from simclinic.errors import Problem, ScenarioError
from simclinic.scenario.addresses import address
from simclinic.scenario.changes import CHANGEABLE, situations, violations_after, well_formed
from simclinic.scenario.draft import Draft, Layer
from simclinic.scenario.meant import meant
from simclinic.scenario.positions import line_of, positions
from simclinic.scenario.problems import Broken, Fault, Path
from simclinic.scenario.referrals import read_referrals
from simclinic.scenario.rules import NAMING, violations
from simclinic.scenario.scenario import Scenario
from simclinic.scenario.stand_ins import SECTIONS as STOOD_IN
from simclinic.scenario.stand_ins import stand_in
from simclinic.scenario.values import shown
from simclinic.scenario.wording import faults_of


def checked(draft: Draft, root: FilePath | None) -> Scenario:
    """Validate a draft and return the scenario.

    Parameters
    ----------
    draft
        The tables of all layers.
    root
        The folder that files of the scenario must lie in; None if it may name no files.

    Raises
    ------
    ScenarioError
        With every problem found.
    """
    problems: list[Problem] = []
    _replay(draft, root, problems)
    faults: list[tuple[Layer | None, Fault]] = list(draft.faults)
    scenario = None
    try:
        scenario = Scenario.model_validate(draft.tables)
    except ValidationError as error:
        invalid = faults_of(error, draft.tables, Scenario)
        if all(entry["loc"] for entry in error.errors(include_url=False, include_input=False)):
            # A section is invalid, so pydantic did not reach the rules between sections.
            invalid += _violations(draft.tables)
        faults += [(draft.origin.of(fault.at), meant(fault, draft.tables)) for fault in invalid]
    problems += [problem_of(fault, layer or draft.origin.layer) for layer, fault in faults]
    if scenario is None or problems:
        raise ScenarioError(_in_order(problems))
    return scenario


def _violations(tables: dict[str, Any]) -> list[Fault]:
    """Check the rules between the valid sections, and those within and on names in what is valid of the others."""
    valid: dict[str, Any] = {}
    partly: dict[str, Any] = {}
    hidden: list[Fault] = []
    for name, field in Scenario.model_fields.items():
        kind: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        try:
            if name in tables:
                valid[name] = TypeAdapter(kind).validate_python(tables[name], strict=True)
            elif not field.is_required():
                valid[name] = field.get_default(call_default_factory=True)
        except ValidationError:
            behind: list[Fault] = []
            if name in STOOD_IN and (rest := stand_in(kind, tables[name], behind)) is not None:
                partly[name] = rest
            # Elsewhere a rule may depend on what has been replaced without naming it, as the order of steps does.
            hidden += [fault.below((name,)) for fault in behind if name == "booking"]
    told = list(dict.fromkeys([*violations(valid), *violations({**valid, **partly}, NAMING), *hidden]))
    return [*told, *(fault for fault in _of_changes(valid, tables.get("changes")) if fault not in told)]


def _of_changes(valid: dict[str, Any], table: object) -> list[Fault]:
    """Check the values of dated changes, where the sections that they change are valid."""
    if not set(CHANGEABLE) <= valid.keys():
        return []
    changes, broken = well_formed(table), Broken()
    later = situations(valid["clinic"], valid["shifts"], valid["demand"], changes, broken)
    return [*broken.faults, *violations_after(valid, later, changes)]


def _replay(draft: Draft, root: FilePath | None, problems: list[Problem]) -> None:
    """Read the file of referrals into the draft, so that workers need no file."""
    demand = draft.tables.get("demand")
    if not isinstance(demand, dict) or "referrals" in demand or not demand.get("referrals_file"):
        return
    at: Path = ("demand", "referrals_file")
    written = demand["referrals_file"]
    layer = draft.origin.of(at) or Layer("")
    try:
        target = inside(written, layer.folder or root, root)
        demand["referrals"] = read_referrals(target, str(target))
    except (ValueError, OSError, RuntimeError) as error:
        problems.append(problem_of(Fault(at, str(error), written), layer))
    except ScenarioError as error:
        if any(problem.line for problem in error.problems):
            problems.extend(error.problems)
        else:
            problems.append(problem_of(Fault(at, f"the file: {error.problems[0].rule}", written), layer))


def inside(written: object, folder: FilePath | None, root: FilePath | None) -> FilePath:
    """Resolve a relative path that must stay inside the folder of the scenario.

    Parameters
    ----------
    written
        The path as the file gives it.
    folder
        The folder it is relative to.
    root
        The folder it must not leave.

    Raises
    ------
    ValueError
        If it leaves that folder, or is not a relative path.
    """
    if not isinstance(written, str) or not written.strip() or "\0" in written:
        raise ValueError("must be the relative path of a file, in quotes")
    if folder is None or root is None:
        raise ValueError("needs a scenario file whose folder it is relative to")
    if FilePath(written).is_absolute() or "\\" in written or ":" in written[:2]:
        raise ValueError("must be a relative path, with / between folders")
    target = folder / written
    if not target.resolve().is_relative_to(root.resolve()):
        raise ValueError("must not leave the folder of the scenario file")
    return target


def problem_of(fault: Fault, layer: Layer | None) -> Problem:
    """Turn a fault into a problem with its file and line."""
    line = None
    if layer is not None and layer.text is not None:
        line = line_of(fault.at, _positions(layer))
    return Problem(
        fault.rule,
        address=address(fault.at),
        file=None if layer is None else layer.name,
        line=line,
        value=None if fault.value is None else shown(fault.value),
        suggestion=fault.suggestion,
    )


@lru_cache(maxsize=8)
def _positions(layer: Layer) -> dict[Path, int]:
    return positions(layer.text or "")


def _in_order(problems: list[Problem]) -> list[Problem]:
    """Sort problems by file and line, without duplicates."""
    files = list(dict.fromkeys(problem.file for problem in problems))
    return sorted(dict.fromkeys(problems), key=lambda problem: (files.index(problem.file), problem.line or 0))
