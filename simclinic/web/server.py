"""The server behind the page: a socket on this machine, its opening address, and its end."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import threading
import time
import webbrowser
from collections.abc import Callable
from pathlib import Path

import uvicorn

from simclinic.errors import SimclinicError
from simclinic.web.app import application
from simclinic.web.exports import Exports
from simclinic.web.guard import Guard
from simclinic.web.jobs import Jobs

IDLE_SECONDS = 3600.0
"""Time after which the server ends, once the page is closed. An open page asks once a minute."""

_LOOK_SECONDS = 0.2


def is_loopback(host: str) -> bool:
    """Return whether an address leads to this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(
    folder: Path,
    *,
    host: str,
    port: int,
    browser: bool,
    say: Callable[[str], None],
    idle_seconds: float = IDLE_SECONDS,
) -> None:
    """Serve the page until Ctrl-C, or until it has been closed for an hour.

    Parameters
    ----------
    folder
        Of the clinics.
    host, port
        Where to listen; port 0 is a free one.
    browser
        Whether to open the page.
    say
        Prints a line.
    idle_seconds
        Time without a request after which the server ends.

    Raises
    ------
    SimclinicError
        If the folder or the address cannot be used.
    """
    if not folder.is_dir():
        raise SimclinicError(
            f"{folder}: there is no such folder. Make it first, or leave it out to use the current folder."
        )
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SimclinicError(f"{host}, port {port}: cannot listen there ({reason}).") from error
    with listening, Jobs(folder.resolve()) as jobs, Exports(folder.resolve()) as exports:
        port = listening.getsockname()[1]
        token = secrets.token_urlsafe(24)
        guard = Guard(application(jobs, exports), hosts=_hosts(host, port), token=token, say=say)
        config = uvicorn.Config(
            guard,
            log_level="critical",
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
        server = uvicorn.Server(config)
        everywhere = _is_everywhere(host)
        # An address that stands for all of this machine's is none that a browser can open.
        here = ("[::1]" if ":" in host else "127.0.0.1") if everywhere else _written(host)
        address = f"http://{here}:{port}/?token={token}"
        say(f"The page is at {address}")
        if everywhere:
            say(f"From other machines it is at http://{socket.gethostname()}:{port}/?token={token}")
        if not is_loopback(host):
            say("Its traffic is not encrypted, and all who have the address can change the clinics.")
        say("Keep the address to yourself: it contains the key. Ctrl-C ends the server.")
        watch = threading.Thread(
            target=_watch,
            args=(server, guard, jobs, exports, address if browser else "", idle_seconds),
            daemon=True,
        )
        watch.start()
        server.run(sockets=[listening])


def _watch(
    server: uvicorn.Server, guard: Guard, jobs: Jobs, exports: Exports, address: str, idle_seconds: float
) -> None:
    """Open the page once the server listens, and end the server when no page has asked for long and no job runs.

    Jobs and readers of exports are ended as soon as the server is to end: requests that wait for them hold it up.
    """
    while not server.started and not server.should_exit:
        time.sleep(0.02)
    if address:
        webbrowser.open(address)
    jobs.warm()
    while not server.should_exit:
        if time.monotonic() - guard.last > idle_seconds and not jobs.busy:
            server.should_exit = True
        time.sleep(min(_LOOK_SECONDS, idle_seconds))
    exports.close()
    jobs.close()


def _hosts(host: str, port: int) -> set[str]:
    """List the hosts that requests may name: the address given, and the names of this machine."""
    names = {_written(host)}
    if is_loopback(host):
        names |= {"127.0.0.1", "localhost", "[::1]"}
    elif _is_everywhere(host):
        name = socket.gethostname()
        names |= {name, "127.0.0.1", "localhost", "[::1]"}
        names |= {_written(str(found[4][0])) for found in socket.getaddrinfo(name, None)}
    return {f"{name}:{port}" for name in names} | (names if port == 80 else set())


def _is_everywhere(host: str) -> bool:
    """Return whether an address stands for all addresses of this machine."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _written(host: str) -> str:
    """Write an address as in a URL."""
    return f"[{host}]" if ":" in host else host
