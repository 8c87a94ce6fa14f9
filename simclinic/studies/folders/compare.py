"""A comparison's folder: its table and its report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from simclinic.report.page import Page
from simclinic.results.compare import CompareDocument
from simclinic.scenario import load
from simclinic.store.reader import profile, table
from simclinic.studies.folders.held import Held, summary_of
from simclinic.studies.folders.options import PageOptions

if TYPE_CHECKING:
    from rich.console import RenderableType


def text(held: Held) -> Iterator[RenderableType]:
    """Make the table of a comparison."""
    from simclinic.report.text.compare import compare_table

    yield compare_table(cast("CompareDocument", held.summary), held.scenario.finance.currency)


def page(folder: Path, known: dict[str, Any], _: PageOptions) -> Page:
    """Make the report of a comparison."""
    from simclinic.experiment import pairs
    from simclinic.report.pages.compare import compare_page

    document = cast("CompareDocument", summary_of(folder))
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
