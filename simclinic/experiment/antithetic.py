"""Antithetic replications: pairs in which the second mirrors the random inputs of the first.

Replications 2k and 2k + 1 have the same random inputs, the second mirrored: every share u becomes 1 - u, so that
long visits become short and busy weeks quiet. Where a figure responds to the inputs in one direction, the errors of
the two partly cancel, and the mean of a pair is closer to the truth than that of two independent replications. The
two of a pair are not independent, so intervals are computed from the means of pairs.
"""

from __future__ import annotations

import numpy as np

from simclinic.experiment.replication import Columns


def pair_means(columns: Columns, by: str = "replication") -> Columns:
    """Average the two replications of each pair.

    Parameters
    ----------
    columns
        Key figures, one row for each replication.
    by
        The column with their numbers.

    Returns
    -------
    dict
        One row for each pair of which both are there; NaN where one of them has no figure.
    """
    if not columns:
        return {}
    numbers = np.asarray(columns[by])
    _, first, second = np.intersect1d(
        np.where(numbers % 2 == 0, numbers, -1),
        np.where(numbers % 2 == 1, numbers - 1, -2),
        return_indices=True,
    )
    return {name: (values[first] + values[second]) / 2 for name, values in columns.items() if name != by}
