"""The page on a phone: an interval stands beside its mean, and a source beside its value, without scrolling."""

import re
from importlib import resources

import pytest

pytest.importorskip("fastapi", reason="the extra web is not installed")

from simclinic.report.templates import template, text_of

PHONE = {"width": 390, "height": 800}
GLANCE = (
    ["Figure", "mean", "95 % interval", "target"],
    [
        ["Days from asking to booster, days", "12.56", "10.52–14.60", ""],
        ["Days that run late, %", "11.82", "11.53–12.14", "at most 10"],
        ["Margin, USD/week", "110,366", "110,318–110,414", ""],
    ],
)
STARTS = (
    ["day", "open", "starts", "first", "last", "limited by"],
    [["Mon", "08:00-17:00", "12", "08:00", "14:30", "nurses' hands"]],
)
MATTERS = [
    {
        "address": "share of patients at the consult who go on to treatment",
        "value": "0.1, 0.04, 0.04, 0.04, 0.04",
        "changed": True,
        "source": "assumed, between trials (2.6 % per infusion) and practices (20 % after the first).",
    }
]


@pytest.fixture
def phone(browser):
    page = browser.new_context(viewport=PHONE).new_page()
    yield page
    page.context.close()


def shown(page, text):
    """Show a part of a screen, and return how far it reaches to the right."""
    css = text_of("simclinic.web", "page.css")
    page.set_content(f"<!DOCTYPE html><style>{css}</style><main>{text}</main>")
    return page.evaluate(
        "Math.max(...Array.from(document.querySelectorAll('td'), each => each.getBoundingClientRect().right))"
    )


@pytest.mark.parametrize(("headings", "rows"), [GLANCE, STARTS])
def test_a_table_fits(phone, headings, rows):
    parts = template("simclinic.web", "parts.html.j2").module
    assert (
        shown(phone, parts.sheet({"title": "A table", "headings": headings, "rows": rows})) <= PHONE["width"]
    )


def test_the_source_of_an_assumption_is_seen(phone):
    parts = template("simclinic.web", "parts.html.j2").module
    answer = {"failures": [], "warnings": [], "plans": None, "charts": [], "matters": MATTERS}
    text = parts.front(answer, str, str)
    assert "assumed, between trials" in text
    assert shown(phone, text) <= PHONE["width"]


def test_a_table_whose_headings_are_hidden_says_what_each_cell_is(phone):
    css = text_of("simclinic.web", "page.css")
    row = "<tr><td data-label='new value'>4</td></tr>"
    table = f"<table class='dates'><thead><tr><th>a</th></tr></thead><tbody>{row}</tbody></table>"
    phone.set_content(f"<!DOCTYPE html><style>{css}</style>{table}")
    said = phone.evaluate("getComputedStyle(document.querySelector('td'), '::before').content")
    assert said == '"new value"'
    files = [each for each in resources.files("simclinic.web").iterdir() if each.name.endswith(".html.j2")]
    tables = [
        found
        for each in files
        for found in re.findall(r'<table class="dates">.*?</table>', each.read_text(), re.DOTALL)
    ]
    cells = [cell for each in tables for cell in re.findall(r"<td\b[^>]*>", each)]
    assert tables
    assert [cell for cell in cells if "data-label" not in cell] == []
