"""The document of `plan`."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from simclinic.results.document import Figure, Horizon, PanelStart
from simclinic.results.intake import Asked, AtLevel


class Varied(TypedDict):
    """A setting that varies between plans, with its levels."""

    address: str
    levels: list[Any]


class PlanResult(TypedDict):
    """A plan.

    `known_cost` a week is that of `nurse_hours` rostered and of `chair_days`, with the fixed costs;
    `load_on_paper` is null where nothing can start. `state` is "meets", "misses", "borderline", "open" or
    "not tried", and `misses` lists the figures of the targets that are missed. `figures` are means of those
    replications that were made; empty for a plan that was not tried.
    """

    name: str
    settings: dict[str, Any]
    nurse_hours: float
    chair_days: float
    known_cost: float
    load_on_paper: float | None
    replications: int
    state: str
    verdict: str | None
    misses: list[str]
    targets: list[AtLevel]
    figures: dict[str, Figure]


class Objective(TypedDict):
    """The figure by which certified plans are put in order.

    `among` are the places of the plans that were compared, `best` the one with the largest mean, and `close` those
    that are not shown to be less than the best. `certified` is whether `best` is shown to be the best of all.
    """

    figure: str
    among: list[int]
    best: int
    close: list[int]
    certified: bool


class Gain(TypedDict):
    """A difference of two means, with its paired 95 % interval; null where it cannot be computed."""

    mean: float | None
    ci: list[float] | None
    n: int
    unit: str


class End(TypedDict):
    """The chosen plan with an input at one end of its range.

    `state` is "met", "missed" or "open" there, by one-sided bounds at 95 % that are no part of the guarantee;
    `misses` lists the figures of the targets that are missed, and `enough` is the place of the next plan in `plans`
    that would hold; null if none is shown to, or none is needed.
    """

    address: str
    name: str
    usual: float
    value: float
    state: str
    misses: list[str]
    enough: int | None
    replications: int


class FromWeek(TypedDict):
    """The plan in force from a week on, counted from the first of the horizon.

    `state` is "confirmed", "missed" or "open", with the worst part of each target in `targets`.
    """

    week: int
    date: str
    state: str
    misses: list[str]
    targets: list[AtLevel]
    replications: int


class By(TypedDict):
    """When the chosen plan must be in force, so that targets are met in every part of the horizon.

    `parts` are of `part_weeks` each. `tried` are the weeks tried, the earliest first; `confirmed` is the place of
    the last one confirmed in it, `missed` that of the first shown to miss a target; null if there is none.
    `advertise_by` is `lead_weeks` before the date of `confirmed`. `nothing` is the state without the plan, and
    `against_nothing` are differences from that, means over the horizon with paired 95 % intervals.
    """

    parts: int
    part_weeks: int
    lead_weeks: int
    tried: list[FromWeek]
    confirmed: int | None
    missed: int | None
    advertise_by: str | None
    nothing: str
    nothing_misses: list[str]
    against_nothing: dict[str, Gain]


class PlanDocument(TypedDict):
    """Results of `plan`.

    `answer` is the answer in sentences, and `if_inputs_differ` says what becomes of it at the ends of inputs.
    `plans` are in the order of their known cost. `chosen` is the place of the answer in it, null if no plan is
    shown to meet all targets; `nearest` is then the plan that comes nearest. `limited_by` is what that plan is
    short of first: "chairs", "hands" or "eyes". `now` is the place of the scenario as it is, null if it is not
    among them, and `known_cost_now` what it surely costs. `listed` counts all plans, of which `overloaded` and
    `dearer` were left out on paper; `ruled_out` of `plans` miss the guard on the verdict on paper alone, so they
    have no replications. `alpha` is the probability that the answer is wrong, and `maximise` the figure that
    should be largest; null if the cheapest plan was looked for. `by` is there if the date was asked for; null
    if nothing need change, or no plan meets the targets.
    """

    schema_version: int
    study: str
    scenario: str
    seed: int
    horizon: Horizon
    alpha: float
    at_most: int
    maximise: str | None
    over: list[Varied]
    listed: int
    overloaded: int
    dearer: int
    ruled_out: int
    answer: list[str]
    if_inputs_differ: list[str]
    warnings: list[str]
    targets: list[Asked]
    plans: list[PlanResult]
    chosen: int | None
    nearest: int | None
    limited_by: str
    now: int | None
    known_cost_now: float
    objective: NotRequired[Objective]
    ends: list[End]
    by: NotRequired[By | None]
    panel: NotRequired[PanelStart]
