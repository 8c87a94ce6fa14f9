"""Every screen of the page in each of its states, in a real browser, light and dark, wide and narrow.

`python -m tests.web.sweep [FOLDER]` prints the table of docs/background/page-checks.md, and puts a picture of each
into FOLDER; it takes some minutes.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.web.test_forecast import DAY_AND_NIGHT, learnt
from tests.web.walk import ROOT, VISITS, serving

WIDTHS = (1100, 390)
SCHEMES = ("light", "dark")
SECONDS = 600.0
"""Longest wait for an answer."""
_SOON = 20.0
"""Longest wait for what is known while a job runs."""

RUN = '[run]\nbegin = "empty"\nwarm_up_weeks = 8\nweeks = {}\nreplications = 3\n'
QUICK, SLOW = RUN.format(8), RUN.format(520)
FILES = {
    "quick": f'name = "Quick"\n{QUICK}',
    "quick-too": f'name = "Quick, too"\n{QUICK}[clinic]\nchairs = 4\n',
    "slow": f'name = "Slow"\n{SLOW}',
    "walk-in": f'name = "Walk-in"\n{QUICK}[booking]\nmode = "walk-in"\n',
    "day-and-night": f'name = "Day and night"\n{QUICK}{DAY_AND_NIGHT}',
    "broken": 'name = "Broken"\n[clinic]\nchairs = "many"\n',
}


GIVEN = ("busy", "single-nurse", "iv-and-esketamine", "consult-days", "day-hospital")
"""Scenarios of the project that are looked at, too, over a few weeks."""

PARTS = (
    "start",
    "cope",
    "one_more",
    "how_many",
    "cheapest",
    "template",
    "others",
    "patients_to_come",
    "patients",
    "given",
)
"""Each can be shown alone."""


class View(NamedTuple):
    """A screen in a state, which the page shows now."""

    screen: str
    state: str


def clinics(folder: Path) -> None:
    """Write the clinics of the sweep."""
    for name, text in FILES.items():
        (folder / f"{name}.toml").write_text(text)
    shutil.copytree(ROOT / "scenarios", folder / "given")
    for name in GIVEN:
        (folder / f"{name}.toml").write_text(f'extends = "given/{name}.toml"\nname = "{name}"\n{QUICK}')
    learnt(folder)


class Tour:
    """A page that is led from screen to screen.

    Parameters
    ----------
    page
        Of the browser.
    address
        The opening address.
    folder
        Of the clinics.
    """

    def __init__(self, page: Any, address: str, folder: Path) -> None:
        self.page, self.folder = page, folder
        page.set_default_timeout(1000 * SECONDS)  # a busy machine may need long for any step
        page.goto(address)
        self.home = page.url
        links = page.locator(".cards a[href*='/clinic/']").all()
        self.clinics = {link.inner_text(): link.get_attribute("href") for link in links}

    def open(self, clinic: str, screen: str = "") -> None:
        """Show a screen of a clinic."""
        self.page.goto(f"{self.home.rstrip('/')}{self.clinics[clinic]}/{screen}".rstrip("/"))

    def fill(self, fields: dict[str, str]) -> None:
        """Fill fields in, by their names; what is folded away is opened."""
        self.page.evaluate(
            "for (const each of document.querySelectorAll('main details')) { each.open = true; }"
        )
        for name, text in fields.items():
            self.page.locator(f'main [name="{name}"]').first.fill(text)
        self.page.keyboard.press("Tab")
        self.page.wait_for_timeout(300)

    def press(self, button: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=button, exact=True).click()
        self.page.wait_for_load_state()

    def answered(self) -> None:
        """Wait for an answer."""
        self.page.wait_for_selector("#proof-title")
        self.page.wait_for_selector(".drawing:empty", state="detached")

    def running(self) -> None:
        """Wait until something is known of a job that runs, if it is soon."""
        self.page.wait_for_selector("[data-job]")
        known = "#answer .answer, #answer table, #proof-title"
        end = time.monotonic() + _SOON
        while time.monotonic() < end and not self.page.locator(known).count():
            self.page.wait_for_timeout(500)

    def stop(self) -> None:
        """Stop the job that is shown."""
        self.page.locator("#standing button", has_text="Stop").click()
        self.page.wait_for_selector("#standing :text('Stopped')")

    def few(self) -> Iterator[View]:
        """Show screens that need no simulation, and that no other short test looks at."""
        self.page.goto(f"{self.home}glossary")
        yield View("What the words mean", "as it is")
        for title, clinic, screen in (
            ("How many can we take?", "Day and night", "how-many"),
            ("Best template", "Walk-in", "template"),
            ("When to hire", "Learnt", "hire"),
        ):
            self.open(clinic, screen)
            yield View(title, clinic)

    def start(self) -> Iterator[View]:
        """Show *My clinics* and what belongs to no clinic."""
        self.page.goto(self.home)
        yield View("My clinics", "as it is")
        self.page.get_by_label("2. How many treatment chairs?").fill("many")
        self.press("Make this clinic")
        yield View("My clinics", "refused")
        self.page.goto(f"{self.home}glossary")
        yield View("What the words mean", "as it is")
        self.page.goto(f"{self.home}clinic/none")
        yield View("Not found", "as it is")
        self.open("Quick")
        yield View("My clinic", "as it is")
        self.fill({"clinic.chairs": "many"})
        yield View("My clinic", "refused")
        for name in ("Walk-in", "Day and night"):
            self.open(name)
            yield View("My clinic", name.lower())
        self.open("broken.toml")
        yield View("My clinic", "not valid")

    def patients(self) -> Iterator[View]:
        """Show *My patients*, from an export to what was learnt."""
        self.open("Quick", "patients")
        yield View("My patients", "as it is")
        file = self.folder / "no-export.csv"
        file.write_text("a,b\n1,2\n")
        self.page.set_input_files("input[type=file]", str(file))
        self.page.wait_for_selector("main .problems, [role=status]:not(:empty):not(:text('Reading'))")
        yield View("My patients", "refused")
        self.open("Quick", "patients")
        self.page.set_input_files("input[type=file]", str(VISITS))
        for title, button in (("Step 1 of 2", "Next: the words"), ("Step 2 of 2", "Learn from it")):
            self.page.wait_for_selector(f"h1:has-text('{title}')")
            yield View("My patients", title.lower())
            self.page.get_by_role("button", name=button).click()
        self.page.wait_for_selector("h1:has-text('What was learnt')")
        yield View("My patients", "what was learnt")
        self.page.get_by_label("Name of a new clinic").fill("From our export")
        self.press("Keep it as a new clinic")
        yield View("My patients", "kept")

    def question(
        self,
        title: str,
        screen: str,
        button: str,
        few: dict[str, str],
        wrong: dict[str, str],
    ) -> Iterator[View]:
        """Show a question in its four states; `few` makes it quick, `wrong` is refused."""
        self.open("Quick", screen)
        yield View(title, "as it is")
        if wrong:
            self.fill(wrong)
            self.press(button)
            yield View(title, "refused")
        self.open("Slow", screen)
        if button:
            self.press(button)
        self.running()
        yield View(title, "running")
        self.page.reload()
        self.stop()
        yield View(title, "stopped")
        self.open("Quick", screen)
        self.fill(few)
        if button:
            self.press(button)
        self.answered()
        yield View(title, "answered")

    def cope(self) -> Iterator[View]:
        """Show *Does it cope?*."""
        self.open("Slow", "cope")
        self.running()
        yield View("Does it cope?", "running")
        self.page.reload()
        self.stop()
        yield View("Does it cope?", "stopped")
        self.open("Quick", "cope")
        self.answered()
        yield View("Does it cope?", "answered")
        self.page.emulate_media(media="print")
        self.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        yield View("Does it cope?", "printed")
        self.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        self.page.emulate_media(media="screen")

    def one_more(self) -> Iterator[View]:
        """Show *One more of each*."""
        yield from self.question(
            "One more of each",
            "one-more",
            "Simulate one more of each",
            {"replications": "3"},
            {"replications": "many"},
        )

    def how_many(self) -> Iterator[View]:
        """Show *How many can we take?*."""
        yield from self.question(
            "How many can we take?",
            "how-many",
            "Find the number",
            {"step": "50"},
            {"step": "many", "target.balked_share": "few"},
        )

    def cheapest(self) -> Iterator[View]:
        """Show *Cheapest plan*."""
        yield from self.question(
            "Cheapest plan",
            "cheapest",
            "Find the cheapest plan",
            {"range0-from": "3", "range0-to": "3", "range1-from": "2", "range1-to": "2", "at_most": "50"},
            {"range0-from": "few", "at_most": "many"},
        )

    def template(self) -> Iterator[View]:
        """Show *Best template*."""
        yield from self.question(
            "Best template",
            "template",
            "Find the best template",
            {"slack": "30", "at_most": "50"},
            {"grid": "7", "slack": "x"},
        )
        self.open("Walk-in", "template")
        yield View("Best template", "walk-in: none")
        self.open("Day and night", "template")
        self.fill({"slack": "30", "at_most": "50"})
        self.press("Find the best template")
        self.answered()
        yield View("Best template", "day and night")

    def patients_to_come(self) -> Iterator[View]:
        """Show the questions that begin with today's patients."""
        self.open("Quick", "forecast")
        yield View("Forecast", "no patients")
        for title, screen, button, few, wrong in (
            (
                "Forecast",
                "forecast",
                "Forecast",
                {"weeks": "2", "date": "2026-02-09", "value": "4"},
                {"weeks": "0", "value": "4"},
            ),
            (
                "When to hire",
                "hire",
                "When, at the latest?",
                {"weeks": "4", "at_most": "50"},
                {"weeks": "0", "most-0": "99"},
            ),
        ):
            self.open("Learnt", screen)
            yield View(title, "as it is")
            self.fill(wrong)
            self.press(button)
            yield View(title, "refused")
            self.fill({"weeks": "200"} | ({"most-0": "3"} if screen == "hire" else {"value": ""}))
            self.press(button)
            self.running()
            yield View(title, "running")
            self.page.reload()
            self.stop()
            yield View(title, "stopped")
            self.open("Learnt", screen)
            self.fill(few)
            self.press(button)
            self.answered()
            yield View(title, "answered")

    def others(self) -> Iterator[View]:
        """Show *A day* and *Plans*; the clinic has been simulated."""
        self.open("Quick", "day")
        self.page.wait_for_selector("#proof-title")
        self.page.wait_for_selector(".drawing:empty", state="detached")
        yield View("A day", "answered")
        self.open("Quick", "day?date=1999-01-01")
        yield View("A day", "refused")
        self.page.goto(f"{self.home}plans")
        yield View("Plans side by side", "as it is")
        self.press("Compare the pinned plans")
        yield View("Plans side by side", "refused")
        for name in ("Quick", "Quick, too"):
            key = self.clinics[name].rpartition("/")[2]
            self.page.locator(f'input[name="pin"][value="{key}"]').check()
        self.press("Compare the pinned plans")
        self.answered()
        yield View("Plans side by side", "answered")

    def given(self) -> Iterator[View]:
        """Show what each screen makes of clinics of other kinds."""
        for name in GIVEN:
            for title, screen in (
                ("My clinic", ""),
                ("One more of each", "one-more"),
                ("How many can we take?", "how-many"),
                ("Cheapest plan", "cheapest"),
                ("Best template", "template"),
            ):
                self.open(name, screen)
                yield View(title, name)
            for title, screen in (("Does it cope?", "cope"), ("A day", "day")):
                self.open(name, screen)
                self.answered()
                yield View(title, name)

    def views(self, parts: Sequence[str]) -> Iterator[View]:
        """Show parts of the page, one after another."""
        for part in parts:
            yield from getattr(self, part)()


