"""The catalogue of key figures: what each is called, what it means, how it is computed, and the words for it.

A new figure is one entry here. `q` holds the quantities of all sections: the columns of the weekly table, and
values of single visits, patients and days.

>>> KPIS["slot_fill"].unit, KPIS["slot_fill"].group
('share', 'the team')

A figure that cannot be computed is NaN, never 0: a week without a single visit has no mean wait. `absent`
says why in plain words, and one text for each figure is enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from simclinic import plugins
from simclinic.measures.groups import PLACE, ROLE, VISIT, figure_of, group_figures, group_names, part_of
from simclinic.measures.kpi import GROUPS, Kpi
from simclinic.measures.not_rostered import FIGURE as NOT_ROSTERED_FIGURE
from simclinic.measures.not_rostered import NOT_ROSTERED, has_roles_by_number
from simclinic.measures.own import own_kpi
from simclinic.measures.section import mean, p90, share
from simclinic.measures.separate_starts import AWAY, MINUTES, PATIENTS, has_separate_starts
from simclinic.measures.trend import slope
from simclinic.measures.visits import ON_TIME
from simclinic.records import DAY
from simclinic.scenario import Scenario
from simclinic.scenario.reserves import rule_of
from simclinic.scenario.schedules import schedule_of
from simclinic.scenario.used import used

HOUR = 60.0
"""Minutes in an hour."""

MORE, LONGER, HIGHER = ("more", "fewer"), ("longer", "shorter"), ("higher", "lower")
LATER, LESS = ("later", "sooner"), ("more", "less")

_NOT_DECIDED = (
    "nobody's wait ended in the measured weeks, or patients are held back and fewer weeks were simulated than "
    "their patience"
)
_NO_INFUSION = "no infusion was completed in the measured weeks"
_NO_BOOSTER = "no booster was given in the measured weeks"
_NO_SERIES = "no series was completed in the measured weeks"
_NO_APPOINTMENT = "no appointment was due in the measured weeks"
_NO_NURSE = "no nurse was present in the measured weeks"
_NO_OPEN_DAY = "the clinic was never open in the measured weeks"
_NO_SLOPE = "a slope needs at least two measured weeks"
_ALWAYS = "it can always be computed"

_IN, _VISIT, _TEAM, _BOOSTERS, _MONEY = GROUPS

# Each name below is written out: the completion of a shell parses this file, since importing it takes too long.
_ALL = (
    Kpi(
        "access_days_mean",
        "days",
        _IN,
        "Days to first infusion, mean",
        "Ready for booking to start of the first infusion, for patients first served in the measured weeks. "
        "Patients turned away are not included: read it beside balked_share.",
        "lower",
        "nobody had a first infusion in the measured weeks",
        method="skewed",
        value=lambda q: mean(q["access_days"]),
        subject="first infusion",
        more_less=LATER,
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
        value=lambda q: p90(q["access_days"]),
        subject="first infusion of the slowest tenth",
        more_less=LATER,
    ),
    Kpi(
        "started_within_days_share",
        "share",
        _IN,
        "Begun in time, of all who asked",
        "Of patients who became ready for booking in the measured weeks, those whose first infusion begins within "
        "the days of targets.access_days_p90, or 10 days if there is no such target. Patients turned away, or who "
        "give up, count as not begun; those who wait for fewer days when the weeks end are estimated from the "
        "others (Aalen and Johansen).",
        "higher",
        "nobody became ready in the measured weeks, or the weeks are too few for so many days",
        method="rare",
        units="patients",
        value=lambda q: float(q["begun_in_time"]),
        subject="begun in time",
        more_less=MORE,
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
        value=lambda q: mean(q["third_next_days"]),
        subject="third next available start",
        more_less=LATER,
    ),
    Kpi(
        "balked_share",
        "share",
        _IN,
        "Turned away",
        "Of patients whose wait for a first infusion ended in the measured weeks, by a first infusion or "
        "otherwise, those who found no start within their patience (walk-in: left the queue, or found the waiting "
        "room full). Patients who found none for a consult that is a visit count, too.",
        "lower",
        _NOT_DECIDED,
        method="rare",
        units="patients",
        value=lambda q: share(q["new_turned_away"], q["new_decided"]),
        subject="turned away",
        more_less=MORE,
    ),
    Kpi(
        "reneged_share",
        "share",
        _IN,
        "Gave up waiting",
        "Of the same patients as in balked_share, those turned away who had waited and gave up (renege): held back "
        "by a cap, or in the waiting room. The others were turned away at once (balk): the desk had no start "
        "within their patience, or the waiting room was full.",
        "lower",
        _NOT_DECIDED,
        method="rare",
        units="patients",
        value=lambda q: share(q["new_reneged"], q["new_decided"]),
        subject="gave up waiting",
        more_less=MORE,
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
        value=lambda q: mean(q["waiting_for_series"]),
        subject="waiting for a first infusion",
        more_less=MORE,
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
        value=lambda q: mean(q["waiting_for_booster"]),
        subject="waiting for a booster",
        more_less=MORE,
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
        value=lambda q: slope(q["waiting_for_series"]).item(),
        subject="the waiting list grows by",
        more_less=LESS,
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
        value=lambda q: slope(q["waiting_for_booster"]).item(),
        subject="the booster queue grows by",
        more_less=LESS,
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
        value=lambda q: mean(q["series_started"]),
        subject="series started",
        more_less=MORE,
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
        value=lambda q: mean(q["series_completed"]),
        subject="series completed",
        more_less=MORE,
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
        value=lambda q: share(q["new_completed"], q["new_ended"]),
        subject="series completed",
        more_less=MORE,
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
        value=lambda q: mean(q["series_days"]),
        subject="a series",
        more_less=LONGER,
    ),
    Kpi(
        "on_protocol_share",
        "share",
        _IN,
        "Series on protocol",
        "Of completed series, those in which every gap, in calendar days, lies in the protocol's gap_days "
        "(dates in closed_on inside a gap lengthen its upper limit).",
        "higher",
        _NO_SERIES,
        units="series",
        value=lambda q: mean(q["on_protocol"]),
        subject="series on protocol",
        more_less=MORE,
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
        value=lambda q: mean(q["infusions"]),
        subject="infusions",
        more_less=MORE,
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
        value=lambda q: mean(q["induction"]),
        subject="infusions of series",
        more_less=MORE,
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
        value=lambda q: mean(q["boosters"]),
        subject="boosters",
        more_less=MORE,
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
        value=lambda q: mean(q["booster_requests"]),
        subject="boosters asked for",
        more_less=MORE,
    ),
    Kpi(
        "booster_share",
        "share",
        _BOOSTERS,
        "Boosters among infusions",
        "Booster infusions completed, as a share of all infusions completed.",
        None,
        _NO_INFUSION,
        units="infusions",
        value=lambda q: share(q["boosters"].sum(), q["infusions"].sum()),
        subject="boosters among infusions",
        more_less=MORE,
    ),
    Kpi(
        "booster_wait_days_mean",
        "days",
        _BOOSTERS,
        "Days from asking to booster",
        "Request to start of the (first) booster infusion; a booster given before it was due counts as 0 days.",
        "lower",
        _NO_BOOSTER,
        method="skewed",
        value=lambda q: mean(q["booster_wait_minutes"]) / DAY,
        subject="a booster asked for comes",
        more_less=LATER,
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
        value=lambda q: mean(q["symptomatic_minutes"]) / DAY,
        subject="a booster after relapse comes",
        more_less=LATER,
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
        value=lambda q: mean(q["programme_patients"]),
        subject="in the booster programme",
        more_less=MORE,
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
        value=lambda q: mean(q["wait_minutes"]),
        subject="wait on the day",
        more_less=LONGER,
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
        value=lambda q: p90(q["wait_minutes"]),
        subject="longest tenth of waits",
        more_less=LONGER,
    ),
    Kpi(
        "waited_share",
        "share",
        _VISIT,
        "Waited on the day",
        "Visits with a wait on the day, however short.",
        "lower",
        _NO_INFUSION,
        units="infusions",
        value=lambda q: mean(q["wait_minutes"] > 0.0),
        subject="visits that wait",
        more_less=MORE,
    ),
    Kpi(
        "delayed_share",
        "share",
        _VISIT,
        "Waited too long on the day",
        "Visits with a wait on the day of more than the minutes of targets.wait_minutes_p90, or 15 if there is no "
        "such target.",
        "lower",
        _NO_INFUSION,
        method="rare",
        units="infusions",
        value=lambda q: float(q["delayed"]),
        subject="visits that wait too long",
        more_less=MORE,
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
        value=lambda q: mean(q["waited_for_chair"]),
        subject="wait for a chair",
        more_less=LONGER,
    ),
    Kpi(
        "waited_for_chair_minutes_p90",
        "minutes",
        _VISIT,
        "Waited for a chair, 9 in 10 within",
        "The 90 % quantile of the minutes that a visit waits for a chair.",
        "lower",
        _NO_INFUSION,
        method="skewed",
        value=lambda q: p90(q["waited_for_chair"]),
        subject="longest tenth of waits for a chair",
        more_less=LONGER,
    ),
    Kpi(
        "queue_length_mean",
        "patients",
        _VISIT,
        "Waiting for a chair, at once",
        "Time-average number of patients in the clinic who wait for a chair, within opening hours.",
        "lower",
        _NO_OPEN_DAY,
        method="skewed",
        units="days",
        value=lambda q: float(q["queue_length"]),
        subject="waiting for a chair",
        more_less=MORE,
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
        value=lambda q: mean(q["waited_for_hands"]),
        subject="wait for a nurse's hands",
        more_less=LONGER,
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
        value=lambda q: mean(q["waited_for_eyes"]),
        subject="wait for a nurse's eyes",
        more_less=LONGER,
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
        value=lambda q: mean(q["wait_minutes"] <= ON_TIME),
        subject="visits started on time",
        more_less=MORE,
    ),
    Kpi(
        "visit_minutes_mean",
        "minutes",
        _VISIT,
        "Length of a visit",
        "From the patient's arrival to departure.",
        "lower",
        _NO_INFUSION,
        value=lambda q: mean(q["visit_minutes"]),
        subject="a visit",
        more_less=LONGER,
    ),
    Kpi(
        "no_show_share",
        "share",
        _VISIT,
        "No-shows",
        "Of appointments due (completed, no-show, cancelled late, cancelled by the clinic), those missed "
        "without cancellation.",
        "lower",
        _NO_APPOINTMENT,
        units="infusions",
        value=lambda q: share(q["no_shows"].sum(), q["due"].sum()),
        subject="no-shows",
        more_less=MORE,
    ),
    Kpi(
        "late_cancel_share",
        "share",
        _VISIT,
        "Late cancellations",
        "Of appointments due, those cancelled late by the patient.",
        "lower",
        _NO_APPOINTMENT,
        units="infusions",
        value=lambda q: share(q["late_cancels"].sum(), q["due"].sum()),
        subject="late cancellations",
        more_less=MORE,
    ),
    Kpi(
        "clinic_cancelled_share",
        "share",
        _VISIT,
        "Cancelled by the clinic",
        "Of appointments due, those cancelled by the clinic.",
        "lower",
        _NO_APPOINTMENT,
        method="rare",
        units="days",
        value=lambda q: share(q["clinic_cancels"].sum(), q["due"].sum()),
        subject="cancelled by the clinic",
        more_less=MORE,
    ),
    Kpi(
        "slot_fill",
        "share",
        _TEAM,
        "Starts filled",
        "Completed visits and no-shows, as a share of starts on the grid; days wholly cancelled by the clinic are "
        "left out. With several types of visit the starts are those of a week filled in the proportion asked for.",
        None,
        "there was no start on the grid in the measured weeks (a walk-in clinic has no grid)",
        value=lambda q: share(q["starts_filled"].sum(), q["starts_counted"].sum()),
        subject="starts filled",
        more_less=MORE,
    ),
    Kpi(
        "chair_utilisation",
        "share",
        _TEAM,
        "Chairs in use",
        "Occupied chair-minutes within opening hours, as a share of chairs × opening minutes.",
        None,
        _NO_OPEN_DAY,
        value=lambda q: share(q["chair_minutes_held"].sum(), q["chair_minutes"].sum()),
        subject="chairs in use",
        more_less=LESS,
    ),
    Kpi(
        "nurse_hands_on_utilisation",
        "share",
        _TEAM,
        "Nurses' time hands-on",
        "Minutes of hands-on tasks while a shift is present, as a share of nurse-minutes present.",
        None,
        _NO_NURSE,
        value=lambda q: share(q["hands_on_minutes"].sum(), q["nurse_minutes_present"].sum()),
        subject="nurses' time hands-on",
        more_less=LESS,
    ),
    Kpi(
        "nurse_watch_utilisation",
        "share",
        _TEAM,
        "Nurses' time watching",
        "Watched minutes ÷ patients_per_nurse while a shift is present, as a share of nurse-minutes present.",
        None,
        _NO_NURSE,
        value=lambda q: share(q["watch_nurse_minutes"].sum(), q["nurse_minutes_present"].sum()),
        subject="nurses' time watching",
        more_less=LESS,
    ),
    Kpi(
        "overtime_minutes_per_day",
        "minutes",
        _TEAM,
        "Open past closing",
        "Minutes from closing until the last patient leaves, per open day; the start of a pause is a closing, too.",
        "lower",
        _NO_OPEN_DAY,
        method="skewed",
        units="days",
        event=60.0,
        value=lambda q: share(q["overtime_minutes"].sum(), q["open_days"].sum()),
        subject="open past closing",
        more_less=LONGER,
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
        value=lambda q: share(q["overtime_days"].sum(), q["open_days"].sum()),
        subject="days that run late",
        more_less=MORE,
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
        value=lambda q: mean(q["overtime_nurse_minutes"]) / HOUR,
        subject="nurses' overtime",
        more_less=LESS,
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
        value=lambda q: mean(q["responders"]),
        subject="responders",
        more_less=MORE,
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
        value=lambda q: mean(q["stopped_responders"]),
        subject="responders stopped early",
        more_less=MORE,
    ),
    Kpi(
        "ketamine_mg_per_week",
        "mg/week",
        _MONEY,
        "Ketamine",
        "Milligrams given in completed infusions, by the moment the patient leaves.",
        None,
        _ALWAYS,
        value=lambda q: mean(q["ketamine_mg"]),
        subject="ketamine",
        more_less=LESS,
    ),
    Kpi(
        "revenue_per_week",
        "currency/week",
        _MONEY,
        "Revenue",
        "Infusions and boosters completed, consults attended, no-show fees, at their prices.",
        "higher",
        _ALWAYS,
        value=lambda q: mean(q["revenue"]),
        subject="revenue",
        more_less=HIGHER,
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
        value=lambda q: mean(q["cost"]),
        subject="cost",
        more_less=HIGHER,
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
        value=lambda q: mean(q["margin"]),
        subject="margin",
        more_less=HIGHER,
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
        value=lambda q: share(float(np.sum(q["margin"])), float(np.sum(q["chair_minutes"])) / HOUR),
        subject="margin per chair-hour",
        more_less=HIGHER,
    ),
)

_NOT_FOLLOWED = "the weeks are too few to know what became of the starts that could have been offered in them"

_OF_SOME = (
    Kpi(
        "clinic_cancelled_not_rostered_per_week",
        "1/week",
        _VISIT,
        "Cancelled, a role not being rostered",
        "Appointments that the clinic cancels since a role that they need is not rostered at their time. They were "
        "booked for another infusion, which does not need it: an earlier one was missed or cancelled.",
        "lower",
        _ALWAYS,
        method="rare",
        units="weeks",
        value=lambda q: mean(q[NOT_ROSTERED]),
        subject="cancellations of appointments for which a role is not rostered",
        more_less=MORE,
    ),
    Kpi(
        "separate_starts_patients_per_week",
        "patients/week",
        _IN,
        "Lost to separate starts",
        "Patients whom the desk turned away, or booked later than their target, though dates in unused starts "
        "would have been in time, at least one of them a start of another type: nobody held them from the desk's "
        "answer on, and the planned visits would have fitted beside all others. Series and boosters, by the moment "
        "of the answer. No start counts twice. Weeks whose dates may lie after the simulated days are left out.",
        "lower",
        _NOT_FOLLOWED,
        method="rare",
        units="followed weeks",
        value=lambda q: mean(q[PATIENTS]),
        subject="lost to separate starts",
        more_less=MORE,
    ),
    Kpi(
        "separate_starts_turned_away_per_week",
        "patients/week",
        _IN,
        "Turned away for separate starts",
        "Those of separate_starts_patients_per_week whom the desk turned away; the others were booked late.",
        "lower",
        _NOT_FOLLOWED,
        method="rare",
        units="followed weeks",
        value=lambda q: mean(q[AWAY]),
        subject="turned away for separate starts",
        more_less=MORE,
    ),
    Kpi(
        "separate_starts_chair_minutes_per_week",
        "minutes/week",
        _IN,
        "Chair time lost to separate starts",
        "Planned chair-minutes, cleaning included, of the visits of separate_starts_patients_per_week that unused "
        "starts of other types would have taken. Patients who were booked late used others instead.",
        "lower",
        _NOT_FOLLOWED,
        method="skewed",
        value=lambda q: mean(q[MINUTES]),
        subject="chair time lost to separate starts",
        more_less=MORE,
    ),
)
OF_SOME = {kpi.name: kpi for kpi in _OF_SOME}
"""Key figures that only some clinics have, by name."""


class Catalogue(dict[str, Kpi]):
    """Key figures by name: it lists those of simclinic, and finds those of other packages and of scripts, too."""

    def __missing__(self, name: str) -> Kpi:
        if name in OF_SOME:
            return OF_SOME[name]
        if ":" in name:
            return _of_part(name)
        if not plugins.known(plugins.KPIS, name):
            raise KeyError(name)
        return own_kpi(name)

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        if super().__contains__(name) or name in OF_SOME or part_of(name) is not None:
            return True
        return plugins.known(plugins.KPIS, name)


KPIS = Catalogue((kpi.name, kpi) for kpi in _ALL)
"""Every key figure of simclinic by name, in the order of all tables."""


@lru_cache(1024)  # every replication asks for the same
def _of_part(name: str) -> Kpi:
    return figure_of(name, KPIS)


def import_own(scenario: Scenario) -> tuple[str, ...]:
    """Import what a scenario uses of other packages, so that an error is said before anything is simulated.

    Returns
    -------
    tuple of str
        The modules that a worker must import because they have registered some of it.

    Raises
    ------
    PluginError
        If something is absent, or not what it should be.
    """
    for name in scenario.own.kpis:
        own_kpi(name)
    for laws in scenario.laws.values():
        schedule_of(laws.boosters)
    rule_of(scenario.booking)
    modules = (plugins.module_of(group, name) for group, name in used(scenario))
    return tuple(dict.fromkeys(module for module in modules if module is not None))


def own_figures(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that are no key figures of simclinic."""
    # KPIS finds others, too.
    known = {*KPIS.keys(), *OF_SOME}
    return tuple(name for name in names if name not in known and ":" not in name)


