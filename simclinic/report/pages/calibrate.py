"""The report of a calibration: estimates from a clinic's export, and what it leaves open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simclinic.report.assumptions import assumptions
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.returns import Rows, named, returns
from simclinic.report.matters import matters
from simclinic.report.page import Block, Page
from simclinic.report.pages.reproduce import reproduce
from simclinic.report.text.calibrate import after, begins_sentence, columns_read, estimate_text
from simclinic.report.text.numbers import NO_VALUE, row, span
from simclinic.report.text.words import DAYS, counted
from simclinic.results.calibration import CalibrateDocument, Estimated, Returns
from simclinic.scenario import Scenario

_SENTENCES = {
    "demand.referrals_per_week": "{} referrals a week",
    "intake.consult_no_show": "a share of {} of new patients who miss the consult",
    "intake.accepts": "a share of {} at a consult who begin a series",
    "attendance.no_show": "a no-show share of {}",
    "return_share after a series": "a share of {} that returns after a series",
    "median days to return after a series": "half of these return within {} days",
    "median days to return after a booster": "a median of {} days from one booster to the next",
}
"""Estimates in the answer, if they exist."""
_MOST_NAMED = 2


def calibrate_page(
    document: CalibrateDocument,
    scenario: Scenario,
    curves: Mapping[str, Rows],
    manifest: Mapping[str, Any],
) -> Page:
    """Make the page.

    Parameters
    ----------
    document
        What `calibrate --json` prints.
    scenario
        The calibrated scenario.
    curves
        For "series" and "booster" who is still away, by day.
    manifest
        Of the folder.
    """
    export = document["export"]
    figures = list(_figures(document, curves))
    return Page(
        study="calibrate",
        title=document["scenario"],
        question=f"What do {counted(export['rows'], 'appointment')} of {counted(export['patients'], 'patient')}, "
        f"{export['first']} to {export['last']}, say about this clinic?",
        answer=_answer(document),
        plans=None,
        chart=figures[0] if figures else None,
        matters=matters(scenario),
        details="",
        good=None,
        warnings=document["warnings"],
        figures=figures[1:],
        tables=list(_tables(document)),
        assumptions=assumptions(scenario),
        reproduce=_repeat(document, manifest),
    )


def _answer(document: CalibrateDocument) -> list[str]:
    """Answer with what was estimated, and what cannot be."""
    known = {
        each["parameter"]: each
        for each in document["estimates"]
        if each["estimate"] is not None and each["n"]
    }
    findings = [
        words.format(estimate_text(known[name])) for name, words in _SENTENCES.items() if name in known
    ]
    learnt = (
        f"Estimated, with 95 % intervals: {'; '.join(findings)}."
        if findings
        else "Nothing that a forecast needs could be estimated from this export."
    )
    cannot = [each.rstrip(".") for each in document["cannot_tell"]]
    if not cannot:
        return [
            learnt,
            (
                f"{counted(len(document['kept']), 'kind')} of settings stay as in the base scenario, because an "
                "export of appointments does not contain them."
            ),
        ]
    more = f"; and {len(cannot) - _MOST_NAMED} more, listed below" if len(cannot) > _MOST_NAMED else ""
    return [learnt, f"It cannot tell: {'; '.join(cannot[:_MOST_NAMED])}{more}."]


def _figures(document: CalibrateDocument, curves: Mapping[str, Rows]) -> Iterator[Chart]:
    for kind, result in document["returns"].items():
        shown = returns(kind, curves.get(kind, ()), result)
        if shown is not None:
            yield shown


def _tables(document: CalibrateDocument) -> Iterator[Block]:
    yield Block(
        "What was estimated",
        DataSheet.of(
            ("Setting", "estimate", "95 % interval", "n", "how"),
            [
                (
                    each["parameter"],
                    *_cells(each),
                    f"{each['n']:,}",
                    "; ".join(part for part in (each["method"], each["note"]) if part),
                )
                for each in document["estimates"]
            ],
        ),
    )
    for kind, result in document["returns"].items():
        if result["laws"]:
            yield Block(
                f"Distributions of the time to return: {after(kind)[:1].lower()}{after(kind)[1:]}",
                DataSheet.of(("Distribution", "settings", "AIC", "which"), list(_laws(result))),
                f"{result['returns']:,} of {result['n']:,} came back so far. A smaller value of Akaike's criterion "
                "(AIC) is better.",
            )
    yield from _export(document)
    for title, entries in (
        ("What the export cannot tell", document["cannot_tell"]),
        ("Kept from the base scenario", document["kept"]),
    ):
        if entries:
            yield Block(title, DataSheet.of(("What",), [(each,) for each in entries]))


def _cells(each: Estimated) -> tuple[str, str]:
    value, low, high = row(each["estimate"], each["low"], each["high"])
    return value, span(low, high)


def _laws(result: Returns) -> Iterator[tuple[str, ...]]:
    for law in result["laws"]:
        settings = ", ".join(f"{name} {value:.3g}" for name, value in law["settings"].items())
        which = "used" if law["chosen"] else "" if law["certain"] else "not determined"
        yield named(law), settings, f"{law['aic']:,.1f}", which or NO_VALUE


def _export(document: CalibrateDocument) -> Iterator[Block]:
    export, panel = document["export"], document["panel"]
    days = ", ".join(DAYS[day] for day in export["open_weekdays"]) or "no weekday regularly"
    yield Block(
        "The export",
        DataSheet.of(
            ("What", "count"),
            [
                ("rows", f"{export['rows']:,}"),
                ("visits completed", f"{export['completed']:,}"),
                ("no-shows", f"{export['no_show']:,}"),
                ("cancelled", f"{export['cancelled']:,}"),
                ("still to come", f"{export['booked']:,}"),
                ("today's patients in a series", f"{panel['series']:,}"),
                ("today's patients who may come back", f"{panel['maintained']:,}"),
                *(
                    (f"not among today's patients: {why}", f"{count:,}")
                    for why, count in panel["left_out"].items()
                ),
            ],
        ),
        f"Open {days}. {begins_sentence(document)} Columns: {columns_read(document)}.",
    )
    if document["quality"]:
        yield Block(
            "Irregularities of the export",
            DataSheet.of(
                ("What", "count", "first lines", "done"),
                [
                    (each["what"], f"{each['count']:,}", ", ".join(map(str, each["lines"])), each["done"])
                    for each in document["quality"]
                ],
            ),
        )


def _repeat(document: CalibrateDocument, manifest: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """List what it takes; there are no replications."""
    return [
        *((word, text) for word, text in reproduce(manifest) if word not in ("replications", "luck", "seed")),
        ("base scenario", document["base"]),
    ]
