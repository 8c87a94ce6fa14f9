"""Changed copies of a scenario, validated again: typed arguments for code, text for `--set`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, TypedDict, Unpack

from simclinic.scenario.checked import checked
from simclinic.scenario.draft import Draft, Layer
from simclinic.scenario.intake import DELAYS
from simclinic.scenario.meant import defaults
from simclinic.scenario.overrides import apply_override, apply_setting
from simclinic.scenario.run import RunSettings
from simclinic.scenario.scenario import Scenario
from simclinic.scenario.section import Raw
from simclinic.scenario.tables import as_tables


class Sections(TypedDict, total=False):
    """Settings of each section, as in a scenario file; values may also be objects of a scenario."""

    name: str | None
    description: str | None
    run: RunSettings | None
    clinic: Mapping[str, Raw] | None
    shifts: Mapping[str, Raw] | None
    demand: Mapping[str, Raw] | None
    intake: Mapping[str, Raw] | None
    protocols: Mapping[str, Raw] | None
    booking: Mapping[str, Raw] | None
    attendance: Mapping[str, Raw] | None
    visit: Mapping[str, Raw] | None
    visits: Mapping[str, Raw] | None
    roles: Mapping[str, Raw] | None
    places: Mapping[str, Raw] | None
    response: Mapping[str, Raw] | None
    relapse: Mapping[str, Raw] | None
    boosters: Mapping[str, Raw] | None
    dosing: Mapping[str, Raw] | None
    finance: Mapping[str, Raw] | None
    targets: Mapping[str, Raw] | None
    own: Mapping[str, Raw] | None
    changes: Mapping[str, Raw] | None
    uncertainty: Mapping[str, Raw] | None
    calibrated: Mapping[str, Raw] | None


def replace(scenario: Scenario, **sections: Unpack[Sections]) -> Scenario:
    """Make a changed copy of a scenario, and validate it.

    >>> replace(baseline(), clinic={"chairs": 4}, run={"weeks": 26}).clinic.chairs
    4

    Parameters
    ----------
    scenario
        The scenario to start from; it is not changed.
    sections
        The settings to change in each section. They are merged into the scenario like a file that extends it:
        entry by entry in a named collection, which `{}` empties. None leaves a setting or a section as it is.

    Returns
    -------
    Scenario
        The scenario itself if nothing changes.

    Raises
    ------
    ScenarioError
        With every problem found, each with the scenario's name as its file.
    """
    settings = as_tables(dict(sections))
    draft = _draft(scenario)

    def now() -> str:
        # Compared as text, because 1, 1.0 and True are equal in Python.
        return repr([draft.tables.get(section) for section in settings])

    before = now()
    draft.lay(settings, Layer(scenario.name))
    unchanged = now() == before and not draft.faults
    return scenario if unchanged else checked(draft, None)


def with_settings(scenario: Scenario, settings: Mapping[str, Raw]) -> Scenario:
    """Make a copy of a scenario with other values at some addresses, and validate it.

    >>> with_settings(baseline(), {"clinic.chairs": 4}).clinic.chairs
    4

    Parameters
    ----------
    scenario
        The scenario to start from; it is not changed.
    settings
        A value for each address, as `tomllib` would read it.

    Raises
    ------
    ScenarioError
        With every problem found, each with the address that caused it as its file.
    """
    draft = _draft(scenario)
    for address, value in settings.items():
        apply_setting(draft, address, value, Layer(address))
    return checked(draft, None)


def with_overrides(
    scenario: Scenario, overrides: Sequence[str], *, folder: str | os.PathLike[str] | None = None
) -> Scenario:
    """Make a copy of a scenario with overrides applied as by `--set`, and validate it.

    >>> with_overrides(baseline(), ["clinic.chairs=4"]).clinic.chairs
    4

    Parameters
    ----------
    scenario
        The scenario to start from; it is not changed.
    overrides
        Texts `ADDRESS=VALUE`, applied in order.
    folder
        The folder to which a `referrals_file` among them is relative.

    Raises
    ------
    ScenarioError
        With every problem found.
    """
    draft = _draft(scenario)
    for override in overrides:
        apply_override(draft, override)
    return checked(draft, None if folder is None else FilePath(folder))


def _draft(scenario: Scenario) -> Draft:
    draft = Draft(_sparse(scenario), defaults)
    draft.origin.layer = Layer(scenario.name)
    return draft


def _sparse(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario's tables without the defaults that depend on other settings."""
    tables: dict[str, Any] = as_tables(scenario)
    for delay in DELAYS:
        if delay not in scenario.intake.model_fields_set:
            del tables["intake"][delay]
    for setting in ("begin", "warm_up_weeks"):
        if setting not in scenario.run.model_fields_set:
            del tables["run"][setting]
    for name, protocol in scenario.protocols.items():
        if "permitted_gap_days" not in protocol.model_fields_set:
            tables["protocols"][name].pop("permitted_gap_days", None)
    return tables
