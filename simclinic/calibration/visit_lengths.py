"""Lengths of visits, from the times of an export; ends that a system wrote by itself are left out.

A visit runs from its start where the export has one, else from the appointment, or from the arrival if that was
later: a patient who comes early mostly waits, and counting that as treatment would underestimate the clinic's
capacity.

Systems close open visits by themselves: at 23:59, at midnight, at closing time. Such ends share a time of day,
and many of their visits would be far longer than any other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Floats, Integers
from simclinic.calibration.export import ExportTable
from simclinic.calibration.quality import Quality
from simclinic.calibration.timestamps import moments

_DAY = 1440.0
_LONGEST = 720.0
"""Minutes of the longest plausible visit."""
_FEWEST = 20
"""Visits from which their usual length is known."""
_SPREADS, _TIMES = 6.0, 1.8
"""Spreads above the median, and multiples of the median, from which a length is far from usual."""
_OPEN = 3.0
"""Multiples of the median length from which a visit was left open."""
_FORGOTTEN = 1.3
"""Multiple of the limit of far too long visits that half of those closed automatically exceed: they began at any
time of the day. Where patients wait, visits that end at one time of the day are a little too long."""
_WINDOWS = (1.0, 15.0, 30.0)
"""Minutes over which automatic ends may spread."""
_BY_CHANCE = 1e-4
_AUTOMATIC, _KNOWN, _SAME = 0.05, 0.5, 0.3
"""Shares that raise a warning: at least of automatic ends, less of known lengths, at least of identical lengths."""
_NOT_USED = "visit kept, its length not used"


def minutes_of_visits(table: ExportTable, due: Floats, done: Sequence[Bools], quality: Quality) -> Floats:
    """Return the length of each row's visit in minutes; NaN where it is unknown.

    Parameters
    ----------
    table
        The export.
    due
        Time of each row's appointment, in minutes after midnight; NaN where only its day is known.
    done
        Whether each row is a completed visit of each type, which have a usual length; the last are consults.
    quality
        Receives notes and warnings.
    """
    count = len(table.line)
    if "left" not in table.columns:
        return np.full(count, math.nan)
    lines = np.array(table.line)
    minutes, ends, unread = _lengths(table, due)
    which = np.logical_or.reduce(done) & ~np.isnan(minutes)
    forward = np.where(minutes < 0, minutes + _DAY, minutes)
    automatic = np.logical_or.reduce([_automatic(forward, ends, which & kind) for kind in done])
    backwards = which & ~automatic & (minutes < 0)
    long = which & ~automatic & ((minutes > _LONGEST) | (minutes == 0))
    usual = which & ~automatic & ~backwards & ~long
    forgotten = np.zeros(count, dtype=bool)
    for kind in done:
        if (usual & kind).sum() >= _FEWEST:
            forgotten |= usual & kind & (minutes > _OPEN * np.median(minutes[usual & kind]))
    quality.note("check-out before check-in", lines[backwards].tolist(), _NOT_USED)
    quality.note("check-in or check-out missing or unreadable", lines[unread].tolist(), _NOT_USED)
    quality.note("visits of no minutes, or of more than twelve hours", lines[long].tolist(), _NOT_USED)
    _note_automatic(ends, automatic, int(which.sum()), lines, quality)
    what = f"visits more than {_OPEN:g} times as long as usual: left open"
    quality.note(what, lines[forgotten].tolist(), _NOT_USED)
    good = usual & ~forgotten
    treated = np.logical_or.reduce(done[:-1])
    _warn_of_doubts(minutes[good & treated], int(treated.sum()), quality)
    return np.where(good, minutes, math.nan)


def _lengths(table: ExportTable, due: Floats) -> tuple[Floats, Floats, Bools]:
    """Return each row's minutes from start to end, its end, and whether they cannot be read."""
    end, end_day = moments(table.columns["left"])
    left = table.columns["left"].filled()
    nothing = np.zeros(len(left), dtype=bool)
    arrived = table.columns["checked_in"].filled() if "checked_in" in table.columns else nothing
    started = table.columns["started"].filled() if "started" in table.columns else nothing
    if "checked_in" in table.columns:
        arrival, arrival_day = moments(table.columns["checked_in"])
        minutes = _between(arrival, arrival_day, end, end_day)
        early = due - arrival
        # A patient who arrived early counts from the appointment, unless the visit ended before it.
        minutes = np.where((early > 0) & (early < minutes), minutes - early, minutes)
    elif "started" in table.columns:
        minutes = np.full(len(left), math.nan)
    else:
        minutes = end - due  # only the end is recorded: the visit counts from the appointment
    if started.any():
        minutes = np.where(started, _between(*moments(table.columns["started"]), end, end_day), minutes)
    minutes[~left] = math.nan
    known = ~np.isnan(minutes)
    return minutes, np.where(known, end, math.nan), ~known & (left | arrived | started)


def _between(begin: Floats, begin_day: Integers, end: Floats, end_day: Integers) -> Floats:
    """Return the minutes from one time to another, each with or without a date; negative if the end comes first.

    Dates count only if both times have one and they differ, and then as one day apart: no visit is longer.
    """
    another_day = (begin_day != 0) & (end_day != 0) & (begin_day != end_day)
    minutes: Floats = end - begin + np.where(another_day & (end < begin), _DAY, 0.0)
    return minutes


def _automatic(minutes: Floats, ends: Floats, which: Bools) -> Bools:
    """Find visits closed by a system: many that are far too long end at the same time of day."""
    from simclinic.ufuncs import special

    closed = np.zeros(len(minutes), dtype=bool)
    if which.sum() < _FEWEST:
        return closed
    length, end = minutes[which], ends[which]
    middle, low = np.quantile(length, [0.5, 0.1])
    limit = max(middle + _SPREADS * (middle - low) / 1.2816, _TIMES * middle)
    far = length > limit
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
            # By chance, far too long visits would end there as often as the others do, and at least as often as
            # in any quarter of an hour.
            share = max(float(inside[others].mean()) if others.any() else 0.0, width / 600.0, 1.0 / 40.0)
            if float(special.bdtrc(int(counts.max()) - 1, int(left.sum()), min(share, 1.0))) >= _BY_CHANCE:
                break
            if np.median(length[left & inside]) < _FORGOTTEN * limit:
                break
            taken |= inside
    closed[which] = taken
    return closed


def _clock(minute: float) -> str:
    return f"{int(minute) // 60:02d}:{int(minute) % 60:02d}"


def _note_automatic(
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
    if count >= _AUTOMATIC * n:
        quality.warn(
            f"{count:,} of {n:,} check-outs ({100 * count / n:.0f} %) are automatic, {when}: the length of a "
            "visit is estimated from the others. With them, visits would seem longer, and the clinic's "
            "capacity smaller, than they are"
        )


def _warn_of_doubts(lengths: Floats, done: int, quality: Quality) -> None:
    """Warn if few lengths are known, or if they look planned."""
    n = len(lengths)
    if n and n < _KNOWN * done:
        quality.warn(
            f"the length is known for only {n:,} of {done:,} visits ({100 * n / done:.0f} %): the estimate is "
            "biased if short or long visits were recorded more often"
        )
    if n >= _FEWEST:
        values, counts = np.unique(lengths, return_counts=True)
        share = float(counts.max()) / n
        if (share >= _SAME and len(values) > 1) or len(values) == 1:
            quality.warn(
                f"{100 * share:.0f} % of the visits last exactly {values[counts.argmax()]:.0f} minutes: the times "
                "look planned, not recorded"
            )
