"""Numbers for people."""

import csv
import io

import pytest

from simclinic.measures import KPIS
from simclinic.report.text.numbers import for_people, row, short, span
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
