"""Key figures by type of visit, by role and by place: what the terminal and the report show of them.

A clinic with one type of visit, nurses and chairs has no such tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from simclinic.measures import KPIS
from simclinic.measures.groups import PAY, PLACE, ROLE, VISIT, part_of, unused
from simclinic.measures.intervals import CONSTANT
from simclinic.report.text.numbers import with_interval
from simclinic.results.document import Figure

TITLES = {VISIT: "By type of visit", ROLE: "By role", PLACE: "By place"}
"""Titles of the tables, by what the parts are."""

_SHOWN: dict[str, dict[str, str]] = {
    VISIT: {
        "infusions_per_week": "Visits",
        "access_days_mean": "Days to first visit, mean",
        "balked_share": "Turned away",
        "wait_minutes_mean": "Wait on the day, mean",
        "wait_minutes_p90": "Wait on the day, 9 in 10 within",
        "waited_share": "Waited on the day",
        "delayed_share": "Waited too long on the day",
        "visit_minutes_mean": "Length of a visit",
        "separate_starts_patients_per_week": "Lost to separate starts",
    },
    ROLE: {
        "nurse_hands_on_utilisation": "Time hands-on",
        "nurse_watch_utilisation": "Time watching",
        "overtime_nurse_hours_per_week": "Overtime",
        PAY: "Pay, overtime included",
    },
    PLACE: {
        "chair_utilisation": "In use",
        "waited_for_chair_minutes_mean": "Waited for one, mean",
        "waited_for_chair_minutes_p90": "Waited for one, 9 in 10 within",
        "queue_length_mean": "Waiting for one, at once",
    },
}
"""Key figures in the tables, in words that suit each part. Visits of a type are all of it, consults among them."""


_BY_PLAN = ("nurse_hands_on_utilisation", "nurse_watch_utilisation")
"""Figures that are nothing where no step claims such a thing of the role."""

NOTES = {
    ROLE: "Waits for hands-on or watching staff, above, are for any role; those for a role that must be on site "
    "count as waits for hands-on staff."
}
"""What must be known beside a table, by kind of part."""


_OF_TYPES = {
    "access_days_mean": "Days to first treatment, mean",
    "access_days_p90": "Days to first treatment, 9 in 10 within",
    "waiting_for_series_mean": "Waiting for a first treatment",
    "infusions_per_week": "Treatments",
    "induction_per_week": "Treatments of series",
    "booster_share": "Boosters among treatments",
    "ketamine_mg_per_week": "Ketamine, of infusions",
}
"""What a series or a booster gives is a treatment; consults are visits, and no treatments."""
_OF_ROLES = {
    "waited_for_hands_minutes_mean": "Waited for hands-on staff",
    "waited_for_eyes_minutes_mean": "Waited for watching staff",
}


def of_types(figures: Iterable[str]) -> bool:
    """Tell by the names of its figures whether a clinic has several types of visit."""
    return VISIT in _kinds(figures)


def treatment_of(figures: Iterable[str]) -> str:
    """Name what a series or a booster gives: an infusion, in a clinic with several types of visit a treatment.

    >>> treatment_of(["wait_minutes_mean"]), treatment_of(["wait_minutes_mean:spray"])
    ('infusion', 'treatment')
    """
    return "treatment" if of_types(figures) else "infusion"


def label_of(name: str, figures: Iterable[str]) -> str:
    """Name a figure of a whole clinic: its treatments are infusions, and its staff nurses, unless there are others.

    Parameters
    ----------
    name
        The figure.
    figures
        The names of all figures of the clinic, by which it shows whether there are others.
    """
    kinds = _kinds(figures)
    words = {**(_OF_TYPES if VISIT in kinds else {}), **(_OF_ROLES if ROLE in kinds else {})}
    return words.get(name, KPIS[name].label)


def words_of(name: str, words: str, figures: Iterable[str]) -> str:
    """Say "treatment" for "infusion", and "staff" for nurses' hands and eyes, where a clinic has others.

    Parameters
    ----------
    name
        A key figure; the words of one of a part are left as they are.
    words
        Its subject, or why it cannot be computed.
    figures
        The names of all figures of the clinic.

    Examples
    --------
    >>> words_of("access_days_mean", "nobody had a first infusion", ["wait_minutes_mean:spray"])
    'nobody had a first treatment'
    >>> words_of("waited_for_hands_minutes_mean", "wait for a nurse's hands", ["cost_per_week:prescriber"])
    'wait for hands-on staff'
    """
    if part_of(name) is not None:
        return words
    kinds = _kinds(figures)
    if VISIT in kinds:
        words = words.replace("infusion", "treatment")
    if ROLE in kinds:
        words = words.replace("a nurse's hands", "hands-on staff").replace("a nurse's eyes", "watching staff")
    return words


def _kinds(figures: Iterable[str]) -> set[str]:
    return {part[0] for name in figures if (part := part_of(name)) is not None}


def in_use(document: Mapping[str, Any]) -> str:
    """Say what of a clinic with other roles or places is in use how much, most first; empty for other clinics.

    Parameters
    ----------
    document
        Of a run.
    """
    if not (document.get(ROLE) or document.get(PLACE)):
        return ""
    kpis, found = document["kpis"], {}
    for name, words in (
        ("chair_utilisation", "chairs"),
        ("nurse_hands_on_utilisation", "hands of nurses"),
        ("nurse_watch_utilisation", "eyes of nurses"),
    ):
        found[words] = kpis[name]
        for other, figure in kpis.items():
            base, _, part = other.partition(":")
            if part and base == name:
                found[part if name == "chair_utilisation" else f"{words.partition(' ')[0]} of {part}"] = (
                    figure
                )
    used = {words: figure for words, figure in found.items() if figure["mean"]}
    most = sorted(used, key=lambda words: -used[words]["mean"])
    if not most:
        return ""
    listed = ", ".join(f"{words} {with_interval(used[words], 100.0)} %" for words in most)
    return f"In use, simulated, most first: {listed}."


class Row(NamedTuple):
    """A key figure of a part."""

    part: str
    figure: Figure


class Heading(NamedTuple):
    """A key figure, with a row for each part that has it."""

    name: str
    label: str
    rows: list[Row]


class PartTable(NamedTuple):
    """A table of one kind of part, and what is left out of it."""

    kind: str
    title: str
    headings: list[Heading]
    notes: list[str]


def part_tables(document: Mapping[str, Any]) -> Iterator[PartTable]:
    """Lay out the figures of a clinic's parts, figure by figure, so that parts stand below each other.

    Parameters
    ----------
    document
        Of a run.
    """
    never = unused({name: figure["mean"] for name, figure in document["kpis"].items()})
    for kind, shown in _SHOWN.items():
        parts = document.get(kind) or {}
        headings = []
        for name, label in shown.items():
            known = {
                part: figures[name] for part, figures in parts.items() if _known(figures.get(name), name)
            }
            rows = [Row(part, one) for part, one in known.items() if one["mean"] or (kind, part) not in never]
            if any(not _nothing(figure) for figure in known.values()) and rows:
                headings.append(Heading(name, label, rows))
        if headings:
            told = [f"{words[0].upper()}{words[1:]}." for (which, _), words in never.items() if which == kind]
            yield PartTable(kind, TITLES[kind], headings, [*told, *([NOTES[kind]] if kind in NOTES else [])])


def _known(figure: Figure | None, name: str) -> bool:
    """Tell whether a figure says something; one that is nothing by plan, such as a role's watching, does not."""
    return figure is not None and figure["mean"] is not None and not nothing_by_plan(figure, name)


def nothing_by_plan(figure: Figure, name: str) -> bool:
    """Tell whether a figure is nothing because no visit needs it, as watching by a role that watches nobody."""
    return name in _BY_PLAN and _nothing(figure)


def _nothing(figure: Figure) -> bool:
    return figure["mean"] == 0 and figure["method"] == CONSTANT
