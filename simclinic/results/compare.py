"""The document of `compare`."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from simclinic.results.document import Aim, AskingNow, Figure, Horizon, PanelStart, TargetResult


class Compared(TypedDict):
    """One of the scenarios that are compared; `targets` is there if it sets targets on key figures."""

    name: str
    scenario: str
    verdict: str | None
    verdict_reasons: list[str]
    stable: bool | None
    day_verdict: str | None
    day_verdict_reasons: list[str]
    warnings: list[str]
    kpis: dict[str, Figure]
    balked_share_now: NotRequired[AskingNow]
    targets: NotRequired[list[TargetResult]]


class Differing(TypedDict):
    """The difference in one key figure, over pairs of replications; null where it cannot be computed."""

    mean: float | None
    sd: float | None
    ci: list[float] | None
    n: int
    p: float | None
    p_holm: float | None
    variance_ratio: float | None
    verdict: str
    unit: str


Between = TypedDict("Between", {"from": str, "to": str, "kpis": dict[str, Differing]})
"""How a scenario (`to`) differs from the first (`from`): to less from."""


class CompareDocument(TypedDict):
    """Results of `compare`; `panel` is there if all scenarios began with today's patients."""

    schema_version: int
    study: str
    seed: int
    replications: int
    horizon: Horizon
    verdict: str | None
    stable: bool | None
    warnings: list[str]
    until: list[Aim]
    scenarios: list[Compared]
    differences: list[Between]
    panel: NotRequired[PanelStart]
