"""The document of `template`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from simclinic.results.document import Figure, Horizon, TargetResult
from simclinic.results.intake import Asked, AtLevel

State = Literal["met", "missed", "open", "on-paper"]
"""Whether the answer is shown to keep the limits of the day; on paper nothing is simulated."""


class TemplateDay(TypedDict):
    """The starts of one weekday, such as "08:15".

    `most` is the proved bound of their number; null where the starts are not those of a template of one type.
    `visits` is the type of visit of each start, where there are several types, roles or places.
    """

    weekday: str
    starts: list[str]
    visits: NotRequired[list[str]]
    most: int | None
    peak_hands: int | None


class Booked(TypedDict):
    """One way to book: a template, the derived grid, or the listed starts.

    `slacks` are those with which this template is the best one, none for the present ways. `settled` says whether
    that is proved. `state` is "meets", "misses", "borderline", "open" or "not tried", and `misses` lists the
    figures of the limits that are missed. Without a simulation, verdict and key figures are null.

    Where there are several types of visit, roles or places, `carries` is the share of what is asked for that the
    way has room for, of the visits for which that is least, `most_carried` its proved bound (null without a
    template), and `by_type` the starts a week by type.
    """

    name: str
    slacks: list[str]
    planned_minutes: float
    starts_per_week: int
    most_per_week: int | None
    settled: bool | None
    days: list[TemplateDay]
    replications: int
    state: str
    misses: list[str]
    targets: list[AtLevel]
    verdict: str | None
    kpis: dict[str, Figure] | None
    carries: NotRequired[float]
    most_carried: NotRequired[float | None]
    by_type: NotRequired[dict[str, int]]


class SheetLine(TypedDict):
    """One start of the answer: when, in which chair, and the nurse who begins it by hand.

    With several types of visit, roles or places it has no nurse, but the type of visit and the places that it
    holds, in order.
    """

    weekday: str
    time: str
    chair: int
    nurse: str | None
    relieved: bool
    visit: NotRequired[str]
    place: NotRequired[str]


class TemplateDocument(TypedDict):
    """Results of `template`.

    `ways` begin with the fullest. `now` is the name of the present way to book, `chosen` that of the answer, null
    where none is. `asked` is whether one slack was asked for, which then is the answer whatever its simulation
    says. `targets` are the limits of the day; `others` what is found of the scenario's other targets with the
    answer, one by one. `hours` holds the starts a week of the answer's slack with doors that open ten minutes
    earlier or close ten minutes later. With several types of visit, roles or places, `asked_by_type` holds the
    starts asked for a week, and `toml` what a scenario file must say to book by the answer, empty where nothing
    changes; `first_visit_share` is null then.
    """

    schema_version: int
    study: str
    scenario: str
    grid_minutes: int
    seed: int | None
    horizon: Horizon | None
    alpha: float
    at_most: int
    state: State
    now: str
    chosen: str | None
    asked: bool
    answer: list[str]
    first_visit_share: float | None
    targets: list[Asked]
    others: list[TargetResult]
    ways: list[Booked]
    hours: dict[str, int | None]
    sheet: list[SheetLine]
    warnings: list[str]
    asked_by_type: NotRequired[dict[str, float]]
    toml: NotRequired[str]
