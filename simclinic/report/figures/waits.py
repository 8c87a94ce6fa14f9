"""How long people wait, one by one: minutes on the day, and days to a first infusion.

A mean hides the few who wait long, so these are whole distributions: of one replication, since a distribution over
all of them would need every visit of every one. Means over all replications stand beside it.
"""

from __future__ import annotations

import numpy as np

from simclinic.measures.access import delays
from simclinic.measures.visits import ON_TIME, waits
from simclinic.measures.window import Window
from simclinic.records import Records
from simclinic.report.figures.chart import Chart
from simclinic.report.figures.histogram import Bins
from simclinic.report.figures.style import BLUE, ORANGE, SKY
from simclinic.report.text.numbers import plain, with_interval
from simclinic.results.document import Figure

_MINUTES = (5.0, 15.0, 60.0)
_DAYS = (1.0, 2.0, 7.0, 28.0)


def waits_on_the_day(records: Records, which: str, on_time: Figure) -> Chart | None:
    """Show minutes waited on the day; None without visits.

    Parameters
    ----------
    records
        Of one replication.
    which
        What to call it.
    on_time
        The share started on time, over all replications.
    """
    values = waits(records, Window.of(records))
    if not values.size:
        return None
    bins = Bins.of(values, _MINUTES, none="none")
    here = plain(100 * float(np.mean(values <= ON_TIME)), 1)
    everywhere = _beside(on_time, 100.0, " %")
    longest = plain(float(values.max()), 0)
    none, most = plain(100 * float(np.mean(values == 0)), 0), plain(float(np.quantile(values, 0.9)), 0)
    return Chart(
        key="waits",
        title="Waits on the day",
        says=f"{here} % start within {ON_TIME:g} minutes of the appointment, or of the arrival if that is later"
        f"{everywhere}. "
        f"{none} % do not wait at all, nine in ten wait {most} minutes or less, the longest {longest}. "
        f"{values.size:,} visits of {which}.",
        alt=f"Bars of the shares of {values.size:,} visits by minutes waited on the day, the bars up to "
        f"{ON_TIME:g} minutes in another colour: {here} % of visits.",
        drawing=bins.drawn(
            "minutes waited on the day",
            "visits, %",
            [BLUE if upper <= ON_TIME else ORANGE for upper in bins.upper],
        ),
        sheet=bins.sheet("Minutes", "visits"),
    )


def days_to_first_infusion(records: Records, which: str, mean: Figure, turned_away: Figure) -> Chart | None:
    """Show days from ready for booking to first infusion; None if no series began.

    Parameters
    ----------
    records
        Of one replication.
    which
        What to call it.
    mean, turned_away
        Mean days and the share turned away, over all replications.
    """
    values = delays(records, Window.of(records))
    if not values.size:
        return None
    bins, first = Bins.of(values, _DAYS), f"first {treatment_of(records)}"
    middle, most = (plain(float(value), 1) for value in np.quantile(values, (0.5, 0.9)))
    lost = (
        f" Patients turned away ({with_interval(turned_away, 100.0)} %) are not included: they had none."
        if turned_away["mean"]
        else ""
    )
    return Chart(
        key="access",
        title=f"Days to a {first}",
        says=f"Half of the patients begin within {middle} days of being ready for booking, nine in ten within "
        f"{most}; mean {plain(float(values.mean()), 1)} days{_beside(mean, 1.0, ' days')}.{lost} "
        f"{values.size:,} patients of {which}.",
        alt=f"Bars of the shares of {values.size:,} patients by days from ready for booking to the {first}; "
        f"half within {middle} days, nine in ten within {most}.",
        drawing=bins.drawn(f"days from ready to {first}", "patients, %", [SKY] * len(bins.labels)),
        sheet=bins.sheet("Days", "patients"),
    )


def treatment_of(records: Records) -> str:
    """Name what a series or a booster gives: an infusion, unless there are other types of visit."""
    return "treatment" if len(records.visit_types) > 1 else "infusion"


def _beside(figure: Figure, scale: float, unit: str) -> str:
    """Give the mean over all replications, to compare with the one shown."""
    if figure["n"] < 2:
        return ""
    return f" (over all {figure['n']} replications {with_interval(figure, scale)}{unit})"
