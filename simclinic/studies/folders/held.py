"""What results folders hold: how far a study got, whether its files are sound, and what it found."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simclinic.planning.capacity import capacity_on_paper
from simclinic.results.document import SCHEMA_VERSION, no_figure
from simclinic.results.folders import HeldDocument, ResultsDocument
from simclinic.results.kinds import kind_of
from simclinic.scenario import Scenario, load
from simclinic.scenario.given import FILE as SCENARIO
from simclinic.store import FolderError, manifest
from simclinic.store.part_files import part_name, parts_of
from simclinic.store.reader import damaged_files, read_document, table
from simclinic.store.tables import TABLES, DamagedError, read
from simclinic.studies.ramp import Year, by_year

STUDY = "results"


@dataclass(frozen=True, slots=True)
class Held:
    """What one results folder holds.

    Attributes
    ----------
    folder
        Where it is.
    document
        How far it got, what is damaged, and its summary if it has one.
    on
        Key figures that are asked for.
    """

    folder: Path
    document: HeldDocument
    on: tuple[str, ...] = ()

    @property
    def summary(self) -> dict[str, Any]:
        """What its study found, as the study made it."""
        return with_empty(self.document["summary"] or {})

    @property
    def scenario(self) -> Scenario:
        """The scenario it began with; of several, the first."""
        first = min(self.folder.glob("**/scenario*.resolved.toml"), default=None)
        if first is None:
            raise FolderError(f"{self.folder}: holds no resolved scenario.", exit_status=1)
        return load(first)

    def years(self) -> tuple[Year, ...]:
        """Boosters per week in each simulated year of a run."""
        scenario = self.scenario
        weeks = scenario.run.warm_up_weeks + scenario.run.weeks
        boosters = table(self.folder, "ramp", columns=["boosters"]).get("boosters")
        if boosters is None:
            return ()
        return by_year(boosters.reshape(-1, weeks).mean(axis=0), scenario.run.warm_up_weeks)

    def run_details(self) -> tuple[str, list[tuple[str, float]], list[Any]]:
        """Give what the table of a run needs besides its summary: currency, boosters by year, plans."""
        scenario = self.scenario
        ramp = [(year.told, year.boosters_per_week) for year in self.years()]
        return scenario.finance.currency, ramp, list(capacity_on_paper(scenario))

    def backtest(self) -> dict[str, Any] | None:
        """Give what a backtest found; None of a forecast that was held against nothing."""
        return read_document(self.folder, "backtest.json")

    def points(self) -> dict[str, Any]:
        """Give the table of a sweep's points."""
        try:
            return dict(read(self.folder / "points.parquet"))
        except DamagedError as error:
            raise FolderError(f"{self.folder}: {error}.", exit_status=1) from error


def look(folder: Path) -> list[Held]:
    """Look into a results folder, or into all that lie directly in a folder.

    Raises
    ------
    FolderError
        If there are none, or one cannot be understood.
    """
    if folder.is_dir() and (folder / manifest.NAME).exists():
        return [_held(folder)]
    found = [_listed(inner.parent) for inner in sorted(folder.glob(f"*/{manifest.NAME}"))]
    if not found:
        raise none_in(folder)
    return found


def _listed(folder: Path) -> Held:
    """Look into one folder of several: one that cannot be understood does not hide the others."""
    try:
        return _held(folder)
    except FolderError as error:
        return Held(folder, _document(folder, {}, problem=str(error).removeprefix(f"{folder}: ")))


def none_in(folder: Path) -> FolderError:
    """Say that a place holds no results, and what it is instead."""
    if folder.is_file():
        return FolderError(f"{folder}: is a file; results lie in folders, such as those in results/.")
    if not folder.is_dir():
        return FolderError(f"{folder}: there is no such folder.")
    it_has = f" It has a scenario: simclinic run {folder}" if (folder / SCENARIO).is_file() else ""
    below = [str(inner.parent) for inner in sorted(folder.glob(f"*/{manifest.NAME}"))]
    if below:
        it_has = f" Folders in it do, such as {below[0]}"
    return FolderError(f"{folder}: holds no results of simclinic.{it_has}")


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


