"""The report of a run: whether the clinic carries its demand, and how it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simclinic.measures import GROUPS, KPIS
from simclinic.report.assumptions import assumptions
from simclinic.report.documents import Figure, RunDocument
from simclinic.report.figures.shown import Sheet, Shown
from simclinic.report.figures.weekly import weekly_visits
from simclinic.report.numbers import NOTHING, for_people, plain, row, span
from simclinic.report.page import Block, Page
from simclinic.report.pages.reproduce import reproduce
from simclinic.scenario import Scenario

Columns = Mapping[str, Any]


def run_page(document: RunDocument, scenario: Scenario, manifest: Mapping[str, Any], weeks: Columns) -> Page:
    """Make the page.

    Parameters
    ----------
    document
        What `run --json` prints.
    scenario
        What was run.
    manifest
        Of its folder.
    weeks
        The weekly table of all replications.
    """
    return Page(
        study="run",
        title=scenario.name,
        question=scenario.description or "How does this clinic do?",
        answer=_answer(document),
        good=document["stable"],
        warnings=document["warnings"],
        figures=list(_figures(weeks)),
        tables=list(kpi_tables(document["kpis"], scenario.finance.currency)),
        assumptions=assumptions(scenario),
        reproduce=reproduce(manifest),
    )


def _answer(document: RunDocument) -> str:
    """Answer in two sentences, with how sure it is."""
    kpis = document["kpis"]
    if document["stable"] is None:
        return "No replication came to an end, so nothing can be said."
    stands = (
        "This clinic carries its demand: no queue grows, and few are turned away."
        if document["stable"]
        else f"This clinic does not carry its demand: {document['warnings'][0]}."
    )
    return (
        f"{stands} A new patient waits {_known(kpis['access_days_mean'])} days for a first infusion, "
        f"{_known(kpis['boosters_per_week'])} boosters a week are given, and "
        f"{_known(kpis['chair_utilisation'], 100.0)} % of the chairs' time is used (95 % intervals in brackets)."
    )


def _known(figure: Figure, scale: float = 1.0) -> str:
    """Write a mean with its interval, in words."""
    if figure["mean"] is None:
        return NOTHING
    mean, low, high = row(
        *(
            None if each is None else each * scale
            for each in (figure["mean"], *(figure["ci"] or (None, None)))
        )
    )
    return mean if figure["ci"] is None else f"{mean} ({span(low, high)})"


def _figures(weeks: Columns) -> Iterator[Shown]:
    if len(weeks.get("week", ())):
        yield weekly_visits(weeks)


def kpi_tables(kpis: Mapping[str, Figure], currency: str) -> Iterator[Block]:
    """Lay key figures out by group, as people read them."""
    for group in GROUPS:
        names = [name for name in kpis if KPIS[name].group == group]
        if names:
            yield Block(
                group.capitalize(),
                Sheet.of(
                    ("Figure", "mean", "95 % interval", "p10–p90", "n", "unit"),
                    [_row(name, kpis[name], currency) for name in names],
                ),
            )


def _row(name: str, figure: Figure, currency: str) -> Sequence[str]:
    scale, unit = for_people(figure["unit"], currency)
    low, high = figure["ci"] or (None, None)
    values = [
        None if each is None else each * scale
        for each in (figure["mean"], low, high, figure["p10"], figure["p90"])
    ]
    mean, low_told, high_told, p10, p90 = row(*values)
    return (KPIS[name].label, mean, span(low_told, high_told), span(p10, p90), plain(figure["n"], 0), unit)
