"""The document of `intake`."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from simclinic.results.document import Figure, Horizon, PanelStart


class Asked(TypedDict):
    """A target of the study: its figure, what is asked for in words, and whether it is a guard.

    `by` is the key figure that decides, with its `limit`, `at_most` or at least. A target `in_years` is decided by
    the share of replications that keep its limit. The verdict has no limit.
    """

    figure: str
    by: str
    at_most: bool
    limit: float | None
    in_years: bool
    guard: bool
    told: str


class AtLevel(TypedDict):
    """A target at a level: "met", "missed", "borderline" or "open", with the bounds of the mean that decide.

    `lower` and `upper` are one-sided bounds that hold at every number of replications at once; null where nothing
    is known. Where a target must be met in every part of the measured weeks, `part` is the worst, counted from 1.
    `absent` is the number of replications without the figure, if there are any: then nothing is known.
    """

    figure: str
    state: str
    mean: float | None
    lower: float | None
    upper: float | None
    part: NotRequired[int]
    absent: NotRequired[int]


class LevelResult(TypedDict):
    """A level of referrals.

    `share` is that of the referrals that the plan carries on paper, `series` the series a week that follow on
    paper, and `state` is "confirmed", "missed" or "open". `figures`, of a clinic with several types of visit, are
    those by type that one figure of the clinic blends: means over replications with their intervals.
    """

    share: float
    referrals: float
    series: float
    replications: int
    state: str
    verdict: str | None
    targets: list[AtLevel]
    figures: NotRequired[dict[str, Figure]]


class IntakeDocument(TypedDict):
    """Results of `intake`.

    `confirmed` is the highest level that is confirmed, `missed` the lowest that is shown to miss a target, each as
    its place in `levels`; null if there is none. `now` are the referrals a week of the scenario, `on_paper` those
    that the plan carries on paper.
    """

    schema_version: int
    study: str
    scenario: str
    seed: int
    horizon: Horizon
    alpha: float
    at_most: int
    now: float
    on_paper: float
    answer: list[str]
    warnings: list[str]
    targets: list[Asked]
    levels: list[LevelResult]
    confirmed: int | None
    missed: int | None
    panel: NotRequired[PanelStart]
