"""Table and report of the folder of a study of bottlenecks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from simclinic.report.page import Page
from simclinic.results.bottleneck import BottleneckDocument
from simclinic.scenario import load
from simclinic.store.reader import table
from simclinic.studies.folders.options import PageOptions
from simclinic.studies.folders.stored import StoredResults, summary_of

if TYPE_CHECKING:
    from rich.console import RenderableType


def text(results: StoredResults) -> Iterator[RenderableType]:
    """Make the table of a study of bottlenecks."""
    from simclinic.report.text.bottleneck import bottleneck_table

    yield bottleneck_table(cast("BottleneckDocument", results.summary), results.scenario.finance.currency)


def page(folder: Path, manifest_data: dict[str, Any], _: PageOptions) -> Page:
    """Make the report of a study of bottlenecks."""
    from simclinic.report.pages.bottleneck import bottleneck_page

    document = cast("BottleneckDocument", summary_of(folder))
    first = folder / next(iter(manifest_data["scenarios"].values()))
    profiles = table(first, "profiles", below=document["replications"])
    return bottleneck_page(document, load(first / "scenario.resolved.toml"), manifest_data, profiles)
