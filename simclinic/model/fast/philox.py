"""Random numbers: mirrors `_words` and `_uniform` of `sampling/streams.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

Words = Any

_LOW = np.uint64(0xFFFFFFFF)
_HALF_WORD = np.uint64(32)
_FIRST, _SECOND = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_BUMP_FIRST, _BUMP_SECOND = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_ROUNDS = 10
_LEFT, _RIGHT = np.uint64(20), np.uint64(12)


def uniform(
    keys: Words,
    which: Words,
    first: Words,
    second: Words,
    third: Words,
    fourth: Words,
    drawn: Words,
) -> None:
    """Draw one uniform number per stream and counter.

    Parameters
    ----------
    keys
        Words of shape (2, streams, keys).
    which
        The key of each counter, shape (n,); empty: all have the first.
    first, second, third, fourth
        The parts of the counters, whole numbers as words, shape (n,), or (1,) if all have the same.
    drawn
        Floats of shape (streams, n), to be filled.
    """
    streams, n = drawn.shape
    for k in range(n):
        c0 = first[k if len(first) > 1 else 0] & _LOW
        c1 = second[k if len(second) > 1 else 0] & _LOW
        c2 = third[k if len(third) > 1 else 0] & _LOW
        c3 = fourth[k if len(fourth) > 1 else 0] & _LOW
        key = which[k] if len(which) > 0 else 0
        for stream in range(streams):
            drawn[stream, k] = one(keys[0, stream, key], keys[1, stream, key], c0, c1, c2, c3)


def one(k0: Words, k1: Words, c0: Words, c1: Words, c2: Words, c3: Words) -> float:
    """Draw the uniform number of a key and a counter, all of them words."""
    for _ in range(_ROUNDS):
        product0, product1 = c0 * _FIRST, c2 * _SECOND
        c0 = ((product1 >> _HALF_WORD) ^ k0 ^ c1) & _LOW
        c2 = ((product0 >> _HALF_WORD) ^ k1 ^ c3) & _LOW
        c1, c3 = product1, product0
        k0, k1 = (k0 + _BUMP_FIRST) & _LOW, (k1 + _BUMP_SECOND) & _LOW
    return (float((c0 << _LEFT) | ((c1 & _LOW) >> _RIGHT)) + 0.5) * 2.0**-52
