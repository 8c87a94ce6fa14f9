"""Table and report of a forecast's folder; table of the folder of one of its relapse laws."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from simclinic.report.page import Page
from simclinic.results.forecast import ForecastDocument
from simclinic.scenario import load
from simclinic.store import FolderError
from simclinic.studies.folders.options import PageOptions
from simclinic.studies.folders.stored import StoredResults, read_results, summary_of

if TYPE_CHECKING:
    from rich.console import RenderableType


def text(results: StoredResults) -> Iterator[RenderableType]:
    """Make the table of a forecast."""
    from simclinic.report.text.backtest import backtest_table
    from simclinic.report.text.forecast import forecast_table
    from simclinic.studies.folders import run

    if "laws" not in results.summary:  # a folder within a forecast's is a run
        yield from run.text(results)
        return
    scored: Any = results.backtest()
    yield (
        forecast_table(cast("ForecastDocument", results.summary))
        if scored is None
        else backtest_table(scored)
    )


def page(folder: Path, manifest_data: dict[str, Any], _: PageOptions) -> Page:
    """Make the report of a forecast."""
    from simclinic.report.pages.forecast import forecast_page
    from simclinic.studies.forecast import EVIDENCE

    summary = summary_of(folder)
    if "laws" not in summary and "kpis" in summary:
        raise FolderError(
            f"{folder}: contains one relapse law of a forecast; the report is in the folder above it.",
            exit_status=2,
        )
    document = cast("ForecastDocument", summary)
    subfolders = {name: folder / subfolder for name, subfolder in manifest_data["scenarios"].items()}
    scored: Any = read_results(folder)[0].backtest()
    return forecast_page(
        document,
        {name: load(subfolder / "scenario.resolved.toml") for name, subfolder in subfolders.items()},
        EVIDENCE,
        manifest_data,
        scored,
    )
