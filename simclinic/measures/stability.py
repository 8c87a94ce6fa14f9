"""The verdict on a clinic: whether it is sustainable.

The mean wait of a clinic whose queue grows depends on the length of the observation, and is not a property of the
clinic. Figures are therefore preceded by one of four verdicts, which states only what the data support:

- *not stable*: a limit is shown to be broken, or more than 5 % more is asked for on paper than can start;
- *filling*: not that, but the booster load has not come near its level in the measured weeks;
- *stable*: each limit is shown to be kept, on paper and in the simulation;
- *open*: everything else, with what is needed for a decision.

A clinic that is meant to change (growth, dated changes, a replay, a start from today's patients) has no level, and
is judged on patients turned away and queues alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from simclinic.measures.evidence import Evidence, evidence, rejected
from simclinic.measures.groups import VISIT, part_of, unused
from simclinic.measures.intervals import half_width
from simclinic.measures.kpis import KPIS
from simclinic.measures.rows import column
from simclinic.measures.shared_error import Effects
from simclinic.measures.trend import slope
from simclinic.scenario.targets import Targets, bound

State = Literal["not-stable", "filling", "open", "stable"]

STATES: tuple[State, ...] = ("not-stable", "filling", "open", "stable")
"""The verdicts, the worst first."""

LEAST = 5
"""Replications without which nothing is called stable."""
PAPER_FITS = 0.95
"""Share of the starts on offer that may be asked for on paper: real weeks vary."""
PAPER_BREAKS = 1.05
"""Share of the starts on offer from which paper alone shows that the clinic cannot go on."""
LEAST_SAID = 0.01
"""Per cents, or patients a week, below which no number is said."""
FILLED = 0.9
"""Share of its level that a booster load should have reached where it is measured."""
DRIFT = 0.05
"""Change of the boosters per week over the measured weeks, as a share of their mean, that contradicts a level."""
NONE_SEEN = 3.0
"""Upper bound, at 95 %, of the expected number of events of which none was seen (the rule of three)."""

QUEUES = {
    "backlog_growth_per_week": "the waiting list for a first infusion",
    "booster_backlog_growth_per_week": "the queue for boosters",
}
"""The two backlogs, in words; with several types of visit the first is for a first treatment."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Theoretical figures of a scenario, without noise.

    Attributes
    ----------
    asked
        Starts asked for once boosters are steady, as a share of those on offer; infinite if demand never ends or
        nothing can start.
    filled
        Share of the booster level that the measured weeks are expected to have; None if there is no level.
    level
        Final number of boosters a week, on paper; None if there is no level.
    would_do
        Weeks of warm-up with which the measured weeks would have nearly all of them; None if unknown.
    unsettled_days
        Days by which boosters in the last pilot runs of a steady start waited longer than in the past they began
        with; 0 if the pilot runs settled the delay.
    unsettled
        Whether pilot runs of a steady start meet queues without bound, so that the delay is not known at all.
    changing
        Reason, in words, why the clinic is meant to change, so that it has no level and is not judged on paper;
        empty if it is not.
    """

    asked: float = 0.0
    filled: float | None = 1.0
    level: float | None = None
    would_do: int | None = None
    unsettled_days: float = 0.0
    unsettled: bool = False
    changing: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict, to be read before any figure.

    Attributes
    ----------
    state
        One of `STATES`.
    reasons
        Reasons in plain words, the deciding ones first.
    warnings
        Figures that could not be computed, with the reason.
    waiting_list
        "grows" or "level" if shown for the waiting list for a first infusion, otherwise "open".
    """

    state: State
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    waiting_list: Literal["grows", "open", "level"]


@dataclass(frozen=True, slots=True)
class _Criterion:
    """One limit on a mean over replications, and how to speak of it."""

    measured: Evidence
    limit: float
    broken: str
    kept: str
    open: str


