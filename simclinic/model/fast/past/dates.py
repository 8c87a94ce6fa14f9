"""Days and dates of the past: mirrors `past/dates.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from simclinic.model.fast.past import arrays as of
from simclinic.model.fast.state import DAY, INF
from simclinic.past.codes import NONE

Past = Any


def later(one: float, other: float) -> float:
    """Return the later of two moments."""
    return max(one, other)


def index_of(w: Past, minute: float) -> int:
    """Mirror `Dates.index`."""
    r = of.rules(w)[0]
    minute = min(minute, r.end_of_days)
    day = np.floor(minute / DAY)
    if day * DAY > minute:  # the quotient was rounded up to a whole number
        day -= 1
    return int(day) - int(r.first_day)


def midnight(w: Past, day: int) -> float:
    """Mirror `Dates.midnight`."""
    return float((day + of.rules(w)[0].first_day) * DAY)


def _opening(w: Past, day: int) -> float:
    """Return the moment at which a day opens; infinity for the day after the last."""
    opening = of.opening(w)[day]
    return float(INF if np.isnan(opening) else opening)


def answers(w: Past, minute: float) -> float:
    """Mirror `Dates.answers`."""
    day = index_of(w, minute)
    if minute < of.closing(w)[day]:
        return _after_pause(w, later(minute, of.opening(w)[day]))
    following = of.next_open(w)[min(day + 1, of.rules(w)[0].days)]
    return _after_pause(w, _opening(w, following))


def walk_in(w: Past, minute: float) -> float:
    """Mirror `Dates.walk_in`."""
    day = index_of(w, minute)
    if minute < of.closing(w)[day]:
        return _after_pause(w, later(minute, of.opening(w)[day]))
    following = of.next_open(w)[min(day + 1, of.rules(w)[0].days)]
    same = minute + (following - day) * DAY
    if of.opening(w)[following] <= same < of.closing(w)[following]:
        return _after_pause(w, same)
    return _after_pause(w, _opening(w, following))


def _after_pause(w: Past, minute: float) -> float:
    """Mirror `Dates._after_pause`."""
    pauses = of.pauses(w)
    low, high = 0, of.rules(w)[0].n_pauses
    while low < high:
        middle = (low + high) // 2
        if pauses[1, middle] <= minute:
            low = middle + 1
        else:
            high = middle
    if low < of.rules(w)[0].n_pauses and pauses[0, low] <= minute:
        return float(pauses[1, low])
    return minute


def plan_of(w: Past, protocol: int, number: int) -> int:
    """Mirror `Dates.plan`, for visits of the kind that is followed."""
    r = of.rules(w)[0]
    return int(of.plan_of(w)[r.kind * r.n_protocols + protocol, min(number, r.last_edge) - 1])


def first(w: Past, day: int, after: float, plan: int) -> int:
    """Mirror `Dates.first`."""
    days, bookable = of.rules(w)[0].days, of.next_bookable(w)
    found = bookable[plan, min(day, days)]
    if found != NONE and of.last_start(w)[plan, min(found, days)] <= after:
        return int(bookable[plan, min(found + 1, days)])
    return int(found)


def following(w: Past, plan: int, protocol: int, day: int) -> int:
    """Return the date of an infusion after one on a day, by `Dates.following`."""
    r = of.rules(w)[0]
    return int(of.following(w)[plan * r.n_protocols + protocol, min(day, r.days)])


def start(w: Past, day: int, after: float, plan: int) -> float:
    """Mirror `Dates.start`; NaN where a visit cannot begin on that day."""
    if day == NONE:
        return INF
    mean = of.mean_start(w)[plan, min(day, of.rules(w)[0].days)]
    return float(max(mean, after))


def course(w: Past, protocol: int, day: int, length: int, number: int) -> bool:
    """Mirror `Dates.courses` for one patient; False if Python must find the dates of such courses first."""
    r = of.rules(w)[0]
    number = min(number, r.last_edge)
    place = of.dates_of(w)[length, number]
    if place < 0:
        r.need_length, r.need_number = length, number
        return False
    row = (place * r.n_protocols + protocol) * (r.days + 1) + min(day, r.days)
    dates, ahead = of.courses(w), of.ahead(w)
    for k in range(dates.shape[1]):
        ahead[0, k] = dates[row, k]
    return True
