"""The document of `track`."""

from __future__ import annotations

from typing import Literal, TypedDict

IN_A_ROW, OF_A_TYPE = 2, 3
"""Months in a row outside the band, on one side, from which a setting is to be learnt anew; of a type of visit."""

Side = Literal["above", "below"]
Place = Literal["above", "inside", "below"]


class TrackedForecast(TypedDict):
    """The forecast: its first day, weeks, futures, and the relapse law that is compared."""

    folder: str
    start: str
    weeks: int
    futures: int
    law: str
    laws: list[str]


class TrackedExport(TypedDict):
    """The export: its file name, and the first and last day that it covers."""

    file: str
    first: str
    last: str


class Month(TypedDict):
    """The weeks of the forecast that begin in a month; `why` says why it is not judged, null if it is."""

    month: str
    start: str
    end: str
    weeks: int
    why: str | None


class MonthFigure(TypedDict):
    """What came in a month, and the band of the forecast; `why` says why the figure is not judged there."""

    month: str
    came: float | None
    n: int | None
    low: float | None
    middle: float | None
    high: float | None
    place: Place | None
    why: str | None


class Outside(TypedDict):
    """Two judged months or more in a row outside the band, all on the same side; three of a type of visit.

    `chance` is the share of the forecast's futures that have so many in a row, or more, in this figure.
    """

    side: Side
    months: list[str]
    chance: float


class Sum(TypedDict):
    """All judged months together."""

    came: float | None
    low: float | None
    middle: float | None
    high: float | None
    place: Place | None


class TrackedFigure(TypedDict):
    """One figure; `missing` says why it cannot be compared at all.

    `outside` of the `judged` months lie outside the band, `expected_outside` would by chance. `chance` is the share
    of the forecast's own futures that have two months in a row outside on the same side, over the same months; of a
    type of visit, whose `name` contains a colon, three.
    """

    name: str
    label: str
    unit: str
    missing: str | None
    months: list[MonthFigure]
    total: Sum | None
    judged: int
    outside: int
    expected_outside: float | None
    in_a_row: list[Outside]
    chance: float | None
    settings: list[str]


def needed(name: str) -> int:
    """Return how many months in a row count for a figure.

    >>> needed("boosters"), needed("visits:esketamine")
    (2, 3)
    """
    return OF_A_TYPE if ":" in name else IN_A_ROW


class TrackDocument(TypedDict):
    """Results of `track`; `chance` is that of any figure, and `command` learns the settings in `learn_anew`."""

    schema_version: int
    study: str
    scenario: str
    forecast: TrackedForecast
    export: TrackedExport
    band: float
    answer: list[str]
    warnings: list[str]
    months: list[Month]
    figures: list[TrackedFigure]
    chance: float | None
    learn_anew: list[str]
    command: str | None
