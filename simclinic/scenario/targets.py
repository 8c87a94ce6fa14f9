"""Targets: the limits from which the verdicts on a clinic are made, and targets on key figures.

A limit is written with its sign, `"<= 0.05"` or `"<= 5 %"`. Limits change verdicts but no key figure, so stored
results can be judged again with other limits; only `booster_wait_days` affects a column of the weekly table, and
the days of `access_days_p90` and the minutes of `wait_minutes_p90` one key figure each, `started_within_days_share`
and `delayed_share`.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from simclinic.scenario.figure_targets import FigureTargets, InYears, Limit, read_limit
from simclinic.scenario.names import Named
from simclinic.scenario.part_targets import PlaceTargets, RoleTargets, VisitTargets
from simclinic.scenario.section import TomlTable

_WRITTEN = re.compile(r"(<=|>=)\s*(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})\s*(%?)")


def bound(written: str) -> float:
    """Return the number of a limit.

    >>> bound("<= 5 %"), bound(">= 0.85")
    (0.05, 0.85)
    """
    match = _WRITTEN.fullmatch(written.strip())
    assert match is not None  # a scenario's limits are checked
    return float(match[2]) / (100.0 if match[3] else 1.0)


def _limit(sign: str, example: str, *, share: bool) -> AfterValidator:
    def check(written: str) -> str:
        match = _WRITTEN.fullmatch(written.strip())
        if match is None or match[1] != sign:
            raise ValueError(f'must be written as "{example}"')
        if not share and match[3]:
            raise ValueError(f'is not a share: write it without %, as "{example}"')
        if share and bound(written) > 1:
            raise ValueError("must be a share of at most 1, or 100 %")
        return written

    return AfterValidator(check)


class Targets(FigureTargets):
    """Limits for the two verdicts (the first five; see how-to/warnings), and targets on key figures."""

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
    """Days from the first day on which a booster could be given to the booster itself; later boosters are too late.

    Decides when a clinic counts as full. Default: assumed."""
    visits: Named[VisitTargets] = Field(default_factory=TomlTable)
    """Targets on one type of visit, by its name, where there are several. Default: none."""
    roles: Named[RoleTargets] = Field(default_factory=TomlTable)
    """Targets on one role, by its name. Default: none."""
    places: Named[PlaceTargets] = Field(default_factory=TomlTable)
    """Targets on one kind of place, by its name. Default: none."""
    own: Named[Limit] = Field(default_factory=TomlTable)
    """Targets on key figures of `own.kpis`, by name; `"<= 5 %"` is that of a share. Default: none."""


DAYS = 10.0
"""Days to a first infusion that are in time, if the targets name none (assumed)."""


def target_days(targets: FigureTargets, visit: VisitTargets | None = None) -> float:
    """Return the days to a first infusion that are in time; of a type of visit, its own if it names some.

    >>> target_days(Targets()), target_days(Targets(access_days_p90="<= 7"))
    (10.0, 7.0)
    """
    return _most("access_days_p90", targets, visit, DAYS)


MINUTES = 15.0
"""Minutes that a patient may wait on the day, if the targets name none: those of `started_on_time_share`."""


def target_minutes(targets: FigureTargets, visit: VisitTargets | None = None) -> float:
    """Return the minutes from which a wait on the day is too long; of a type of visit, its own if it names some.

    >>> target_minutes(Targets()), target_minutes(Targets(wait_minutes_p90="<= 20"))
    (15.0, 20.0)
    """
    return _most("wait_minutes_p90", targets, visit, MINUTES)


def _most(figure: str, targets: FigureTargets, visit: VisitTargets | None, default: float) -> float:
    """Return the upper limit of a target, that of the type of visit first; the default if neither names one."""
    written = getattr(targets, figure)
    if visit is not None and getattr(visit, figure) is not None:
        written = getattr(visit, figure)
    if written is None:
        return default
    if isinstance(written, InYears):
        return default if written.at_most is None else written.at_most
    sign, limit = read_limit(written)
    return limit if sign == "<=" else default
