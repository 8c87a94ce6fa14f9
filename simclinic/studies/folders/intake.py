"""Table and report of the folder of a search for the most referrals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from simclinic.report.page import Page
from simclinic.results.intake import IntakeDocument
from simclinic.scenario import load
from simclinic.studies.folders.options import PageOptions
from simclinic.studies.folders.stored import StoredResults, summary_of

if TYPE_CHECKING:
    from rich.console import RenderableType


def text(results: StoredResults) -> Iterator[RenderableType]:
    """Make the table of a search for the most referrals."""
    from simclinic.report.text.intake import intake_table

    yield intake_table(cast("IntakeDocument", results.summary), results.scenario.finance.currency)


def page(folder: Path, manifest_data: dict[str, Any], _: PageOptions) -> Page:
    """Make the report of a search for the most referrals."""
    from simclinic.report.pages.intake import intake_page

    document = cast("IntakeDocument", summary_of(folder))
    first = folder / next(iter(manifest_data["scenarios"].values()))
    return intake_page(document, load(first / "scenario.resolved.toml"), manifest_data)
