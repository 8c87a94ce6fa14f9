"""The report of a search for the best template."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from simclinic.report.assumptions import assumptions
from simclinic.report.figures.chart import DataSheet
from simclinic.report.figures.plans_against_target import candidates_chart
from simclinic.report.matters import matters
from simclinic.report.page import Block, Page
from simclinic.report.pages.reproduce import reproduce
from simclinic.report.text.intake import level_cell
from simclinic.report.text.numbers import NO_VALUE, with_interval
from simclinic.report.text.plan import STATES
from simclinic.report.text.template import (
    MIX_MEANS,
    chosen_way,
    day_key,
    is_mix,
    room_cells,
    times_of_day,
    tried,
)
from simclinic.report.text.words import start_sentence, weekdays_text
from simclinic.results.template import TemplateDay, TemplateDocument
from simclinic.scenario import Scenario

_MOST_SAID = 6
"""Sentences of the answer on the first two pages."""
_FIGURES = (
    ("starts used, %", "slot_fill", 100.0),
    ("visits a week", "infusions_per_week", 1.0),
    ("wait on the day, minutes", "wait_minutes_mean", 1.0),
    ("days to first {}", "access_days_mean", 1.0),
    ("turned away, %", "balked_share", 100.0),
)


def template_page(document: TemplateDocument, scenario: Scenario, manifest: Mapping[str, Any]) -> Page:
    """Make the page.

    Parameters
    ----------
    document
        What `template --json` prints.
    scenario
        The clinic with the answer, or with the first way to book that was tried.
    manifest
        Of the folder.
    """
    currency, horizon = scenario.finance.currency, document["horizon"]
    made = (
        candidates_chart(
            asked,
            [(way["name"], way["state"], way["targets"][place]) for way in tried(document)],
            currency,
            "way",
            "the fullest first",
        )
        for place, asked in enumerate(document["targets"])
    )
    charts = [chart for chart in made if chart is not None]
    return Page(
        study="template",
        title=document["scenario"],
        question="Which start times let most visits begin, in days that keep their limits?"
        + ("" if horizon is None else start_sentence(horizon, None)),
        answer=document["answer"][:_MOST_SAID],
        good=is_good(document),
        plans=_limits(document, currency),
        chart=charts[0] if charts else None,
        matters=matters(scenario),
        details=" ".join(document["answer"][_MOST_SAID:]),
        warnings=document["warnings"],
        figures=charts[1:],
        tables=[
            *([types(document)] if is_mix(document) else []),
            figures(document),
            *([lost(document)] if is_mix(document) else []),
            _times(document),
            *([_toml(document)] if document.get("toml") else []),
        ],
        assumptions=assumptions(scenario),
        reproduce=reproduce(manifest),
    )


def is_good(document: TemplateDocument) -> bool:
    """Return whether the answer keeps the limits of the day, and no queue grows with it without end."""
    chosen = chosen_way(document)
    return document["state"] == "met" and (chosen is None or chosen["verdict"] != "not-stable")


def _limits(document: TemplateDocument, currency: str) -> Block:
    return Block(
        "Ways to book and limits of the day",
        DataSheet.of(
            (
                *("Way to book", "starts a week", "proved most", "the day"),
                *(each["told"] for each in document["targets"]),
                "n",
            ),
            [
                (
                    way["name"],
                    way["starts_per_week"],
                    NO_VALUE if way["most_per_week"] is None else way["most_per_week"],
                    STATES[way["state"]],
                    *(
                        level_cell(asked, found, currency) if way["targets"] else NO_VALUE
                        for asked, found in zip_longest(document["targets"], way["targets"])
                    ),
                    way["replications"],
                )
                for way in document["ways"]
            ],
        ),
        says="The fullest first. No template of this grid has more starts than the proved most with its slack. "
        "Means, with the bound that decides: < is surely below, > surely above. !: missed. ~: borderline. ?: open.",
    )


def figures(document: TemplateDocument) -> Block:
    """Lay the figures of all ways to book that were simulated side by side."""
    given, of_week = ("treatment", "treatments") if is_mix(document) else ("infusion", "visits")
    return Block(
        "Ways to book side by side",
        DataSheet.of(
            (
                "Way to book",
                *(heading.format(given).replace("visits", of_week) for heading, _, _ in _FIGURES),
            ),
            [
                (way["name"], *(with_interval(way["kpis"][name], scale) for _, name, scale in _FIGURES))
                for way in tried(document)
                if way["kpis"] is not None
            ],
        ),
        says="Means, with 95 % intervals.",
    )


def types(document: TemplateDocument) -> Block:
    """Compare the starts of each type of visit that are asked for and offered a week."""
    asked = document["asked_by_type"]
    rows: list[tuple[object, ...]] = [("asked for", "", "", *(f"{some:.1f}" for some in asked.values()))]
    rows += [
        (way["name"], *room_cells(way), *(str(way["by_type"].get(name, 0)) for name in asked))
        for way in document["ways"]
    ]
    return Block(
        "Starts a week by type of visit",
        DataSheet.of(("Way to book", "room for, % of what is asked for", "at most, %", *asked), rows),
        says=MIX_MEANS.format(document["grid_minutes"]),
    )


def lost(document: TemplateDocument) -> Block:
    """Show what separate starts cost with each way to book that was simulated."""
    rows = [
        (
            way["name"],
            with_interval(kpis["started_within_days_share"], 100.0),
            with_interval(kpis[_LOST]) if _LOST in kpis else NO_VALUE,
        )
        for way in tried(document)
        if (kpis := way["kpis"]) is not None
    ]
    return Block(
        "Begun in time, and lost to separate starts",
        DataSheet.of(("Way to book", "begun in time, %", "patients a week lost to separate starts"), rows),
        says="Means, with 95 % intervals. An open book has no separate starts.",
    )


_LOST = "separate_starts_patients_per_week"


def _toml(document: TemplateDocument) -> Block:
    return Block(
        "What the scenario says with the answer",
        DataSheet.of(("scenario.toml",), [(line,) for line in document["toml"].splitlines()]),
        says="",
    )


def _times(document: TemplateDocument) -> Block:
    chosen = chosen_way(document)
    days = [] if chosen is None else chosen["days"]
    groups: dict[tuple[str, ...], list[TemplateDay]] = {}
    for day in days:
        groups.setdefault(day_key(day), []).append(day)
    return Block(
        "Start times of the answer",
        DataSheet.of(
            ("Days", "starts", "times"),
            [
                (
                    weekdays_text([day["weekday"] for day in alike]),
                    len(alike[0]["starts"]),
                    times_of_day(alike[0]),
                )
                for alike in groups.values()
            ],
        ),
        says="" if days else "There is no answer.",
    )
