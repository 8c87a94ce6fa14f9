"""What a study says, as data: the documents that `--json` prints and results folders keep.

Tables for people are made from them and from nothing else, so that the two cannot disagree.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from simclinic.measures import KPIS

SCHEMA_VERSION = 1
"""Changes when a name or a meaning in a document does."""


class Figure(TypedDict):
    """One key figure over replications; null where it cannot be computed.

    `method` is that of `ci`, and `coverage` the least share of cases in which such a `ci` was measured to hold the
    mean, where it is below 0.92; see :mod:`simclinic.measures.intervals`.
    """

    mean: float | None
    sd: float | None
    ci: list[float] | None
    p10: float | None
    p90: float | None
    n: int
    unit: str
    method: str | None
    coverage: float | None


def no_figure(name: str) -> Figure:
    """Give a key figure that no replication could compute."""
    unit = KPIS[name].unit
    return Figure(mean=None, sd=None, ci=None, p10=None, p90=None, n=0, unit=unit, method=None, coverage=None)


class Horizon(TypedDict):
    """The simulated period."""

    start: str
    warm_up_weeks: int
    weeks: int


class Aim(TypedDict):
    """How well a mean, or a difference of two, is known, against what was asked for."""

    kpi: str
    scenario: str
    target: str
    half_width: float | None
    n: int
    reached: bool
    told: str


class PanelCount(TypedDict):
    """How many patients a study begins with."""

    patients: int
    waiting: int
    series: int
    maintained: int


class PanelStart(PanelCount):
    """With which panel a study begins, when, and which settings are drawn anew in each replication."""

    hash: str
    as_of: str
    uncertain: list[str]


class AskingNow(TypedDict):
    """Share of those who ask now that will be turned away, as waits stood in the last `weeks` measured weeks.

    Null where it is not known: with too few replications, or if too few have waited as long as patience lasts.
    `growing` tells whether the waiting list is shown to grow; then these weeks are few.
    """

    share: float | None
    low: float | None
    high: float | None
    weeks: int
    growing: bool
    replications: int


class RunDocument(TypedDict):
    """What `run` found.

    `precision` is there if it was asked to go on until means are known well enough, `panel` if it began with
    today's patients, `balked_share_now` if a cap keeps patients waiting and the list is not shown to be level.

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
    precision: NotRequired[list[Aim]]
    panel: NotRequired[PanelStart]
    balked_share_now: NotRequired[AskingNow]


class Compared(TypedDict):
    """One of the scenarios that are compared."""

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


class Differing(TypedDict):
    """The difference in one key figure, over pairs of replications; null where it cannot be told."""

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
    """What `compare` found; `panel` is there if all scenarios began with today's patients."""

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


class Varied(TypedDict):
    """What a factor of a sweep takes: levels, or a range."""

    levels: list[Any] | None
    low: float | None
    high: float | None


class Effect(TypedDict):
    """What one factor does to one key figure; the measures are the design's, null where nothing can be said."""

    factor: str
    measures: dict[str, float | None]


class Ranked(TypedDict):
    """One key figure over the points of a sweep: its range, and the factors, the one that matters most first."""

    unit: str
    low: float | None
    high: float | None
    effects: list[Effect]


class SweepDocument(TypedDict):
    """What `sweep` found; `panel` is there if all points began with today's patients."""

    schema_version: int
    study: str
    name: str
    scenarios: list[str]
    design: str
    samples: int | None
    points: int
    replications: int
    seed: int
    failed: int
    horizon: Horizon
    currency: str
    warnings: list[str]
    ranked_by: str
    factors: dict[str, Varied]
    kpis: dict[str, Ranked]
    panel: NotRequired[PanelStart]


class HeldPanel(TypedDict):
    """What a folder keeps of the panel that its study begins with."""

    hash: str
    patients: int
    as_of: str
    uncertain: bool


class HeldDocument(TypedDict):
    """What one results folder holds.

    `damaged` names files, `problem` says why nothing of the folder can be told (else null), `summary` is what the
    study found, `panel` is null of a study that begins with an empty clinic.
    """

    folder: str
    study: str
    scenario: str
    seed: int
    planned: int
    done: int
    failed: int
    started: str | None
    ended: str | None
    damaged: list[str]
    problem: str | None
    panel: HeldPanel | None
    summary: dict[str, Any] | None


class ResultsDocument(TypedDict):
    """What `results` found."""

    schema_version: int
    study: str
    folders: list[HeldDocument]


class OneMore(TypedDict):
    """What one more of each adds on paper: starts a day or a week, of a walk-in clinic visits a week.

    `nurses` holds a nurse for each shift by name. `hands` and `eyes` are those of a nurse who has nothing but them,
    whenever anybody is on duty; `chair_and_nurses` is a chair together with a nurse in every shift.
    """

    chair: float
    nurses: dict[str, float]
    hands: float
    eyes: float
    chair_and_nurses: float


class Weekday(TypedDict):
    """What one day of the week can carry on paper; `one_more` is null where no grid is worked out."""

    weekday: str
    hours: str | None
    chairs: int
    nurses: int
    starts: int
    first_start: str | None
    last_start: str | None
    limit: str
    one_more: OneMore | None


class Use(TypedDict):
    """Planned use of one resource in one hour, the day's grid being full.

    `used` and `offered` are means over the hour, in chairs or nurses; `full` is the share of the open hour in which
    one more visit would find no room.
    """

    used: float
    offered: float
    full: float


class Hour(TypedDict):
    """One hour of a weekday: planned use, and the resource that is full the longest."""

    weekday: str
    hour: int
    chairs: Use
    hands: Use
    eyes: Use
    tightest: str | None


class Plan(TypedDict):
    """What the plan in force from a date on can carry; the bottleneck is full the longest, over the week.

    A walk-in clinic has no starts: there, `visits_at_most` is what the time on offer is enough for.
    """

    since: str
    starts_per_week: int
    visits_at_most: float | None
    one_more: OneMore | None
    weekdays: list[Weekday]
    hours: list[Hour]
    bottleneck: str | None


class Demand(TypedDict):
    """What patients ask for on paper, per week, when nobody is turned away and boosters are steady."""

    referrals: float
    series: float
    induction: float
    boosters: float | None
    starts: float | None


class Fault(TypedDict):
    """One thing wrong with a scenario; `told` says it all in one line."""

    file: str | None
    line: int | None
    address: str
    rule: str
    value: str | None
    suggestion: str | None
    told: str


class Checked(TypedDict):
    """One scenario, checked."""

    file: str
    valid: bool
    problems: list[Fault]
    scenario: str | None
    mode: str | None
    visit_minutes: float | None
    chair_minutes: float | None
    demand: Demand | None
    plans: list[Plan]
    warnings: list[str]


class CheckDocument(TypedDict):
    """What `check` found."""

    schema_version: int
    study: str
    scenarios: list[Checked]


def as_json(document: Mapping[str, Any]) -> str:
    """Write a document as JSON: one order, no NaN, ASCII, ending with a line feed.

    A key figure that no replication could compute is `null` as a whole, so that no script can take it for one.
    """
    return json.dumps(_without_empty(document), indent=2, allow_nan=False) + "\n"


def _without_empty(value: Any) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """Put null in the place of every figure of no replications."""
    if isinstance(value, Mapping):
        if value.keys() == Figure.__annotations__.keys() and value["n"] == 0:
            return None
        return {key: _without_empty(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_empty(inner) for inner in value]
    return value
