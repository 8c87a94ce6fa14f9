"""Targets judged by confidence sequences: whether a plan is shown to meet them all, at any number of replications.

A search adds replications to a plan until its targets are settled. The bounds hold at every number of replications
at once (:mod:`simclinic.experiment.sequences`), so that it may look as often as it likes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from simclinic.arrays import Floats
from simclinic.experiment.sequences import ANSWERS, LEAST, UNKNOWN, Bounds, answer, bounds, looks
from simclinic.measures import KPIS, shared_error
from simclinic.measures.targets import VERDICT, Target, judge_targets
from simclinic.report.text.targets import asked
from simclinic.results.intake import Asked, AtLevel
from simclinic.scenario import Scenario
from simclinic.store.reader import table
from simclinic.studies.run import FinishedRun, with_run_settings

MORE = 4
"""Usual number of levels above the first that is not confirmed at which a missed target is looked for."""

State = Literal["confirmed", "missed", "open"]


@dataclass(frozen=True, slots=True)
class Found:
    """What replications show of the targets of a plan.

    Attributes
    ----------
    state
        Whether all targets are met, one is missed, or neither is shown.
    settled
        Whether more replications cannot help: the level is decided, or it is borderline.
    targets
        For each target its answer and its bounds.
    """

    state: State
    settled: bool
    targets: tuple[AtLevel, ...]

    @property
    def word(self) -> str:
        """What is shown, in one word: "meets", "misses", "borderline" or "open"."""
        if self.state == "confirmed":
            return "meets"
        if self.state == "missed":
            return "misses"
        return "borderline" if self.settled else "open"

    @property
    def misses(self) -> list[str]:
        """Figures of the targets that are missed."""
        return [each["figure"] for each in self.targets if each["state"] == "missed"]


@dataclass(frozen=True, slots=True)
class Rule:
    """How the targets of a plan are judged.

    Attributes
    ----------
    targets
        The targets.
    confirm, exclude
        Error probabilities of the bounds that show that a target is met, and that it is missed.
    at_most
        Most replications of a plan.
    parts
        Parts of the measured weeks, such as quarters, in each of which the targets must be met.
    """

    targets: tuple[Target, ...]
    confirm: float
    exclude: float
    at_most: int
    parts: int = 1


def problems_of(alpha: float, at_most: int) -> Iterator[str]:
    """Yield what is wrong with the arguments of a search."""
    if not 0 < alpha < 0.5:
        yield f"alpha must lie between 0 and 0.5 (is {alpha:g})"
    if at_most < LEAST:
        yield f"at most {at_most} replications show nothing: at least {LEAST} are needed"


def settle(
    scenario: Scenario, folder: Path, rule: Rule, simulate: Callable[[Scenario, Path], FinishedRun]
) -> tuple[Found, FinishedRun]:
    """Simulate a plan until its targets are settled, or no more replications are allowed.

    Parameters
    ----------
    scenario
        The plan.
    folder
        Its results folder.
    rule
        How its targets are judged.
    simulate
        Runs a scenario into a folder; replications that are there already are used again.
    """
    for count in looks(rule.at_most):
        rows = count * rule.parts
        finished = simulate(with_run_settings(scenario, replications=rows), folder)
        columns = in_order(table(folder, "runs", below=rows), rows)
        found = _in_every_part(rule, columns, finished)
        if found.settled:
            break
    return found, finished


def _in_every_part(rule: Rule, columns: Mapping[str, Floats], finished: FinishedRun) -> Found:
    """Judge the targets in each part; of each target the part that is worst is returned."""
    parts = [
        judged(
            rule.targets,
            {name: values[part :: rule.parts] for name, values in columns.items()},
            finished.document["verdict"],
            confirm=rule.confirm,
            exclude=rule.exclude,
            effects=finished.pilot_effects,
        )
        for part in range(rule.parts)
    ]
    if len(parts) == 1:
        return parts[0]
    worst = [
        min(enumerate(of_target, 1), key=lambda each: ANSWERS.index(each[1]["state"]))
        for of_target in zip(*(part.targets for part in parts), strict=True)
    ]
    states = {part.state for part in parts}
    state: State = "missed" if "missed" in states else "confirmed" if states == {"confirmed"} else "open"
    settled = state == "missed" or all(part.settled for part in parts)
    return Found(state, settled, tuple(_of_part(found, part) for part, found in worst))


def _of_part(found: AtLevel, part: int) -> AtLevel:
    named = found.copy()
    named["part"] = part
    return named


def climb(
    count: int, found: Callable[[int], tuple[Found, FinishedRun]], more: int = MORE
) -> Iterator[tuple[int, Found, FinishedRun]]:
    """Go up levels that ask more and more: as long as each is confirmed, then until one is shown to miss a target.

    Above the first level that is not confirmed none is, whatever its replications show: a fixed sequence of tests,
    so that each may use the whole error probability.

    Parameters
    ----------
    count
        Number of levels.
    found
        Simulates a level, by its place.
    more
        Levels above the first that is not confirmed at which a missed target is looked for.

    Yields
    ------
    place, found, run
        Of each level that is simulated, in order.
    """
    stopped = None
    for place in range(count):
        shown, finished = found(place)
        if stopped is not None and shown.state == "confirmed":
            shown = Found("open", shown.settled, shown.targets)
        if shown.state != "confirmed" and stopped is None:
            stopped = place
        yield place, shown, finished
        if shown.state == "missed" or (stopped is not None and place >= stopped + more):
            return


def in_order(columns: Mapping[str, Any], count: int) -> dict[str, Floats]:
    """Return figures by the number of their replication, NaN for one that failed; shape (count,)."""
    whole: dict[str, Floats] = {}
    numbers = np.asarray(columns.get("replication", ()), dtype=np.int64)
    for name, values in columns.items():
        if name != "replication":
            whole[name] = np.full(count, np.nan)
            whole[name][numbers] = values
    return whole


def not_on_paper(targets: Sequence[Target]) -> Found:
    """Judge a plan that is not stable on paper: it misses the guard on the verdict, and nothing else is known."""
    shown = (
        AtLevel(
            figure=target.figure,
            state="missed" if target.figure == VERDICT else "open",
            mean=None,
            lower=None,
            upper=None,
        )
        for target in targets
    )
    return Found("missed", True, tuple(shown))


def judged(
    targets: Sequence[Target],
    columns: Mapping[str, Floats],
    verdict: str | None,
    *,
    confirm: float,
    exclude: float,
    effects: Mapping[str, Sequence[float]],
) -> Found:
    """Judge the targets of a plan.

    Parameters
    ----------
    targets, confirm, exclude
        As in :class:`Rule`.
    columns
        Key figures by name, shape (replications,), NaN where one could not be computed.
    verdict
        The verdict on the clinic; None: no replication was finished.
    effects
        Effects of pilot runs on the key figures; their error is in the bounds.
    """
    shown = []
    for target in targets:
        if target.figure == VERDICT:
            holds = "open" if verdict is None else "missed" if verdict == "not-stable" else "met"
            shown.append(AtLevel(figure=target.figure, state=holds, mean=None, lower=None, upper=None))
            continue
        shown.append(_judged(target, columns, verdict, confirm, exclude, effects))
    states = {each["state"] for each in shown}
    state: State = "missed" if "missed" in states else "confirmed" if states == {"met"} else "open"
    return Found(state, state != "open" or "open" not in states, tuple(shown))


def _judged(
    target: Target,
    columns: Mapping[str, Floats],
    verdict: str | None,
    confirm: float,
    exclude: float,
    effects: Mapping[str, Sequence[float]],
) -> AtLevel:
    values = target.values(columns)
    if not np.isfinite(values).any():
        # Such as the wait for a booster in a clinic in which nobody asks for one.
        [judgement] = judge_targets([target], columns, verdict=verdict)
        return AtLevel(figure=target.figure, state=judgement.state, mean=None, lower=None, upper=None)
    at_most, limit = target.goal
    lower, upper = (exclude, confirm) if at_most else (confirm, exclude)
    known = bounds(target.kind, values, lower, upper)
    mean = float(np.nanmean(values))
    below, above = (shared_error.bound(effects.get(target.by, ()), beta) for beta in (lower, upper))
    if known != UNKNOWN and target.years is None:
        known = Bounds(
            mean - math.hypot(mean - known.lower, below), mean + math.hypot(known.upper - mean, above)
        )
        least, most = KPIS[target.by].range
        known = Bounds(max(least, known.lower), min(most, known.upper))
    elif known != UNKNOWN and (below or above):
        known = _of_years(target, columns, lower, upper, below, above)
    found = AtLevel(
        figure=target.figure,
        state=answer(known, limit, at_most=at_most, tolerance=target.tolerance),
        mean=mean,
        lower=_finite(known.lower),
        upper=_finite(known.upper),
    )
    if absent := int(np.isnan(values).sum()):
        found["absent"] = absent
    return found


def _of_years(
    target: Target, columns: Mapping[str, Floats], lower: float, upper: float, below: float, above: float
) -> Bounds:
    """Bound a share of years: each figure may be off by the error of the pilot runs, all in the same direction."""
    figures = columns[target.by]
    worse = 1.0 if target.bound[0] else -1.0  # the direction in which fewer years keep the limit
    poor, good = figures + worse * below, figures - worse * above
    return Bounds(
        bounds(target.kind, target.values({target.by: poor}), lower, upper).lower,
        bounds(target.kind, target.values({target.by: good}), lower, upper).upper,
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def asked_for(target: Target, scenario: Scenario, weeks: int | None = None) -> Asked:
    """Describe a target for a document; `weeks` of a period, by default the measured ones."""
    at_most, limit = (target.at_most, math.nan) if target.figure == VERDICT else target.goal
    return Asked(
        figure=target.figure,
        by=target.by,
        at_most=at_most,
        limit=_finite(limit),
        in_years=target.years is not None,
        guard=target.guard,
        told=asked(target, scenario, weeks),
    )
