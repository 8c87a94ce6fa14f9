"""Results folders, listed for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType

from simclinic.report.text.table import Table, Text
from simclinic.report.text.words import bullet, counted
from simclinic.results.folders import StoredDocument


def folders_table(folders: Sequence[StoredDocument]) -> RenderableType:
    """List results folders, one line each."""
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("folder", overflow="fold")
    table.add_column("what", no_wrap=True)
    table.add_column("done", justify="right", no_wrap=True)
    table.add_column("remarks")
    for stored in folders:
        done = "" if stored["problem"] else f"{stored['done']:,} of {stored['planned']:,}"
        table.add_row(
            stored["folder"], stored["study"], done, "; ".join([*_begun(stored), *_remarks(stored)])
        )
    return table


def progress_text(stored: StoredDocument) -> RenderableType:
    """Give the progress of a study, and the problems of its folder."""
    done = (
        f"{stored['study']} of {stored['scenario']!r}: {stored['done']:,} of "
        f"{counted(stored['planned'], 'replication')}, seed {stored['seed']}"
    )
    text = ", ".join([done, *_begun(stored)])
    return Group(Text(text), *(bullet(remark) for remark in _remarks(stored)), Text())


def _begun(stored: StoredDocument) -> Iterator[str]:
    """Say with which panel a study begins, if with one."""
    panel = stored["panel"]
    if panel is not None:
        drawn = ", uncertain settings drawn" if panel["uncertain"] else ""
        patients = counted(panel["patients"], "patient")
        yield f"begun with {patients} as of {panel['as_of']} (panel {panel['hash'][:8]}{drawn})"


def _remarks(stored: StoredDocument) -> Iterator[str]:
    if stored["problem"] is not None:
        yield stored["problem"]
        return
    if stored["done"] + stored["failed"] < stored["planned"] or stored["summary"] is None:
        yield "not finished: the same command continues it"
    if stored["failed"]:
        yield f"{stored['failed']} failed"
    if stored["damaged"]:
        names = ", ".join(stored["damaged"][:5])
        more = " and others" if len(stored["damaged"]) > 5 else ""
        yield f"damaged or missing: {names}{more}; the same command makes it again"
