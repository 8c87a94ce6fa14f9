"""What a request must have before any screen sees it, and what every response says to the browser.

The page listens on this machine, where each web site that is open in a browser can send requests, too. So a
request must name this server as its host (a site cannot make its own name lead here), changes must come from this
server's own pages, and every request needs the cookie that the opening address gives. The headers of each response
forbid scripts in the page's text, frames around it, and guesses at its type.

It is a plain ASGI application around another, and knows no framework.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http import cookies
from typing import Any
from urllib.parse import parse_qs

MOST_BYTES = 25_000_000
"""The largest body of a request."""

BODY_SECONDS = 30.0
"""The longest pause within a body."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

_EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""An empty style element, to which plotly adds its rules one by one; the hash is that of no text."""
_SHEET_STYLE = "'sha256-T3M5AMxawOWqMeBCCuYBOZnyMbYt4XyBVFLNSdn2fZo='"
"""The style of :mod:`simclinic.report.sheet`."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; "
        f"style-src 'self' {_EMPTY_STYLE} {_SHEET_STYLE}; img-src 'self' data:; "
        "connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""Headers of every response."""

NO_COOKIE = (
    "Open the page with the address that `simclinic serve` printed: it contains the key to this server.\n"
)


class Guard:
    """An application that lets only requests of its own page through to another one.

    Parameters
    ----------
    inner
        The application behind it.
    hosts
        What the header `Host` may be, with port, such as `127.0.0.1:8000`.
    token
        Part of the opening address; it is exchanged for a cookie.
    say
        Prints a line about a mistake of this program, without anything that a request contained.
    most_bytes, body_seconds
        Bounds of a body: its size, and the longest pause in it.

    Attributes
    ----------
    last
        Time of the last request that was let through, in seconds of `time.monotonic`.
    """

    def __init__(
        self,
        inner: Application,
        *,
        hosts: Iterable[str],
        token: str,
        say: Callable[[str], None] = lambda _: None,
        most_bytes: int = MOST_BYTES,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._inner = inner
        self._hosts = frozenset(host.lower() for host in hosts)
        self._token = token
        self._say = say
        self._session = secrets.token_urlsafe(32)
        # Browsers send the cookies of all ports of an address, so that each server needs a name of its own.
        self._cookie = f"simclinic-{secrets.token_hex(4)}"
        self._most_bytes = most_bytes
        self._body_seconds = body_seconds
        self.last = time.monotonic()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        response = _Response(send)
        refusal = self._refusal(scope)
        if refusal is not None:
            await response.say(*refusal)
        elif self._opens(scope):
            given = f"{self._cookie}={self._session}; Path=/; HttpOnly; SameSite=Strict"
            await response.say(303, "", {"location": "/", "set-cookie": given})
        elif not self._known(scope):
            await response.say(403, NO_COOKIE)
        else:
            self.last = time.monotonic()
            await self._pass_on(scope, _Body(receive, self._most_bytes, self._body_seconds), response)

    def _refusal(self, scope: Message) -> tuple[int, str] | None:
        """Return status and reason if a request does not come from this server's own page."""
        hosts = _values(scope, b"host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return 421, "This server answers only under its own address.\n"
        origins = _values(scope, b"origin")
        own = f"http://{hosts[0].lower()}"
        if any(origin.lower() != own for origin in origins):
            return 403, "Requests of other web sites are refused.\n"
        if scope["method"] not in ("GET", "HEAD") and not origins:
            return 403, "Changes are made on the page alone.\n"
        if _values(scope, b"sec-fetch-site") == ["cross-site"] and not self._opens(scope):
            return 403, "Requests of other web sites are refused.\n"
        lengths = _values(scope, b"content-length")
        if any(not length.isdecimal() for length in lengths):
            return 400, "The length of the request is no number.\n"
        if any(int(length) > self._most_bytes for length in lengths):
            return 413, self._too_large()
        return None

    def _too_large(self) -> str:
        return f"That is larger than {self._most_bytes:,} bytes, the most this page takes.\n"

    def _opens(self, scope: Message) -> bool:
        """Return whether this is the opening address, with the right token."""
        if scope["method"] != "GET" or scope["path"] != "/":
            return False
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])
        return hmac.compare_digest(given[-1].encode(), self._token.encode())

    def _known(self, scope: Message) -> bool:
        """Return whether a request has the cookie of this server."""
        jar: cookies.SimpleCookie = cookies.SimpleCookie()
        try:
            for written in _values(scope, b"cookie"):
                jar.load(written)
        except cookies.CookieError:
            return False
        given = jar.get(self._cookie)
        return given is not None and hmac.compare_digest(given.value.encode(), self._session.encode())

    async def _pass_on(self, scope: Message, body: _Body, response: _Response) -> None:
        async def send(message: Message) -> None:
            if not body.refused:
                await response.send(message)

        try:
            await self._inner(scope, body.receive, send)
        except Exception as error:  # noqa: BLE001 (a mistake of this program: a message, and no traceback)
            if not body.refused:
                self._say(f"Internal error, a mistake in simclinic itself: {type(error).__name__}.")
                await response.say(500, "Internal error, a mistake in simclinic itself.\n")
        if body.refused == "size":
            await response.say(413, self._too_large())
        elif body.refused:
            await response.say(408, "The request did not arrive in time.\n")


class _RefusedError(Exception):
    """A body is too large, or does not arrive."""


class _Body:
    """The body of a request as it arrives, within bounds."""

    def __init__(self, receive: Receive, most_bytes: int, seconds: float) -> None:
        self._receive = receive
        self._left = most_bytes
        self._seconds = seconds
        self._whole = False
        self.refused = ""

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), self._seconds)
        except TimeoutError:
            self.refused = "time"
            raise _RefusedError from None
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
        if self._left < 0:
            self.refused = "size"
            raise _RefusedError
        return message


class _Response:
    """A response on its way: every one has the headers of this server."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begun = True
            own = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            inner = [
                (name, value) for name, value in message.get("headers", ()) if name.decode() not in HEADERS
            ]
            message = {**message, "headers": [*inner, *own]}
        await self._send(message)

    async def say(self, status: int, text: str, headers: MutableMapping[str, str] | None = None) -> None:
        """Answer with a text; nothing if a response has begun."""
        if self._begun:
            return
        given = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(text.encode()))}
        listed = [(name.encode(), value.encode()) for name, value in (given | dict(headers or {})).items()]
        await self.send({"type": "http.response.start", "status": status, "headers": listed})
        await self.send({"type": "http.response.body", "body": text.encode()})


def _values(scope: Message, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
