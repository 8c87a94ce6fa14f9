"""The report of a results folder: one HTML file, written beside what it is about.

Everything in it is read from the folder, so it can be made again at any time, and says what the folder says.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simclinic.errors import SimclinicError
from simclinic.experiment.replication import Columns
from simclinic.reading import NotReadError, read_bounded
from simclinic.report.page import Page, render
from simclinic.scenario import Scenario, load
from simclinic.scenario.panel import Panel
from simclinic.store import FolderError, manifest
from simclinic.store.reader import REPORT, profile, read_document, table
from simclinic.store.sealed import sealed
from simclinic.store.tables import REPLICATION
from simclinic.store.whole import write_whole
from simclinic.studies.results import look, none_in, with_empty
from simclinic.studies.run import ANTITHETIC, STUDY

if TYPE_CHECKING:
    from simclinic.report.pages.run import Lived


def report(
    folder: Path,
    *,
    day: dt.date | None = None,
    replication: int | None = None,
    to: Path | None = None,
    panel: Panel | None = None,
    simulate: bool = False,
) -> Path:
    """Write the report of a results folder, and give its path.

    Parameters
    ----------
    folder
        The results.
    day, replication
        Which day of which replication the report of a run shows; by default the busiest of the first that is kept.
    to
        Where it goes; by default into the folder.
    panel
        Today's patients, for a run that began with them: the folder keeps nothing of them, and without them what
        needs single patients is left out.
    simulate
        Simulate that day although the folder was not made here; what its scenario asks for is then done.

    Raises
    ------
    FolderError
        If there is no such folder, it holds no finished study, or it cannot be written.
    """
    text = render(page_of(folder, day=day, replication=replication, panel=panel, simulate=simulate))
    path = to or folder / REPORT
    try:
        write_whole(path.parent, path.name, sealed(text))
    except OSError as error:
        raise FolderError(f"{path}: cannot be written: {error.strerror}.", exit_status=1) from error
    return path


def page_of(
    folder: Path,
    *,
    day: dt.date | None = None,
    replication: int | None = None,
    panel: Panel | None = None,
    simulate: bool = False,
) -> Page:
    """Make the page of a results folder; arguments as for :func:`report`.

    Raises
    ------
    FolderError
        If there is no such folder, or it holds no finished study.
    SimclinicError
        If the day is not simulated, or there are no days in such a study's report.
    """
    known = manifest_of(folder)
    study = str(known.get("study"))
    if study in _RUNS:
        _check_panel(folder, known, panel)
        return _run(folder, known, day, replication, panel, simulate=simulate)
    if panel is not None:
        raise SimclinicError(f"{folder}: a panel is for the report of a run, not of a {study}.")
    if study not in PAGES:
        raise FolderError(f"{folder}: there is no report of {study!r}.")
    if day is not None or replication is not None:
        raise SimclinicError(f"{folder}: a day can be shown of a run, not of a {study}.")
    return PAGES[study](folder, known)


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


def manifest_of(folder: Path) -> dict[str, Any]:
    """Read a folder's manifest.

    Raises
    ------
    FolderError
        If there is no such folder, or no manifest in it.
    """
    known = manifest.read(folder) if folder.is_dir() else None
    if known is None:
        raise none_in(folder)
    return known


def summary_of(folder: Path) -> dict[str, Any]:
    """Read a folder's summary.

    Raises
    ------
    FolderError
        If there is none, or it cannot be read.
    """
    summary = read_document(folder, "summary.json")
    if summary is None:
        raise FolderError(
            f"{folder}: the study is not finished. The same command goes on with it.", exit_status=1
        )
    return with_empty(summary)


def _run(
    folder: Path,
    known: dict[str, Any],
    day: dt.date | None,
    replication: int | None,
    panel: Panel | None,
    *,
    simulate: bool,
) -> Page:
    from simclinic.experiment.antithetic import pair_means
    from simclinic.report.figures import waiting, weekly
    from simclinic.report.pages.run import Kept, run_page
    from simclinic.studies.day import check_day, day_figures
    from simclinic.studies.forecast import calibrated, laws

    document: Any = summary_of(folder)
    scenario = load(folder / "scenario.resolved.toml")
    mirrored = known["study"] == ANTITHETIC
    runs = table(folder, "runs")
    kept = Kept(
        weeks=table(folder, "weeks", columns=sorted({*weekly.COLUMNS, *waiting.COLUMNS})),
        profiles=table(folder, "profiles"),
        ramp=table(folder, "ramp"),
        runs=pair_means(runs) if mirrored else runs,
        row="pair" if mirrored else "replication",
    )
    check_day(scenario, day)
    why = _not_again(folder, known, panel, simulate=simulate)
    lived = None if why else _again(scenario, runs, replication, mirrored=mirrored, panel=panel)
    missed = lived is None and len(runs.get(REPLICATION, ()))
    told = [why or _OTHER] if missed else []
    shown = [] if lived is None else list(day_figures(lived.records, scenario, day))
    # A law that was fitted to returns is of everybody who finished a series: no curve of responders.
    own = None if calibrated(scenario) else {law.name: law.scenario.relapse.days for law in laws(scenario)}
    return run_page(document, scenario, known, kept, lived, shown, told, own)


_OTHER = (
    "figures of single patients and visits are left out: simulated again, the first replication is not the one "
    "that was kept, so another version of the program wrote the folder"
)

_UNKNOWN = (
    "figures of single patients and visits are left out: nothing of the panel is kept. `simclinic report` with "
    "--panel draws them"
)


def foreign(folder: Path) -> str:
    """Say that a run was not made here, and what its report lacks therefore; empty: it was, or is no run."""
    known = manifest_of(folder)
    return "" if known.get("study") not in _RUNS or manifest.made_here(folder, known) else _FOREIGN


def _not_again(folder: Path, known: dict[str, Any], panel: Panel | None, *, simulate: bool) -> str:
    """Say why no day of a run is simulated again; empty: it is."""
    if not simulate and (told := foreign(folder)):
        return told
    return _UNKNOWN if manifest.PANEL in known and panel is None else ""


_FOREIGN = (
    "figures of single patients and visits are left out: they are simulated again from the folder's scenario, and "
    "this folder was not made here. `simclinic report` with --simulate draws them, if you trust where it is from"
)


def _again(
    scenario: Scenario, runs: Columns, number: int | None, *, mirrored: bool, panel: Panel | None = None
) -> Lived | None:
    """Simulate a replication again, the first if none is named; None if there is none, or it is not as it was."""
    from simclinic.measures import measure
    from simclinic.report.pages.run import Lived
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
    return Lived(number, records)


def _same(one: float, other: float) -> bool:
    return bool(one == other) or (math.isnan(one) and math.isnan(other))


def _compare(folder: Path, known: dict[str, Any]) -> Page:
    from simclinic.experiment import pairs
    from simclinic.report.pages.compare import compare_page

    document: Any = summary_of(folder)
    rooms = {name: folder / room for name, room in known["scenarios"].items()}
    columns = ["replication", *document["scenarios"][0]["kpis"]]
    below = document["replications"]
    runs = {name: table(room, "runs", columns=columns, below=below) for name, room in rooms.items()}
    return compare_page(
        document,
        {name: load(room / "scenario.resolved.toml") for name, room in rooms.items()},
        known,
        [pairs.matched(runs[each["from"]], runs[each["to"]]) for each in document["differences"]],
        {name: profile(room, below=below) for name, room in rooms.items()},
    )


def _sweep(folder: Path, known: dict[str, Any]) -> Page:
    from simclinic.measures.intervals import COUNTED_BY
    from simclinic.report.pages.sweep import sweep_page
    from simclinic.studies.sweep import ON

    document: Any = summary_of(folder)
    on = [name for name in ON if name in document["kpis"]]
    first = min(folder.glob("scenario*.resolved.toml"))
    runs = table(
        folder,
        "runs",
        columns=["point", "replication", *dict.fromkeys((*on, *COUNTED_BY))],
        below=document["replications"],
    )
    return sweep_page(document, load(first), known, on, look(folder)[0].points(), runs)


def _forecast(folder: Path, known: dict[str, Any]) -> Page:
    from simclinic.report.pages.forecast import forecast_page
    from simclinic.studies.forecast import EVIDENCE

    document: Any = summary_of(folder)
    if "laws" not in document and "kpis" in document:
        raise FolderError(
            f"{folder}: holds one relapse law of a forecast; the report is that of the folder above it.",
            exit_status=2,
        )
    rooms = {name: folder / room for name, room in known["scenarios"].items()}
    scored: Any = look(folder)[0].backtest()
    return forecast_page(
        document,
        {name: load(room / "scenario.resolved.toml") for name, room in rooms.items()},
        EVIDENCE,
        known,
        scored,
    )


_MOST_CURVES = 50_000_000
"""The largest table of curves that is read, in bytes."""


def _calibrate(folder: Path, known: dict[str, Any]) -> Page:
    from simclinic.report.figures.returns import as_rows
    from simclinic.report.pages.calibrate import calibrate_page

    document: Any = summary_of(folder)
    try:
        text = read_bounded(folder / "returns.csv", _MOST_CURVES).decode()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        curves = {kind: as_rows(rows, kind) for kind in document["returns"]}
    except (NotReadError, OSError, ValueError, KeyError) as error:
        raise FolderError(f"{folder}: its returns.csv cannot be read.", exit_status=1) from error
    return calibrate_page(document, load(folder / "scenario.toml"), curves, known)


PAGES: dict[str, Callable[[Path, dict[str, Any]], Page]] = {
    "compare": _compare,
    "sweep": _sweep,
    "forecast": _forecast,
    "calibrate": _calibrate,
}
"""What makes the page of each study but a run."""

_RUNS = (STUDY, ANTITHETIC)