def results_document(found: list[Held]) -> ResultsDocument:
    """Say everything in one document."""
    return ResultsDocument(
        schema_version=SCHEMA_VERSION, study=STUDY, folders=[held.document for held in found]
    )


def _held(folder: Path) -> Held:
    known = manifest.read(folder) or {}
    uncounted = known.get("ended") is None or not known.get("planned")
    if uncounted and isinstance(known.get("scenarios"), dict):
        known = known | _so_far(folder, known["scenarios"].values())
    damaged = sorted({*_unsound(folder, known), *_missing(folder, known)})
    summary = None if "summary.json" in damaged else read_document(folder, "summary.json")
    return Held(folder, _document(folder, known, damaged=damaged, summary=summary))


def _document(
    folder: Path,
    known: dict[str, Any],
    *,
    damaged: list[str] | None = None,
    summary: dict[str, Any] | None = None,
    problem: str | None = None,
) -> HeldDocument:
    return HeldDocument(
        folder=folder.name,
        study=str(known.get("study", "unknown")),
        scenario=str(known.get("scenario", "")),
        seed=known.get("seed", 0),
        planned=known.get("planned", 0),
        done=known.get("done", 0),
        failed=known.get("failed", 0),
        started=known.get("started"),
        ended=known.get("ended"),
        damaged=damaged or [],
        problem=problem,
        panel=known.get(manifest.PANEL),
        summary=summary,
    )


def _unsound(folder: Path, known: dict[str, Any]) -> Iterator[str]:
    """Name the files that are not as they were written, those of the rooms of a study of several scenarios too."""
    yield from damaged_files(folder)
    for room in known.get("scenarios", {}).values():
        yield from (f"{room}/{name}" for name in damaged_files(folder / room))


def _missing(folder: Path, known: dict[str, Any]) -> Iterator[str]:
    """Name what a folder lacks: a room of a study of several scenarios, or a table where others have a part.

    An unfinished study lacks whatever the same command has yet to make, so nothing is missed of it.
    """
    if not (folder / "summary.json").exists() or not known.get("done"):
        return
    if isinstance(known.get("scenarios"), dict):
        for room in known["scenarios"].values():
            inner = manifest.read(folder / room)
            if inner is not None:
                yield from (f"{room}/{name}" for name in _missing(folder / room, inner))
            else:
                yield f"{room}/"
    elif "parts" not in known and (kind := kind_of(known)) and kind.tables:
        # A folder of before has no table of waits.
        tables = sorted(name for name in TABLES if name != "waits" or (folder / name).is_dir())
        numbers = {number for name in tables for number in parts_of(folder, name)} or {0}
        files = (part_name(name, number) for number in sorted(numbers) for name in tables)
        yield from (file for file in files if not (folder / file).exists())


def _so_far(folder: Path, rooms: Collection[str]) -> dict[str, int]:
    """Count the replications of a comparison that was not finished: its scenarios' folders know."""
    found = [manifest.read(folder / room) or {} for room in rooms]
    planned = max((int(each.get("planned", 0)) for each in found), default=0)
    return {
        "planned": planned * len(found),
        "done": sum(int(each.get("done", 0)) for each in found),
        "failed": sum(int(each.get("failed", 0)) for each in found),
    }


def with_empty(summary: dict[str, Any]) -> dict[str, Any]:
    """Give a summary read from a file as its study made it: there, a figure of no replications is null."""
    kpis = summary.get("kpis")
    whole = dict(summary)
    if isinstance(kpis, dict):
        whole["kpis"] = {name: no_figure(name) if found is None else found for name, found in kpis.items()}
    if isinstance(summary.get("scenarios"), list):
        whole["scenarios"] = [
            with_empty(each) if isinstance(each, dict) else each for each in summary["scenarios"]
        ]
    return whole
