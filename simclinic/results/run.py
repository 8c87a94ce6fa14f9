"""The document of `run`."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from simclinic.results.document import Aim, AskingNow, Figure, Horizon, PanelStart, TargetResult


class RunDocument(TypedDict):
    """Results of `run`.

    `precision` is there if it was asked to go on until means are known well enough, `panel` if it began with
    today's patients, `balked_share_now` if a cap keeps patients waiting and the list is not shown to be level,
    `targets` if the scenario sets targets on key figures. `by_visit` is there if there are several types of visit,
    `by_role` if others than nurses work there, and `by_place` if there are other places than chairs: key figures of
    `kpis` by part, and by the name of the same figure of the whole clinic.

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
    kpis: dict[str, Figure]
    by_visit: NotRequired[dict[str, dict[str, Figure]]]
    by_role: NotRequired[dict[str, dict[str, Figure]]]
    by_place: NotRequired[dict[str, dict[str, Figure]]]
    precision: NotRequired[list[Aim]]
    panel: NotRequired[PanelStart]
    balked_share_now: NotRequired[AskingNow]
    targets: NotRequired[list[TargetResult]]
