"""Getting in: how long new patients wait for a first infusion, and how many are turned away.

A clinic that turns half its patients away serves the others promptly: days to first infusion are of those
served, so they stand beside the share turned away and the number waiting. Patients of the panel, who were
here before the simulation began, count wherever people are counted, and stay out of days and shares: when
they began to wait is not known.
"""

from __future__ import annotations

import numpy as np

from simclinic.measures.figures import Figures, mean, p90, share
from simclinic.measures.trend import slope
from simclinic.measures.window import Floats, Window
from simclinic.records import DAY, LEFT_UNSERVED, Records


def access(records: Records, window: Window) -> Figures:
    """Measure the way from being ready for booking to the first infusion."""
    patients, days = records.patients, records.days
    new = patients["origin"] == 0
    ready, first = patients["ready"], patients["first_infusion"]
    turned_away = patients["reason"] == LEFT_UNSERVED

    wanting = ~np.isnan(ready)
    waiting = window.mean_by_week(ready[wanting], np.fmin(first, patients["left"])[wanting])
    weeks = {
        "referrals": window.count(patients["referred"][new]),
        "consults": window.count(patients["consulted"]),
        "ready": window.count(ready),
        "balked": window.count(ready[turned_away]),
        "waiting_for_series": waiting,
        "series_started": window.count(first),
    }

    delay = delays(records, window)
    decided = new & window.holds(ready)
    measured = window.measured(days["day"])
    monday = (days["day"] + records.start.weekday()) % 7 == 0
    # A Monday on which the book held no third start is a long wait, not a missing one: no mean without it.
    third = days["third_next"][measured & monday & ~np.isnan(days["opening"])]
    kpis = {
        "access_days_mean": mean(delay),
        "access_days_p90": p90(delay),
        "third_next_available_days": mean(third),
        "balked_share": share(np.count_nonzero(decided & turned_away), np.count_nonzero(decided)),
        "waiting_for_series_mean": mean(waiting),
        "backlog_growth_per_week": slope(waiting).item(),
        "series_started_per_week": mean(weeks["series_started"]),
    }
    return Figures(kpis, weeks)


def delays(records: Records, window: Window) -> Floats:
    """Give the days from ready for booking to first infusion, of patients first served in the measured weeks."""
    patients = records.patients
    first = patients["first_infusion"]
    chosen = (patients["origin"] == 0) & window.holds(first)
    delay: Floats = (first - patients["ready"])[chosen] / DAY
    known: Floats = delay[~np.isnan(delay)]
    return known
