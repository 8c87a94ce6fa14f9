"""Times of the long questions of docs/how-to/page.md: `python -m tests.web.trial`.

The machine should have nothing else to do. The clinic is that of docs/how-to/three-questions.md; *When to hire* is
about the clinic that the sample export gives. What takes longer than its bound is stopped, so that all of it takes
a quarter of an hour at most.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.docs.pages import blocks
from tests.web.walk import ROOT, Walk, serving

NAME = "Four chairs, two nurses"
LONGEST = {"how many": 300.0, "cheapest": 180.0, "hire": 300.0}
"""Seconds after which a question is stopped."""
_FIRST = "#answer :text('up to')"
"""What shows that the first number of patients is confirmed."""


def _clinic() -> str:
    """Return the clinic of the three questions."""
    [text] = [
        block.text
        for block in blocks("docs/how-to/three-questions.md")
        if block.text.startswith("# my-clinic.toml")
    ]
    return text


def _row(step: str, begun: float, page: Any) -> None:
    """Print a row of the table; a job that goes on beyond its bound is stopped, and said."""
    said = re.search(
        r"([\d,]+) replications? (?:are|is) finished|Answered from ([\d,]+)", page.inner_text("main")
    )
    made = next((each for each in said.groups() if each), "") if said else ""
    replications = f", {made} replications" if made else ""
    print(f"| *{step}*{replications} | {time.monotonic() - begun:.0f} |", flush=True)


def _answered(page: Any, step: str, begun: float, seconds: float) -> None:
    from playwright.sync_api import TimeoutError as TooLongError

    try:
        page.wait_for_selector("#proof-title", timeout=1000 * seconds)
        _row(f"{step}: answer", begun, page)
    except TooLongError:
        page.locator("#standing button", has_text="Stop").click()
        page.wait_for_selector("#standing :text('Stopped')", timeout=60_000)
        _row(f"{step}: stopped", begun, page)


def main() -> None:
    """Print the rows of the table, in seconds."""
    from playwright.sync_api import TimeoutError as TooLongError
    from playwright.sync_api import sync_playwright

    from tests.web.conftest import ALONE, CHROMIUM

    with tempfile.TemporaryDirectory() as place, sync_playwright() as play:
        folder = Path(place)
        shutil.copytree(ROOT / "scenarios", folder / "scenarios")
        (folder / "my-clinic.toml").write_text(_clinic())
        with serving(folder) as address:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=ALONE)
            page = browser.new_context().new_page()
            page.set_default_timeout(600_000)
            page.goto(address)
            walk = Walk(page, folder, lambda _: None, 600.0, short=False)

            def press(button: str) -> float:
                begun = time.monotonic()
                page.get_by_role("button", name=button, exact=True).click()
                return begun

            walk.tab(NAME, "How many can we take?")
            begun = press("Find the number")
            try:
                page.wait_for_selector(_FIRST, timeout=1000 * LONGEST["how many"])
                _row("How many can we take?: first number confirmed", begun, page)
            except TooLongError:
                pass  # the next row says so
            left = LONGEST["how many"] - (time.monotonic() - begun)
            _answered(page, "How many can we take?", begun, max(1.0, left))
            walk.tab(NAME, "Cheapest plan")
            begun = press("Find the cheapest plan")
            _answered(page, "Cheapest plan", begun, LONGEST["cheapest"])
            begun = time.monotonic()
            walk.export()
            _row("export: kept as a new clinic", begun, page)
            walk.fill_hire()
            begun = press("When, at the latest?")
            _answered(page, "When to hire", begun, LONGEST["hire"])
            browser.close()


if __name__ == "__main__":
    main()
