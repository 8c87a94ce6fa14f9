"""The appointment book: mirrors `planning/book.py`. Sets of days are counted from today in `sets`."""

from __future__ import annotations

from typing import Any

import numpy as np

from simclinic.model.fast import arrays as of
from simclinic.model.fast.bits import (
    ALL,
    ONE,
    TWO,
    ZERO,
    count_bits,
    drop,
    has,
    keep_from,
    keep_until,
    low_bit,
    lowest,
    lowest_from,
    put,
    shift,
)
from simclinic.model.fast.calendar import index_of
from simclinic.model.fast.plans import plan_of
from simclinic.model.fast.state import NONE
from simclinic.model.fast.wide_book import (
    count_free,
    free_days_for,
    give_back_wide_start,
    minute_of,
    passed_starts,
    starts_later,
    take_wide_start,
)
from simclinic.records import INDUCTION

World = Any

# Rows of `sets`: the days that may be booked, the first days of a chain, and others; chains begin at `_CHAINS`.
_OPEN, _FIRST, _OTHER, _ROOM, _STEP, _SINCE = range(6)
CHAINS = 6
"""Rows for two chains follow, and, with several types of visit, the days that each visit of a chain may have."""


def passed(w: World, index: int, after: float) -> int:
    """Mirror `bisect_right` over the starts of a day: how many are not later than a moment."""
    day = of.days(w)[index]
    minute = after - day.midnight
    minutes = of.minutes(w)
    first = of.grid_first(w)[day.grid]
    low, high = first, of.grid_first(w)[day.grid + 1]
    while low < high:
        middle = (low + high) >> 1
        if minute < minutes[middle]:
            high = middle
        else:
            low = middle + 1
    return int(low - first)


def start_of(w: World, index: int, place: int) -> float:
    """Return the moment of a start of a day."""
    day = of.days(w)[index]
    if of.rules(w)[0].wide:
        return float(day.midnight + minute_of(w, index, place))
    return float(day.midnight + of.minutes(w)[of.grid_first(w)[day.grid] + place])


def take_start(w: World, index: int, after: float, series: bool, near: float, plan: int) -> int:
    """Mirror `Book.take`; `near` is NaN for the earliest. Return the place of the start."""
    if of.rules(w)[0].wide:
        place = take_wide_start(w, index, after, near, plan)
        if series and of.rules(w)[0].reserve:
            _count_series(w, index, 1)
        return place
    since = passed(w, index, after) if after >= of.days(w)[index].midnight else 0
    free = of.free(w)[index]
    place = lowest_from(free, since)
    if place < 0:
        of.clinic(w)[0].error = 1
        return 0
    if near == near:
        place = _nearest(w, index, place, near)
    drop(free, place)
    if lowest(free) < 0:
        drop(of.free_days(w), index)
    if series and of.rules(w)[0].reserve:
        _count_series(w, index, 1)
    return place


def _nearest(w: World, index: int, first: int, near: float) -> int:
    """Mirror `Book._nearest` among the free starts from `first` on."""
    day = of.days(w)[index]
    minute = near - day.midnight
    free = of.free(w)[index]
    begin = of.grid_first(w)[day.grid]
    best, least = first, abs(of.minutes(w)[begin + first] - minute)
    for place in range(first + 1, day.n_starts):
        if has(free, place):
            apart = abs(of.minutes(w)[begin + place] - minute)
            if apart < least:
                best, least = place, apart
    return best


def _count_series(w: World, index: int, by: int) -> None:
    """Mirror `Book._count_series`."""
    taken = of.series_taken(w)
    taken[index] += by
    if taken[index] < of.days(w)[index].series_limit:
        put(of.series_room(w), index)
    else:
        drop(of.series_room(w), index)


def give_back_start(w: World, index: int, place: int, series: bool, plan: int) -> None:
    """Mirror `Book.give_back`."""
    if of.rules(w)[0].wide:
        give_back_wide_start(w, index, place, plan)
    else:
        put(of.free(w)[index], place)
        put(of.free_days(w), index)
    if series and of.rules(w)[0].reserve:
        _count_series(w, index, -1)


def has_start(w: World, index: int, after: float, plan: int) -> bool:
    """Mirror `Book.has_start`."""
    if of.rules(w)[0].wide:
        return starts_later(w, index, after, plan) >= 0
    return lowest_from(of.free(w)[index], passed(w, index, after)) >= 0


