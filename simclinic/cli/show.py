"""Putting tables on stdout, as wide as the terminal is; 80 columns where there is none."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import RenderableType


def show(*parts: RenderableType) -> None:
    """Print tables for people, and plain lines as they are: a path that is broken cannot be copied."""
    from simclinic.report.tables import console

    screen = console(shutil.get_terminal_size((80, 24)).columns)
    with screen.capture() as written:
        for part in parts:
            screen.print(part, soft_wrap=isinstance(part, str))
    # Tables are filled up with blanks to the right, which nobody wants in a file.
    click.echo("\n".join(line.rstrip() for line in written.get().splitlines()), color=screen.is_terminal)
