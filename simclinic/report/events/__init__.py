"""The event log as files: a table, vidigi's table, an XES document; each piece by piece, for logs are long."""

from __future__ import annotations

from simclinic.report.events.formats import BEGINNINGS, FORMATS, Format
from simclinic.report.events.replayed import Replayed

__all__ = ["BEGINNINGS", "FORMATS", "Format", "Replayed"]
