"""Changes of a plan by one, in words: what each does, and whether it is better or worse by the targets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simclinic.measures import KPIS
from simclinic.report.text.bottleneck import MONEY, by_type, columns_of, heading, newly_missed, target_words
from simclinic.report.text.numbers import plain
from simclinic.report.text.plainly import change_plainly
from simclinic.results.bottleneck import Away, BottleneckDocument, Effect, Met, Tried

_HUNDRED = 100.0
_UNITS = {"share": "points", "days": "days", "minutes": "minutes"}
"""Units that are said; the heading of a figure says the others."""
_AWAY = ("more", "fewer")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a change does to a figure: in words, and "better" or "worse" where it is shown to be that."""

    heading: str
    words: str
    mark: str


@dataclass(frozen=True, slots=True)
class Row:
    """A change.

    Attributes
    ----------
    name, kind, more
        As in :class:`simclinic.results.bottleneck.Tried`.
    paper
        What it adds on paper.
    good
        Whether it is better by the targets; None: neither better nor worse, or both.
    says
        That in words.
    cells
        One for each figure.
    """

    name: str
    kind: str
    more: bool
    paper: str
    good: bool | None
    says: str
    cells: Sequence[Cell]


def rows(document: BottleneckDocument, currency: str) -> list[Row]:
    """Write a row for each change of a document."""
    figures = [*columns_of(document), *by_type(document)]
    found = []
    for change in document["changes"]:
        good, says = by_targets(change, document["targets"])
        found.append(
            Row(
                change["name"],
                change["kind"],
                change["more"],
                _on_paper(change["starts"], "visits" if document["walk_in"] else "starts"),
                good,
                says,
                [_cell(name, change["effects"][name], currency) for name in figures],
            )
        )
    return found


def _on_paper(starts: float, what: str) -> str:
    number = plain(abs(starts), 0)
    if number == "0":
        return f"on paper no more {what}"
    counted = what.removesuffix("s") if number == "1" else what
    return f"on paper {number} {counted} {'more' if starts > 0 else 'fewer'} a week"


def figure_heading(name: str, currency: str) -> str:
    """Return the heading of a figure whose unit the cells below do not say."""
    return f"{heading(name)}, {currency}" if name in MONEY else heading(name).removesuffix(", %")


def _cell(name: str, effect: Effect, currency: str) -> Cell:
    unit, better = effect["unit"], KPIS[name].better
    scale = _HUNDRED if unit == "share" else 1.0
    difference, interval = effect["difference"], effect["ci"]
    words = change_plainly(
        None if difference is None else scale * difference,
        None if interval is None else [scale * end for end in interval],
        effect["call"],
        _UNITS.get(unit, ""),
        _more_less(name),
    )
    mark = ""
    if effect["call"] == "shown" and difference and better is not None:
        mark = "better" if (difference > 0) == (better == "higher") else "worse"
    return Cell(figure_heading(name, currency), words, mark)


def _more_less(name: str) -> tuple[str, str]:
    return ("more", "less") if KPIS[name].unit == "share" or name in MONEY else KPIS[name].more_less


def by_targets(change: Tried, before: Sequence[Met]) -> tuple[bool | None, str]:
    """Say whether a change is better or worse by the targets, and why.

    Parameters
    ----------
    change
        The change.
    before
        The targets, and whether the plan meets them as it is.

    Returns
    -------
    good, says
        None where it is neither, or both.
    """
    breaks = newly_missed(change, before)
    if breaks:
        return False, f"Worse by the targets: it would miss {_named(breaks)}."
    after = {(each["kpi"], each["target"]): each["state"] for each in change["targets"]}
    needed = [each for each in before if each["state"] in ("missed", "open")]
    if not needed:
        doubtful = [each for each in before if after.get((each["kpi"], each["target"])) == "open"]
        if doubtful:
            return None, f"Whether it would still meet {_named(doubtful)} is too close to call."
        if change["verdict"] == "not-stable":
            return None, "All targets stay met in the measured weeks, but a queue goes on growing."
        return None, "All targets stay met."
    toward = [each for each in needed if _moves(change, each, better=True)]
    away = [each for each in needed if _moves(change, each, better=False)]
    if toward and away:
        return None, f"By the targets both: better for {_named(toward)}; worse for {_named(away)}."
    if away:
        return False, f"Worse by the targets: further from {_named(away)}."
    if toward:
        met = [each for each in toward if after.get((each["kpi"], each["target"])) == "met"]
        how = f"it would meet {_named(met)}" if met else f"closer to {_named(toward)}"
        grows = "; but a queue goes on growing" if change["verdict"] == "not-stable" else ""
        return True, f"Better by the targets: {how}{grows}."
    calls = {change["effects"][each["kpi"]]["call"] for each in needed if each["kpi"] in change["effects"]}
    if calls <= {"same"}:
        return None, "By the targets nothing changes."
    return None, "By the targets too close to call."


def _moves(change: Tried, target: Met, *, better: bool) -> bool:
    """Tell whether a change is shown to move the figure of a target towards it, or away from it."""
    effect = change["effects"].get(target["kpi"])
    if effect is None or effect["call"] != "shown" or not effect["difference"]:
        return False
    return ((effect["difference"] < 0) == target["target"].startswith("<=")) == better


def _named(targets: Sequence[Met]) -> str:
    return "; ".join(f"“{target_words(each)}”" for each in targets)


def leave_rows(during: Sequence[Away]) -> Iterator[tuple[str, str, str, str]]:
    """Write the rows of a leave: the figure, as it is, on leave, and the difference in words."""
    for each in during:
        words = change_plainly(each["difference"], each["ci"], each["call"], "", _AWAY)
        yield each["label"], plain(each["now"], 1), plain(each["leave"], 1), words
