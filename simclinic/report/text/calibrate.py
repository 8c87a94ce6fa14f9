"""The result of `calibrate` as text, and its tables for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding

from simclinic.report.text.numbers import NO_VALUE, row, span
from simclinic.report.text.summary import cell
from simclinic.report.text.table import Table, Text
from simclinic.report.text.words import DAYS, bullet, counted, dated
from simclinic.results.calibration import CalibrateDocument, Estimated, Returns

ESTIMATES = ("parameter", "estimate", "low", "high", "n", "method", "note")
QUALITY = ("what", "count", "lines", "done")
_WHAT = {"series": "After a series", "booster": "After a booster"}
_LONGEST = 5
"""Findings about the export that the table shows."""


def calibrate_table(document: CalibrateDocument) -> RenderableType:
    """Show the result of `calibrate`."""
    return Group(
        *_heading(document),
        *_estimates(document),
        *(part for name, result in document["returns"].items() for part in _laws(after(name), result)),
        *_panel(document),
        *_quality(document),
        *_listed("What the export cannot tell", document["cannot_tell"]),
        *_listed("Kept from the base scenario", document["kept"]),
    )


def after(key: str) -> str:
    """Return in words after what patients come back; a key may name a type of visit, as `esketamine/series`."""
    kind, _, what = key.rpartition("/")
    return f"{_WHAT[what]} of {kind}" if kind else _WHAT[what]


def _heading(document: CalibrateDocument) -> Iterator[RenderableType]:
    export = document["export"]
    yield Text(document["scenario"], style="bold")
    days = ", ".join(DAYS[day] for day in export["open_weekdays"]) or "no weekday regularly"
    yield Text(
        f"{counted(export['rows'], 'row')}, {counted(export['patients'], 'patient')}, {export['first']} to "
        f"{export['last']}; open {days}"
    )
    done = f"{counted(export['completed'], 'visit')} completed, {export['no_show']:,} no-shows"
    yield Text(f"{done}, {export['cancelled']:,} cancelled, {export['booked']:,} still to come")
    if export.get("consults"):
        yield Text(f"{counted(export['consults'], 'consult')} completed, apart from these visits")
    yield Text(begins_sentence(document))
    yield Text(f"Columns: {columns_read(document)}")
    if document["warnings"]:
        yield Text()
    for warning in document["warnings"]:
        yield bullet(warning)


def begins_sentence(document: CalibrateDocument) -> str:
    """Say on which day forecasts begin, and when the last visit was."""
    export = document["export"]
    last = export.get("last_visit")
    visited = f"; the last visit was on {dated(last)}" if last else ""
    return f"Forecasts begin on {dated(export['as_of'])}{visited}."


def columns_read(document: CalibrateDocument) -> str:
    """Say which column of the export is which: "patient is 'MRN', date is 'Appointment Date'"."""
    columns = document["export"]["columns"]
    return ", ".join(f"{role.replace('_', ' ')} is '{heading}'" for role, heading in columns.items())


def _estimates(document: CalibrateDocument) -> Iterator[RenderableType]:
    yield Text()
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("what was estimated", overflow="fold")
    table.add_column("estimate", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    for each in document["estimates"]:
        table.add_row(each["parameter"], *_cells(each), f"{each['n']:,}")
    yield table


def _cells(each: Estimated) -> tuple[str, str]:
    value, low, high = row(each["estimate"], each["low"], each["high"])
    return value, span(low, high)


def _laws(title: str, result: Returns) -> Iterator[RenderableType]:
    yield Text()
    yield Text(f"{title}: {result['returns']:,} of {result['n']:,} came back so far", style="bold")
    if not result["laws"]:
        return
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("law")
    table.add_column("settings")
    table.add_column("AIC", justify="right", no_wrap=True)
    for law in result["laws"]:
        settings = ", ".join(f"{name} {value:.3g}" for name, value in law["settings"].items())
        name = f"{law['law']}{' + never' if law['never'] else ''}"
        used = " (used)" if law["chosen"] else "" if law["certain"] else " (not determined)"
        table.add_row(
            Text(name + used, style="green" if law["chosen"] else ""), settings, f"{law['aic']:,.1f}"
        )
    yield Padding(table, (0, 0, 0, 2))


def _panel(document: CalibrateDocument) -> Iterator[RenderableType]:
    panel = document["panel"]
    yield Text()
    yield Text(
        f"Today's patients: {panel['series']:,} in a series, {panel['maintained']:,} who may come back (panel.csv)",
        style="bold",
    )
    for why, count in panel["left_out"].items():
        yield Padding(Text(f"not in it: {count:,} {why}"), (0, 0, 0, 2))


def _quality(document: CalibrateDocument) -> Iterator[RenderableType]:
    result = document["quality"]
    yield Text()
    yield Text("The export", style="bold")
    if not result:
        yield Padding(Text("no irregularities"), (0, 0, 0, 2))
    for each in result[:_LONGEST]:
        lines = (
            f" (line{'s' if len(each['lines']) > 1 else ''} {', '.join(map(str, each['lines']))}"
            if each["lines"]
            else ""
        )
        lines += (" ..." if each["count"] > len(each["lines"]) else "") + ")" if lines else ""
        yield Padding(Text(f"{each['count']:,} × {each['what']}{lines}: {each['done']}"), (0, 0, 0, 2))
    if len(result) > _LONGEST:
        yield Padding(
            Text(f"and {len(result) - _LONGEST} more kinds of irregularity: see quality.csv"), (0, 0, 0, 2)
        )


def _listed(title: str, entries: Sequence[str]) -> Iterator[RenderableType]:
    if entries:
        yield Text()
        yield Text(title, style="bold")
    for each in entries:
        yield bullet(each, "-")


def spreadsheet(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> str:
    """Write rows for a spreadsheet: numbers in full, nothing that it would take for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for each in rows:
        writer.writerow([_plain(each[name]) for name in columns])
    return out.getvalue()


def _plain(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, list):
        return cell(" ".join(map(str, value)))
    return cell(value)


def estimate_text(each: Estimated) -> str:
    """Write an estimate with its interval on one line."""
    value, interval = _cells(each)
    return value if interval == NO_VALUE else f"{value} ({interval})"
