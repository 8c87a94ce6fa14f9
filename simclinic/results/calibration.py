"""The document of `calibrate`."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class ExportRead(TypedDict):
    """The export and how it was read; `patients` and `first` to `last` are of rows that count.

    `consults` took place; the other counts are of infusions and other treatment.

    `last` is the day before `as_of`, the first day of a forecast; closed days lie between it and `last_visit`.
    """

    file: str
    rows: int
    patients: int
    completed: int
    no_show: int
    cancelled: int
    booked: int
    consults: NotRequired[int]
    first: str
    last: str
    as_of: str
    last_visit: NotRequired[str]
    format: str
    encoding: str
    delimiter: str
    columns: dict[str, str]
    dates: str
    open_weekdays: list[str]


class Oddity(TypedDict):
    """One note on the quality of the export; `lines` are the first few."""

    what: str
    count: int
    lines: list[int]
    done: str


class Lost(TypedDict):
    """Rows that do not count; `heavy` losses head the warnings, `effect` is their effect on the figures.

    `patients` are those without any other row.
    """

    what: str
    rows: int
    of_rows: int
    visits: int
    of_visits: int
    patients: int
    of_patients: int
    heavy: bool
    effect: str


class Estimated(TypedDict):
    """One estimate; null where there is none."""

    parameter: str
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    method: str
    note: str


class LawDocument(TypedDict):
    """One fitted distribution of return times; `chosen` marks the one that is used."""

    law: str
    never: bool
    settings: dict[str, float]
    log_likelihood: float
    aic: float
    certain: bool
    chosen: bool


class Returns(TypedDict):
    """Returns after a series or a booster: observations, and fitted distributions, the best first."""

    n: int
    returns: int
    laws: list[LawDocument]


class TodayDocument(TypedDict):
    """The panel: patients by stage, and why others are not in it."""

    series: int
    maintained: int
    left_out: dict[str, int]


class CalibrateDocument(TypedDict):
    """Results of `calibrate`."""

    schema_version: int
    study: str
    scenario: str
    base: str
    export: ExportRead
    warnings: list[str]
    losses: list[Lost]
    quality: list[Oddity]
    estimates: list[Estimated]
    returns: dict[str, Returns]
    panel: TodayDocument
    kept: list[str]
    cannot_tell: list[str]
    uncertainty: list[str]
