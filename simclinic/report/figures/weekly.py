"""Visits week by week: infusions of series and boosters on top of each other, against the starts on offer."""

from __future__ import annotations

import datetime as dt

import numpy as np

from simclinic.report.figures.bands import BandOfLines, Columns, Weeks, draw_band
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.style import BOOSTER, CAPACITY, GREY, INDUCTION, faded, styled
from simclinic.report.text.numbers import plain, span

COLUMNS = ("week", "induction", "boosters", "starts")
"""Columns of the weekly table that are drawn."""


def weekly_visits(weeks: Columns, start: dt.date, what: str = "infusions") -> Chart:
    """Show completed infusions per week.

    Parameters
    ----------
    weeks
        The weekly table of all replications, in their order; see `COLUMNS`. Not empty.
    start
        The first day of the first week.
    what
        What the visits are.
    """
    at = Weeks.of(weeks, start)
    series, boosters, starts = (at.band(weeks[name]) for name in COLUMNS[1:])
    total = at.band(np.asarray(weeks["induction"]) + np.asarray(weeks["boosters"]))
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
            plain(float(series.mean[k]), 1),
            plain(float(boosters.mean[k]), 1),
            f"{plain(float(total.mean[k]), 1)} ± {plain(float(total.half[k]), 1)}",
            span(plain(float(total.low[k]), 0), plain(float(total.high[k]), 0)),
            plain(float(starts.mean[k]), 1) if offered else "none",
        )
        for k, date in enumerate(at.dates)
    ]
    return Chart(
        key="weekly-visits",
        title="Visits, week by week",
        says=f"{plain(float(total.mean.mean()), 1)} {what} a week on average{of}. {spread}{full}{at.note}",
        alt=f"Stacked areas of {what} of series and boosters per week over {at.count} weeks from {start}. "
        f"On average {plain(float(series.mean.mean()), 1)} of series and "
        f"{plain(float(boosters.mean.mean()), 1)} boosters a week{of}.",
        drawing=_drawn(at, series, boosters, total, starts if offered else None),
        sheet=DataSheet.of(
            (
                f"{at.heading[:1].upper()}{at.heading[1:]}",
                *("Series", "Boosters", "Total, mean ± 95 %", "Total, 10–90 %", "Starts on offer"),
            ),
            rows,
        ),
    )


def _drawn(
    at: Weeks, series: BandOfLines, boosters: BandOfLines, total: BandOfLines, starts: BandOfLines | None
) -> Drawing:

    figure = Drawing()
    for band, label, colour in ((series, "series", INDUCTION), (boosters, "boosters", BOOSTER)):
        figure.add_trace(
            scatter(
                x=at.dates,
                y=band.mean.round(2),
                name=label,
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
