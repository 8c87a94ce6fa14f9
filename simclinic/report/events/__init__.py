"""The event log as a file: a table, vidigi's table, or an XES document, written in pieces because logs are long."""

from __future__ import annotations

from simclinic.report.events.formats import BEGINNINGS, FORMATS, Format
from simclinic.report.events.replayed import Replayed

__all__ = ["BEGINNINGS", "FORMATS", "Format", "Replayed"]
