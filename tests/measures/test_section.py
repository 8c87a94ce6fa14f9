"""Reduction of many values to one number: the same numbers as numpy's own functions, which take longer."""

import numpy as np
import pytest

from simclinic.measures.section import mean, p90, p90_of_columns


@pytest.mark.parametrize("count", [*range(1, 24), 52, 101, 3001])
def test_quantiles_and_means_are_those_of_numpy(count):
    values = np.random.default_rng(count).lognormal(2.0, 3.0, (count, 5))
    values[:, 3] = np.round(values[:, 3])  # with ties
    values[count // 2, 4] = np.nan
    assert p90_of_columns(values).tobytes() == np.quantile(values, 0.9, axis=0).tobytes()
    for column in values.T:
        assert repr(p90(column)) == repr(float(np.quantile(column, 0.9)))
        assert repr(mean(column)) == repr(float(np.mean(column)))
    whole = np.arange(count) % 7
    assert mean(whole) == np.mean(whole)
    assert mean(whole > 3) == np.mean(whole > 3)
