"""The document of `template`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from simclinic.results.document import Figure, Horizon

State = Literal["met", "open", "on-paper"]
"""Whether a template is shown to keep the limits of the day; on paper nothing is simulated."""


class TemplateDay(TypedDict):
    """The starts of one weekday, such as "08:15".

    `most` is the proved bound of their number; null where the starts are not those of a template.
    """

    weekday: str
    starts: list[str]
    most: int | None
    peak_hands: int | None


class Booked(TypedDict):
    """One way to book: a template, the derived grid, or the listed starts.

    `slacks` are those with which this template is the best one, none for the present ways. `settled` says whether
    that is proved. Verdict and key figures are null where nothing was simulated.
    """

    name: str
    slacks: list[str]
    planned_minutes: float
    starts_per_week: int
    most_per_week: int | None
    settled: bool | None
    days: list[TemplateDay]
    verdict: str | None
    day_verdict: str | None
    day_verdict_reasons: list[str]
    kpis: dict[str, Figure] | None


class SheetLine(TypedDict):
    """One start of the answer: when, in which chair, and the nurse who begins it by hand."""

    weekday: str
    time: str
    chair: int
    nurse: str | None
    relieved: bool


class TemplateDocument(TypedDict):
    """Results of `template`.

    `now` is the name of the present way to book, `answer` that of the chosen one, null where none is. `hours` holds
    the starts a week of the answer's slack with doors that open ten minutes earlier or close ten minutes later.
    """

    schema_version: int
    study: str
    scenario: str
    grid_minutes: int
    seed: int | None
    replications: int | None
    horizon: Horizon | None
    late_limit: float
    on_time_limit: float
    state: State
    now: str
    answer: str | None
    told: list[str]
    first_visit_share: float
    ways: list[Booked]
    hours: dict[str, int | None]
    sheet: list[SheetLine]
    warnings: list[str]
    folder: NotRequired[str]
