"""`simclinic serve` as people use it: a process, a browser, Ctrl-C."""

import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from simclinic.scenario import load

pytest.importorskip("fastapi", reason="the extra web is not installed")
uvicorn = pytest.importorskip("uvicorn", reason="the extra web is not installed")

HURT = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'
WIDE, NARROW = {"width": 1200, "height": 900}, {"width": 390, "height": 800}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server of a folder with one hostile clinic: its address and folder."""
    folder = tmp_path_factory.mktemp("clinics")
    (folder / "hostile.toml").write_text(f"name = '{HURT}'\n")
    command = [sys.executable, "-m", "simclinic", "serve", "--no-browser", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = re.search(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{32}", process.stdout.readline())
        assert address is not None
        yield address[0], folder
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "The server has ended." in out
    assert err == ""
    assert "token" not in out


def opened(browser, served, **context):
    page = browser.new_context(**context).new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "console",
        lambda message: "Content Security" in message.text and page.complaints.append(message.text),
    )
    page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
    page.goto(served[0])
    return page


def violations(page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    return [
        (each["id"], [node["html"][:120] for node in each["nodes"][:3]])
        for each in axe.run(page).response["violations"]
    ]


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        pytest.param(WIDE, "light", id="desktop", marks=pytest.mark.long),
        pytest.param(NARROW, "dark", id="phone"),
    ],
)
def test_from_six_questions_to_an_answer_on_paper(browser, served, size, scheme):
    page = opened(browser, served, viewport=size, color_scheme=scheme)
    assert "token" not in page.url
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.get_by_label("1. What is the clinic called?").fill(f"Clinic {scheme}")
    page.get_by_label("2. How many treatment chairs?").fill("3")
    page.keyboard.press("Enter")
    page.wait_for_selector("#paper")
    answer = page.locator("#paper .answer").inner_text()
    assert "of the 60 starts a week" in answer
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]

    chairs = page.get_by_label("Chairs", exact=True)
    chairs.fill("4")
    page.keyboard.press("Tab")
    page.wait_for_selector('html[data-saved="1"]')
    assert "of the 80 starts a week" in page.locator("#paper .answer").inner_text()
    chairs.fill("many")
    page.keyboard.press("Tab")
    page.wait_for_selector('html[data-saved="2"]')
    assert page.locator("[id='problem-clinic.chairs']").inner_text() == "must be a whole number"
    assert chairs.input_value() == "many"
    assert chairs.get_attribute("aria-invalid") == "true"
    assert violations(page) == []
    page.get_by_role("button", name="Undo the last change").click()
    page.wait_for_load_state()
    assert "of the 60 starts a week" in page.locator("#paper .answer").inner_text()
    assert page.complaints == []
    page.context.close()


def test_text_of_files_and_fields_is_inert_in_a_browser(browser, served):
    page = opened(browser, served, viewport=WIDE)
    page.locator(".cards a", has_text="onerror").click()
    page.wait_for_selector("#settings")
    field = page.get_by_label("Chairs", exact=True)
    field.fill(HURT)
    page.keyboard.press("Tab")
    page.wait_for_selector('html[data-saved="1"]')
    page.wait_for_timeout(100)
    assert page.evaluate("window.hurt === undefined")
    assert page.locator("main img, main script").count() == 0
    assert page.complaints == []
    page.context.close()


DRAWN = """name = "Drawn"
[clinic.hours]
mon = "08:00-17:00"
tue = "08:15-12:10"
[shifts.day]
days = ["mon", "tue", "wed"]
hours = "00:00-24:00"
nurses = 2
"""


@pytest.fixture
def drawn(browser, served):
    """The screen of a clinic, opened; its file; and what waits until a change is saved."""
    file = served[1] / "drawn.toml"
    file.write_text(DRAWN)
    page = opened(browser, served, viewport=WIDE)
    page.get_by_role("link", name="Drawn").click()
    page.wait_for_selector("#week .cell")

    def saved(what, value):
        """Wait until the file says so."""
        end = time.monotonic() + 30
        while (said := what(load(file))) != value:
            assert time.monotonic() < end, said
            page.wait_for_timeout(20)

    yield page, saved
    assert page.complaints == []
    page.context.close()


def paint(page, day, begin, end, to_day=None):
    """Paint from one half hour to another, with the mouse."""
    page.locator("#week").scroll_into_view_if_needed()
    cells = [page.locator(f'[data-at="{at[0]} {at[1]}"]') for at in ((day, begin), (to_day or day, end))]
    for cell, press in zip(cells, (page.mouse.down, page.mouse.up), strict=True):
        box = cell.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        press()


def hours_of(clinic):
    return {day: str(span) for day, span in clinic.clinic.hours.items()}


def test_hours_are_painted_with_the_mouse(drawn):
    page, saved = drawn
    paint(page, 2, 16, 33)  # a new day, 08:00 to 17:00
    first = {"mon": "08:00-17:00", "tue": "08:15-12:10"}
    saved(hours_of, first | {"wed": "08:00-17:00"})
    paint(page, 0, 34, 39, to_day=1)  # longer on the one day, and a second span on the other
    both = {"mon": "08:00-20:00", "tue": "08:15-12:10, 17:00-20:00"}
    saved(hours_of, both | {"wed": "08:00-17:00"})
    paint(page, 0, 20, 22)  # a pause, and its end taken back
    saved(hours_of, both | {"mon": "08:00-10:00, 11:30-20:00", "wed": "08:00-17:00"})
    paint(page, 0, 22, 22)
    saved(hours_of, both | {"mon": "08:00-10:00, 11:00-20:00", "wed": "08:00-17:00"})
    paint(page, 0, 20, 21)  # the rest of the pause: one span again
    saved(hours_of, both | {"wed": "08:00-17:00"})
    paint(page, 1, 24, 24)  # the end of a span, to the minute before
    both["tue"] = "08:15-12:00, 17:00-20:00"
    saved(hours_of, both | {"wed": "08:00-17:00"})
    paint(page, 1, 34, 39)
    both["tue"] = "08:15-12:00"
    saved(hours_of, both | {"wed": "08:00-17:00"})
    paint(page, 2, 0, 47)
    saved(hours_of, both | {"wed": "24h"})
    paint(page, 2, 0, 47)
    saved(hours_of, both)
    assert page.locator("[id='field-clinic.hours.wed']").input_value() == ""
    # hours of some weeks keep them
    weeks = "(1st and 3rd of the month)"
    field = page.locator("[id='field-clinic.hours.sat']")
    field.fill('{hours = "09:00-13:00", weeks = [1, 3]}')
    field.blur()
    saved(hours_of, both | {"sat": f"09:00-13:00 {weeks}"})
    page.wait_for_selector("#week .cell")
    paint(page, 5, 26, 27)
    saved(hours_of, both | {"sat": f"09:00-14:00 {weeks}"})
    paint(page, 5, 18, 27)
    saved(hours_of, both)
    # what is typed is painted
    page.locator("[id='field-clinic.hours.wed']").fill("24h")
    assert page.locator("#week .row").nth(2).locator('[aria-selected="true"]').count() == 48


def test_hours_are_painted_with_the_keyboard(drawn):
    page, saved = drawn
    page.locator('#week [tabindex="0"]').focus()
    page.keyboard.press("Home")
    for key in (
        "ArrowDown",
        "ArrowDown",
        *["ArrowRight"] * 18,
        "Space",
        "Shift+ArrowRight",
        "Shift+ArrowRight",
    ):
        page.keyboard.press(key)
    focused = "document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(focused) == "Wed 10:00, open"
    saved(lambda clinic: hours_of(clinic).get("wed"), "09:00-10:30")
    page.keyboard.press("Space")
    saved(lambda clinic: hours_of(clinic).get("wed"), "09:00-10:00")
    assert page.evaluate(focused) == "Wed 10:00, closed"
    assert violations(page) == []


@pytest.mark.long
def test_steps_are_dragged_and_moved_with_the_keyboard(drawn):
    page, saved = drawn

    def minutes(clinic):
        return clinic.visit.steps["infusion"].minutes.value

    edge = page.get_by_role("slider", name="Infusion, minutes")
    assert edge.get_attribute("aria-valuenow") == "40"
    edge.press("ArrowRight")
    edge.press("PageUp")
    saved(minutes, 51)
    box, bar = edge.bounding_box(), page.locator(".visit").bounding_box()
    widths = [each.bounding_box()["width"] for each in page.locator(".visit > div").all()]
    assert widths[1] / widths[0] == pytest.approx(51 / 15, rel=0.02)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 - 21 * bar["width"] / 118, box["y"] + 5)
    page.mouse.up()
    saved(minutes, 30)
    assert edge.get_attribute("aria-valuenow") == "30"
    assert page.locator("[id='field-visit.steps.infusion.minutes']").input_value() == "30"


def test_a_shift_is_added_after_what_was_typed_is_saved(drawn):
    page, _ = drawn
    page.get_by_label("Chairs", exact=True).fill("5")
    page.get_by_role("button", name="Add a shift").click()
    page.wait_for_selector("text=Shift shift-2")
    page.get_by_label("Chairs", exact=True).press("Enter")  # saves, and removes no shift
    page.wait_for_load_state()
    assert page.get_by_role("button", name="Remove this shift").count() == 2
    assert page.get_by_label("Chairs", exact=True).input_value() == "5"


def test_assumptions_are_found_by_words_and_the_box_changes_nothing(drawn):
    page, _ = drawn
    page.locator("section:has(#assumptions-title) summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("check-in BOOSTERS")
    page.wait_for_selector("#search [role=status]:has-text(' of ')")
    names = page.locator("#assumptions > li:visible .called").all_inner_texts()
    assert "Boosters: days from one check-in with a patient to the next" in names
    assert len(names) < 10
    assert "Currency" not in names
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.get_by_label("Search these settings").fill("")
    assert page.locator("#assumptions > li:visible").count() == page.locator("#assumptions > li").count()
    page.get_by_label("Chairs", exact=True).focus()
    assert page.evaluate("document.documentElement.dataset.saved") is None  # nothing was sent


def test_a_stranger_sees_nothing(browser, served):
    context = browser.new_context()
    address = served[0].partition("?")[0]
    answer = context.new_page().goto(address)
    assert answer.status == 403
    assert "address that `simclinic serve` printed" in answer.text()
    context.close()


def test_the_server_ends_when_the_page_is_closed(tmp_path):
    from simclinic.web.server import serve

    said = []
    ended = threading.Thread(
        target=serve,
        args=(tmp_path,),
        kwargs={"host": "127.0.0.1", "port": 0, "browser": False, "say": said.append, "idle_seconds": 0.3},
    )
    begun = time.monotonic()
    ended.start()
    ended.join(timeout=20)
    assert not ended.is_alive()
    assert time.monotonic() - begun > 0.3
    assert Path(tmp_path).is_dir()


@pytest.mark.long
@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "dark"), (NARROW, "light")])
def test_from_a_dropped_export_to_a_clinic(browser, served, tmp_path, size, scheme):
    visits = Path(__file__).parents[2] / "scenarios" / "data" / "visits.csv"
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(25_000_001)
    page = opened(browser, served, viewport=size, color_scheme=scheme)
    page.set_input_files("#drop-file", str(large))
    page.wait_for_selector("#drop-said:has-text('larger than 25 MB')")
    page.set_input_files("#drop-file", {"name": "a.pdf", "mimeType": "", "buffer": b"%PDF-1.4"})
    page.wait_for_selector("#drop-said:has-text('a.pdf is a PDF')")
    page.set_input_files("#drop-file", str(visits))
    for heading, button in (("Step 1 of 2", "Next: the words"), ("Step 2 of 2", "Learn from it")):
        page.wait_for_selector(f"h1:has-text('{heading}')", timeout=60_000)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        page.get_by_role("button", name=button).click()
    page.wait_for_selector("h1:has-text('What was learnt')", timeout=120_000)
    assert violations(page) == []
    page.get_by_label("Name of a new clinic").fill(f"Learnt {scheme}")
    page.get_by_role("button", name="Keep it as a new clinic").click()
    page.wait_for_selector("h1:has-text('My patients')")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert page.complaints == []
    assert (served[1] / f"learnt-{scheme}.toml").is_file()
    page.context.close()
