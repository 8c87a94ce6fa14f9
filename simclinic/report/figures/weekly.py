"""Visits week by week: those of series, boosters and consults on top of each other, against the starts on offer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np

from simclinic.report.figures.bands import BandOfLines, Columns, Weeks, draw_band
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.style import BOOSTER, CAPACITY, GREEN, GREY, INDUCTION, faded, styled
from simclinic.report.text.numbers import plain, span

LAYERS = {"series": ("induction", INDUCTION), "boosters": ("boosters", BOOSTER)}
"""What is drawn on top of each other: its column of the weekly table, and its colour."""


def columns(consult: str | None = None) -> list[str]:
    """Return the columns of the weekly table that are drawn; `consult`: the type of visit that a consult is."""
    return ["week", "starts", *(column for column, _ in _layers(consult).values())]


def _layers(consult: str | None) -> dict[str, tuple[str, str]]:
    return LAYERS if consult is None else {**LAYERS, "consults": (f"infusions:{consult}", GREEN)}


def weekly_visits(
    weeks: Columns, start: dt.date, what: str = "infusions", consult: str | None = None
) -> Chart:
    """Show completed visits per week.

    Parameters
    ----------
    weeks
        The weekly table of all replications, in their order; see :func:`columns`. Not empty.
    start
        The first day of the first week.
    what
        What series and boosters give.
    consult
        The type of visit that a consult is, if it is one: it takes starts, too.
    """
    at, layers = Weeks.of(weeks, start), _layers(consult)
    bands = {name: at.band(weeks[column]) for name, (column, _) in layers.items()}
    starts = at.band(weeks["starts"])
    total = at.band(sum(np.asarray(weeks[column]) for column, _ in layers.values()))
    given = what if consult is None else "visits"
    offered = bool(starts.mean.any())
    of = f" of {plain(float(starts.mean.mean()), 1)} starts on offer" if offered else ""
    spread = (
        f"Means over {total.n} replications; the band contains the week's total in eight of ten of them."
        if total.n > 1
        else "One replication, so there is no band: another would look different."
    )
    varies = bool(np.ptp(starts.mean) > 0)
    full = (
        " The dashed line is the number of visits that the plan can start"
        f"{'; where it changes, days are closed or the plan changes' if varies else ''}."
        if offered
        else " There is no line of starts on offer, since visits are not booked."
    )
    rows = [
        (
            date,
            *(plain(float(band.mean[k]), 1) for band in bands.values()),
            f"{plain(float(total.mean[k]), 1)} ± {plain(float(total.half[k]), 1)}",
            span(plain(float(total.low[k]), 0), plain(float(total.high[k]), 0)),
            plain(float(starts.mean[k]), 1) if offered else "none",
        )
        for k, date in enumerate(at.dates)
    ]
    each = {name: plain(float(band.mean.mean()), 1) for name, band in bands.items()}
    parts = f"{each['series']} {what} of series, {each['boosters']} boosters"
    parts += f", {each['consults']} consults" if consult is not None else ""
    return Chart(
        key="weekly-visits",
        title="Visits, week by week",
        says=f"{plain(float(total.mean.mean()), 1)} {given} a week on average{of}: {parts}. "
        f"{spread}{full}{at.note}",
        alt=f"Stacked areas of {given} per week over {at.count} weeks from {start}. On average {parts} a week{of}.",
        drawing=_drawn(at, bands, layers, total, starts if offered else None),
        sheet=DataSheet.of(
            (
                f"{at.heading[:1].upper()}{at.heading[1:]}",
                *(name.capitalize() for name in bands),
                *("Total, mean ± 95 %", "Total, 10–90 %", "Starts on offer"),
            ),
            rows,
        ),
    )


def _drawn(
    at: Weeks,
    bands: Mapping[str, BandOfLines],
    layers: Mapping[str, tuple[str, str]],
    total: BandOfLines,
    starts: BandOfLines | None,
) -> Drawing:

    figure = Drawing()
    for name, band in bands.items():
        colour = layers[name][1]
        figure.add_trace(
            scatter(
                x=at.dates,
                y=band.mean.round(2),
                name=name,
                stackgroup="visits",
                mode="lines",
                line={"width": 1, "color": colour},
                fillcolor=faded(colour, 0.6),
            )
        )
    draw_band(figure, at.dates, total, "total", GREY, line=False)
    if starts is not None:
        figure.add_trace(
            scatter(
                x=at.dates,
                y=starts.mean.round(2),
                name="starts on offer",
                mode="lines",
                line={"color": CAPACITY, "width": 2, "dash": "dash", "shape": "hvh"},
            )
        )
    figure.update_xaxes(title_text=at.heading, type="date")
    figure.update_yaxes(title_text="visits a week", rangemode="tozero")
    return styled(figure, hovermode="x unified")
