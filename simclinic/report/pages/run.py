"""The report of a run: whether the clinic carries its demand, and its key figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simclinic.measures import GROUPS, KPIS
from simclinic.measures.groups import PLACE, ROLE, VISIT, part_of
from simclinic.measures.intervals import Watched
from simclinic.planning.load import changes_by_week
from simclinic.records import Records
from simclinic.report.assumptions import assumptions
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.flow import flow
from simclinic.report.figures.limits import limits_chart
from simclinic.report.figures.occupancy import heat, heat_of_parts, profile, profile_of_parts
from simclinic.report.figures.precision import precision
from simclinic.report.figures.relapse import own_laws, relapse
from simclinic.report.figures.starts import starts
from simclinic.report.figures.uncertainty import uncertainty
from simclinic.report.figures.waiting import waiting
from simclinic.report.figures.waits import days_to_first_infusion, waits_on_the_day
from simclinic.report.figures.warm_up import warm_up
from simclinic.report.figures.weekly import weekly_visits
from simclinic.report.matters import Limits, limits_of, matters
from simclinic.report.page import Block, Page
from simclinic.report.pages.front import MAIN, figures_first, side_by_side, titled, verdict_text
from simclinic.report.pages.reproduce import reproduce
from simclinic.report.text.at_once import distributions, rows
from simclinic.report.text.differences import difference_unit
from simclinic.report.text.numbers import NO_VALUE, cells, for_people, plain, with_interval
from simclinic.report.text.parts import in_use, label_of, part_tables, treatment_of
from simclinic.report.text.plainly import Side, plainly, short_of_a_day
from simclinic.report.text.run import panel_notes
from simclinic.report.text.stability import CARRIES, day_sentence, other_warnings
from simclinic.report.text.targets import STATE_WORDS, headline, state_of, target_label
from simclinic.report.text.words import counted, grouped_warnings, interval_words, start_sentence
from simclinic.results.document import Figure, TargetResult
from simclinic.results.run import RunDocument
from simclinic.scenario import Scenario
from simclinic.scenario.distributions import Distribution
from simclinic.scenario.visit import NURSE

Columns = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredTables:
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
class OneReplication:
    """One replication, simulated again, with every patient and visit.

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
    stored: StoredTables,
    replication: OneReplication | None = None,
    day: Sequence[Chart] = (),
    extra_warnings: Sequence[str] = (),
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
    stored
        Its tables.
    replication
        One of its replications, simulated again; None leaves out what needs it.
    day
        Figures of one of its days.
    extra_warnings
        More to know before reading a figure.
    laws
        Relapse laws to show beside what was published, the scenario's own first; None: it is of another kind.
    """
    limits, currency = limits_of([scenario]), scenario.finance.currency
    figures = list(_figures(document, scenario, stored, replication, day, laws))
    chart = _first_chart(document, figures, limits, currency)
    return Page(
        study="run",
        title=titled(scenario.name, document.get("panel")),
        question=_question(document, scenario),
        answer=list(answer_lines(document, currency)),
        good=is_good(document),
        plans=_plan(document, limits, currency),
        chart=chart,
        matters=matters(scenario),
        details=_details(document),
        warnings=[
            *grouped_warnings(
                [
                    each
                    for each in other_warnings(document)
                    if not _never_known(each, scenario) and each not in _first_of(document)
                ],
                document["kpis"],
            ),
            *_single(document),
            *extra_warnings,
            *panel_notes(document.get("panel"), document["horizon"]["weeks"]),
        ],
        figures=[each for each in figures if each is not chart],
        tables=[
            *target_tables(document.get("targets", ())),
            *part_blocks(document, currency),
            *at_once_blocks(document),
            *kpi_tables(document["kpis"], currency),
        ],
        assumptions=assumptions(scenario),
        reproduce=reproduce(manifest),
    )


_MOST_SAID = 3
"""Warnings of the plan in the answer."""


def _never_known(warning: str, scenario: Scenario) -> bool:
    """Return whether a warning says of a walk-in clinic that it has no book."""
    if scenario.booking.mode != "walk-in":
        return False
    return any(warning.endswith(f": {kpi.absent}") for kpi in KPIS.values() if _NO_BOOK in kpi.absent)


_NO_BOOK = "a walk-in clinic has no"


def _question(document: RunDocument, scenario: Scenario) -> str:
    asked = scenario.description or "How does this clinic perform?"
    panel = document.get("panel")
    return asked + start_sentence(document["horizon"], panel)


def answer_lines(document: RunDocument, currency: str) -> Iterator[str]:
    """Answer in plain words: targets, demand, the day, and what a patient meets."""
    if on_paper := _first_of(document):
        yield f"The plan on paper: {'; '.join(on_paper)}."
    kpis = document["kpis"]
    if document["verdict"] is None or not kpis["boosters_per_week"]["n"]:
        yield _details(document)
        return
    if told := target_sentence(document.get("targets", ()), currency):
        yield told
    reasons = document["verdict_reasons"][:1]
    yield f"{': '.join((CARRIES[document['verdict']], *reasons))}."
    if document["day_verdict"]:
        yield day_sentence(document["day_verdict"], document["day_verdict_reasons"]).capitalize()
    yield from _met(document, currency)


def first_lines(document: RunDocument, currency: str, least: int) -> Iterator[str]:
    """Say what a patient meets, of replications that are too few for a verdict.

    Parameters
    ----------
    document
        Of the replications so far.
    currency
        Of amounts.
    least
        How many there will be at least.
    """
    if document["verdict"] is None or not document["kpis"]["boosters_per_week"]["n"]:
        yield from answer_lines(document, currency)
        return
    if on_paper := _first_of(document):
        yield f"The plan on paper: {'; '.join(on_paper)}."
    yield (
        f"First figures, of {document['replications']} of at least {least} replications: too few to say whether "
        "this clinic carries its demand."
    )
    yield from _met(document, currency)


def _met(document: RunDocument, currency: str) -> Iterator[str]:
    """Say what a patient meets, and what is in use."""
    kpis = document["kpis"]
    sides: tuple[tuple[str, Side], ...] = (
        ("access_days_mean", "below"),
        ("boosters_per_week", "above"),
        ("margin_per_week", "above"),
    )
    days, boosters, margin = (
        plainly(kpis[name], *short_of_a_day(kpis[name], 1.0, difference_unit(name, currency)), sure=side)
        for name, side in sides
    )
    first = _first(kpis)
    waits = f"Nobody has {first}" if days == NO_VALUE else f"A new patient waits {days}, for {first}"
    yield f"{waits}. Boosters: {boosters}. Margin: {margin}."
    if told := in_use(document):
        yield told


def _first_of(document: RunDocument) -> list[str]:
    """Return the warnings of the plan with which the answer begins; what is left is among the warnings."""
    return document.get("plan_warnings", [])[:_MOST_SAID]


def _first(kpis: Mapping[str, Figure]) -> str:
    return f"a first {treatment_of(kpis)}"


def target_sentence(targets: Sequence[TargetResult], currency: str) -> str:
    """Say whether targets are met, and of those that are not what was found, in plain words; empty without any."""
    parts = []
    for state, words in (("missed", "Missed"), ("open", "Open")):
        named = [_target_found(each, currency) for each in targets if each["state"] == state]
        if named:
            parts.append(f"{words}: {'; '.join(named)}.")
    return " ".join(parts) or headline(targets)


def _target_found(target: TargetResult, currency: str) -> str:
    if target["by"] not in KPIS:
        return "the clinic is not shown to be stable"
    label, mean = target_label(target).lower(), target["mean"]
    low, high = target["low"], target["high"]
    if mean is None:
        return label
    years = target["years"] is not None
    at_most = target["by_at_most"] and not years
    missed = target["state"] == "missed"
    scale, unit = for_people("share" if years else KPIS[target["by"]].unit, currency)
    found = {"mean": mean, "ci": None if low is None or high is None else [low, high]}
    told = plainly(found, scale, unit, sure="above" if at_most == missed else "below")
    factor, own = for_people(KPIS[target["by"]].unit, currency)
    side = "at most" if target["by_at_most"] else "at least"
    limit = f"{side} {factor * (target['by_limit'] or 0.0):,.6g} {own}"
    kept = " of replications keep it" if years else ""
    return f"{label} {told}{kept} ({limit} is asked for)"


def _plan(document: RunDocument, limits: Limits, currency: str) -> Block | None:
    """Lay the plan out with its targets."""
    if not document["kpis"]["boosters_per_week"]["n"]:
        return None
    targets = document.get("targets", ())
    name = "this plan"
    return side_by_side(
        {name: document["kpis"]},
        figures_first([each["by"] for each in targets], MAIN),
        limits,
        currency,
        verdicts={name: verdict_text(document["verdict"], targets)},
        title="The plan at a glance",
    )


def _first_chart(
    document: RunDocument, figures: Sequence[Chart], limits: Limits, currency: str
) -> Chart | None:
    """Draw how much of each limit is used; without a figure that has one, the first of the figures."""
    drawn = limits_chart(document["kpis"], limits, currency) if figures else None
    return drawn or (figures[0] if figures else None)


def _details(document: RunDocument) -> str:
    """Answer in full, with the uncertainty."""
    if document["verdict"] is None:
        failed = document["replications"]
        why = (
            f"all of {counted(failed, 'replication')} failed, and failures.jsonl in the results folder says why"
            if failed
            else "no replication was finished; the same command continues the run"
        )
        return f"Nothing can be said about this clinic: {why}."
    if not document["kpis"]["boosters_per_week"]["n"]:  # every replication was broken off
        return f"{_stands(document)} There are no figures: no replication was finished."
    return f"{_reaches(document)}{_stands(document)} {_does(document)}"


def _reaches(document: RunDocument) -> str:
    """Say whether the targets are met, if there are any."""
    told = headline(document.get("targets", ()))
    return f"{told} " if told else ""


def is_good(document: RunDocument) -> bool | None:
    """Return whether the answer is good news; None where it is open."""
    if "targets" in document:
        return {"met": True, "missed": False, "open": None}[state_of(document["targets"])]
    if document["verdict"] == "not-stable" or document["day_verdict"] == "does-not-hold":
        return False
    if document["verdict"] == "stable" and document["day_verdict"] in ("holds", None):
        return True
    return None


def _stands(document: RunDocument) -> str:
    """Say whether the clinic carries its demand, and whether its day holds."""
    verdict, reasons = document["verdict"], "; ".join(document["verdict_reasons"])
    day = document["day_verdict"]
    holds = f" {day_sentence(day, document['day_verdict_reasons']).capitalize()}" if day else ""
    return f"{CARRIES[verdict or 'open']}: {reasons}.{holds}"


def _does(document: RunDocument) -> str:
    """Give the main figures, with intervals."""
    kpis, weeks = document["kpis"], counted(document["horizon"]["weeks"], "week")
    days = kpis["access_days_mean"]
    waits = (
        f"a new patient waits {with_interval(days)} days for {_first(kpis)}"
        if days["mean"] is not None
        else f"nobody has {_first(kpis)}"
    )
    parts = (
        f"{waits}, {with_interval(kpis['boosters_per_week'])} boosters a week are given, "
        f"and {with_interval(kpis['chair_utilisation'], 100.0)} % of the chairs' time is used"
    )
    n = kpis["boosters_per_week"]["n"]
    basis = (
        f"means of {n} replications of {weeks}, 95 % intervals in brackets"
        if n > 1
        else f"one replication of {weeks}, so without intervals"
    )
    if document["verdict"] == "not-stable":
        return f"In the simulated weeks, {parts} ({basis}); over a longer run the figures would differ."
    return f"{parts[0].upper()}{parts[1:]} ({basis})."


def _single(document: RunDocument) -> Iterator[str]:
    if document["verdict"] is not None and document["kpis"]["boosters_per_week"]["n"] == 1:
        yield (
            "there is one replication: it shows what can happen, not what to expect. With --replications 30 "
            "figures have intervals"
        )


def _figures(
    document: RunDocument,
    scenario: Scenario,
    stored: StoredTables,
    replication: OneReplication | None,
    day: Sequence[Chart],
    laws: Mapping[str, Distribution] | None,
) -> Iterator[Chart]:
    """Draw figures in order: a manager's questions first, checks of the simulation last."""
    if not len(stored.weeks.get("week", ())):
        return
    start, kpis, some_weeks = scenario.run.start, document["kpis"], changes_by_week(scenario)
    yield weekly_visits(stored.weeks, start, f"{treatment_of(kpis)}s", scenario.intake.visit)
    yield waiting(stored.weeks, start, treatment_of(kpis))
    yield from _there(
        heat(stored.profiles),
        heat_of_parts(stored.profiles),
        profile(stored.profiles, _ratios(scenario), some_weeks=some_weeks),
        profile_of_parts(stored.profiles, some_weeks=some_weeks),
    )
    yield from day
    if replication is not None:
        yield from _one_by_one(replication, scenario, kpis)
    if laws is not None:
        yield relapse({**laws, **own_laws(scenario)})
    yield from _there(
        uncertainty(kpis, scenario.finance.currency),
        precision(
            stored.runs,
            stored.row,
            Watched.of(scenario, replications=1 if stored.row == "replication" else 2),
        ),
        None
        if "panel" in document
        else warm_up(stored.ramp, scenario.run.warm_up_weeks, steady=not scenario.meant_to_change),
    )


