"""The document of `run`."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from simclinic.measures.intervals import Summary
from simclinic.results.document import Aim, AskingNow, Figure, Horizon, PanelStart, TargetResult


class Number(Summary):
    """A share of time: of so many at once or, with `or_more`, of so many and more."""

    number: int
    or_more: bool


class AtOnce(TypedDict):
    """How many at once: the share of time with each number, from 0 on; the last entry may be "so many or more".

    `what` is `in_use`, `waiting`, `in_lobby`, `hands_on` or `watched`; `part` is the place or role, empty for the
    lobby. The intervals do not contain the error of pilot runs.
    """

    what: str
    part: str
    definition: str
    shares: list[Number]


class RunDocument(TypedDict):
    """Results of `run`.

    `precision` is there if it was asked to go on until means are known well enough, `panel` if it began with
    today's patients, `balked_share_now` if a cap keeps patients waiting and the list is not shown to be level,
    `targets` if the scenario sets targets on key figures. `by_visit` is there if there are several types of visit,
    `by_role` if others than nurses work there, and `by_place` if there are other places than chairs: key figures of
    `kpis` by part, and by the name of the same figure of the whole clinic. `at_once` says how often so many chairs
    are in use, patients wait, or tasks are under way. `plan_warnings` is there if on paper visits cannot be booked,
    wait for want of starts of their type, or are cancelled; `warnings` begins with them.

    `verdict` is "not-stable", "filling", "open" or "stable", `day_verdict` "does-not-hold", "open" or "holds"; both
    are null where nothing can be judged. `stable` is true with the verdict "stable" alone.
    """

    schema_version: int
    study: str
    scenario: str
    seed: int
    replications: int
    horizon: Horizon
    verdict: str | None
    verdict_reasons: list[str]
    stable: bool | None
    day_verdict: str | None
    day_verdict_reasons: list[str]
    warnings: list[str]
    plan_warnings: NotRequired[list[str]]
    kpis: dict[str, Figure]
    by_visit: NotRequired[dict[str, dict[str, Figure]]]
    by_role: NotRequired[dict[str, dict[str, Figure]]]
    by_place: NotRequired[dict[str, dict[str, Figure]]]
    at_once: NotRequired[list[AtOnce]]
    precision: NotRequired[list[Aim]]
    panel: NotRequired[PanelStart]
    balked_share_now: NotRequired[AskingNow]
    targets: NotRequired[list[TargetResult]]
