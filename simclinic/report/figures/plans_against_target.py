"""A target over the plans of a search: each plan's mean with its bounds, and the limit."""

from __future__ import annotations

from collections.abc import Sequence

from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.labels import label
from simclinic.report.figures.style import GREEN, GREY, ORANGE, RED, styled
from simclinic.report.text.intake import decided_by, level_cell, scale_of
from simclinic.report.text.numbers import short
from simclinic.report.text.plan import STATES, tried
from simclinic.report.text.words import counted
from simclinic.results.intake import Asked, AtLevel
from simclinic.results.plan import PlanDocument

_NAME = 14  # characters of a line of a name
_COLOURS = {"met": GREEN, "missed": RED, "borderline": ORANGE, "open": ORANGE}


def plans_chart(document: PlanDocument, place: int, currency: str) -> Chart | None:
    """Show a target over the plans that were tried, the cheapest first; None if it has no limit or no figure.

    Parameters
    ----------
    document
        The results.
    place
        Of the target in the document.
    currency
        What amounts are in.
    """
    of_plans = [(one["name"], one["state"], one["targets"][place]) for _, one in tried(document)]
    return candidates_chart(document["targets"][place], of_plans, currency, "plan", "the cheapest first")


def candidates_chart(
    asked: Asked, candidates: Sequence[tuple[str, str, AtLevel]], currency: str, what: str, order: str
) -> Chart | None:
    """Show a target over the candidates of a search; None if it has no limit or no figure.

    Parameters
    ----------
    asked
        The target.
    candidates
        Name, state, and what was found of the target, for each that was tried, in their order.
    currency
        What amounts are in.
    what, order
        What a candidate is, and in which order they are, in words.
    """
    known = [each for each in candidates if each[2]["mean"] is not None]
    if asked["limit"] is None or not known:
        return None
    scale, unit = scale_of(asked, currency)
    limit, decides = scale * asked["limit"], decided_by(asked)
    names = [name for name, _, _ in known]
    means = [scale * float(found["mean"] or 0.0) for _, _, found in known]
    drawing = Drawing()
    for name, mean, (_, _, found) in zip(names, means, known, strict=True):
        ends = [mean if end is None else scale * end for end in (found["lower"], found["upper"])]
        drawing.add_trace(
            scatter(
                x=[name, name, name],
                y=[ends[0], mean, ends[1]],
                mode="lines+markers",
                showlegend=False,
                line={"color": _COLOURS[found["state"]], "width": 3},
                marker={"size": [1, 11, 1], "color": _COLOURS[found["state"]]},
            )
        )
    drawing.add_trace(
        scatter(
            x=names,
            y=[limit] * len(names),
            mode="lines+markers",
            marker={"size": 1},
            name="target",
            line={"color": GREY, "dash": "dash"},
        )
    )
    styled(drawing)
    drawing.update_xaxes(type="category", tickvals=names, ticktext=[label(name, _NAME) for name in names])
    drawing.update_yaxes(title={"text": f"{decides}, {unit}"})
    return Chart(
        key=f"{what}s-{asked['figure'].replace('_', '-')}",
        title=asked["told"],
        says=f"{'Replications that keep the limit, for' if asked['in_years'] else 'The mean of'} each {what} that "
        f"was tried, {order}, with the bounds that decide, and the target as a dashed line. Green: the target is "
        "shown to be met; red: to be missed; orange: neither.",
        alt=f"Points of {decides} for {counted(len(known), what)}, and the target at {short(limit)}.",
        drawing=drawing,
        sheet=DataSheet.of(
            (what.capitalize(), f"{decides}, {unit}", what),
            [(name, level_cell(asked, found, currency), STATES[state]) for name, state, found in known],
        ),
    )
