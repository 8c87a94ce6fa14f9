"""The compiled engine's random numbers are those of `sampling/streams.py`; Python runs both here."""

import numpy as np
import pytest

from simclinic.model.fast.philox import uniform
from simclinic.sampling import streams
from tests.model.fast.same import engine

PARTS = (np.array([-3, 0, 1, 2, 40_000]), 5, np.arange(5), 2**31)


@pytest.mark.parametrize("own", [1, 3], ids=["one key for all counters", "a key for each"])
def test_numbers_and_order_are_the_same(own, monkeypatch):
    monkeypatch.setattr(streams, "_compiled", [])
    keys = np.random.default_rng(1).integers(0, 2**32, (2, 3, own), dtype=np.uint64)
    which = np.array([0, 2, 1, 1, 0] if own > 1 else [], dtype=np.int64)
    drawn = np.empty((3, 5))
    uniform(keys, which, *(np.atleast_1d(part).view(np.uint64) for part in PARTS), drawn)
    assert drawn.tobytes() == streams._uniform(keys, PARTS, which).tobytes()


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
            alike = each.uniform(["weight", "relapse"], counters, 1, counters % 5)
            assert compiled.tobytes() == alike.tobytes()
    many = streams.ManyStreams([streams.Streams(7, 3, "referral", antithetic=each) for each in (False, True)])
    compiled = many.uniform(["weight", "relapse"], counters % 2, counters, 1)
    monkeypatch.setattr(streams, "_compiled", [])
    assert compiled.tobytes() == many.uniform(["weight", "relapse"], counters % 2, counters, 1).tobytes()
