"""Overtime of nurses: the number who stay after a shift, and how long, computed from the three tables.

The nurses needed at a moment are the hands in use, or the watched shares rounded up to whole nurses, whichever is
more. After the end of a shift there are three cases:

- Other nurses are on duty: nurses of the ended shift stay as far as more are needed than are on duty.
- No nurse is on duty, but one will be later that day: nurses of the ended shift stay for the visits that have
begun, as
  many as are needed and at least one, until the last of these patients has left or the next shift begins.
- No nurse is on duty for the rest of the day: of the ended shift, as many stay as watching needs, and at least one,
  until the last patient has left.

In the first two cases the number of nurses who stay never rises. A clinic that always has a nurse on duty has no
overtime.
"""

from __future__ import annotations

import numpy as np

from simclinic.arrays import Bools, Floats, Integers
from simclinic.measures.in_use import InUse, Watches
from simclinic.measures.occupancy import Occupancy, Spans
from simclinic.measures.window import Window
from simclinic.records import DAY, Records


def overtime(records: Records, in_use: InUse, window: Window) -> Floats:
    """Add up the nurse-minutes of overtime by week, shape (weeks,).

    After the day's last shift they count in the week in which that shift ends.
    """
    after, nurses = after_the_last_shift(records, in_use, window)
    last = window.total(after.begin, nurse_minutes(after, nurses, in_use.watches))
    begin, end, stay = after_other_shifts(
        in_use.present,
        in_use.hands,
        in_use.eyes,
        in_use.watches.parts,
        begun=(records.begun, records.visits["left"]),
        horizon=window.end,
    )
    return last + np.diff(window.occupancy(begin, end, stay).until(window.edges))


# -- while others are on duty, or will be ------------------------------------------------------------------------


def after_other_shifts(
    present: Occupancy,
    hands: Occupancy,
    eyes: Occupancy,
    parts: int,
    *,
    begun: tuple[Floats, Floats],
    horizon: float,
) -> tuple[Floats, Floats, Floats]:
    """Find how many stay after shifts that are not the day's last.

    Parameters
    ----------
    present
        Nurses on duty. Minutes are counted from some day's midnight here.
    hands, eyes, parts
        Tasks at hand, and what watching takes, in so many parts of a nurse.
    begun
        When each visit began (its first step; NaN: never), and when the patient left (NaN: still there).
    horizon
        The end of what is known.

    Returns
    -------
    begin, end, nurses
        Stretches of time, in minutes, and how many stay in each.
    """
    pieces = [(np.zeros(0), np.zeros(0), np.zeros(0))]
    changes = present.moments
    changes = changes[np.diff(present.at(changes), prepend=0.0) != 0]  # a shift of which nobody came is none
    on_duty = present.at(changes)
    falls = np.flatnonzero(np.diff(on_duty, prepend=0.0) < 0)
    ends, left = changes[falls], on_duty[falls]
    gone = on_duty[falls - 1] - left
    next_change = np.append(changes, np.inf)[falls + 1]
    between = (left == 0) & before_midnight(ends, next_change)
    if (between | (left > 0)).any():
        moments = np.unique(np.concatenate((hands.moments, eyes.moments, changes)))
        claimed = np.maximum(hands.at(moments), np.ceil(eyes.at(moments) / parts))
        over = claimed - present.at(moments)
        until = np.where(between, np.minimum(next_change, horizon), np.append(ends[1:], horizon))
        first, gone_home = begun[0], np.where(np.isnan(begun[1]), horizon, begun[1])
        stayed = 0.0  # of those who left, now and earlier
        for place, end in enumerate(ends.tolist()):
            stayed += float(gone[place])
            if between[place]:
                last_out = np.max(gone_home[first < end], initial=-np.inf)
                until[place] = min(until[place], last_out)
            if until[place] > end and (between[place] or left[place]):
                chosen = slice(*np.searchsorted(moments, (end, until[place])))
                wanted = np.maximum(over[chosen], float(between[place]))  # between two shifts at least one
                stay = np.minimum.accumulate(np.minimum(wanted, stayed))
                pieces.append((moments[chosen], np.append(moments[chosen][1:], until[place]), stay))
                stayed = float(stay[-1])
            if not left[place]:
                stayed = 0.0  # those who come next take over
    begin, end, nurses = (np.concatenate(column) for column in zip(*pieces, strict=True))
    some = nurses > 0
    return begin[some], end[some], nurses[some]