def next_start(w: World, index: int, after: float, plan: int) -> float:
    """Mirror `Book.next_start`."""
    if of.rules(w)[0].wide:
        row = starts_later(w, index, after, plan)
        if row < 0:
            return np.inf
        return start_of(w, index, lowest_from(of.fits(w)[row], passed_starts(w, index, after)))
    since = passed(w, index, after) if after >= of.days(w)[index].midnight else 0
    place = lowest_from(of.free(w)[index], since)
    return np.inf if place < 0 else start_of(w, index, place)


def open_days(w: World, series: bool, plan: int) -> int:
    """Mirror `Book._days`: write the days that may be booked now into a set, and return today."""
    c, r = of.clinic(w)[0], of.rules(w)[0]
    days, room = of.sets(w)[_OPEN], of.sets(w)[_ROOM]
    today = index_of(w, c.now)
    if r.wide:
        shift(free_days_for(w, plan, today), today, days)
    else:
        shift(of.free_days(w), today, days)
    if series and r.reserve:
        shift(of.series_room(w), today, room)
        for k in range(len(days)):
            word = room[k]
            high = r.release - (k << 6)
            if high >= 63:
                word = ALL
            elif high >= 0:
                word |= (TWO << np.uint64(high)) - ONE
            days[k] &= word
    if days[0] & ONE != ZERO and not has_start(w, today, c.now, plan):
        days[0] &= ~ONE
    keep_until(days, r.window)
    return today


def offers(w: World) -> bool:
    """Mirror `Book.offers`."""
    for plan in range(of.rules(w)[0].n_plans):
        if of.plans(w)[plan].alike == plan:
            open_days(w, False, plan)
            if lowest(of.sets(w)[_OPEN]) >= 0:
                return True
    return False


def _days_of_chain(w: World, length: int, series: bool) -> int:
    """Mirror `Book._days_by_plan`: write the days for each of the visits `planned`, and return today."""
    all_sets, planned = of.sets(w), of.planned(w)
    if not of.rules(w)[0].wide:
        return open_days(w, series, 0)
    days, base = all_sets[_OPEN], CHAINS + 2 * of.rules(w)[0].width
    for k in range(length):
        like = 0
        while planned[like] != planned[k]:
            like += 1
        if like == k:
            open_days(w, series, planned[k])
        for word in range(len(days)):
            all_sets[base + k, word] = days[word] if like == k else all_sets[base + like, word]
    for word in range(len(days)):
        days[word] = all_sets[base, word]
    return index_of(w, of.clinic(w)[0].now)


def first_day(w: World, earliest: int, latest: int, series: bool, plan: int) -> int:
    """Mirror `Book.first_day`; NONE for no latest day, and if there is none."""
    today = open_days(w, series, plan)
    days = of.sets(w)[_OPEN]
    keep_from(days, earliest - today)
    if latest != NONE:
        keep_until(days, latest - today)
    best = lowest(days)
    return NONE if best < 0 else today + best


def _reach(w: World, base: int, length: int, n: int, gaps: Any, since: Any, today: int) -> None:  # noqa: ANN401
    """Mirror `reachable`: set `base + k` holds the days from which the chain can be completed from place k on."""
    all_sets = of.sets(w)
    days, step, mask = all_sets[_OPEN], all_sets[_STEP], all_sets[_SINCE]
    wide, at = of.rules(w)[0].wide, CHAINS + 2 * of.rules(w)[0].width - base
    words = len(days)
    last = base + length - 1
    if wide:
        days = all_sets[at + last]
    for k in range(words):
        all_sets[last, k] = days[k]
    for place in range(last - 1, base - 1, -1):
        into, following = all_sets[place], all_sets[place + 1]
        if wide:
            days = all_sets[at + place]
        for k in range(words):
            into[k] = ZERO
        for g in range(n):
            shift(following, gaps[g], step)
            if since[g] >= 0:
                shift(of.since(w)[since[g]], today, mask)
                for k in range(words):
                    into[k] |= step[k] & mask[k]
            else:
                for k in range(words):
                    into[k] |= step[k]
        for k in range(words):
            into[k] &= days[k]


def _leave_out_full_weeks(w: World, first: Any, today: int) -> None:  # noqa: ANN401
    """Remove the days on which no series may begin any more."""
    full = of.sets(w)[_OTHER]
    shift(of.full(w), today, full)
    for k in range(len(first)):
        first[k] &= ~full[k]


