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

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


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

    def grouped(self) -> tuple[Floats, Floats, Floats]:
        """Give each different interval once: `after`, `by` and how often; days are whole, so there are few."""
        pairs, counts = np.unique(np.column_stack([self.after, self.by]), axis=0, return_counts=True)
        return pairs[:, 0], pairs[:, 1], counts.astype(np.float64)