def judge(
    rows: Sequence[Mapping[str, float]],
    weeks: int,
    *,
    expected: Expected | None = None,
    targets: Targets | None = None,
    boosters: npt.NDArray[np.number] | None = None,
    without_end: str = "",
    effects: Effects | None = None,
) -> Verdict:
    """Judge a set of replications.

    Parameters
    ----------
    rows
        The key figures of each replication, NaN where one could not be computed; of mirrored pairs their means.
    weeks
        Measured weeks of each.
    expected
        Theoretical figures; None: only patients turned away and queues are judged, as in a clinic meant to change.
    targets
        The limits; by default the usual ones.
    boosters
        Boosters given in each measured week, shape (replications, weeks); None if unknown.
    without_end
        Statement that replications were aborted because of a queue without bound; empty if none was.
    effects
        Effects of the pilot runs of a steady start on the key figures; None without.
    """
    expected = expected or Expected(changing="what it is going towards is not known")
    criteria = list(_criteria(rows, weeks, targets or Targets(), effects or {}))
    broken = rejected([each.measured.p_above(each.limit) for each in criteria])
    kept = [each.measured.below(each.limit) for each in criteria]
    failing = [without_end] if without_end else []
    failing += [each.broken for each, fails in zip(criteria, broken, strict=True) if fails]
    undecided = [
        f"{each.open}; {_would_tell(each)}"
        for each, fails, holds in zip(criteria, broken, kept, strict=True)
        if not fails and not holds
    ]
    if expected.changing:
        below, short = [], []
    else:
        if expected.asked > PAPER_BREAKS:
            failing.append(_asks(expected.asked))
        elif expected.asked > PAPER_FITS:
            undecided.append(
                f"{_asks(expected.asked)}; above {100 * PAPER_FITS:.0f} % nothing is called stable"
            )
        undecided += _unsettled(expected)
        below = list(_below_level(expected))
        short = below or list(_drifting(boosters))
    if len(rows) < LEAST:
        undecided.append(f"there are too few replications to call it stable, {len(rows)} of at least {LEAST}")
    state: State = "not-stable" if failing else "filling" if short else "open" if undecided else "stable"
    reasons = {
        "not-stable": failing,
        "filling": [*short, *undecided],
        "open": undecided,
        "stable": [*(each.kept for each in criteria), *_fits(expected)],
    }[state]
    if expected.changing:
        reasons = [*reasons, f"judged on patients turned away and queues alone, since {expected.changing}"]
    # Turned away comes first, then the queues in their order.
    at = 1 + [*QUEUES].index("backlog_growth_per_week")
    waiting_list: Literal["grows", "open", "level"] = (
        "grows" if broken[at] else "level" if kept[at] else "open"
    )
    return Verdict(state, tuple(reasons), tuple(_absent(rows)), waiting_list)


