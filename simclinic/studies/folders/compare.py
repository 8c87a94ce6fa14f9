"""Table and report of a comparison's folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from simclinic.report.page import Page
from simclinic.results.compare import CompareDocument
from simclinic.scenario import load
from simclinic.store.reader import profile, table
from simclinic.studies.folders.options import PageOptions
from simclinic.studies.folders.stored import StoredResults, summary_of

if TYPE_CHECKING:
    from rich.console import RenderableType


def text(results: StoredResults) -> Iterator[RenderableType]:
    """Make the table of a comparison."""
    from simclinic.report.text.compare import compare_table

    yield compare_table(cast("CompareDocument", results.summary), results.scenario.finance.currency)


def page(folder: Path, manifest_data: dict[str, Any], _: PageOptions) -> Page:
    """Make the report of a comparison."""
    from simclinic.experiment import pairs
    from simclinic.report.pages.compare import compare_page

    document = cast("CompareDocument", summary_of(folder))
    subfolders = {name: folder / subfolder for name, subfolder in manifest_data["scenarios"].items()}
    columns = ["replication", *document["scenarios"][0]["kpis"]]
    below = document["replications"]
    runs = {
        name: table(subfolder, "runs", columns=columns, below=below) for name, subfolder in subfolders.items()
    }
    return compare_page(
        document,
        {name: load(subfolder / "scenario.resolved.toml") for name, subfolder in subfolders.items()},
        manifest_data,
        [pairs.matched(runs[each["from"]], runs[each["to"]]) for each in document["differences"]],
        {name: profile(subfolder, below=below) for name, subfolder in subfolders.items()},
    )
