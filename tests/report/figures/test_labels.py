"""Names in drawings: nothing in them is markup, and lines are folded."""

import html

import pytest

from simclinic.report.figures.chart import DataSheet
from simclinic.report.figures.labels import label


@pytest.mark.parametrize("name", ["<b>x</b>", "a & b", "<a href='javascript:x'>go</a>", "&lt;", "1 < 2 > 0"])
def test_markup_stays_text(name):
    text = label(name)
    assert "<" not in text
    assert html.unescape(text) == name


@pytest.mark.parametrize(
    "name", ["visit.steps.recovery.patients_per_nurse", "Days to first infusion, 9 in 10 within"]
)
def test_lines_are_short_and_nothing_is_lost(name):
    lines = label(name, 20).split("<br>")
    assert max(map(len, lines)) <= 20
    assert "".join(lines).replace(" ", "") == name.replace(" ", "")


def test_no_word_is_broken_but_one_that_no_line_holds():
    assert label("Krankenhausapothekerin Mon", 10) == "Krankenhausapothekerin<br>Mon"
    assert label("x" * 50, 20).split("<br>") == ["x" * 40, "x" * 10]


def test_an_endless_name_ends_with_an_ellipsis():
    assert label("word " * 100, 20).count("<br>") == 3
    assert label("word " * 100, 20).endswith("…")


def test_a_number_stays_with_its_per_cent():
    assert "\N{NO-BREAK SPACE}%" in label("clinic.chairs, 2 (90\N{NO-BREAK SPACE}%)", 20)


def test_every_column_of_a_sheet_has_a_heading():
    assert DataSheet.of(("Week", "given"), [(1, 2.5)]).rows == (("1", "2.5"),)
    with pytest.raises(ValueError, match="a column without a heading, among Week, , given"):
        DataSheet.of(("Week", "", "given"), [])
