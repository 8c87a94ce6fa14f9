"""`simclinic results`: the content of results folders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simclinic.cli import complete, options
from simclinic.cli.screen import put, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from simclinic.studies.folders.stored import StoredResults


@click.command("results")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--on",
    "on",
    metavar="KPI,KPI",
    multiple=True,
    shell_complete=complete.figures,
    help="Key figures of a sweep to show; can be given several times.",
)
@options.as_json
def command(folder: Path, on: tuple[str, ...], as_json: bool) -> int:
    """Show the content of a results folder, or list the results folders in a folder.

    The output shows the progress of the study, damaged files, and its figures. Nothing is simulated or changed.
    """
    from simclinic.results.document import as_json as written
    from simclinic.studies.folders.stored import read_results, results_document
    from simclinic.studies.sweep import checked_kpis

    shown = checked_kpis(on)
    contents = read_results(folder)
    if as_json:
        put(written(results_document(contents)))
    else:
        from simclinic.report.text.folders import folders_table

        if len(contents) > 1:
            show(folders_table([stored.document for stored in contents]))
        else:
            show(*_tables(replace(contents[0], on=shown)))
    return 1 if any(stored.document["damaged"] or stored.document["problem"] for stored in contents) else 0


def _tables(stored: StoredResults) -> Iterator[RenderableType]:
    from simclinic.report.text.folders import progress_text
    from simclinic.store import FolderError
    from simclinic.studies.folders.report import text_of

    yield progress_text(stored.document)
    if stored.document["damaged"]:
        return
    try:
        yield from text_of(stored)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # Tables are made from files, which may have been edited.
        raise FolderError(
            f"{stored.folder}: its summary is not as it was written. The command that wrote it writes it again.",
            exit_status=1,
        ) from error
