"""The report of a search for the cheapest plan that meets all targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simclinic.report.assumptions import assumptions
from simclinic.report.figures.chart import DataSheet
from simclinic.report.figures.plans_against_target import plans_chart
from simclinic.report.matters import matters
from simclinic.report.page import Block, Page
from simclinic.report.pages.reproduce import reproduce
from simclinic.report.text.by_type import figure_cell, type_tables
from simclinic.report.text.intake import STATES as LEVEL_STATES
from simclinic.report.text.intake import level_cell
from simclinic.report.text.plan import (
    STATES,
    figures_of,
    heading,
    missed,
    names_of,
    tried,
)
from simclinic.report.text.run import panel_notes
from simclinic.report.text.words import counted, start_sentence
from simclinic.results.plan import PlanDocument
from simclinic.scenario import Scenario

_MOST_SAID = 5
"""Sentences of the answer on the first two pages."""
_MOST_INPUTS = 2
"""Sentences there on what becomes of the plan if inputs differ; the appendix has all."""
_MOST_PLANS, _MOST_CHEAPER = 12, 8
"""Plans on the first two pages, and of those that are cheaper than the answer."""
_FIRST = ("balked_share", "margin_per_week")


def plan_page(document: PlanDocument, scenario: Scenario, manifest: Mapping[str, Any]) -> Page:
    """Make the page.

    Parameters
    ----------
    document
        What `plan --json` prints.
    scenario
        The chosen or nearest plan.
    manifest
        Of the folder.
    """
    horizon, panel, currency = document["horizon"], document.get("panel"), scenario.finance.currency
    # The target that most plans miss says most about the choice.
    deciding = sorted(
        range(len(document["targets"])),
        key=lambda place: -sum(one["targets"][place]["state"] == "missed" for _, one in tried(document)),
    )
    made = (plans_chart(document, place, currency) for place in deciding)
    charts = [chart for chart in made if chart is not None]
    when = ", and by when must it be in force" if "by" in document else ""
    what = "the cheapest plan" if document["maximise"] is None else "the best plan"
    return Page(
        study="plan",
        title=document["scenario"],
        question=f"Which is {what} that meets all targets{when}?{start_sentence(horizon, panel)}",
        answer=[*document["answer"][:_MOST_SAID], *document["if_inputs_differ"][:_MOST_INPUTS]],
        good=document["chosen"] is not None,
        plans=_first_plans(document, deciding[0] if deciding else None, currency),
        chart=charts[0] if charts else None,
        matters=matters(scenario, [each["address"] for each in document["over"]]),
        details=" ".join(document["answer"][_MOST_SAID:]),
        warnings=[*document["warnings"], *panel_notes(panel, horizon["weeks"])],
        figures=charts[1:],
        tables=[
            _figures(document, currency),
            *_types(document, currency),
            *([_ends(document)] if document["ends"] else []),
            *([_weeks(document, currency)] if document.get("by") else []),
            _targets(document, currency),
        ],
        assumptions=assumptions(scenario),
        reproduce=reproduce(manifest),
    )


def _first_plans(document: PlanDocument, deciding: int | None, currency: str) -> Block:
    """Lay the plans around the answer side by side, with the target that decides."""
    listed = tried(document)
    answer = document["chosen"] if document["chosen"] is not None else document["nearest"]
    places = [place for place, _ in listed]
    begin = (
        max(0, min(places.index(answer) - _MOST_CHEAPER, len(listed) - _MOST_PLANS))
        if answer in places
        else 0
    )
    shown = listed[begin : begin + _MOST_PLANS]
    left = len(listed) - len(shown)
    asked = None if deciding is None else document["targets"][deciding]
    return Block(
        "The plans side by side",
        DataSheet.of(
            (
                "Plan",
                f"{currency} a week",
                "plan",
                *([] if asked is None else [asked["told"]]),
                *(heading(name, currency, names_of(document)) for name in _FIRST),
            ),
            [
                (
                    f"{one['name']}{' (the answer)' if place == document['chosen'] else ''}",
                    f"{one['known_cost']:,.0f}",
                    STATES[one["state"]],
                    *([] if asked is None else [level_cell(asked, one["targets"][deciding or 0], currency)]),
                    *(figure_cell(one["figures"], name, currency) for name in _FIRST),
                )
                for place, one in shown
            ],
        ),
        says="The cost a week is that of rostered hours and chairs. Means, with 95 % intervals or the bound that "
        "decides: < is surely below, > surely above. !: missed. ~: borderline. ?: open."
        + (f" {counted(left, 'more plan')} in the appendix." if left else ""),
    )


def _targets(document: PlanDocument, currency: str) -> Block:
    rows = [
        (
            one["name"],
            f"{one['known_cost']:,.0f}",
            STATES[one["state"]],
            *(
                level_cell(asked, found, currency)
                for asked, found in zip(document["targets"], one["targets"], strict=True)
            ),
            one["replications"],
        )
        for _, one in tried(document)
    ]
    return Block(
        "Plans and targets",
        DataSheet.of(
            ("Plan", f"{currency} a week", "plan", *(each["told"] for each in document["targets"]), "n"), rows
        ),
        says="The cost a week is that of rostered hours and chairs. Means, with the bound that decides: < is "
        "surely below, > surely above. !: missed. ~: borderline. ?: open.",
    )


def _ends(document: PlanDocument) -> Block:
    plans = document["plans"]
    return Block(
        "If inputs differ",
        DataSheet.of(
            ("If", "instead of", "the targets are", "missed", "would hold"),
            [
                (
                    end["name"],
                    f"{end['usual']:g}",
                    end["state"],
                    f"it {missed(document, end['misses'])}" if end["misses"] else "",
                    "" if end["enough"] is None else plans[end["enough"]]["name"],
                )
                for end in document["ends"]
            ],
        ),
        says=" ".join(document["if_inputs_differ"]),
    )


def _weeks(document: PlanDocument, currency: str) -> Block:
    by = document.get("by")
    assert by is not None
    return Block(
        "In force from",
        DataSheet.of(
            ("Date", "week", "shown", *(each["told"] for each in document["targets"]), "n"),
            [
                (
                    each["date"],
                    each["week"],
                    LEVEL_STATES[each["state"]],
                    *(
                        f"{level_cell(asked, found, currency)}, Q{found.get('part', 1)}"
                        for asked, found in zip(document["targets"], each["targets"], strict=True)
                    ),
                    each["replications"],
                )
                for each in by["tried"]
            ],
        ),
        says="Each target in its worst quarter, Q1 the first.",
    )


def _types(document: PlanDocument, currency: str) -> Iterator[Block]:
    for head, types, rows in type_tables([one["figures"] for _, one in tried(document)], currency):
        named = [(one["name"], *cells) for (_, one), cells in zip(tried(document), rows, strict=True)]
        yield Block(f"By type of visit: {head}", DataSheet.of(("Plan", *types), named))


def _figures(document: PlanDocument, currency: str) -> Block:
    names = names_of(document)
    return Block(
        "Plans side by side",
        DataSheet.of(
            ("Plan", *(heading(name, currency, names) for name in figures_of(document))),
            [
                (one["name"], *(figure_cell(one["figures"], name, currency) for name in figures_of(document)))
                for _, one in tried(document)
            ],
        ),
        says="Means, with 95 % intervals.",
    )
