"""The appointment book: free starts, and dates that fit a protocol.

Sets of starts and of days are bits of integers. Bit k of a day's integer is set if the k-th start of the day is
free; bit d of another is set if day d has a free start. If `days` holds the days with a free start, then `days &
(days >> 3 | days >> 4)` holds those from which a second infusion is possible three or four days later: one shift
and one *and* answer for all first days at once. The lowest bit of a set, `x & -x`, is its earliest member.

A *chain* is a sequence of dates with free starts whose gaps all lie in a window. The book offers the chain that
begins earliest, prefers the protocol's own gaps if waiting for them costs few days, and within a chain takes gaps
near the preferred ones, shorter first.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simclinic.planning.calendar import Calendar
from simclinic.planning.grid import Grid
from simclinic.scenario.booking import Booking
from simclinic.scenario.protocols import Protocol
from simclinic.scenario.reserves import rule_of

MOST_LENGTHENED = 92
"""Closed dates by which a gap lengthens at the most: no series goes on after a quarter of a year."""

_ALL = -1  # the integer whose bits are all one


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps between infusions that a protocol allows.

    Attributes
    ----------
    preferred, permitted
        Pairs of a gap in days and the days (bits) from which it is allowed: all of them within the window, and
        beyond its upper limit those whose gap holds enough of the clinic's closed dates.
    order
        The same for choosing: nearest the preferred window first, shorter first.
    least
        The shortest permitted gap, in days.
    """

    preferred: tuple[tuple[int, int], ...]
    permitted: tuple[tuple[int, int], ...]
    order: tuple[tuple[int, int], ...]
    least: int


def gaps(protocol: Protocol, closings: Closings) -> Gaps:
    """Compute a protocol's gaps on a calendar: upper limits lengthen by the closed dates inside a gap."""
    if protocol.gap_days is None or protocol.permitted_gap_days is None:
        return Gaps((), (), (), 0)
    low, high = protocol.gap_days
    preferred = _window(low, high, closings)
    least, most = protocol.permitted_gap_days
    # Nearest first: the preferred window is widened a day at a time, and lengthens by closed dates each time.
    order = dict.fromkeys(
        pair
        for wider in range(max(low - least, most - high) + 1)
        for pair in _window(max(low - wider, least), min(high + wider, most), closings)
    )
    return Gaps(preferred, _window(least, most, closings), tuple(order), least)


class Closings:
    """Numbers of the clinic's closed dates inside gaps.

    Parameters
    ----------
    closed_on
        Whether the clinic is closed on a day on which it would usually open, by day index.
    """

    def __init__(self, closed_on: Sequence[bool]) -> None:
        self._total = np.concatenate(([0], np.cumsum(closed_on, dtype=np.int64)))
        self._cache: dict[tuple[int, int], int] = {}

    def within(self, gap: int, least: int) -> int:
        """Return the days (bits) after which a gap holds at least `least` closed dates."""
        key = gap, least
        if key not in self._cache:
            last = len(self._total) - 1 - gap
            held = self._total[gap : gap + last] - self._total[1 : 1 + last] if last > 0 else self._total[:0]
            bits = np.packbits(held >= least, bitorder="little").tobytes()
            self._cache[key] = int.from_bytes(bits, "little")
        return self._cache[key]


def _window(low: int, high: int, closings: Closings) -> tuple[tuple[int, int], ...]:
    """Pairs (gap, days from which it is allowed) of one window."""
    window = [(gap, _ALL) for gap in range(low, high + 1)]
    for more in range(1, MOST_LENGTHENED + 1):
        days = closings.within(high + more, more)
        if not days:
            break
        window.append((high + more, days))
    return tuple(window)


