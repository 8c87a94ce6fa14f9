"""The report of a results folder: one HTML file, written beside what it is about.

Everything in it is read from the folder, so it can be made again at any time, and says what the folder says.
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
from simclinic.studies.folders.held import manifest_of
from simclinic.studies.folders.options import PageOptions
from simclinic.studies.folders.run import NOT_MADE_HERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from simclinic.studies.folders.held import Held


def report(folder: Path, options: PageOptions = PageOptions(), *, to: Path | None = None) -> Path:
    """Write the report of a results folder, and give its path.

    Parameters
    ----------
    folder
        The results.
    options
        What it shows.
    to
        Where it goes; by default into the folder.

    Raises
    ------
    FolderError
        If there is no such folder, it holds no finished study, or it cannot be written.
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
        If there is no such folder, or it holds no finished study.
    SimclinicError
        If the day is not simulated, or there are no days in such a study's report.
    """
    known = manifest_of(folder)
    study, kind = known.get("study"), kind_of(known)
    if options.panel is not None and (kind is None or not kind.days):
        raise SimclinicError(f"{folder}: a panel is for the report of a run, not of a {study}.")
    if kind is None:
        raise FolderError(f"{folder}: there is no report of {study!r}.")
    if not kind.days and (options.day is not None or options.replication is not None):
        raise SimclinicError(f"{folder}: a day can be shown of a run, not of a {study}.")
    page: Page = import_module(kind.view_module).page(folder, known, options)
    return page


def text_of(held: Held) -> Iterator[RenderableType]:
    """Make the table of what a results folder holds; nothing if its kind of study is not known."""
    kind = kind_of(held.document)
    if kind is not None and held.document["summary"] is not None:
        yield from import_module(kind.view_module).text(held)


def foreign(folder: Path) -> str:
    """Say that a run was not made here, and what its report lacks therefore; empty: it was, or shows no day."""
    known = manifest_of(folder)
    kind = kind_of(known)
    return NOT_MADE_HERE if kind and kind.days and not manifest.made_here(folder, known) else ""
