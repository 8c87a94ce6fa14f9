"""How a simulation begins where a scenario does not say: steady or empty, and after how much warm-up."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable

from simclinic.scenario.booking import Booking
from simclinic.scenario.protocols import Protocol
from simclinic.scenario.run import Run

LEAST_WEEKS = 12
"""Shortest default warm-up of a steady start, in weeks."""

_QUEUES_WEEKS = 4  # added to patience and a series
_MOST_REPLAYED = 520


def completed(
    run: Run,
    booking: Booking,
    protocols: Iterable[Protocol],
    listed: tuple[dt.date, ...] | None,
    *,
    calibrated: bool,
) -> Run:
    """Return the settings of a run, with the beginning and the warm-up that hold where they are not set.

    Parameters
    ----------
    run, booking, protocols
        Sections of the scenario.
    listed
        The referrals to replay, in order; None: they are drawn.
    calibrated
        Whether the scenario was calibrated.
    """
    chosen = run.model_fields_set
    if calibrated and "begin" not in chosen and run.warm_up_weeks == 0:
        # Earlier versions wrote it for a start with today's patients: nobody chose to begin empty.
        chosen = chosen - {"warm_up_weeks"}
    begin = run.begin
    if "begin" not in chosen:
        begin = "steady" if listed is None else "empty"
    weeks = run.warm_up_weeks
    if "warm_up_weeks" not in chosen:
        weeks = (
            steady_warm_up(booking, protocols) if begin == "steady" else _replayed_weeks(run.start, listed)
        )
    return run.completed(begin, weeks, chosen)


def steady_warm_up(booking: Booking, protocols: Iterable[Protocol]) -> int:
    """Return the weeks in which queues form: the longest wait for a series, a series, and some to spare."""
    waits = booking.patience_days if booking.mode == "booked" else 0
    # Without protocols the scenario is refused, after this.
    series = max(((each.infusions - 1) * (each.gap_days or (0, 0))[1] for each in protocols), default=0)
    return max(LEAST_WEEKS, math.ceil((waits + series) / 7) + _QUEUES_WEEKS)


def _replayed_weeks(start: dt.date, listed: tuple[dt.date, ...] | None) -> int:
    """Return the weeks from the first listed referral to the first measured day."""
    if not listed:
        return 0
    days = start.toordinal() - listed[0].toordinal()
    return min(_MOST_REPLAYED, max(0, math.ceil(days / 7)))