class Book:
    """The free starts of every day.

    Parameters
    ----------
    calendar
        The days.
    grids
        By day index; None where the clinic is closed.
    booking
        The clinic's rules.
    """

    def __init__(self, calendar: Calendar, grids: Sequence[Grid | None], booking: Booking) -> None:
        self._calendar = calendar
        self._midnights = calendar.midnights
        self._starts = [() if grid is None else grid.starts for grid in grids]
        self._free = [(1 << len(starts)) - 1 for starts in self._starts]
        self._any = 0
        for day, free in enumerate(self._free):
            if free:
                self._any |= 1 << day
        self._window = 7 * booking.window_weeks
        self._prefer = booking.prefer_days
        self._reserve = booking.booster_reserve
        self._release = booking.release_days
        self._rule = rule_of(booking)
        self._kept: dict[tuple[int, int, int], int] = {}
        self._counted = bool(self._reserve) or self._rule is not None  # starts taken by series
        # Starts of a day that series infusions may fill until the reserve is released.
        self._series_limit = [len(starts) - reserved(len(starts), self._reserve) for starts in self._starts]
        self._series_taken = [0] * len(self._starts)
        self._series_room = 0
        for day, limit in enumerate(self._series_limit):
            if limit > 0:
                self._series_room |= 1 << day
        self._weekly_cap = booking.max_series_starts_per_week
        self._weekly: dict[int, int] = {}
        self._full_weeks = -1 if self._weekly_cap == 0 else 0  # days on which no series may begin any more

    # -- taking and giving back -----------------------------------------------------------------------------

    def take(
        self,
        day: int,
        after: float,
        *,
        series: bool,
        near: float | None = None,
        plan: int = 0,  # noqa: ARG002 (for clinics with several)
    ) -> tuple[int, float]:
        """Take a free start of a day, later than the moment `after`; there must be one.

        Parameters
        ----------
        near
            Take the free start nearest to this moment; None: the earliest.
        plan
            Number of the visit's plan, where a clinic has several.

        Returns
        -------
        place, minute
            The place of the start among those of the day, and its moment.
        """
        free = self._free[day]
        midnight = self._midnights[day]
        if after >= midnight:
            passed = bisect_right(self._starts[day], after - midnight)
            bit = free >> passed << passed  # without the starts that have passed
            bit &= -bit  # the earliest of the rest
        else:
            bit = free & -free
        assert bit, "no free start on this day"
        if near is not None:
            bit = 1 << self._nearest(
                day, free >> bit.bit_length() - 1 << bit.bit_length() - 1, near - midnight
            )
        self._free[day] = free ^ bit
        if free == bit:
            self._any ^= 1 << day
        if series and self._counted:
            self._count_series(day, 1)
        place = bit.bit_length() - 1
        return place, midnight + self._starts[day][place]

    def _count_series(self, day: int, by: int) -> None:
        """Count the starts of a day that series have taken."""
        self._series_taken[day] += by
        if self._series_taken[day] < self._series_limit[day]:
            self._series_room |= 1 << day
        else:
            self._series_room &= ~(1 << day)

    def _nearest(self, day: int, free: int, minute: float) -> int:
        """Find the place of the free start nearest to a minute of the day; the earlier of two."""
        places = [place for place in range(len(self._starts[day])) if free >> place & 1]
        return min(places, key=lambda place: abs(self._starts[day][place] - minute))

    def give_back(self, day: int, place: int, *, series: bool, plan: int = 0) -> None:  # noqa: ARG002 (see take)
        """Free a start that was taken."""
        self._free[day] |= 1 << place
        self._any |= 1 << day
        if series and self._counted:
            self._count_series(day, -1)

    def has_start(self, day: int, after: float, plan: int = 0) -> bool:  # noqa: ARG002
        """Tell whether a day has a free start later than the moment `after`."""
        passed = bisect_right(self._starts[day], after - self._midnights[day])
        return bool(self._free[day] >> passed)

    def next_start(self, day: int, after: float, plan: int = 0) -> float:  # noqa: ARG002
        """Return the moment of a day's earliest free start later than `after`; infinity if there is none."""
        midnight = self._midnights[day]
        passed = bisect_right(self._starts[day], after - midnight) if after >= midnight else 0
        free = self._free[day] >> passed << passed
        return midnight + self._starts[day][(free & -free).bit_length() - 1] if free else math.inf

    # -- looking --------------------------------------------------------------------------------------------

    def begin_day(self, today: int) -> None:
        """Note what day it is, where that decides which visits a start may serve."""

    def _days(self, now: float, *, series: bool, plan: int = 0) -> tuple[int, int]:
        """Return the days that may be booked now, as bits counted from today, and the index of today."""
        today = self._calendar.index(now)
        days = self._any >> today
        if series and self._rule is not None:
            days &= self._open_to_series(days, today)
        elif series and self._reserve:
            released = (1 << (self._release + 1)) - 1
            days &= (self._series_room >> today) | released
        if days & 1 and not self.has_start(today, now, plan):
            days &= ~1
        return days & ((2 << self._window) - 1), today

    def _days_by_plan(self, now: float, plans: Sequence[int], first: int, *, series: bool) -> list[int]:
        """Return the days that may be booked now for each of some visits; those for the first are known."""
        days = dict.fromkeys(plans[:1], first)  # few plans differ
        for plan in plans:
            if plan not in days:
                days[plan] = self._days(now, series=series, plan=plan)[0]
        return [days[plan] for plan in plans]

    def _open_to_series(self, days: int, today: int) -> int:
        """Keep the days, as bits counted from today, of which the booking rule lets a series take another start."""
        kept, days = 0, days & ((2 << self._window) - 1)
        while days:
            lowest = days & -days
            days ^= lowest
            ahead = lowest.bit_length() - 1
            if self._left_for_series(today + ahead, ahead) > 0:
                kept |= lowest
        return kept

    def _left_for_series(self, index: int, ahead: int) -> int:
        """Return how many more starts of a day series may take, by the booking rule."""
        starts = len(self._starts[index])
        key = self._calendar.weekday[index], ahead, starts
        if key not in self._kept:
            assert self._rule is not None
            self._kept[key] = self._rule(*key)
        return starts - self._kept[key] - self._series_taken[index]

    def offers(self, now: float) -> bool:
        """Tell whether any start is free in the open window."""
        return self._days(now, series=False)[0] != 0

    def first_day(
        self, now: float, *, earliest: int, latest: int | None = None, series: bool, plan: int = 0
    ) -> int | None:
        """Find the first day with a free start.

        Parameters
        ----------
        now
            The moment of booking: starts before it are past, and the open window counts from its day.
        earliest, latest
            Indices of the first and last acceptable day.
        series
            Whether the booster reserve is closed to this request.
        plan
            Number of the visit's plan, where a clinic has several.
        """
        days, today = self._days(now, series=series, plan=plan)
        days = _from(days, earliest - today)
        if latest is not None:
            days &= _until(latest - today)
        return today + (days & -days).bit_length() - 1 if days else None

    def chain(
        self,
        now: float,
        length: int,
        allowed: Gaps,
        *,
        earliest: int,
        latest: int,
        series: bool = True,
        begins: bool = True,
        plans: Sequence[int] = (),
    ) -> list[int] | None:
        """Find dates for a whole series, or for a booster course of several infusions.

        Parameters
        ----------
        now
            The moment of booking.
        length
            Number of infusions.
        allowed
            The protocol's gaps.
        earliest, latest
            Indices between which the first infusion must lie.
        series
            Whether this is a series, to which the booster reserve is closed.
        begins
            Whether the first infusion begins the series: weeks whose cap on series starts is reached are then
            closed.
        plans
            Numbers of the visits' plans, where a clinic has several.

        Returns
        -------
        list of int or None
            Day indices; None if there is no chain in the open window.
        """
        if (length - 1) * allowed.least > self._window:
            return None  # not even the closest dates lie within the open window
        days, today = self._days(now, series=series, plan=plans[0] if plans else 0)
        at = self._days_by_plan(now, plans, days, series=series) or [days] * length
        first = _from(days, earliest - today) & _until(latest - today)
        if series and begins and self._weekly_cap is not None:
            first &= ~(self._full_weeks >> today)
        reach = reachable(at, allowed.preferred, today)
        steps = allowed.preferred
        best = _lowest(reach[0] & first)
        # A chain of preferred gaps is chosen unless permitted gaps allow one more than `prefer_days` sooner.
        sooner = first if best is None else first & _until(best - self._prefer - 1)
        if sooner:
            wide = reachable(at, allowed.permitted, today)
            other = _lowest(wide[0] & sooner)
            if other is not None:
                best, reach, steps = other, wide, allowed.order
        if best is None:
            return None
        # Every day of `reach[n]` has a chain after it, so the best allowed gap at each place never leads to a
        # dead end.
        here = best
        chain = [today + here]
        for following in reach[1:]:
            for gap, since in steps:
                if following >> (here + gap) & 1 and (since == _ALL or since >> (today + here) & 1):
                    here += gap
                    break
            chain.append(today + here)
        return chain

    def following(
        self, now: float, last_day: int, allowed: Gaps, *, series: bool, plan: int = 0
    ) -> int | None:
        """Find a day for the infusion after one on `last_day`: at a preferred gap, a permitted one, or later."""
        days, today = self._days(now, series=series, plan=plan)
        days = _from(days, last_day + allowed.least - today)
        for gap in self.gaps_after(last_day, allowed):
            day = last_day + gap - today
            if day >= 0 and days >> day & 1:
                return today + day
        return today + (days & -days).bit_length() - 1 if days else None

    @staticmethod
    def gaps_after(last_day: int, allowed: Gaps) -> Iterator[int]:
        """Yield the gaps that are allowed after an infusion on a day, best first.

        After a day before the calendar, gaps are not lengthened: the closed dates are not known.
        """
        for gap, since in allowed.order:
            if since == _ALL or (last_day >= 0 and since >> last_day & 1):
                yield gap

    def begin_series(self, day: int) -> None:
        """Count a series that begins on this day towards its week's cap."""
        if self._weekly_cap is None:
            return
        monday = day - self._calendar.weekday[day]
        self._weekly[monday] = self._weekly.get(monday, 0) + 1
        if self._weekly[monday] >= self._weekly_cap:
            week = ((1 << 7) - 1) << monday if monday >= 0 else ((1 << 7) - 1) >> -monday
            self._full_weeks |= week

    def third_next(
        self, now: float, length: int, allowed: Gaps, *, earliest: int, plans: Sequence[int] = ()
    ) -> int | None:
        """Count the days to the third start on which a new series could begin; None: not in the window."""
        days, today = self._days(now, series=True, plan=plans[0] if plans else 0)
        at = self._days_by_plan(now, plans, days, series=True) or [days] * length
        first = _from(days, earliest - today)
        if self._weekly_cap is not None:
            first &= ~(self._full_weeks >> today)
        can = reachable(at, allowed.permitted, today)[0] & first
        count = 0
        while can:
            day = (can & -can).bit_length() - 1
            can &= can - 1
            index = today + day
            starts = self._count_free(index, now, plans[0] if plans else 0)
            if self._rule is not None:
                starts = min(starts, self._left_for_series(index, day))
            elif self._reserve and day > self._release:
                starts = min(starts, self._series_limit[index] - self._series_taken[index])
            count += starts
            if count >= 3:
                return day
        return None

    def _count_free(self, day: int, now: float, plan: int) -> int:  # noqa: ARG002
        """Count the visits that still fit into a day, up to three."""
        return self._free[day].bit_count()


def reserved(starts: int, share: float) -> int:
    """Count the starts of a day held for boosters: the share, rounded up."""
    return math.ceil(round(share * starts, 9))  # rounded first, so that 0.1 of 30 is 3 and not 4


def reachable(days: Sequence[int], window: Sequence[tuple[int, int]], today: int) -> list[int]:
    """Return for each place in the chain the days from which the rest can be completed, as bits from today.

    Parameters
    ----------
    days
        For each place in the chain the days with a free start.

    Computed backwards: the last infusion may be on any free day, and each earlier one on a free day that is
    followed at an allowed gap by a day of the set after it.
    """
    reach = [days[-1]]
    for free in days[-2::-1]:
        later = reach[-1]
        before = 0
        for gap, since in window:
            step = later >> gap
            before |= step if since == _ALL else step & (since >> today)
        reach.append(before & free)
    reach.reverse()
    return reach


def _lowest(days: int) -> int | None:
    return (days & -days).bit_length() - 1 if days else None


def _from(days: int, first: int) -> int:
    """Keep the bits from `first` on."""
    return days if first <= 0 else days >> first << first


def _until(last: int) -> int:
    """Bits up to and including `last`."""
    return 0 if last < 0 else (2 << last) - 1
