"""Counter-based random numbers: each is computed from its address, in any order.

In a sequential generator every draw depends on the number of draws before it: one more patient changes all later
ones. Here a draw is a function of its address. The address has a key, hashed from (seed, replication, kind of
entity, name of the quantity), and a counter of four whole numbers (for a patient: day, ordinal within the day,
episode, attempt). The function is Philox4x32 with ten rounds, computed on arrays of numpy integers.

Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats

AnyIntegers = npt.NDArray[np.integer]

_LOW = np.uint64(0xFFFFFFFF)
_HALF_WORD = np.uint64(32)
_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL = 0x9E3779B9, 0xBB67AE85
_ROUNDS = 10
_BUMPS = [tuple(np.uint64((weyl * turn) & 0xFFFFFFFF) for weyl in _WEYL) for turn in range(_ROUNDS)]
_BLOCK = 4096  # so that the working arrays stay in the processor's fast memory

SEED_BOUND = 2**128
"""Seeds are whole numbers from 0 up to, not including, this."""


Fill = Callable[
    [npt.NDArray[np.uint64], npt.NDArray[np.int64], Sequence[npt.NDArray[np.int64]], Floats], None
]
"""Fills an array of uniform numbers, from keys, the key of each counter, and the parts of the counters.

All counters have the first key if none is named, and a part with one number has that number in all counters.
"""

_ALL_ALIKE = np.zeros(0, dtype=np.int64)
_compiled: list[Fill] = []


def use(fill: Fill) -> None:
    """Have uniform numbers drawn by compiled code from now on, in this process; they are the same."""
    _compiled[:] = [fill]


def philox(counter: npt.NDArray[np.uint64], key: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Compute the random words of counters under keys: Philox4x32 with ten rounds.

    Parameters
    ----------
    counter
        Shape (4, ...), each a word of 32 bits held in 64.
    key
        Shape (2, ...), likewise, broadcast against the counters.

    Returns
    -------
    array of shape (4, ...)
        Four words of 32 bits each.
    """
    return np.stack(_words(counter, key))


