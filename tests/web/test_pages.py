"""Every report, opened as people open it: it draws, runs nobody's words, asks the network nothing, reads well."""

import importlib.util
import re

import pytest

from tests.web.conftest import Opened
from tests.web.reports import STUDIES

SHORT = ("run", "compare", "forecast")
USUAL = [each if each in SHORT else pytest.param(each, marks=pytest.mark.long) for each in STUDIES]
"""In the short tier the pages of the other studies are only counted."""

A4 = 793
"""Pixels across, at 96 to the inch."""
WIDE, NARROW = {"width": 1200, "height": 900}, {"width": 380, "height": 800}


def count(printed):
    """Count the pages of a PDF."""
    return len(re.findall(rb"/Type\s*/Page\b", printed))


def sheets(page):
    """Count the sheets of A4 that a page prints to, with the margins of its own style."""
    return count(page.pdf(format="A4", prefer_css_page_size=True))


@pytest.mark.parametrize("study", USUAL)
@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")], ids=["desktop", "phone"])
def test_a_report_draws_itself_and_nothing_else_happens(browser, reports, study, size, scheme):
    with Opened(browser, reports[study], viewport=size, color_scheme=scheme) as opened:
        page = opened.page
        figures = page.locator(".drawing").count()
        assert figures > 0
        assert page.evaluate("document.documentElement.dataset.drawn") == str(figures)
        # each has marks: lines, bars, cells, points
        for at in range(figures):
            drawing = page.locator(".drawing").nth(at)
            marks = drawing.locator(
                ".trace path, .heatmaplayer image, .bars path, .points path, .scatterlayer path"
            )
            assert marks.count() > 0, drawing.get_attribute("id")
        assert opened.complaints == []
        assert page.evaluate("window.hurt") is None
        assert {address.partition(":")[0] for address in opened.asked} <= {"file", "data", "blob"}
        # nothing is wider than the page
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"] + 1


@pytest.mark.parametrize(
    "study", [pytest.param(one, marks=pytest.mark.long) if one == "forecast" else one for one in USUAL]
)
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_a_report_is_accessible(browser, reports, study, scheme):
    axe_module = pytest.importorskip("axe_playwright_python.sync_playwright")
    with Opened(browser, reports[study], viewport=WIDE, color_scheme=scheme) as opened:
        for details in opened.page.locator("details").all():
            details.evaluate("each => { each.open = true; }")
        result = axe_module.Axe().run(opened.page)
        messages = [
            (each["id"], each["impact"], [node["html"][:160] for node in each["nodes"][:3]])
            for each in result.response["violations"]
        ]
        assert messages == []


@pytest.mark.parametrize("study", USUAL)
def test_a_report_prints(browser, reports, study):
    with Opened(browser, reports[study], viewport=WIDE, color_scheme="dark") as opened:
        opened.page.emulate_media(media="print", color_scheme="dark")
        opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        widths = opened.page.eval_on_selector_all(
            ".main-svg", "all => all.map(each => each.getBoundingClientRect().width)"
        )
        assert 0 < max(widths) <= A4
        printed = opened.page.pdf(format="A4")
        assert printed.startswith(b"%PDF")
        assert count(printed) >= (2 if study == "track" else 3)
        # on paper the ground is white, whatever the screen was
        ground = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(255, 255, 255)"


@pytest.mark.long
@pytest.mark.parametrize("study", STUDIES)
def test_a_report_begins_with_two_printed_pages(browser, reports, study):
    """Question, answer, plans, chart and assumptions fit two sheets of A4; the appendix begins on a new one."""
    with Opened(browser, reports[study], viewport=WIDE) as opened:
        page = opened.page
        assert page.locator(".front .drawing").count() == 1
        # A comparison of a forecast with what came rests on no assumption.
        assert page.locator(".front .in-words tbody tr").count() == (0 if study == "track" else 6)
        assert 2 <= page.locator(".front .answer p").count() <= 6
        for text in page.locator(".front p, .front li").all_inner_texts():
            # Settings are named in words, without marks of code.
            assert not re.search(r"`|\b[a-z]+\.[a-z]+[._][a-z_.]+", text), text
        whole = sheets(page)
        page.evaluate("document.querySelectorAll('.appendix, footer').forEach(e => e.style.display = 'none')")
        first = sheets(page)
        assert first <= 2
        assert whole >= first + 1


