"""Table and report of the folder of a search for the best template."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from simclinic.report.page import Page
from simclinic.results.template import TemplateDocument
from simclinic.scenario import load
from simclinic.studies.folders.options import PageOptions
from simclinic.studies.folders.stored import StoredResults, summary_of

if TYPE_CHECKING:
    from rich.console import RenderableType


def text(results: StoredResults) -> Iterator[RenderableType]:
    """Make the table of a search for the best template."""
    from simclinic.report.text.template import template_table

    yield template_table(cast("TemplateDocument", results.summary))


def page(folder: Path, manifest_data: dict[str, Any], _: PageOptions) -> Page:
    """Make the report of a search for the best template."""
    from simclinic.report.pages.template import template_page

    document = cast("TemplateDocument", summary_of(folder))
    names = manifest_data["scenarios"]
    shown = document["chosen"] if document["chosen"] in names else next(iter(names))
    return template_page(document, load(folder / names[shown] / "scenario.resolved.toml"), manifest_data)
