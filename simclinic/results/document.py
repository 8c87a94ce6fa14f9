"""Parts that the documents of several studies share, and their encoding as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from simclinic.measures import KPIS
from simclinic.scenario import Scenario

SCHEMA_VERSION = 1
"""Increased when a name or meaning in a document changes."""


class PlainFigure(TypedDict):
    """A mean and its interval without the adjustment by control variates."""

    mean: float
    ci: list[float]


class Figure(TypedDict):
    """One key figure over replications; null where it cannot be computed. Adjusted ones have the plain values, too.

    `method` is that of `ci`, and `coverage` the least share of cases in which such a `ci` was measured to hold the
    mean, where it is below 0.92; see :mod:`simclinic.measures.intervals`.
    """

    mean: float | None
    sd: float | None
    ci: list[float] | None
    p10: float | None
    p90: float | None
    n: int
    unit: str
    method: str | None
    coverage: float | None
    plain: NotRequired[PlainFigure]


_ALWAYS = Figure.__annotations__.keys() - {"plain"}  # keys of a figure without an adjusted mean


def no_figure(name: str) -> Figure:
    """Return the figure of a KPI that no replication could compute."""
    unit = KPIS[name].unit
    return Figure(mean=None, sd=None, ci=None, p10=None, p90=None, n=0, unit=unit, method=None, coverage=None)


class Horizon(TypedDict):
    """The simulated period; `begin` is "steady" if it begins with the patients of the years before."""

    start: str
    warm_up_weeks: int
    weeks: int
    begin: NotRequired[str]


def horizon(scenario: Scenario) -> Horizon:
    """Return the period that a scenario simulates."""
    run = scenario.run
    period = Horizon(start=run.start.isoformat(), warm_up_weeks=run.warm_up_weeks, weeks=run.weeks)
    if run.begin == "steady":
        period["begin"] = run.begin
    return period


class Aim(TypedDict):
    """Precision of a mean, or of a difference of two, compared with its target."""

    kpi: str
    scenario: str
    target: str
    half_width: float | None
    n: int
    reached: bool
    told: str


class TargetResult(TypedDict):
    """A target of a scenario, and whether it is met.

    `figure` is the key figure as `[targets]` names it, or "verdict", and `limit` its limit, `at_most` or at least;
    `years` is the share of replications that should keep it, null where the mean over replications should. `by` is
    the key figure that decides, with the limit `by_limit` of it, `by_at_most` or at least: a target on
    `access_days_p90` is decided by `started_within_days_share`. `mean` is the mean of that figure, or the share of
    replications that keep the limit; `low` and `high` are its one-sided 95 % bounds, and `n` the replications that
    have it. `state` is "met", "missed" or "open", and `told` says what was asked for and found.
    """

    figure: str
    at_most: bool
    limit: float | None
    years: float | None
    guard: bool
    by: str
    by_at_most: bool
    by_limit: float | None
    state: str
    mean: float | None
    low: float | None
    high: float | None
    n: int
    told: str


class PanelCount(TypedDict):
    """Numbers of patients that a study begins with; those booked for a consult only if there are any."""

    patients: int
    waiting: int
    series: int
    maintained: int
    consult: NotRequired[int]


class PanelStart(PanelCount):
    """The panel that a study begins with, its date, and the settings drawn anew in each replication."""

    hash: str
    as_of: str
    uncertain: list[str]


class AskingNow(TypedDict):
    """Share of those who ask now that will be turned away, as waits stood in the last `weeks` measured weeks.

    Null where it is not known: with too few replications, or if too few have waited as long as patience lasts.
    `growing` tells whether the waiting list is shown to grow; then these weeks are few.
    """

    share: float | None
    low: float | None
    high: float | None
    weeks: int
    growing: bool
    replications: int


def as_json(document: Mapping[str, Any]) -> str:
    """Encode a document as JSON: fixed order, no NaN, ASCII, ending with a line feed.

    A key figure that no replication could compute is `null` as a whole, so that no script mistakes it for a value.
    """
    return json.dumps(_without_empty(document), indent=2, allow_nan=False) + "\n"


def _without_empty(value: Any) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """Replace every figure without replications by null."""
    if isinstance(value, Mapping):
        if value.keys() == _ALWAYS and value["n"] == 0:
            return None
        return {key: _without_empty(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_empty(inner) for inner in value]
    return value
