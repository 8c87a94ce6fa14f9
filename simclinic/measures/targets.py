"""Targets on key figures: which a scenario has, and whether replications show that they are met.

A target is *met* if the mean over replications is shown to keep the limit, *missed* if it is shown to break it, and
*open* otherwise; one-sided at 95 %, by the figure's own interval method (:mod:`simclinic.measures.intervals`). A
target with a share of years is judged by the share of replications that keep the limit.

Waiting has a figure of its own. Days to the first infusion are those of patients who begin, so a clinic that turns
patients away has short ones. `access_days_p90 <= 10` is therefore read as "at least 90 % of all who asked begin
within 10 days", and judged by `started_within_days_share`.

With every set of targets go four guards, unless the scenario has targets on their figures: patients turned away,
the wait for a booster, days that run late, and the verdict, which must not be *not stable*. With targets on a type
of visit goes one more, on patients of that type who are turned away.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simclinic.arrays import Floats
from simclinic.measures.intervals import Watched, estimate
from simclinic.measures.kpi import Kpi
from simclinic.measures.kpis import KPIS
from simclinic.measures.shared_error import Effects, half_width
from simclinic.measures.stability import LEAST
from simclinic.scenario import Scenario
from simclinic.scenario.figure_targets import FigureTargets, InYears, read_limit
from simclinic.scenario.part_targets import TARGETS
from simclinic.scenario.targets import Targets, bound

State = Literal["missed", "open", "met"]

STATES: tuple[State, ...] = ("missed", "open", "met")
"""What replications show of a target, the worst first."""

VERDICT = "verdict"
"""The figure of the guard on the verdict."""

DEFAULTS = {"access_days_p90": "<= 10", "overtime_minutes_per_day": {"at_most": 10, "in": 0.8}}
"""Targets for commands that need some, if a scenario has none (assumed).

