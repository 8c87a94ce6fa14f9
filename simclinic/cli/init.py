"""`simclinic init`: a first scenario to edit."""

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

    written = init(folder)
    say(f"Wrote {written.scenario}, the typical clinic, every line commented,")
    say(f"and {written.schema}, by which editors complete and explain settings.")
    say("", "Edit the first, then:")
    say(f"  simclinic check {_quoted(written.scenario)}")
    say(f"  simclinic run {_quoted(written.scenario)}")


def _quoted(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)