def _one_by_one(
    replication: OneReplication, scenario: Scenario, kpis: Mapping[str, Figure]
) -> Iterator[Chart]:
    """Draw the figures of one replication, which need every patient and visit; each names the replication."""
    records, which = replication.records, f"replication {replication.number}"
    infusions = {name: protocol.infusions for name, protocol in scenario.protocols.items()}
    yield from _there(
        waits_on_the_day(records, which, kpis["started_on_time_share"]),
        days_to_first_infusion(records, which, kpis["access_days_mean"], kpis["balked_share"]),
        starts(records, which),
        flow(records, infusions, which),
    )


def _there(*shown: Chart | None) -> Iterator[Chart]:
    return (each for each in shown if each is not None)


def _ratios(scenario: Scenario) -> tuple[int, ...]:
    """Return how many patients a nurse may watch, for each kind of watching."""
    return tuple(
        sorted(
            {
                claim.watch
                for step in scenario.steps.values()
                for role, claim in step.needs.items()
                if role == NURSE and claim.watch
            }
        )
    )


def target_tables(targets: Sequence[TargetResult], name: str = "") -> Iterator[Block]:
    """Lay targets and guards out, with the bounds by which they were judged."""
    if targets:
        yield Block(
            f"Targets{f', {name}' if name else ''}",
            DataSheet.of(
                ("kind", "state", "what is asked for, and what was found"),
                [
                    (
                        "guard" if each["guard"] else "target",
                        STATE_WORDS[each["state"]],
                        each["told"],
                    )
                    for each in targets
                ],
            ),
            "Bounds are one-sided, each at 95 %.",
        )