_PAPER = max(WIDTHS)
"""Pixels: a sheet is no wider, in whatever window it is printed from."""

_OTHER_COLOURS = (
    "Array.from(document.querySelectorAll('.drawing .xtick text')).some("
    "text => getComputedStyle(text).fill !== getComputedStyle(document.body).color)"
)


def looked_at(
    page: Any, violations: Any, widths: Sequence[int] = WIDTHS, schemes: Sequence[str] = SCHEMES
) -> Iterator[tuple[str, list[str]]]:
    """Look at what the page shows, light and dark, wide and narrow; yield the variant and what is wrong."""
    said = page.evaluate(
        "(() => { const main = document.querySelector('main').cloneNode(true); "
        "for (const each of main.querySelectorAll('pre, template, script, [data-copies]')) { each.remove(); } "
        "return main.textContent; })()"
    )
    wrong = [
        f"says {found[0]}" for found in re.finditer(r".{0,30}(?<![\w-])--[a-z].{0,20}|\bNone\b|\bnan\b", said)
    ]
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(200)
            wide = page.evaluate("document.documentElement.scrollWidth")
            paper = page.evaluate("document.documentElement.classList.contains('printing')")
            more = [f"{wide} pixels wide"] if wide > (_PAPER if paper else width) else []
            more += ["a drawing has the colours of the other scheme"] if page.evaluate(_OTHER_COLOURS) else []
            yield f"{width}-{scheme}", [*wrong, *more, *map(str, violations(page))]


