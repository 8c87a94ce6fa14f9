"""Referrals: a Poisson process with the clinic's seasons, or a list that is replayed.

The number of referrals on a day is drawn by inversion, and so is the time of day of each. A higher rate therefore
keeps all patients and adds others: patient (day, ordinal) is the same person in every scenario.
"""

from __future__ import annotations

import datetime
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.errors import BoundError
from simclinic.sampling.streams import Streams
from simclinic.scenario import Scenario
from simclinic.scenario.bounds import MOST_REFERRED
from simclinic.scenario.changes import Situation
from simclinic.scenario.hours import DAY, WEEKDAYS, Span
from simclinic.ufuncs import special

_MINUTES_PER_DAY = 1440.0
_DAYS_PER_YEAR = 365.25
_MONTHS = 12
_FEW_MEANS = 40
_FAR = 1.0 - 1e-9
_MOST_EXPECTED = 2 * MOST_REFERRED  # a scenario may reach the bound without its seasons, and those add to it

Days = npt.NDArray[np.int64]

Profile: TypeAlias = tuple[float, ...] | tuple[tuple[float, float], ...]
"""When patients are referred on a day: 24 hourly weights, or spans in minutes after midnight."""


class Referrals:
    """The referral process of one scenario, computed once for all replications.

    Parameters
    ----------
    scenario
        The scenario, of which demand, hours and dated changes are used.
    before
        Days before the first simulated one that are included: the intake of patients referred then may still be
        under way when a forecast begins, and the past of a steady start lies there.
    replayed_before
        Whether listed referrals are replayed on those days, too; otherwise they are drawn.

    Attributes
    ----------
    days
        Every simulated day (and those before), counted from `run.start`.
    means
        Expected referrals on each: weekly rate × weekday weight × month factor × growth. Growth counts from
        `run.start` (or `growth_from`); before it the rate is constant.
    """

    def __init__(self, scenario: Scenario, before: int = 0, *, replayed_before: bool = True) -> None:
        self.start = scenario.run.start
        self.listed = scenario.demand.referrals
        self._drawn = 0 if replayed_before else before  # days on which referrals are drawn in spite of a list
        self.days = np.arange(-7 * scenario.run.warm_up_weeks - before, 7 * scenario.run.weeks)
        self.means: Floats = np.empty(len(self.days))
        self._profile = np.empty(len(self.days), dtype=np.int64)
        self._mix = np.empty(len(self.days), dtype=np.int64)
        profiles: dict[Profile, int] = {}
        mixes: dict[tuple[float, ...], int] = {}
        changed = np.array([(date - self.start).days for date in scenario.change_dates], dtype=np.int64)
        edges = np.searchsorted(self.days, changed).tolist()
        for begin, end in pairwise(dict.fromkeys((0, *edges, len(self.days)))):
            self._plan(slice(begin, end), scenario, profiles, mixes)
        self._profiles = [np.array(profile) for profile in profiles]
        self._mixes = [np.cumsum(mix) / sum(mix) for mix in mixes]

    def _plan(
        self,
        rows: slice,
        scenario: Scenario,
        profiles: dict[Profile, int],
        mixes: dict[tuple[float, ...], int],
    ) -> None:
        """Fill in the means, profiles and mixes of days in a row between two dated changes."""
        days = self.days[rows]
        situation = scenario.at(self._date(days[0]))
        demand, kind = situation.demand, (days + self.start.weekday()) % len(WEEKDAYS)
        if not all(hours.weeks.all for hours in situation.clinic.hours.values()):
            weeks = [_of_week(situation, self._date(day)) for day in days]
            numbers = {week: number for number, week in enumerate(dict.fromkeys(weeks))}
            kind += len(WEEKDAYS) * np.array([numbers[week] for week in weeks])
        _, first, which = np.unique(kind, return_index=True, return_inverse=True)
        usual = [
            _usual(scenario, situation, self._date(day), profiles, mixes) for day in days[first].tolist()
        ]
        mean, self._profile[rows], self._mix[rows] = (
            np.array(column)[which] for column in zip(*usual, strict=True)
        )
        if demand.month_factors is not None:
            total = sum(demand.month_factors)
            month = (np.datetime64(self.start) + days).astype("datetime64[M]").astype(np.int64) % _MONTHS
            mean = mean * np.array([factor * _MONTHS / total for factor in demand.month_factors])[month]
        if demand.growth_per_year:
            before = 0 if demand.growth_from is None else (demand.growth_from - self.start).days
            years = np.maximum(days - before, 0) / _DAYS_PER_YEAR
            # Powers of Python, whose last bit is that of every machine's library and not of its processor.
            mean = mean * [(1.0 + demand.growth_per_year) ** year for year in years.tolist()]
        self.means[rows] = mean

    def _date(self, day: int) -> datetime.date:
        return self.start + datetime.timedelta(days=int(day))

    def draw(self, streams: Streams) -> tuple[Days, Days, Floats]:
        """Draw all patients referred in the simulated time.

        Returns
        -------
        day, ordinal
            Identity of each patient: day counted from `run.start`, and ordinal within the day, from 0.
        minute
            Time of referral in minutes since midnight of `run.start`.
        """
        if self.listed is not None:
            return self._replayed(self.listed, streams)
        return self._drawn_on(self.days, self.means, streams)

    def _drawn_on(self, days: Days, means: Floats, streams: Streams) -> tuple[Days, Days, Floats]:
        """Draw the patients referred on some days."""
        expected = float(means.sum())
        if not expected <= _MOST_EXPECTED:
            raise BoundError(
                f"{expected:,.0f} patients are expected to be referred in the simulated time; at most "
                f"{_MOST_EXPECTED:,} can be simulated"
            )
        counts = poisson_quantile(streams.uniform(["count"], days)[0], means)
        day = np.repeat(days, counts)
        ordinal = np.arange(len(day)) - np.repeat(np.cumsum(counts) - counts, counts)
        return day, ordinal, self._minutes(day, ordinal, streams)

    def protocol(self, day: Days, u: Floats) -> Days:
        """Choose each patient's protocol, by inversion of the mix on the day of referral.

        Parameters
        ----------
        day, u
            Day of referral and a uniform number for each.

        Returns
        -------
        integer array
            Index of the protocol in the scenario's order.
        """
        kind = self._mix[day - self.days[0]]
        chosen = np.zeros(len(day), dtype=np.int64)
        for code, mix in enumerate(self._mixes):
            here = kind == code
            chosen[here] = np.minimum(np.searchsorted(mix, u[here], side="right"), len(mix) - 1)
        return chosen

    def shares(self) -> Floats:
        """Return the share of each protocol among those referred on each day, shape (days, protocols)."""
        mixes = np.array([np.diff(mix, prepend=0.0) for mix in self._mixes])
        shares: Floats = mixes[self._mix]
        return shares

    def _minutes(self, day: Days, ordinal: Days, streams: Streams) -> Floats:
        """Draw the moments of referral, by inversion of hour weights (default: uniform over the open minutes)."""
        u = streams.uniform(["time of day"], day, ordinal)[0]
        kind = self._profile[day - self.days[0]]
        minutes = day.astype(np.float64) * _MINUTES_PER_DAY
        for code, profile in enumerate(self._profiles):
            here = kind == code
            minutes[here] += _moment(u[here], profile)
        return minutes

    def _replayed(self, listed: tuple[datetime.date, ...], streams: Streams) -> tuple[Days, Days, Floats]:
        """Return the referrals as listed; a date without a time gets one from the hour weights."""
        midnight = datetime.datetime.combine(self.start, datetime.time())
        rows = [
            ((_when(moment) - midnight).total_seconds() / 60, isinstance(moment, datetime.datetime))
            for moment in sorted(listed, key=_when)
        ]
        exact = np.array([minute for minute, _ in rows], dtype=np.float64)
        timed = np.array([has_time for _, has_time in rows], dtype=np.bool_)
        day = np.floor(exact / _MINUTES_PER_DAY).astype(np.int64)
        inside = (day >= self.days[self._drawn]) & (day <= self.days[-1])
        day, exact, timed = day[inside], exact[inside], timed[inside]
        ordinal = np.arange(len(day)) - np.searchsorted(day, day)
        minutes = np.where(timed, exact, self._minutes(day, ordinal, streams))
        if not self._drawn:
            return day, ordinal, minutes
        before = self._drawn_on(self.days[: self._drawn], self.means[: self._drawn], streams)
        return (
            np.concatenate((before[0], day)),
            np.concatenate((before[1], ordinal)),
            np.concatenate((before[2], minutes)),
        )


