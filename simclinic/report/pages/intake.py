"""The report of a search for the most referrals that meet all targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simclinic.report.assumptions import assumptions
from simclinic.report.figures.chart import DataSheet
from simclinic.report.figures.levels_of_intake import curve
from simclinic.report.matters import matters
from simclinic.report.page import Block, Page
from simclinic.report.pages.front import titled
from simclinic.report.pages.reproduce import reproduce
from simclinic.report.text.by_type import type_tables
from simclinic.report.text.intake import STATES, level_cell
from simclinic.report.text.numbers import short
from simclinic.report.text.run import panel_notes
from simclinic.report.text.words import counted, start_sentence
from simclinic.results.intake import IntakeDocument
from simclinic.scenario import Scenario

_MOST_LEVELS = 10
"""On the first pages."""


def intake_page(document: IntakeDocument, scenario: Scenario, manifest: Mapping[str, Any]) -> Page:
    """Make the page.

    Parameters
    ----------
    document
        What `intake --json` prints.
    scenario
        The clinic at the first level.
    manifest
        Of the folder.
    """
    horizon, panel, currency = document["horizon"], document.get("panel"), scenario.finance.currency
    decides = _decides(document)
    charts = {place: curve(document, place, currency) for place in range(len(document["targets"]))}
    first = charts.get(decides)
    return Page(
        study="intake",
        title=titled(document["scenario"], panel),
        question="How many new patients can be referred a week so that all targets are met?"
        + start_sentence(horizon, panel),
        answer=document["answer"],
        good=None if document["confirmed"] is not None else False,
        warnings=[*document["warnings"], *panel_notes(panel, horizon["weeks"])],
        plans=_levels(document, decides, currency),
        chart=first,
        matters=matters(scenario, ["demand.referrals_per_week"]),
        details="",
        figures=[chart for chart in charts.values() if chart is not None and chart is not first],
        tables=[
            Block(
                "Levels of referrals",
                DataSheet.of(
                    (
                        "Referrals a week",
                        "series",
                        "level",
                        *(each["told"] for each in document["targets"]),
                        "n",
                    ),
                    [
                        (
                            f"{level['referrals']:g}",
                            short(level["series"]),
                            STATES[level["state"]],
                            *(
                                level_cell(asked, found, currency)
                                for asked, found in zip(document["targets"], level["targets"], strict=True)
                            ),
                            level["replications"],
                        )
                        for level in document["levels"]
                    ],
                ),
                says="Means, with the bound that decides: < is surely below, > surely above. !: missed. "
                "~: borderline. ?: open.",
            ),
            *types(document, currency),
        ],
        assumptions=assumptions(scenario),
        reproduce=reproduce(manifest),
    )


def types(document: IntakeDocument, currency: str) -> Iterator[Block]:
    """Lay figures by type of visit out, a table for each; nothing in a clinic with one type."""
    levels = document["levels"]
    for head, names, rows in type_tables([level.get("figures", {}) for level in levels], currency):
        named = [(f"{level['referrals']:g}", *cells) for level, cells in zip(levels, rows, strict=True)]
        yield Block(f"By type of visit: {head}", DataSheet.of(("Referrals a week", *names), named))


def _decides(document: IntakeDocument) -> int:
    """Return the place of the target that ends the sequence of levels: missed, or else not shown to be met."""
    for level in reversed(document["levels"]):
        for state in ("missed", "borderline", "open"):
            for place, found in enumerate(level["targets"]):
                if found["state"] == state and document["targets"][place]["limit"] is not None:
                    return place
    return 0


def _levels(document: IntakeDocument, place: int, currency: str) -> Block:
    """Lay the last levels out with the target that decides."""
    asked, levels = document["targets"][place], document["levels"][-_MOST_LEVELS:]
    left = len(document["levels"]) - len(levels)
    return Block(
        "The levels side by side",
        DataSheet.of(
            ("Referrals a week", "series a week", "level", asked["told"], "n"),
            [
                (
                    f"{level['referrals']:g}",
                    short(level["series"]),
                    STATES[level["state"]],
                    level_cell(asked, level["targets"][place], currency),
                    level["replications"],
                )
                for level in levels
            ],
        ),
        "The target that decides; all others are in the appendix. Means, with the bound that decides: < is surely "
        "below, > surely above. !: missed. ~: borderline. ?: open."
        + (f" {counted(left, 'lower level')} in the appendix." if left else ""),
    )
