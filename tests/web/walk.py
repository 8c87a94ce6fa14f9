"""A walk through the page, from six questions to a printed answer, and from an export to a forecast.

`python -m tests.web.walk` takes it with the typical clinic, and makes the pictures of docs/how-to/page.md; it takes
some minutes. The tests take it with a clinic of few weeks.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simclinic.studies.clinic_files import changed_text

ROOT = Path(__file__).parents[2]
VISITS = ROOT / "scenarios" / "data" / "visits.csv"
FEW_WEEKS = ('run.begin="empty"', "run.warm_up_weeks=8", "run.weeks=8", "run.replications=20")

_PRINTS = "window.print = () => { document.documentElement.dataset.printed = 'yes'; }"
_ANSWERS = ("coped", "one-more", "how-many", "cheapest", "forecast", "hire")
"""Steps whose picture begins with the answer."""

_SIZE = {"width": 960, "height": 800}

Look = Callable[[str], None]
"""Looks at the page after a step of this name."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder; give the opening address."""
    command = [sys.executable, "-m", "simclinic", "serve", "--no-browser", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        try:
            yield found[0]
        finally:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, ""), err
    assert "The server has ended." in out


def manager(page: Any, folder: Path, look: Look, seconds: float, *, short: bool) -> None:
    """Walk as a manager does: a new clinic, does it cope, one more, how many, the cheapest plan, print."""
    page.get_by_label("1. What is the clinic called?").fill("North Street")
    page.get_by_label("2. How many treatment chairs?").fill("3")
    page.get_by_label("6. How many new patients are referred a week?").fill("12")
    look("start")
    page.get_by_role("button", name="Make this clinic").click()
    page.wait_for_selector("#settings")
    if short:
        file = folder / "north-street.toml"
        file.write_text(changed_text(file.read_text(), FEW_WEEKS, folder=folder, name=str(file)))
    look("clinic")
    page.get_by_role("link", name="Does it cope?").click()
    page.wait_for_selector(".figures", timeout=1000 * seconds)
    look("cope")
    _answered(page, seconds)
    look("coped")
    page.get_by_role("link", name="One more of each").click()
    if short:
        page.get_by_label("Replications of each plan").fill("3")
    _ask(page, "Simulate one more of each", seconds)
    look("one-more")
    page.get_by_role("link", name="How many can we take?").click()
    if short:
        page.get_by_text("How the number is looked for").click()
        page.get_by_label("Step").fill("50")
    _ask(page, "Find the number", seconds)
    look("how-many")
    page.get_by_role("link", name="Cheapest plan").click()
    page.get_by_role("group", name="Nurses").get_by_label("from").fill("2")
    page.get_by_role("group", name="Nurses").get_by_label("to").fill("2")
    if short:
        page.get_by_role("group", name="Chairs").get_by_label("to").fill("3")
        page.keyboard.press("Tab")
        page.wait_for_selector("#plans:has-text('That makes 2 plans')")
    _ask(page, "Find the cheapest plan", seconds)
    look("cheapest")
    page.evaluate(_PRINTS)
    page.get_by_role("button", name="Print").click()
    page.wait_for_selector("html[data-printed='yes']")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    look("print")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")


def owner(page: Any, folder: Path, look: Look, seconds: float, *, short: bool) -> None:
    """Walk as an owner does: an export, what is learnt from it, and a forecast of today's patients."""
    page.set_input_files("#drop-file", str(VISITS))
    page.wait_for_selector("h1:has-text('Step 1 of 2')", timeout=1000 * seconds)
    look("columns")
    page.get_by_role("button", name="Next: the words").click()
    page.wait_for_selector("h1:has-text('Step 2 of 2')", timeout=1000 * seconds)
    look("words")
    page.get_by_role("button", name="Learn from it").click()
    page.wait_for_selector("h1:has-text('What was learnt')", timeout=1000 * seconds)
    look("learnt")
    page.get_by_label("Name of a new clinic").fill("From our export")
    page.get_by_role("button", name="Keep it as a new clinic").click()
    page.wait_for_selector("h1:has-text('My patients')")
    if short:
        file = folder / "from-our-export.toml"
        file.write_text(changed_text(file.read_text(), ["run.replications=4"], folder=folder, name=str(file)))
    page.get_by_role("link", name="Forecast").click()
    page.get_by_label("How many weeks?").fill("13" if short else "26")
    _ask(page, "Forecast", seconds)
    look("forecast")
    page.get_by_role("link", name="When must we hire, at the latest?").click()
    page.get_by_label("Over how many weeks?").fill("13" if short else "26")
    page.get_by_label("Growth of new patients in a year, %").fill("40")
    page.get_by_role("group", name="At most how many?").get_by_label("Chairs").fill("3")
    _ask(page, "When, at the latest?", seconds)
    look("hire")


def _ask(page: Any, button: str, seconds: float) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    _answered(page, seconds)


def _answered(page: Any, seconds: float) -> None:
    page.wait_for_selector("#proof-title", timeout=1000 * seconds)
    page.wait_for_selector(".drawing:empty", state="detached", timeout=60_000)


def main() -> None:
    """Make the pictures of the documentation."""
    from playwright.sync_api import sync_playwright

    from tests.web.conftest import ALONE, CHROMIUM

    with tempfile.TemporaryDirectory() as place, serving(Path(place)) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ALONE)
        page = browser.new_context(viewport=_SIZE).new_page()

        def look(step: str) -> None:
            if step in _ANSWERS:
                page.evaluate("document.getElementById('answer').scrollIntoView()")
            elif step == "start":
                page.evaluate("document.getElementById('new-title').scrollIntoView()")
            elif step == "print":
                page.set_viewport_size({"width": 760, "height": 1000})
                page.evaluate("window.scrollTo(0, 0)")
            time.sleep(0.5)
            page.screenshot(path=ROOT / "docs" / "images" / f"walk-{step}.png")
            page.set_viewport_size(_SIZE)

        page.goto(address)
        manager(page, Path(place), look, 1200, short=False)
        page.goto(address.partition("?")[0])
        owner(page, Path(place), look, 1200, short=False)
        browser.close()


if __name__ == "__main__":
    main()
