"""Replications: reproducible one by one, light to start, and never lost to somebody else's failure."""

import subprocess
import sys

import numpy as np
import pytest

from simclinic.experiment import Failure, Prepared, Replication, replicate, replication, replications
from simclinic.measures import KPIS, PROFILE, WEEKS
from simclinic.scenario import baseline, with_overrides


@pytest.fixture(scope="module")
def small():
    return with_overrides(baseline(), ['run.begin="empty"', "run.warm_up_weeks=8", "run.weeks=3"])


def same(one: Replication, two: Replication) -> bool:
    return (
        one.number == two.number
        and np.array_equal(list(one.kpis.values()), list(two.kpis.values()), equal_nan=True)
        and all(np.array_equal(one.weeks[name], two.weeks[name]) for name in one.weeks)
        and all(np.array_equal(one.profile[name], two.profile[name]) for name in one.profile)
        and np.array_equal(one.ramp, two.ramp)
    )


def test_a_replication_holds_every_figure(small):
    (one,) = replications(small, seed=1, numbers=[4])
    assert isinstance(one, Replication)
    assert (one.number, one.seed) == (4, 1)
    assert list(one.kpis) == list(KPIS)
    assert list(one.weeks) == list(WEEKS)
    assert list(one.profile) == list(PROFILE)
    assert len(one.weeks["week"]) == 3
    assert len(one.profile["hour"]) == 168
    assert len(one.ramp) == 11
    assert one.ramp[-3:].tolist() == one.weeks["boosters"].tolist()


def test_a_replication_does_not_depend_on_the_others_asked_for(small):
    together = list(replications(small, 1, range(3)))
    backwards = list(replications(small, 1, [2, 0]))
    assert same(together[2], backwards[0])
    assert same(together[0], backwards[1])
    assert same(together[1], replicate(Prepared(small), 1, 1))
    assert not same(together[0], next(replications(small, 2, [0])))
    assert together[0].kpis != together[1].kpis


def test_a_failure_is_data_and_the_rest_goes_on(small, monkeypatch):
    measure = replication.measure
    seen = iter(range(9))

    def sometimes(records, *more):
        if next(seen) == 1:
            raise ValueError("two\nlines")
        return measure(records, *more)

    monkeypatch.setattr(replication, "measure", sometimes)
    one, two, three = replications(small, 7, range(3))
    assert isinstance(one, Replication)
    assert isinstance(three, Replication)
    assert isinstance(two, Failure)
    assert (two.number, two.seed, two.error) == (1, 7, "ValueError: two lines")
    assert two.traceback.startswith("Traceback")
    assert 'File "simclinic/experiment/replication.py"' in two.traceback


def test_an_interruption_is_no_failure(small, monkeypatch):
    def pressed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(replication, "simulate", pressed)
    with pytest.raises(KeyboardInterrupt):
        list(replications(small, 1, [0]))


def test_workers_start_light():
    program = (
        "import sys, simclinic.experiment\n"
        "print([name for name in ('pandas', 'pyarrow', 'scipy.stats', 'rich', 'click', 'plotly', 'tomlkit',"
        " 'tree_sitter') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
