"""The report of a run: whether the clinic carries its demand, and how it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simclinic.measures import GROUPS, KPIS
from simclinic.measures.intervals import Watched
from simclinic.records import Records
from simclinic.report.assumptions import assumptions
from simclinic.report.figures.flow import flow
from simclinic.report.figures.occupancy import heat, profile
from simclinic.report.figures.precision import precision
from simclinic.report.figures.relapse import relapse
from simclinic.report.figures.shown import DataSheet, Shown
from simclinic.report.figures.starts import starts
from simclinic.report.figures.sure import how_sure
from simclinic.report.figures.waiting import waiting
from simclinic.report.figures.waits import days_to_first_infusion, waits_on_the_day
from simclinic.report.figures.warm_up import warm_up
from simclinic.report.figures.weekly import weekly_visits
from simclinic.report.page import Block, Page
from simclinic.report.pages.reproduce import reproduce
from simclinic.report.text.numbers import cells, for_people, known, plain
from simclinic.report.text.run import started_told
from simclinic.report.text.stability import beside, day_sentence
from simclinic.report.text.words import counted, gathered, interval_words, period
from simclinic.results.document import Figure
from simclinic.results.run import RunDocument
from simclinic.scenario import Scenario
from simclinic.scenario.distributions import Distribution

Columns = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """The tables of a results folder, all replications one after another; empty if there are none.

    Attributes
    ----------
    weeks
        One row for each measured week.
    profiles
        One row for each weekday and hour.
    ramp
        One row for each simulated week.
    runs
        One row for each replication, or for each mirrored pair.
    row
        What a row of `runs` is.
    """

    weeks: Columns
    profiles: Columns
    ramp: Columns
    runs: Columns
    row: str = "replication"


@dataclass(frozen=True, slots=True)
class Lived:
    """One replication, simulated again: what happened in it, one by one.

    Attributes
    ----------
    number
        Which, counted from 0.
    records
        What happened.
    """

    number: int
    records: Records


def run_page(
    document: RunDocument,
    scenario: Scenario,
    manifest: Mapping[str, Any],
    kept: Kept,
    lived: Lived | None = None,
    day: Sequence[Shown] = (),
    told: Sequence[str] = (),
    laws: Mapping[str, Distribution] | None = None,
) -> Page:
    """Make the page.

    Parameters
    ----------
    document
        What `run --json` prints.
    scenario
        What was run.
    manifest
        Of its folder.
    kept
        Its tables.
    lived
        One of its replications, simulated again; None leaves out what needs it.
    day
        Figures of one of its days.
    told
        What else to know before reading a figure.
    laws
        Relapse laws to show beside what was published, the scenario's own first; None: it is of another kind.
    """
    return Page(
        study="run",
        title=scenario.name,
        question=_question(document, scenario),
        answer=_answer(document),
        good=_good(document),
        warnings=[
            *gathered(beside(document)),
            *_single(document),
            *told,
            *started_told(document.get("panel"), document["horizon"]["weeks"]),
        ],
        figures=list(_figures(document, scenario, kept, lived, day, laws)),
        tables=list(kpi_tables(document["kpis"], scenario.finance.currency)),
        assumptions=assumptions(scenario),
        reproduce=reproduce(manifest),
    )


def _question(document: RunDocument, scenario: Scenario) -> str:
    asked = scenario.description or "How does this clinic do?"
    panel = document.get("panel")
    return asked if panel is None else f"{asked} {period(document['horizon'], panel)}."


def _answer(document: RunDocument) -> str:
    """Answer in two sentences, with how sure it is."""
    if document["verdict"] is None:
        failed = document["replications"]
        why = (
            f"all of {counted(failed, 'replication')} failed, and failures.jsonl in the results folder says why"
            if failed
            else "no replication came to an end; the same command goes on"
        )
        return f"Nothing can be said about this clinic: {why}."
    if not document["kpis"]["boosters_per_week"]["n"]:  # every replication was broken off
        return f"{_stands(document)} There are no figures: no replication came to an end."
    return f"{_stands(document)} {_does(document)}"


def _good(document: RunDocument) -> bool | None:
    """Tell whether the answer is a calm one; None where it is open."""
    if document["verdict"] == "not-stable" or document["day_verdict"] == "does-not-hold":
        return False
    if document["verdict"] == "stable" and document["day_verdict"] in ("holds", None):
        return True
    return None


def _stands(document: RunDocument) -> str:
    """Say whether the clinic carries its demand, and whether its day holds."""
    verdict, reasons = document["verdict"], "; ".join(document["verdict_reasons"])
    told = {
        "stable": "This clinic carries its demand",
        "open": "Whether this clinic carries its demand is open",
        "filling": "This clinic is still filling, so the measured weeks are not yet what it will live with",
        "not-stable": "This clinic does not carry its demand",
    }[verdict or "open"]
    day = document["day_verdict"]
    holds = f" {day_sentence(day, document['day_verdict_reasons']).capitalize()}" if day else ""
    return f"{told}: {reasons}.{holds}"


def _does(document: RunDocument) -> str:
    """Say how the clinic does, with intervals."""
    kpis, weeks = document["kpis"], counted(document["horizon"]["weeks"], "week")
    days = kpis["access_days_mean"]
    waits = (
        f"a new patient waits {known(days)} days for a first infusion"
        if days["mean"] is not None
        else "nobody has a first infusion"
    )
    parts = (
        f"{waits}, {known(kpis['boosters_per_week'])} boosters a week are given, "
        f"and {known(kpis['chair_utilisation'], 100.0)} % of the chairs' time is used"
    )
    n = kpis["boosters_per_week"]["n"]
    sure = (
        f"means of {n} replications of {weeks}, 95 % intervals in brackets"
        if n > 1
        else f"one replication of {weeks}, so without intervals"
    )
    if document["verdict"] == "not-stable":
        return f"While it was watched, {parts} ({sure}); watched for longer, the figures would be others."
    return f"{parts[0].upper()}{parts[1:]} ({sure})."


def _single(document: RunDocument) -> Iterator[str]:
    if document["verdict"] is not None and document["kpis"]["boosters_per_week"]["n"] == 1:
        yield (
            "there is one replication: it shows what can happen, not what to expect. With --replications 30 "
            "figures come with intervals"
        )


def _figures(
    document: RunDocument,
    scenario: Scenario,
    kept: Kept,
    lived: Lived | None,
    day: Sequence[Shown],
    laws: Mapping[str, Distribution] | None,
) -> Iterator[Shown]:
    """Draw what a manager asks first, and last what those ask who check."""
    if not len(kept.weeks.get("week", ())):
        return
    start, kpis = scenario.run.start, document["kpis"]
    yield weekly_visits(kept.weeks, start)
    yield waiting(kept.weeks, start)
    yield from _there(heat(kept.profiles), profile(kept.profiles, _ratios(scenario)))
    yield from day
    if lived is not None:
        yield from _one_by_one(lived, scenario, kpis)
    if laws is not None:
        yield relapse(laws)
    yield from _there(
        how_sure(kpis, scenario.finance.currency),
        precision(
            kept.runs, kept.row, Watched.of(scenario, replications=1 if kept.row == "replication" else 2)
        ),
        None
        if "panel" in document
        else warm_up(kept.ramp, scenario.run.warm_up_weeks, steady=not scenario.meant_to_change),
    )


def _one_by_one(lived: Lived, scenario: Scenario, kpis: Mapping[str, Figure]) -> Iterator[Shown]:
    """Draw what needs every patient and visit: figures of one replication, which each says of itself."""
    records, which = lived.records, f"replication {lived.number}"
    infusions = {name: protocol.infusions for name, protocol in scenario.protocols.items()}
    yield from _there(
        waits_on_the_day(records, which, kpis["started_on_time_share"]),
        days_to_first_infusion(records, which, kpis["access_days_mean"], kpis["balked_share"]),
        starts(records, which),
        flow(records, infusions, which),
    )


def _there(*shown: Shown | None) -> Iterator[Shown]:
    return (each for each in shown if each is not None)


def _ratios(scenario: Scenario) -> tuple[int, ...]:
    """Tell how many patients a nurse may watch, for each kind of watching."""
    return tuple(
        sorted(
            {step.patients_per_nurse or 1 for step in scenario.visit.steps.values() if step.nurse == "watch"}
        )
    )


def kpi_tables(kpis: Mapping[str, Figure], currency: str) -> Iterator[Block]:
    """Lay key figures out by group, as people read them."""
    for group in GROUPS:
        names = [name for name in kpis if KPIS[name].group == group]
        if names:
            yield Block(
                group.capitalize(),
                DataSheet.of(
                    ("Figure", "mean", "95 % interval", "p10–p90", "n", "unit"),
                    [_row(name, kpis[name], currency) for name in names],
                ),
                " ".join(interval_words({name: kpis[name] for name in names})),
            )


def _row(name: str, figure: Figure, currency: str) -> Sequence[str]:
    scale, unit = for_people(figure["unit"], currency)
    return (KPIS[name].label, *cells(figure, scale), plain(figure["n"], 0), unit)
