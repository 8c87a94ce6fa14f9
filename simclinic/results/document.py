"""What a study says, as data: the documents that `--json` prints and results folders keep.

Tables for people are made from them and from nothing else, so that the two cannot disagree.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypedDict

from simclinic.measures import KPIS

SCHEMA_VERSION = 1
"""Changes when a name or a meaning in a document does."""


class Figure(TypedDict):
    """One key figure over replications; null where it cannot be computed.

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


def no_figure(name: str) -> Figure:
    """Give a key figure that no replication could compute."""
    unit = KPIS[name].unit
    return Figure(mean=None, sd=None, ci=None, p10=None, p90=None, n=0, unit=unit, method=None, coverage=None)


class Horizon(TypedDict):
    """The simulated period."""

    start: str
    warm_up_weeks: int
    weeks: int


class Aim(TypedDict):
    """How well a mean, or a difference of two, is known, against what was asked for."""

    kpi: str
    scenario: str
    target: str
    half_width: float | None
    n: int
    reached: bool
    told: str


class PanelCount(TypedDict):
    """How many patients a study begins with."""

    patients: int
    waiting: int
    series: int
    maintained: int


class PanelStart(PanelCount):
    """With which panel a study begins, when, and which settings are drawn anew in each replication."""

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
    """Write a document as JSON: one order, no NaN, ASCII, ending with a line feed.

    A key figure that no replication could compute is `null` as a whole, so that no script can take it for one.
    """
    return json.dumps(_without_empty(document), indent=2, allow_nan=False) + "\n"


def _without_empty(value: Any) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """Put null in the place of every figure of no replications."""
    if isinstance(value, Mapping):
        if value.keys() == Figure.__annotations__.keys() and value["n"] == 0:
            return None
        return {key: _without_empty(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_empty(inner) for inner in value]
    return value
