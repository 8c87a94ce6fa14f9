"""Numbers for people."""

import csv
import io

import pytest

from simclinic.measures import KPIS
from simclinic.report.text.numbers import amounts, for_people, row, short, span, with_interval
from simclinic.report.text.summary import cell, summary_csv


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ((1234.5, 1100.4), ["1,234", "1,100"]),
        ((51.26, 9.0), ["51.3", "9.0"]),
        ((5.126,), ["5.13"]),
        ((0.5, -0.002), ["0.50", "0.00"]),  # never -0.00
        ((0.0041,), ["0.004"]),
        ((0.0, None), ["0", "—"]),
        ((float("nan"), 2.0), ["—", "2.00"]),
        ((-3.25, 1.0), ["-3.25", "1.00"]),
        ((None,), ["—"]),
    ],
)
def test_a_row_shares_its_decimals(values, written):
    assert row(*values) == written


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ((1_234_567.0, 987_654.0), ["1,230,000", "990,000"]),  # as many digits as the largest
        ((-45_678.0, 1_234.0), ["-45,700", "1,200"]),
        ((431.2, 98.4), ["431", "98"]),
        ((0.0, None), ["0", "—"]),
    ],
)
def test_amounts_have_three_digits_that_count(values, written):
    assert amounts(*values) == written


@pytest.mark.parametrize(
    ("high", "written"),
    [(0.0000899, "0 (below 0.01)"), (0.0001, "0 (below 0.01)"), (0.00011, "0 (below 0.011)")],
)
def test_a_bound_has_no_more_digits_than_a_person_says(high, written):
    """The bound is rounded up, so that it holds."""
    assert with_interval({"mean": 0.0, "ci": [0.0, high], "method": "none seen"}, 100.0) == written


def test_ranges():
    assert span("1", "2") == "1–2"
    assert span("-1", "2") == "-1 to 2"
    assert span("—", "2") == "—"
    assert short(60.0) == "60.0"


def test_every_unit_has_words():
    for kpi in KPIS.values():
        factor, unit = for_people(kpi.unit, "EUR")
        assert "currency" not in unit
        assert "share" not in unit
        assert (factor == 100) == (unit == "%")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\tx", "\n=1", "＝1"])
def test_formulas_get_an_apostrophe(text):
    assert cell(text) == f"'{text}"
    assert cell(-1.5) == -1.5
    assert cell("plain") == "plain"


def test_the_spreadsheet_has_a_row_for_each_figure():
    figure = {"mean": -1.5, "sd": None, "ci": None, "p10": -1.5, "p90": -1.5, "n": 1, "unit": "days"}
    document = {"scenario": "-x", "kpis": {"access_days_mean": figure}}
    (line,) = csv.DictReader(io.StringIO(summary_csv(document)))
    assert line["scenario"] == "'-x"
    assert (line["mean"], line["sd"], line["ci_low"], line["n"]) == ("-1.5", "", "", "1")
