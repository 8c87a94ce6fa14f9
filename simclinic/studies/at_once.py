"""How many at once, over replications: the shares of time with so many chairs in use or patients waiting.

Rare numbers are joined: the last share is that of so many or more. It begins at the greatest number that is reached
or exceeded in half a per cent of the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.experiment.antithetic import group_means
from simclinic.measures import Kpi
from simclinic.measures.at_once import AT_ONCE, IN_USE
from simclinic.measures.intervals import Summary, Watched, summarise_one
from simclinic.results.run import AtOnce, Number
from simclinic.scenario import Scenario
from simclinic.scenario.visit import CHAIR
from simclinic.store.tables import REPLICATION

_LEAST = 0.005
"""Share of the time from which on a number, with all greater ones, has a share of its own."""

_SHARE = Kpi(
    "at_once",
    "share",
    "the team",
    "How many at once",
    "Share of the time with so many.",
    None,
    "the time is 0",
    value=lambda _: float("nan"),
    subject="share of the time",
    more_less=("more", "less"),
    method="skewed",
    units="days",
)
"""The figure behind every share; what no replication has seen is bounded by its days."""


def at_once_of(
    table: Mapping[str, npt.NDArray[Any]], scenario: Scenario, together: int, replications: int
) -> list[AtOnce]:
    """Summarise all distributions.

    Parameters
    ----------
    table
        Rows of all replications; see :func:`simclinic.measures.at_once.at_once`.
    scenario
        The clinic.
    together
        Replications that are not independent of each other: 2 for mirrored pairs.
    replications
        How many numbers of replications there may be.
    """
    found, watched = [], Watched.of(scenario)
    of_group = watched if together == 1 else Watched.of(scenario, replications=together)
    for what, part in _parts(table):
        rows = (table["what"] == what) & (table["part"] == part) & ~np.isnan(table["share"])
        if not rows.any():
            continue
        known, place = np.unique(table[REPLICATION][rows], return_inverse=True)
        number = table["number"][rows].astype(np.int64)
        shares = np.zeros((len(known), number.max() + 1))
        shares[place, number] = table["share"][rows]
        reached = np.flip(np.cumsum(np.flip(shares, axis=1), axis=1), axis=1)
        last = int(np.flatnonzero(reached.mean(axis=0) >= _LEAST)[-1])
        columns = np.column_stack((shares[:, :last], reached[:, last]))
        most = _number(scenario, part) if what == IN_USE else None
        found.append(
            AtOnce(
                what=what,
                part=part,
                definition=AT_ONCE[what],
                shares=[
                    _share(at, figure, or_more=at == last and last != most)
                    for at, figure in enumerate(
                        _figures(columns, known, (watched, of_group), together, replications)
                    )
                ],
            )
        )
    return found


def _parts(table: Mapping[str, npt.NDArray[Any]]) -> Iterator[tuple[str, str]]:
    """List what is counted, of which part, in the order of the table."""
    pairs = zip(table["what"].tolist(), table["part"].tolist(), strict=True)
    yield from dict.fromkeys(pairs)


def _number(scenario: Scenario, place: str) -> int:
    """Return how many places of a kind there are, at the most."""
    if place != CHAIR:
        return scenario.places[place].number
    clinics = (scenario.clinic, *(scenario.at(date).clinic for date in scenario.change_dates))
    return max(each.chairs for each in clinics)


def _figures(
    columns: Floats,
    known: npt.NDArray[Any],
    watched: tuple[Watched, Watched],
    together: int,
    replications: int,
) -> Iterator[Summary]:
    """Summarise each column; where replications belong together, mean and interval are of their means.

    `watched` is what a replication watches, and what those that belong together do.
    """
    alone, of_group = watched
    for values in columns.T:
        whole = np.full(replications, np.nan)
        whole[known] = values
        figure = summarise_one(_SHARE, {_SHARE.name: whole}, alone)
        if together > 1:
            groups = group_means({REPLICATION: np.arange(replications), _SHARE.name: whole}, together)
            of_groups = summarise_one(_SHARE, groups, of_group)
            figure["mean"], figure["ci"], figure["method"] = (
                of_groups["mean"],
                of_groups["ci"],
                of_groups["method"],
            )
        yield figure


def _share(number: int, figure: Summary, *, or_more: bool) -> Number:
    return {"number": number, "or_more": or_more, **figure}
