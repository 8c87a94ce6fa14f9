"""The sheet for the wall: every start of a template with its chair and nurse, as a page to print and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from simclinic.report.text.summary import cell
from simclinic.report.text.words import weekdays_text
from simclinic.results.template import SheetLine, TemplateDocument
from simclinic.visible import one_line

COLUMNS = ("weekday", "time", "chair", "nurse", "relieved")
OF_MIX = ("weekday", "time", "visit", "place")
"""Columns with several types of visit, roles or places."""

FORMATS = (".csv", ".html")
"""Endings of the files."""

_RELIEVED = "* another nurse takes over, because of a break or the end of a shift"
_STYLE = (
    "body{font:12pt/1.3 system-ui,sans-serif;margin:2em;color:#000;background:#fff}"
    "h1{font-size:16pt;margin:0}h2{font-size:13pt;margin:1.2em 0 .3em}"
    "table{border-collapse:collapse}th,td{border:1px solid #888;padding:.15em .8em;text-align:left}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}section{break-inside:avoid-page}p{margin:.3em 0}"
    ".week{display:flex;flex-wrap:wrap;gap:0 2em}"
)


def sheet_csv(document: TemplateDocument) -> str:
    """Write the starts, one row each."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    mixed = "asked_by_type" in document
    rows.writerow(OF_MIX if mixed else COLUMNS)
    for line in document["sheet"]:
        if mixed:
            rows.writerow(
                [cell(value) for value in (line["weekday"], line["time"], line["visit"], line["place"])]
            )
            continue
        nurse = "" if line["nurse"] is None else line["nurse"]
        values = (line["weekday"], line["time"], line["chair"], nurse, "yes" if line["relieved"] else "")
        rows.writerow([cell(value) for value in values])
    return out.getvalue()


def sheet_html(document: TemplateDocument) -> str:
    """Write the starts as a page to print; weekdays with equal starts share a table."""
    title = f"{one_line(document['scenario'])}: starts of the day"
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(_planned(document))}</p>",
        '<div class="week">',
    ]
    for days, lines in _alike(document["sheet"]):
        parts.append(f"<section><h2>{escape(weekdays_text(days))}: {len(lines)} starts</h2><table>")
        parts.append('<thead><tr><th scope="col">time</th>')
        heads = ("visit", "place") if "asked_by_type" in document else ("chair", "begun by nurse")
        parts.append("".join(f'<th scope="col">{head}</th>' for head in heads) + "</tr></thead><tbody>")
        for line in lines:
            if "asked_by_type" in document:
                visit, place = (escape(one_line(text)) for text in (line["visit"], line["place"]))
                parts.append(f'<tr><td class="n">{line["time"]}</td><td>{visit}</td><td>{place}</td></tr>')
                continue
            nurse = (
                "" if line["nurse"] is None else one_line(line["nurse"]) + ("*" if line["relieved"] else "")
            )
            parts.append(
                f'<tr><td class="n">{line["time"]}</td><td class="n">{line["chair"]}</td>'
                f"<td>{escape(nurse)}</td></tr>"
            )
        parts.append("</tbody></table></section>")
    parts.append("</div>")
    if any(line["relieved"] for line in document["sheet"]):
        parts.append(f"<p>{escape(_RELIEVED)}</p>")
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _planned(document: TemplateDocument) -> str:
    way = next(way for way in document["ways"] if way["name"] == document["chosen"])
    on_average = "on average " if "asked_by_type" in document else ""
    return (
        f"Planned with {way['name']}: {on_average}{way['planned_minutes']:.0f} minutes from a start until the "
        f"patient leaves, {way['starts_per_week']} starts a week on a grid of {document['grid_minutes']} minutes."
    )


def _alike(sheet: Sequence[SheetLine]) -> Iterator[tuple[list[str], list[SheetLine]]]:
    """Group the weekdays with equal lines, in the order of the week."""
    of_day: dict[str, list[SheetLine]] = {}
    for line in sheet:
        of_day.setdefault(line["weekday"], []).append(line)
    groups: dict[tuple[tuple[object, ...], ...], list[str]] = {}
    for day, lines in of_day.items():
        groups.setdefault(tuple(_without_day(line) for line in lines), []).append(day)
    for days in groups.values():
        yield days, of_day[days[0]]


def _without_day(line: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(value for key, value in line.items() if key != "weekday")
