"""What people look for under a name that is no setting, and how it is written here."""

from __future__ import annotations

_WISHES = (
    (
        ("first_infusion", "first_visit", "new_patient_day", "first_day"),
        'first infusions only while a role is there: in a step claims.NAME = { need = "on-site", to_infusion = 1 }',
    ),
    (
        ("waitlist", "wait_list", "waiting_list", "short_notice", "call_list"),
        "patients who can come at short notice: booking.standby, the share of those who wait",
    ),
    (("overbook", "double_book"), "two visits at one time: a time twice in booking.starts"),
    (("priorit",), 'who comes first among those who wait: booking.first, such as ["booster", "series"]'),
    (
        ("lunch", "noon", "pause", "siesta"),
        'closed over noon: two spans of hours, "08:00-12:00, 13:00-17:00"; a break of nurses: break in their shift',
    ),
    (("holiday", "vacation", "closed"), "closed days: clinic.closed_on, dates or ranges of dates"),
    (
        ("biweekly", "alternate", "every_other", "fortnight", "odd_weeks", "even_weeks"),
        "hours or shifts of some weeks: weeks = [1, 3] of the month, or every = 2 and from, a date",
    ),
    (
        (
            "doctor",
            "prescriber",
            "physician",
            "psychiatrist",
            "therapist",
            "assistant",
            "technician",
            "anesthe",
        ),
        'other staff: [roles.NAME] with hour, shifts with role = "NAME", and claims in the steps that need them',
    ),
    (
        ("wage", "salary", "pay_rate", "hourly"),
        "wages: finance.nurse_hour, and roles.NAME.hour of another role",
    ),
    (("room", "bed", "bay", "couch", "office"), '[places.NAME] with number, and place = "NAME" in a step'),
    (
        ("esketamine", "spravato", "visit_type", "consult_minutes", "infusion_minutes", "duration"),
        'lengths: visit.steps.NAME.minutes; another type of visit: [visits.NAME], and visit = "NAME" in a protocol',
    ),
)
"""Words in names, and what to write instead."""

_NAMES = {
    **dict.fromkeys(
        ("share", "shares", "mix", "proportion", "fraction", "weight"),
        "how many patients have each protocol: demand.protocol_mix, such as { twice-weekly = 0.6, spravato = 0.4 }",
    ),
}
"""Whole names, whose words are in those of other settings, too."""


def wish(name: str) -> str | None:
    """Say how to write what a name asks for; None if nothing is known about it.

    >>> wish("overbooking")
    'two visits at one time: a time twice in booking.starts'
    """
    plain = name.lower().replace("-", "_")
    return _NAMES.get(plain) or next(
        (how for words, how in _WISHES if any(word in plain for word in words)), None
    )
