"""The report of a sweep: factors with large effects, factors with hardly any, and the plans."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simclinic.measures import KPIS
from simclinic.measures.intervals import NONE_SEEN
from simclinic.measures.targets import STATES, target_column, worst
from simclinic.report.assumptions import assumptions
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.plans import MOST_PLANS, Means, plans_chart
from simclinic.report.figures.sensitivity import BARS, sensitivity
from simclinic.report.figures.sweep_lines import sweep_lines
from simclinic.report.figures.sweep_map import sweep_map
from simclinic.report.figures.trade_off import trade_off
from simclinic.report.matters import Limits, limits_of, matters
from simclinic.report.page import Block, Page
from simclinic.report.pages.front import DRAWN as FIRST
from simclinic.report.pages.front import MAIN, figures_first, side_by_side
from simclinic.report.pages.reproduce import reproduce
from simclinic.report.settings import in_words, setting_words
from simclinic.report.text.numbers import NO_VALUE, ends_of_point, for_people, of_point, row, span
from simclinic.report.text.parts import label_of
from simclinic.report.text.plainly import plainly, round_number
from simclinic.report.text.run import panel_notes
from simclinic.report.text.stability import VERDICTS, verdicts_of
from simclinic.report.text.sweep import DESIGNS, MEANING, MOST_FACTORS, MOST_POINTS, cells, heads, named
from simclinic.report.text.targets import STATE_WORDS
from simclinic.report.text.words import counted, listed, start_sentence
from simclinic.results.sweep import Effect, SweepDocument
from simclinic.scenario import Scenario

Columns = Mapping[str, Any]

DRAWN = ("access_days_mean", "boosters_per_week", "margin_per_week")
"""Key figures that have bars and lines; the others are in the maps and tables."""

_HARDLY = 0.1
"""Of the largest effect: what surely has less, for every key figure in `DRAWN`, hardly matters."""
_MOST_NAMED = 5
_MOST_CURVES = 3
"""Figures that sentences go through by the levels of a single factor."""
_MOST_LEVELS = 6
"""Levels of a single factor that sentences go through."""


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
    varied = listed([setting_words(each) for each in list(document["factors"])[:_MOST_NAMED]])
    many = len(document["factors"]) - _MOST_NAMED
    horizon, panel = document["horizon"], document.get("panel")
    limits = {name: limit for name, limit in limits_of([scenario]).items() if not _moved(document)}
    chart = _first_chart(document, points, runs, limits)
    return Page(
        study="sweep",
        title=document["name"],
        question=f"What does it change for {' and '.join(document['scenarios'])} to vary {varied}"
        f"{f' and {many} other settings' if many > 0 else ''}?" + start_sentence(horizon, panel),
        answer=list(_answer(document, points)),
        good=None,
        plans=_plans(document, points, limits),
        chart=chart,
        matters=matters(scenario, list(document["factors"])),
        details=_details(document),
        warnings=[*document["warnings"], *panel_notes(panel, horizon["weeks"])],
        figures=[
            each for each in _figures(document, on, points, runs) if chart is None or each.key != chart.key
        ],
        tables=[*_targets(document), *_rankings(document, on), *_points(document, on, points)],
        assumptions=assumptions(scenario),
        reproduce=reproduce(manifest),
    )


def _targets(document: SweepDocument) -> Iterator[Block]:
    """Lay targets and guards out, with the number of points at which each is met."""
    targets = document.get("targets", ())
    if targets:
        yield Block(
            "Targets",
            DataSheet.of(
                ("Target", "kind", "points that meet it", "that miss it", "open"),
                [
                    (
                        each["told"].rpartition(": met at ")[0],
                        "guard" if each["guard"] else "target",
                        *(each["met"], each["missed"], each["open"]),
                    )
                    for each in targets
                ],
            ),
            says=f"Of {counted(document['points'], 'point')}; judged at each point by one-sided bounds at 95 %.",
        )


def _moved(document: SweepDocument) -> bool:
    """Return whether the sweep varies the targets themselves."""
    return any(address.startswith("targets.") for address in document["factors"])


def _factor_words(document: SweepDocument) -> dict[str, str]:
    """Name the factors in words, without the name of a shift if only one shift is varied."""
    words = {address: setting_words(address) for address in document["factors"]}
    short = {address: text.partition(" of the shift ")[0] for address, text in words.items()}
    return {
        address: short[address] if list(short.values()).count(short[address]) == 1 else text
        for address, text in words.items()
    }


def _named_points(document: SweepDocument, points: Columns) -> list[str]:
    """Name each point by the values of what varies: "chairs 3, nurses 2"."""
    words = _factor_words(document)
    varied = [
        address
        for address, each in document["factors"].items()
        if each["levels"] is None or len(each["levels"]) > 1
    ] or list(document["factors"])
    several = "scenario" in points and len(document["scenarios"]) > 1
    return [
        ", ".join(
            [
                *([str(points["scenario"][at])] if several else []),
                *(f"{words[address]} {_value(points[address][at])}" for address in varied),
            ]
        )
        for at in range(document["points"])
    ]


def _states(document: SweepDocument, points: Columns) -> list[str]:
    """Say of each point whether its targets are met; of a sweep without targets, its verdict."""
    columns = [
        points[name]
        for each in document.get("targets", ())
        if (name := target_column(each["figure"])) in points
    ]
    if not columns:
        return [VERDICTS.get(each, "no runs") for each in verdicts_of(points)]
    return [
        f"targets {STATE_WORDS[worst([state for state in STATES for column in columns if column[at] == state])]}"
        for at in range(document["points"])
    ]


def _plans(document: SweepDocument, points: Columns, limits: Limits) -> Block | None:
    """Lay the points of a grid or of a few samples out side by side."""
    if document["points"] > MOST_POINTS:
        return None
    figures = figures_first((each["by"] for each in document.get("targets", ())), MAIN)
    names = [name for name in figures if name in points]
    plans: dict[str, Means] = {
        name: _means(document, points, at) for at, name in enumerate(_named_points(document, points))
    }
    states = dict(zip(plans, _states(document, points), strict=False))
    return (
        side_by_side(plans, names, limits, document["currency"], verdicts=states) if len(plans) > 1 else None
    )


def _means(document: SweepDocument, points: Columns, at: int) -> Means:
    """Return all figures of a point: by their names they show whether there are several types of visit."""
    return {name: _figure(points, name, at) for name in document["kpis"] if name in points}


def _figure(points: Columns, name: str, at: int) -> dict[str, Any]:
    mean, (low, high) = float(points[name][at]), ends_of_point(points, name, at)
    known = not math.isnan(mean)
    return {
        "mean": mean if known else None,
        "ci": None if math.isnan(low) or math.isnan(high) else [low, high],
        "n": int(points["replications"][at]),
        "method": NONE_SEEN if known and mean in (low, high) and low < high else None,
    }


def _first_chart(document: SweepDocument, points: Columns, runs: Columns, limits: Limits) -> Chart | None:
    """Draw the curve of a single factor, a few plans on one scale, or what matters most if there are many."""
    asked = [each["by"] for each in document.get("targets", ()) if each["missed"] or each["open"]]
    grid, currency = document["design"] == "grid", document["currency"]
    named = [name for name in figures_first(asked, FIRST) if name in points]
    if len(document["factors"]) == 1 and len(document["scenarios"]) == 1:
        for name in (each for each in named if each in runs):
            curve = sweep_lines(
                name, list(document["factors"]), points, runs, currency, grid=grid, limit=limits.get(name)
            )
            if curve is not None:
                return curve
    if grid and document["points"] <= MOST_PLANS:
        plans: dict[str, Means] = {
            plan: _means(document, points, at) for at, plan in enumerate(_named_points(document, points))
        }
        drawn = plans_chart(plans, named, limits, currency)
        if drawn is not None:
            return drawn
    return next((chart for name in DRAWN if (chart := sensitivity(document, name)) is not None), None)


def _answer(document: SweepDocument, points: Columns) -> Iterator[str]:
    """Answer in plain words: which points stand, and what one factor does, or which of several matters most."""
    yield _standing(document, points)
    if len(document["factors"]) == 1 and document["points"] <= _MOST_LEVELS:
        yield from _curves(document, points)
        return
    found = False
    for name in DRAWN:
        effects = [each for each in document["kpis"][name]["effects"] if _weight(document, each) is not None]
        if effects and _weight(document, effects[0]):
            found = True
            yield _matters_most(document, name, effects[0])
    if not found:
        yield f"The effects of the factors cannot be estimated from {counted(document['points'], 'point')}."


_BEST_FIRST = (
    *(f"targets {STATE_WORDS[state]}" for state in ("met", "open", "missed")),
    *(VERDICTS[verdict] for verdict in ("stable", "open", "filling", "not-stable")),
)
"""How points stand, in the order of the answer."""


def _standing(document: SweepDocument, points: Columns) -> str:
    """Say which points meet their targets, or are stable."""
    states, names = _states(document, points), _named_points(document, points)
    groups: dict[str, list[str]] = {state: [] for state in _BEST_FIRST if state in states}
    for state, name in zip(states, names, strict=True):
        groups.setdefault(state, []).append(name)
    if len(groups) == 1:
        return f"All {counted(len(states), 'plan')}: {states[0]}."
    parts = []
    for state, those in groups.items():
        if len(those) > _MOST_NAMED:
            parts.append(f"{state}: {len(those)} of {counted(len(states), 'plan')}")
        else:
            parts.append(f"{state}: {listed(those) if len(document['factors']) == 1 else '; '.join(those)}")
    return " ".join(f"{text[:1].upper()}{text[1:]}." for text in parts)


def _curves(document: SweepDocument, points: Columns) -> Iterator[str]:
    """Say what the only factor does to the figures that matter most, from its first level to its last."""
    ((address, factor),) = _factor_words(document).items()
    levels = [_value(value) for value in points[address].tolist()]
    for name in [each for each in FIRST if each in points][:_MOST_CURVES]:
        scale, unit = for_people(KPIS[name].unit, document["currency"])
        values = [scale * float(value) for value in points[name]]
        if any(math.isnan(value) for value in values) or not any(values):
            continue
        at = [f"{round_number(value, unit)} at {level}" for value, level in zip(values, levels, strict=True)]
        yield f"{_label(name, document)} by {factor}: about {listed(at)} ({unit})."


def _label(name: str, document: SweepDocument) -> str:
    return label_of(name, document["kpis"]).removesuffix(", mean")


def _matters_most(document: SweepDocument, name: str, effect: Effect) -> str:
    """Name the factor that matters most for a figure, with the size of its effect and how sure that is."""
    measure, factor = BARS[document["design"]], effect["factor"]
    scale, unit = for_people(document["kpis"][name]["unit"], document["currency"])
    scale, unit = (100.0, "% of the variance") if document["design"] == "sobol" else (scale, unit)
    size = effect["measures"][measure] or 0.0
    ends = [effect["measures"][f"{measure}_{end}"] for end in ("low", "high")]
    sides = sorted(abs(end) for end in ends if end is not None)
    sure = len(sides) == 2 and (ends[0] or 0.0) * (ends[1] or 0.0) > 0
    found = {"mean": abs(size), "ci": sides if sure else None}
    words = {"grid": "more" if size > 0 else "less", "lhs": "more" if size > 0 else "less"}
    levels = document["factors"][factor]["levels"]
    span_text = (
        f" (from {_value(levels[0])} to {_value(levels[-1])})"
        if document["design"] == "grid" and levels
        else ""
    )
    told, _, bound = plainly(found, scale, unit, sure="above").partition(", surely above ")
    how = f" {words[document['design']]}" if document["design"] in words else ""
    bound = f", surely over {bound}" if bound else ""
    tail = "" if sure else ", which may be chance"
    what = f"{_factor_words(document)[factor]}{span_text}"
    return f"What matters most for {_label(name, document).lower()}: {what}, {told}{how}{bound}{tail}."


def _details(document: SweepDocument) -> str:
    """Answer in full, with the uncertainty."""
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
    return f"{label_of(name, document['kpis'])}: {named(document, effect['factor'])} ({value} {unit}{kind}{bounds})"


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
    order = _varied(document, drawn[0])
    curves = [
        curve
        for name in drawn
        if (curve := sweep_lines(name, _varied(document, name), points, runs, currency, grid=grid))
        is not None
    ]
    # What matters most is no question where only one setting varies.
    alone = len(document["factors"]) == 1
    if alone:
        yield from curves
    for name in drawn:
        shown = sensitivity(document, name)
        if shown is not None:
            yield shown
    if grid and len(order) > 1:
        table = sweep_map(order[:2], on, points, runs, currency)
        if table is not None:
            yield table
    if not alone:
        yield from curves
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
            f"{label_of(name, document['kpis'])}: {span(low, high)} {unit} over the points",
            DataSheet.of(
                ("Factor", *heads(document)),
                [
                    (in_words(named(document, each["factor"])), *cells(document, each, scale))
                    for each in shown
                ],
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
    heading = (f"{label_of(name, document['kpis'])}, {unit}" for name, (_, unit) in scales.items())
    yield Block(
        "The points",
        DataSheet.of((*map(setting_words, document["factors"]), *heading, "n", "verdict"), rows),
        "Means, with 95 % intervals in brackets.",
    )


def _value(value: Any) -> str:  # noqa: ANN401 (a level)
    plain = value.item() if hasattr(value, "item") else value
    return f"{plain:g}" if isinstance(plain, float) else str(plain)
