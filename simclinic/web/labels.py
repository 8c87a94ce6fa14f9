"""What assumptions are called on *My clinic*: a plain label for each address.

>>> label("boosters.check_in_days")
'Boosters: days from one check-in with a patient to the next'
>>> label("visit.steps.recovery.patients_per_nurse")
'Visit, step recovery: patients whom one nurse watches at once'
>>> label("relapse.days")
'Days to relapse'
"""

from __future__ import annotations

import re

from simclinic.report.settings import setting_words

_LABELS = {
    "run.start": "First measured day",
    "run.begin": "How the simulation begins: with a steady clinic, or an empty one",
    "intake.days_to_consult": "Intake: days from referral to the consult (to asking for it, if it is a visit)",
    "intake.days_to_decide": "Intake: days from the consult to the decision",
    "intake.visit": "Intake: type of visit that the consult is",
    "booking.mode": "Book: appointments, or walk-in",
    "booking.series": "Book: a series as a whole, or infusion by infusion",
    "booking.notice_days": "Book: fewest days from the request to a first infusion",
    "booking.booster_notice_days": "Book: fewest days from the request to a booster",
    "booking.window_weeks": "Book: weeks for which it is open",
    "booking.prefer_days": "Book: days that a series may start later to get the preferred gaps",
    "booking.release_days": "Book: days before a date from which kept starts are open to all",
    "booking.standby": "Book: share of patients who can come at short notice",
    "booking.standby_notice_hours": "Book: fewest hours of notice that these patients need",
    "booking.first": "Book: who comes first of those who wait",
    "attendance.cancel_notice_days": "Attendance: days from a late cancellation to the appointment",
    "attendance.rebooks": "Attendance: share of missed infusions of a series that are booked again",
    "attendance.rebooks_booster": "Attendance: share of missed boosters that are booked again",
    "attendance.arrival_offset_minutes": "Attendance: minutes from appointment to arrival (negative: early)",
    "response.felt_by": "Response: share of responders who first feel it at each infusion",
    "relapse.follow_up_days": "Relapse: days without one after which the response counts as lasting",
    "boosters.policy": "Boosters: as needed, by a schedule, or both",
    "boosters.every_weeks": "Boosters: weeks from one to the next by the schedule",
    "boosters.check_in_days": "Boosters: days from one check-in with a patient to the next",
    "boosters.self_report": "Boosters: share of relapses that are reported at once",
    "boosters.infusions": "Boosters: infusions of one booster",
    "boosters.lapsed_after_days": "Boosters, today's patients: days without a visit after which one has left",
    "dosing.mg_per_kg": "Dose of a series, mg per kg",
    "dosing.booster_mg_per_kg": "Dose of a booster, mg per kg",
    "dosing.weight_kg": "Weight of a patient, kg",
    "finance.currency": "Currency",
    "finance.no_show_fee": "Fee for a no-show",
    "finance.on_costs": "Wages with what an employer pays on top, as a factor",
    "finance.overtime_factor": "Wages in overtime, as a factor",
    "finance.supplies_per_infusion": "Supplies of an infusion",
    "finance.drug_per_infusion": "Drug of an infusion",
    "targets.balked_share": "Limit: share of new patients turned away",
    "targets.queue_growth": "Limit: growth of queues, as a share of the series begun",
    "targets.overtime_day_share": "Limit: share of days that run late",
    "targets.started_on_time_share": "Limit: share of visits that start on time",
    "targets.booster_wait_days": "Limit: days from asking to booster",
    "targets.visits": "Targets for types of visit",
    "targets.roles": "Targets for roles",
    "targets.places": "Targets for places",
    "targets.own": "Targets on key figures of your own",
    "own.kpis": "Key figures of your own",
    "visits": "Further types of visit",
    "roles": "Other staff than nurses",
    "places": "Other places than chairs",
    "changes": "Changes from dates on",
}
"""Settings with one address."""

_LAST = {
    "role": "who works in it",
    "break": "break",
    "break_together": "whether all have their break at the same time",
    "absence": "share of days on which each of them is away",
    "gap_days": "preferred days from one infusion to the next, fewest and most",
    "permitted_gap_days": "acceptable days from one infusion to the next, fewest and most",
    "response_ratio": "share of responders, as a ratio to the usual one",
    "visit": "type of visit of the series",
    "booster_visit": "type of visit of boosters",
    "first_visit_extra_minutes": "minutes more at the first visit",
    "nurse": "a nurse for one patient alone (hands-on), for several (watch), or none",
    "patients_per_nurse": "patients whom one nurse watches at once",
    "claims": "people of each role that it takes",
    "chair": "whether it takes a chair",
    "patient": "whether the patient is there",
    "probability": "share of visits with it",
    "from_infusion": "first infusion with it",
    "to_infusion": "last infusion with it",
    "step": "the step that it makes longer",
    "extra_minutes": "minutes more",
}
"""The last part of an address of which there are several."""

_OF = (
    (re.compile(r"shifts\.([^.]+)\.(\w+)"), "Shift {}"),
    (re.compile(r"protocols\.([^.]+)\.(\w+)"), "Protocol {}"),
    (re.compile(r"visit\.steps\.([^.]+)\.(\w+)"), "Visit, step {}"),
    (re.compile(r"visit\.complications\.([^.]+)\.(\w+)"), "Visit, complication {}"),
    (re.compile(r"visits\.([^.]+\.steps\.[^.]+)\.(\w+)"), "Visit {}"),
)


def label(address: str) -> str:
    """Name a setting for people, without its address.

    Parameters
    ----------
    address
        As in scenario files.
    """
    if address in _LABELS:
        return _LABELS[address]
    for pattern, of in _OF:
        if (found := pattern.fullmatch(address)) and found[2] in _LAST:
            return f"{of.format(found[1].replace('.steps.', ', step '))}: {_LAST[found[2]]}"
    words = setting_words(address)
    return f"{words[:1].upper()}{words[1:]}"