def _usual(
    scenario: Scenario,
    situation: Situation,
    date: datetime.date,
    profiles: dict[Profile, int],
    mixes: dict[tuple[float, ...], int],
) -> tuple[float, int, int]:
    """Return the expected referrals on a day of the week before growth and months, and its profile and mix.

    Profiles and mixes are numbered as they are found, and noted in `profiles` and `mixes`.
    """
    demand, hours = situation.demand, situation.clinic.usual(date)
    weights = situation.referral_weights(date)
    weight = weights.get(WEEKDAYS[date.weekday()], 0.0)
    mean = demand.referrals_per_week * weight / sum(weights.values())
    if demand.hour_weights is not None:
        profile: Profile = tuple(demand.hour_weights)
    else:
        spans = (Span(0, DAY),) if hours is None else hours.spans
        profile = tuple((float(span.start), float(span.end)) for span in spans)
    mix = tuple(demand.protocol_mix.get(name, 0.0) for name in scenario.protocols)
    return mean, profiles.setdefault(profile, len(profiles)), mixes.setdefault(mix, len(mixes))


def _of_week(situation: Situation, date: datetime.date) -> tuple[int, bool]:
    """Tell apart the dates of a weekday by what differs from week to week: days with referrals, and hours."""
    return len(situation.referral_weights(date)), situation.clinic.usual(date) is not None


