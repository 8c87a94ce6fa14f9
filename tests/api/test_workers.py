"""A clinic run by several processes says what it says when it is run by one."""

import pandas as pd
import pytest

import simclinic
from simclinic.errors import SimclinicError

SMALL = ('run.begin="empty"', "run.warm_up_weeks=2", "run.weeks=3", "run.replications=6")


def test_workers_change_nothing():
    clinic = simclinic.baseline().change(*SMALL)
    one, two = clinic.run(workers=1), clinic.run(workers=2)
    assert one.document == two.document
    pd.testing.assert_frame_equal(one.runs, two.runs)


def test_a_time_limit_makes_failures():
    result = simclinic.baseline().change(*SMALL, "run.replications=1").run(workers=1, time_limit=0.001)
    assert result.failures["error"].tolist() == ["TimeLimitError: took longer than the time limit of 0.001 s"]


def test_an_impossible_executor_is_refused():
    with pytest.raises(SimclinicError, match="--workers must be at least 1"):
        simclinic.baseline().run(workers=0)
