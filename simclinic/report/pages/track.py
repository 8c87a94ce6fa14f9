"""The page of a comparison of a forecast with what came."""

from __future__ import annotations

from simclinic.report.figures.tracked import tracked
from simclinic.report.page import Page, render
from simclinic.report.text.track import figure_notes, notes
from simclinic.report.text.words import first_day
from simclinic.results.track import TrackDocument


def track_page(document: TrackDocument) -> Page:
    """Make the page.

    Parameters
    ----------
    document
        What `track --json` prints.
    """
    forecast, export = document["forecast"], document["export"]
    figures = document["figures"]
    missing = [f"{each['label']}: missing: {each['missing']}" for each in figures if each["missing"]]
    remarks = [f"{each['label']}: {note}" for each in figures for note in figure_notes(document, each)]
    charts = [tracked(document, each) for each in figures if each["missing"] is None]
    return Page(
        study="track",
        title=document["scenario"],
        question="What came, against what was forecast?",
        answer=document["answer"],
        good=False if document["learn_anew"] else None,
        plans=None,
        chart=charts[0] if charts else None,
        matters=[],
        details="",
        warnings=[*document["warnings"], *missing, *remarks, *notes(document)],
        figures=charts[1:],
        tables=[],
        assumptions=[],
        reproduce=[
            *([("learn anew", document["command"])] if document["command"] else []),
            (
                "forecast",
                f"{forecast['folder']}, {forecast['weeks']} weeks from {first_day(forecast['start'])}",
            ),
            ("futures", f"{forecast['futures']}, {forecast['law']}"),
            ("export", f"{export['file']}, {export['first']} to {export['last']}"),
        ],
    )


def track_page_html(document: TrackDocument) -> str:
    """Write the page as HTML."""
    return render(track_page(document))
