"""Table and report of a calibration's folder."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from simclinic.reading import NotReadError, read_bounded
from simclinic.report.page import Page
from simclinic.results.calibration import CalibrateDocument
from simclinic.scenario import load
from simclinic.store import FolderError
from simclinic.studies.folders.options import PageOptions
from simclinic.studies.folders.stored import StoredResults, summary_of

if TYPE_CHECKING:
    from rich.console import RenderableType


def text(results: StoredResults) -> Iterator[RenderableType]:
    """Make the table of a calibration."""
    from simclinic.report.text.calibrate import calibrate_table

    yield calibrate_table(cast("CalibrateDocument", results.summary))


_MOST_CURVES = 50_000_000
"""Size of the largest table of curves that is read, in bytes."""


def page(folder: Path, manifest_data: dict[str, Any], _: PageOptions) -> Page:
    """Make the report of a calibration."""
    from simclinic.report.figures.returns import as_rows
    from simclinic.report.pages.calibrate import calibrate_page

    document = cast("CalibrateDocument", summary_of(folder))
    try:
        text = read_bounded(folder / "returns.csv", _MOST_CURVES).decode()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        curves = {kind: as_rows(rows, kind) for kind in document["returns"]}
    except (NotReadError, OSError, ValueError, KeyError) as error:
        raise FolderError(f"{folder}: the file returns.csv in it cannot be read.", exit_status=1) from error
    return calibrate_page(document, load(folder / "scenario.toml"), curves, manifest_data)
