"""Requests to an application in this process, as a server would pass them on."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import urlencode

from simclinic.web.guard import Guard

HOST = "127.0.0.1:8000"
OWN = f"http://{HOST}"
TOKEN = "a-token-of-the-test"


def without_process(jobs: Any) -> Any:
    """Keep the jobs of a folder from starting their process, for tests that ask no question."""
    jobs.warm = jobs.expect = lambda *_: None
    return jobs


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str


class Asking:
    """A browser of sorts: it keeps the cookie of the opening address."""

    def __init__(self, inner: Any, **bounds: Any) -> None:
        self.guard = Guard(inner, hosts=[HOST, "localhost:8000"], token=TOKEN, **bounds)
        self.cookie = ""

    def open(self) -> "Asking":
        given = self.get(f"/?token={TOKEN}")
        assert given.status == 303
        self.cookie = given.headers["set-cookie"].partition(";")[0]
        return self

    def get(self, address: str, headers: list[tuple[str, str]] | None = None) -> Answer:
        return self.ask("GET", address, headers=headers)

    def post(self, address: str, form: Any = ()) -> Answer:
        return self.ask("POST", address, [urlencode(form, doseq=True).encode()], [("origin", OWN)])

    def ask(
        self,
        method: str,
        address: str,
        body: list[bytes | None] = [],  # noqa: B006
        headers: list[tuple[str, str]] | None = None,
        *,
        host: str | None = HOST,
    ) -> Answer:
        path, _, query = address.partition("?")
        listed = [] if host is None else [("host", host)]
        listed += [("cookie", self.cookie)] if self.cookie else []
        listed += headers or []
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in listed],
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 50000),
        }
        parts = list(body) or [b""]
        sent: list[Any] = []

        async def receive() -> Any:
            if not parts:
                await asyncio.sleep(0)
                return {"type": "http.disconnect"}
            part = parts.pop(0)
            if part is None:  # it never comes
                await asyncio.sleep(60)
            return {"type": "http.request", "body": part, "more_body": bool(parts)}

        async def send(message: Any) -> None:
            sent.append(message)

        # In a thread of its own: a browser of other tests may have a loop in this one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, self.guard(scope, receive, send)).result()
        assert [each["type"] for each in sent].count("http.response.start") == 1
        start = next(each for each in sent if each["type"] == "http.response.start")
        text = b"".join(each.get("body", b"") for each in sent if each["type"] == "http.response.body")
        return Answer(
            start["status"],
            {name.decode(): value.decode() for name, value in start["headers"]},
            text.decode(),
        )
