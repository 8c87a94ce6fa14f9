"""The report of a search for the most referrals that meet all targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simclinic.report.assumptions import assumptions
from simclinic.report.figures.chart import DataSheet
from simclinic.report.figures.levels_of_intake import curve
from simclinic.report.page import Block, Page
from simclinic.report.pages.reproduce import reproduce
from simclinic.report.text.intake import STATES, level_cell
from simclinic.report.text.numbers import short
from simclinic.report.text.run import panel_notes
from simclinic.report.text.words import start_sentence
from simclinic.results.intake import IntakeDocument
from simclinic.scenario import Scenario


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
    charts = [curve(document, place, currency) for place in range(len(document["targets"]))]
    return Page(
        study="intake",
        title=document["scenario"],
        question="How many new patients can be referred a week so that all targets are met?"
        + start_sentence(horizon, panel),
        answer=" ".join(document["answer"]),
        good=None if document["confirmed"] is not None else False,
        warnings=[*document["warnings"], *panel_notes(panel, horizon["weeks"])],
        figures=[chart for chart in charts if chart is not None],
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
            )
        ],
        assumptions=assumptions(scenario),
        reproduce=reproduce(manifest),
    )
