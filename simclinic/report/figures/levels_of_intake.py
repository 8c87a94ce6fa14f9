"""A target at rising levels of referrals: the curve, its bounds, and the limit."""

from __future__ import annotations

from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.style import BLUE, GREEN, GREY, ORANGE, RED, faded, styled
from simclinic.report.text.intake import STATES, decided_by, level_cell, scale_of
from simclinic.report.text.numbers import short
from simclinic.report.text.words import counted
from simclinic.results.intake import Asked, IntakeDocument

_COLOURS = {"confirmed": GREEN, "open": ORANGE, "missed": RED}


def _drawn(asked: Asked) -> str:
    return "Replications that keep the limit" if asked["in_years"] else "The mean"


def curve(document: IntakeDocument, place: int, currency: str) -> Chart | None:
    """Show a target over the levels; None if it has no limit or no figure.

    Parameters
    ----------
    document
        The results.
    place
        Of the target in the document.
    currency
        What amounts are in.
    """
    asked = document["targets"][place]
    if asked["limit"] is None:
        return None
    scale, unit = scale_of(asked, currency)
    known = [
        (level, found)
        for level in document["levels"]
        if (found := level["targets"][place])["mean"] is not None
    ]
    if not known:
        return None
    at = [level["referrals"] for level, _ in known]
    limit = scale * asked["limit"]
    drawing = Drawing()
    bounded = [
        (level["referrals"], scale * found["lower"], scale * found["upper"])
        for level, found in known
        if found["lower"] is not None and found["upper"] is not None
    ]
    if bounded:
        xs = [x for x, _, _ in bounded]
        drawing.add_trace(
            scatter(
                x=[*xs, *reversed(xs)],
                y=[*(high for _, _, high in bounded), *(low for _, low, _ in reversed(bounded))],
                fill="toself",
                fillcolor=faded(BLUE),
                line={"width": 0},
                mode="lines",
                name="bounds",
                hoverinfo="skip",
            )
        )
    drawing.add_trace(
        scatter(
            x=at,
            y=[scale * float(found["mean"] or 0.0) for _, found in known],
            mode="lines+markers",
            name="mean",
            line={"color": BLUE},
            marker={"size": 9, "color": [_COLOURS[level["state"]] for level, _ in known]},
        )
    )
    drawing.add_trace(
        scatter(
            x=[at[0], at[-1]],
            y=[limit, limit],
            mode="lines",
            name="target",
            line={"color": GREY, "dash": "dash"},
        )
    )
    styled(drawing)
    drawing.update_xaxes(title={"text": "referrals a week"})
    label = decided_by(asked)
    drawing.update_yaxes(title={"text": f"{label}, {unit}"})
    return Chart(
        key=f"level-{asked['figure'].replace('_', '-')}",
        title=asked["told"],
        says=f"{_drawn(asked)} at each level of referrals, with the bounds that decide, and the target as a "
        "dashed line. Green levels are confirmed, all targets together; red ones are shown to miss a target; "
        "orange ones are open.",
        alt=f"A line of {label} over {counted(len(known), 'level')}, and the target at {short(limit)}.",
        drawing=drawing,
        sheet=DataSheet.of(
            ("Referrals a week", f"{label}, {unit}", "level"),
            [
                (f"{level['referrals']:g}", level_cell(asked, found, currency), STATES[level["state"]])
                for level, found in known
            ],
        ),
    )
