"""The report of a results folder: one HTML file, written beside what it is about.

Everything in it is read from the folder, so it can be made again at any time, and says what the folder says.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simclinic.report.page import Page, render
from simclinic.scenario import load
from simclinic.store import FolderError, manifest
from simclinic.store.reader import profile, table
from simclinic.store.whole import write_whole
from simclinic.studies.results import look, with_empty

FILE = "report.html"
"""What a report is called in its folder."""


def report(folder: Path) -> Path:
    """Write the report of a results folder, and give its path.

    Raises
    ------
    FolderError
        If there is no such folder, it holds no finished study, or it cannot be written.
    """
    text = render(page_of(folder))
    path = folder / FILE
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise FolderError(f"{path}: cannot be written: {error.strerror}.", exit_status=1) from error
    return path


def page_of(folder: Path) -> Page:
    """Make the page of a results folder.

    Raises
    ------
    FolderError
        If there is no such folder, or it holds no finished study.
    """
    if not folder.is_dir():
        raise FolderError(f"{folder}: there is no such folder.")
    known = manifest.read(folder)
    if known is None:
        raise FolderError(f"{folder}: holds no results of simclinic.")
    study = str(known.get("study"))
    made = PAGES.get(study)
    if made is None:
        raise FolderError(f"{folder}: there is no report of {study!r}.")
    return made(folder, known)


def summary_of(folder: Path) -> dict[str, Any]:
    """Read a folder's summary.

    Raises
    ------
    FolderError
        If there is none, or it cannot be read.
    """
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FolderError(
            f"{folder}: the study is not finished. The same command goes on with it.", exit_status=1
        ) from None
    except ValueError as error:
        raise FolderError(f"{folder}: its summary.json cannot be read.", exit_status=1) from error
    return with_empty(summary)


def _run(folder: Path, known: dict[str, Any]) -> Page:
    from simclinic.report.pages.run import run_page

    document: Any = summary_of(folder)
    return run_page(document, load(folder / "scenario.resolved.toml"), known, table(folder, "weeks"))


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
    from simclinic.report.pages.sweep import sweep_page
    from simclinic.studies.sweep import ON

    document: Any = summary_of(folder)
    on = [name for name in ON if name in document["kpis"]]
    first = min(folder.glob("scenario*.resolved.toml"))
    runs = table(folder, "runs", columns=["point", "replication", *on], below=document["replications"])
    return sweep_page(document, load(first), known, on, look(folder)[0].points(), runs)


def _forecast(folder: Path, known: dict[str, Any]) -> Page:
    from simclinic.report.pages.forecast import forecast_page
    from simclinic.studies.forecast import EVIDENCE

    document: Any = summary_of(folder)
    rooms = {name: folder / room for name, room in known["scenarios"].items()}
    return forecast_page(
        document,
        {name: load(room / "scenario.resolved.toml") for name, room in rooms.items()},
        EVIDENCE,
        known,
    )


def _calibrate(folder: Path, known: dict[str, Any]) -> Page:
    from simclinic.report.figures.returns import as_rows
    from simclinic.report.pages.calibrate import calibrate_page

    document: Any = summary_of(folder)
    try:
        with (folder / "returns.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        curves = {kind: as_rows(rows, kind) for kind in document["returns"]}
    except (OSError, ValueError, KeyError) as error:
        raise FolderError(f"{folder}: its returns.csv cannot be read.", exit_status=1) from error
    return calibrate_page(document, load(folder / "scenario.toml"), curves, known)


PAGES: dict[str, Callable[[Path, dict[str, Any]], Page]] = {
    "run": _run,
    "run-antithetic": _run,
    "compare": _compare,
    "sweep": _sweep,
    "forecast": _forecast,
    "calibrate": _calibrate,
}
"""What makes the page of each study."""
