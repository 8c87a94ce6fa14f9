"""The same patients in two clinics: each replication as a point, the first scenario across, the other one up.

Points along the diagonal say that a good year in one is a good year in the other: that luck is what pairing takes
away, and the variance ratio says how much it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simclinic.arrays import Floats
from simclinic.measures import KPIS
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, panels, scatter
from simclinic.report.figures.labels import label
from simclinic.report.figures.style import BLUE, GREY, styled
from simclinic.report.text.compare import short_ratio
from simclinic.report.text.numbers import NO_VALUE, for_people, short
from simclinic.report.text.parts import label_of
from simclinic.results.compare import Between

MAIN = (
    "access_days_mean",
    "boosters_per_week",
    "wait_minutes_mean",
    "chair_utilisation",
    "overtime_minutes_per_day",
    "margin_per_week",
)
"""Key figures that stand for a clinic."""

MOST = 400
"""Points drawn of each key figure."""


def paired_replications(
    between: Between, first: Mapping[str, Floats], other: Mapping[str, Floats], currency: str, number: int = 1
) -> Chart | None:
    """Show replications in pairs; None where there are no two of them.

    Parameters
    ----------
    between
        The differences, for their variance ratios.
    first, other
        Key figures of the same replications in both, NaN where one could not be computed.
    currency
        What amounts are in.
    number
        Of this difference on the page.
    """
    shown = [name for name in MAIN if name in between["kpis"]] or list(between["kpis"])[:4]
    both: dict[str, tuple[Floats, Floats]] = {}
    for name in shown:
        if name in first and name in other:
            known = ~(np.isnan(first[name]) | np.isnan(other[name]))
            if known.sum() > 1:
                both[name] = (first[name][known], other[name][known])
    if not both:
        return None
    here, there = between["from"], between["to"]
    rows = []
    for name, (one, two) in both.items():
        ratio = between["kpis"][name]["variance_ratio"]
        rows.append(
            (
                label_of(name, between["kpis"]),
                _correlation(one, two),
                NO_VALUE if ratio is None else short_ratio(ratio),
                int(np.count_nonzero(two > one)),
                int(np.count_nonzero(two < one)),
                one.size,
            )
        )
    return Chart(
        key=f"pairs-{number}",
        title=f"The same patients: {there} against {here}",
        says=f"Each point is one replication: {here} across, {there} up. Above the diagonal {there} has more. The "
        "closer the points to a line beside the diagonal, the more precise the difference: the ratio is the number "
        "of replications on different patients that would be as precise as one pair.",
        alt="; ".join(
            f"{name}: {above} of {n} replications above the diagonal, {below} below, variance ratio {ratio}"
            for name, _, ratio, above, below, n in rows
        )
        + ".",
        drawing=_drawn(both, between, currency),
        sheet=DataSheet.of(
            ("Figure", "correlation", "variance ratio", f"more in {there}", f"less in {there}", "n"), rows
        ),
    )


def _correlation(one: Floats, two: Floats) -> str:
    if np.ptp(one) == 0 or np.ptp(two) == 0:
        return NO_VALUE
    return short(float(np.corrcoef(one, two)[0, 1]))


def _drawn(both: Mapping[str, tuple[Floats, Floats]], between: Between, currency: str) -> Drawing:

    columns = min(2, len(both))
    lines = -(-len(both) // columns)
    figure = panels(
        rows=lines,
        cols=columns,
        subplot_titles=[_title(name, between, currency) for name in both],
        vertical_spacing=0.36 / lines,
        horizontal_spacing=0.16,
    )
    for at, (name, pair) in enumerate(both.items()):
        place: dict[str, int] = {"row": at // columns + 1, "col": at % columns + 1}
        scale, _ = for_people(KPIS[name].unit, currency)
        one, two = (scale * values[:MOST] for values in pair)
        low, high = float(min(one.min(), two.min())), float(max(one.max(), two.max()))
        edge = 0.06 * (high - low) or abs(high) * 0.05 or 1.0
        # no axis goes where the figure cannot be: no negative days, no 105 %
        least, most = (scale * end for end in KPIS[name].range)
        ends = [max(low - edge, min(least, low)), min(high + edge, max(most, high))]
        figure.add_trace(
            scatter(
                x=ends,
                y=ends,
                mode="lines",
                line={"color": GREY, "dash": "dash", "width": 1.5},
                hoverinfo="skip",
                name="the same in both",
                showlegend=at == 0,
            ),
            **place,
        )
        figure.add_trace(
            scatter(
                x=_thin(one),
                y=_thin(two),
                mode="markers",
                marker={"color": BLUE, "size": 7, "opacity": 0.65},
                name="a replication",
                showlegend=at == 0,
            ),
            **place,
        )
        last = at >= len(both) - columns
        figure.update_xaxes(
            title_text=label(between["from"], 24) if last else None, range=ends, nticks=5, **place
        )
        figure.update_yaxes(
            title_text=label(between["to"], 24) if at % columns == 0 else None, range=ends, nticks=5, **place
        )
    figure.update_annotations(font_size=12)
    return styled(
        figure,
        height=90 + 270 * lines,
        margin={"l": 60, "r": 20, "t": 60, "b": 90},
        legend={"orientation": "h", "yref": "container", "y": 0.0, "yanchor": "bottom", "x": 0},
        hovermode="closest",
    )


def _title(name: str, between: Between, currency: str) -> str:
    ratio = between["kpis"][name]["variance_ratio"]
    note = "" if ratio is None else f"<br>ratio {short_ratio(ratio)}"
    unit = for_people(KPIS[name].unit, currency)[1]
    named = between["kpis"]
    return f"{label(f'{label_of(name, named)}, {unit}', 24)}{note}"


def _thin(values: Any) -> list[float]:  # noqa: ANN401 (an array)
    return [float(f"{value:.5g}") for value in values]