def _criteria(
    rows: Sequence[Mapping[str, float]], weeks: int, targets: Targets, effects: Effects
) -> Iterator[_Criterion]:
    """Yield the criteria: simulated figures and their limits."""
    started = column(rows, "series_started_per_week")
    decided = float(np.nansum(started)) * weeks
    away = evidence(
        column(rows, "balked_share"),
        NONE_SEEN / decided if decided else math.inf,
        effects.get("balked_share", ()),
    )
    limit = bound(targets.balked_share)
    share, percent = f"{_percent(away.mean)} of new patients are turned away", _percent(limit)
    none_seen = away.n >= 2 and not away.mean and not away.sd and decided
    yield _Criterion(
        away,
        limit,
        broken=f"{share} ({_span(away, 100)}; the limit is {percent})",
        kept=f"fewer than {_percent(_up(away.upper))} of new patients are turned away (the limit is {percent})",
        open=f"none of {decided:,.0f} new patients was turned away, which leaves up to "
        f"{_percent(min(_up(away.upper), 1.0))} (the limit is {percent})"
        if none_seen
        else f"{share} ({_span(away, 100)}; the limit is {percent})"
        if away.n
        else f"how many are turned away is not known: {KPIS['balked_share'].absent}",
    )
    types = any((part_of(name) or ("",))[0] == VISIT for name in (rows[0] if rows else ()))
    for name, words in QUEUES.items():
        queue = words.replace("infusion", "treatment") if types else words
        growth = column(rows, name)
        most_share = bound(targets.queue_growth)
        most, shared = most_share * evidence(started).mean, effects.get(name, ())
        measured = evidence(growth, effects=shared)
        away_from_limit = [
            each - most_share * other
            for each, other in zip(shared, effects.get("series_started_per_week", shared), strict=True)
        ]
        excess = evidence(growth - most_share * started, effects=away_from_limit)
        empty = bool(measured.n) and not np.nan_to_num(growth).any()
        if empty:
            # There never was a queue: what does not exist does not grow, however few series begin.
            excess = Evidence(-math.inf, 0.0, max(measured.n, 2))
        tiny = 0 < abs(measured.mean) < LEAST_SAID
        by = f"less than {LEAST_SAID}" if tiny else _short(measured.mean)
        grows = f"{queue} {'grows' if measured.mean > 0 else 'changes'} by {by} a week"
        within = f"({_span(measured)}; the limit is {_short(most)})"
        yield _Criterion(
            excess,
            0.0,
            broken=f"{queue} is growing by {_short(measured.mean)} a week {within}",
            kept=f"{queue} {'stays empty' if empty else f'grows by less than {_short(most)} a week'}",
            open=f"{grows} {within}"
            if measured.n
            else f"whether {queue} grows is not known: {KPIS[name].absent}",
        )


def _would_tell(criterion: _Criterion) -> str:
    if not criterion.measured.n:
        return "more weeks, or other demand, would tell"
    enough = criterion.measured.enough(criterion.limit)
    if enough is None:
        return "more weeks would tell"
    return f"about {_round_up(max(enough, LEAST)):,} replications would tell, or more weeks"


def _asks(asked: float) -> str:
    if math.isinf(asked):
        return "on paper patients ask for more than can ever start"
    share = "more than ten times" if asked > 10 else f"{100 * asked:.0f} % of"
    return f"on paper patients ask for {share} what can start, once boosters are steady"


def _fits(expected: Expected) -> Iterator[str]:
    if not expected.changing:
        yield _asks(expected.asked)
        if expected.filled is not None and expected.level:
            yield f"the measured weeks have {100 * expected.filled:.0f} % of the boosters that come in the end"


def _unsettled(expected: Expected) -> Iterator[str]:
    """Say that pilot runs did not find how long boosters waited in the years before."""
    days = expected.unsettled_days
    if expected.unsettled:
        yield (
            "how long boosters waited in the years before is not known: with so many patients queues grow without "
            "bound"
        )
    elif days:
        way = "longer" if days > 0 else "less"
        yield (
            "how long boosters waited in the years before is not known: in the pilot runs they waited "
            f"{_short(abs(days))} days {way} than in the past they began with; a longer warm-up would tell"
        )


def _below_level(expected: Expected) -> Iterator[str]:
    if expected.filled is None or expected.filled >= FILLED:
        return
    share = (
        f"the measured weeks have about {100 * expected.filled:.0f} % of the boosters that come in the end"
    )
    towards = (
        f", {_short(expected.level or 0.0)} a week"
        if expected.asked <= 1.0
        else " if capacity sets no limit; here it does, so what can start decides the level"
    )
    do = f"; run.warm_up_weeks = {expected.would_do} would be enough" if expected.would_do is not None else ""
    yield f"{share}{towards}{do}"


