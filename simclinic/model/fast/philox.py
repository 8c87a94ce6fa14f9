"""Random numbers: mirrors `_words` and `_uniform` of `sampling/streams.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

_LOW = np.uint64(0xFFFFFFFF)
_HALF_WORD = np.uint64(32)
_FIRST, _SECOND = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_BUMP_FIRST, _BUMP_SECOND = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_ROUNDS = 10
_LEFT, _RIGHT = np.uint64(20), np.uint64(12)


def uniform(keys: Any, counters: Any, drawn: Any) -> None:  # noqa: ANN401
    """Draw one uniform number per stream and counter.

    Parameters
    ----------
    keys
        Words of shape (2, streams, n), or (2, streams, 1) if all counters have the same.
    counters
        Words of shape (4, n).
    drawn
        Floats of shape (streams, n), to be filled.
    """
    streams, n = drawn.shape
    own = keys.shape[2] > 1
    for stream in range(streams):
        for k in range(n):
            c0, c1, c2, c3 = counters[0, k], counters[1, k], counters[2, k], counters[3, k]
            k0, k1 = keys[0, stream, k if own else 0], keys[1, stream, k if own else 0]
            for _ in range(_ROUNDS):
                product0, product1 = c0 * _FIRST, c2 * _SECOND
                c0 = ((product1 >> _HALF_WORD) ^ k0 ^ c1) & _LOW
                c2 = ((product0 >> _HALF_WORD) ^ k1 ^ c3) & _LOW
                c1, c3 = product1, product0
                k0, k1 = (k0 + _BUMP_FIRST) & _LOW, (k1 + _BUMP_SECOND) & _LOW
            drawn[stream, k] = (float((c0 << _LEFT) | ((c1 & _LOW) >> _RIGHT)) + 0.5) * 2.0**-52
