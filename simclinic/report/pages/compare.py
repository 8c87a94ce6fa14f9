"""The report of a comparison: which differences are clear, which are not, and how precise they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from simclinic.measures import GROUPS, KPIS
from simclinic.report.assumptions import assumptions, differing_settings
from simclinic.report.figures.chairs_compared import chairs_compared
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.forest import PERHAPS, SURE, certainty, forest, scale_of
from simclinic.report.figures.pairs import MAIN as MAIN_PAIRS
from simclinic.report.figures.pairs import paired_replications
from simclinic.report.figures.plans import plans_chart
from simclinic.report.matters import limits_of, matters
from simclinic.report.page import Block, Page
from simclinic.report.pages.front import DRAWN, MAIN, figures_first, side_by_side, verdict_text
from simclinic.report.pages.reproduce import reproduce
from simclinic.report.pages.run import target_tables
from simclinic.report.text.compare import compare_answer, short_ratio
from simclinic.report.text.numbers import for_people, row
from simclinic.report.text.parts import label_of
from simclinic.report.text.run import panel_notes
from simclinic.report.text.stability import VERDICTS, day_sentence
from simclinic.report.text.targets import headline
from simclinic.report.text.words import counted, listed, quoted, start_sentence
from simclinic.results.compare import Between, Compared, CompareDocument
from simclinic.scenario import Scenario

Columns = Mapping[str, Any]

_MOST_LISTED = 3
_MOST_SIDES = 4


def compare_page(
    document: CompareDocument,
    scenarios: Mapping[str, Scenario],
    manifest: Mapping[str, Any],
    pairs: Sequence[tuple[Columns, Columns]],
    profiles: Mapping[str, Columns],
) -> Page:
    """Make the page.

    Parameters
    ----------
    document
        What `compare --json` prints.
    scenarios
        What was run, by the names in the document.
    manifest
        Of the folder.
    pairs
        For each difference of the document the key figures of the replications that both scenarios have.
    profiles
        For each scenario its mean profile of the week.
    """
    first, *others = (each["name"] for each in document["scenarios"])
    currency = scenarios[first].finance.currency
    horizon, panel = document["horizon"], document.get("panel")
    limits = limits_of(list(scenarios.values()))
    plans = {each["name"]: each["kpis"] for each in document["scenarios"]}
    asked = [target["by"] for each in document["scenarios"] for target in each.get("targets", ())]
    return Page(
        study="compare",
        title=f"{listed([quoted(each) for each in others])} against {quoted(first)}",
        question=f"What is different, on the same patients, between {quoted(first)} and "
        f"{' or '.join(quoted(each) for each in others)}?" + start_sentence(horizon, panel),
        answer=compare_answer(document, currency),
        good=False if document["verdict"] == "not-stable" else None,
        plans=side_by_side(
            plans,
            figures_first(asked, MAIN),
            limits,
            currency,
            verdicts={
                each["name"]: verdict_text(each["verdict"], each.get("targets", ()))
                for each in document["scenarios"]
            },
        ),
        chart=plans_chart(plans, figures_first(_decisive(document), DRAWN), limits, currency),
        matters=matters(
            scenarios[first], [address for address, *_ in differing_settings(list(scenarios.values()))]
        ),
        details=_details(document),
        warnings=[
            *_stand(document, whole=False),
            *document["warnings"],
            *panel_notes(panel, horizon["weeks"]),
        ],
        figures=list(_figures(document, currency, pairs, profiles)),
        tables=[*_targets(document), *_differing(scenarios), *_tables(document, currency)],
        assumptions=assumptions(scenarios[first]),
        reproduce=reproduce(manifest),
    )


def _decisive(document: CompareDocument) -> list[str]:
    """List the figures of targets, those that a scenario misses first, then those that are open."""
    states = {
        target["by"]: target["state"]
        for state in ("met", "open", "missed")
        for each in document["scenarios"]
        for target in each.get("targets", ())
        if target["state"] == state
    }
    return sorted(
        (name for name in states if states[name] != "met"), key=lambda name: states[name] != "missed"
    )


def _details(document: CompareDocument) -> str:
    """Answer in full, with the uncertainty."""
    sentences, many, first = [], len(document["differences"]) > 1, document["scenarios"][0]
    for between in document["differences"][:_MOST_SIDES]:
        sure = [name for name, difference in between["kpis"].items() if certainty(difference) == SURE]
        # The main figures come first, then all others, the largest change first.
        others = sorted((name for name in sure if name not in MAIN_PAIRS), key=partial(_size, between, first))
        sure = [*(name for name in MAIN_PAIRS if name in sure), *others]
        what = "; ".join(between["kpis"][name]["verdict"] for name in sure[: 2 if many else _MOST_LISTED])
        sentences.append(f"{between['to']}: {what or 'nothing'}" if many else what or "nothing")
    beginning = "The main differences from {first}: ".format(
        first=document["differences"][0]["from"] if document["differences"] else "the first"
    )
    unstable = (
        "Not every scenario is stable, so differences depend on the length of the run. "
        if document["verdict"] == "not-stable"
        else ""
    )
    reached = "".join(
        f"{each['name']}: {headline(each['targets'])} " for each in document["scenarios"] if "targets" in each
    )
    stand = "".join(f"{each.rstrip('.')}. " for each in _stand(document, whole=True))
    return f"{reached}{unstable}{beginning}{'. '.join(sentences)}. {_known(document)} {stand}".rstrip()


def _stand(document: CompareDocument, *, whole: bool) -> Iterator[str]:
    """List the verdicts of scenarios that are not simply stable, with their first reason or with all."""
    for each in document["scenarios"]:
        if each["verdict"] not in (None, "stable"):
            reasons = each["verdict_reasons"] if whole else each["verdict_reasons"][:1]
            yield f"{each['name']}: {'; '.join((VERDICTS[each['verdict']], *reasons))}"
        if each["day_verdict"] not in (None, "holds"):
            yield f"{each['name']}: {day_sentence(each['day_verdict'], each['day_verdict_reasons'])}"


def _size(between: Between, first: Compared, name: str) -> float:
    """Return minus the relative size of a difference, as a key for sorting."""
    mean, base = between["kpis"][name]["mean"], first["kpis"][name]["mean"]
    return -abs(mean / base) if mean and base else 0.0


def _known(document: CompareDocument) -> str:
    parts = []
    many = len(document["differences"]) > 1
    for between in document["differences"][:_MOST_SIDES]:
        kinds = [certainty(difference) for difference in between["kpis"].values()]
        whose = f" for {between['to']}" if many else ""
        parts.append(
            f"{kinds.count(SURE)} of {counted(len(kinds), 'figure')} really differ{whose}, "
            f"{kinds.count(PERHAPS)} perhaps"
        )
    ratios = sorted(
        difference["variance_ratio"]
        for between in document["differences"]
        for difference in between["kpis"].values()
        if difference["variance_ratio"] is not None
    )
    worth = (
        ", which for the median figure are as precise as "
        f"{short_ratio(ratios[len(ratios) // 2])} times as many on different patients"
        if ratios
        else ""
    )
    pairs = max(
        (difference["n"] for between in document["differences"] for difference in between["kpis"].values()),
        default=0,
    )
    return (
        f"{'; '.join(parts)}; for the others no difference is seen, which does not prove that there is none. The "
        f"basis is {counted(pairs, 'pair')} of replications on the same patients{worth}."
    )


def _figures(
    document: CompareDocument,
    currency: str,
    pairs: Sequence[tuple[Columns, Columns]],
    profiles: Mapping[str, Columns],
) -> Iterator[Chart]:
    first = document["scenarios"][0]
    limit = scale_of(document["differences"], first)
    for number, between in enumerate(document["differences"], 1):
        yield from forest(between, first, currency, number, limit)
    for number, (between, (one, two)) in enumerate(zip(document["differences"], pairs, strict=True), 1):
        shown = paired_replications(between, one, two, currency, number)
        if shown is not None:
            yield shown
    week = chairs_compared(profiles)
    if week is not None:
        yield week


def _targets(document: CompareDocument) -> Iterator[Block]:
    for each in document["scenarios"]:
        yield from target_tables(each.get("targets", ()), each["name"])


def _differing(scenarios: Mapping[str, Scenario]) -> Iterator[Block]:
    rows = differing_settings(list(scenarios.values()))
    if rows:
        yield Block(
            "Settings that differ",
            DataSheet.of(("Setting", *scenarios), [(address, *values) for address, *values in rows]),
        )


def _tables(document: CompareDocument, currency: str) -> Iterator[Block]:
    scenarios = {each["name"]: each for each in document["scenarios"]}
    for between in document["differences"]:
        first, second = scenarios[between["from"]], scenarios[between["to"]]
        for group in GROUPS:
            rows = [
                _row(name, between, first, second, currency)
                for name in between["kpis"]
                if KPIS[name].group == group
            ]
            if rows:
                which = f", {second['name']}" if len(document["differences"]) > 1 else ""
                yield Block(
                    f"{group.capitalize()}{which}",
                    DataSheet.of(("Figure", first["name"], second["name"], "n", "what is different"), rows),
                )


def _row(name: str, between: Between, first: Compared, second: Compared, currency: str) -> Sequence[object]:
    difference = between["kpis"][name]
    scale, unit = for_people(difference["unit"], currency)
    means = (side["kpis"][name]["mean"] for side in (first, second))
    one, two = row(*(None if mean is None else scale * mean for mean in means))
    return (f"{label_of(name, between['kpis'])}, {unit}", one, two, difference["n"], difference["verdict"])