def test_no_column_of_a_table_of_figures_is_cut_on_a_phone(browser, reports):
    for study in ("run", "compare"):
        with Opened(browser, reports[study], viewport=NARROW) as opened:
            cut = opened.page.evaluate(
                "Array.from(document.querySelectorAll('.front .scroll, .appendix > section > .scroll'))"
                ".filter(each => each.scrollWidth > each.clientWidth + 1)"
                ".map(each => each.getAttribute('aria-label'))"
            )
            # Sentences beside numbers may go on to the right; figures, their units and their targets may not.
            names = {"run": set(), "compare": {"Getting in", "The visit", "The team", "Boosters", "Money"}}[
                study
            ]
            assert {each.removeprefix("Table: ").partition(",")[0] for each in cut} <= names


@pytest.mark.parametrize("study", USUAL)
def test_a_report_is_one_small_file_with_a_strict_policy(reports, study):
    text = reports[study].read_text(encoding="utf-8")
    assert len(text.encode()) < 2_500_000
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert "default-src" in policy[1]
    assert "unsafe-eval" not in policy[1]
    assert not re.search(r"<(script|link|img|iframe)[^>]*(src|href)=", text)
    assert "window.hurt=1</script>" not in text
    assert "<b>bold</b>" not in text


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_animation_is_moved_with_the_keyboard(browser, reports, motion):
    with Opened(browser, reports["run"], viewport=WIDE, reduced_motion=motion) as opened:
        page = opened.page
        clock, slider = page.locator(".moments output"), page.get_by_label("Time")
        opens = clock.inner_text()
        assert slider.get_attribute("aria-valuetext") == opens
        drawn = "document.querySelector('#animation-drawing').data.slice(0, 3)"
        colours = f"{drawn}.map(each => each.marker.color.join())"
        before = page.evaluate(colours)
        slider.press("Home")
        assert clock.inner_text() < opens
        assert page.evaluate(colours) != before
        slider.press("ArrowRight")
        page.get_by_role("button", name="On").press("Enter")
        page.get_by_role("button", name="Back").press("Space")
        assert slider.input_value() == "1"
        play = page.get_by_role("button", name="Play")
        assert play.count() == (0 if motion == "reduce" else 1)
        if motion == "no-preference":
            play.press("Enter")
            page.wait_for_function("() => document.querySelector('.moments input').value > 2")
            page.get_by_role("button", name="Pause").press("Enter")
            assert page.get_by_role("button", name="Play").count() == 1
        assert opened.complaints == []


def test_without_the_means_to_unpack_the_tables_remain(browser, reports):
    with browser.new_context(viewport=WIDE) as context:
        page = context.new_page()
        page.add_init_script("delete window.DecompressionStream;")
        page.goto(reports["run"].as_uri())
        page.wait_for_function("() => document.documentElement.dataset.failed !== undefined")
        assert "cannot draw the figure" in page.locator(".drawing").first.inner_text()
        assert page.locator("table").count() > 5


def test_pictures_need_nothing_but_a_browser(reports, tmp_path):
    if importlib.util.find_spec("kaleido") is None:
        pytest.skip("the extra `images` is not installed")
    import shutil

    if shutil.which("chromium") is None:
        pytest.skip("no Chromium on this machine (on Debian: apt install chromium)")
    from simclinic.studies.pictures import pictures

    folder = tmp_path / "out"
    fewest = min(reports.values(), key=lambda page: page.read_text(encoding="utf-8").count('class="drawing"'))
    shutil.copytree(fewest.parent, folder)
    made = pictures(folder, "png")
    assert made
    for file in made:
        assert file.read_bytes().startswith(b"\x89PNG"), file
