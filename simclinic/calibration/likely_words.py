"""What a status that is not known probably means, to be offered first in a question. It is never assumed.

The parts of words are those of languages of western and northern Europe, without accents.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from simclinic.calibration.vocabulary import (
    BOOKED,
    BOOSTER,
    CANCELLED,
    COMPLETED,
    CONSULT,
    FOLLOW_UP,
    IGNORE,
    INDUCTION,
    NO,
    NO_SHOW,
    UNSAID,
    YES,
    marks,
)

_LATE = re.compile(
    r"\b(?:late|same[ -]day|short[ -]notice|last[ -]minute|less than|under|within|kurzfristig\w*|tard\w*|laat)\b"
    r"|<\s*\d",
    re.IGNORECASE,
)
_EARLY = re.compile(
    r"\b(?:early|advance|ahead|in time|timely|with notice|more than|over|at least|rechtzeitig\w*)\b|>=?\s*\d",
    re.IGNORECASE,
)
_MOVED = (
    "re ?sched|re ?book|moved|postpon|bumped|changed|transferred|verschob|verlegt|umgebucht|verplaatst|verzet"
    "|reprogram|re ?agend|remarcad|reporte|deplace|spostat|riprogram|ombok|flytt|entered in error"
)
_MISSED = (
    r"no ?shows?\b|noshow|n s$|nosh$|did not|didn t|not (?:attend|arriv|show|kept|seen)|dna$|missed"
    "|failed to|absen|ausen|inasist|assent|nicht (?:erschien|gekomm|angetret|wahrg)|unentschuld|versaumt"
    r"|niet (?:versch|gekom|opged)|no (?:asist|acud|vino|se present)|falt(?:ou|a)\b|nao (?:compar|veio)"
    "|non (?:present|venu|honor|excus)|uteb|udeb|ikke (?:mott|modt)"
)
_CANCELLED = (
    r"(?:\w+ )*(?:cancel|canc\b|cxl?\b|c x$|annul|storn|abgesagt|absage|afgezegd|afgemeld|geannul|anulad"
    "|suspend|disdett|avbok|avbest|aflyst|avlyst|desmarc)"
)
_BOOKED = (
    "(?:un)?confirm|(?:un)?schedul|book|pend|upcoming|future|none$|planned|geplan|gepland|gebucht|vereinbart"
    "|bestatigt|offen|a venir|prevu|planifi|programad|program|agendad|marcad|reservad|prenotat|bokad"
    "|bestilt|planlagt"
)
_COMPLETED = (
    r"comp(?:l|\b)|attend|arriv|arr$|check|seen|show|present|kept|honor|vue?\b|venue?\b|effectu|realis"
    "|erschien|durchgef|erledigt|abgeschl|behandelt|wahrgen|asisti|atendid|realizad|cumplid|efectuad"
    "|finaliz|compareceu|eseguit|effettuat|concluid|afgerond|verschenen|voltooid|genomf|besokt|gennemf"
    "|utfort|done|finish|treat"
)
_STEMS = tuple(
    (meaning, re.compile(rf"\b(?:{parts})"))
    for meaning, parts in (
        (IGNORE, _MOVED),
        (NO_SHOW, _MISSED),
        (CANCELLED, _CANCELLED),
        (BOOKED, _BOOKED),
        (COMPLETED, _COMPLETED),
    )
)
_NOT = re.compile(r"\b(?:without|not|no|non|nicht|niet|nao|ikke|never)\b")
_OPENEMR = {
    **dict.fromkeys((">", "<", "@", "~", "$"), COMPLETED),
    "?": NO_SHOW,
    "%": CANCELLED,
    "x": IGNORE,
    "-": BOOKED,
    "^": BOOKED,
}
"""Symbols of OpenEMR."""


def _bare(words: str) -> str:
    """Write words without accents, capitals and signs."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().casefold()
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def likely_status(words: str) -> str | None:
    """Return the probable meaning of a status; None if nothing suggests one.

    >>> likely_status("Nicht erschienen"), likely_status("Annul\u00e9"), likely_status("Canceled > 24 h")
    ('no-show', 'cancelled', 'ignore')
    """
    if words.strip() in _OPENEMR:
        return _OPENEMR[words.strip()]
    bare = _bare(words)
    meaning = next((meaning for meaning, parts in _STEMS if parts.search(bare)), None)
    if meaning == COMPLETED and _NOT.search(bare):
        return None
    return IGNORE if meaning == CANCELLED and _EARLY.search(words) else meaning


