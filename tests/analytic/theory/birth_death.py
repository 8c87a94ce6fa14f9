"""Queues that are birth-and-death processes: a waiting room with few places, patients who lose patience.

The number of patients in the clinic moves up by one at `rate` (while there is a place) and down by one when
somebody is done or gives up. M/M/c/K and Erlang-A (M/M/c+M) are two cases of it, and so is their mixture.

Source: Palm 1957; Mandelbaum and Zeltyn, "Service engineering in action: the Palm/Erlang-A queue", 2007.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm


@dataclass(frozen=True)
class Queue:
    """A steady queue.

    Attributes
    ----------
    rate
        Arrivals per minute.
    length
        Mean length of a visit, in minutes, exponential.
    chairs
        Visits at the same time.
    places
        Room for those who wait; None: enough for all.
    patience
        Mean time a patient is ready to wait, in minutes, exponential; infinite: for ever.
    """

    rate: float
    length: float
    chairs: int
    places: int | None = None
    patience: float = math.inf

    @property
    def probabilities(self) -> np.ndarray:
        """Probability of 0, 1, 2 ... patients in the clinic, cut off where less than 1e-16 is left."""
        logs = [0.0]
        top = math.inf if self.places is None else self.chairs + self.places
        while len(logs) - 1 < top:
            n = len(logs)
            logs.append(logs[-1] + math.log(self.rate / self._leaving(n)))
            if n > self.chairs and logs[-1] < max(logs) - 45.0:
                break
        weights = np.exp(np.array(logs) - max(logs))
        return weights / weights.sum()

    def _leaving(self, n: int) -> float:
        """Rate at which n patients become n - 1, by visits that end and patience that does."""
        return min(n, self.chairs) / self.length + max(n - self.chairs, 0) / self.patience

    @property
    def utilisation(self) -> float:
        p = self.probabilities
        return float(np.minimum(np.arange(len(p)), self.chairs) @ p) / self.chairs

    @property
    def blocked(self) -> float:
        """Share of arrivals who meet a full waiting room."""
        return float(self.probabilities[-1]) if self.places is not None else 0.0

    @property
    def waiting(self) -> float:
        """Mean number of patients who wait."""
        p = self.probabilities
        return float(np.maximum(np.arange(len(p)) - self.chairs, 0) @ p)

    @property
    def gave_up(self) -> float:
        """Share of arrivals who leave the queue unserved."""
        return self.waiting / self.patience / self.rate

    @property
    def p_wait(self) -> float:
        """Share of arrivals who join the queue."""
        return float(self.probabilities[self.chairs :].sum()) - self.blocked

    @property
    def mean_wait(self) -> float:
        """Mean minutes in the queue, of all who came in (served or not), by Little's law."""
        return self.waiting / (self.rate * (1.0 - self.blocked))

    def offered_tail(self, minutes: float) -> float:
        """Share of arrivals who came in and would have to wait longer than `minutes`, were they patient.

        Whoever finds n patients waits for n - chairs + 1 of them to go, one at a time, by a visit that ends
        or by patience; those behind do not matter.
        """
        p = self.probabilities
        ahead = np.arange(len(p) - self.chairs - (self.places is not None))  # waiting patients found
        if not len(ahead):
            return 0.0
        going = self.chairs / self.length + ahead / self.patience
        generator = np.diag(-going) + np.diag(going[1:], -1)
        still_waiting = expm(generator * minutes).sum(axis=1)
        return float(p[self.chairs : self.chairs + len(ahead)] @ still_waiting)
