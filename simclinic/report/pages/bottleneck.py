"""The report of a study of bottlenecks: what runs out first, and what one more or fewer of each does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simclinic.measures import KPIS
from simclinic.report.assumptions import assumptions
from simclinic.report.figures.chart import DataSheet
from simclinic.report.figures.effects import effects
from simclinic.report.figures.occupancy import heat, heat_of_parts
from simclinic.report.matters import limits_of, matters
from simclinic.report.page import Block, Page
from simclinic.report.pages.front import titled
from simclinic.report.pages.reproduce import reproduce
from simclinic.report.text.bottleneck import (
    MONEY,
    away_cells,
    begins_text,
    by_type,
    columns_of,
    effect_cell,
    heading,
    impossible_sentence,
    newly_missed,
    others_wait,
    targets_text,
    use_cells,
    use_notes,
)
from simclinic.report.text.numbers import plain
from simclinic.report.text.run import panel_notes
from simclinic.report.text.stability import CARRIES, day_sentence
from simclinic.report.text.words import counted, start_sentence
from simclinic.results.bottleneck import BottleneckDocument, Met
from simclinic.scenario import Scenario

Columns = Mapping[str, Any]

_FIRST = 1
_MOST_CHANGES = 12
_MOST_SAID = 4  # what runs out, how full the plan is, its targets, and the change that helps most


def bottleneck_page(
    document: BottleneckDocument, scenario: Scenario, manifest: Mapping[str, Any], profiles: Columns
) -> Page:
    """Make the page.

    Parameters
    ----------
    document
        What `bottleneck --json` prints.
    scenario
        The plan as it is.
    manifest
        Of the folder.
    profiles
        Profiles of the week of all replications of the plan as it is.
    """
    horizon, panel = document["horizon"], document.get("panel")
    currency = scenario.finance.currency
    shown = dict.fromkeys((document["sorted_by"], *document["usual"][:2], "margin_per_week"))
    limits = limits_of([scenario])
    made = (
        *(effects(document, name, currency, limits.get(name)) for name in shown),
        heat(profiles),
        heat_of_parts(profiles),
    )
    charts = [chart for chart in made if chart is not None]
    return Page(
        study="bottleneck",
        title=titled(document["scenario"], panel),
        question="What runs out first, and what would one more or one fewer of each do, on the same patients?"
        + start_sentence(horizon, panel),
        answer=document["answer"][:_MOST_SAID],
        good=False if document["verdict"] == "not-stable" else None,
        warnings=[*_stand(document), *document["warnings"], *panel_notes(panel, horizon["weeks"])],
        plans=_changes(document),
        chart=charts[0] if charts else None,
        matters=matters(scenario),
        details=" ".join(document["answer"][_MOST_SAID:]),
        figures=charts[1:],
        tables=list(_tables(document)),
        assumptions=assumptions(scenario),
        reproduce=reproduce(manifest),
    )


def _stand(document: BottleneckDocument) -> Iterator[str]:
    """List the verdicts that are not simply good."""
    if document["verdict"] not in (None, "stable"):
        yield f"{CARRIES[document['verdict']]}: {'; '.join(document['verdict_reasons'])}."
    if document["day_verdict"] not in (None, "holds"):
        yield day_sentence(document["day_verdict"], document["day_verdict_reasons"]).capitalize()


def _changes(document: BottleneckDocument) -> Block | None:
    """Lay the changes out side by side, with the figures that decide."""
    if not document["changes"]:
        return None
    figures = list(dict.fromkeys((document["sorted_by"], *columns_of(document)[:_FIRST], *MONEY)))
    listed, left = document["changes"][:_MOST_CHANGES], len(document["changes"]) - _MOST_CHANGES
    return Block(
        "The plans side by side",
        DataSheet.of(
            ("Change", *map(heading, figures), "newly misses"),
            [
                (
                    each["name"],
                    *(effect_cell(name, each["effects"][name]).replace("\n", " ") for name in figures),
                    _misses(newly_missed(each, document["targets"])),
                )
                for each in listed
            ],
        ),
        f"Differences from the plan as it is over {counted(document['replications'], 'replication')}, ± half of "
        "the 95 % interval. ~: too close to call. ?: perhaps."
        + (f" {counted(left, 'more change')} in the appendix." if left > 0 else ""),
    )


def _misses(missed: Sequence[Met]) -> str:
    """Name the target that a change would newly miss; of several their number."""
    if len(missed) > 1:
        return f"{len(missed)} targets"
    return "".join(KPIS[each["kpi"]].label.lower() for each in missed) or "none"


def _tables(document: BottleneckDocument) -> Iterator[Block]:
    figures = [*columns_of(document), *by_type(document)]
    if document["changes"]:
        yield Block(
            "One more, one fewer",
            DataSheet.of(
                ("Change", "starts on paper", *map(heading, figures), "targets it would newly miss"),
                [
                    (
                        each["name"],
                        plain(each["starts"], 0),
                        *(effect_cell(name, each["effects"][name]).replace("\n", " ") for name in figures),
                        targets_text(newly_missed(each, document["targets"])) or "none",
                    )
                    for each in document["changes"]
                ],
            ),
            says="Differences from the plan as it is, ± half of the 95 % interval. ~: too close to call. "
            f"?: perhaps. {begins_text(document)}",
        )
        yield Block(
            "Settings of each change",
            DataSheet.of(
                ("Change", "settings that differ"),
                [
                    (each["name"], "; ".join(f"{key} = {value}" for key, value in each["settings"].items()))
                    for each in document["changes"]
                ],
            ),
        )
    if document["not_possible"]:
        yield Block(
            "Changes that cannot be made",
            DataSheet.of(
                ("Change", "why"),
                [
                    (each["name"], impossible_sentence(each).partition("because ")[2])
                    for each in document["not_possible"]
                ],
            ),
        )
    yield Block(
        "Use of chairs and staff" if others_wait(document["resources"]) else "Use of chairs and nurses",
        DataSheet.of(
            (
                "Resource",
                "full on paper",
                "in use, simulated",
                "busiest two hours",
                "minutes waited for it, a visit",
            ),
            [use_cells(each) for each in document["resources"]],
        ),
        " ".join(use_notes(document["resources"])),
    )
    leave = document["leave"]
    if leave is not None:
        yield Block(
            f"{leave['name'][:1].upper()}{leave['name'][1:]}, from {leave['since']}",
            DataSheet.of(
                ("In these weeks", "as it is", "on leave", "difference"),
                [away_cells(each) for each in leave["during"]],
            ),
        )
