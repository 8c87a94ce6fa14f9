"""Settings in words, for sentences: nobody should have to read an address to read an answer.

>>> setting_words("clinic.chairs"), setting_words("shifts.late.nurses")
('chairs', 'nurses of the shift late')
>>> setting_words("boosters.check_in_days")
'boosters: check in days'
>>> setting_words("protocols.spravato.boosters.uptake")
'share who take boosters, spravato'
"""

from __future__ import annotations

import re

_WORDS = {
    "run.warm_up_weeks": "weeks of warm-up",
    "run.weeks": "measured weeks",
    "clinic.chairs": "chairs",
    "clinic.closed_on": "days on which the clinic is closed",
    "clinic.hours": "opening hours",
    "demand.referrals_per_week": "referrals a week",
    "demand.growth_per_year": "growth of referrals in a year",
    "demand.protocol_mix": "mix of protocols",
    "intake.accepts": "share of patients at the consult who go on to treatment",
    "intake.contraindicated": "share of referred patients who must not be treated",
    "intake.days_to_consult": "days from referral to the consult",
    "intake.days_to_decide": "days from the consult to the decision",
    "intake.visit": "type of visit that the consult is",
    "intake.consult_no_show": "share of patients who miss the consult",
    "response.probability": "share of responders",
    "response.drop_out": "share who drop out after each infusion",
    "relapse.days": "days to relapse",
    "relapse.days.mu": "days to relapse (logarithm of the median)",
    "relapse.days.sigma": "spread of the days to relapse",
    "relapse.days.never": "share who never relapse",
    "boosters.uptake": "share who take boosters",
    "boosters.attrition": "share who leave after each booster",
    "boosters.days": "days from a booster to the next relapse",
    "boosters.days.median": "median days from a booster to the next relapse",
    "boosters.lengthening": "factor on these days for each earlier booster",
    "booking.standby": "share of patients on standby",
    "booking.convert_days": "days ahead from which starts serve other types of visit",
    "booking.types": "starts for any type of visit, or each for one",
    "booking.booster_reserve": "share of starts reserved for boosters",
    "booking.patience_days": "days that a new patient would wait",
    "booking.start_every_minutes": "minutes between starts",
    "attendance.no_show": "share of no-shows",
    "attendance.late_cancel": "share of late cancellations",
    "finance.price_per_infusion": "price of an infusion",
    "finance.price_per_booster": "price of a booster",
    "finance.nurse_hour": "wage of a nurse per hour",
}

_OF_PROTOCOL = re.compile(r"protocols\.([^.]+)\.((?:response|relapse|boosters)\..+)")
"""What a protocol says itself of a setting that the scenario has, too."""

_ADDRESS = re.compile(
    r"(?<![\w./-])(?:run|clinic|shifts|roles|places|demand|intake|protocols|booking|attendance|visits?|response|relapse|boosters"
    r"|dosing|finance|targets)(?:\.[A-Za-z0-9_-]*[A-Za-z0-9_])+(?![\w/(-])"
)
_FILE = re.compile(r"\.(?:toml|csv|tsv|json|jsonl|xlsx|html|parquet)$")

_PATTERNS = (
    (re.compile(r"shifts\.([^.]+)\.nurses"), "nurses of the shift {}"),
    (re.compile(r"shifts\.([^.]+)\.number"), "staff of the shift {}"),
    (re.compile(r"shifts\.([^.]+)\.hours"), "hours of the shift {}"),
    (re.compile(r"shifts\.([^.]+)\.days"), "days of the shift {}"),
    (re.compile(r"places\.([^.]+)\.number"), "number of places, {}"),
    (re.compile(r"roles\.([^.]+)\.hour"), "wage per hour, {}"),
    (re.compile(r"visits\.([^.]+)\.price"), "price of a visit, {}"),
    (re.compile(r"visits\.([^.]+)\.steps\.([^.]+)\.minutes"), "minutes of {1}, {0}"),
    (re.compile(r"visits\.([^.]+)\.steps\.([^.]+)\.minutes\.mean"), "mean minutes of {1}, {0}"),
    (re.compile(r"visits\.([^.]+)\.steps\.([^.]+)\.minutes\.median"), "median minutes of {1}, {0}"),
    (re.compile(r"clinic\.hours\.([^.]+)"), "opening hours on {}"),
    (re.compile(r"protocols\.([^.]+)\.infusions"), "infusions of a series, {}"),
    (re.compile(r"visit\.steps\.([^.]+)\.minutes"), "minutes of {}"),
    (re.compile(r"visit\.steps\.([^.]+)\.minutes\.mean"), "mean minutes of {}"),
    (re.compile(r"visit\.steps\.([^.]+)\.minutes\.median"), "median minutes of {}"),
)


def setting_words(address: str) -> str:
    """Name a setting in words: by its own, or by the parts of its address.

    Parameters
    ----------
    address
        As in scenario files.
    """
    if address in _WORDS:
        return _WORDS[address]
    if found := _OF_PROTOCOL.fullmatch(address):
        return f"{setting_words(found[2])}, {found[1]}"
    for pattern, words in _PATTERNS:
        if found := pattern.fullmatch(address):
            return words.format(*found.groups())
    first, *others = (part.replace("_", " ") for part in address.split("."))
    return f"{first}: {', '.join(others)}" if others else first


def in_words(sentence: str) -> str:
    """Name the settings in a sentence in words; names of files stay.

    >>> in_words("Raise clinic.chairs in clinic.toml.")
    'Raise chairs in clinic.toml.'
    """
    return _ADDRESS.sub(
        lambda found: found[0] if _FILE.search(found[0]) else setting_words(found[0]), sentence
    )
