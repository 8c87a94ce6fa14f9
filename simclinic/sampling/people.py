"""The patients of a replication and their random numbers: newly referred patients, and today's.

A newcomer is identified by the day of referral and the ordinal within it, a patient of the panel by a number
computed from the identifier. Both are rows of one table, newcomers first; callers refer to patients by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.sampling.streams import AnyIntegers, ManyStreams, Streams

Rows = npt.NDArray[np.int64]


class People:
    """The patients of one replication, with their random numbers.

    Parameters
    ----------
    newcomers, panel
        Streams of the two groups.
    day, ordinal
        Identity of each newcomer.
    high, low
        Identity of each patient of the panel: two words of 32 bits.
    """

    def __init__(
        self, newcomers: Streams, day: Rows, ordinal: Rows, panel: Streams, high: Rows, low: Rows
    ) -> None:
        self._newcomers = newcomers
        self._panel = panel
        self._new = len(day)
        self._first = np.concatenate((day, high)) if len(high) else day
        self._second = np.concatenate((ordinal, low)) if len(low) else ordinal

    def __len__(self) -> int:
        return len(self._first)

    def uniform(
        self, streams: list[str], rows: Rows, episode: AnyIntegers | int = 0, attempt: AnyIntegers | int = 0
    ) -> Floats:
        """Draw one uniform number per stream and row.

        Parameters
        ----------
        streams
            Names of the quantities.
        rows
            Rows of the patients, shape (n,).
        episode, attempt
            One number for each patient, or one for all.

        Returns
        -------
        float array (streams, n)
            Strictly between 0 and 1.
        """
        first, second = self._first[rows], self._second[rows]
        if len(self) == self._new:
            return self._newcomers.uniform(streams, first, second, episode, attempt)
        old = rows >= self._new
        drawn = np.empty((len(streams), len(rows)))
        for kind, here in ((self._newcomers, ~old), (self._panel, old)):
            if here.any():
                drawn[:, here] = kind.uniform(
                    streams, first[here], second[here], _of(episode, here), _of(attempt, here)
                )
        return drawn


class PeopleOfMany:
    """Newly referred patients of several replications, with their random numbers; see :class:`People`.

    Parameters
    ----------
    streams
        Those of each replication.
    which, day, ordinal
        Replication and identity of each patient, shape (n,).
    """

    def __init__(self, streams: Sequence[Streams], which: Rows, day: Rows, ordinal: Rows) -> None:
        self.streams = ManyStreams(streams)
        self.which = which
        self.day = day
        self.ordinal = ordinal

    def __len__(self) -> int:
        return len(self.day)

    def uniform(
        self, streams: list[str], rows: Rows, episode: AnyIntegers | int = 0, attempt: AnyIntegers | int = 0
    ) -> Floats:
        """Draw one uniform number per stream and row; see :meth:`People.uniform`."""
        identity = self.which[rows], self.day[rows], self.ordinal[rows]
        return self.streams.uniform(streams, *identity, episode, attempt)


AnyPeople: TypeAlias = People | PeopleOfMany


def _of(part: AnyIntegers | int, here: npt.NDArray[np.bool_]) -> AnyIntegers | int:
    return part if isinstance(part, int) else part[here]
