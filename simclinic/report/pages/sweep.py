"""The report of a sweep: factors with large effects, factors with hardly any, and the plans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simclinic.measures import KPIS
from simclinic.report.assumptions import assumptions
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.sensitivity import BARS, sensitivity
from simclinic.report.figures.sweep_lines import sweep_lines
from simclinic.report.figures.sweep_map import sweep_map
from simclinic.report.figures.trade_off import trade_off
from simclinic.report.page import Block, Page
from simclinic.report.pages.reproduce import reproduce
from simclinic.report.text.numbers import NO_VALUE, for_people, of_point, row, span
from simclinic.report.text.run import panel_notes
from simclinic.report.text.stability import VERDICTS, verdicts_of
from simclinic.report.text.sweep import DESIGNS, MEANING, MOST_FACTORS, MOST_POINTS, cells, heads, named
from simclinic.report.text.words import counted, start_sentence
from simclinic.results.sweep import Effect, SweepDocument
from simclinic.scenario import Scenario

Columns = Mapping[str, Any]

DRAWN = ("access_days_mean", "boosters_per_week", "margin_per_week")
"""Key figures that have bars and lines; the others are in the maps and tables."""

_HARDLY = 0.1
"""Of the largest effect: what surely has less, for every key figure in `DRAWN`, hardly matters."""
_MOST_NAMED = 5


def sweep_page(
    document: SweepDocument,
    scenario: Scenario,
    manifest: Mapping[str, Any],
    on: Sequence[str],
    points: Columns,
    runs: Columns,
) -> Page:
    """Make the page.

    Parameters
    ----------
    document
        What `sweep --json` prints.
    scenario
        What the points start from; the first of several.
    manifest
        Of its folder.
    on
        Key figures to show.
    points
        The table of points.
    runs
        One row for each run: `point`, `replication`, and the key figures to show.
    """
    varied = ", ".join(list(document["factors"])[:_MOST_NAMED])
    many = len(document["factors"]) - _MOST_NAMED
    horizon, panel = document["horizon"], document.get("panel")
    return Page(
        study="sweep",
        title=document["name"],
        question=f"What does it change for {' and '.join(document['scenarios'])} to vary {varied}"
        f"{f' and {many} other settings' if many > 0 else ''}?" + start_sentence(horizon, panel),
        answer=_answer(document),
        good=None,
        warnings=[*document["warnings"], *panel_notes(panel, horizon["weeks"])],
        figures=list(_figures(document, on, points, runs)),
        tables=[*_rankings(document, on), *_points(document, on, points)],
        assumptions=assumptions(scenario),
        reproduce=reproduce(manifest),
    )


def _answer(document: SweepDocument) -> str:
    """Answer in two sentences, with the uncertainty."""
    findings, reaches = [], []
    for name in DRAWN:
        effects = [each for each in document["kpis"][name]["effects"] if _weight(document, each) is not None]
        if effects and _weight(document, effects[0]):
            findings.append(_most(document, name, effects[0]))
            reaches.append(_reach(document, effects))
    if not findings:
        return (
            f"The effects of the factors cannot be estimated from {counted(document['points'], 'point')}. The "
            "points themselves are below."
        )
    hardly = [
        factor for factor in document["factors"] if all(each.get(factor, 1.0) < _HARDLY for each in reaches)
    ]
    names = ", ".join(hardly[:_MOST_NAMED])
    more = f" and {len(hardly) - _MOST_NAMED} more" if len(hardly) > _MOST_NAMED else ""
    beside = (
        f"{names}{more} hardly matter{'s' if len(hardly) == 1 else ''} for any of these: at most a tenth of the "
        "largest effect, intervals included"
        if hardly
        else "No factor is shown to have hardly any effect on all of these"
    )
    return (
        f"What matters most: {'; '.join(findings)}. {beside}. The basis is "
        f"{counted(document['points'], 'point')} with {counted(document['replications'], 'replication')} of each "
        "on the same patients."
    )


def _reach(document: SweepDocument, effects: Sequence[Effect]) -> dict[str, float]:
    """Bound each factor's effect, as a share of the largest effect."""
    measure = BARS[document["design"]]
    largest = max(abs(each["measures"][measure] or 0.0) for each in effects)
    reach = {}
    for each in effects:
        low, high = (each["measures"][f"{measure}_{end}"] for end in ("low", "high"))
        if largest and low is not None and high is not None:
            reach[each["factor"]] = max(abs(low), abs(high)) / largest
    return reach


