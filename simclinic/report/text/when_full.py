"""When the clinic is full, as data of a forecast and as a sentence.

A future that is never full within the weeks that were looked at counts as later than all of them. A range may
therefore have an earliest week and no latest one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from math import ceil
from typing import Literal

from simclinic.measures.wilson import wilson
from simclinic.report.text.numbers import NO_VALUE
from simclinic.report.text.words import counted
from simclinic.results.full import FullFrom, FullLimits, FullWeek, Range

FEWEST = 40
"""Futures below which a tenth of them is too few to give a range."""

_TENTH, _HALF = 0.1, 0.5


Fullness = Literal["full", "open", "not", "unknown"]


def fullness(outcome: FullFrom) -> Fullness:
    """Classify a clinic: full in most futures, full in hardly any, or open.

    Full: more than half of the futures, shown at 95 %. Not: fewer than a tenth of them, of at least `FEWEST`.
    """
    n, full = outcome["futures"], outcome["full"]
    if not n:
        return "unknown"
    if n < FEWEST:
        return "open"
    low, _ = wilson(full, n)
    if low > _HALF:
        return "full"
    return "not" if full < _TENTH * n else "open"


def when_full_sentence(outcome: FullFrom, weeks: int, last: dt.date) -> str:
    """Say when the clinic is full.

    Parameters
    ----------
    outcome
        When the clinic is full, over the futures.
    weeks, last
        How many weeks were looked at, and their last day.
    """
    n, full = outcome["futures"], outcome["full"]
    within = f"within {counted(weeks, 'week')} (until {last.isoformat()})"
    if not n:
        return "not known: no future was finished"
    if n < FEWEST:
        return _of_few(outcome, within)
    range_ = outcome["range"]
    earliest = None if range_ is None else range_["earliest"]
    latest = None if range_ is None else range_["latest"]
    if not full:
        # Clopper and Pearson's upper end at 95 %, one-sided, rounded up.
        chance = ceil(1000 * (1 - 0.05 ** (1 / n))) / 10
        return f"not full {within} in any of the {n:,} futures, which leaves a chance of at most {chance:g} %"
    if fullness(outcome) == "full" and outcome["middle"] is not None and earliest is not None:
        return f"full from {_week(outcome['middle'])}{_between(earliest, latest)}{_else(outcome, within)}"
    if earliest is None:
        return f"not full {within} in {_share(n - full, n)}"
    lead = "probably not full" if wilson(full, n)[1] < _HALF else "open whether full"
    return f"{lead} {within}: it is in {_share(full, n)}; in 9 of 10 not before {_week(earliest)}"


def _of_few(outcome: FullFrom, within: str) -> str:
    n, full, middle = outcome["futures"], outcome["full"], outcome["middle"]
    few = f"{counted(n, 'future')} {'is' if n == 1 else 'are'} too few to say how certain that is "
    few += f"(at least {FEWEST})"
    if n == 1:
        text = (
            f"full from {_week(middle)} in the one future"
            if middle
            else f"not full {within} in the one future"
        )
        return f"{text}; {few}"
    text = f"full {within} in {'none' if not full else f'{full:,}'} of the {n:,} futures"
    if middle is not None:
        text += f", in the median one from {_week(middle)}"
    return f"{text}; {few}"


def _week(at: FullWeek) -> str:
    return f"week {at['week']} ({at['start']})"


def _between(earliest: FullWeek, latest: FullWeek | None) -> str:
    if latest is None:
        return f", and in 9 of 10 futures {_week(earliest)} or later"
    if latest == earliest:
        return ", in that week in at least 8 of 10 futures"
    return f", between {_week(earliest)} and {_week(latest)} in 8 of 10 futures"


def _else(outcome: FullFrom, within: str) -> str:
    """Say what else must be known: futures that are never full, and those that are so for a while only."""
    n, full, at_end = outcome["futures"], outcome["full"], outcome["full_at_end"]
    text = f"; in {_share(n - full, n)} not {within}" if full < n else ""
    if at_end < full - _TENTH * n:
        text += f"; in the last week it is full in {_share(at_end, n)}"
    return text


def _share(count: int, n: int) -> str:
    """Write a share of futures: of few, and of all but few, their number; never 0 % of some."""
    rare = min(count, n - count) < max(0.02 * n, 3)
    return f"{count:,} of the {n:,} futures" if rare else f"{100 * count / n:.0f} % of the {n:,} futures"


def share_text(share: float | None) -> str:
    """Write the share of futures that are full in a week: never 0 % of some, nor 100 % of not all.

    >>> share_text(0.125), share_text(0.002), share_text(0.998), share_text(None)
    ('12 %', '<1 %', '>99 %', '—')
    """
    if share is None:
        return NO_VALUE
    if 0.0 < share < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < share < 1.0 else f"{100 * share:.0f} %"


def limits_text(limits: FullLimits) -> str:
    """Say what counts as full."""
    patience = limits["patience_days"]
    turned_away = (
        "leave the queue unserved"
        if patience is None
        else f"get no series that begins within their patience of {counted(patience, 'day')}"
    )
    return (
        f"The clinic counts as full from a week on if, of all patients who ask in it and the {limits['weeks'] - 1} "
        f"weeks after it, more than {100 * limits['not_served_share']:g} % are not served in time: new patients "
        f"who {turned_away}, and boosters offered more than {limits['booster_wait_days']:g} days after the first "
        "day that their notice allows. It is also full if all starts of those weeks are used, missed ones "
        "included. Weeks after the last one were simulated for this."
    )


def full_from(first: Sequence[int | None], starts: Sequence[str], full_at_end: int) -> FullFrom:
    """Gather from when on the clinic is full in each future.

    Parameters
    ----------
    first
        The first full week of each future, None: later than the last one.
    starts
        The first day of each week.
    full_at_end
        How many futures are full in the last week.
    """
    weeks, n = len(starts), len(first)
    ranked = sorted(weeks if week is None else week for week in first)

    def at(tenths: int) -> FullWeek | None:
        week = ranked[-(-n * tenths // 10) - 1]
        return None if week >= weeks else FullWeek(week=week, start=starts[week])

    return FullFrom(
        futures=n,
        full=sum(week is not None for week in first),
        middle=at(5) if n else None,
        range=Range(earliest=at(1), latest=at(9)) if n >= FEWEST else None,
        full_at_end=full_at_end,
    )