def poisson_quantile(u: Floats, mean: Floats) -> Days:
    """Invert the Poisson distribution: the least k with P(N ≤ k) ≥ u.

    Parameters
    ----------
    u, mean
        Arrays of one shape; the means not negative.
    """
    counts = np.zeros(u.shape, dtype=np.int64)
    some = mean > 0
    u, mean = u[some], mean[some]
    means, which = np.unique(mean, return_inverse=True)
    if len(means) > _FEW_MEANS:
        counts[some] = _invert(u, mean)
        return counts
    found = np.zeros(u.shape, dtype=np.int64)
    for place, each in enumerate(means):
        # One table of the distribution serves all days with this mean.
        here = which == place
        below = special.pdtr(np.arange(int(_invert(u[here].max(keepdims=True), each)[0])), each)
        found[here] = np.searchsorted(below, u[here])
    far = u > _FAR  # where steps are below the rounding of the distribution
    found[far] = _invert(u[far], mean[far])
    counts[some] = found
    return counts


def _invert(u: Floats, mean: Floats) -> Days:
    # pdtrik inverts a continuous interpolation to finite accuracy, and gives NaN below its first step: settle
    # the last unit exactly, so that the count is monotone in both arguments.
    guess = np.maximum(np.nan_to_num(np.ceil(special.pdtrik(u, mean))), 0.0)
    guess -= (guess > 0) & (special.pdtr(np.maximum(guess - 1, 0), mean) >= u)
    guess += special.pdtr(guess, mean) < u
    inverted: Days = guess.astype(np.int64)
    return inverted


def _moment(u: Floats, profile: Floats) -> Floats:
    """Invert a day's profile, in minutes after midnight: spans, shape (spans, 2), or 24 hourly weights."""
    if profile.ndim == 2:
        opening, closing = profile.T
        before = np.concatenate(([0.0], np.cumsum(closing - opening)))
        open_minutes: Floats = u * before[-1]
        place = np.minimum(np.searchsorted(before, open_minutes, side="right"), len(opening)) - 1
        spread: Floats = opening[place] + (open_minutes - before[place])
        return spread
    busy = np.flatnonzero(profile)  # hours without weight are skipped
    above = np.cumsum(profile[busy]) / profile.sum()
    piece = np.minimum(np.searchsorted(above, u), len(busy) - 1)
    share = profile[busy] / profile.sum()
    within: Floats = (u - (above - share)[piece]) / share[piece]
    return (busy[piece] + within) * 60.0


def _when(moment: datetime.date) -> datetime.datetime:
    """Return the moment by which dates and date-times are ordered; a date without a time counts as midnight."""
    if isinstance(moment, datetime.datetime):
        return moment
    return datetime.datetime.combine(moment, datetime.time())
