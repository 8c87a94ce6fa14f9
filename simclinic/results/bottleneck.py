"""The document of `bottleneck`."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from simclinic.planning.capacity import WithHolidays
from simclinic.results.document import Figure, Horizon, PanelStart


class Busiest(TypedDict):
    """The two hours of the week in which a resource is used most.

    `hour` is the first of the two, `share` the use over both as a share of what is there. `weekdays` are the days
    that are not shown to be less busy in these hours than the busiest one. `others` tells whether other hours are
    not shown to be less busy either, so that these two are an example.
    """

    weekdays: list[str]
    hour: int
    share: float
    others: bool


class ResourceUse(TypedDict):
    """Use of a resource: "chairs", "hands" or "eyes" of nurses; "places:lounge", "hands:prescriber" of others.

    "on-site:prescriber" is a role that no step occupies: it must only be there. `there` is the share of the opening
    hours in which somebody of another role is on duty.

    `paper` is the share of the opening hours in which it is full if every start on paper is used, `used` its
    simulated use, `waited` the simulated minutes that a visit waits for it. Waits for other roles are part of those
    for nurses, so `waited` is null for these. Where no use is known by the hour, `busiest` is null.
    """

    name: str
    paper: float | None
    used: float | None
    busiest: Busiest | None
    waited: Figure | None
    there: NotRequired[float]


class ScarceStarts(TypedDict):
    """Starts a week for a type of visit, or its infusions from `first` to `last`: asked for, and fitting at most.

    `first` is null where it is all infusions of the type, `last` where there is no last one.
    """

    visit: str
    first: int | None
    last: int | None
    asked: float
    fit: float


class OnPaper(TypedDict):
    """The plan on paper: starts a week (walk-in: visits at most), starts asked for, and what limits them.

    `limits` holds for each open weekday what limits its starts. `first` is what runs out first: "chairs",
    "nurses", "hours" or "listed", by the starts that one more of each adds, or the limit of most days if none adds
    any. `scarce` is there where starts for some visits run out before that: more of them are asked for than fit,
    though nothing else is booked. `asked` is null if demand never ends. `starts` is for weeks without holidays;
    `with_holidays`, where there are any, for all weeks.
    """

    starts: float
    asked: float | None
    first: str
    limits: dict[str, str]
    with_holidays: NotRequired[WithHolidays]
    scarce: NotRequired[ScarceStarts]


class Met(TypedDict):
    """A target, and whether a plan meets it: "met", "missed", "open", or "unknown" without a figure."""

    kpi: str
    target: str
    state: str


class Effect(TypedDict):
    """What a change does to one figure: the change's figure less that of the plan as it is, on the same patients.

    `call` is "shown" (after correction for all effects in the table), "perhaps" (only without), "too close" (the
    interval holds 0), "same" (equal in every replication) or "unknown".
    """

    mean: float | None
    difference: float | None
    sd: float | None
    ci: list[float] | None
    n: int
    p: float | None
    p_holm: float | None
    unit: str
    call: str


class Tried(TypedDict):
    """A change of the plan by one; `starts` are those it adds on paper, `said` what it does, in words."""

    key: str
    name: str
    kind: str
    more: bool
    settings: dict[str, Any]
    starts: float
    verdict: str | None
    targets: list[Met]
    effects: dict[str, Effect]
    said: str


class NotPossible(TypedDict):
    """A change that cannot be made, and why."""

    name: str
    reason: str


class Away(TypedDict):
    """One weekly figure while a nurse is on leave: as it is, on leave, and the difference of the two."""

    name: str
    label: str
    now: float
    leave: float
    difference: float
    ci: list[float] | None
    call: str


class Leave(TypedDict):
    """What two weeks of leave do.

    `during` holds figures of the weeks of the leave, `back_after` the weeks after it until no more patients than
    usual are shown to wait; null if the measured weeks end before.
    """

    name: str
    since: str
    weeks: int
    starts: float
    during: list[Away]
    back_after: int | None
    said: str


class BottleneckDocument(TypedDict):
    """Results of `bottleneck`; `changes` are sorted by what the targets need.

    `usual` are the figures that every table has; `kpis` has those of the targets, too. `sorted_by` is the figure by
    which changes are sorted: of the targets that the plan misses, the one that is missed most; if it misses none,
    the patients who begin, or the wait if no change is shown to let more of them begin. `simulated` is what runs
    out first in the simulation, "chairs", "nurses", "hours", "prescriber" or "prescriber days": that of which one
    more is shown to improve this figure most; null if none is shown to.
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
    answer: list[str]
    walk_in: bool
    usual: list[str]
    sorted_by: str
    simulated: str | None
    paper: OnPaper
    resources: list[ResourceUse]
    targets: list[Met]
    kpis: dict[str, Figure]
    changes: list[Tried]
    not_possible: list[NotPossible]
    leave: Leave | None
    panel: NotRequired[PanelStart]
