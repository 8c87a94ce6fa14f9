"""When to hire: the latest week from which a plan must be in force so that targets hold over the horizon.

The simulation begins with today's patients. The clinic goes on as it is, and the plan comes into force in a week;
weeks are tried from the earliest on. The first that is not confirmed ends the search: a fixed sequence of tests, so
that each may use the whole error probability. Then later weeks are tried until one is shown to be too late. Targets
must be met in every quarter of the horizon, not on its average, since a bad winter is no better for a good spring
before it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simclinic.scenario import Scenario, with_settings

QUARTER = 13
"""Weeks of a quarter."""
EVERY = 4
"""Weeks from one week tried to the next."""
MORE = 2
"""Later weeks tried after the first that is not confirmed; each may take many replications."""
LEAD_WEEKS = 13
"""Default weeks from the advertisement to the first day: notice and training."""

_DATED = ("clinic", "shifts", "demand")


def parts_of(weeks: int) -> int:
    """Return into how many parts of about a quarter a horizon is divided.

    >>> [parts_of(weeks) for weeks in (8, 13, 26, 52, 53)]
    [1, 1, 2, 4, 4]
    """
    return max(1, weeks // QUARTER)


def weeks_tried(weeks: int) -> range:
    """Return the weeks in which the plan may come into force, counted from 0."""
    return range(0, weeks, EVERY)


def not_dated(addresses: Sequence[str]) -> Iterator[str]:
    """Say which settings cannot change from a date on."""
    for address in addresses:
        if address.split(".")[0] not in _DATED:
            yield (
                f"--over {address}: cannot change from a date on, so --by cannot say when it must: only settings "
                "of clinic, shifts and demand can"
            )


def from_week(scenario: Scenario, settings: Mapping[str, Any], week: int) -> Scenario:
    """Return the scenario with other settings from a week on; later changes of the same settings do not count.

    Parameters
    ----------
    scenario
        The clinic as it is.
    settings
        By address.
    week
        Counted from `run.start`.
    """
    if not week:
        changed = with_settings(scenario, dict(settings))
        begins = dt.date.min
    else:
        changed, begins = scenario, scenario.run.start + dt.timedelta(weeks=week)
    dated = {date: dict(values) for date, values in changed.changes.items()}
    if week:
        dated.setdefault(begins, {})
    for date, values in dated.items():
        if date >= begins:
            values |= settings
    return with_settings(changed, {f'changes."{date.isoformat()}"': dated[date] for date in sorted(dated)})
