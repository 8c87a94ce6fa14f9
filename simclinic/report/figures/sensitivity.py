"""Sensitivity: factors as bars with intervals, the most important one on top."""

from __future__ import annotations

from collections.abc import Sequence

from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, bar, scatter
from simclinic.report.figures.labels import label
from simclinic.report.figures.style import BLUE, GREY, SKY, styled
from simclinic.report.settings import in_words
from simclinic.report.text.numbers import for_people
from simclinic.report.text.parts import label_of
from simclinic.report.text.sweep import cells, heads, named
from simclinic.results.sweep import Effect, SweepDocument

MOST = 12
"""Factors drawn."""

BARS = {"grid": "effect", "lhs": "effect", "sobol": "total", "morris": "mu_star"}
"""Measure of each design that its bars show."""

_AXES = {
    "grid": "effect, first level to last, {unit}",
    "lhs": "effect over the whole range, {unit}",
    "sobol": "total share of the variance",
    "morris": "mean size of the effect, {unit}",
}
_SAYS = {
    "grid": "Effects from a factor's first level to its last, ranked by the share of the differences between "
    "points that the factor explains by itself, with paired 95 % intervals over replications.",
    "lhs": "Effects over each factor's whole range, by a straight line, ranked by the share of the differences "
    "that it explains, with 95 % intervals.",
    "sobol": "The share of the variance that would remain if only this factor were unknown, with 95 % bootstrap "
    "intervals; diamonds: the share that would disappear if it were known. The difference is due to interactions.",
    "morris": "The mean size of a factor's effect over its whole range, with 95 % bootstrap intervals.",
}


def sensitivity(document: SweepDocument, name: str) -> Chart | None:
    """Show what each factor does to one key figure; None if no effect could be estimated.

    Parameters
    ----------
    document
        What the sweep found.
    name
        The key figure.
    """
    measure = BARS[document["design"]]
    ranked = document["kpis"][name]["effects"]
    effects = [effect for effect in ranked if effect["measures"][measure] is not None]
    if not effects:
        return None
    scale, unit = for_people(document["kpis"][name]["unit"], document["currency"])
    shown = effects[:MOST]
    more = (
        f" {len(effects) - len(shown)} factors that matter less are in the numbers below."
        if effects[MOST:]
        else ""
    )
    unsure = [effect for effect in shown if not _sure(effect, measure)]
    hatched = " Hatched: the interval contains 0, so the effect may be zero." if unsure else ""
    top, words = effects[0], label_of(name, document["kpis"])
    return Chart(
        key=f"matters-{name.replace('_', '-')}",
        title=f"What matters for {words[:1].lower()}{words[1:]}",
        says=f"{_SAYS[document['design']]}{hatched}{more}",
        alt=f"Bars of {len(shown)} factors; the longest list begins with {in_words(top['factor'])}: "
        f"{', '.join(_cells(document, top, scale))}.",
        drawing=_drawn(document, shown, scale, unit),
        sheet=DataSheet.of(
            ("Factor", *_heads(document, unit), "n"),
            [
                (
                    in_words(named(document, effect["factor"])),
                    *_cells(document, effect, scale),
                    f"{effect['measures'].get('n') or 0:.0f}",
                )
                for effect in ranked
            ],
        ),
    )


def _heads(document: SweepDocument, unit: str) -> list[str]:
    first, *rest = heads(document)
    return [first if document["design"] == "sobol" else f"{first}, {unit}", *rest]


def _cells(document: SweepDocument, effect: Effect, scale: float) -> list[str]:
    return cells(document, effect, scale)


def _sure(effect: Effect, measure: str) -> bool:
    low, high = (effect["measures"][f"{measure}_{end}"] for end in ("low", "high"))
    return low is not None and high is not None and (low > 0 or high < 0)


def _drawn(document: SweepDocument, shown: Sequence[Effect], scale: float, unit: str) -> Drawing:

    design = document["design"]
    measure = BARS[design]
    scale = 1.0 if design == "sobol" else scale
    at = list(range(len(shown)))
    values = [scale * (effect["measures"][measure] or 0.0) for effect in shown]
    above, below = [], []
    for effect, value in zip(shown, values, strict=True):
        low, high = (effect["measures"][f"{measure}_{end}"] for end in ("low", "high"))
        above.append(0.0 if high is None else _rounded(scale * high - value))
        below.append(0.0 if low is None else _rounded(value - scale * low))
    figure = Drawing(
        bar(
            x=[_rounded(value) for value in values],
            y=at,
            orientation="h",
            name="total" if design == "sobol" else heads(document)[0],
            showlegend=design == "sobol",
            marker={
                "color": SKY,
                "line": {"color": BLUE, "width": 1},
                "pattern": {
                    "shape": ["" if _sure(effect, measure) else "/" for effect in shown],
                    "fillmode": "overlay",
                    "solidity": 0.3,
                },
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": above,
                "arrayminus": below,
                "thickness": 1.8,
                "width": 4,
                "color": GREY,
            },
            text=[label(in_words(named(document, effect["factor"]))) for effect in shown],
            textposition="none",
            hovertemplate="%{text}: %{x}<extra></extra>",
        )
    )
    if design == "sobol":
        figure.add_trace(
            scatter(
                x=[_rounded(effect["measures"]["first"] or 0.0) for effect in shown],
                y=at,
                mode="markers",
                name="first",
                marker={"symbol": "diamond", "size": 9, "color": BLUE},
                hovertemplate="first: %{x}<extra></extra>",
            )
        )
    ticks = [
        label(f"{in_words(named(document, effect['factor']))}{_share(document, effect)}", 26)
        for effect in shown
    ]
    figure.update_yaxes(
        tickvals=at, ticktext=ticks, tickfont={"size": 11}, range=[len(shown) - 0.5, -0.5], showgrid=False
    )
    figure.update_xaxes(title_text=label(_AXES[design].format(unit=unit), 34), title_font_size=12, nticks=6)
    tallest = max(text.count("<br>") + 1 for text in ticks)
    figure = styled(figure, height=110 + len(shown) * (16 + 15 * tallest), hovermode="closest", bargap=0.35)
    figure.update_yaxes(zeroline=False)
    return figure


def _share(document: SweepDocument, effect: Effect) -> str:
    share = effect["measures"].get("share")
    return (
        ""
        if share is None or document["design"] not in ("grid", "lhs")
        else f" ({100 * share:.0f}\N{NO-BREAK SPACE}%)"
    )


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
