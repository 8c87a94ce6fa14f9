"""`simclinic warm`: compile the second engine ahead."""

from __future__ import annotations

import click

from simclinic.cli.screen import say


@click.command("warm", short_help="Compile the second engine, which simulates sooner.")
def command() -> None:
    """Compile the second engine ahead (extra `fast`).

    It takes two to four minutes of one processor, once for each version of simclinic, Python and numba. From then
    on simulations use it where it covers the clinic; the figures are the same.
    """
    from simclinic.cli.progress import Bar
    from simclinic.studies.warm import warm

    with Bar("Compiling", "functions") as bar:
        done = warm(bar)
    if done.seconds is None:
        say(f"The engine is compiled already: {done.file}")
    else:
        say(f"Compiled the engine in {done.seconds:.0f} s: {done.file}")
