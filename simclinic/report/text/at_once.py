"""How many at once, in words: what the terminal and the report show of these distributions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from simclinic.measures.at_once import HANDS_ON, IN_LOBBY, IN_USE, WAITING, WATCHED
from simclinic.report.text.numbers import cells, with_interval
from simclinic.scenario.visit import CHAIR, NURSE

_TITLES = {
    (IN_USE, CHAIR): "Chairs in use",
    (WAITING, CHAIR): "Patients waiting for a chair",
    (IN_LOBBY, ""): "Patients waiting in the lobby",
    (HANDS_ON, NURSE): "Hands-on tasks of nurses",
    (WATCHED, NURSE): "Patients watched by nurses",
}
_OF_PART = {
    IN_USE: "In use: {part}",
    WAITING: "Patients waiting for: {part}",
    HANDS_ON: "Hands-on tasks: {part}",
    WATCHED: "Patients watched: {part}",
}

_OF_TIME = {
    IN_USE: "of opening hours",
    WAITING: "of opening hours",
    IN_LOBBY: "of opening hours",
    HANDS_ON: "of the time staffed",
    WATCHED: "of the time staffed",
}


class Distribution(NamedTuple):
    """A distribution: its title, what its shares are of, and for each number its words and its figure."""

    title: str
    of: str
    shares: list[tuple[str, Mapping[str, Any]]]


def distributions(document: Mapping[str, Any]) -> Iterator[Distribution]:
    """List the distributions of a run; older documents have none.

    A queue in which nobody ever waits is left out.
    """
    for each in document.get("at_once", ()):
        if len(each["shares"]) < 2 and each["what"] in (WAITING, IN_LOBBY):
            continue
        title = _TITLES.get((each["what"], each["part"])) or _OF_PART[each["what"]].format(part=each["part"])
        yield Distribution(title, _OF_TIME[each["what"]], [(_words(one), one) for one in each["shares"]])


def _words(share: Mapping[str, Any]) -> str:
    return f"{share['number']} or more" if share["or_more"] and share["number"] else str(share["number"])


def line(distribution: Distribution) -> str:
    """Write a distribution in one line.

    >>> share = {"mean": 0.25, "ci": [0.2, 0.3]}
    >>> line(Distribution("Chairs in use", "of opening hours", [("0", share), ("1 or more", share)]))
    'Chairs in use, % of opening hours: 0: 25.0 (20.0–30.0), 1 or more: 25.0 (20.0–30.0)'
    """
    shares = ", ".join(f"{words}: {with_interval(figure, 100.0)}" for words, figure in distribution.shares)
    return f"{distribution.title}, % {distribution.of}: {shares}"


def rows(distribution: Distribution) -> Iterator[tuple[str, str, str, str, str]]:
    """Write a distribution as rows: number, mean, interval, p10 to p90, replications."""
    for words, figure in distribution.shares:
        yield (words, *cells(figure, 100.0), str(figure["n"]))
