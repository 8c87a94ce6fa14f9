"""`simclinic init`: something to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from simclinic.cli.screen import say


@click.command("init", short_help="Write a scenario to edit, and its schema for the editor.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Write a commented scenario to edit, and its JSON Schema for the editor.

    Nothing is overwritten.
    """
    from simclinic.studies.init import init

    begun = init(folder)
    say(f"Wrote {begun.scenario}, the typical clinic, every line commented,")
    say(f"and {begun.schema}, by which editors complete and explain settings.")
    say("", "Edit the first, then:")
    say(f"  simclinic check {_quoted(begun.scenario)}")
    say(f"  simclinic run {_quoted(begun.scenario)}")


def _quoted(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)
