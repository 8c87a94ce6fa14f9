"""Content of results folders: progress of the study, damaged files, and the summary."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simclinic.planning.capacity import capacity_on_paper
from simclinic.results.document import SCHEMA_VERSION, no_figure
from simclinic.results.folders import ResultsDocument, StoredDocument
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
class StoredResults:
    """The content of one results folder.

    Attributes
    ----------
    folder
        The results folder.
    document
        Progress, damaged files, and the summary if there is one.
    on
        Key figures to show.
    """

    folder: Path
    document: StoredDocument
    on: tuple[str, ...] = ()

    @property
    def summary(self) -> dict[str, Any]:
        """The summary in the form of the study's own document."""
        return with_empty(self.document["summary"] or {})

    @property
    def scenario(self) -> Scenario:
        """The scenario of the study; the first of several."""
        first = min(self.folder.glob("**/scenario*.resolved.toml"), default=None)
        if first is None:
            raise FolderError(f"{self.folder}: contains no resolved scenario.", exit_status=1)
        return load(first)

    def years(self) -> tuple[Year, ...]:
        """Return the boosters per week in each simulated year of a run."""
        scenario = self.scenario
        weeks = scenario.run.warm_up_weeks + scenario.run.weeks
        boosters = table(self.folder, "ramp", columns=["boosters"]).get("boosters")
        if boosters is None:
            return ()
        return by_year(boosters.reshape(-1, weeks).mean(axis=0), scenario.run.warm_up_weeks)

    def run_details(self) -> tuple[str, list[tuple[str, float]], list[Any]]:
        """Return what the table of a run needs besides its summary: currency, boosters by year, plans."""
        scenario = self.scenario
        ramp = [(year.label, year.boosters_per_week) for year in self.years()]
        return scenario.finance.currency, ramp, list(capacity_on_paper(scenario))

    def backtest(self) -> dict[str, Any] | None:
        """Return the results of a backtest; None for a plain forecast."""
        return read_document(self.folder, "backtest.json")

    def points(self) -> dict[str, Any]:
        """Return the table of a sweep's points."""
        try:
            return dict(read(self.folder / "points.parquet"))
        except DamagedError as error:
            raise FolderError(f"{self.folder}: {error}.", exit_status=1) from error


def read_results(folder: Path) -> list[StoredResults]:
    """Read a results folder, or all results folders directly in a folder.

    Raises
    ------
    FolderError
        If there are none, or the single one cannot be read.
    """
    if folder.is_dir() and (folder / manifest.NAME).exists():
        return [_held(folder)]
    folders = [_listed(inner.parent) for inner in sorted(folder.glob(f"*/{manifest.NAME}"))]
    if not folders:
        raise no_results_error(folder)
    return folders


def _listed(folder: Path) -> StoredResults:
    """Read one of several folders; if it cannot be read, the others are listed all the same."""
    try:
        return _held(folder)
    except FolderError as error:
        return StoredResults(folder, _document(folder, {}, problem=str(error).removeprefix(f"{folder}: ")))


def no_results_error(folder: Path) -> FolderError:
    """Return the error for a path that is not a results folder, with a hint at what it is."""
    if folder.is_file():
        return FolderError(f"{folder}: is a file; results are in folders, such as those in results/.")
    if not folder.is_dir():
        return FolderError(f"{folder}: there is no such folder.")
    hint = f" It contains a scenario: simclinic run {folder}" if (folder / SCENARIO).is_file() else ""
    below = [str(inner.parent) for inner in sorted(folder.glob(f"*/{manifest.NAME}"))]
    if below:
        hint = f" Folders in it do, such as {below[0]}"
    return FolderError(f"{folder}: contains no results of simclinic.{hint}")


def manifest_of(folder: Path) -> dict[str, Any]:
    """Read a folder's manifest.

    Raises
    ------
    FolderError
        If there is no such folder, or no manifest in it.
    """
    manifest_data = manifest.read(folder) if folder.is_dir() else None
    if manifest_data is None:
        raise no_results_error(folder)
    return manifest_data


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
            f"{folder}: the study is not finished. The same command continues it.", exit_status=1
        )
    return with_empty(summary)


