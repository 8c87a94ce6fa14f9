"""Interval-censored times until patients return.

A patient who wished to come on Saturday comes to a clinic that is closed at weekends on Monday, so that a return is
known only to lie in an interval, `(after, by]` in days. A patient who has not returned yet is right-censored at
`after`:

>>> away = Durations(np.array([25.0, 60.0]), np.array([28.0, np.inf]))
>>> away.returns, away.still_away
(1, 1)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats


@dataclass(frozen=True)
class Durations:
    """Times until patients returned, in days.

    Attributes
    ----------
    after, by
        Bounds of the interval `(after, by]` that contains each return, shape (n,); `by` is infinite for a
        patient who has not returned yet.
    """

    after: Floats
    by: Floats

    @property
    def n(self) -> int:
        """Number of times."""
        return int(self.after.size)

    @property
    def returned(self) -> npt.NDArray[np.bool_]:
        """Whether each patient returned, shape (n,)."""
        return np.isfinite(self.by)

    @property
    def returns(self) -> int:
        """Number of returns."""
        return int(self.returned.sum())

    @property
    def still_away(self) -> int:
        """Number of patients who have not returned yet."""
        return self.n - self.returns

    @property
    def longest_return(self) -> float:
        """The longest observed time to return; 0 without any."""
        return float(self.by[self.returned].max(initial=0.0))

    @cached_property
    def grouped(self) -> tuple[Floats, Floats, Floats]:
        """Distinct intervals with their counts: `after`, `by`, `count`; days are whole, so there are few."""
        order = np.lexsort((self.by, self.after))
        after, by = self.after[order], self.by[order]
        begins = np.flatnonzero(
            np.concatenate([np.ones(min(self.n, 1), bool), (np.diff(after) != 0) | (by[1:] != by[:-1])])
        )
        counts = np.diff(np.append(begins, self.n))
        return after[begins], by[begins], counts.astype(np.float64)