def chain(
    w: World,
    length: int,
    protocol: int,
    earliest: int,
    latest: int,
    series: bool,
    begins: bool,
) -> bool:
    """Mirror `Book.chain`: tell whether there is one.

    Its dates are in `found`, and the plans of its visits in `planned`.
    """
    r, q = of.rules(w)[0], of.protocols(w)[protocol]
    if (length - 1) * q.least > r.window:
        return False
    all_sets, found = of.sets(w), of.found(w)
    today = _days_of_chain(w, length, series)
    days, first, can = all_sets[_OPEN], all_sets[_FIRST], all_sets[_OTHER]
    words = len(days)
    for k in range(words):
        first[k] = days[k]
    keep_from(first, earliest - today)
    keep_until(first, latest - today)
    if series and begins and r.weekly_cap != NONE:
        _leave_out_full_weeks(w, first, today)
    base = CHAINS
    n, gaps, since = q.n_preferred, of.preferred(w)[protocol], of.preferred_since(w)[protocol]
    _reach(w, base, length, n, gaps, since, today)
    for k in range(words):
        can[k] = all_sets[base, k] & first[k]
    best = lowest(can)
    if best >= 0:
        keep_until(first, best - r.prefer - 1)
    if lowest(first) >= 0:
        wide = CHAINS + r.width
        _reach(
            w, wide, length, q.n_permitted, of.permitted(w)[protocol], of.permitted_since(w)[protocol], today
        )
        for k in range(words):
            can[k] = all_sets[wide, k] & first[k]
        other = lowest(can)
        if other >= 0:
            best, base = other, wide
            n, gaps, since = q.n_order, of.order(w)[protocol], of.order_since(w)[protocol]
    if best < 0:
        return False
    here = best
    found[0] = today + here
    for place in range(1, length):
        following = all_sets[base + place]
        for g in range(n):
            then = here + gaps[g]
            if (
                then < 64 * words
                and has(following, then)
                and (since[g] < 0 or has(of.since(w)[since[g]], today + here))
            ):
                here = then
                break
        found[place] = today + here
    return True


def allowed_after(w: World, protocol: int, place: int, last_day: int) -> bool:
    """Mirror `Book.gaps_after`: tell whether a gap is allowed after an infusion on a day."""
    since = of.order_since(w)[protocol, place]
    if since < 0:
        return True
    return last_day >= 0 and has(of.since(w)[since], last_day)


def following_day(w: World, last_day: int, protocol: int, series: bool, plan: int) -> int:
    """Mirror `Book.following`; NONE if there is no day."""
    today = open_days(w, series, plan)
    days, q = of.sets(w)[_OPEN], of.protocols(w)[protocol]
    keep_from(days, last_day + q.least - today)
    for g in range(q.n_order):
        if allowed_after(w, protocol, g, last_day):
            day = last_day + of.order(w)[protocol, g] - today
            if 0 <= day < 64 * len(days) and has(days, day):
                return int(today + day)
    best = lowest(days)
    return NONE if best < 0 else today + best


def begin_series(w: World, index: int) -> None:
    """Mirror `Book.begin_series`."""
    r = of.rules(w)[0]
    if r.weekly_cap == NONE:
        return
    monday = index - of.days(w)[index].weekday
    week = (monday + 7) // 7
    of.weekly(w)[week] += 1
    if of.weekly(w)[week] >= r.weekly_cap:
        for k in range(max(monday, 0), monday + 7):
            put(of.full(w), k)


def note_third_next(w: World, index: int) -> None:
    """Mirror `Desk._note_third_next` and `Book.third_next`."""
    r = of.rules(w)[0]
    q = of.protocols(w)[r.usual]
    length = 1 if r.rolling else q.infusions
    all_sets = of.sets(w)
    for k in range(length):
        of.planned(w)[k] = plan_of(w, r.usual, INDUCTION, k + 1)
    today = _days_of_chain(w, length, True)
    days, first = all_sets[_OPEN], all_sets[_FIRST]
    for k in range(len(days)):
        first[k] = days[k]
    keep_from(first, index + r.notice - today)
    if r.weekly_cap != NONE:
        _leave_out_full_weeks(w, first, today)
    _reach(w, CHAINS, length, q.n_permitted, of.permitted(w)[r.usual], of.permitted_since(w)[r.usual], today)
    count = 0
    for k in range(len(first)):
        can = all_sets[CHAINS, k] & first[k]
        while can != ZERO:
            day = (k << 6) + low_bit(can)
            can &= can - ONE
            if r.wide:
                starts = count_free(w, today + day, of.clinic(w)[0].now, of.planned(w)[0])
            else:
                starts = count_bits(of.free(w)[today + day])
            if r.reserve and day > r.release:
                left = of.days(w)[today + day].series_limit - of.series_taken(w)[today + day]
                starts = min(starts, left)
            count += starts
            if count >= 3:
                of.third_next(w)[index] = day
                return
