"""Responders still well by day: relapse laws beside published studies."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.labels import label
from simclinic.report.figures.published import Published, published
from simclinic.report.figures.style import BLUE, GREEN, GREY, RED, faded, styled
from simclinic.report.text.numbers import plain, span
from simclinic.sampling import distributions
from simclinic.scenario import Scenario
from simclinic.scenario.distributions import Distribution

_DAYS = (14.0, 28.0, 56.0, 84.0, 182.0, 365.0)
_TICKS = (3, 7, 14, 28, 56, 84, 182, 365)
_DASHES = ("solid", "dash", "dot", "dashdot")
_POINTS = {
    "trials": ("trials", "circle", BLUE),
    "community": ("everyday patients", "square", RED),
    "neither": ("other conditions", "x-thin-open", GREY),
}


_OF = {"trials": BLUE, "community": RED}
"""A law of the evidence has the colour of its points, by a word of its name."""


def still_well(law: Distribution, days: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float]:
    """Share of responders who have not relapsed, at each day."""
    return [round(float(each), 4) for each in 1.0 - distributions.cdf(law, days)]


def own_laws(scenario: Scenario) -> dict[str, Distribution]:
    """Return the relapse laws that protocols have of their own, by what they are called in the figure."""
    return {
        f"relapse of {name}": laws.relapse.days
        for name, laws in scenario.laws.items()
        if laws.relapse.days != scenario.relapse.days
    }


def relapse(laws: Mapping[str, Distribution]) -> Chart:
    """Show relapse laws as curves, with the published points.

    Parameters
    ----------
    laws
        By what they are called, the scenario's own first.
    """
    day = np.array(_DAYS)
    shares = {name: still_well(law, day) for name, law in laws.items()}
    points = published()
    lines = "; ".join(
        f"{name}: {100 * each[1]:.0f} % still well after 28 days, {100 * each[3]:.0f} % after 84, "
        f"{100 * each[5]:.0f} % after a year"
        for name, each in shares.items()
    )
    return Chart(
        key="relapse",
        title="How fast responders relapse",
        says=f"{lines[:1].upper()}{lines[1:]}. Points: published studies with their 95 % intervals; open ones were "
        "not used to fit a law. Trials and everyday patients contradict each other, and the reason is unknown. The "
        "speed of relapse decides how soon boosters come; their final number depends more on the shares of "
        "patients who respond, take boosters and leave.",
        alt=f"Curves of the share still well over days, with {len(points)} published points and their "
        f"intervals. {lines}.",
        drawing=_drawn(laws, points),
        sheet=DataSheet.of(
            ("What", "days", "still well", "95 % interval", "n", "what stands behind it"),
            [
                *(
                    (name, plain(at, 0), f"{100 * share:.0f} %", "—", "—", "the law")
                    for name, each in shares.items()
                    for at, share in zip(_DAYS, each, strict=True)
                ),
                *(_row(point) for point in points),
            ],
        ),
    )


def _row(point: Published) -> tuple[str, ...]:
    low, high = point.interval()
    return (
        point.study,
        plain(point.day, 0),
        f"{100 * point.away:.0f} %",
        f"{span(plain(100 * low, 0), plain(100 * high, 0))} %",
        str(point.n),
        f"{point.published}; {point.standing}; {point.source}; in the fit: {point.fit}",
    )


def _drawn(laws: Mapping[str, Distribution], points: tuple[Published, ...]) -> Drawing:

    days = np.unique(np.round(np.geomspace(2.0, 400.0, 120), 1))
    figure = Drawing()
    for at, (name, law) in enumerate(laws.items()):
        figure.add_trace(
            scatter(
                x=days.tolist(),
                y=still_well(law, days),
                mode="lines",
                name=label(name, 40),
                line={
                    "width": 2.5 if at == 0 else 2,
                    "dash": _DASHES[at % len(_DASHES)],
                    "color": next((colour for word, colour in _OF.items() if word in name), GREEN),
                },
                hovertemplate="%{x} days: %{y:.0%}",
            )
        )
    for kind, (name, symbol, colour) in _POINTS.items():
        which = [point for point in points if point.law == kind]
        bounds = [point.interval() for point in which]
        filled = [symbol if point.fit == "used" or kind == "neither" else f"{symbol}-open" for point in which]
        figure.add_trace(
            scatter(
                x=[point.day for point in which],
                y=[round(point.away, 4) for point in which],
                mode="markers",
                name=f"published: {name}",
                marker={
                    "symbol": filled,
                    "size": 9,
                    "color": colour,
                    "line": {"width": 1.5, "color": colour},
                },
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": [round(high - p.away, 4) for p, (_, high) in zip(which, bounds, strict=True)],
                    "arrayminus": [round(p.away - low, 4) for p, (low, _) in zip(which, bounds, strict=True)],
                    "thickness": 1,
                    "width": 2,
                    "color": faded(colour, 0.6),
                },
                text=[label(f"{point.study}, {point.n}: {point.published}") for point in which],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    figure.update_xaxes(
        title_text="days after the last infusion (logarithmic)",
        type="log",
        range=[float(np.log10(2.5)), float(np.log10(400.0))],
        tickvals=list(_TICKS),
        ticktext=[str(tick) for tick in _TICKS],
        title_font_size=13,
    )
    figure.update_yaxes(title_text="responders still well", range=[0, 1.03], tickformat=".0%")
    return styled(figure, height=480, hovermode="closest")
