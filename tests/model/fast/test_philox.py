"""The compiled engine's random numbers are those of `sampling/streams.py`; Python runs both here."""

import numpy as np
import pytest

from simclinic.model.fast.philox import uniform
from simclinic.sampling import streams
from tests.model.fast.same import engine

PARTS = (np.array([-3, 0, 1, 2, 40_000]), 5, np.arange(5), 2**31)


def words(parts):
    """Write the parts of counters as words of 32 bits, one row for each part."""
    return np.stack([np.broadcast_to(np.asarray(part), 5).astype(np.uint64) & (2**32 - 1) for part in parts])


@pytest.mark.parametrize("own", [1, 5], ids=["one key for all counters", "a key for each"])
def test_numbers_and_order_are_the_same(own, monkeypatch):
    monkeypatch.setattr(streams, "_compiled", [])
    keys = np.random.default_rng(1).integers(0, 2**32, (2, 3, own), dtype=np.uint64)
    drawn = np.empty((3, 5))
    uniform(keys, words(PARTS), drawn)
    assert drawn.tobytes() == streams._uniform(keys, PARTS).tobytes()


def test_the_compiled_numbers_are_the_same(monkeypatch):
    monkeypatch.setattr(streams, "_compiled", [])
    run, why = engine(may_compile=False)
    if run is None:
        pytest.skip(why)
    counters = np.arange(-2_000, 5_000)
    for antithetic in (False, True):
        each = streams.Streams(7, 3, "referral", antithetic=antithetic)
        compiled = each.uniform(["weight", "relapse"], counters, 1, counters % 5)
        with monkeypatch.context() as patch:
            patch.setattr(streams, "_compiled", [])
            assert (
                compiled.tobytes() == each.uniform(["weight", "relapse"], counters, 1, counters % 5).tobytes()
            )