def main(pictures: Path | None, parts: Sequence[str] = PARTS) -> None:
    """Print the table."""
    from playwright.sync_api import sync_playwright

    from tests.web.conftest import ALONE, CHROMIUM
    from tests.web.test_serve import violations

    counts: Counter[str] = Counter()
    states: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as place, sync_playwright() as play:
        clinics(Path(place))
        with serving(Path(place)) as address:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=ALONE)
            page = browser.new_context().new_page()
            for view in Tour(page, address, Path(place)).views(parts):
                states.setdefault(view.screen, []).append(view.state)
                for variant, wrong in looked_at(page, violations):
                    counts[view.screen] += len(wrong)
                    if wrong:
                        print(view, variant, wrong, file=sys.stderr, flush=True)
                    if pictures is not None:
                        name = re.sub(r"\W+", "-", f"{view.screen}-{view.state}-{variant}").lower()
                        page.screenshot(path=pictures / f"{name}.png", full_page=True)
            browser.close()
    print("| screen | states | looked at | violations |\n| --- | --- | ---: | ---: |")
    for screen, listed in states.items():
        print(
            f"| {screen} | {', '.join(listed)} | {len(listed) * len(WIDTHS) * len(SCHEMES)} | {counts[screen]} |"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None, sys.argv[2:] or PARTS)
