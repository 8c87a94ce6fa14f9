"""Table and report of a sweep's folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from simclinic.measures.kpis import own_figures
from simclinic.report.page import Page
from simclinic.results.sweep import SweepDocument
from simclinic.scenario import load
from simclinic.store import FolderError
from simclinic.store.reader import table
from simclinic.studies.folders.options import PageOptions
from simclinic.studies.folders.stored import StoredResults, read_results, summary_of

if TYPE_CHECKING:
    from rich.console import RenderableType


def text(results: StoredResults) -> Iterator[RenderableType]:
    """Make the table of a sweep."""
    from simclinic.report.text.sweep import sweep_table
    from simclinic.studies.sweep import ON

    document = cast("SweepDocument", results.summary)
    for name in results.on:
        if name not in document["kpis"]:
            raise FolderError(f"{results.folder}: has no key figure {name!r}.")
    on = results.on if results.on != ON else (*ON, *own_figures(document["kpis"]))
    yield sweep_table(document, on, results.points())


def page(folder: Path, manifest_data: dict[str, Any], _: PageOptions) -> Page:
    """Make the report of a sweep."""
    from simclinic.measures.intervals import COUNTED_BY
    from simclinic.report.pages.sweep import sweep_page
    from simclinic.studies.sweep import ON

    document = cast("SweepDocument", summary_of(folder))
    on = [name for name in (*ON, *own_figures(document["kpis"])) if name in document["kpis"]]
    first = min(folder.glob("scenario*.resolved.toml"))
    runs = table(
        folder,
        "runs",
        columns=["point", "replication", *dict.fromkeys((*on, *COUNTED_BY))],
        below=document["replications"],
    )
    return sweep_page(document, load(first), manifest_data, on, read_results(folder)[0].points(), runs)