def figures_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the names of all key figures of a scenario: those of simclinic, of its parts, then its own."""
    separate, by_number = has_separate_starts(scenario), has_roles_by_number(scenario)
    some = (name for name in OF_SOME if (by_number if name == NOT_ROSTERED_FIGURE else separate))
    return (*KPIS, *some, *group_figures(scenario), *scenario.own.kpis)


def why_absent(name: str, scenario: Scenario) -> str:
    """Say why a scenario does not have a key figure; empty if it has it.

    >>> from simclinic.scenario import baseline
    >>> why_absent("wait_minutes_mean:esketamine", baseline())
    "'wait_minutes_mean:esketamine' is no figure of 'Typical clinic': it has one type of visit"
    """
    names = figures_of(scenario)
    if name in names:
        return ""
    part = part_of(name)
    if name == NOT_ROSTERED_FIGURE:
        return f"{name!r} is no figure of {scenario.name!r}: no role is needed at some infusions alone"
    if part is None and name in OF_SOME:
        return f"{name!r} is no figure of {scenario.name!r}: its starts are not each for one of several types"
    if part is None:
        return f"{name!r} must be listed in own.kpis of {scenario.name!r}"
    kind, what = part[0], {VISIT: "type of visit", ROLE: "role", PLACE: "kind of place"}[part[0]]
    there = group_names(scenario).get(kind)
    has = f"its are {', '.join(map(repr, there))}" if there else f"it has one {what}"
    if there and part[1] in there:  # nurses and chairs, whose figures have no part in their names
        has = f"there it is {name.partition(':')[0]!r}"
    return f"{name!r} is no figure of {scenario.name!r}: {has}"
