"""The document of `sweep`."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from simclinic.results.document import Horizon, PanelStart


class Varied(TypedDict):
    """Values of a factor of a sweep: levels, or a range."""

    levels: list[Any] | None
    low: float | None
    high: float | None


class Effect(TypedDict):
    """Effect of one factor on one key figure; the measures are the design's, null where unknown."""

    factor: str
    measures: dict[str, float | None]


class Ranked(TypedDict):
    """One key figure over the points of a sweep: its range, and the factors, the one that matters most first."""

    unit: str
    low: float | None
    high: float | None
    effects: list[Effect]


class TargetCount(TypedDict):
    """A target, and the number of points at which it is met, missed and open; the other keys are those of `run`."""

    figure: str
    at_most: bool
    limit: float | None
    years: float | None
    guard: bool
    by: str
    met: int
    missed: int
    open: int
    told: str


class SweepDocument(TypedDict):
    """Results of `sweep`; `panel` is there if all points began with today's patients.

    `targets` is there if the scenarios set targets on key figures.
    """

    schema_version: int
    study: str
    name: str
    scenarios: list[str]
    design: str
    samples: int | None
    points: int
    replications: int
    seed: int
    failed: int
    horizon: Horizon
    currency: str
    warnings: list[str]
    ranked_by: str
    factors: dict[str, Varied]
    kpis: dict[str, Ranked]
    panel: NotRequired[PanelStart]
    targets: NotRequired[list[TargetCount]]
