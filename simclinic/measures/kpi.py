"""A key figure: its name, its meaning, its formula, and the words for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Quantities = Mapping[str, Any]
"""Quantities by name: weekly columns, values of single visits and patients, and counts."""

Better = Literal["higher", "lower"]
Method = Literal["student", "skewed", "rare"]
Units = Literal["days", "weeks", "followed weeks", "patients", "series", "infusions"]
Group = Literal["getting in", "the visit", "the team", "boosters", "money"]

GROUPS: tuple[Group, ...] = ("getting in", "the visit", "the team", "boosters", "money")
"""The questions people ask, in the order in which they ask them."""


@dataclass(frozen=True, slots=True)
class Kpi:
    """One key figure.

    Attributes
    ----------
    name, unit
        As on every table and in every file.
    group
        The question it answers.
    label
        For people, in a few words.
    definition
        Exactly what is counted, over the measured weeks.
    better
        Which direction is good; None where it depends on whom one asks.
    absent
        Why it cannot be computed, for the cases where it cannot.
    value
        Computes it from the quantities of a replication; NaN where there is none.
    subject, more_less
        What a difference is said to be about, and what that is when there is more and when there is less of it.
    method
        Of the interval of its mean over replications; see :mod:`simclinic.measures.intervals`.
    units
        What its events happen at, by which what no replication has seen is bounded; None: nothing bounds it.
    event
        What one event in one unit adds to a mean over units: 1 for shares and counts.
    floored
        Whether it rests on a floor that only the scenario knows, such as the days of notice.
    signed
        Whether it may be below 0.
    coverage
        What its 95 % interval was measured to cover where that is below 92 %, in the least of the cases in
        docs/background/intervals.md; else None.
    """

    name: str
    unit: str
    group: Group
    label: str
    definition: str
    better: Better | None
    absent: str
    value: Callable[[Quantities], float]
    subject: str
    more_less: tuple[str, str]
    method: Method = "student"
    units: Units | None = None
    event: float = 1.0
    floored: bool = False
    signed: bool = False
    coverage: float | None = None

    @property
    def range(self) -> tuple[float, float]:
        """What the figure lies between."""
        return (-math.inf if self.signed else 0.0), (1.0 if self.unit == "share" else math.inf)
