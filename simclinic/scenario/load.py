"""From a scenario file to a checked scenario, or to a list of everything that is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from simclinic.errors import Problem, ScenarioError
from simclinic.scenario.addresses import address
from simclinic.scenario.draft import Draft, Layer
from simclinic.scenario.given import refuse_study, refuse_table, scenario_file
from simclinic.scenario.intake import DELAYS
from simclinic.scenario.meant import defaults, meant
from simclinic.scenario.overrides import apply_override
from simclinic.scenario.parse import parse, read_text
from simclinic.scenario.positions import line_of, positions
from simclinic.scenario.problems import Fault, Path
from simclinic.scenario.referrals import read_referrals
from simclinic.scenario.rules import violations
from simclinic.scenario.scenario import Scenario
from simclinic.scenario.tables import as_tables
from simclinic.scenario.values import shown
from simclinic.scenario.wording import faults_of

MOST_EXTENDED = 16
"""The longest chain of files that extend one another."""


def load(path: str | os.PathLike[str], overrides: Sequence[str] = ()) -> Scenario:
    """Load a scenario file.

    Parameters
    ----------
    path
        The file, or a folder with a `scenario.toml`. What it `extends`, and its `referrals_file`, must lie in its
        folder or below.
    overrides
        `ADDRESS=VALUE` each, applied in order after the file.

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
        The folder `extends` and `referrals_file` are relative to; without one there must be neither.
    name
        What errors call the text.

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
    return _checked(draft, root)


def with_overrides(
    scenario: Scenario, overrides: Sequence[str], *, folder: str | os.PathLike[str] | None = None
) -> Scenario:
    """Make a changed copy of a scenario, checked again.

    >>> with_overrides(baseline(), ["clinic.chairs=4"]).clinic.chairs
    4

    Parameters
    ----------
    scenario
        The scenario to start from; it is not changed.
    overrides
        `ADDRESS=VALUE` each, applied in order.
    folder
        The folder a `referrals_file` among them is relative to.

    Raises
    ------
    ScenarioError
        With every problem found.
    """
    draft = Draft(_sparse(scenario), defaults)
    draft.origin.layer = Layer(scenario.name)
    for override in overrides:
        apply_override(draft, override)
    return _checked(draft, None if folder is None else FilePath(folder))


def _sparse(scenario: Scenario) -> dict[str, Any]:
    """Give a scenario's tables without those defaults that depend on other settings."""
    tables: dict[str, Any] = as_tables(scenario)
    for delay in DELAYS:
        if delay not in scenario.intake.model_fields_set:
            del tables["intake"][delay]
    for name, protocol in scenario.protocols.items():
        if "permitted_gap_days" not in protocol.model_fields_set:
            tables["protocols"][name].pop("permitted_gap_days", None)
    return tables


def _chain(text: str, name: str, root: FilePath | None) -> list[tuple[dict[str, Any], Layer]]:
    """Read a file and all that it extends, the last one first."""
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
            target = _inside(extended, folder, root)
            if target.resolve() in seen:
                raise ValueError("must not lead back to a file that extends this one")
            if len(chain) == MOST_EXTENDED:
                raise ValueError(f"must not chain more than {MOST_EXTENDED} files")
        except (ValueError, OSError, RuntimeError) as error:
            raise ScenarioError([_problem(Fault(("extends",), str(error), extended), layer)]) from None
        name = str(target)
        try:
            text = read_text(target, name)
        except ScenarioError as error:
            rule = f"the file {error.problems[0].rule}".replace("the file there is", "there is")
            raise ScenarioError([_problem(Fault(("extends",), rule, extended), layer)]) from None
        folder, file = target.parent, target


def _inside(written: object, folder: FilePath | None, root: FilePath | None) -> FilePath:
    """Resolve a relative path that must stay inside the folder of the scenario.

    Raises
    ------
    ValueError
        If it does not, or is no path.
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


def _checked(draft: Draft, root: FilePath | None) -> Scenario:
    """Check a draft.

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
        found = faults_of(error, draft.tables, Scenario)
        if all(entry["loc"] for entry in error.errors(include_url=False, include_input=False)):
            # A section is broken, so the rules between sections were not reached.
            found += violations(_sound_sections(draft.tables))
        faults += [(draft.origin.of(fault.at), meant(fault, draft.tables)) for fault in found]
    problems += [_problem(fault, layer or draft.origin.layer) for layer, fault in faults]
    if scenario is None or problems:
        raise ScenarioError(_in_order(problems))
    return scenario


def _sound_sections(tables: dict[str, Any]) -> dict[str, Any]:
    """Check each section by itself, and give those that are in order."""
    sound: dict[str, Any] = {}
    for name, field in Scenario.model_fields.items():
        try:
            if name in tables:
                kind: Any = (
                    Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
                )
                sound[name] = TypeAdapter(kind).validate_python(tables[name], strict=True)
            elif not field.is_required():
                sound[name] = field.get_default(call_default_factory=True)
        except ValidationError:
            continue
    return sound


def _replay(draft: Draft, root: FilePath | None, problems: list[Problem]) -> None:
    """Read the file of referrals into the draft, so that workers need no file."""
    demand = draft.tables.get("demand")
    if not isinstance(demand, dict) or "referrals" in demand or not demand.get("referrals_file"):
        return
    at: Path = ("demand", "referrals_file")
    written = demand["referrals_file"]
    layer = draft.origin.of(at) or Layer("")
    try:
        target = _inside(written, layer.folder or root, root)
        demand["referrals"] = read_referrals(target, str(target))
    except (ValueError, OSError, RuntimeError) as error:
        problems.append(_problem(Fault(at, str(error), written), layer))
    except ScenarioError as error:
        if any(problem.line for problem in error.problems):
            problems.extend(error.problems)
        else:
            problems.append(_problem(Fault(at, f"the file: {error.problems[0].rule}", written), layer))


def _problem(fault: Fault, layer: Layer | None) -> Problem:
    """Tell a fault with the file and line it stands in."""
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
    """Put problems into the order of their files, each told once."""
    files = list(dict.fromkeys(problem.file for problem in problems))
    return sorted(dict.fromkeys(problems), key=lambda problem: (files.index(problem.file), problem.line or 0))
