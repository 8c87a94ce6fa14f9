"""The clinic's days: mirrors `planning/calendar.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from simclinic.model.fast import arrays as of
from simclinic.model.fast.clock import later
from simclinic.model.fast.state import DAY, INF

World = Any


def index_of(w: World, minute: float) -> int:
    """Mirror `Calendar.index`."""
    day = np.floor(minute / DAY)
    if day * DAY > minute:  # the quotient was rounded up to a whole number
        day -= 1
    return int(day) - int(of.rules(w)[0].first_day)


def _after_pause(w: World, index: int, minute: float) -> float:
    """Mirror `Calendar._after_pause`."""
    day = of.days(w)[index]
    for k in range(day.first_pause, day.first_pause + day.n_pauses):
        if of.pauses(w)[k, 0] <= minute < of.pauses(w)[k, 1]:
            return float(of.pauses(w)[k, 1])
    return minute


def answers(w: World, minute: float) -> float:
    """Mirror `Calendar.answers`."""
    index = index_of(w, minute)
    day = of.days(w)[index]
    if day.is_open and minute < day.closing:
        return _after_pause(w, index, later(minute, day.opening))
    following = of.days(w)[index + 1].next_open
    if following >= of.rules(w)[0].length:
        return INF
    return float(of.days(w)[following].opening)


def in_pause(w: World, minute: float) -> bool:
    """Mirror `Calendar.in_pause`."""
    day = of.days(w)[index_of(w, minute)]
    for k in range(day.first_pause, day.first_pause + day.n_pauses):
        if of.pauses(w)[k, 0] <= minute < of.pauses(w)[k, 1]:
            return True
    return False


def walk_in(w: World, minute: float) -> float:
    """Mirror `Calendar.walk_in`."""
    length = of.rules(w)[0].length
    if minute == INF:
        of.clinic(w)[0].error = 1
        return INF
    index = index_of(w, minute)
    if index >= length:
        return INF
    day = of.days(w)[index]
    if day.is_open:
        if day.opening <= minute < day.closing:
            return _after_pause(w, index, minute)
        if minute < day.opening:
            return float(day.opening)
    following = of.days(w)[index + 1].next_open
    if following >= length:
        return INF
    same = minute + (following - index) * DAY
    then = of.days(w)[following]
    if then.opening <= same < then.closing:
        return _after_pause(w, following, same)
    return float(then.opening)


def opens_again(w: World, index: int, moment: float) -> float:
    """Mirror `Clinic.opens_again`."""
    day = of.days(w)[index]
    for k in range(day.first_pause, day.first_pause + day.n_pauses):
        if of.pauses(w)[k, 0] <= moment <= of.pauses(w)[k, 1]:
            return float(of.pauses(w)[k, 1])
    return -INF
