"""Verdicts in words: whether the clinic carries its demand, and whether its day holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from simclinic.report.text.table import Text
from simclinic.report.text.words import bullet
from simclinic.results.run import RunDocument

VERDICTS = {
    "stable": "stable",
    "open": "open",
    "filling": "filling",
    "not-stable": "not stable",
}
"""The four verdicts, as tables and charts name them."""

MARKS = {"stable": "", "open": "?", "filling": "~", "not-stable": "*", "": ""}
"""The four verdicts as marks behind a number in a chart."""

HEADLINES = {
    "stable": "Stable: no queue grows, and few are turned away.",
    "open": "Open: not shown to be stable, and not shown to be unstable.",
    "filling": "Still filling: the measured weeks do not yet show the clinic's later load.",
    "not-stable": "NOT STABLE: this clinic cannot go on like this; the means depend on how long it is observed.",
}

CARRIES = {
    "stable": "This clinic carries its demand",
    "open": "Whether this clinic carries its demand is open",
    "filling": "This clinic is still filling, so the measured weeks do not show its later load",
    "not-stable": "This clinic does not carry its demand",
}
"""The four verdicts in a manager's words; the reasons follow."""

DAY_HEADLINES = {
    "holds": "The day holds",
    "open": "Whether the day holds is open",
    "does-not-hold": "THE DAY DOES NOT HOLD",
}

_STYLES = {
    "stable": "green",
    "holds": "green",
    "open": "yellow",
    "filling": "yellow",
    "not-stable": "bold red",
    "does-not-hold": "bold red",
}


def verdict_lines(
    verdict: str | None,
    reasons: Sequence[str],
    day: str | None = None,
    day_reasons: Sequence[str] = (),
    *,
    name: str = "",
) -> Iterator[RenderableType]:
    """Give the verdicts on a clinic, with their reasons.

    Parameters
    ----------
    verdict, reasons
        Whether it can go on like this; None: no replication was finished.
    day, day_reasons
        Whether the day holds; None: there is nothing to judge.
    name
        Of the scenario, where there are several.
    """
    which = f"{name}: " if name else ""
    if verdict is None:
        yield Text(f"{which}No figures: no replication was finished.", style="bold red")
        return
    yield Text(f"{which}{HEADLINES[verdict]}", style=_STYLES[verdict])
    if verdict != "stable":
        yield from (bullet(reason) for reason in reasons)
    if day is not None:
        yield Text(f"{which}{day_sentence(day, day_reasons)}", style=_STYLES[day])


def day_sentence(day: str, reasons: Sequence[str]) -> str:
    """Say whether the day holds, in one sentence."""
    return f"{DAY_HEADLINES[day]}: {'; '.join(reasons)}."


def other_warnings(document: RunDocument) -> list[str]:
    """Return the warnings that are not reasons of the verdict, for texts that give the reasons themselves."""
    return [text for text in document["warnings"] if text not in document["verdict_reasons"]]


def verdicts_of(points: Mapping[str, Any]) -> list[str]:
    """Return the verdict on each point of a sweep; empty without runs.

    Older tables have `stable` alone, 1 where nothing is shown to be wrong: that counts as open.
    """
    if "verdict" in points:
        return [str(each) for each in points["verdict"]]
    pairs = zip(points["stable"], points["replications"], strict=True)
    return ["" if not made else "open" if stable else "not-stable" for stable, made in pairs]


def verdict_counts(verdicts: Sequence[str]) -> str:
    """Count verdicts, the worst first: "3 not stable, 4 open, 2 stable"."""
    order = ("not-stable", "filling", "open", "stable")
    counts = [(verdicts.count(each), VERDICTS[each]) for each in order]
    return ", ".join(f"{count:,} {text}" for count, text in counts if count)
