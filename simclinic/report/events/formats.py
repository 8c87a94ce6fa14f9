"""Formats by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from simclinic.report.events import table, vidigi, xes
from simclinic.report.events.replayed import Replayed
from simclinic.report.events.table import as_table
from simclinic.report.events.vidigi import as_vidigi
from simclinic.report.events.xes import as_xes

Format: TypeAlias = Callable[[Replayed], Iterator[str]]
"""Writes a log, piece by piece."""

FORMATS: dict[str, Format] = {"csv": as_table, "vidigi": as_vidigi, "xes": as_xes}
"""Formats by the names that `--format` takes."""

BEGINNINGS = tuple(begins.rstrip("\n").encode() for begins in (table.HEAD, vidigi.HEAD, xes.HEAD))
"""How the files begin, by which an event log of this program is known again."""
