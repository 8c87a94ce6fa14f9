"""The date from which a clinic is full, in documents."""

from __future__ import annotations

from typing import TypedDict


class FullWeek(TypedDict):
    """A week of the forecast, and its first day."""

    week: int
    start: str


class Range(TypedDict):
    """The 10th and the 90th percentile over futures; None: later than the last simulated week."""

    earliest: FullWeek | None
    latest: FullWeek | None


class FullFrom(TypedDict):
    """The week from which the clinic is full, over `futures`; `full` of them are so within the weeks looked at.

    `middle` is the median, None if it is later than that. `range` is None if there are too few futures for one.
    """

    futures: int
    full: int
    middle: FullWeek | None
    range: Range | None
    full_at_end: int


class FullLimits(TypedDict):
    """Limits beyond which a clinic counts as full; `patience_days` is None for walk-ins."""

    not_served_share: float
    booster_wait_days: float
    weeks: int
    patience_days: int | None
