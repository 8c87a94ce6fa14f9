"""How long visits took, from the times of an export; ends that nobody wrote are left out.

A visit runs from its start where the export has one, else from the appointment, or from the arrival if that was
later: who comes early mostly waits until it is time, and to count that as treatment would make the clinic smaller
than it is.

Systems close what nobody closed: at 23:59, at midnight, when the doors close. Such ends share a time of day, and
many of their visits would be far longer than any other.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Floats, Integers
from simclinic.calibration.export import ExportTable
from simclinic.calibration.quality import Quality
from simclinic.calibration.timestamps import moments

_DAY = 1440.0
_LONGEST = 720.0
"""Minutes: nobody stays longer."""
_FEWEST = 20
"""Visits from which their lengths tell what is usual."""
_SPREADS, _TIMES = 6.0, 1.8
"""A length is far from usual if it is so many spreads above the median, and so many times the median."""
_OPEN = 3.0
"""A visit of more than so many medians was left open by somebody."""
_WINDOWS = (1.0, 15.0, 30.0)
"""Minutes that automatic ends may be spread over."""
_BY_CHANCE = 1e-4
_TOLD, _MANY, _SAME = 0.05, 0.5, 0.3
"""Shares from which automatic ends, missing lengths and identical lengths are told at the top."""
_NOT_USED = "visit kept, its length not used"


def minutes_of_visits(table: ExportTable, due: Floats, done: Bools, quality: Quality) -> Floats:
    """Give the minutes of each row's visit; NaN where they are not known.

    Parameters
    ----------
    table
        The export.
    due
        Time of each row's appointment, in minutes after midnight; NaN where only its day is known.
    done
        The visits that were completed.
    quality
        Takes note.
    """
    count = len(table.line)
    if "left" not in table.columns:
        return np.full(count, math.nan)
    lines = np.array(table.line)
    found, ends, unread = _lengths(table, due)
    which = done & ~np.isnan(found)
    automatic = _automatic(np.where(found < 0, found + _DAY, found), ends, which)
    backwards = which & ~automatic & (found < 0)
    long = which & ~automatic & ((found > _LONGEST) | (found == 0))
    usual = which & ~automatic & ~backwards & ~long
    forgotten = np.zeros(count, dtype=bool)
    if usual.sum() >= _FEWEST:
        forgotten = usual & (found > _OPEN * np.median(found[usual]))
    quality.note("check-out before check-in", lines[backwards].tolist(), _NOT_USED)
    quality.note("check-in or check-out missing or unreadable", lines[unread].tolist(), _NOT_USED)
    told = "visits of no minutes, or of more than twelve hours"
    quality.note(told, lines[long].tolist(), _NOT_USED)
    _tell_automatic(ends, automatic, int(which.sum()), lines, quality)
    told = f"visits more than {_OPEN:g} times as long as usual: left open"
    quality.note(told, lines[forgotten].tolist(), _NOT_USED)
    good = usual & ~forgotten
    _tell_doubts(found[good], int(done.sum()), quality)
    return np.where(good, found, math.nan)


def _lengths(table: ExportTable, due: Floats) -> tuple[Floats, Floats, Bools]:
    """Give each row's minutes from beginning to end, its end, and where they cannot be read."""
    end, end_day = moments(table.columns["left"])
    left = table.columns["left"].filled()
    nothing = np.zeros(len(left), dtype=bool)
    came = table.columns["checked_in"].filled() if "checked_in" in table.columns else nothing
    started = table.columns["started"].filled() if "started" in table.columns else nothing
    if "checked_in" in table.columns:
        arrival, arrival_day = moments(table.columns["checked_in"])
        minutes = _between(arrival, arrival_day, end, end_day)
        early = due - arrival
        # A departure before the appointment leaves only the stay itself.
        minutes = np.where((early > 0) & (early < minutes), minutes - early, minutes)
    elif "started" in table.columns:
        minutes = np.full(len(left), math.nan)
    else:
        minutes = end - due  # only the end was written down: from the appointment on
    if started.any():
        minutes = np.where(started, _between(*moments(table.columns["started"]), end, end_day), minutes)
    minutes[~left] = math.nan
    known = ~np.isnan(minutes)
    return minutes, np.where(known, end, math.nan), ~known & (left | came | started)


