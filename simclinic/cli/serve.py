"""`simclinic serve`: the page, in a browser on this machine."""

from __future__ import annotations

import contextlib
import importlib.util
from functools import partial
from pathlib import Path

import click

from simclinic.cli.screen import say

_LOOPBACK = "127.0.0.1"
_MISSING = "the page needs packages that are not installed. Install them with: pip install 'simclinic[web]'"
_I_KNOW = (
    "--host {host} lets other machines of the network reach the page, its traffic is not encrypted, and all who "
    "have the address can change the clinics in the folder. Add --i-know to serve it there nevertheless."
)


@click.command("serve")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port; 0, the default, is a free one.")
@click.option("--host", default=_LOOPBACK, show_default=True, help="Address to listen at.")
@click.option("--i-know", is_flag=True, help="Serve at an address that other machines can reach.")
@click.option("--no-browser", is_flag=True, help="Print the address without opening a browser.")
def command(folder: Path, port: int, host: str, *, i_know: bool, no_browser: bool) -> int:
    """Lay out clinics on a page in the browser, and see at once what they can carry on paper.

    The clinics are the scenario files in FOLDER, by default the current one. The page changes these files, and each
    change can be undone. The server listens on this machine alone, and ends with Ctrl-C or an hour after the page
    was closed.
    """
    if any(importlib.util.find_spec(name) is None for name in ("fastapi", "uvicorn")):
        raise click.UsageError(_MISSING)
    from simclinic.web.server import is_loopback, serve

    if not is_loopback(host) and not i_know:
        raise click.UsageError(_I_KNOW.format(host=host))
    with contextlib.suppress(KeyboardInterrupt):  # the usual end
        serve(folder, host=host, port=port, browser=not no_browser, say=partial(say))
    say("The server has ended.")
    return 0