_ESKETAMINE = re.compile(r"spravato|esketamin|\bspv|\bg208[23]\b|\bs0013\b")
_GIVEN = re.compile(r"infus|inject|\bdos(?:e|ing|is)")
_TREATMENT = re.compile(rf"{_GIVEN.pattern}|ket\B|\bket\b|treat|behandl|trait|tratam|spravato|\biv\b")
"""What is given, which no consult is; and words of a treatment, at which a follow-up may be one, too."""
_NO_TREATMENT = (
    (IGNORE, re.compile(r"phone|tele|video|anruf|llamada|appel\b")),
    (
        FOLLOW_UP,
        re.compile(
            r"follow ?up|\bf u\b|recheck|check ?(?:up|in)\b|verlauf|nachsorge|kontroll|controle?\b|suivi|seguim"
            r"|\b9921[1-5]\b"
        ),
    ),
    (
        CONSULT,
        re.compile(
            r"consult|konsult|intake|eval|screen|asses|interview|new p(?:atien)?t\b|initial visit|first visit"
            r"|beratung|gesprach|aufnahme|vorstellung|kennismaking|entretien|bilan|colloqui|prim(?:er)?a visita"
            r"|valutaz|valorac|avaliac|samtal|bedomning|vurdering|\b9920[2-5]\b|\b9079[12]\b"
        ),
    ),
)
_KINDS = (
    (IGNORE, re.compile(r"therap|psych|\btms\b|\bmed\b|\blab")),
    (INDUCTION, re.compile(r"induc|series|loading|initial")),
    (BOOSTER, re.compile(r"boost|maint|top ?up")),
    (UNSAID, re.compile(r"ket|infus|\biv\b|\b9636[56]\b|\bj3490\b")),
)


def likely_kind(words: str, allowed: Sequence[str]) -> str | None:
    """Return the probable meaning of a kind of visit, among those allowed; None if nothing suggests one.

    >>> likely_kind("New Consult", ["infusion"]), likely_kind("Spravato 84 mg", ["infusion", "esketamine"])
    ('consult', 'esketamine')
    """
    bare = _bare(words)
    found = next((meaning for meaning, parts in _NO_TREATMENT if parts.search(bare)), None)
    if found is not None and not (_GIVEN if found == CONSULT else _TREATMENT).search(bare):
        return found
    if _ESKETAMINE.search(bare):
        return next((each for each in allowed if each == "esketamine"), IGNORE)
    return next((meaning for meaning, parts in _KINDS if parts.search(bare)), None)


def likely_flag(heading: str, word: str) -> str | None:
    """Return the probable meaning of yes and no in a column that is the status; None for other columns and words.

    >>> likely_flag("No-show", "Yes"), likely_flag("Attended", "N"), likely_flag("Status", "Yes")
    ('no-show', 'no-show', None)
    """
    marked, word = marks(heading), word.strip().casefold()
    if marked is None or word not in YES | NO:
        return None
    meaning, words = marked
    return meaning if word in words else COMPLETED


def is_late(words: str) -> bool:
    """Return whether words name a cancellation that came too late.

    >>> is_late("Late Cancel"), is_late("Cancelled < 24 hrs"), is_late("Cancelled"), is_late("Arrived late")
    (True, True, False, False)
    """
    return bool(_LATE.search(words)) and likely_status(words) == CANCELLED
