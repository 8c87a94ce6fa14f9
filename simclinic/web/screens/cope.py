"""*Does it cope?*: the verdict, what runs out first, and four figures that narrow while the simulation runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simclinic.measures import KPIS
from simclinic.measures.groups import PLACE, ROLE, VISIT
from simclinic.report.text.numbers import for_people, with_interval
from simclinic.report.text.parts import label_of, part_tables, treatment_of
from simclinic.report.text.plainly import Side, plainly, short_of_a_day
from simclinic.report.text.words import counted
from simclinic.scenario import Scenario
from simclinic.web.answering import Form
from simclinic.web.paper import busiest, papers_of
from simclinic.web.questions import Options
from simclinic.web.screens.asking import Filled, Known, QuestionScreen, routes

_FOUR: Mapping[str, tuple[Side, str]] = {
    "access_days_mean": (
        "below",
        "From the day a new patient is ready until the first {}. Those turned away are not in it.",
    ),
    "balked_share": ("below", "Of the new patients, those who give up because they find no start in time."),
    "boosters_per_week": ("above", "Boosters that are given: they grow with every patient who stays."),
    "chair_utilisation": ("below", "How much of the opening hours the chairs are occupied, on average."),
}
"""Figures of the screen: which end of the interval is said, and what the figure means; {}: an infusion."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: its name, its value in words, and what it means."""

    label: str
    value: str
    means: str


def _figures(scenario: Scenario, document: Mapping[str, Any]) -> list[Figure]:
    found = []
    for name, (side, words) in _FOUR.items():
        figure = document["kpis"].get(name)
        label, means = label_of(name, document["kpis"]), words.format(treatment_of(document["kpis"]))
        if figure is None or not figure["n"]:
            found.append(Figure(label, "not known", means))
            continue
        scale, unit = short_of_a_day(figure, *for_people(KPIS[name].unit, scenario.finance.currency))
        found.append(Figure(label, plainly(figure, scale, unit, sure=side), means))
    return found


@dataclass(frozen=True, slots=True)
class PartOfClinic:
    """Figures of one kind of part, such as the types of visit: rows of a figure, a part, its mean and interval."""

    title: str
    of: str
    rows: list[tuple[str, str, str]]


_PARTS = {VISIT: "type of visit", ROLE: "role", PLACE: "place"}


def _parts(scenario: Scenario, document: Mapping[str, Any]) -> list[PartOfClinic]:
    found = []
    for each in part_tables(document):
        rows = []
        for heading in each.headings:
            for part, figure in heading.rows:
                scale, unit = for_people(figure["unit"], scenario.finance.currency)
                rows.append((f"{heading.label}, {unit}", part, with_interval(figure, scale)))
        found.append(PartOfClinic(each.title, _PARTS[each.kind], rows))
    return found


def _values(scenario: Scenario, known: Known, _options: Options) -> Mapping[str, Any]:
    document: Mapping[str, Any] | None = None
    if known.answer is not None:
        document = json.loads(known.answer.json)
    elif known.interim is not None:
        document = known.interim.document
    paper = papers_of(scenario)
    return {
        "figures": [] if document is None else _figures(scenario, document),
        "by_part": [] if document is None else _parts(scenario, document),
        "counted": "" if document is None else counted(document["replications"], "replication"),
        "weeks": scenario.run.weeks,
        "papers": paper,
        "busiest": [busiest(each) for each in paper],
    }


def _read(_scenario: Scenario, _form: Form) -> Filled:
    return Filled({})


ROUTES = routes(QuestionScreen("cope", "Does it cope?", "cope.html.j2", _read, _values, at_once=True))
