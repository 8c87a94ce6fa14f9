"""The weekly table: one row for each measured week, from which most key figures are computed.

Infusions count in the week in which the patient leaves, first infusions in the week in which they begin, missed or
cancelled appointments in the week of the appointment, patients turned away in the week of the decision, requests in
the week of asking, series in the week in which they end. The table has no shares: weekly shares do not add up to
the share of a year, but the counts behind them do.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from simclinic.measures.section import SectionResult, Weekly
from simclinic.measures.window import Window

WEEKS = {
    "week": "number of the week, 0 for the first measured one",
    "start_day": "its first day, counted from run.start",
    "referrals": "patients referred",
    "consults": "consults attended",
    "ready": "patients who became ready for booking",
    "balked": "patients turned away",
    "decided": "patients whose wait for a first infusion ended: begun, turned away, or gone otherwise",
    "waiting_for_series": "patients ready and not yet started, time-average",
    "series_started": "first infusions",
    "new_started": "of those, of patients who are not in the panel",
    "referral_days": "days from referral to first infusion, dates counted, summed over those",
    "series_ended": "series that ended after at least one infusion",
    "series_completed": "of those, with all infusions given",
    "responders": "responders who completed their series",
    "stopped_responders": "responders whom a stop rule turned away",
    "infusions": "infusions completed",
    "induction": "of those, of a series",
    "boosters": "of those, boosters",
    "due": "appointments due: completed, no-shows, late cancellations, cancelled by the clinic",
    "no_shows": "no-shows",
    "late_cancels": "late cancellations",
    "clinic_cancels": "appointments cancelled by the clinic",
    "starts": "starts on the grid",
    "starts_counted": "starts on the grid, of days not wholly cancelled by the clinic",
    "starts_filled": "completed visits and no-shows of those days",
    "ketamine_mg": "milligrams of ketamine given",
    "booster_requests": "boosters asked for",
    "booster_requests_from_panel": "of those, by patients of the panel",
    "booster_requests_before": "boosters asked for before the first measured week and not yet booked by then",
    "waiting_for_booster": "boosters asked for and not yet given, time-average",
    "programme_patients": "patients in the booster programme, time-average",
    "asked": "new patients ready and boosters asked for; in the first week also those not yet booked from before",
    "not_served": "of those, turned away or offered a booster too late",
    "starts_used": "starts used: completed, missed, or cancelled late and not taken by another patient",
    "asked_ahead": "asked, in this week and the 12 after it, as far as they are simulated",
    "not_served_ahead": "not_served, likewise",
    "starts_ahead": "starts, likewise",
    "starts_used_ahead": "starts_used, likewise",
    "open_days": "days open",
    "chair_days": "chairs × days open",
    "chair_minutes": "chairs × opening minutes",
    "chair_minutes_held": "chair-minutes held inside opening hours",
    "nurse_minutes_rostered": "nurse-minutes rostered",
    "nurse_minutes_present": "nurse-minutes present",
    "hands_on_minutes": "minutes of hands-on tasks while a shift is present",
    "watch_nurse_minutes": "watched minutes ÷ patients_per_nurse while a shift is present",
    "overtime_minutes": "minutes from closing to the last patient leaving, over the days and pauses within them",
    "overtime_days": "days with more than 15 minutes of it at one closing",
    "overtime_nurse_minutes": "nurse-minutes worked after the end of a shift",
    "revenue": "revenue, in the scenario's currency",
    "cost": "cost, in the scenario's currency",
    "margin": "revenue less cost, in the scenario's currency",
}
"""Columns of the weekly table, and what they mean."""


def weekly(sections: Iterable[SectionResult], window: Window) -> Weekly:
    """Join the columns of the sections.

    Returns
    -------
    dict of arrays of shape (weeks,)
        The columns of `WEEKS`; counts are int64, everything else float64.
    """
    week = np.arange(window.weeks)
    columns: Weekly = {"week": week, "start_day": week * 7}
    for section in sections:
        columns.update(section.weeks)
    return columns