The one on overtime is in years: where days hardly ever run late, no mean of minutes is ever shown to keep its
limit, because a figure that is mostly zero is not certified by its own spread.
"""

IN_TIME = 0.9
"""Share of all who asked that a target on `access_days_p90` asks to begin in time."""

_LIMITS = ("balked_share", "overtime_day_share", "started_on_time_share")
"""Limits of verdicts on key figures, which every scenario has."""

_OF_DAY = (
    *(
        "overtime_day_share",
        "started_on_time_share",
        "overtime_minutes_per_day",
        "overtime_nurse_hours_per_week",
    ),
    *("wait_minutes_mean", "wait_minutes_p90", "visit_minutes_mean", "waited_share", "delayed_share"),
    *("waited_for_chair_minutes_p90", "queue_length_mean"),
    *(f"waited_for_{what}_minutes_mean" for what in ("chair", "hands", "eyes")),
)
"""Figures of a day: its two limits, and those on which a scenario may have targets."""

_ONE_SIDED = 0.9
"""Confidence of a two-sided interval whose ends are one-sided bounds at 95 %."""


@dataclass(frozen=True, slots=True)
class Target:
    """A limit for a key figure.

    Attributes
    ----------
    figure
        The key figure as the scenario names it, or `VERDICT`.
    at_most
        Whether the figure should be at most the limit; otherwise at least.
    limit
        In the figure's unit; NaN for the verdict.
    years
        Share of replications that should keep the limit; None: the mean over replications should.
    guard
        Whether it goes with every set of targets.
    """

    figure: str
    at_most: bool
    limit: float
    years: float | None = None
    guard: bool = False

    @property
    def by(self) -> str:
        """The key figure by which it is judged."""
        _, colon, part = self.figure.partition(":")
        return f"started_within_days_share{colon}{part}" if self._waiting else self.figure

    @property
    def bound(self) -> tuple[bool, float]:
        """Whether that figure should be at most a limit, and the limit."""
        return (False, IN_TIME) if self._waiting else (self.at_most, self.limit)

    @property
    def _waiting(self) -> bool:
        return self.figure.partition(":")[0] == "access_days_p90" and self.at_most

    @property
    def goal(self) -> tuple[bool, float]:
        """Whether the mean of `values` should be at most a limit, and the limit."""
        return self.bound if self.years is None else (False, self.years)

    @property
    def kind(self) -> Literal["t", "years", "betting"]:
        """The confidence sequence for `values`; see :mod:`simclinic.experiment.sequences`."""
        if self.years is not None:
            return "years"
        return "betting" if KPIS[self.by].unit == "share" else "t"

    @property
    def tolerance(self) -> float:
        """Width of the bounds below which a mean near the limit is borderline: 5 % of it, of shares 1 point."""
        if self.years is not None or KPIS[self.by].unit == "share":
            return 0.01
        return 0.05 * abs(self.limit)

    def values(self, columns: Mapping[str, Floats]) -> Floats:
        """Return what is judged, one value a replication: the figure, or 1 if it keeps the limit and 0 if not.

        Parameters
        ----------
        columns
            Key figures by name, arrays of shape (..., replications); NaN where one could not be computed.
        """
        figures = np.asarray(columns.get(self.by, ()), dtype=np.float64)
        if self.years is None:
            return figures
        at_most, limit = self.bound
        kept = figures <= limit if at_most else figures >= limit
        return np.where(np.isnan(figures), np.nan, kept.astype(np.float64))


@dataclass(frozen=True, slots=True)
class Judged:
    """What replications show of a target.

    Attributes
    ----------
    target
        The target.
    state
        One of `STATES`.
    mean, low, high
        Mean of the target's values, and its one-sided bounds at 95 %; NaN where unknown.
    n
        Replications that have the figure.
    reason
        Why nothing is shown, or why there is nothing to show, in plain words; empty otherwise.
    """

    target: Target
    state: State
    mean: float = math.nan
    low: float = math.nan
    high: float = math.nan
    n: int = 0
    reason: str = ""


def targets_of(scenario: Scenario, *, default: bool = False) -> tuple[Target, ...]:
    """Return the targets of a scenario and their guards; none if it sets no targets.

    A limit of verdicts counts as a target if it differs from the usual one.

    Parameters
    ----------
    scenario
        The scenario.
    default
        Whether to return `DEFAULTS` if it sets none.
    """
    found = list(_set(scenario.targets))
    if not found and default:
        found = list(_set(Targets.model_validate(DEFAULTS)))
    if not found:
        return ()
    named = {target.figure for target in found}
    return (*found, *(guard for guard in _guards(scenario) if guard.figure not in named))


def targets_of_day(scenario: Scenario) -> tuple[Target, ...]:
    """Return the targets that a day can keep or break, whatever the demand: late days, visits that begin late.

    The two limits of a day are there in any case; targets on other figures of the day are those of the scenario.
    """
    own = {target.figure: target for target in targets_of(scenario)}
    limits = (
        Target(name, name == "overtime_day_share", bound(getattr(scenario.targets, name)), guard=True)
        for name in _OF_DAY[:2]
    )
    return (*limits, *(target for name, target in own.items() if name in _OF_DAY[2:]))


def _set(targets: Targets) -> Iterator[Target]:
    usual = Targets()
    for name in FigureTargets.model_fields:
        if (written := getattr(targets, name)) is not None:
            yield _read(name, written)
    for table in TARGETS:
        for part, section in getattr(targets, table).items():
            for name in type(section).model_fields:
                if (written := getattr(section, name)) is not None:
                    yield _read(f"{name}:{part}", written)
    for name, own in targets.own.items():
        yield _read(name, own)
    for name in _LIMITS:
        limit = bound(getattr(targets, name))
        if limit != bound(getattr(usual, name)):
            yield Target(name, name != "started_on_time_share", limit)


def _read(name: str, written: str | InYears) -> Target:
    if isinstance(written, InYears):
        at_most = written.at_most is not None
        return Target(name, at_most, _either(written.at_most, written.at_least), written.in_)
    sign, limit = read_limit(written)
    return Target(name, sign == "<=", limit)


def _either(one: float | None, other: float | None) -> float:
    return one if one is not None else other if other is not None else math.nan


def _guards(scenario: Scenario) -> Iterator[Target]:
    targets = scenario.targets
    # The limit of [targets] counts from the first day that the notice allows; the figure counts from the request.
    wait = bound(targets.booster_wait_days) + scenario.booking.booster_notice_days
    yield Target("balked_share", at_most=True, limit=bound(targets.balked_share), guard=True)
    series = {protocol.visit for protocol in scenario.protocols.values()}
    for part in targets.visits:
        if part in series:
            limit = bound(targets.balked_share)
            yield Target(f"balked_share:{part}", at_most=True, limit=limit, guard=True)
    yield Target("booster_wait_days_mean", at_most=True, limit=wait, guard=True)
    yield Target("overtime_day_share", at_most=True, limit=bound(targets.overtime_day_share), guard=True)
    yield Target(VERDICT, at_most=True, limit=math.nan, guard=True)


def judge_targets(
    targets: Sequence[Target],
    columns: Mapping[str, Floats],
    *,
    verdict: str | None,
    watched: Watched | None = None,
    pairs: bool = False,
    shared: Effects | None = None,
) -> tuple[Judged, ...]:
    """Judge targets over a set of replications.

    Parameters
    ----------
    targets
        The targets; see :func:`targets_of`.
    columns
        Key figures by name, arrays of shape (replications,), NaN where one could not be computed.
    verdict
        The verdict on the clinic; None: no replication was finished.
    watched
        What a replication watches; of mirrored pairs, what one of the two does.
    pairs
        Whether each two replications are a mirrored pair, and only the pairs are independent.
    shared
        Effects of an error that all replications share, by key figure; see :mod:`simclinic.measures.shared_error`.
    """
    found = (_judged(target, columns, verdict, watched or Watched(), pairs=pairs) for target in targets)
    return tuple(_decided(_widened(each, shared or {})) for each in found)


def _widened(judged: Judged, shared: Effects) -> Judged:
    """Widen the bounds of a mean by the shared error."""
    error = half_width(shared.get(judged.target.by, ())) if judged.target.years is None else 0.0
    if not error:
        return judged
    low = judged.mean - math.hypot(judged.mean - judged.low, error)
    high = judged.mean + math.hypot(judged.high - judged.mean, error)
    return replace(judged, low=low, high=high)


def _decided(judged: Judged) -> Judged:
    """Decide a target by its bounds, unless it is decided or there is a reason why it cannot be."""
    if judged.reason or math.isnan(judged.low):
        return judged
    at_most, limit = judged.target.goal
    low, high = judged.low, judged.high
    kept, broken = (high <= limit, low > limit) if at_most else (low >= limit, high < limit)
    return replace(judged, state="met" if kept else "missed" if broken else "open")


def _judged(
    target: Target, columns: Mapping[str, Floats], verdict: str | None, watched: Watched, *, pairs: bool
) -> Judged:
    if target.figure == VERDICT:
        state: State = "open" if verdict is None else "missed" if verdict == "not-stable" else "met"
        return Judged(target, state, reason="" if verdict else "no replication was finished")
    values = target.values(columns)
    n = int(np.count_nonzero(~np.isnan(values)))
    if not values.size:
        return Judged(target, "open", reason="no replication was finished")
    if not n:
        needless = target.guard and _nothing_to_guard(target.figure, columns)
        return Judged(target, "met" if needless else "open", reason=needless or KPIS[target.by].absent)
    kpi = KPIS[target.by]
    used = {**columns, kpi.name: values}
    if target.years is not None:
        kpi, used, watched = _YEARS, {_YEARS.name: values}, Watched()
    if pairs:
        used = {name: each[: each.size // 2 * 2].reshape(-1, 2).mean(axis=1) for name, each in used.items()}
        watched = Watched(2 * watched.weeks, 2 * watched.open_days, 2 * watched.followed)
    found = estimate(kpi, used, watched, confidence=_ONE_SIDED)
    mean, low, high = float(found.mean), float(found.low), float(found.high)
    independent = int(np.count_nonzero(~np.isnan(used[kpi.name])))
    if independent < LEAST:
        few = f"there are too few replications, {independent} of at least {LEAST}"
        return Judged(target, "open", mean, low, high, n, few)
    if low == high:
        same = "it is the same in every replication, so its spread shows nothing"
        return Judged(target, "open", mean, low, high, n, same)
    return Judged(target, "open", mean, low, high, n)


_YEARS = Kpi(
    "years",
    "share",
    "getting in",
    "Replications that keep a limit",
    "Replications that keep a limit.",
    "higher",
    "",
    method="rare",
    units="weeks",
    value=lambda _: math.nan,
    subject="replications that keep a limit",
    more_less=("more", "fewer"),
)
"""The share of replications that keep a limit, with the interval of a share of independent outcomes."""


def _nothing_to_guard(figure: str, columns: Mapping[str, Floats]) -> str:
    """Say why a guard whose figure no replication has is kept; empty if it is not."""
    if figure == "booster_wait_days_mean":
        asked = columns.get("booster_requests_per_week")
        if asked is not None and asked.size and not np.nan_to_num(asked, nan=1.0).any():
            return "no booster was asked for"
    if figure == "overtime_day_share":
        # Without a closing time no day runs late; a clinic that was never open has no visits either.
        visits = columns.get("infusions_per_week")
        if visits is not None and visits.size and np.nan_to_num(visits).any():
            return "the clinic never closes"
    return ""


def worst(states: Sequence[State]) -> State:
    """Return the worst of several states; without any, met."""
    return next((state for state in STATES if state in states), "met")


def target_column(figure: str) -> str:
    """Return the name of a target's column in the table of a sweep's points."""
    return f"target_{figure}"
