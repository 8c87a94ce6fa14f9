"""What `forecast --backtest` found."""

from __future__ import annotations

from typing import TypedDict

from simclinic.results.forecast import Band


class BacktestWeek(TypedDict):
    """One week: what was forecast, what came, and where that lies among the futures (0 to 1)."""

    week: int
    start: str
    boosters: Band
    came: int
    pit: float


class BandCoverage(TypedDict):
    """In how many weeks what came lay between p10 and p90; the interval is Wilson's, weeks taken as independent."""

    inside: int
    n: int
    share: float
    ci: list[float]


class ForecastError(TypedDict):
    """Mean absolute error per week, of the forecast's middle and of the simplest guess."""

    forecast: float
    naive: float
    naive_per_week: float


class BacktestTotal(TypedDict):
    """All weeks together."""

    boosters: Band
    came: int
    naive: float
    pit: float


class BacktestDocument(TypedDict):
    """What `forecast --backtest` found."""

    schema_version: int
    study: str
    scenario: str
    seed: int
    replications: int
    cut: str
    warnings: list[str]
    weeks: list[BacktestWeek]
    coverage: BandCoverage
    error: ForecastError
    total: BacktestTotal
