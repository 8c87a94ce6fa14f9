"""A simulated figure beside the exact one, and how many standard errors lie between."""

import math
from dataclasses import dataclass

import numpy as np

LIMIT = 4.1
"""Standard errors a figure may be off: 1 of 24,000 right ones is, by chance."""

FINE = 0.004
"""Standard error, as a share of the exact value, to which the recursions are held."""


@dataclass(frozen=True)
class Estimate:
    """A ratio of two sums, from independent copies of the clinic.

    Attributes
    ----------
    name
        What is measured, with its unit.
    exact
        From theory.
    upper, lower
        For each copy the sum above and below the line, such as minutes waited and patients.

    The standard error is that of the residuals `upper - exact * lower`, whose mean is 0 if the theory holds:
    a ratio itself would be biased.
    """

    name: str
    exact: float
    upper: np.ndarray
    lower: np.ndarray

    @property
    def simulated(self) -> float:
        return float(self.upper.sum() / self.lower.sum())

    @property
    def error(self) -> float:
        """Standard error of `simulated`."""
        residuals = self.upper - self.exact * self.lower
        return float(residuals.std(ddof=1) / math.sqrt(len(residuals)) / abs(self.lower.mean()))

    @property
    def t(self) -> float:
        return (self.simulated - self.exact) / self.error

    @property
    def n(self) -> int:
        """Independent copies."""
        return len(self.upper)

    def cells(self) -> tuple[str, ...]:
        """Give simulated value, 95 % interval, t and n, for people."""
        half = 1.96 * self.error
        interval = f"{self.simulated - half:.4g} to {self.simulated + half:.4g}"
        return f"{self.simulated:.5g}", interval, f"{self.t:+.2f}", str(self.n)

    def row(self, recursion: "Estimate") -> tuple[str, ...]:
        """Cells of a table: this estimate by the simulator, beside that of the recursion."""
        share = f"{100 * recursion.error / abs(recursion.exact):.2f} %"
        exact, other = f"{self.exact:.5g}", f"{recursion.simulated:.5g}"
        return self.name, exact, *self.cells(), other, share, recursion.cells()[2]


HEADINGS = (
    "measure", "exact", "simulator", "95 % interval", "t", "replications", "recursion", "its error", "its t",
)  # fmt: skip


def described(estimates: list[Estimate]) -> str:
    """One line for each: what pytest shows with `-s`, and when one is off."""
    return "\n".join(
        f"{one.name:42} exact {one.exact:<9.5g} simulated {value:9} ({interval}) t = {t} n = {n}"
        for one in estimates
        for value, interval, t, n in [one.cells()]
    )