def _between(begin: Floats, begin_day: Integers, end: Floats, end_day: Integers) -> Floats:
    """Give the minutes from one time to another, each with or without a date.

    A departure before the arrival is negative. Dates count only if both have one and they differ, and then as a day
    apart: nobody stays longer.
    """
    another_day = (begin_day != 0) & (end_day != 0) & (begin_day != end_day)
    found: Floats = end - begin + np.where(another_day & (end < begin), _DAY, 0.0)
    return found


def _automatic(found: Floats, ends: Floats, which: Bools) -> Bools:
    """Find the visits that a system closed: by times of day at which visits end that are far too long."""
    from scipy import special

    closed = np.zeros(len(found), dtype=bool)
    if which.sum() < _FEWEST:
        return closed
    length, end = found[which], ends[which]
    middle, low = np.quantile(length, [0.5, 0.1])
    far = length > max(middle + _SPREADS * (middle - low) / 1.2816, _TIMES * middle)
    taken = np.zeros(len(length), dtype=bool)
    for width in _WINDOWS:
        while True:
            left = far & ~taken
            if left.sum() < 3:
                break
            times = np.unique(end[left])
            counts = np.array([((end[left] >= t) & (end[left] < t + width)).sum() for t in times])
            begin = float(times[counts.argmax()])
            inside = (end >= begin) & (end < begin + width)
            others = ~far & ~taken
            # By chance far too long visits end there as often as the others do, or as any quarter of an hour.
            share = max(float(inside[others].mean()) if others.any() else 0.0, width / 600.0, 1.0 / 40.0)
            if float(special.bdtrc(int(counts.max()) - 1, int(left.sum()), min(share, 1.0))) >= _BY_CHANCE:
                break
            taken |= inside
    closed[which] = taken
    return closed


def _clock(minute: float) -> str:
    return f"{int(minute) // 60:02d}:{int(minute) % 60:02d}"


def _tell_automatic(
    ends: Floats, automatic: Bools, n: int, lines: npt.NDArray[np.int64], quality: Quality
) -> None:
    if not automatic.any():
        return
    times, counts = np.unique(np.floor(ends[automatic]), return_counts=True)
    first, last = _clock(float(times[0])), _clock(float(times[-1]))
    when = f"at {first}" if len(times) == 1 else f"mostly at {_clock(float(times[counts.argmax()]))}"
    if len(times) > 1 and counts.max() < 0.5 * counts.sum():
        when = f"between {first} and {last}"
    quality.note(f"visits closed automatically, {when}", lines[automatic].tolist(), _NOT_USED)
    count = int(automatic.sum())
    if count >= _TOLD * n:
        quality.warn(
            f"{count:,} of {n:,} check-outs ({100 * count / n:.0f} %) are automatic, {when}: the length of a visit "
            "comes from the others. With them, visits would seem longer and the clinic smaller than they are"
        )


def _tell_doubts(lengths: Floats, done: int, quality: Quality) -> None:
    n = len(lengths)
    if n and n < _MANY * done:
        quality.warn(
            f"the length of a visit is known of only {n:,} of {done:,} ({100 * n / done:.0f} %): if short or long "
            "ones were written down more often, it is off"
        )
    if n >= _FEWEST:
        values, counts = np.unique(lengths, return_counts=True)
        share = float(counts.max()) / n
        if (share >= _SAME and len(values) > 1) or len(values) == 1:
            quality.warn(
                f"{100 * share:.0f} % of the visits last exactly {values[counts.argmax()]:.0f} minutes: the times "
                "look like those planned, not those that were"
            )