def before_midnight(ends: Floats, begins: Floats) -> Bools:
    """Tell whether shifts begin on the day on which others end; midnight belongs to the day that ends."""
    return begins < np.ceil(ends / DAY) * DAY


# -- after the day's last shift ----------------------------------------------------------------------------------


def after_the_last_shift(records: Records, in_use: InUse, window: Window) -> tuple[Spans, Integers]:
    """Return when nurses stay after the day's last shift, and how many are available.

    Returns
    -------
    after : Spans
        From the end of the day's last shift with nurses present until the last patient has left or the next shift
        begins; only for days on which patients are inside when that shift ends.
    nurses : int array
        Nurses of the shift that ended then; of several shifts, the one listed last, whose nurses stay.
    """
    days = records.days
    if not records.shifts:
        return Spans(np.zeros(0), np.zeros(0)), np.zeros(0, dtype=np.int64)
    rows = np.flatnonzero(window.measured(days["day"]))
    shift_end = np.where(days["present"][rows] > 0, days["shift_to"][rows], np.nan)
    last = np.fmax.reduce(shift_end, axis=1, initial=-np.inf)
    # the last of the columns that hold the maximum
    place = shift_end.shape[1] - 1 - np.argmax((shift_end == last[:, np.newaxis])[:, ::-1], axis=1)
    going = (last >= 0.0) & np.isin(
        last, in_use.staffed.end
    )  # else another shift is still there, or none was
    begin, place, rows = last[going], place[going], rows[going]

    emptied = ends_of(in_use.inside, begin)
    relieved = np.append(in_use.staffed.begin, np.inf)[np.searchsorted(in_use.staffed.begin, begin)]
    end = np.minimum(np.minimum(emptied, relieved), window.end)
    real = begin < end
    return Spans(begin[real], end[real]), days["present"][rows, place][real].astype(np.int64)


def ends_of(spans: Spans, moments: Floats) -> Floats:
    """Return the end of the span that contains each moment; the moment itself if there is none."""
    if not spans.begin.size:
        return moments
    span = np.searchsorted(spans.begin, moments, side="right") - 1
    return np.where(span >= 0, np.maximum(spans.end[span], moments), moments)


def nurse_minutes(after: Spans, nurses: Integers, watches: Watches) -> Floats:
    """Add up the nurses who stay over each span after hours: ∫ min(nurses, max(1, ⌈watching takes⌉)).

    Returns
    -------
    float array (spans,)
        Nurse-minutes.
    """
    if not after.begin.size:
        return np.zeros(0)
    # only watches that reach into a span matter, and they are few
    close = after.end[-1]
    end = np.minimum(np.where(np.isnan(watches.end), close, watches.end), close)
    touching = np.searchsorted(after.begin, end) > np.searchsorted(after.end, watches.begin, side="right")
    begin, end, weight = watches.begin[touching], end[touching], watches.weight[touching]

    times = np.concatenate((begin, end, after.begin, after.end))
    change = np.concatenate((weight, -weight, np.zeros(2 * after.begin.size, dtype=np.int64)))
    order = np.argsort(times)
    times = times[order]
    takes = -(-np.cumsum(change[order]) // watches.parts)
    span = np.searchsorted(after.begin, times[:-1], side="right") - 1
    inside = (span >= 0) & (times[:-1] < after.end[span]) & (times[1:] > times[:-1])
    span, takes, minutes = span[inside], takes[:-1][inside], (times[1:] - times[:-1])[inside]
    stay = np.minimum(nurses[span], np.maximum(takes, 1))
    return np.bincount(span, weights=stay * minutes, minlength=nurses.size).astype(np.float64)
