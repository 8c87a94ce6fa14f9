"""Reports in a real browser: Debian's Chromium, driven by playwright."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from tests.web.reports import STUDIES, make

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

ALONE = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Chromium as root, without asking the network for anything."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (on Debian: apt install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=ALONE)
        yield started
        started.close()


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One report of each study, of small clinics whose every name and text is markup.

    Processes that test side by side share them: the first makes them, the others wait.
    """
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    place = tmp_path_factory.mktemp("reports") if alone else tmp_path_factory.getbasetemp().parent / "reports"
    known = place / "made.json"
    try:
        place.mkdir(exist_ok=alone)
    except FileExistsError:
        end = time.monotonic() + 600
        while not known.exists():
            assert time.monotonic() < end, "the process that makes the reports has ended"
            time.sleep(0.1)
        return {study: Path(path) for study, path in json.loads(known.read_text()).items()}
    made = {study: make(study, place / study) for study in STUDIES}
    partial = place / "partial.json"
    partial.write_text(json.dumps({study: str(path) for study, path in made.items()}))
    partial.rename(known)
    return made


class Opened:
    """A page that was opened, and all it complained of or asked the network for."""

    def __init__(self, browser: Any, file: Path, **context: Any) -> None:
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on(
            "console",
            lambda message: message.type in ("error", "warning") and self.complaints.append(message.text),
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on(
            "dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss())
        )
        self.page.goto(file.as_uri())
        drawn = (
            # A function: a bare expression would be evaluated as text again and again, which the page forbids.
            "() => document.documentElement.dataset.drawn !== undefined"
            " || document.documentElement.dataset.failed !== undefined"
        )
        self.page.wait_for_function(drawn, timeout=60_000)

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _refuse(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()
