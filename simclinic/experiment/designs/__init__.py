"""Designs: which points of a space of settings are simulated, and what they say about each setting.

Each design is a room with the same doors: `units` lays out the points, `count` says how many there are, and
`findings` reads from the figures what every factor does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from simclinic.arrays import Floats
from simclinic.experiment.designs import grid, lhs, morris, sobol
from simclinic.experiment.designs.factor import Factor, Value
from simclinic.experiment.designs.findings import Findings, mean_over_replications

__all__ = ["DESIGNS", "Design", "Factor", "Findings", "Floats", "Value", "mean_over_replications"]


@dataclass(frozen=True, slots=True)
class Design:
    """One way to choose points.

    Attributes
    ----------
    name, full_name
        As a study file names it, and for people.
    units
        Lays out the points: floats of shape (points, factors), between 0 and 1.
    count
        Tells how many points there are.
    findings
        Says what each factor does, given where the points' values lie (of a grid, the points themselves) and
        figures of shape (points, replications, figures).
    ranked_by
        Which of the findings says how much a factor matters.
    sampled
        Whether it needs a number of samples, and takes ranges.
    enough
        Samples from which its intervals hold nearly what they promise. A bootstrap of few is too narrow: in trials
        with known answers, what should hold 95 % held 50 % with 2 samples, 80 % with 4, 87 % with 8 (Morris: 91 %
        with 10; Sobol: 83 to 95 % with 32, 95 % and more with 64).
    """

    name: str
    full_name: str
    units: Callable[[Sequence[Factor], int], Floats]
    count: Callable[[Sequence[Factor], int], int]
    findings: Callable[[Floats, Floats], Findings]
    ranked_by: str
    sampled: bool = True
    enough: int = 0


DESIGNS: Mapping[str, Design] = {
    "grid": Design("grid", "grid", grid.units, grid.count, grid.findings, grid.RANKED_BY, sampled=False),
    "lhs": Design("lhs", "Latin hypercube", lhs.units, lhs.count, lhs.findings, lhs.RANKED_BY),
    "sobol": Design(
        "sobol", "Sobol indices", sobol.units, sobol.count, sobol.findings, sobol.RANKED_BY, enough=32
    ),
    "morris": Design(
        "morris",
        "Morris' elementary effects",
        morris.units,
        morris.count,
        morris.findings,
        morris.RANKED_BY,
        enough=10,
    ),
}
"""By the name a study file gives."""
