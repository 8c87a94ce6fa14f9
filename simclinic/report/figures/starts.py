"""On which weekdays series begin, for each protocol: a protocol of fixed gaps fits some weekdays only."""

from __future__ import annotations

import math

import numpy as np

from simclinic.measures.window import Window
from simclinic.records import DAY, Records
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, bar
from simclinic.report.figures.style import IN_ORDER, styled
from simclinic.report.figures.waits import treatment_of
from simclinic.report.text.numbers import plain
from simclinic.report.text.words import DAYS

_DAYS = tuple(DAYS.values())


def starts(records: Records, which: str) -> Chart | None:
    """Show first infusions by weekday and protocol; None if no series began.

    Parameters
    ----------
    records
        Of one replication.
    which
        What to call it.
    """
    window, patients, days = Window.of(records), records.patients, records.days
    chosen = window.holds(patients["first_infusion"])
    total = int(np.count_nonzero(chosen))
    if not total:
        return None
    first_weekday = records.start.weekday()
    weekday = ((patients["first_infusion"][chosen] // DAY).astype(np.int64) + first_weekday) % 7
    counts = np.zeros((len(records.protocols), 7), dtype=np.int64)
    np.add.at(counts, (patients["protocol"][chosen], weekday), 1)
    working = window.measured(days["day"]) & ~np.isnan(days["opening"])
    open_days = np.bincount((days["day"][working] + first_weekday) % 7, minlength=7)
    shown = [day for day in range(7) if open_days[day] or counts[:, day].any()]
    named = [(k, name) for k, name in enumerate(records.protocols) if counts[k].any()]

    figure = Drawing(
        *[
            bar(
                x=[_DAYS[day] for day in shown],
                y=[int(counts[k, day]) for day in shown],
                name=_folded(name),
                marker={"color": IN_ORDER[place % len(IN_ORDER)]},
                hovertemplate="%{x}: %{y} series<extra>%{fullData.name}</extra>",
            )
            for place, (k, name) in enumerate(named)
        ]
    )
    figure.update_xaxes(
        title_text=f"weekday of the first {treatment_of(records)}", type="category", showgrid=False
    )
    figure.update_yaxes(title_text=f"series begun in {window.weeks} weeks", rangemode="tozero")
    styled(figure, height=380, barmode="group", showlegend=True, bargap=0.25)

    by_day = counts.sum(axis=0)
    busiest = max(shown, key=lambda day: int(by_day[day]))
    chance = math.ceil(2 * math.sqrt(int(by_day[busiest])))
    sums = "; ".join(f"{name} {int(counts[k].sum())}" for k, name in named)
    return Chart(
        key="starts",
        title="Weekdays on which series begin",
        says=f"{total:,} series ({sums}), the most on {_DAYS[busiest]}: {int(by_day[busiest])}. Counts of {which}; "
        f"by chance alone this one moves by about ± {chance} between replications.",
        alt=f"Grouped bars of series begun by weekday, a colour for each of {len(named)} protocols: {sums}.",
        drawing=figure,
        sheet=DataSheet.of(
            ("Weekday", *(name for _, name in named), "all", "all, %", "days open"),
            [
                (
                    _DAYS[day],
                    *(str(int(counts[k, day])) for k, _ in named),
                    str(int(by_day[day])),
                    plain(100 * float(by_day[day]) / total, 1),
                    str(int(open_days[day])),
                )
                for day in shown
            ],
        ),
    )


def _folded(name: str, width: int = 24) -> str:
    """Break a name that is too long for one line of a legend; names hold no marks that plotly would read."""
    return "<br>".join(name[at : at + width] for at in range(0, len(name), width))
