"""Patients week by week: waiting for a first infusion, waiting for a booster, and in the booster programme."""

from __future__ import annotations

import datetime as dt

import numpy as np

from simclinic.measures import KPIS
from simclinic.measures.intervals import Watched, summarise_one
from simclinic.report.figures.bands import BandOfLines, Columns, Weeks, draw_band
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import panels
from simclinic.report.figures.style import BOOSTER, GREEN, INDUCTION, styled
from simclinic.report.text.numbers import plain, span, with_interval

COLUMNS = ("week", "waiting_for_series", "waiting_for_booster", "programme_patients")
"""Columns of the weekly table that are drawn."""

_NAMES = ("for a booster", "in the programme")
_COLOURS = (INDUCTION, BOOSTER, GREEN)
_ROWS = (1, 1, 2)


def waiting(weeks: Columns, start: dt.date, treatment: str = "infusion") -> Chart:
    """Show the queues and the booster programme.

    Parameters
    ----------
    weeks
        The weekly table of all replications, in their order; see `COLUMNS`. Not empty.
    start
        The first day of the first week.
    treatment
        What a series gives.
    """
    names = (f"for a first {treatment}", *_NAMES)
    at = Weeks.of(weeks, start)
    bands = [at.band(weeks[name]) for name in COLUMNS[1:]]
    first, booster, programme = (_over(name, weeks[name], at.count) for name in COLUMNS[1:])
    figure = panels(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.08)
    for band, name, colour, row in zip(bands, names, _COLOURS, _ROWS, strict=True):
        draw_band(figure, at.dates, band, name, colour, row=row)
    figure.update_yaxes(title_text="people waiting", rangemode="tozero", row=1)
    figure.update_yaxes(title_text="in the programme", rangemode="tozero", row=2)
    figure.update_xaxes(type="date")
    figure.update_xaxes(title_text=at.heading, row=2)
    n = bands[0].n
    interval = (
        f"95 % intervals over {n} replications in brackets; the bands contain eight of ten of them."
        if n > 1
        else "One replication: another would look different."
    )
    return Chart(
        key="waiting",
        title="People waiting, and people on boosters",
        says=f"On average {first} people wait for a first {treatment} and {booster} for a booster, and {programme} "
        f"are in the booster programme. {interval} A line that keeps rising is a growing queue, or a programme "
        f"still filling.{at.note}",
        alt=f"Two panels over {at.count} weeks from {start}: above, people waiting for a first {treatment} "
        f"({first} on average) and for a booster ({booster}); below, patients in the booster programme "
        f"({programme}).",
        drawing=styled(figure, height=560, hovermode="x unified"),
        sheet=DataSheet.of(
            (
                f"{at.heading[:1].upper()}{at.heading[1:]}",
                *(f"{name}{what}" for name in names for what in (", mean ± 95 %", ", 10–90 %")),
            ),
            [(date, *_cells(bands, k)) for k, date in enumerate(at.dates)],
        ),
    )


def _over(name: str, values: object, count: int) -> str:
    """Write the mean over all weeks, with the interval that the key figure has."""
    kpi = KPIS[f"{name}_mean"]
    means = np.asarray(values, dtype=np.float64).reshape(-1, count).mean(axis=1)
    return with_interval(summarise_one(kpi, {kpi.name: means}, Watched(count)))


def _cells(bands: list[BandOfLines], k: int) -> list[str]:
    cells = []
    for band in bands:
        mean, half, low, high = (
            plain(float(each[k]), 1) for each in (band.mean, band.half, band.low, band.high)
        )
        cells += [f"{mean} ± {half}", span(low, high)]
    return cells
