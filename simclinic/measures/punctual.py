"""The verdict on the day: whether the last patient leaves in time, and visits begin on time.

A clinic with short queues may still run late every evening, so the day has its own verdict beside that on queues:
it *holds* if both limits are shown to be kept, does *not hold* if one is shown to be broken, and is *open*
otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simclinic.measures.evidence import evidence, rejected
from simclinic.measures.intervals import Watched
from simclinic.measures.stability import LEAST, NONE_SEEN
from simclinic.scenario.targets import Targets, bound

Holds = Literal["does-not-hold", "open", "holds"]

DAYS: tuple[Holds, ...] = ("does-not-hold", "open", "holds")
"""The verdicts on the day, the worst first."""


@dataclass(frozen=True, slots=True)
class DayVerdict:
    """The verdict on the day, with its reasons in plain words."""

    state: Holds
    reasons: tuple[str, ...]


def judge_day(
    rows: Sequence[Mapping[str, float]], watched: Watched, targets: Targets | None = None
) -> DayVerdict | None:
    """Judge the day over a set of replications.

    Parameters
    ----------
    rows
        The key figures of each replication, NaN where one could not be computed.
    watched
        Measured weeks and open days of each.
    targets
        The limits; by default the usual ones.

    Returns
    -------
    DayVerdict or None
        None if the clinic never closes and has no appointments.
    """
    targets = targets or Targets()
    late_limit, on_time_limit = bound(targets.overtime_day_share), bound(targets.started_on_time_share)
    limits = (late_limit, 1 - on_time_limit)
    days, weeks = float(watched.open_days), float(watched.weeks)
    units = (len(rows) * days, weeks * float(np.nansum([row["infusions_per_week"] for row in rows])))
    columns = (
        np.array([row["overtime_day_share"] for row in rows], dtype=np.float64),
        1 - np.array([row["started_on_time_share"] for row in rows], dtype=np.float64),
    )
    shown = [
        evidence(column, NONE_SEEN / count if count else math.inf)
        for column, count in zip(columns, units, strict=True)
    ]
    sentences = [
        f"{_whole(shown[0].mean)} of days end more than 15 minutes late (the limit is {_whole(late_limit)})",
        f"{_whole(1 - shown[1].mean)} of visits begin within 15 minutes (the limit is {_whole(on_time_limit)})",
    ]
    there = [at for at in range(len(shown)) if shown[at].n]
    if not there:
        return None
    broken = dict(zip(there, rejected([shown[at].p_above(limits[at]) for at in there]), strict=True))
    failing = [sentences[at] for at in there if broken[at]]
    undecided = [
        f"{sentences[at]}: not shown either way"
        for at in there
        if not broken[at] and not shown[at].below(limits[at])
    ]
    if len(rows) < LEAST:
        undecided.append(f"there are too few replications, {len(rows)} of at least {LEAST}")
    if failing:
        return DayVerdict("does-not-hold", tuple(failing))
    if undecided:
        return DayVerdict("open", tuple(undecided))
    return DayVerdict("holds", tuple(sentences[at] for at in there))


def _whole(share: float) -> str:
    """Write a share as a person would say it; what is near an end keeps a digit: 0.4 %, 99.6 %."""
    percent = 100 * share
    if math.isnan(share):
        return "an unknown part"
    places = 0 if 1 <= percent <= 99 or percent in (0.0, 100.0) else 1
    return f"{percent:.{places}f} %"
