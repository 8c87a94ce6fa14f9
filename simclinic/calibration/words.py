"""What an export calls things: outcomes of appointments, and kinds of visits.

>>> STATUSES["did not attend"], STATUSES["late cancel"]
('no-show', 'cancelled')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simclinic.calibration.export import ExportError, plain
from simclinic.errors import Problem
from simclinic.scenario.problems import nearest

COMPLETED, NO_SHOW, CANCELLED, BOOKED, IGNORE = "completed", "no-show", "cancelled", "booked", "ignore"
INDUCTION, BOOSTER, UNSAID = "induction", "booster", "infusion"

_SAME_STATUS = {
    COMPLETED: (
        *("completed", "complete", "attended", "seen", "arrived", "checked out", "check out", "checked in"),
        *("fulfilled", "done", "finished", "present", "showed", "show", "kept", "treated", "came"),
    ),
    NO_SHOW: (
        *("no show", "noshow", "no showed", "ns", "dna", "did not attend", "did not arrive", "did not show"),
        *("missed", "failed to attend", "fta", "absent", "no call no show", "ncns", "not attended"),
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
        *("reserved", "open", "to come"),
    ),
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
    IGNORE: (
        *(
            "consult",
            "consultation",
            "new patient consult",
            "intake",
            "evaluation",
            "assessment",
            "screening",
        ),
        *("initial consult", "initial consultation", "phone call", "telehealth"),
    ),
}


def _turned(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {word: meaning for meaning, words in table.items() for word in words}


STATUSES = _turned(_SAME_STATUS)
"""The meaning of a status, by its word in small letters and blanks."""
KINDS = _turned(_SAME_KIND)
"""The meaning of a kind of visit."""
MEANINGS = {
    "status": (COMPLETED, NO_SHOW, CANCELLED, BOOKED, IGNORE),
    "kind": (INDUCTION, BOOSTER, UNSAID, IGNORE),
}
"""What a word can be said to mean, for `--status` and `--kind`."""
_MOST_WORDS = 40


def meanings(
    cells: Sequence[str], lines: Sequence[int], said: Mapping[str, str], *, what: str, heading: str, file: str
) -> list[str]:
    """Tell what each cell of a column means.

    Parameters
    ----------
    cells, lines
        The column, and the line of each cell.
    said
        What somebody says words mean (`{"Attnd": "completed"}`).
    what
        "status" or "kind".
    heading, file
        For errors.

    Raises
    ------
    ExportError
        With all words that are not known, each with the lines it stands on first.
    """
    allowed = MEANINGS[what]
    problems = []
    known = dict(STATUSES if what == "status" else KINDS)
    for word, meaning in said.items():
        if meaning not in allowed:
            rule = f"--{what} {word!r}: must mean {', '.join(allowed[:-1])} or {allowed[-1]}"
            problems.append(Problem(rule, value=repr(meaning), suggestion=nearest(meaning, allowed)))
        known[plain(word)] = meaning
    unknown: dict[str, list[int]] = {}
    by_cell = {cell: known.get(plain(cell)) for cell in set(cells)}
    strange = {cell for cell, meaning in by_cell.items() if meaning is None}
    if strange:
        for cell, line in zip(cells, lines, strict=True):
            if cell in strange:
                unknown.setdefault(cell, []).append(line)
    for word, where in list(unknown.items())[:_MOST_WORDS]:
        shown = f"{word[:40]!r}" if word else "an empty cell"
        places = ", ".join(map(str, where[:5])) + (f" and {len(where) - 5:,} more" if len(where) > 5 else "")
        shown += f" in line{'s' if len(where) > 1 else ''} {places}"
        rule = (
            f"{heading!r} says {shown}, which is not known: say what it means with --{what} "
            f'"{word[:40]}={allowed[0]}", or {", ".join(allowed[1:-1])} or {allowed[-1]}'
        )
        if what == "kind":
            rule += "; --column kind= if the column is about something else"
        problems.append(Problem(rule, file=file))
    if len(unknown) > _MOST_WORDS:
        rule = f"{len(unknown) - _MOST_WORDS:,} more words are not known: is {heading!r} the right column?"
        problems.append(Problem(rule, file=file))
    if problems:
        raise ExportError(problems)
    return [by_cell[cell] or "" for cell in cells]
