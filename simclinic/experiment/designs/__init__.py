"""Experimental designs: the points of a space of settings that are simulated, and the effects estimated from them.

Every design has the same interface: `units` generates the points, `count` returns their number, and `findings`
estimates the effect of every factor from the figures.
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
        The name in a study file, and the full name.
    units
        Generates the points: floats of shape (points, factors), between 0 and 1.
    count
        Returns the number of points.
    findings
        Estimates the effect of each factor from the places of the points' values (of a grid, the points themselves)
        and figures of shape (points, replications, figures).
    ranked_by
        The measure by which factors are ranked.
    sampled
        Whether it needs a number of samples, and takes ranges.
    enough
        Samples from which its intervals have nearly their nominal coverage. A bootstrap of few samples is too
        narrow: in trials with known answers, nominal 95 % intervals covered 50 % with 2 samples, 80 % with 4, 87
        % with 8 (Morris: 91 % with 10; Sobol: 83 to 95 % with 32, 95 % and more with 64).
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
"""Designs by their names in a study file."""
