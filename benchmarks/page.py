"""How soon the page answers, and what memory it takes: `python -m benchmarks page`.

A server is started with the typical clinic, and asked as a browser asks it, without one: drawing comes on top.
Beside each time stands the processor time of the server and all its processes until then, since a machine that has
other work to do makes every answer late.
"""

from __future__ import annotations

import html
import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
TURNS = 5
SCREENS = ("", "/cope", "/one-more", "/how-many", "/cheapest", "/template", "/forecast", "/day", "/patients")
SEEN_FOR = 5
"""Seconds in which a clinic is looked at before a question."""
RESTED, QUIET = 25, 130
"""Seconds without a job after which workers have ended, and more after which the process of jobs has."""
_TICKS = os.sysconf("SC_CLK_TCK")
_COUNTED = re.compile(r"([\d,]+) replications? of \d+ weeks( so far)?")


class Spent(NamedTuple):
    """Seconds by the clock, and of processors."""

    wall: float
    processors: float


class Server:
    """A server of a folder, and its processes."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "simclinic", "serve", "--no-browser", str(folder)]
        begun = time.perf_counter()
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        first = self._process.stdout.readline()
        found = re.search(r"http://([^:]+):(\d+)/\?token=(\S+)", first)
        assert found is not None, first
        self.host, port, token = found.groups()
        self.port = int(port)
        self._cookie = ""
        answer = self._ask("GET", f"/?token={token}")
        self._cookie = answer[1]
        self.started = time.perf_counter() - begun

    def _ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[str, str, str]:
        """Ask; return the text, the cookie that was set, and where the answer sends the browser."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=120)
        headers = {"Cookie": self._cookie, "Origin": f"http://{self.host}:{self.port}"}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        cookie = (response.getheader("Set-Cookie") or "").partition(";")[0]
        assert response.status < 400, (path, response.status, text[:500])
        return text, cookie, response.getheader("Location") or ""

    def get(self, path: str) -> str:
        """Get a page."""
        return self._ask("GET", path)[0]

    def send(self, path: str, form: dict[str, str]) -> str:
        """Send a form; return where the answer leads."""
        return self._ask("POST", path, form)[2]

    def post(self, path: str, form: dict[str, str]) -> str:
        """Send a form, and get the page that the answer leads to."""
        return self.get(self.send(path, form))

    def changes(self, job: str) -> Iterator[str]:
        """Yield the events of a job, as the page is told of them."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=600)
        connection.request("GET", f"/job/{job}/events", headers={"Cookie": self._cookie})
        response = connection.getresponse()
        while line := response.readline():
            if line.startswith(b"event:"):
                yield line.decode().split()[1]

    def processes(self) -> list[int]:
        """List the server and all its processes."""

        def below(process: int) -> Iterator[int]:
            yield process
            for task in Path(f"/proc/{process}/task").glob("*/children"):
                for child in task.read_text().split():
                    yield from below(int(child))

        return list(below(self._process.pid))

    def processor_seconds(self) -> float:
        """Return the processor time of all processes so far."""
        total = 0
        for process in self.processes():
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15]))
        return total / _TICKS

    def memory(self) -> float:
        """Return the memory of all processes in MB; what several share is counted once."""
        total = 0
        for process in self.processes():
            match = re.search(
                r"^Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE
            )
            total += int(match[1]) if match else 0
        return total / 1024

    def end(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()

    def timed(self, what: Callable[[], object]) -> Spent:
        """Time something."""
        begun, before = time.perf_counter(), self.processor_seconds()
        what()
        return Spent(time.perf_counter() - begun, self.processor_seconds() - before)


def page() -> None:
    """Print the times of the page."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(HERE.parent / "scenarios" / "baseline.toml", folder)
        server = Server(Path(folder))
        try:
            _measure(server)
        finally:
            server.end()