def _drifting(boosters: npt.NDArray[np.number] | None) -> Iterator[str]:
    """Find boosters that change by more than a little over the measured weeks, shown at 95 %."""
    if boosters is None or len(boosters) < 2 or boosters.shape[-1] < 2:
        return
    change = slope(boosters) * boosters.shape[-1]
    level = boosters.mean(axis=-1)
    for way, excess in (("rise", change - DRIFT * level), ("fall", -change - DRIFT * level)):
        if float(excess.mean()) > half_width(float(np.std(excess, ddof=1)), len(boosters)):
            yield (
                f"boosters per week {way} by {_short(abs(float(change.mean())))} over the measured weeks (mean "
                f"{_short(float(level.mean()))}): they have not come to their level"
            )


def _absent(rows: Sequence[Mapping[str, float]]) -> list[str]:
    """Say of each figure that could not be computed why not, and in how many replications.

    The figures of a type of visit that nobody had, or of a place that nobody held, share one sentence; those of a
    part that only some replications lack share another.
    """
    columns = {name: column(rows, name) for name in (rows[0] if rows else ())}
    most = {name: float(np.nan_to_num(column).max()) for name, column in columns.items()}
    missing = {name: int(np.count_nonzero(np.isnan(column))) for name, column in columns.items()}
    never = unused(most)
    reasons = [
        f"{sentence} in the measured weeks, so its figures cannot be computed" for sentence in never.values()
    ]
    partly: dict[tuple[str, str], list[str]] = {}
    for name in columns:
        part = part_of(name)
        if part in never or not missing[name]:
            continue
        if missing[name] == len(rows):
            reasons.append(f"{name} cannot be computed: {KPIS[name].absent}")
        elif part is None:
            reasons.append(_left_out(name, missing[name], len(rows), KPIS[name].absent))
        else:
            partly.setdefault(part, []).append(name)
    for (_, whose), names in partly.items():
        worst = max(names, key=missing.__getitem__)
        which = worst if len(names) == 1 else f"{len(names)} figures of {whose}"
        upto = "" if len({missing[name] for name in names}) == 1 else "up to "
        reasons.append(_left_out(which, missing[worst], len(rows), KPIS[worst].absent, upto))
    return reasons


def _left_out(what: str, missing: int, of: int, why: str, upto: str = "") -> str:
    return f"{what} could not be computed in {upto}{missing} of {of} replications, which are left out: {why}"


def _span(measured: Evidence, factor: float = 1.0) -> str:
    """Write the 95 % interval of a mean, or that there is none."""
    if measured.n < 2:
        return "one replication"
    half = half_width(measured.sd, measured.n)
    low, high = (factor * (measured.mean + side * half) for side in (-1, 1))
    if factor != 1.0:  # a share is never below nothing, and nobody says less than 0.01 %
        low, high = max(low, 0.0), min(max(high, LEAST_SAID), factor)
        low = low if low >= LEAST_SAID else 0.0
    return f"{_short(low)} to {_short(high)}{'' if factor == 1.0 else ' %'}"


def _short(value: float) -> str:
    """Write a number with two significant digits: 2.96 is "3", 0.417 is "0.42", 123 is "120"."""
    return f"{float(f'{value:.2g}') + 0.0:g}"


def _percent(share: float) -> str:
    less = "less than " if 0 < 100 * share < LEAST_SAID else ""
    return f"{less}{_short(max(100 * share, LEAST_SAID) if share > 0 else 100 * share)} %"


def _up(share: float) -> float:
    """Round up to two significant digits, and to 0.01 % at least, so that "fewer than" stays true."""
    if not 0 < share < math.inf:
        return share
    share = max(share, LEAST_SAID / 100)
    size = 10.0 ** (math.floor(math.log10(share)) - 1)
    return math.ceil(share / size - 1e-9) * size


def _round_up(count: int) -> int:
    """Round up as a person would say it: 10, 20, 30, 50, 100."""
    size: int = 10 ** max(0, len(str(count)) - 1)
    return next(step * size for step in (1, 2, 3, 5, 10) if step * size >= count)
