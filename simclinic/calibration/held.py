"""An export in memory: its content never touches a disk, so that no file holds what identifies patients."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class HeldExport:
    """An export that is held in memory.

    Attributes
    ----------
    name
        The file's name, without a folder, for messages and the names of results.
    content
        Its bytes.
    """

    name: str
    content: bytes = field(repr=False)


Source: TypeAlias = Path | HeldExport
"""Where an export comes from."""