def _weight(document: SweepDocument, effect: Effect) -> float | None:
    return effect["measures"].get(document["ranked_by"])


def _most(document: SweepDocument, name: str, effect: Effect) -> str:
    measure = BARS[document["design"]]
    scale, unit = for_people(document["kpis"][name]["unit"], document["currency"])
    scale, unit = (100.0, "% of the variance") if document["design"] == "sobol" else (scale, unit)
    value, low, high = row(
        *(
            None if effect["measures"][key] is None else scale * effect["measures"][key]  # type: ignore[operator]
            for key in (measure, f"{measure}_low", f"{measure}_high")
        )
    )
    interval = span(low, high)
    bounds = "" if interval == NO_VALUE else f", 95 % interval {interval}"
    kind = {"lhs": " over its range", "morris": " on average", "sobol": ""}.get(document["design"], "")
    return f"{KPIS[name].label}: {named(document, effect['factor'])} ({value} {unit}{kind}{bounds})"


def _varied(document: SweepDocument, name: str) -> list[str]:
    """List the factors that take more than one value, by their effect on a key figure."""
    return [
        effect["factor"]
        for effect in document["kpis"][name]["effects"]
        if (levels := document["factors"][effect["factor"]]["levels"]) is None or len(levels) > 1
    ]


def _figures(document: SweepDocument, on: Sequence[str], points: Columns, runs: Columns) -> Iterator[Chart]:
    grid, currency = document["design"] == "grid", document["currency"]
    drawn = [name for name in DRAWN if name in on] or list(on[:3])
    for name in drawn:
        shown = sensitivity(document, name)
        if shown is not None:
            yield shown
    order = _varied(document, drawn[0])
    if grid and len(order) > 1:
        table = sweep_map(order[:2], on, points, runs, currency)
        if table is not None:
            yield table
    for name in drawn:
        lines = sweep_lines(name, _varied(document, name), points, runs, currency, grid=grid)
        if lines is not None:
            yield lines
    if document["design"] in ("grid", "lhs"):
        plans = trade_off([name for name in document["factors"] if name in order], points, currency)
        if plans is not None:
            yield plans


def _rankings(document: SweepDocument, on: Sequence[str]) -> Iterator[Block]:
    for name in on:
        ranked = document["kpis"][name]
        scale, unit = for_people(ranked["unit"], document["currency"])
        low, high = row(
            *(None if bound is None else scale * bound for bound in (ranked["low"], ranked["high"]))
        )
        shown = ranked["effects"][:MOST_FACTORS]
        left = len(ranked["effects"]) - len(shown)
        yield Block(
            f"{KPIS[name].label}: {span(low, high)} {unit} over the points",
            DataSheet.of(
                ("Factor", *heads(document)),
                [(named(document, each["factor"]), *cells(document, each, scale)) for each in shown],
            ),
            f"{DESIGNS[document['design']].capitalize()}; {MEANING[document['design']]}."
            + (f" {counted(left, 'factor')} that matter less are in summary.csv." if left else ""),
        )


def _points(document: SweepDocument, on: Sequence[str], points: Columns) -> Iterator[Block]:
    if document["points"] > MOST_POINTS:
        return
    scales = {name: for_people(KPIS[name].unit, document["currency"]) for name in on}
    rows, verdicts = [], verdicts_of(points)
    for at in range(document["points"]):
        factors = (_value(points[address][at]) for address in document["factors"])
        cells = (of_point(points, name, at, scale) for name, (scale, _) in scales.items())
        rows.append((*factors, *cells, int(points["replications"][at]), VERDICTS.get(verdicts[at], NO_VALUE)))
    heading = (f"{KPIS[name].label}, {unit}" for name, (_, unit) in scales.items())
    yield Block(
        "The points",
        DataSheet.of((*document["factors"], *heading, "n", "verdict"), rows),
        "Means, with 95 % intervals in brackets.",
    )


def _value(value: Any) -> str:  # noqa: ANN401 (a level)
    plain = value.item() if hasattr(value, "item") else value
    return f"{plain:g}" if isinstance(plain, float) else str(plain)
