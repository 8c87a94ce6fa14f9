"""Table of a run's folder, and its report with a day that is simulated again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from simclinic.experiment.replication import Columns
from simclinic.past.past import Competition
from simclinic.report.page import Page
from simclinic.results.kinds import kind_of
from simclinic.results.run import RunDocument
from simclinic.scenario import Scenario, load
from simclinic.scenario.panel import Panel
from simclinic.store import FolderError, manifest
from simclinic.store.reader import table
from simclinic.store.tables import REPLICATION
from simclinic.studies.folders.options import PageOptions
from simclinic.studies.folders.stored import StoredResults, manifest_of, summary_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from simclinic.report.pages.run import OneReplication


def text(results: StoredResults) -> Iterator[RenderableType]:
    """Make the table of a run."""
    from simclinic.report.text.run import run_table

    yield run_table(cast("RunDocument", results.summary), *results.run_details())


def page(folder: Path, manifest_data: dict[str, Any], options: PageOptions) -> Page:
    """Make the report of a run."""
    from simclinic.experiment.antithetic import pair_means
    from simclinic.report.figures import waiting, weekly
    from simclinic.report.pages.run import StoredTables, run_page
    from simclinic.studies.day import check_day, day_figures
    from simclinic.studies.forecast import calibrated, relapse_laws

    _check_panel(folder, manifest_data, options.panel)
    document = cast("RunDocument", summary_of(folder))
    scenario = load(folder / "scenario.resolved.toml")
    kind = kind_of(manifest_data)
    mirrored = kind is not None and kind.pairs
    runs = table(folder, "runs")
    stored = StoredTables(
        weeks=table(
            folder, "weeks", columns=sorted({*weekly.columns(scenario.intake.visit), *waiting.COLUMNS})
        ),
        profiles=table(folder, "profiles"),
        ramp=table(folder, "ramp"),
        runs=pair_means(runs) if mirrored else runs,
        row="pair" if mirrored else "replication",
    )
    check_day(scenario, options.day)
    refusal = _not_again(folder, manifest_data, options)
    replication = (
        None
        if refusal
        else _again(
            scenario,
            runs,
            options.replication,
            mirrored=mirrored,
            panel=options.panel,
            competition=manifest.competition(manifest_data),
        )
    )
    missing = replication is None and len(runs.get(REPLICATION, ()))
    reasons = [refusal or _OTHER] if missing else []
    figures = [] if replication is None else list(day_figures(replication.records, scenario, options.day))
    # A fitted distribution describes all patients who completed a series, so it is not a curve of responders.
    laws = None if calibrated(scenario) else relapse_laws(scenario)
    return run_page(document, scenario, manifest_data, stored, replication, figures, reasons, laws)


def replayed(folder: Path, number: int) -> OneReplication | str:
    """Simulate a replication of a run again; where that cannot be done, return the reason.

    Parameters
    ----------
    folder
        The results folder of a run without a panel.
    number
        Of the replication, counted from 0.

    Raises
    ------
    FolderError
        If there is no such folder, or it is damaged.
    """
    manifest_data = manifest_of(folder)
    manifest.require_own(folder, manifest_data)
    kind = kind_of(manifest_data)
    return (
        _not_again(folder, manifest_data, PageOptions())
        or _again(
            load(folder / "scenario.resolved.toml"),
            table(folder, "runs"),
            number,
            mirrored=kind is not None and kind.pairs,
            panel=None,
            competition=manifest.competition(manifest_data),
        )
        or _OTHER
    )


def _check_panel(folder: Path, manifest_data: dict[str, Any], panel: Panel | None) -> None:
    """Check that a panel is the one with which the run began.

    Raises
    ------
    FolderError
        If it is another one, or the run did not begin with a panel.
    """
    if panel is None:
        return
    began = manifest_data.get(manifest.PANEL)
    if began is None:
        raise FolderError(f"{folder}: the run did not begin with a panel.")
    if began.get("hash") != panel.fingerprint:
        raise FolderError(
            f"{folder}: the run began with another panel ({began.get('patients')} patients as of "
            f"{began.get('as_of')})."
        )


_OTHER = (
    "figures of single patients and visits are left out: the first replication, simulated again, differs from the "
    "stored one, so another version of the program wrote the folder"
)

NOT_MADE_HERE = (
    "figures of single patients and visits are left out: they need a simulation of the folder's scenario, and this "
    "folder was not made here. `simclinic report` with --simulate draws them, if you trust its source"
)

_UNKNOWN = (
    "figures of single patients and visits are left out: the folder does not contain the panel. `simclinic report` "
    "with --panel draws them"
)


def _not_again(folder: Path, manifest_data: dict[str, Any], options: PageOptions) -> str:
    """Return the reason why no day of a run is simulated again; empty if it is."""
    if not options.simulate and not manifest.made_here(folder, manifest_data):
        return NOT_MADE_HERE
    return _UNKNOWN if manifest.PANEL in manifest_data and options.panel is None else ""


def _again(
    scenario: Scenario,
    runs: Columns,
    number: int | None,
    *,
    mirrored: bool,
    panel: Panel | None,
    competition: Competition | None,
) -> OneReplication | None:
    """Simulate a replication again, by default the first; None if there is none, or its figures have changed."""
    from simclinic.measures import measure
    from simclinic.report.pages.run import OneReplication
    from simclinic.studies.replay import replay

    stored = runs.get(REPLICATION, np.zeros(0, dtype=np.int64))
    if not len(stored):
        return None
    number = int(stored[0]) if number is None else number
    try:
        records = replay(scenario, number, antithetic=mirrored, panel=panel, competition=competition)
        kpis = measure(records, scenario).kpis
    except Exception:  # noqa: BLE001 (another version of the program finished it; the rest of the report is made)
        return None
    for row in np.flatnonzero(stored == number):
        if not all(name in runs and _same(value, runs[name][row]) for name, value in kpis.items()):
            return None
    return OneReplication(number, records)


def _same(one: float, other: float) -> bool:
    return bool(one == other) or (math.isnan(one) and math.isnan(other))