def results_document(folders: list[StoredResults]) -> ResultsDocument:
    """Return the content of all folders as one document."""
    return ResultsDocument(
        schema_version=SCHEMA_VERSION, study=STUDY, folders=[results.document for results in folders]
    )


def _held(folder: Path) -> StoredResults:
    manifest_data = manifest.read(folder) or {}
    manifest.require_own(folder, manifest_data)
    uncounted = manifest_data.get("ended") is None or not manifest_data.get("planned")
    if uncounted and isinstance(manifest_data.get("scenarios"), dict):
        manifest_data = manifest_data | _so_far(folder, manifest_data["scenarios"].values())
    damaged = sorted({*_unsound(folder, manifest_data), *_missing(folder, manifest_data)})
    summary = None if "summary.json" in damaged else read_document(folder, "summary.json")
    return StoredResults(folder, _document(folder, manifest_data, damaged=damaged, summary=summary))


def _document(
    folder: Path,
    manifest_data: dict[str, Any],
    *,
    damaged: list[str] | None = None,
    summary: dict[str, Any] | None = None,
    problem: str | None = None,
) -> StoredDocument:
    return StoredDocument(
        folder=folder.name,
        study=str(manifest_data.get("study", "unknown")),
        scenario=str(manifest_data.get("scenario", "")),
        seed=manifest_data.get("seed", 0),
        planned=manifest_data.get("planned", 0),
        done=manifest_data.get("done", 0),
        failed=manifest_data.get("failed", 0),
        started=manifest_data.get("started"),
        ended=manifest_data.get("ended"),
        damaged=damaged or [],
        problem=problem,
        panel=manifest_data.get(manifest.PANEL),
        summary=summary,
    )


def _unsound(folder: Path, manifest_data: dict[str, Any]) -> Iterator[str]:
    """List the files that have changed since they were written, also in the subfolders of a study."""
    yield from damaged_files(folder)
    for subfolder in manifest_data.get("scenarios", {}).values():
        yield from (f"{subfolder}/{name}" for name in damaged_files(folder / subfolder))


def _missing(folder: Path, manifest_data: dict[str, Any]) -> Iterator[str]:
    """List what a folder lacks: the subfolder of a scenario, or a part of one table that other tables have.

    Nothing is missing from an unfinished study, since the same command will write it.
    """
    if not (folder / "summary.json").exists() or not manifest_data.get("done"):
        return
    if isinstance(manifest_data.get("scenarios"), dict):
        for subfolder in manifest_data["scenarios"].values():
            inner = manifest.read(folder / subfolder)
            if inner is not None:
                yield from (f"{subfolder}/{name}" for name in _missing(folder / subfolder, inner))
            else:
                yield f"{subfolder}/"
    elif "parts" not in manifest_data and (kind := kind_of(manifest_data)) and kind.tables:
        # A folder of an earlier version lacks these two.
        tables = sorted(
            name for name in TABLES if name not in ("at_once", "waits") or (folder / name).is_dir()
        )
        numbers = {number for name in tables for number in parts_of(folder, name)} or {0}
        files = (part_name(name, number) for number in sorted(numbers) for name in tables)
        yield from (file for file in files if not (folder / file).exists())


def _so_far(folder: Path, subfolders: Collection[str]) -> dict[str, int]:
    """Count the replications of an unfinished comparison from its scenarios' folders."""
    manifests = [manifest.read(folder / subfolder) or {} for subfolder in subfolders]
    planned = max((int(each.get("planned", 0)) for each in manifests), default=0)
    return {
        "planned": planned * len(manifests),
        "done": sum(int(each.get("done", 0)) for each in manifests),
        "failed": sum(int(each.get("failed", 0)) for each in manifests),
    }


def with_empty(summary: dict[str, Any]) -> dict[str, Any]:
    """Return a stored summary in the form of the study's document; stored figures without replications are null."""
    kpis = summary.get("kpis")
    whole = dict(summary)
    if isinstance(kpis, dict):
        whole["kpis"] = {name: no_figure(name) if figure is None else figure for name, figure in kpis.items()}
    for parts in ("scenarios", "ways"):
        if isinstance(summary.get(parts), list):
            whole[parts] = [with_empty(each) if isinstance(each, dict) else each for each in summary[parts]]
    return whole
