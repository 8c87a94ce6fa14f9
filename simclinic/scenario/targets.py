"""What the clinic should keep to: the limits that its verdicts are held against.

A limit is written as it is read, `"<= 0.05"` or `"<= 5 %"`. Limits decide no key figure, only what is said of it,
so results that are kept can be judged anew; `booster_wait_days` alone decides a column of the weekly table.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from simclinic.scenario.section import Section

_WRITTEN = re.compile(r"(<=|>=)\s*(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})\s*(%?)")


def bound(written: str) -> float:
    """Give the number of a limit.

    >>> bound("<= 5 %"), bound(">= 0.85")
    (0.05, 0.85)
    """
    found = _WRITTEN.fullmatch(written.strip())
    assert found is not None  # a scenario's limits are checked
    return float(found[2]) / (100.0 if found[3] else 1.0)


def _limit(sign: str, example: str, *, share: bool) -> AfterValidator:
    def check(written: str) -> str:
        found = _WRITTEN.fullmatch(written.strip())
        if found is None or found[1] != sign:
            raise ValueError(f'must be written as "{example}"')
        if not share and found[3]:
            raise ValueError(f'is no share: write it without %, as "{example}"')
        if share and bound(written) > 1:
            raise ValueError("must be a share of at most 1, or 100 %")
        return written

    return AfterValidator(check)


class Targets(Section):
    """Limits that verdicts are held against: whether the clinic can go on like this, and whether the day holds."""

    balked_share: Annotated[str, _limit("<=", "<= 0.05", share=True)] = "<= 0.05"
    """Share of new patients turned away. Default: assumed (range 0-0.10)."""
    queue_growth: Annotated[str, _limit("<=", "<= 0.02", share=True)] = "<= 0.02"
    """Growth of each queue in patients a week, as a share of the series started a week.

    Default: 0.02, in a year about the series of one week (assumed)."""
    overtime_day_share: Annotated[str, _limit("<=", "<= 0.10", share=True)] = "<= 0.10"
    """Share of open days on which the last patient leaves more than 15 minutes after closing. Default: assumed."""
    started_on_time_share: Annotated[str, _limit(">=", ">= 0.85", share=True)] = ">= 0.85"
    """Share of visits that begin at most 15 minutes late. Default: assumed."""
    booster_wait_days: Annotated[str, _limit("<=", "<= 7", share=False)] = "<= 7"
    """Days from the first day on which a booster could be given to the booster: a later one is not in time.

    Decides when a clinic is full. Default: assumed."""
