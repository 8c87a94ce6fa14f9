"""Table and report of the folder of a search for the cheapest plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from simclinic.report.page import Page
from simclinic.results.plan import PlanDocument
from simclinic.scenario import load
from simclinic.studies.folders.options import PageOptions
from simclinic.studies.folders.stored import StoredResults, summary_of

if TYPE_CHECKING:
    from rich.console import RenderableType


def text(results: StoredResults) -> Iterator[RenderableType]:
    """Make the table of a search for the cheapest plan."""
    from simclinic.report.text.plan import plan_table

    yield plan_table(cast("PlanDocument", results.summary), results.scenario.finance.currency)


def page(folder: Path, manifest_data: dict[str, Any], _: PageOptions) -> Page:
    """Make the report of a search for the cheapest plan."""
    from simclinic.report.pages.plan import plan_page

    document = cast("PlanDocument", summary_of(folder))
    names = manifest_data["scenarios"]
    place = document["chosen"] if document["chosen"] is not None else document["nearest"]
    chosen = names[document["plans"][place or 0]["name"]]
    return plan_page(document, load(folder / chosen / "scenario.resolved.toml"), manifest_data)
