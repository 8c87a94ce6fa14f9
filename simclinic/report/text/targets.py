"""Targets in words: what is asked for, and whether replications show that it is reached."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from simclinic.measures import KPIS
from simclinic.measures.groups import group_figures, part_of
from simclinic.measures.targets import STATES, VERDICT, Judged, State, Target, worst
from simclinic.report.text.numbers import for_people, row, short, span
from simclinic.report.text.parts import label_of
from simclinic.report.text.table import Table, Text
from simclinic.results.document import TargetResult
from simclinic.results.intake import Asked
from simclinic.scenario import Scenario

STATE_WORDS: dict[str, str] = {"met": "met", "missed": "MISSED", "open": "open"}
_STYLES = {"met": "green", "missed": "bold red", "open": "yellow"}
_YEAR = 52


def asked(target: Target, scenario: Scenario, weeks: int | None = None) -> str:
    """Say what a target of a clinic asks for; `weeks` of a period, by default the measured ones.

    >>> from simclinic.scenario import baseline
    >>> asked(Target("access_days_p90", at_most=True, limit=10.0), baseline())
    'At least 90 % of all who asked begin within 10 days'
    >>> asked(Target("overtime_minutes_per_day", at_most=True, limit=10.0, years=0.8), baseline())
    'Open past closing: at most 10 minutes, in 80 % of years'
    """
    if target.figure == VERDICT:
        return "The clinic is not shown to be unstable"
    if target.by != target.figure:
        share = f"{100 * target.bound[1]:g} %"
        text = f"At least {share} of all who asked begin within {_amount(target.limit)} days"
        if part := part_of(target.figure):
            text = f"{part[1]}: {text[0].lower()}{text[1:]}"
    else:
        kpi = KPIS[target.figure]
        factor, unit = for_people(kpi.unit, scenario.finance.currency)
        side = "at most" if target.at_most else "at least"
        text = f"{label_of(target.figure, group_figures(scenario))}: {side} {_amount(factor * target.limit)} {unit}"
    if target.years is None:
        return text
    return f"{text}, in {in_years(target.years, weeks or scenario.run.weeks)}"


def in_years(share: float, weeks: int = _YEAR) -> str:
    """Say in how many years a limit should be kept: "80 % of years"; without 52 measured weeks, "of periods".

    >>> in_years(0.8), in_years(0.9, 13)
    ('80 % of years', '90 % of periods of 13 weeks')
    """
    return f"{100 * share:g} % of {_periods(weeks)}"


def _periods(weeks: int) -> str:
    return "years" if weeks == _YEAR else f"periods of {weeks} weeks"


def _amount(value: float) -> str:
    """Write a limit as it was given: 10, 0.02, 1,500."""
    return f"{value:,.10g}" if abs(value) < 1e9 else short(value)


def result(judged: Judged, scenario: Scenario) -> TargetResult:
    """Put a judged target into a document, with its sentence.

    Parameters
    ----------
    judged
        The target, and what replications show.
    scenario
        The clinic.
    """
    target = judged.target
    at_most, limit = (target.at_most, target.limit) if target.figure == VERDICT else target.bound
    return TargetResult(
        figure=target.figure,
        at_most=target.at_most,
        limit=_finite(target.limit),
        years=target.years,
        guard=target.guard,
        by=target.by,
        by_at_most=at_most,
        by_limit=_finite(limit),
        state=judged.state,
        mean=_finite(judged.mean),
        low=_finite(judged.low),
        high=_finite(judged.high),
        n=judged.n,
        told=f"{asked(target, scenario)}{_found(judged, scenario.finance.currency)}",
    )


def _found(judged: Judged, currency: str) -> str:
    """Say what was found, with the bound that decides."""
    target = judged.target
    if math.isnan(judged.mean):
        return f" ({judged.reason})" if judged.reason else ""
    factor, unit = _unit(target, currency)
    mean, low, high = row(*(factor * value for value in (judged.mean, judged.low, judged.high)))
    of_years = " of replications" if target.years is not None else ""
    if math.isnan(judged.low):
        return f" ({mean} {unit}{of_years}; {judged.reason})"
    because = f"; {judged.reason}" if judged.reason else ""
    if judged.state == "open":
        return f" ({mean} {unit}{of_years}, {span(low, high)}{because})"
    at_most, _ = target.goal
    below = at_most == (judged.state == "met")
    sure = f"surely below {high}" if below else f"surely above {low}"
    return f" ({mean} {unit}{of_years}, {sure}{because})"


def _unit(target: Target, currency: str) -> tuple[float, str]:
    return for_people("share" if target.years is not None else KPIS[target.by].unit, currency)


def _finite(value: float) -> float | None:
    return value + 0.0 if math.isfinite(value) else None


def target_label(target: Asked | TargetResult) -> str:
    """Name what decides a target, in the words of its clinic."""
    own = target["by"] == target["figure"]
    return target["told"].partition(": at ")[0] if own else KPIS[target["by"]].label


def headline(targets: Sequence[TargetResult]) -> str:
    """Say in one sentence whether the targets are met.

    >>> headline([])
    ''
    """
    if not targets:
        return ""
    missed, undecided = (
        [_label(each) for each in targets if each["state"] == state] for state in ("missed", "open")
    )
    if missed:
        text = f"MISSED: {', '.join(missed)}."
        return f"{text} Open: {', '.join(undecided)}." if undecided else text
    if undecided:
        return f"Whether all targets are met is open: {', '.join(undecided)}."
    return "All targets are met, and so are the guards."


def _label(target: TargetResult) -> str:
    return "the verdict" if target["figure"] == VERDICT else target_label(target).lower()


def state_of(targets: Sequence[TargetResult]) -> State:
    """Return the worst state of several targets."""
    return worst([state for each in targets for state in STATES if state == each["state"]])


def target_lines(targets: Sequence[TargetResult], name: str = "") -> Iterator[RenderableType]:
    """Show targets and guards, the headline first.

    Parameters
    ----------
    targets
        The targets of one scenario.
    name
        Of the scenario, where there are several.
    """
    if not targets:
        return
    which = f"{name}: " if name else ""
    yield Text(f"{which}{headline(targets)}", style=_STYLES[state_of(targets)])
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for each in targets:
        word = STATE_WORDS[each["state"]]
        guard = Text("guard" if each["guard"] else "target", style="dim")
        table.add_row(Text(f"  {word}", style=_STYLES[each["state"]]), guard, each["told"])
    yield table
    yield Text(
        "Surely: one-sided bound at 95 %; ranges have two. Means are not adjusted for chance.", style="dim"
    )
