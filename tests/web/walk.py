"""A walk through the page, from six questions to a printed answer, and from an export to a forecast.

`python -m tests.web.walk FOLDER [PART ...]` takes it with the typical clinic, and makes the pictures of
docs/how-to/page.md. Full answers take hours on a busy machine. FOLDER keeps the clinics and their answers, so that
the walk can begin again with any part, and what is answered is shown at once. The tests take it with a clinic of
few weeks.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simclinic.studies.clinic_files import changed_text

ROOT = Path(__file__).parents[2]
VISITS = ROOT / "scenarios" / "data" / "visits.csv"
NEW, LEARNT = "North Street", "From our export"
FEW_WEEKS = ("run.history_weeks=60", "run.history_delay_days=1", "run.weeks=8", "demand.referrals_per_week=6")

MANAGER = ("new", "cope", "day", "one_more", "how_many", "cheapest")
OWNER = ("export", "forecast", "hire")
"""Parts of the walks; each but the first begins where the clinic is there."""

_PRINTS = "window.print = () => { document.documentElement.dataset.printed = 'yes'; }"
_SIZE = {"width": 960, "height": 800}
_FULL_SECONDS = 6 * 3600.0

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
            out, err = process.communicate(
                timeout=120
            )  # some seconds, whatever a job does; a busy machine is slow
    assert (process.returncode, err) == (0, ""), err
    assert "The server has ended." in out


@dataclass(frozen=True)
class Walk:
    """A page that is walked through, as users do: they follow links, fill fields in, and press buttons.

    Attributes
    ----------
    page
        Of the browser, which shows *My clinics*.
    folder
        Of the clinics.
    look
        Called after each step.
    seconds
        Longest wait for an answer.
    short
        Whether the clinics have few weeks, and studies few replications.
    """

    page: Any
    folder: Path
    look: Look
    seconds: float
    short: bool

    def take(self, parts: Sequence[str]) -> None:
        """Walk through some parts."""
        # A busy machine may need long for any step; what never comes is waited for as long as an answer.
        self.page.set_default_timeout(1000 * self.seconds)
        for part in parts:
            getattr(self, part)()

    def new(self) -> None:
        """Make a new clinic by six questions."""
        page = self.page
        page.get_by_label("1. What is the clinic called?").fill(NEW)
        page.get_by_label("2. How many treatment chairs?").fill("3")
        page.get_by_label("6. How many new patients are referred a week?").fill("12")
        self.look("start")
        page.get_by_role("button", name="Make this clinic").click()
        page.wait_for_selector("#settings")
        self._shorten("north-street.toml", FEW_WEEKS)
        self.look("clinic")

    def cope(self) -> None:
        """Ask whether the clinic copes; the first figures are there long before the answer."""
        self.tab(NEW, "Does it cope?")
        self.page.wait_for_selector(".figures")
        if self.short or self.page.locator("[data-job]").count():
            self.look("cope")
        self._answered()
        self.look("coped")

    def day(self) -> None:
        """Look at the busiest day."""
        self.tab(NEW, "A day")
        self._answered()
        self.look("day")

    def one_more(self) -> None:
        """Ask what one more of each does."""
        self.tab(NEW, "One more of each")
        if self.short:
            self.page.get_by_label("Replications of each plan").fill("2")
        self._ask("Simulate one more of each")
        self.look("one-more")

    def how_many(self) -> None:
        """Ask how many new patients can be taken."""
        self.tab(NEW, "How many can we take?")
        if self.short:
            self.page.get_by_text("How the number is looked for").click()
            self.page.get_by_label("Step").fill("100")
            self.page.get_by_label("Most replications").fill("20")
        self._ask("Find the number")
        self.look("how-many")

    def cheapest(self) -> None:
        """Ask for the cheapest plan, and print the answer."""
        page = self.page
        self.tab(NEW, "Cheapest plan")
        page.get_by_role("group", name="Nurses").get_by_label("from").fill("2")
        page.get_by_role("group", name="Nurses").get_by_label("to").fill("2")
        if self.short:
            page.get_by_role("group", name="Chairs").get_by_label("to").fill("3")
            page.keyboard.press("Tab")
            page.wait_for_selector("#plans:has-text('That makes 2 plans')")
            page.locator("main summary", has_text="More").click()
            page.get_by_label("Most replications of a plan").fill("20")
        self._ask("Find the cheapest plan")
        self.look("cheapest")
        page.evaluate(_PRINTS)
        page.get_by_role("button", name="Print").click()
        page.wait_for_selector("html[data-printed='yes']")
        page.emulate_media(media="print")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        self.look("print")
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        page.emulate_media(media="screen")

    def export(self) -> None:
        """Drop an export, confirm what its columns and words mean, and keep what is learnt as a new clinic."""
        page = self.page
        self._home()
        page.set_input_files("#drop-file", str(VISITS))
        page.wait_for_selector("h1:has-text('Step 1 of 2')")
        self.look("columns")
        page.get_by_role("button", name="Next: the words").click()
        page.wait_for_selector("h1:has-text('Step 2 of 2')")
        self.look("words")
        page.get_by_role("button", name="Learn from it").click()
        page.wait_for_selector("h1:has-text('What was learnt')")
        self.look("learnt")
        page.get_by_label("Name of a new clinic").fill(LEARNT)
        page.get_by_role("button", name="Keep it as a new clinic").click()
        page.wait_for_selector("h1:has-text('My patients')")
        self._shorten("from-our-export.toml", ["run.replications=4"])

    def forecast(self) -> None:
        """Simulate the coming weeks from today's patients on."""
        self.tab(LEARNT, "Forecast")
        self.page.get_by_label("How many weeks?").fill("13" if self.short else "26")
        self._ask("Forecast")
        self.look("forecast")

    def hire(self) -> None:
        """Ask by when to hire if new patients grow."""
        self.fill_hire()
        self._ask("When, at the latest?")
        self.look("hire")

    def fill_hire(self) -> None:
        """Fill in what may be hired, and how new patients grow."""
        page = self.page
        self.tab(LEARNT, "Forecast")
        page.get_by_role("link", name="When must we hire, at the latest?").click()
        page.get_by_label("Over how many weeks?").fill("13" if self.short else "26")
        page.get_by_label("Growth of new patients in a year, %").fill("40")
        page.get_by_role("group", name="At most how many?").get_by_label("Chairs").fill("3")

    def _home(self) -> None:
        self.page.get_by_role("link", name="My clinics").first.click()
        self.page.wait_for_selector("#drop-file", state="attached")

    def tab(self, clinic: str, name: str) -> None:
        """Go to a screen of a clinic."""
        self._home()
        self.page.get_by_role("link", name=clinic, exact=True).click()
        self.page.wait_for_selector("#settings")
        self.page.get_by_role("link", name=name, exact=True).click()
        self.page.wait_for_selector(f"h1:has-text('{name}')")

    def _shorten(self, name: str, changes: Sequence[str]) -> None:
        if self.short:
            file = self.folder / name
            file.write_text(changed_text(file.read_text(), changes, folder=self.folder, name=str(file)))

    def _ask(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()
        self._answered()

    def _answered(self) -> None:
        """Wait until the job that is shown has ended, and all drawings are there."""
        self.page.wait_for_selector("#proof-title")
        self.page.wait_for_selector("[data-job]", state="detached")
        self.page.wait_for_selector(".drawing:empty", state="detached")


_ABOVE = {"start": "#new-title", "print": "body", "clinic": "body", "hours": "#week", "visit": "#visit"}
"""Where the picture of a step begins; others begin with the answer, or with the title where there is none."""
_OTHER_SIZES = {"print": (760, 1000), "forecast": (960, 1260)}


def pictures(folder: Path, parts: Sequence[str]) -> None:
    """Make the pictures of the documentation."""
    from playwright.sync_api import sync_playwright

    from tests.web.conftest import ALONE, CHROMIUM

    with serving(folder) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ALONE)
        page = browser.new_context(viewport=_SIZE).new_page()

        def look(step: str) -> None:
            if step in _OTHER_SIZES:
                width, height = _OTHER_SIZES[step]
                page.set_viewport_size({"width": width, "height": height})
            above = page.locator(_ABOVE.get(step, "#answer, h1")).last
            above.evaluate("each => each.scrollIntoView()")
            page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")
            page.screenshot(path=ROOT / "docs" / "images" / f"walk-{step}.png")
            page.set_viewport_size(_SIZE)
            if step == "clinic":
                look("hours")
                look("visit")

        page.goto(address)
        Walk(page, folder, look, _FULL_SECONDS, short=False).take(parts)
        browser.close()


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.mkdir(exist_ok=True)
    pictures(place, sys.argv[2:] or (*MANAGER, *OWNER))
