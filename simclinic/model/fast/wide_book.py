"""The book of a clinic with several types of visit: mirrors `planning/open_book.py` and `typed_book.py`.

What a visit of a plan can take on a day is kept until the day changes. Where any start takes any visit, it is the
minutes at which the visit may begin. With starts by type it is three sets of starts: those of its own type, the
same where free starts keep nothing any more, and those of other types.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simclinic.model.fast import arrays as of
from simclinic.model.fast.bits import ONE, ZERO, drop, has, low_bit, lowest, lowest_from, put
from simclinic.model.fast.open_day import book_visit, copy_day, fits_at, unbook_visit
from simclinic.model.fast.state import NONE, OPEN_BOOK

World = Any

_OWN, _CONVERTED, _OTHERS = range(3)


# -- what can be taken ----------------------------------------------------------------------------------------


def _row(w: World, slot: int, plan: int, which: int) -> int:
    r = of.rules(w)[0]
    return int((slot * r.n_plans + plan) * r.n_fits + which)


def _known(w: World, slot: int, plan: int, which: int) -> int:
    """Return the row of `fits` with what a visit can take on a day, computed if that is not known."""
    row = _row(w, slot, plan, which)
    if not of.fits_known(w)[row]:
        _find(w, slot, plan, which)
        of.fits_known(w)[row] = 1
    return row


def _find(w: World, slot: int, plan: int, which: int) -> None:
    """Find what a visit can take on a day."""
    fits = of.fits(w)[_row(w, slot, plan, which)]
    for k in range(len(fits)):
        fits[k] = ZERO
    kind = of.offer_kind(w)[slot]
    if kind < 0:
        return
    if of.rules(w)[0].book == OPEN_BOOK:
        steps = of.steps_of(w)[kind * of.rules(w)[0].n_plans + plan]
        for k in range(len(fits)):
            word = steps[k]
            while word != ZERO:
                minute = (k << 6) + low_bit(word)
                word &= word - ONE
                if fits_at(w, slot, plan, minute):
                    put(fits, minute)
    elif which == _OTHERS:
        _find_others(w, slot, plan, fits)
    else:
        _find_own(w, slot, plan, fits, which == _CONVERTED)


def _find_own(w: World, slot: int, plan: int, fits: Any, converts: bool) -> None:  # noqa: ANN401
    """Mirror `TypedDay.own`."""
    r, kind = of.rules(w)[0], of.offer_kind(w)[slot]
    first, n, free = of.template_first(w)[kind], of.n_template(w)[kind], of.free(w)[slot]
    mine = of.plans(w)[plan].kind
    at, listed, others = slot, -1, False
    for start in range(n):
        if has(free, start):
            s = of.template(w)[first + start]
            if s.kind != mine:
                others = True
            elif listed < 0:
                listed = s.listed
    if listed < 0:
        return
    if listed == 0 and others and not converts:
        at = r.length + 2
        copy_day(w, slot, at)
        for start in range(n):
            s = of.template(w)[first + start]
            if has(free, start) and s.kind != mine:
                book_visit(w, at, s.plan, s.minute)
    staffed = of.staffed(w)[kind * r.n_plans + plan]
    for start in range(n):
        s = of.template(w)[first + start]
        if has(free, start) and s.kind == mine:
            able = has(staffed, s.minute) if listed else fits_at(w, at, plan, s.minute)
            if able:
                put(fits, start)


def _find_others(w: World, slot: int, plan: int, fits: Any) -> None:  # noqa: ANN401
    """Mirror `TypedDay.others`."""
    kind = of.offer_kind(w)[slot]
    first, free = of.template_first(w)[kind], of.free(w)[slot]
    for start in range(of.n_template(w)[kind]):
        s = of.template(w)[first + start]
        if has(free, start) and s.kind != of.plans(w)[plan].kind and fits_at(w, slot, plan, s.minute):
            put(fits, start)


def note_today(w: World, today: int) -> None:
    """Mirror `Book.begin_day`."""
    c = of.clinic(w)[0]
    c.today = max(c.today, today)


def _converts(w: World, day: int) -> bool:
    """Mirror `TypedBook._converts`."""
    convert_days = of.rules(w)[0].convert_days
    return bool(convert_days != NONE and day - of.clinic(w)[0].today <= convert_days)


def _any_start(w: World, day: int, plan: int) -> bool:
    """Tell whether a visit can take any start of a day, past ones included."""
    which = _CONVERTED if _converts(w, day) else _OWN
    if lowest(of.fits(w)[_known(w, day, plan, which)]) >= 0:
        return True
    return which == _CONVERTED and lowest(of.fits(w)[_known(w, day, plan, _OTHERS)]) >= 0


def starts_later(w: World, day: int, after: float, plan: int) -> int:
    """Mirror `_later`: return the row of `fits` from which a visit takes its start; -1: there is none.

    The earliest start is that from the place on which `passed_starts` returns.
    """
    plan, passed = of.plans(w)[plan].alike, passed_starts(w, day, after)
    which = _CONVERTED if _converts(w, day) else _OWN
    row = _known(w, day, plan, which)
    if lowest_from(of.fits(w)[row], passed) >= 0:
        return row
    if which == _CONVERTED:
        row = _known(w, day, plan, _OTHERS)
        if lowest_from(of.fits(w)[row], passed) >= 0:
            return row
    return -1


def passed_starts(w: World, day: int, after: float) -> int:
    """Return the number of starts, or of minutes, of a day that are not later than a moment."""
    minute = after - of.days(w)[day].midnight
    if of.rules(w)[0].book == OPEN_BOOK:
        return int(max(np.floor(minute) + 1, 0))
    kind = of.offer_kind(w)[day]
    passed = 0
    if kind >= 0:
        first = of.template_first(w)[kind]
        while passed < of.n_template(w)[kind] and of.template(w)[first + passed].minute <= minute:
            passed += 1
    return passed


def minute_of(w: World, day: int, place: int) -> int:
    """Return the minute of a start."""
    if of.rules(w)[0].book == OPEN_BOOK:
        return place
    return int(of.template(w)[of.template_first(w)[of.offer_kind(w)[day]] + place].minute)


def free_days_for(w: World, plan: int, today: int) -> Any:  # noqa: ANN401
    """Mirror `OpenBook._with_free`, and the beginning of `TypedBook._days`: the days on which a visit fits."""
    r = of.rules(w)[0]
    plan = of.plans(w)[plan].alike
    days, stale = of.fits_days(w)[plan], of.stale_days(w)[plan]
    if r.book != OPEN_BOOK:
        note_today(w, today)
    for k in range(len(stale)):
        while stale[k] != ZERO:
            day = (k << 6) + low_bit(stale[k])
            stale[k] &= stale[k] - ONE
            _set(w, days, day, plan)
    if r.convert_days != NONE:
        for day in range(today, min(today + r.convert_days + 1, r.length)):
            _set(w, days, day, plan)
    return days


def _set(w: World, days: Any, day: int, plan: int) -> None:  # noqa: ANN401
    if _any_start(w, day, plan):
        put(days, day)
    else:
        drop(days, day)


# -- taking and giving back -----------------------------------------------------------------------------------


def _changed(w: World, day: int) -> None:
    """Note that what can be taken on a day is not known any more."""
    r = of.rules(w)[0]
    known = of.fits_known(w)
    for row in range(day * r.n_plans * r.n_fits, (day + 1) * r.n_plans * r.n_fits):
        known[row] = 0
    for plan in range(r.n_plans):
        put(of.stale_days(w)[plan], day)


def take_wide_start(w: World, day: int, after: float, near: float, plan: int) -> int:
    """Mirror `OpenBook.take` and `TypedBook.take`; return the place of the start: of an open book its minute."""
    row = starts_later(w, day, after, plan)
    if row < 0:
        of.clinic(w)[0].error = 1
        return 0
    fits = of.fits(w)[row]
    place = lowest_from(fits, passed_starts(w, day, after))
    if near == near:
        place = _nearest(w, day, fits, place, near - of.days(w)[day].midnight)
    _take(w, day, place, plan)
    _changed(w, day)
    return place


def _nearest(w: World, day: int, fits: Any, first: int, wanted: float) -> int:  # noqa: ANN401
    """Return the start nearest to a minute among those from the first on; the earlier of two."""
    best, least = first, abs(minute_of(w, day, first) - wanted)
    place = lowest_from(fits, first + 1)
    while place >= 0:
        apart = abs(minute_of(w, day, place) - wanted)
        if apart < least:
            best, least = place, apart
        place = lowest_from(fits, place + 1)
    return best


def _take(w: World, slot: int, place: int, plan: int) -> None:
    """Mirror `OpenDay.take` and `TypedDay.take`."""
    if of.rules(w)[0].book == OPEN_BOOK:
        book_visit(w, slot, plan, place)
        return
    free, used_up = of.free(w)[slot], of.used_up(w)[slot * of.rules(w)[0].most_starts + place]
    s = of.template(w)[of.template_first(w)[of.offer_kind(w)[slot]] + place]
    drop(free, place)
    for k in range(len(used_up)):
        used_up[k] = ZERO
    converted = s.kind != of.plans(w)[plan].kind
    if converted:
        _note_that_fit(w, slot, used_up)
    book_visit(w, slot, plan, s.minute)
    if converted:
        still = of.still_fit(w)
        for k in range(len(still)):
            still[k] = ZERO
        _note_that_fit(w, slot, still)
        for k in range(len(used_up)):
            used_up[k] &= ~still[k]
            free[k] &= ~used_up[k]


def _note_that_fit(w: World, slot: int, found: Any) -> None:  # noqa: ANN401
    """Mirror `TypedDay._that_fit`."""
    kind = of.offer_kind(w)[slot]
    first, free = of.template_first(w)[kind], of.free(w)[slot]
    for start in range(of.n_template(w)[kind]):
        s = of.template(w)[first + start]
        if has(free, start) and fits_at(w, slot, s.plan, s.minute):
            put(found, start)


def give_back_wide_start(w: World, day: int, place: int, plan: int) -> None:
    """Mirror `OpenBook.give_back` and `TypedBook.give_back`."""
    unbook_visit(w, day, plan, minute_of(w, day, place))
    if of.rules(w)[0].book != OPEN_BOOK:
        free, used_up = of.free(w)[day], of.used_up(w)[day * of.rules(w)[0].most_starts + place]
        put(free, place)
        for k in range(len(free)):
            free[k] |= used_up[k]
            used_up[k] = ZERO
    _changed(w, day)


def count_free(w: World, day: int, now: float, plan: int) -> int:
    """Mirror `_count_free`: count the visits that still fit into a day, up to three."""
    if of.offer_kind(w)[day] < 0:
        return 0
    r = of.rules(w)[0]
    scratch = r.length + 1
    copy_day(w, day, scratch)
    typed = r.book != OPEN_BOOK
    if typed:
        for k in range(of.free(w).shape[1]):
            of.free(w)[scratch, k] = of.free(w)[day, k]
    plan_fits = of.plans(w)[plan].alike
    passed, converts = passed_starts(w, day, now), _converts(w, day)
    count = 0
    while count < 3:
        which = _CONVERTED if converts else _OWN
        _find(w, scratch, plan_fits, which)
        place = lowest_from(of.fits(w)[_row(w, scratch, plan_fits, which)], passed)
        if place < 0 and converts:
            _find(w, scratch, plan_fits, _OTHERS)
            place = lowest_from(of.fits(w)[_row(w, scratch, plan_fits, _OTHERS)], passed)
        if place < 0:
            break
        _take(w, scratch, place, plan)
        count += 1
    return count
