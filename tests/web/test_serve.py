"""`simclinic serve` as people use it: a process, a browser, Ctrl-C."""

import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

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