def _measure(server: Server) -> None:
    load = os.getloadavg()[0]
    print(f"The page of the typical clinic: {os.cpu_count()} processors, load {load:.1f}")
    print(f"{'':<58}      seconds  of processors")
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "simclinic", "--help"], check=True, capture_output=True)
    print(f"  {'simclinic --help':<62} {time.perf_counter() - begun:6.2f}")
    _row("the server starts, and shows the first screen", Spent(server.started, server.processor_seconds()))
    print(f"  the server alone: {server.memory():.0f} MB")
    found = re.search(r'href="(/clinic/[0-9a-f]+)"', server.get("/"))
    assert found is not None
    clinic = found[1]
    for screen in SCREENS:
        times = [server.timed(lambda screen=screen: server.get(clinic + screen)) for _ in range(TURNS)]
        name = screen.removeprefix("/") or "clinic"
        _row(f"{name}: the whole page, the first time", times[0])
        _row(f"{name}: the whole page, again (best of {TURNS - 1})", min(times[1:]))
    _row("a change is saved, and answered on paper", server.timed(lambda: _change(server, clinic, +1)))
    time.sleep(SEEN_FOR)
    _cope(server, clinic, f"looked at for {SEEN_FOR} s")
    _change(server, clinic, +1)
    _cope(server, clinic, "at once after a change")
    for name in ("one-more", "how-many", "cheapest", "template"):
        _search(server, clinic, name)
    print(f"  all processes, one at work: {server.memory():.0f} MB")
    time.sleep(RESTED)
    print(f"  all processes, ready for a question: {server.memory():.0f} MB")
    time.sleep(QUIET)
    print(f"  all processes, idle: {server.memory():.0f} MB")
    _change(server, clinic, -2)
    _cope(server, clinic, "of an idle server")


def _row(what: str, spent: Spent) -> None:
    print(f"  {what:<62} {spent.wall:6.2f}  {spent.processors:6.2f}", flush=True)


def _change(server: Server, clinic: str, chairs: int) -> None:
    """Save another number of chairs, and get the page with the answer on paper."""
    form = _form(server.get(clinic))
    number = str(int(form["clinic.chairs"]) + chairs)
    server.post(clinic, {"version": form["version"], "clinic.chairs": number})


def _form(text: str) -> dict[str, str]:
    """Read the fields of a page, as a browser sends them."""
    form = {}
    for tag in re.findall(r"<input[^>]+>", text):
        fields = {key: html.unescape(value) for key, value in re.findall(r'([a-z]+)="([^"]*)"', tag)}
        if fields.get("type") != "checkbox" and "name" in fields:
            form[fields["name"]] = fields.get("value", "")
    return form


def _cope(server: Server, clinic: str, when: str) -> None:
    """Ask whether a clinic copes: time the first figures, those known to 5 %, and the whole answer."""
    begun, before = time.perf_counter(), server.processor_seconds()
    seen: list[tuple[int, Spent]] = []
    text = ""
    for _ in _watched(server, f"{clinic}/cope", {}):
        text = server.get(f"{clinic}/cope")
        spent = Spent(time.perf_counter() - begun, server.processor_seconds() - before)
        if (match := _COUNTED.search(text)) is not None:
            seen.append((int(match[1].replace(",", "")), spent))
    most = seen[-1][0]
    _row(f"does it cope, {when}: first figures, n = {seen[0][0]}", seen[0][1])
    _row(f"does it cope, {when}: known to 5 %, n = {most}", next(spent for n, spent in seen if n == most))
    _row(f"does it cope, {when}: the whole answer", seen[-1][1])


def _search(server: Server, clinic: str, name: str) -> None:
    """Ask a question that tries several plans: time what is tried, and the first figures of that; then stop."""
    form = _form(server.get(f"{clinic}/{name}"))
    begun, before = time.perf_counter(), server.processor_seconds()
    said = None
    for job in _watched(server, f"{clinic}/{name}", form):
        text = server.get(f"{clinic}/{name}")
        spent = Spent(time.perf_counter() - begun, server.processor_seconds() - before)
        if said is None and re.search("put together|being simulated|are computed|order of their cost", text):
            said = spent
            _row(f"{name}: what is tried", said)
        if (match := re.search(r"Its first (\d+) replications", text)) is not None:
            _row(f"{name}: first figures of it, n = {match[1]}", spent)
            server.post(f"/job/{job}/stop", {})
            break
    for _ in server.changes(job):
        pass


def _watched(server: Server, path: str, form: dict[str, str]) -> Iterator[str]:
    """Ask a question; yield its job whenever that has changed, until it has ended."""
    location = server.send(path, form)
    job = re.search(r"job=([0-9a-f]+)", location)
    assert job is not None, location
    for _ in server.changes(job[1]):
        yield job[1]
