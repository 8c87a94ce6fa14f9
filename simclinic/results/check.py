"""The document of `check`: what plans can carry on paper."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from simclinic.planning.capacity import CapacityOnPaper
from simclinic.planning.demand import DemandOnPaper


class FaultDocument(TypedDict):
    """One problem of a scenario; `told` is the whole message in one line."""

    file: str | None
    line: int | None
    address: str
    rule: str
    value: str | None
    suggestion: str | None
    told: str


class Checked(TypedDict):
    """One scenario, checked; `targets` is there if it sets targets on key figures, each in words.

    With several types of visit, `visits` has the minutes until the patient leaves by type, and `visit_minutes` and
    `chair_minutes` are those of the first type. Minutes are those planned, averaged over the visits asked for. If
    visits of a type differ in their steps, `visit_minutes_between` has its shortest and its longest plan.
    """

    file: str
    valid: bool
    problems: list[FaultDocument]
    scenario: str | None
    mode: str | None
    visit_minutes: float | None
    chair_minutes: float | None
    demand: DemandOnPaper | None
    plans: list[CapacityOnPaper]
    warnings: list[str]
    visits: NotRequired[dict[str, float]]
    visit_minutes_between: NotRequired[dict[str, tuple[float, float]]]
    targets: NotRequired[list[str]]


class CheckDocument(TypedDict):
    """Results of `check`."""

    schema_version: int
    study: str
    scenarios: list[Checked]
