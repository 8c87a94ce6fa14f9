"""How many at once: the share of time with so many chairs in use, patients waiting, tasks under way.

A mean says little about how often a clinic is full. These distributions say it: of the time that counts, the share
with none, one, two and so on. Chairs and places, and the queues for them, count within opening hours; what staff do
counts while somebody of the role is present.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from simclinic.arrays import Floats
from simclinic.measures.in_use import InUse
from simclinic.measures.occupancy import Spans
from simclinic.measures.queues import queue_for
from simclinic.measures.section import Weekly
from simclinic.measures.window import Window
from simclinic.records import Records
from simclinic.scenario import Scenario
from simclinic.scenario.visit import CHAIR, NURSE

IN_USE, WAITING, IN_LOBBY, HANDS_ON, WATCHED = "in_use", "waiting", "in_lobby", "hands_on", "watched"

AT_ONCE = {
    IN_USE: "Share of opening hours with so many chairs, or other places, in use.",
    WAITING: "Share of opening hours with so many patients in the clinic who wait for a chair, or another place.",
    IN_LOBBY: "Share of opening hours with so many patients who wait for a chair or another place and hold none.",
    HANDS_ON: "Share of the time with somebody of the role present in which so many hands-on tasks are under way.",
    WATCHED: "Share of the time with somebody of the role present in which so many patients are watched.",
}
"""What is counted, and what its shares mean."""

COLUMNS = {
    "what": "what is counted: `in_use`, `waiting`, `in_lobby`, `hands_on` or `watched`",
    "part": "of which place or role; empty for the lobby",
    "number": "how many",
    "share": "share of the time with exactly so many",
}
"""Columns of the table, and their meaning."""


def at_once(
    records: Records, scenario: Scenario, window: Window, in_use: InUse, roles: Mapping[str, InUse]
) -> Weekly:
    """Measure all distributions of a replication.

    Parameters
    ----------
    records, scenario, window
        The tables, the clinic and the measured weeks.
    in_use
        Of chairs and nurses.
    roles
        Of the other roles, by name.

    Returns
    -------
    dict of arrays
        The columns of `COLUMNS`, a row for each number up to the most that was seen. What a clinic never has, such
        as watching by a role that watches nobody, has no rows; neither has a role that is never present. Chairs of
        a clinic that is never open have one row, whose share is NaN.
    """
    found: list[tuple[str, str, Floats]] = []
    for what, part, minutes in _counted(records, scenario, window, in_use, roles):
        total = minutes.sum()
        if total > 0.0 or not found:
            found.append((what, part, minutes / total if total > 0.0 else np.full(1, np.nan)))
    lengths = [len(shares) for *_, shares in found]
    return {
        "what": np.repeat(np.array([what for what, *_ in found], dtype=np.str_), lengths),
        "part": np.repeat(np.array([part for _, part, _ in found], dtype=np.str_), lengths),
        "number": np.concatenate([np.arange(length) for length in [*lengths, 0]]),
        "share": np.concatenate([*(shares for *_, shares in found), np.zeros(0)]),
    }


def _counted(
    records: Records, scenario: Scenario, window: Window, in_use: InUse, roles: Mapping[str, InUse]
) -> Iterator[tuple[str, str, Floats]]:
    """Count minutes with each number: what is counted, of which part, and the minutes."""
    yield IN_USE, CHAIR, in_use.chairs.by_number(in_use.open)
    for column, place in enumerate(records.places):
        held = window.occupancy(*(records.visits[name][:, column] for name in ("place_from", "place_to")))
        yield IN_USE, place, held.by_number(in_use.open)
    lobby: list[Any] = []
    for place in (CHAIR, *records.places):
        begin, end, outside = queue_for(records, scenario, place)
        yield WAITING, place, window.occupancy(begin, end).by_number(in_use.open)
        lobby.append((begin[outside], end[outside]))
    if records.places:
        begin, end = (np.concatenate(part) for part in zip(*lobby, strict=True))
        yield IN_LOBBY, "", window.occupancy(begin, end).by_number(in_use.open)
    for role, here in {NURSE: in_use, **roles}.items():
        there = _inside(here.staffed, window)
        for what, need, held in ((HANDS_ON, "hands-on", here.hands), (WATCHED, "watch", here.watched)):
            if _claimed(scenario, role, need):
                yield what, role, held.by_number(there)


def _claimed(scenario: Scenario, role: str, need: str) -> bool:
    claims = [step.needs[role] for step in scenario.steps.values() if role in step.needs]
    return any(claim.need == need or (need == "watch" and claim.watch is not None) for claim in claims)


def _inside(spans: Spans, window: Window) -> Spans:
    """Cut spans to the measured weeks."""
    begin, end = np.clip(spans.begin, 0.0, window.end), np.clip(spans.end, 0.0, window.end)
    return Spans(begin[begin < end], end[begin < end])


def average(table: Weekly, what: str, part: str) -> float:
    """Return the time-average of the number; NaN if there is none."""
    rows = (table["what"] == what) & (table["part"] == part)
    return float((table["number"] * table["share"])[rows].sum()) if rows.any() else float("nan")
