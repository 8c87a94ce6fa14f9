"""Both engines on one clinic, and the differences between their tables."""

import functools
from unittest.mock import patch

import numpy as np

from simclinic.model.fast import engine as fast_engine
from simclinic.model.fast import simulate as interpreted
from simclinic.model.fast.compiled import available, compiled_run, is_warm
from simclinic.model.fast.engine import simulate as fast
from simclinic.model.fast.timetable import not_covered
from simclinic.model.simulate import simulate
from simclinic.planning import Timetable
from simclinic.sampling.draws import Sampler

TABLES = ("patients", "visits", "days")


def differences(one, other):
    """Name the columns of the three tables that are not the same bit for bit."""
    found = []
    for table in TABLES:
        before, after = getattr(one, table), getattr(other, table)
        found += [(table, name) for name in before.keys() ^ after.keys()]
        for name in before.keys() & after.keys():
            same = before[name].dtype == after[name].dtype and before[name].shape == after[name].shape
            if not same or before[name].tobytes() != after[name].tobytes():
                found.append((table, name))
    return sorted(found)


class Littered:
    """Numpy, but that memory which need not be cleared holds something odd."""

    def __getattr__(self, name):
        return getattr(np, name)

    @staticmethod
    def empty(shape, dtype=float):
        array = np.empty(shape, dtype)
        array.view(np.uint8).fill(0xA5)
        return array


def with_arrays(scenario, draws):
    """Run the other engine, which is not compiled here."""
    records = fast(Timetable(scenario), draws, interpreted.run)
    assert records is not None
    return records


def both(scenario, panel=None, *, replication=0, seed=None, run=interpreted.run):
    """Return the records of the SimPy engine and of the other one; each draws for itself."""
    seed = scenario.run.seed if seed is None else seed
    timetable, sampler = Timetable(scenario), Sampler(scenario, panel)
    assert not_covered(scenario) is None
    first, second = (sampler.sample(seed, replication) for _ in range(2))
    with patch.object(fast_engine, "np", Littered()):
        return simulate(scenario, first, timetable), fast(timetable, second, run)


def assert_same(scenario, panel=None, **how):
    """Compare the tables of both engines; return how many visits they have."""
    return len(run_both(scenario, panel, **how).visits["patient"])


def run_both(scenario, panel=None, **how):
    """Compare the tables of both engines; return the records."""
    one, other = both(scenario, panel, **how)
    assert other is not None
    assert differences(one, other) == []
    return one


@functools.cache
def engine(*, may_compile):
    """Return the compiled engine, or the reason why there is none."""
    if not available():
        return None, "numba is not installed: pip install 'simclinic[fast]'"
    if not (may_compile or is_warm()):
        return None, "the engine is not compiled here: the long tier compiles it, or simclinic warm"
    return compiled_run(), ""
