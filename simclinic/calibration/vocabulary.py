"""Words of exports for outcomes of appointments and kinds of visits, and their meanings.

>>> STATUSES["did not attend"], STATUSES["late cancel"]
('no-show', 'cancelled')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simclinic.calibration.text import plain

COMPLETED, NO_SHOW, CANCELLED, BOOKED, IGNORE = "completed", "no-show", "cancelled", "booked", "ignore"
IN_TIME = "cancelled in time"
"""Meaning of a cancellation earlier than the scenario's notice, by its date; no word stands for it."""
INDUCTION, BOOSTER, UNSAID = "induction", "booster", "infusion"
CONSULT, FOLLOW_UP = "consult", "follow-up"

_SAME_STATUS = {
    COMPLETED: (
        *("completed", "complete", "attended", "seen", "arrived", "checked out", "check out", "checked in"),
        *("fulfilled", "done", "finished", "present", "showed", "show", "kept", "treated", "came"),
        *("checkedout", "attended on time", "arrived late", "discharged", "in treatment"),
    ),
    NO_SHOW: (
        *("no show", "noshow", "no showed", "ns", "dna", "did not attend", "did not arrive", "did not show"),
        *("missed", "failed to attend", "fta", "absent", "no call no show", "ncns", "not attended"),
        *("no showed appointment", "did not keep", "missed appointment", "unattended"),
    ),
    CANCELLED: (
        *(
            "cancelled",
            "canceled",
            "cancel",
            "cancellation",
            "late cancel",
            "late cancelled",
            "late canceled",
        ),
        *("late cancellation", "cancelled late", "canceled late", "same day cancel", "same day cancellation"),
        *(
            "cancelled by patient",
            "canceled by patient",
            "patient cancelled",
            "patient canceled",
            "cx",
            "cxl",
        ),
        *("client cancelled", "client canceled", "cancelled by client", "canceled by client"),
    ),
    BOOKED: (
        *("booked", "scheduled", "confirmed", "unconfirmed", "pending", "upcoming", "planned", "future"),
        *("reserved", "open", "to come", "proposed", "waitlist", "not yet", "no action taken"),
    ),
    IGNORE: ("entered in error",),
}
_SAME_KIND = {
    INDUCTION: (
        *("induction", "series", "initial", "initial series", "loading", "induction infusion", "acute"),
        *("induction series", "initial infusion", "series infusion", "ketamine induction"),
    ),
    BOOSTER: (
        *("booster", "boosters", "maintenance", "booster infusion", "maintenance infusion", "top up"),
        *("ketamine booster", "ketamine maintenance", "follow up infusion"),
    ),
    UNSAID: (
        "infusion",
        "ketamine infusion",
        "iv ketamine",
        "ketamine iv",
        "ketamine",
        "treatment",
        "iv",
        "",
    ),
    CONSULT: (
        *("consult", "consultation", "new patient consult", "new patient consultation", "initial consult"),
        *("initial consultation", "intake", "intake visit", "evaluation", "new patient evaluation"),
        *("initial evaluation", "assessment", "screening"),
    ),
    FOLLOW_UP: ("follow up consult", "follow up consultation"),
    IGNORE: ("phone call", "telehealth"),
}


def _turned(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {word: meaning for meaning, words in table.items() for word in words}


STATUSES = _turned(_SAME_STATUS)
"""Meanings of statuses, by normalised word."""
KINDS = _turned(_SAME_KIND)
"""Meanings of kinds of visits, by normalised word."""
MEANINGS = {
    "status": (COMPLETED, NO_SHOW, CANCELLED, BOOKED, IGNORE),
    "kind": (INDUCTION, BOOSTER, UNSAID, CONSULT, FOLLOW_UP, IGNORE),
}
"""Meanings that `--status` and `--kind` accept; kinds can also be types of visit, see :func:`meanings`."""

_NHS_HEADINGS = ("attended or did not attend", "attended or did not attend code", "attendance code")
_NHS = {"5": COMPLETED, "6": COMPLETED, "7": NO_SHOW, "3": NO_SHOW, "2": CANCELLED, "0": BOOKED}
"""Attendance codes of the NHS Data Dictionary; 4, cancelled by the provider, raises a question."""

YES = frozenset(
    {"y", "yes", "true", "t", "1", "x", "oui", "o", "ja", "j", "si", "sí", "s", "sim", "vrai", "wahr"}
)
NO = frozenset(
    {"n", "no", "false", "f", "0", "", "non", "nein", "nee", "nej", "nei", "não", "faux", "falsch"}
)
ATTENDED = frozenset({"attended", "showed", "showed up", "kept", "appt kept", "appt kept ind", "did attend"})
"""Headings of yes/no columns whose no is a no-show."""
FLAGS = {
    **dict.fromkeys(
        (
            *(
                "no show",
                "noshow",
                "no shows",
                "is no show",
                "no show flag",
                "no show indicator",
                "no show yn",
            ),
            *(
                "dna",
                "did not attend",
                "did not arrive",
                "missed",
                "missed appointment",
                "absent",
                "not attended",
            ),
            *("nicht erschienen", "no asistió", "ausente", "faltou", "assente", "afwezig", "uteblev"),
        ),
        NO_SHOW,
    ),
    **dict.fromkeys(
        (
            *("late cancel", "late cancelled", "late canceled", "late cancellation", "late cancel flag"),
            *("cancelled", "canceled", "is cancelled", "is canceled", "cancelled flag", "canceled flag"),
        ),
        CANCELLED,
    ),
}
"""Headings of yes/no columns, and the meaning of a yes."""


def meanings(what: str, types: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the meanings that words of a column may have.

    >>> meanings("kind", ["infusion", "esketamine"])[3:]
    ('consult', 'follow-up', 'ignore', 'esketamine', 'esketamine induction', 'esketamine booster')

    Parameters
    ----------
    what
        "status" or "kind".
    types
        The scenario's types of visit: kinds, alone or as induction or booster.
    """
    allowed = MEANINGS[what]
    if what != "kind":
        return allowed
    own = [name for name in types if name not in allowed]
    return (*allowed, *(f"{name}{kind}" for name in own for kind in ("", f" {INDUCTION}", f" {BOOSTER}")))


def known_words(what: str, heading: str, types: Sequence[str] = ()) -> dict[str, str]:
    """Return the meanings of words that need no answer.

    Parameters
    ----------
    what
        "status" or "kind".
    heading
        The column's heading: some have codes of their own.
    types
        The scenario's types of visit: their names need no answer.
    """
    if what == "kind":
        return KINDS | {plain(name): name for name in types if plain(name) not in KINDS}
    return STATUSES | _NHS if plain(heading) in _NHS_HEADINGS else STATUSES


def read_flag_column(heading: str, cells: Sequence[str]) -> tuple[str, list[bool]] | None:
    """Return the meaning of a yes/no column, and whether each row says yes; None for any other column."""
    marked = marks(heading)
    folded = [cell.casefold() for cell in cells]
    if marked is None or not set(folded) <= YES | NO:
        return None
    meaning, words = marked
    if not set(folded) & words or not set(folded) & YES:
        return None
    return meaning, [cell in words for cell in folded]


def marks(heading: str) -> tuple[str, frozenset[str]] | None:
    """Return what a yes/no column marks by its heading, and the words that mark it; None for any other column.

    >>> marks("No Show")[0], "no" in marks("Attended")[1], marks("Status")
    ('no-show', True, None)
    """
    heading = plain(heading)
    if heading in FLAGS:
        return FLAGS[heading], YES
    return (NO_SHOW, NO - {""}) if heading in ATTENDED else None
