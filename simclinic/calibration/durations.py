"""How long patients stay away: times that are known only to lie between two open days, or not to have ended yet.

A clinic that is closed at weekends sees on Monday who wished to come on Saturday; and of somebody who has not come
back yet it knows only that it has taken this long. So a return is an interval, `(after, by]` in days, and a patient
still away is right-censored at `after`:

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
    """Times until patients came back, in days.

    Attributes
    ----------
    after, by
        Float arrays: the return lies in `(after, by]`; `by` is infinite for somebody not back yet.
    """

    after: Floats
    by: Floats

    @property
    def n(self) -> int:
        """How many there are."""
        return int(self.after.size)

    @property
    def returned(self) -> npt.NDArray[np.bool_]:
        """Which of them came back."""
        return np.isfinite(self.by)

    @property
    def returns(self) -> int:
        """How many came back."""
        return int(self.returned.sum())

    @property
    def still_away(self) -> int:
        """How many have not come back yet."""
        return self.n - self.returns

    @property
    def longest_return(self) -> float:
        """The longest time after which somebody came back; 0 without any."""
        return float(self.by[self.returned].max(initial=0.0))

    @cached_property
    def grouped(self) -> tuple[Floats, Floats, Floats]:
        """Each different interval once: `after`, `by` and how often; days are whole, so there are few."""
        order = np.lexsort((self.by, self.after))
        after, by = self.after[order], self.by[order]
        begins = np.flatnonzero(
            np.concatenate([np.ones(min(self.n, 1), bool), (np.diff(after) != 0) | (by[1:] != by[:-1])])
        )
        counts = np.diff(np.append(begins, self.n))
        return after[begins], by[begins], counts.astype(np.float64)
