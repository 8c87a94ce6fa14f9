"""The result of a backtest as text and for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType

from simclinic.report.text.calibrate import spreadsheet
from simclinic.report.text.numbers import plain, short, span
from simclinic.report.text.table import Table, Text
from simclinic.report.text.words import bullet, counted, first_day, from_heading
from simclinic.results.backtest import BacktestDocument


def backtest_table(document: BacktestDocument) -> RenderableType:
    """Show how good the forecast would have been."""
    return Group(
        *_heading(document), _weeks(document), *(bullet(text, "-") for text in score_sentences(document))
    )


def _heading(document: BacktestDocument) -> Iterator[RenderableType]:
    yield Text(document["scenario"], style="bold")
    yield Text(
        f"Boosters given in the {counted(len(document['weeks']), 'week')} from {first_day(document['cut'])}, "
        f"forecast from what was known before; {counted(document['replications'], 'future')}, "
        f"seed {document['seed']}"
    )
    for text in document["warnings"]:
        yield bullet(text)


def _weeks(document: BacktestDocument) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Week", justify="right")
    table.add_column(from_heading(document["cut"]), no_wrap=True)
    for heading in ("Forecast", "10–90 %", "Given", ""):
        table.add_column(heading, justify="right")
    for week in document["weeks"]:
        band = week["boosters"]
        low, high = band["p10"] or 0.0, band["p90"] or 0.0
        where = "below" if week["came"] < low else "above" if week["came"] > high else ""
        table.add_row(
            str(week["week"]),
            week["start"],
            plain(band["p50"], 0),
            span(plain(band["p10"], 0), plain(band["p90"], 0)),
            str(week["came"]),
            where,
        )
    return table


def score_sentences(document: BacktestDocument) -> list[str]:
    """Say in words how good the forecast would have been."""
    coverage, error, total = document["coverage"], document["error"], document["total"]
    low, high = (100 * bound for bound in coverage["ci"])
    band = total["boosters"]
    inside = (
        f"{coverage['inside']} of {coverage['n']} weeks lie inside the 80 % band "
        f"({100 * coverage['share']:.0f} %, 95 % interval {low:.0f}–{high:.0f} %; of small counts the band "
        "contains more)"
    )
    off = (
        f"the forecast was off by {short(error['forecast'])} a week on average; the simplest guess, "
        f"{short(error['naive_per_week'])} a week as in the 8 weeks before, by {short(error['naive'])}"
    )
    altogether = (
        f"all weeks: {total['came']} were given; forecast {plain(band['p50'], 0)} "
        f"({span(plain(band['p10'], 0), plain(band['p90'], 0))}), simplest guess {plain(total['naive'], 0)}"
    )
    return [inside, off, altogether]


def backtest_csv(document: BacktestDocument) -> str:
    """Write the weeks for a spreadsheet."""
    columns = ["week", "start", "p10", "p50", "p90", "mean", "came", "naive", "pit"]
    rows = [
        {
            **{name: week[name] for name in ("week", "start", "came", "pit")},
            **{name: week["boosters"][name] for name in ("p10", "p50", "p90", "mean")},
            "naive": document["error"]["naive_per_week"],
        }
        for week in document["weeks"]
    ]
    return spreadsheet(columns, rows)
