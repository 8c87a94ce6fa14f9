"""The two pages with which a report begins: what several kinds of study put on them.

A page gives `answer`, `plans`, `chart` and `matters` to :class:`simclinic.report.page.Page`; what is here fits
plans to the width of a sheet of paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from simclinic.measures import KPIS
from simclinic.report.figures.chart import DataSheet
from simclinic.report.figures.plans import Means
from simclinic.report.matters import Limits
from simclinic.report.page import Block
from simclinic.report.text.numbers import NO_VALUE, cells, for_people, with_interval
from simclinic.report.text.parts import label_of
from simclinic.report.text.stability import VERDICTS
from simclinic.report.text.targets import STATE_WORDS, state_of
from simclinic.report.text.words import counted
from simclinic.results.document import TargetResult

MAIN = (
    "balked_share",
    "access_days_mean",
    "booster_wait_days_mean",
    "boosters_per_week",
    "overtime_day_share",
    "cost_per_week",
    "margin_per_week",
)
"""Key figures of a plan on the first pages, after those that have targets."""

DRAWN = ("balked_share", "access_days_mean", "margin_per_week", "booster_wait_days_mean")
"""Key figures in the chart of plans, and of plans that are rows, after those that have targets."""

MOST_COLUMNS = 4
"""Plans that fit the width of a sheet of paper; of more, each is a row, with fewer figures."""
_MOST_ROWS = 12
_MOST_FIGURES = 3
_LONGEST_NAME = 60


def titled(name: str, panel: object) -> str:
    """Title a report: the scenario's name, and that it begins with a clinic's own patients, if it does."""
    return name if panel is None else f"{name}, with today's patients"


def figures_first(targets: Iterable[str], usual: Sequence[str]) -> list[str]:
    """Put figures that have targets before the usual ones."""
    return list(dict.fromkeys((*(name for name in targets if name in KPIS), *usual)))


def verdict_text(verdict: str | None, targets: Sequence[TargetResult] = ()) -> str:
    """Say in a word or two how a plan stands: by its targets if it has any, otherwise by its verdict."""
    if targets:
        return f"targets {STATE_WORDS[state_of(targets)]}"
    return NO_VALUE if verdict is None else VERDICTS[verdict]


def side_by_side(
    plans: Mapping[str, Means],
    names: Sequence[str],
    limits: Limits,
    currency: str,
    *,
    verdicts: Mapping[str, str],
    title: str = "The plans side by side",
    note: str = "",
) -> Block:
    """Lay plans out side by side.

    Parameters
    ----------
    plans
        Key figures of each by name.
    names
        Key figures to show, the most important first; one that no plan has is left out.
    limits
        Limits of key figures.
    currency
        What amounts are in.
    verdicts
        How each plan stands.
    title, note
        Of the table.
    """
    known = [name for name in names if any(_has(means, name) for means in plans.values())]
    n = max((int(means[name]["n"]) for means in plans.values() for name in known if name in means), default=0)
    says = (
        f"Means over {counted(n, 'replication')}, with 95 % intervals{' in brackets' if len(plans) > 1 else ''}."
        if n > 1
        else ("One replication, so there are no intervals." if n else "")
    )
    if len(plans) == 1:
        sheet = _as_figures(next(iter(plans.values())), known, limits, currency)
    elif len(plans) <= MOST_COLUMNS:
        sheet = _as_columns(plans, known, limits, currency, verdicts)
    else:
        usual = [name for name in DRAWN if name in known]
        known = [*(name for name in known if name in limits and name not in MAIN), *usual][:_MOST_FIGURES]
        sheet = _as_rows(plans, known, currency, verdicts)
        bounds = [
            f"{heading(name, currency, _all(plans))}: {limit_text(name, limits, currency)}"
            for name in known
            if name in limits
        ]
        says = f"{says} Targets: {'; '.join(bounds)}." if bounds else says
        left = len(plans) - _MOST_ROWS
        says = f"{says} {left} more plans are in the appendix." if left > 0 else says
    return Block(title, sheet, f"{says} {note}".strip())


def _all(plans: Mapping[str, Means]) -> set[str]:
    return {name for means in plans.values() for name in means}


def heading(name: str, currency: str, figures: Iterable[str] = ()) -> str:
    """Name a key figure with its unit; `figures` of the clinic, for :func:`label_of`."""
    return f"{label_of(name, figures)}, {for_people(KPIS[name].unit, currency)[1]}"


def limit_text(name: str, limits: Limits, currency: str) -> str:
    """Write the limit of a key figure in its displayed unit; empty without one."""
    if name not in limits:
        return ""
    at_most, bound = limits[name]
    scale, _ = for_people(KPIS[name].unit, currency)
    return f"{'at most' if at_most else 'at least'} {scale * bound:,.6g}"


def _has(means: Means, name: str) -> bool:
    return name in means and means[name]["mean"] is not None


def _cell(means: Means, name: str, currency: str) -> str:
    return with_interval(means[name], for_people(KPIS[name].unit, currency)[0]) if name in means else NO_VALUE


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _as_figures(means: Means, names: Sequence[str], limits: Limits, currency: str) -> DataSheet:
    rows = []
    for name in names:
        scale, unit = for_people(KPIS[name].unit, currency)
        mean, interval, _ = cells(means[name], scale)
        rows.append((f"{label_of(name, means)}, {unit}", mean, interval, limit_text(name, limits, currency)))
    return DataSheet.of(("Figure", "mean", "95 % interval", "target"), rows)


def _as_columns(
    plans: Mapping[str, Means],
    names: Sequence[str],
    limits: Limits,
    currency: str,
    verdicts: Mapping[str, str],
) -> DataSheet:
    rows: list[list[Any]] = [["How it stands", *(verdicts[plan] for plan in plans), ""]]
    rows += [
        [
            heading(name, currency, _all(plans)),
            *(_cell(means, name, currency) for means in plans.values()),
            limit_text(name, limits, currency),
        ]
        for name in names
    ]
    return DataSheet.of(("Figure", *map(_short, plans), "target"), rows)


def _as_rows(
    plans: Mapping[str, Means], names: Sequence[str], currency: str, verdicts: Mapping[str, str]
) -> DataSheet:
    return DataSheet.of(
        ("Plan", "how it stands", *(heading(name, currency, _all(plans)) for name in names)),
        [
            [_short(plan), verdicts[plan], *(_cell(means, name, currency) for name in names)]
            for plan, means in list(plans.items())[:_MOST_ROWS]
        ],
    )
