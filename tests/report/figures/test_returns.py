"""Coming back: steps, band and laws against rows made by hand."""

import pytest

from simclinic.report.figures.returns import as_rows, returns

ROWS = [
    {
        "day": 0.0,
        "at_risk": 4.0,
        "away": 1.0,
        "away_low": 1.0,
        "away_high": 1.0,
        "weibull": 1.0,
        "weibull_never": 1.0,
    },
    {
        "day": 1.0,
        "at_risk": 4.0,
        "away": 0.75,
        "away_low": 0.3,
        "away_high": 0.95,
        "weibull": 0.8,
        "weibull_never": 0.7,
    },
    {
        "day": 28.0,
        "at_risk": 3.0,
        "away": 0.75,
        "away_low": None,
        "away_high": None,
        "weibull": 0.4,
        "weibull_never": 0.5,
    },
]


def law(never, chosen):
    return {
        "law": "weibull",
        "never": never,
        "settings": {},
        "log_likelihood": 0.0,
        "aic": 1.0,
        "certain": True,
    } | {"chosen": chosen}


FOUND = {"n": 4, "returns": 1, "laws": [law(True, True), law(False, False)]}


def test_what_was_seen_is_steps_within_its_band_and_laws_are_lines():
    shown = returns("series", ROWS, FOUND)
    lines = {trace.name: trace for trace in shown.figure.data if trace.showlegend is not False}
    seen = lines["as seen (Kaplan-Meier)"]
    assert list(seen.y) == [1.0, 0.75, 0.75]
    assert seen.line.shape == "hv"
    band = lines["its 95 % interval"]
    assert band.fill == "tonexty"
    assert list(band.y) == [1.0, 0.3, None]
    used, other = lines["Weibull, some never (used)"], lines["Weibull"]
    assert list(used.y) == [1.0, 0.7, 0.5]
    assert used.line.width > other.line.width
    assert (used.line.dash, other.line.dash) == ("solid", "dot")
    assert "1 of 4 came back" in shown.says
    assert "75 % after 28 days" in shown.alt
    assert shown.sheet.rows[1] == ("1", "75 %", "30–95 %", "4", "70 %")
    assert shown.sheet.rows[2][2] == "—"


def test_no_law_and_nobody():
    shown = returns("booster", ROWS, {"n": 4, "returns": 1, "laws": []})
    assert len(shown.figure.data) == 3
    assert "No distribution was fitted" in shown.says
    assert returns("booster", [], FOUND) is None
    assert returns("booster", ROWS, {"n": 0, "returns": 0, "laws": []}) is None


def test_rows_of_years_are_thinned_and_keep_the_last_day():
    rows = [ROWS[1] | {"day": float(day)} for day in range(3001)]
    shown = returns("series", rows, FOUND)
    assert all(len(trace.x) <= 401 for trace in shown.figure.data)
    assert shown.figure.data[0].x[-1] == 3000
    assert len(shown.sheet.rows) < 40


def test_the_table_by_day_is_read_as_it_was_written():
    table = [
        {"after": "series", "day": "1", "away": "0.5", "away_low": ""},
        {"after": "booster", "day": "1", "away": "1", "away_low": "0"},
    ]
    assert as_rows(table, "series") == [{"day": 1.0, "away": 0.5, "away_low": None}]
    with pytest.raises(ValueError, match="could not convert"):
        as_rows([table[0] | {"away": "much"}], "series")
