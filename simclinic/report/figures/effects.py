"""What each change of a plan does to one figure: points with intervals, one below the other."""

from __future__ import annotations

import numpy as np

from simclinic.measures import KPIS
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.labels import label
from simclinic.report.figures.style import BLUE, GREY, ORANGE, error_bars, styled
from simclinic.report.text.bottleneck import effect_cell
from simclinic.report.text.numbers import for_people
from simclinic.report.text.parts import label_of
from simclinic.results.bottleneck import BottleneckDocument

_CALLS = (
    ("shown", "shown", BLUE, "circle"),
    ("perhaps", "perhaps", ORANGE, "diamond"),
    ("too close", "too close to call", GREY, "circle-open"),
    ("same", "the same", GREY, "circle-open"),
)
_WORDS = {call: words for call, words, _, _ in _CALLS}
_ROW, _LINE = 14, 14  # pixels
_NAME, _TITLE = 26, 34
_MARGINS = 120


def effects(
    document: BottleneckDocument, name: str, currency: str, limit: tuple[bool, float] | None = None
) -> Chart | None:
    """Show what each change does to a figure; None if none can be compared.

    Parameters
    ----------
    document
        The results.
    name
        Of the key figure.
    currency
        What amounts are in.
    limit
        Whether the figure should be at most a limit, and the limit, in its own unit; drawn as the difference from
        the plan as it is that would reach it.
    """
    scale, unit = for_people(KPIS[name].unit, currency)
    unit = "percentage points" if unit == "%" else unit
    changes = [each for each in document["changes"] if each["effects"][name]["difference"] is not None]
    if not changes:
        return None
    names = [each["name"] for each in changes]
    drawing = Drawing()
    for call, words, colour, symbol in _CALLS:
        rows = [each for each in changes if each["effects"][name]["call"] == call]
        if not rows:
            continue
        found = [each["effects"][name] for each in rows]
        means = np.array([scale * float(each["difference"] or 0.0) for each in found])
        ends = [each["ci"] or [each["difference"] or 0.0] * 2 for each in found]
        low, high = (scale * np.array([end[side] for end in ends]) for side in (0, 1))
        drawing.add_trace(
            scatter(
                x=[float(f"{mean:.4g}") for mean in means],
                y=[names.index(each["name"]) for each in rows],
                mode="markers",
                name=words,
                marker={"color": colour, "symbol": symbol, "size": 10},
                error_x=error_bars(means, low, high, colour),
            )
        )
    base = document["kpis"][name]["mean"] if name in document["kpis"] else None
    needed = None if limit is None or base is None else scale * (limit[1] - base)
    if needed is not None:
        at = float(f"{needed:.4g}")
        drawing.add_trace(
            scatter(
                x=[at, at],
                y=[-0.6, len(names) - 0.4],
                mode="lines",
                name="reaches the target",
                line={"color": GREY, "width": 2, "dash": "dash"},
                hoverinfo="skip",
            )
        )
    folded = [label(each, _NAME) for each in names]
    lines = max(each.count("<br>") + 1 for each in folded)
    styled(drawing, height=_MARGINS + (_ROW + _LINE * lines) * len(names))
    drawing.update_xaxes(
        title_text=label(f"difference from the plan as it is, {unit}", _TITLE),
        title_font_size=12,
        zeroline=True,
    )
    drawing.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=folded,
        tickfont={"size": 11},
        range=[len(names) - 0.4, -0.6],
        zeroline=False,
    )
    told = label_of(name, document["kpis"])
    shown = [each["name"] for each in changes if each["effects"][name]["call"] == "shown"]
    return Chart(
        key=f"effects-{name.replace('_', '-')}",
        title=f"{told}: what one more or fewer does",
        says=f"Differences from the plan as it is, with 95 % intervals over {document['replications']} pairs of "
        "replications on the same patients. Filled circles are shown after correction for all differences in the "
        "table; an open circle is too close to call."
        + (
            ""
            if needed is None
            else f" Dashed: the difference that would reach the target, {needed:+,.3g} {unit}."
        ),
        alt=f"Points with intervals for {len(changes)} changes. Shown: {', '.join(shown) or 'none'}.",
        drawing=drawing,
        sheet=DataSheet.of(
            ("Change", f"difference, {unit}", "pairs", "how sure"),
            [
                (
                    each["name"],
                    effect_cell(name, each["effects"][name]).replace("\n", " ").lstrip("~?"),
                    each["effects"][name]["n"],
                    _WORDS.get(each["effects"][name]["call"], "unknown"),
                )
                for each in changes
            ],
        ),
    )