def _words(
    counter: npt.NDArray[np.uint64], key: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.uint64], ...]:
    """Compute the four words of :func:`philox`."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for bump0, bump1 in _BUMPS:
        product0, product1 = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        # The upper halves of c1, c3 and the sums are cut off after all of them have been combined.
        c0 = (product1 >> _HALF_WORD) ^ (k0 + bump0)
        c0 ^= c1
        c0 &= _LOW
        c2 = (product0 >> _HALF_WORD) ^ (k1 + bump1)
        c2 ^= c3
        c2 &= _LOW
        c1, c3 = product1, product0
    return c0, c1 & _LOW, c2, c3 & _LOW


def stream_key(seed: int, replication: int, kind: str, stream: str) -> tuple[int, int]:
    """Hash the name of a stream to its key: two words of 32 bits.

    Each part is written with its length before hashing, so that different addresses have different texts (a sum
    such as seed + replication would make neighbours collide).
    """
    parts = (str(seed), str(replication), kind, stream)
    spelled = "".join(f"{len(part)}:{part}" for part in parts)
    digest = hashlib.sha256(spelled.encode()).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")


class Streams:
    """The random numbers of one replication for one kind of entity (referrals, staff, ...).

    Parameters
    ----------
    seed, replication
        The experiment's seed and the number of the replication; whole numbers, never negative.
    kind
        The entities that the counters identify: `"referral"`, `"panel"`, `"day"`, `"staff"`.
    antithetic
        Return 1 - u for every u: the mirror image of the replication, for antithetic pairs.
    """

    __slots__ = ("_known", "antithetic", "kind", "replication", "seed")

    def __init__(self, seed: int, replication: int, kind: str, *, antithetic: bool = False) -> None:
        if not 0 <= seed < SEED_BOUND:
            raise ValueError(f"a seed is a whole number from 0 up to 2**128 - 1, not {seed}")
        if replication < 0:
            raise ValueError(f"a replication is numbered from 0, not {replication}")
        self.seed = seed
        self.replication = replication
        self.kind = kind
        self.antithetic = antithetic
        self._known: dict[str, tuple[int, int]] = {}

    def uniform(
        self,
        streams: list[str],
        day: AnyIntegers,
        ordinal: AnyIntegers | int = 0,
        episode: AnyIntegers | int = 0,
        attempt: AnyIntegers | int = 0,
    ) -> Floats:
        """Draw one uniform number per stream and counter.

        Parameters
        ----------
        streams
            Names of the quantities.
        day, ordinal, episode, attempt
            Whole numbers of one shape (n,), or one number for all. A negative day is before the first
            measured one.

        Returns
        -------
        float array (streams, n)
            Strictly between 0 and 1: (52 random bits + 1/2) / 2**52, so that 1 - u is exact as well.
        """
        drawn = _uniform(self._keys(streams), (day, ordinal, episode, attempt))
        return 1.0 - drawn if self.antithetic else drawn

    def _keys(self, streams: Sequence[str]) -> npt.NDArray[np.uint64]:
        """Return the keys of some streams, shape (2, streams, 1)."""
        known = self._known
        for stream in streams:
            if stream not in known:
                known[stream] = stream_key(self.seed, self.replication, self.kind, stream)
        keys = [known[stream] for stream in streams]
        return np.array(keys, dtype=np.uint64).reshape(-1, 2, 1).swapaxes(0, 1)


class ManyStreams:
    """The random numbers of several replications, drawn together: numpy is fast for many at a time.

    Parameters
    ----------
    each
        The streams of each replication.

    Attributes
    ----------
    antithetic
        Whether the numbers of each replication are mirrored.
    """

    __slots__ = ("_each", "_keys", "antithetic")

    def __init__(self, each: Sequence[Streams]) -> None:
        self._each = each
        self.antithetic = np.array([streams.antithetic for streams in each])
        self._keys: dict[tuple[str, ...], npt.NDArray[np.uint64]] = {}

    def uniform(
        self,
        streams: list[str],
        which: npt.NDArray[np.int64],
        day: AnyIntegers,
        ordinal: AnyIntegers,
        episode: AnyIntegers | int = 0,
        attempt: AnyIntegers | int = 0,
    ) -> Floats:
        """Draw one uniform number per stream and counter; see :meth:`Streams.uniform`.

        Parameters
        ----------
        which
            The replication of each counter, shape (n,).
        """
        drawn = _uniform(self.keys(streams), (day, ordinal, episode, attempt), which)
        if self.antithetic.any():
            np.subtract(1.0, drawn, out=drawn, where=self.antithetic[which])
        return drawn

    def keys(self, streams: Sequence[str]) -> npt.NDArray[np.uint64]:
        """Return the keys of some streams, shape (2, streams, replications)."""
        keys = self._keys.get(tuple(streams))
        if keys is None:
            of_each = [each._keys(streams) for each in self._each]  # noqa: SLF001 (its own kind)
            keys = self._keys[tuple(streams)] = np.concatenate(of_each, axis=2)
        return keys


def _uniform(
    keys: npt.NDArray[np.uint64],
    parts: Sequence[AnyIntegers | int],
    which: npt.NDArray[np.int64] = _ALL_ALIKE,
) -> Floats:
    """Draw the uniform numbers of counters.

    Parameters
    ----------
    keys
        Shape (2, streams, keys).
    parts
        The four parts of each counter, of shape (n,) or one number for all; the first is an array.
    which
        The key of each counter, shape (n,); empty: the first is that of all.
    """
    n, streams = len(np.atleast_1d(parts[0])), keys.shape[1]
    drawn = np.empty((streams, n))
    if _compiled:
        _compiled[0](keys, which, [np.atleast_1d(np.asarray(part, dtype=np.int64)) for part in parts], drawn)
        return drawn
    own = len(which) > 0
    if own:
        keys = keys[:, :, which]
    numbers = np.empty((4, n), dtype=np.int64)
    for row, part in enumerate(parts):
        numbers[row] = part
    # Two's complement in 32 bits: days before the first measured one wrap to the far end.
    counters = numbers.view(np.uint64) & _LOW
    together = max(1, _BLOCK // max(n, 1))
    for top in range(0, streams, together):
        rows = slice(top, top + together)
        for first in range(0, n, _BLOCK):
            block = slice(first, first + _BLOCK)
            key = keys[:, rows, block] if own else keys[:, rows]
            high, low, _, _ = _words(counters[:, None, block], key)
            drawn[rows, block] = (high << np.uint64(20)) | (low >> np.uint64(12))
    drawn += 0.5
    drawn *= 2.0**-52
    return drawn
