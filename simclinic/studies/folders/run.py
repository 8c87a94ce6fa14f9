"""A run's folder: its table, and its report with a day that is simulated again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from simclinic.experiment.replication import Columns
from simclinic.report.page import Page
from simclinic.results.kinds import kind_of
from simclinic.results.run import RunDocument
from simclinic.scenario import Scenario, load
from simclinic.scenario.panel import Panel
from simclinic.store import FolderError, manifest
from simclinic.store.reader import table
from simclinic.store.tables import REPLICATION
from simclinic.studies.folders.held import Held, summary_of
from simclinic.studies.folders.options import PageOptions

if TYPE_CHECKING:
    from rich.console import RenderableType

    from simclinic.report.pages.run import OneReplication


def text(held: Held) -> Iterator[RenderableType]:
    """Make the table of a run."""
    from simclinic.report.text.run import run_table

    yield run_table(cast("RunDocument", held.summary), *held.run_details())


def page(folder: Path, known: dict[str, Any], options: PageOptions) -> Page:
    """Make the report of a run."""
    from simclinic.experiment.antithetic import pair_means
    from simclinic.report.figures import waiting, weekly
    from simclinic.report.pages.run import StoredTables, run_page
    from simclinic.studies.day import check_day, day_figures
    from simclinic.studies.forecast import calibrated, relapse_laws

    _check_panel(folder, known, options.panel)
    document = cast("RunDocument", summary_of(folder))
    scenario = load(folder / "scenario.resolved.toml")
    kind = kind_of(known)
    mirrored = kind is not None and kind.pairs
    runs = table(folder, "runs")
    kept = StoredTables(
        weeks=table(folder, "weeks", columns=sorted({*weekly.COLUMNS, *waiting.COLUMNS})),
        profiles=table(folder, "profiles"),
        ramp=table(folder, "ramp"),
        runs=pair_means(runs) if mirrored else runs,
        row="pair" if mirrored else "replication",
    )
    check_day(scenario, options.day)
    why = _not_again(folder, known, options)
    lived = (
        None if why else _again(scenario, runs, options.replication, mirrored=mirrored, panel=options.panel)
    )
    missed = lived is None and len(runs.get(REPLICATION, ()))
    told = [why or _OTHER] if missed else []
    shown = [] if lived is None else list(day_figures(lived.records, scenario, options.day))
    # A law that was fitted to returns is of everybody who finished a series: no curve of responders.
    own = None if calibrated(scenario) else relapse_laws(scenario)
    return run_page(document, scenario, known, kept, lived, shown, told, own)


def _check_panel(folder: Path, known: dict[str, Any], panel: Panel | None) -> None:
    """Make sure that a panel is the one that a run began with.

    Raises
    ------
    FolderError
        If it is not.
    """
    if panel is None:
        return
    began = known.get(manifest.PANEL)
    if began is None:
        raise FolderError(f"{folder}: was begun with an empty clinic, not with a panel.")
    if began.get("hash") != panel.fingerprint:
        raise FolderError(
            f"{folder}: was begun with another panel ({began.get('patients')} patients as of "
            f"{began.get('as_of')})."
        )


_OTHER = (
    "figures of single patients and visits are left out: simulated again, the first replication is not the one "
    "that was kept, so another version of the program wrote the folder"
)

NOT_MADE_HERE = (
    "figures of single patients and visits are left out: they are simulated again from the folder's scenario, and "
    "this folder was not made here. `simclinic report` with --simulate draws them, if you trust where it is from"
)

_UNKNOWN = (
    "figures of single patients and visits are left out: nothing of the panel is kept. `simclinic report` with "
    "--panel draws them"
)


def _not_again(folder: Path, known: dict[str, Any], options: PageOptions) -> str:
    """Say why no day of a run is simulated again; empty: it is."""
    if not options.simulate and not manifest.made_here(folder, known):
        return NOT_MADE_HERE
    return _UNKNOWN if manifest.PANEL in known and options.panel is None else ""


def _again(
    scenario: Scenario, runs: Columns, number: int | None, *, mirrored: bool, panel: Panel | None = None
) -> OneReplication | None:
    """Simulate a replication again, the first if none is named; None if there is none, or it is not as it was."""
    from simclinic.measures import measure
    from simclinic.report.pages.run import OneReplication
    from simclinic.studies.replay import replay

    kept = runs.get(REPLICATION, np.zeros(0, dtype=np.int64))
    if not len(kept):
        return None
    number = int(kept[0]) if number is None else number
    try:
        records = replay(scenario, number, antithetic=mirrored, panel=panel)
        found = measure(records, scenario).kpis
    except Exception:  # noqa: BLE001 (it came to an end once: another program, and a report is owed all the same)
        return None
    for row in np.flatnonzero(kept == number):
        if not all(name in runs and _same(value, runs[name][row]) for name, value in found.items()):
            return None
    return OneReplication(number, records)


def _same(one: float, other: float) -> bool:
    return bool(one == other) or (math.isnan(one) and math.isnan(other))
