"""The report of a results folder: one HTML file in the folder.

All its content is read from the folder, so it can be made again at any time.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from simclinic.errors import SimclinicError
from simclinic.report.page import Page, render
from simclinic.results.kinds import kind_of
from simclinic.store import FolderError, manifest
from simclinic.store.atomic import write_atomically
from simclinic.store.page_digest import with_digest
from simclinic.store.reader import REPORT
from simclinic.studies.folders.options import PageOptions
from simclinic.studies.folders.run import NOT_MADE_HERE
from simclinic.studies.folders.stored import manifest_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from simclinic.studies.folders.stored import StoredResults


def report(folder: Path, options: PageOptions = PageOptions(), *, to: Path | None = None) -> Path:
    """Write the report of a results folder, and return its path.

    Parameters
    ----------
    folder
        The results folder.
    options
        Options of the report.
    to
        Path of the file; by default in the folder.

    Raises
    ------
    FolderError
        If there is no such folder, it contains no finished study, or the report cannot be written.
    """
    text = render(page_of(folder, options))
    path = to or folder / REPORT
    try:
        write_atomically(path.parent, path.name, with_digest(text))
    except OSError as error:
        raise FolderError(f"{path}: cannot be written: {error.strerror}.", exit_status=1) from error
    return path


def page_of(folder: Path, options: PageOptions = PageOptions()) -> Page:
    """Make the page of a results folder.

    Raises
    ------
    FolderError
        If there is no such folder, or it contains no finished study.
    SimclinicError
        If the day is not simulated, or reports of such a study show no days.
    """
    manifest_data = manifest_of(folder)
    manifest.require_own(folder, manifest_data)
    study, kind = manifest_data.get("study"), kind_of(manifest_data)
    if options.panel is not None and (kind is None or not kind.days):
        raise SimclinicError(f"{folder}: a panel is for the report of a run, not of a {study}.")
    if kind is None:
        raise FolderError(f"{folder}: there is no report of {study!r}.")
    if not kind.days and (options.day is not None or options.replication is not None):
        raise SimclinicError(f"{folder}: a day is shown in the report of a run, not of a {study}.")
    page: Page = import_module(kind.view_module).page(folder, manifest_data, options)
    return page


def text_of(results: StoredResults) -> Iterator[RenderableType]:
    """Make the table of a results folder; nothing if its kind of study is unknown."""
    kind = kind_of(results.document)
    if kind is not None and results.document["summary"] is not None:
        yield from import_module(kind.view_module).text(results)


def foreign_warning(folder: Path) -> str:
    """Return a warning if a run was not made here, so that its report lacks figures; otherwise empty."""
    manifest_data = manifest_of(folder)
    kind = kind_of(manifest_data)
    return NOT_MADE_HERE if kind and kind.days and not manifest.made_here(folder, manifest_data) else ""
