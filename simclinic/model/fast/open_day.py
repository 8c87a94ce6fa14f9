"""A day of a book in which any start takes any visit that fits: mirrors `planning/open_day.py`.

A day has a slot in `planes`: of each counter the places of its number, lowest first, as minutes (bits). Two more
slots than days hold copies.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simclinic.model.fast import arrays as of
from simclinic.model.fast.bits import ALL, ONE, ZERO, has

World = Any


def _span(begin: int, end: int, word: int) -> Any:  # noqa: ANN401
    """Return the bits from `begin` up to, not including, `end` that lie in a word."""
    low, high = begin - (word << 6), end - (word << 6)
    bits = ALL
    if high < 64:
        bits = (ONE << np.uint64(high)) - ONE
    if low > 0:
        bits = bits >> np.uint64(low) << np.uint64(low)
    return bits


def _plane(w: World, slot: int, counter: int, place: int) -> int:
    """Return the row of one place of the number of a counter."""
    r = of.rules(w)[0]
    return int((slot * r.n_counters + counter) * r.n_planes + place)


def book_visit(w: World, slot: int, plan: int, minute: int) -> None:
    """Mirror `OpenDay.take`."""
    planes, takes, q = of.planes(w), of.takes(w), of.plans(w)[plan]
    for k in range(q.uses, q.uses + q.n_uses):
        begin, end = minute + takes[k, 2], minute + takes[k, 3]
        for word in range(begin >> 6, ((end - 1) >> 6) + 1):
            taken = _span(begin, end, word)
            row = _plane(w, slot, takes[k, 0], takes[k, 1])
            while taken != ZERO:
                here = planes[row, word] ^ taken
                planes[row, word] = here
                taken &= here
                row += 1


def unbook_visit(w: World, slot: int, plan: int, minute: int) -> None:
    """Mirror `OpenDay.give_back`."""
    planes, takes, q = of.planes(w), of.takes(w), of.plans(w)[plan]
    for k in range(q.uses, q.uses + q.n_uses):
        begin, end = minute + takes[k, 2], minute + takes[k, 3]
        for word in range(begin >> 6, ((end - 1) >> 6) + 1):
            freed = _span(begin, end, word)
            row = _plane(w, slot, takes[k, 0], takes[k, 1])
            while freed != ZERO:
                here = planes[row, word]
                planes[row, word] = here ^ freed
                freed &= here
                row += 1


def fits_at(w: World, slot: int, plan: int, minute: int) -> bool:
    """Mirror `OpenDay.fits_at`."""
    r = of.rules(w)[0]
    if not has(of.steps_of(w)[of.offer_kind(w)[slot] * r.n_plans + plan], minute):
        return False
    planes, needs, q = of.planes(w), of.needs(w), of.plans(w)[plan]
    for k in range(q.need, q.need + q.n_needs):
        begin, end = minute + needs[k, 1], minute + needs[k, 2]
        row = _plane(w, slot, needs[k, 0], r.n_planes - 1)
        for word in range(begin >> 6, ((end - 1) >> 6) + 1):
            bits = _span(begin, end, word)
            if planes[row, word] & bits != bits:
                return False
    return True


def copy_day(w: World, slot: int, to: int) -> None:
    """Mirror `OpenDay.copy`."""
    r, planes = of.rules(w)[0], of.planes(w)
    rows = r.n_counters * r.n_planes
    for k in range(rows):
        for word in range(planes.shape[1]):
            planes[to * rows + k, word] = planes[slot * rows + k, word]
    of.offer_kind(w)[to] = of.offer_kind(w)[slot]
