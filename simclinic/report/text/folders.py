"""Results folders, listed for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType

from simclinic.report.text.table import Table, Text
from simclinic.report.text.words import bullet, counted
from simclinic.results.folders import HeldDocument


def folders_table(folders: Sequence[HeldDocument]) -> RenderableType:
    """List results folders, one line each."""
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("folder", overflow="fold")
    table.add_column("what", no_wrap=True)
    table.add_column("done", justify="right", no_wrap=True)
    table.add_column("remarks")
    for held in folders:
        done = "" if held["problem"] else f"{held['done']:,} of {held['planned']:,}"
        table.add_row(held["folder"], held["study"], done, "; ".join([*_begun(held), *_remarks(held)]))
    return table


def progress_text(held: HeldDocument) -> RenderableType:
    """Give the progress of a study, and the problems of its folder."""
    done = (
        f"{held['study']} of {held['scenario']!r}: {held['done']:,} of {counted(held['planned'], 'replication')}"
        f", seed {held['seed']}"
    )
    text = ", ".join([done, *_begun(held)])
    return Group(Text(text), *(bullet(remark) for remark in _remarks(held)), Text())


def _begun(held: HeldDocument) -> Iterator[str]:
    """Say with which panel a study begins, if with one."""
    panel = held["panel"]
    if panel is not None:
        drawn = ", uncertain settings drawn" if panel["uncertain"] else ""
        patients = counted(panel["patients"], "patient")
        yield f"begun with {patients} as of {panel['as_of']} (panel {panel['hash'][:8]}{drawn})"


def _remarks(held: HeldDocument) -> Iterator[str]:
    if held["problem"] is not None:
        yield held["problem"]
        return
    if held["done"] + held["failed"] < held["planned"] or held["summary"] is None:
        yield "not finished: the same command continues it"
    if held["failed"]:
        yield f"{held['failed']} failed"
    if held["damaged"]:
        names = ", ".join(held["damaged"][:5])
        more = " and others" if len(held["damaged"]) > 5 else ""
        yield f"damaged or missing: {names}{more}; the same command makes it again"
