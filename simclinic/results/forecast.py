"""The document of `forecast`."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from simclinic.results.document import AskingNow, Horizon, PanelCount
from simclinic.results.full import FullFrom, FullLimits


class Band(TypedDict):
    """Band of simulated futures: percentiles, and the mean with its 95 % interval."""

    p10: float | None
    p50: float | None
    p90: float | None
    mean: float | None
    ci: list[float] | None


class ForecastWeek(TypedDict):
    """One week of a forecast."""

    week: int
    start: str
    booster_requests: Band
    from_panel: Band
    from_new: Band
    boosters_given: Band
    induction: Band
    capacity: Band
    waiting_for_series: Band
    waiting_for_booster: Band
    ketamine_mg: Band
    revenue: Band
    margin: Band
    nurse_hours: Band
    nurse_hours_rostered: Band
    booster_requests_before: Band
    starts_used: Band
    asked: Band
    not_served: Band
    full_probability: float | None
    full_by_probability: float | None


class RoleWeek(TypedDict):
    """What a role does in a week.

    `in_use` is its hands or its eyes, whichever is more, as a share of the time on duty; `short_probability` is the
    share of futures in which that is at least `short_share` over this week and the three after it; null where
    there are fewer.
    """

    week: int
    start: str
    in_use: Band
    short_probability: float | None


class RoleForecast(TypedDict):
    """What a role does under one relapse law.

    `first` and `last` are its use, as `in_use`, over the first and the last four weeks, and `total` its hours of
    work with patients, hours rostered and of overtime, and its pay, over all weeks. `short_in_week` is the first
    week with a `short_probability` of at least a half; null if there is none.
    """

    weeks: list[RoleWeek]
    first: Band
    last: Band
    total: dict[str, Band]
    short_share: float
    short_in_week: int | None


class Futures(TypedDict):
    """Statistics of the `n` futures under one relapse law.

    `by_role` is there if others than nurses work in the clinic, and `by_visit` if there are several types of visit:
    visits, and first visits, over all weeks.
    """

    name: str
    relapse: Any
    n: int
    weeks: list[ForecastWeek]
    total: dict[str, Band]
    full_in_week: int | None
    full_from: FullFrom
    by_role: NotRequired[dict[str, RoleForecast]]
    by_visit: NotRequired[dict[str, dict[str, Band]]]


class RelapseForecast(Futures):
    """The forecast under one relapse law: futures, verdicts on their mean, and shares that break a limit."""

    verdict: str | None
    verdict_reasons: list[str]
    day_verdict: str | None
    day_verdict_reasons: list[str]
    limits_broken: dict[str, float | None]
    balked_share_now: NotRequired[AskingNow]


class ForecastDocument(TypedDict):
    """Results of `forecast`; `weeks`, `total`, `full_in_week`, `full_from` are those of the first of the laws."""

    schema_version: int
    study: str
    scenario: str
    seed: int
    replications: int
    horizon: Horizon
    panel: PanelCount
    relapse: Any
    calibrated: bool
    uncertain: list[str]
    currency: str
    warnings: list[str]
    weeks: list[ForecastWeek]
    total: dict[str, Band]
    full_in_week: int | None
    full_from: FullFrom
    full_limits: FullLimits
    laws: list[RelapseForecast]
