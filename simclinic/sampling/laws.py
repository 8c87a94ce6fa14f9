"""The laws that hold for each patient: those of the protocol.

Random inputs are drawn for all patients together, whatever their protocol. What follows from them is computed for
groups of patients with the same laws; in a clinic whose protocols have no laws of their own there is one group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats, Integers
from simclinic.scenario import Scenario
from simclinic.scenario.laws import Laws

Rows: TypeAlias = Integers | slice
"""Places of some patients in an array of patients; a slice is all of them."""


class LawsOfPatients:
    """The laws of a scenario's protocols.

    Parameters
    ----------
    scenario
        The clinic.

    Attributes
    ----------
    by_protocol
        In the scenario's order.
    distinct
        The same, each once.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.by_protocol = tuple(scenario.laws.values())
        self.distinct = tuple(dict.fromkeys(self.by_protocol))
        self._group = np.array([self.distinct.index(each) for each in self.by_protocol])

    def groups(self, protocol: Integers) -> Iterator[tuple[Laws, Rows]]:
        """Yield the laws that hold for some patients, and the places of those for whom they do.

        Parameters
        ----------
        protocol
            Index of each patient's protocol, shape (n,).
        """
        if len(self.distinct) == 1:
            yield self.distinct[0], slice(None)
            return
        group = self._group[protocol]
        for code, laws in enumerate(self.distinct):
            here = np.flatnonzero(group == code)
            if len(here):
                yield laws, here

    def each(self, number: Callable[[Laws], float], protocol: Integers) -> Floats:
        """Return a number that follows from the laws, for each patient, shape (n,)."""
        values: npt.NDArray[np.float64] = np.array([number(laws) for laws in self.by_protocol], dtype=float)
        return values[protocol]

    def whole(self, number: Callable[[Laws], int], protocol: Integers) -> Integers:
        """Return a whole number that follows from the laws, for each patient, shape (n,)."""
        values: npt.NDArray[np.int64] = np.array([number(laws) for laws in self.by_protocol], dtype=np.int64)
        return values[protocol]
