"""What studies published about relapse, held against the two laws that the scenarios know.

A study of 17 patients does not say where a law lies, only where it cannot well lie. Two kinds of points, and for
both an exact interval of the share that the law may have relapsed by that day:

- a *count*: k of n had relapsed by a fixed day. The interval is Clopper and Pearson's.
- a *rank*: the k-th of n relapsed on that day (a median, a quartile, the first). The law's distribution function
  at the k-th of n values is Beta(k, n - k + 1), whatever the law.

Where only a range of counts or ranks is known (a median between the 7th and the 8th), the interval is the hull.
Several points of one study are not independent; Bonferroni's correction does not mind.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy import special

from simclinic.sampling import distributions
from simclinic.scenario import load
from simclinic.scenario.distributions import Lognormal

HERE = Path(__file__).parent
SCENARIOS = HERE.parents[1] / "scenarios"
POINTS = HERE.parents[1] / "simclinic/report/figures/relapse_points.csv"

LEVEL = 0.95
"""That *all* points meant for a law lie inside, if the laws are right."""


@dataclass(frozen=True)
class Point:
    """A published point: by `day`, `lowest` to `highest` of `n` had relapsed (count), or relapsed then (rank)."""

    study: str
    n: int
    day: float
    kind: str
    lowest: int
    highest: int
    law: str
    fit: str
    standing: str
    published: str
    source: str
    why: str

    def __str__(self) -> str:
        return f"{self.study}, day {self.day:g}"

    def interval(self, level: float) -> tuple[float, float]:
        """Shares relapsed by the day that the point allows, at a two-sided level."""
        tail = (1.0 - level) / 2.0
        low, high, n = self.lowest, self.highest, self.n
        above = high + 1 if self.kind == "count" else high
        least = special.betaincinv(low, n - low + 1, tail) if low > 0 else 0.0
        most = special.betaincinv(above, n - above + 1, 1.0 - tail) if above <= n else 1.0
        return float(least), float(most)

    def inside(self, law: Lognormal) -> bool:
        least, most = self.interval(point_level())
        return least <= relapsed(law, self.day) <= most


@cache
def points() -> tuple[Point, ...]:
    with POINTS.open(encoding="utf-8", newline="") as file:
        return tuple(
            Point(
                **{
                    **row,
                    "day": float(row["day"]),
                    **{name: int(row[name]) for name in ("n", "lowest", "highest")},
                }
            )
            for row in csv.DictReader(file)
        )


@cache
def laws() -> dict[str, Lognormal]:
    """The laws as the scenario files have them."""
    files = {"trials": "baseline.toml", "community": "community-relapse.toml"}
    return {name: load(SCENARIOS / file).relapse.days for name, file in files.items()}


def meant_for(law: str) -> list[Point]:
    return [point for point in points() if point.law == law]


@cache
def point_level() -> float:
    """Level of one interval, so that all points meant for a law are inside at `LEVEL`."""
    return 1.0 - (1.0 - LEVEL) / sum(point.law in laws() for point in points())


def relapsed(law: Lognormal, day: float) -> float:
    """Share of responders who have relapsed by a day."""
    return float(distributions.cdf(law, np.array([day]))[0])


def passing_medians(name: str) -> tuple[float, float]:
    """Medians of those who relapse, in days, for which all points of a law stay inside; the rest unchanged."""
    law = laws()[name]
    passing = [
        mu
        for mu in (law.mu + np.arange(-2000, 2001) / 1000.0).tolist()
        if all(point.inside(Lognormal(mu=mu, sigma=law.sigma, never=law.never)) for point in meant_for(name))
    ]
    return float(np.exp(passing[0])), float(np.exp(passing[-1]))


# -- the page ------------------------------------------------------------------------------------------------


def _yes(point: Point, name: str) -> str:
    answer = "yes" if point.inside(laws()[name]) else "no"
    return f"**{answer}**" if point.law == name else answer


def _rows() -> Iterator[tuple[str, ...]]:
    yield (
        "study, n",
        "published",
        "status",
        "in the fit",
        "share relapsed, allowed",
        "trials law",
        "inside?",
        "community law",
        "inside?",
    )
    for point in points():
        least, most = point.interval(point_level())
        row = [
            f"{point.study}, {point.n}",
            point.published,
            point.standing,
            point.fit,
            f"{least:.3f}–{most:.3f}",
        ]
        for name, law in laws().items():
            row += [f"{relapsed(law, point.day):.3f}", _yes(point, name)]
        yield tuple(row)


def table() -> str:
    lines = ["| " + " | ".join(row) + " |" for row in _rows()]
    lines.insert(1, "| " + " | ".join("---" for _ in lines[0].split("|")[1:-1]) + " |")
    return "\n".join(lines)


def outside() -> str:
    """Name the points outside a law, and why they may be."""
    lines = []
    for name, law in laws().items():
        lines += [f"Outside the {name} law:", ""]
        days: dict[str, list[str]] = {}
        why: dict[str, str] = {}
        for point in points():
            if not point.inside(law):
                days.setdefault(point.study, []).append(f"{point.day:g}")
                why.setdefault(point.study, point.why)
        for study, which in days.items():
            lines.append(f"- {study}, day{'s' * (len(which) > 1)} {', '.join(which)}: {why[study]}.")
        lines.append("")
    return "\n".join(lines)


def room() -> str:
    """Say how far a law could be off before a point would notice."""
    lines = [f"An interval's own level is {100 * point_level():.2f} %.", ""]
    for name, law in laws().items():
        least, most = passing_medians(name)
        lines.append(
            f"- {name}: half of those who relapse have relapsed by day {np.exp(law.mu):.1f}; with σ and never "
            f"unchanged, any median from {least:.1f} to {most:.1f} days would pass."
        )
    return "\n".join(lines)


PARTS = (("points", table), ("room", room), ("outside", outside))
"""What the page has from this code."""
