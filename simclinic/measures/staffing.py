"""The team: how busy chairs and nurses are, and how long they stay after hours.

Overtime of the doors is closing to the last patient leaving. Overtime of nurses begins when the day's last
shift ends with somebody still inside: of those on that shift as many stay as watching takes, at least one,
until nobody is left. A clinic that is open round the clock does not close, and has none.
"""

from __future__ import annotations

import numpy as np

from simclinic.measures.figures import Figures, mean, share
from simclinic.measures.floor import Floor, Watches
from simclinic.measures.occupancy import Spans
from simclinic.measures.window import Floats, Integers, Window
from simclinic.records import Records

LATE = 15.0
"""Minutes past closing from which a day counts as one that ran late."""

HOUR = 60.0
"""Minutes in an hour."""


def staffing(records: Records, floor: Floor, window: Window) -> Figures:
    """Measure the use of chairs and nurses, and overtime."""
    days, edges = records.days, window.edges
    rows = np.flatnonzero(window.measured(days["day"]) & ~np.isnan(days["opening"]))
    day, opening, closing = (days[name][rows] for name in ("day", "opening", "closing"))
    # open again at closing: the doors never shut
    out = np.minimum(days["last_out"][rows], np.append(opening[1:], window.end))
    late = np.fmax(out - closing, 0.0)  # nobody came (NaN): nobody stayed late

    after, nurses = overtime(records, floor, window)
    weeks = {
        "open_days": np.bincount(day // 7, minlength=window.weeks),
        "chair_days": window.by_day(day, days["chairs"][rows]),
        "chair_minutes": np.diff(floor.chairs_open.until(edges)),
        "chair_minutes_held": floor.chairs.inside(floor.open, edges),
        "nurse_minutes_rostered": np.diff(floor.rostered.until(edges)),
        "nurse_minutes_present": np.diff(floor.present.until(edges)),
        "hands_on_minutes": floor.hands.inside(floor.staffed, edges),
        "watch_nurse_minutes": floor.eyes.inside(floor.staffed, edges) / floor.watches.parts,
        "overtime_minutes": window.by_day(day, late),
        "overtime_days": window.by_day(day, late > LATE).astype(np.int64),
        "overtime_nurse_minutes": window.total(after.begin, nurse_minutes(after, nurses, floor.watches)),
    }
    total = {name: column.sum() for name, column in weeks.items()}
    kpis = {
        "chair_utilisation": share(total["chair_minutes_held"], total["chair_minutes"]),
        "nurse_hands_on_utilisation": share(total["hands_on_minutes"], total["nurse_minutes_present"]),
        "nurse_watch_utilisation": share(total["watch_nurse_minutes"], total["nurse_minutes_present"]),
        "overtime_minutes_per_day": share(total["overtime_minutes"], total["open_days"]),
        "overtime_day_share": share(total["overtime_days"], total["open_days"]),
        "overtime_nurse_hours_per_week": mean(weeks["overtime_nurse_minutes"]) / HOUR,
    }
    return Figures(kpis, weeks)


def overtime(records: Records, floor: Floor, window: Window) -> tuple[Spans, Integers]:
    """Find when nurses stay after the day's last shift, and how many could.

    Returns
    -------
    after : Spans
        From the end of the day's last shift with nurses present until nobody is inside any more, or the next
        shift comes; only of days on which somebody is inside when that shift ends.
    nurses : int array
        Nurses of the shift that ended then; of several, the one named last, which is the one that stays.
    """
    days = records.days
    if not records.shifts:
        return Spans(np.zeros(0), np.zeros(0)), np.zeros(0, dtype=np.int64)
    rows = np.flatnonzero(window.measured(days["day"]))
    shift_end = np.where(days["present"][rows] > 0, days["shift_to"][rows], np.nan)
    last = np.fmax.reduce(shift_end, axis=1, initial=-np.inf)
    # the last of the columns that hold the maximum
    place = shift_end.shape[1] - 1 - np.argmax((shift_end == last[:, np.newaxis])[:, ::-1], axis=1)
    going = (last >= 0.0) & np.isin(last, floor.staffed.end)  # else another shift is still there, or none was
    begin, place, rows = last[going], place[going], rows[going]

    emptied = ends_of(floor.inside, begin)
    relieved = np.append(floor.staffed.begin, np.inf)[np.searchsorted(floor.staffed.begin, begin)]
    end = np.minimum(np.minimum(emptied, relieved), window.end)
    real = begin < end
    return Spans(begin[real], end[real]), days["present"][rows, place][real].astype(np.int64)


def ends_of(spans: Spans, moments: Floats) -> Floats:
    """Give the end of the span that each moment lies in; the moment itself if it lies in none."""
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
