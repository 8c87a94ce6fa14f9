"""The document of `forecast --backtest`."""

from __future__ import annotations

from typing import TypedDict

from simclinic.results.forecast import Band


class BacktestWeek(TypedDict):
    """One week: forecast, observed boosters, and their place among the futures (PIT, 0 to 1)."""

    week: int
    start: str
    boosters: Band
    came: int
    pit: float


class BandCoverage(TypedDict):
    """Weeks whose observed boosters lie between p10 and p90; Wilson's interval, weeks taken as independent."""

    inside: int
    n: int
    share: float
    ci: list[float]


class ForecastError(TypedDict):
    """Mean absolute error per week, of the forecast's median and of the naive forecast."""

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
    """Results of `forecast --backtest`."""

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
