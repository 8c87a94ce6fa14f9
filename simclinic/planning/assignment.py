"""Who sits where: the chair and the nurse of each start of a template, for the sheet on the wall.

Chairs are taken lowest number first. A nurse who begins a task by hand finishes it if she can: of those who are
free, the nurse whose break or shift does not cut it off is chosen, and of several the one with fewest tasks so far.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from simclinic.planning.grid import PlannedVisit
from simclinic.planning.roster import Duties, Duty

_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the sheet.

    Attributes
    ----------
    start
        Minutes after midnight.
    chair
        Its number, from 1.
    nurse
        The shift and the number, from 1, of the nurse who begins the visit; None if no nurse is needed by hand.
    relieved
        Whether another nurse has to take over, because of a break or the end of a shift.
    """

    start: float
    chair: int
    nurse: tuple[int, int] | None
    relieved: bool


@dataclass(slots=True, eq=False)
class _Nurse:
    shift: int
    number: int
    spans: list[tuple[float, float]]
    free_from: float = -math.inf
    tasks: int = 0

    def until(self, minute: float) -> float | None:
        """Return until when she is there, if she is now."""
        return next((end for begin, end in self.spans if begin <= minute + _CLOSE < end), None)


def places(visit: PlannedVisit, starts: Sequence[float], working: Duties) -> list[Place]:
    """Assign chairs and nurses.

    Parameters
    ----------
    visit
        The planned visit.
    starts
        Minutes after midnight, ascending; they fit chairs and hands.
    working
        The day's shifts.
    """
    chairs = _chairs(visit, starts)
    nurses = [
        _Nurse(duty.shift, number + 1, _spans(duty, number))
        for duty in working
        for number in range(duty.nurses)
    ]
    tasks = sorted(
        (start + claim.start, start + claim.end, place, number)
        for place, start in enumerate(starts)
        for number, claim in enumerate(visit.hands)
    )
    begun: dict[int, tuple[_Nurse, bool]] = {}
    for begin, end, place, number in tasks:
        there = [
            (nurse, until)
            for nurse in nurses
            if nurse.free_from <= begin + _CLOSE and (until := nurse.until(begin)) is not None
        ]
        if not there:
            continue  # a task without length may find none
        nurse, until = min(there, key=lambda one: (one[1] < end - _CLOSE, one[0].tasks))
        nurse.free_from, nurse.tasks = min(end, until), nurse.tasks + 1
        if not number:
            begun[place] = nurse, until < end - _CLOSE
    return [
        Place(
            start,
            chairs[place],
            (begun[place][0].shift, begun[place][0].number) if place in begun else None,
            place in begun and begun[place][1],
        )
        for place, start in enumerate(starts)
    ]


def _spans(duty: Duty, number: int) -> list[tuple[float, float]]:
    """Return when a nurse of a shift has free hands: the first wave takes its break at the stated time."""
    if duty.break_start is None:
        return [(duty.start, duty.end)]
    second = not duty.together and number >= math.ceil(duty.nurses / 2)
    begin = duty.break_start + second * duty.break_minutes
    return [(duty.start, begin), (begin + duty.break_minutes, duty.end)]


def _chairs(visit: PlannedVisit, starts: Sequence[float]) -> list[int]:
    """Give each visit the lowest chair that is free for as long as it needs one."""
    (claim,) = visit.chair
    free_from: list[float] = []
    numbers: list[int] = []
    for start in starts:
        begin = start + claim.start + _CLOSE
        number = next((at for at, free in enumerate(free_from) if free <= begin), len(free_from))
        if number == len(free_from):
            free_from.append(0.0)
        free_from[number] = start + claim.end
        numbers.append(number + 1)
    return numbers
