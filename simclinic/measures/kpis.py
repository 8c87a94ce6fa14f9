"""The data dictionary of key figures: what each is called, what it means, and when there is none.

>>> KPIS["slot_fill"].unit, KPIS["slot_fill"].group
('share', 'the team')

A figure that cannot be computed is NaN, never 0: a week without a single visit has no mean wait. `absent`
says why in plain words, and one text for each figure is enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Better = Literal["higher", "lower"]
Method = Literal["student", "skewed", "rare"]
Units = Literal["days", "weeks", "patients", "series", "infusions"]
Group = Literal["getting in", "the visit", "the team", "boosters", "money"]

GROUPS: tuple[Group, ...] = ("getting in", "the visit", "the team", "boosters", "money")
"""The questions people ask, in the order in which they ask them."""


@dataclass(frozen=True, slots=True)
class Kpi:
    """One key figure.

    Attributes
    ----------
    name, unit
        As on every table and in every file.
    group
        The question it answers.
    label
        For people, in a few words.
    definition
        Exactly what is counted, over the measured weeks.
    better
        Which direction is good; None where it depends on whom one asks.
    absent
        Why it cannot be computed, for the cases where it cannot.
    method
        Of the interval of its mean over replications; see :mod:`simclinic.measures.intervals`.
    units
        What its events happen at, by which what no replication has seen is bounded; None: nothing bounds it.
    event
        What one event in one unit adds to a mean over units: 1 for shares and counts.
    floored
        Whether it rests on a floor that only the scenario knows, such as the days of notice.
    signed
        Whether it may be below 0.
    coverage
        What its 95 % interval was measured to cover where that is below 92 %, in the least of the cases in
        docs/background/intervals.md; else None.
    """

    name: str
    unit: str
    group: Group
    label: str
    definition: str
    better: Better | None
    absent: str
    method: Method = "student"
    units: Units | None = None
    event: float = 1.0
    floored: bool = False
    signed: bool = False
    coverage: float | None = None

    @property
    def range(self) -> tuple[float, float]:
        """What the figure lies between."""
        return (-math.inf if self.signed else 0.0), (1.0 if self.unit == "share" else math.inf)


_NO_INFUSION = "no infusion was completed in the measured weeks"
_NO_BOOSTER = "no booster was given in the measured weeks"
_NO_SERIES = "no series was completed in the measured weeks"
_NO_APPOINTMENT = "no appointment was due in the measured weeks"
_NO_NURSE = "no nurse was present in the measured weeks"
_NO_OPEN_DAY = "the clinic was never open in the measured weeks"
_NO_SLOPE = "a slope needs at least two measured weeks"
_ALWAYS = "it can always be computed"

_IN, _VISIT, _TEAM, _BOOSTERS, _MONEY = GROUPS

_ALL = (
    Kpi(
        "access_days_mean",
        "days",
        _IN,
        "Days to first infusion, mean",
        "Ready for booking to start of the first infusion, for patients first served in the measured weeks. "
        "Those turned away are not in it: read it beside balked_share.",
        "lower",
        "nobody had a first infusion in the measured weeks",
        method="skewed",
    ),
    Kpi(
        "access_days_p90",
        "days",
        _IN,
        "Days to first infusion, 9 in 10 within",
        "The 90 % quantile of the days from ready for booking to first infusion.",
        "lower",
        "nobody had a first infusion in the measured weeks",
        method="skewed",
        coverage=0.87,
    ),
    Kpi(
        "third_next_available_days",
        "days",
        _IN,
        "Third next available start",
        "Each Monday at opening: days to the third start on which a new series could begin; the mean.",
        "lower",
        "on some Monday the open book held no third start for a new series (a walk-in clinic has no book)",
        method="skewed",
        units="weeks",
        event=7.0,
        floored=True,
    ),
    Kpi(
        "balked_share",
        "share",
        _IN,
        "Turned away",
        "Of patients whose wait for a first infusion ended in the measured weeks, by a beginning or otherwise, "
        "those who found no start within their patience (walk-in: left the queue, or met a full waiting room).",
        "lower",
        "nobody's wait ended in the measured weeks, or patients are held back and fewer weeks were simulated than "
        "their patience",
        method="rare",
        units="patients",
    ),
    Kpi(
        "waiting_for_series_mean",
        "patients",
        _IN,
        "Waiting for a first infusion",
        "Time-average number of patients ready and not yet started.",
        "lower",
        _ALWAYS,
        method="skewed",
        units="weeks",
    ),
    Kpi(
        "waiting_for_booster_mean",
        "patients",
        _BOOSTERS,
        "Waiting for a booster",
        "Time-average number of boosters requested and not yet given.",
        "lower",
        _ALWAYS,
        method="skewed",
        units="weeks",
    ),
    Kpi(
        "backlog_growth_per_week",
        "patients/week",
        _IN,
        "Growth of the waiting list",
        "Least-squares slope of the weekly averages of patients waiting for a first infusion.",
        "lower",
        _NO_SLOPE,
        method="skewed",
        signed=True,
    ),
    Kpi(
        "booster_backlog_growth_per_week",
        "patients/week",
        _BOOSTERS,
        "Growth of the booster queue",
        "Least-squares slope of the weekly averages of boosters requested and not yet given.",
        "lower",
        _NO_SLOPE,
        method="skewed",
        signed=True,
    ),
    Kpi(
        "series_started_per_week",
        "1/week",
        _IN,
        "Series started",
        "First infusions of a series, by the moment they begin.",
        "higher",
        _ALWAYS,
        units="weeks",
    ),
    Kpi(
        "series_completed_per_week",
        "1/week",
        _IN,
        "Series completed",
        "Series that ended with all infusions given, by the moment the patient leaves the last one.",
        "higher",
        _ALWAYS,
        units="weeks",
    ),
    Kpi(
        "completion_share",
        "share",
        _IN,
        "Series completed, share",
        "Of series that ended after at least one infusion, those with all infusions given.",
        "higher",
        "no series ended in the measured weeks",
        units="series",
    ),
    Kpi(
        "series_days_mean",
        "days",
        _IN,
        "Length of a series",
        "Start of the first to start of the last infusion of completed series.",
        None,
        _NO_SERIES,
        method="skewed",
    ),
    Kpi(
        "on_protocol_share",
        "share",
        _IN,
        "Series on protocol",
        "Of completed series, those whose every gap, in calendar days, lies in the protocol's gap_days "
        "(dates in closed_on inside a gap lengthen its upper limit).",
        "higher",
        _NO_SERIES,
        units="series",
    ),
    Kpi(
        "infusions_per_week",
        "1/week",
        _VISIT,
        "Infusions",
        "Infusions completed, of series and boosters, by the moment the patient leaves.",
        "higher",
        _ALWAYS,
        units="weeks",
    ),
    Kpi(
        "induction_per_week",
        "1/week",
        _VISIT,
        "Infusions of series",
        "Infusions of series completed, by the moment the patient leaves.",
        "higher",
        _ALWAYS,
        units="weeks",
    ),
    Kpi(
        "boosters_per_week",
        "1/week",
        _BOOSTERS,
        "Boosters",
        "Booster infusions completed, by the moment the patient leaves.",
        None,
        _ALWAYS,
        units="weeks",
    ),
    Kpi(
        "booster_requests_per_week",
        "1/week",
        _BOOSTERS,
        "Boosters asked for",
        "Requests for a booster, by the time of asking (scheduled: by the time it is due).",
        None,
        _ALWAYS,
        units="weeks",
    ),
    Kpi(
        "booster_share",
        "share",
        _BOOSTERS,
        "Boosters among infusions",
        "Booster infusions completed, of all infusions completed.",
        None,
        _NO_INFUSION,
        units="infusions",
    ),
    Kpi(
        "booster_wait_days_mean",
        "days",
        _BOOSTERS,
        "Days from asking to booster",
        "Request to start of the (first) booster infusion; one given before it was due waited 0 days.",
        "lower",
        _NO_BOOSTER,
        method="skewed",
    ),
    Kpi(
        "symptomatic_days_mean",
        "days",
        _BOOSTERS,
        "Days from relapse to booster",
        "Relapse to start of the (first) booster infusion, for boosters that answer a relapse.",
        "lower",
        "no booster that answers a relapse was given in the measured weeks",
        method="skewed",
    ),
    Kpi(
        "programme_patients_mean",
        "patients",
        _BOOSTERS,
        "Patients in the booster programme",
        "Time-average number of patients from their first booster request (scheduled: enrolment) to leaving.",
        None,
        _ALWAYS,
        units="weeks",
    ),
    Kpi(
        "wait_minutes_mean",
        "minutes",
        _VISIT,
        "Wait on the day, mean",
        "From appointment or arrival, whichever is later, to the start of the first step, never below 0 "
        "(walk-in: from arrival).",
        "lower",
        _NO_INFUSION,
        units="infusions",
        event=60.0,
    ),
    Kpi(
        "wait_minutes_p90",
        "minutes",
        _VISIT,
        "Wait on the day, 9 in 10 within",
        "The 90 % quantile of the wait on the day.",
        "lower",
        _NO_INFUSION,
        method="skewed",
    ),
    Kpi(
        "waited_for_chair_minutes_mean",
        "minutes",
        _VISIT,
        "Waited for a chair",
        "Minutes a visit waits for a chair.",
        "lower",
        _NO_INFUSION,
        units="infusions",
        event=60.0,
    ),
    Kpi(
        "waited_for_hands_minutes_mean",
        "minutes",
        _VISIT,
        "Waited for a nurse's hands",
        "Minutes a visit waits for a nurse's hands, over all its steps.",
        "lower",
        _NO_INFUSION,
        units="infusions",
        event=60.0,
    ),
    Kpi(
        "waited_for_eyes_minutes_mean",
        "minutes",
        _VISIT,
        "Waited for a nurse's eyes",
        "Minutes a visit waits for a nurse to watch, over all its steps.",
        "lower",
        _NO_INFUSION,
        units="infusions",
        event=60.0,
    ),
    Kpi(
        "started_on_time_share",
        "share",
        _VISIT,
        "Started on time",
        "Visits with a wait of at most 15 minutes.",
        "higher",
        _NO_INFUSION,
        units="infusions",
    ),
    Kpi(
        "visit_minutes_mean",
        "minutes",
        _VISIT,
        "Length of a visit",
        "Arrival to the patient leaving.",
        "lower",
        _NO_INFUSION,
    ),
    Kpi(
        "no_show_share",
        "share",
        _VISIT,
        "No-shows",
        "Of appointments due (completed, no-show, cancelled late, cancelled by the clinic), those missed "
        "without a word.",
        "lower",
        _NO_APPOINTMENT,
        units="infusions",
    ),
    Kpi(
        "late_cancel_share",
        "share",
        _VISIT,
        "Late cancellations",
        "Of appointments due, those the patient cancelled late.",
        "lower",
        _NO_APPOINTMENT,
        units="infusions",
    ),
    Kpi(
        "clinic_cancelled_share",
        "share",
        _VISIT,
        "Cancelled by the clinic",
        "Of appointments due, those the clinic cancelled.",
        "lower",
        _NO_APPOINTMENT,
        method="rare",
        units="days",
    ),
    Kpi(
        "slot_fill",
        "share",
        _TEAM,
        "Starts filled",
        "Completed visits and no-shows, of starts on the grid, over days not wholly cancelled by the clinic.",
        None,
        "there was no start on the grid in the measured weeks (a walk-in clinic has no grid)",
    ),
    Kpi(
        "chair_utilisation",
        "share",
        _TEAM,
        "Chairs in use",
        "Chair-minutes held inside opening hours, of chairs × opening minutes.",
        None,
        _NO_OPEN_DAY,
    ),
    Kpi(
        "nurse_hands_on_utilisation",
        "share",
        _TEAM,
        "Nurses' time hands-on",
        "Minutes of hands-on tasks while a shift is present, of nurse-minutes present.",
        None,
        _NO_NURSE,
    ),
    Kpi(
        "nurse_watch_utilisation",
        "share",
        _TEAM,
        "Nurses' time watching",
        "Watched minutes ÷ patients_per_nurse while a shift is present, of nurse-minutes present.",
        None,
        _NO_NURSE,
    ),
    Kpi(
        "overtime_minutes_per_day",
        "minutes",
        _TEAM,
        "Open past closing",
        "Closing to the last patient leaving, per open day.",
        "lower",
        _NO_OPEN_DAY,
        method="skewed",
        units="days",
        event=60.0,
    ),
    Kpi(
        "overtime_day_share",
        "share",
        _TEAM,
        "Days that run late",
        "Open days on which the last patient leaves more than 15 minutes after closing.",
        "lower",
        _NO_OPEN_DAY,
        method="rare",
        units="days",
    ),
    Kpi(
        "overtime_nurse_hours_per_week",
        "hours/week",
        _TEAM,
        "Nurses' overtime",
        "Nurses who stay when their shift has ended. After the day's last shift, until the last patient has left: "
        "as many as watching needs, at least one, at most those of that shift. Between two shifts, for visits that "
        "have begun; beside others on duty, for what these cannot take over: as many as have hands in use or are "
        "needed to watch, whichever is more.",
        "lower",
        _ALWAYS,
        method="skewed",
        units="weeks",
    ),
    Kpi(
        "responders_per_week",
        "1/week",
        _IN,
        "Responders",
        "Responders who completed their series, by the moment they leave its last infusion.",
        "higher",
        _ALWAYS,
        units="weeks",
    ),
    Kpi(
        "stopped_responders_per_week",
        "1/week",
        _IN,
        "Responders stopped early",
        "Responders whom a stop rule turned away.",
        "lower",
        _ALWAYS,
        method="rare",
        units="weeks",
    ),
    Kpi(
        "ketamine_mg_per_week",
        "mg/week",
        _MONEY,
        "Ketamine",
        "Milligrams given in completed infusions, by the moment the patient leaves.",
        None,
        _ALWAYS,
    ),
    Kpi(
        "revenue_per_week",
        "currency/week",
        _MONEY,
        "Revenue",
        "Infusions and boosters completed, consults attended, no-show fees, at their prices.",
        "higher",
        _ALWAYS,
    ),
    Kpi(
        "cost_per_week",
        "currency/week",
        _MONEY,
        "Cost",
        "Rostered nurse-hours (breaks and absence paid) and overtime with on-costs, chairs on open days, "
        "supplies and drug of completed infusions, fixed costs.",
        "lower",
        _ALWAYS,
    ),
    Kpi(
        "margin_per_week",
        "currency/week",
        _MONEY,
        "Margin",
        "Revenue less cost.",
        "higher",
        _ALWAYS,
        signed=True,
    ),
    Kpi(
        "margin_per_chair_hour",
        "currency",
        _MONEY,
        "Margin per chair-hour",
        "Margin ÷ chairs × opening hours.",
        "higher",
        _NO_OPEN_DAY,
        signed=True,
    ),
)

KPIS: dict[str, Kpi] = {kpi.name: kpi for kpi in _ALL}
"""Every key figure by name, in the order of all tables."""