_PARTS = {VISIT: "Type of visit", ROLE: "Role", PLACE: "Place"}


def part_blocks(document: RunDocument, currency: str) -> Iterator[Block]:
    """Lay out the figures by type of visit, role and place."""
    for each in part_tables(document):
        rows = []
        for heading in each.headings:
            for part, figure in heading.rows:
                scale, unit = for_people(figure["unit"], currency)
                rows.append((f"{heading.label}, {unit}", part, *cells(figure, scale), plain(figure["n"], 0)))
        shown = {f"{name}:{part}": figure for name, _, parts in each.headings for part, figure in parts}
        yield Block(
            each.title,
            DataSheet.of(("Figure", _PARTS[each.kind], "mean", "95 % interval", "p10–p90", "n"), rows),
            " ".join([*interval_words(shown), *each.notes]),
        )


_OF_TIME = "Shares of opening hours; of what staff do, shares of the time with somebody of the role present."


def at_once_blocks(document: RunDocument) -> Iterator[Block]:
    """Lay out how often so many chairs are in use, patients wait, or tasks are under way."""
    found = list(distributions(document))
    laid_out = [(each.title, *row) for each in found for row in rows(each)]
    shown = {f"{each.title} {words}": figure for each in found for words, figure in each.shares}
    if laid_out:
        yield Block(
            "How many at once",
            DataSheet.of(("What", "number", "mean, %", "95 % interval", "p10–p90", "n"), laid_out),
            " ".join((_OF_TIME, *interval_words(shown))),
        )


def kpi_tables(kpis: Mapping[str, Figure], currency: str) -> Iterator[Block]:
    """Lay key figures out by group, as people read them."""
    for group in GROUPS:
        names = [name for name in kpis if KPIS[name].group == group and part_of(name) is None]
        if names:
            yield Block(
                group.capitalize(),
                DataSheet.of(
                    ("Figure", "mean", "95 % interval", "p10–p90", "n"),
                    [_row(label_of(name, kpis), kpis[name], currency) for name in names],
                ),
                " ".join(interval_words({name: kpis[name] for name in names})),
            )


def _row(label: str, figure: Figure, currency: str) -> Sequence[str]:
    scale, unit = for_people(figure["unit"], currency)
    return (f"{label}, {unit}", *cells(figure, scale), plain(figure["n"], 0))
